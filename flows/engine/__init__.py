"""Play a flow: a state and an event go in, a new state and effects come out. Pure.

Public modules: `advance` (one turn), `events` and `effects` (what goes in and comes out), `state` (where a conversation
stands), `compiled` (a flow ready to play), `early_words` (what words become that were written before a question could
be seen), `answer_topic` (what the question that words answer is about), `kept_changes` (changes of answers that are
asked about, or can be undone), `named_choices` (whether words are choices of the open question), `turn` (whether
consent to keep words was given), and `interruptions`.
"""

__all__ = [
    "advance",
    "answer_topic",
    "compiled",
    "early_words",
    "effects",
    "events",
    "interruptions",
    "kept_changes",
    "named_choices",
    "state",
    "turn",
]
