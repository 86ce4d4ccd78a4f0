"""Play a flow: a state and an event go in, a new state and effects come out. Pure.

Public modules: `advance` (one turn), `events` and `effects` (what goes in and comes out), `state` (where a conversation
stands), `compiled` (a flow ready to play), `early_words` (what words become that were written before a question could
be seen), `answered_question` (what the question that words answer is about, and whether they only name its choices),
`kept_changes` (changes of answers that are asked about, or can be undone), `turn` (whether consent to keep words was
given), and `interruptions`.
"""

__all__ = [
    "advance",
    "answered_question",
    "compiled",
    "early_words",
    "effects",
    "events",
    "interruptions",
    "kept_changes",
    "state",
    "turn",
]
