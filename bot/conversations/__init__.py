"""Begin conversations, play events to them with the engine, and turn its effects into rows.

`conversations` is the way in; `effects` writes what the engine asks for. `safety`, `requests`, `cosigning`, `reconsent`
and `pii_reminder` hold what the shell adds to a turn; `flow_registry`, `facts` and `language_choice` what it needs.
"""
