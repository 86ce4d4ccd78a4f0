"""Say things in the participant's language: the bot's sentences, localized flows and programs, PO files.

`say`, `say_in_mail` and `say_to_team` speak; `team_messages` names what the team is told, for whoever says none of it;
`localized_flow` and `localized_program` translate; `extraction`,
`catalogs` and `sync` keep the PO files, `placeholders` says how their texts are filled in.
"""

__all__ = [
    "catalogs",
    "extraction",
    "localized_flow",
    "localized_program",
    "placeholders",
    "say",
    "say_in_mail",
    "say_to_team",
    "sync",
    "team_messages",
]
