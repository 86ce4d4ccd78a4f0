"""Small flows for the engine's tests, and a person who plays them; the state is stored between turns."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from flows.engine.advance import advance
from flows.engine.effects import (
    Effect,
    Prompt,
    RecordAnswer,
    RecordRemark,
    Refresh,
    SendMessage,
    ShowTrace,
    Toast,
    Trace,
)
from flows.engine.events import Event, Picked, Replied, Started, Tapped
from flows.engine.state import decode_state, encode_state
from flows.i18n.localized_flow import Localizations, LocalizedFlow
from flows.script.facts import Facts
from flows.script.model import Flow
from tests.support.said_in_a_row import steps_of

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DATE = {
    "key": "q",
    "kind": "date",
    "text": "When?",
    "shortcuts": [{"code": "now", "label": "Today", "date": "today"}],
}
SCALE = {"key": "q", "kind": "scale", "text": "How well?", "low_label": "bad", "high_label": "good"}


def flow_of(*steps: dict[str, Any], **fields: Any) -> Flow:
    """A flow of these steps."""
    return Flow.model_validate(
        {
            "flow": "test",
            "title": "Test",
            "language": "en",
            "audience": ["hcp"],
            "steps": list(steps),
            **fields,
        }
    )


def text(key: str, **fields: Any) -> dict[str, Any]:
    return {"key": key, "kind": "text", "text": f"Ask {key}?", **fields}


def one(key: str, *codes: str, **fields: Any) -> dict[str, Any]:
    choices = [{"code": code, "label": code.capitalize()} for code in codes]
    return {"key": key, "kind": "select_one", "text": f"Ask {key}?", "choices": choices, **fields}


def many(key: str, *codes: str, **fields: Any) -> dict[str, Any]:
    return {**one(key, *codes), "kind": "select_many", **fields}


def say(key: str, words: str, **fields: Any) -> dict[str, Any]:
    return {"key": key, "kind": "say", "text": words, **fields}


def consent(key: str, **fields: Any) -> dict[str, Any]:
    return {"key": key, "kind": "consent", "purpose": "take_part", "text": f"Agree {key}?", **fields}


def confirm(key: str, *changes: str, **fields: Any) -> dict[str, Any]:
    return {"key": key, "kind": "confirm", "text": f"Right {key}?", "changes": list(changes), **fields}


def do(key: str, effect: str = "record_commitment", **fields: Any) -> dict[str, Any]:
    return {"key": key, "kind": "do", "effect": effect, **fields}


def end(key: str, **fields: Any) -> dict[str, Any]:
    return {"key": key, "kind": "end", **fields}


class Person:
    """Plays one conversation. `heard`, `toasts` and `kept` are what the last event brought."""

    def __init__(
        self,
        flow: Flow,
        facts: Facts | None = None,
        now: datetime = NOW,
        localizations: Localizations | None = None,
        seed: int = 0,
    ) -> None:
        self.flow = flow
        self.localizations = localizations
        self.now = now
        self.stored: str | None = None
        self.heard: list[Prompt] = []
        self.refreshed: list[Prompt] = []
        self.toasts: list[str] = []
        self.traces: dict[int, Trace] = {}
        """What stands under each question now, by its number; an empty trace where its buttons were taken away."""
        self.kept: list[Effect] = []
        self.asked: dict[int, Prompt] = {}
        self.tell(Started(facts or {}, "en", seed=seed))

    @property
    def state(self) -> Any:
        assert self.stored is not None
        return decode_state(self.stored)

    @property
    def texts(self) -> list[str]:
        return [prompt.text for prompt in self.heard]

    @property
    def answers(self) -> dict[str, Any]:
        """What the last event kept, by slot."""
        return {kept.slot: kept.value for kept in self.kept if isinstance(kept, RecordAnswer)}

    @property
    def remarks(self) -> list[str]:
        """The words of the remarks that the last event kept."""
        return [kept.raw for kept in self.kept if isinstance(kept, RecordRemark)]

    @property
    def open(self) -> str | None:
        """The slot of the question that waits."""
        return None if self.state.open is None else self.state.asks[self.state.open].slot

    @property
    def last(self) -> Prompt:
        """The last question that was put or shown again."""
        return next(prompt for prompt in reversed(self.heard) if prompt.ask is not None)

    def tell(self, event: Event) -> "Person":
        before = None if self.stored is None else decode_state(self.stored)
        result = advance(LocalizedFlow(self.flow, self.localizations), before, event, now=self.now)
        self.stored = encode_state(result.state)
        assert decode_state(self.stored) == result.state
        sent = [effect.prompt for effect in result.effects if isinstance(effect, SendMessage)]
        self.heard = steps_of(*sent)
        self.refreshed = [effect.prompt for effect in result.effects if isinstance(effect, Refresh)]
        self.toasts = [effect.text for effect in result.effects if isinstance(effect, Toast)]
        shown = [effect for effect in result.effects if isinstance(effect, ShowTrace)]
        self.traces |= {effect.ask: effect.trace for effect in shown}
        on_screen = SendMessage | Refresh | ShowTrace | Toast
        self.kept = [effect for effect in result.effects if not isinstance(effect, on_screen)]
        self.asked |= {prompt.ask: prompt for prompt in self.heard if prompt.ask is not None}
        return self

    def types(self, *texts: str) -> "Person":
        for words in texts:
            self.tell(Replied(words, f"m-{words}"))
        return self

    def taps(self, *labels: str) -> "Person":
        """Tap buttons of the newest question that has them."""
        for label in labels:
            ask = next(
                ask
                for ask in reversed(self.asked)
                if any(option.label == label for option in self.asked[ask].options)
            )
            self.taps_at(ask, label)
        return self

    def taps_at(self, ask: int, label: str) -> "Person":
        labels = [option.label for option in self.asked[ask].options]
        return self.tell(Tapped(ask, labels.index(label)))

    def picks(self, ask: int, *labels: str) -> "Person":
        offered = [option.label for option in self.asked[ask].options]
        return self.tell(Picked(ask, tuple(offered.index(label) for label in labels)))

    def waits(self, **time: float) -> "Person":
        self.now += timedelta(**time)
        return self

    @property
    def today(self) -> date:
        return self.now.date()


class Speaker(Person):
    """Somebody whose conversation is in a language of ours."""

    def __init__(self, language: str, *steps: dict[str, Any]) -> None:
        self.language = language
        super().__init__(flow_of(*steps, language=language))

    def tell(self, event: Event) -> Person:
        return super().tell(Started({}, self.language) if isinstance(event, Started) else event)
