"""A question of each kind, open in a small flow."""

from flows.engine.advance import advance
from flows.engine.events import Replied, Started
from flows.engine.state import ConversationState
from flows.script.model import Flow
from tests.support.engine_world import NOW, confirm, consent, end, flow_of, many, one, text

STEPS = {
    "select_one": one("it", "red", "blue"),
    "select_many": many("it", "red", "blue"),
    "scale": {"key": "it", "kind": "scale", "text": "How?", "low_label": "low", "high_label": "high"},
    "number": {"key": "it", "kind": "number", "text": "How many?", "min": 0, "max": 90},
    "date": {"key": "it", "kind": "date", "text": "When?"},
    "text": text("it"),
    "consent": consent("it"),
    "confirm": confirm("it", "first"),
}


def at_step(kind: str, conversation: str) -> tuple[Flow, ConversationState]:
    """A conversation in a language, with a question of this kind open and one answered before it."""
    flow = flow_of(text("first"), STEPS[kind], text("after"), end("bye"), language=conversation)
    begun = advance(flow, None, Started({}, conversation), now=NOW)
    return flow, advance(flow, begun.state, Replied("42 xyz", "m1"), now=NOW).state
