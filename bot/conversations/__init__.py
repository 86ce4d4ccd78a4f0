"""Begin conversations, play events to them with the engine, and turn its effects into rows.

`conversations` is the way in; `effects` writes what the engine asks for. `safety`, `requests`, `cosigning`, `reconsent`
and `pii_reminder` hold what the shell adds to a turn; `flow_registry`, `facts` and `language_choice` what it needs.

Public modules:

- `conversations`: Begin conversations and play events to them, and have what comes of it written.
- `cosigning`: Bring in the patient partner of a team that submits best practice: a link to pass on, and what is
  shown.
- `facts`: Gather what a conversation is told when it begins: participant, program, activity and schedule.
- `flow_registry`: Look up flows: the current one of each name, and any version that a conversation began with.
- `inbound_turn`: The turn of one inbox row: what came in and from whom, beside what every turn has.
- `language_choice`: Choose the language in which a participant is written to.
- `language_detector`: Detect the language of a free text, as a hint: it may lead to an offer to switch and never
  switches by itself.
- `messages`: Turn what came in into the payload of an inbox row, and back.
- `new_conversation`: Describe a conversation that is to begin: whose, where, in which flow, with which facts.
- `reconsent`: Find the consents to ask again, because their text has changed since the participant agreed to it.
- `requests`: Grant what a participant may ask for at any time: a human being, their data, its end, another app.
- `safety`: Scan what participants write as it is stored.
- `sight`: Decide whether whoever typed words could have seen the question that is open.
"""

__all__ = [
    "conversations",
    "cosigning",
    "facts",
    "flow_registry",
    "inbound_turn",
    "language_choice",
    "language_detector",
    "messages",
    "new_conversation",
    "reconsent",
    "requests",
    "safety",
    "sight",
]
