"""Random walks over every shipped script: a conversation goes on or ends, never breaks, and survives storage."""

import random
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.engine.advance import advance, is_over, open_prompt
from flows.engine.effects import (
    AnswerStatus,
    Effect,
    EndConversation,
    Prompt,
    PromptKind,
    RecordAnswer,
    SendMessage,
)
from flows.engine.events import (
    DatePicked,
    Edited,
    Event,
    MediaKind,
    MediaSent,
    Picked,
    Reminded,
    Replied,
    Resumed,
    Started,
    Tapped,
    TextSubmitted,
)
from flows.engine.state import ConversationState, decode_state, encode_state
from flows.errors import ConversationOver
from flows.script.facts import Facts
from flows.script.loader import library
from flows.script.model import Flow
from flows.text.templates import END_ISOLATE, ISOLATE
from tests.support.dialogue_facts import facts_named
from tests.support.engine_world import confirm, consent, do, end, flow_of, many, one, say, text
from tests.support.sensible_replies import sensible

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PLACEHOLDER = re.compile(r"\{[a-z_]+[a-z0-9_.:]*\}")
SENSIBLE_TURNS = 200


def _every_kind() -> Flow:
    """A flow with every kind of step, nested blocks and jumps."""
    inner = {
        "key": "inner",
        "kind": "block",
        "repeat": {"up_to": 3, "while": "again == 'yes'"},
        "steps": [
            text("w", probe={"when": "words < 2", "text": "More?", "joins": "append"}),
            one("again", "yes", "no"),
        ],
    }
    outer = {
        "key": "outer",
        "kind": "block",
        "repeat": {"for_each": "m", "as": "pick"},
        "steps": [
            {"key": "r", "kind": "scale", "text": "{pick.label}?", "low_label": "a", "high_label": "b"},
            inner,
            do("save", fields={"statement": "w", "level": "r"}),
        ],
    }
    leaving = one("leave", "again", "on")
    leaving["choices"][0]["goto"] = "m"
    return flow_of(
        consent("c", on_decline="bye"),
        many("m", "x", "y", "z", max=2),
        outer,
        {"key": "n", "kind": "number", "text": "N?", "when": "size(m) > 1"},
        {"key": "d", "kind": "date", "text": "D? {m:label}", "earliest_days": 0},
        say("s", "So far {w} and {n} on {d:date}."),
        confirm("ok", "m", "n", "d"),
        leaving,
        end("bye", text="Bye."),
        flow="every_kind",
    )


CONVERSATIONS: list[tuple[Flow, str]] = [
    (library()["patient_interview"], "patient"),
    (library()["hcp_commitment"], "hcp"),
    (library()["hcp_follow_up"], "hcp_wave_1"),
    (library()["hcp_follow_up"], "hcp_wave_last"),
    (library()["patient_follow_up"], "patient_again"),
    (library()["patient_follow_up"], "patient_last"),
    (library()["what_we_changed"], "patient_changes"),
    (library()["what_we_changed"], "patient_changes_own"),
    (library()["commitment_reask"], "hcp_unfinished"),
    (library()["commitment_nudge"], "hcp_plan"),
    (library()["content_review"], "patient_review"),
    (library()["review_answer"], "patient_points"),
    (library()["best_practice"], "educator"),
    (library()["best_practice_cosign"], "patient_partner"),
    (library()["best_practice_answer"], "educator_changes"),
    (_every_kind(), "hcp"),
]
IDS = [f"{flow.flow}-{facts}" for flow, facts in CONVERSATIONS]
WORDS = st.sampled_from(
    [
        *(
            "skip",
            "back",
            "pause",
            "later",
            "help",
            "1",
            "2",
            "3",
            "1, 2",
            "yes",
            "no",
            "5",
            "seven",
            "tomorrow",
        ),
        *(
            "in two weeks",
            "done",
            "none",
            "banana",
            "",
            " ",
            "{a5}",
            "{{",
            "I will ask every patient at each visit",
        ),
        *("\U0001f600", "\u0663", "1 March", "a" * 5000, "x\ny", "none of these, really"),
    ]
)
EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(Replied, WORDS | st.text(max_size=30), st.none() | st.sampled_from(["a", "b", "c"])),
    st.builds(Tapped, st.integers(-1, 40), st.integers(-1, 12)),
    st.builds(Picked, st.integers(-1, 40), st.lists(st.integers(-1, 12), max_size=5).map(tuple)),
    st.builds(DatePicked, st.integers(0, 40), st.dates(date(2020, 1, 1), date(2030, 1, 1))),
    st.builds(TextSubmitted, st.integers(0, 40), WORDS),
    st.builds(Edited, st.sampled_from(["a", "b", "c", "d"]), WORDS),
    st.builds(MediaSent, st.sampled_from(list(MediaKind))),
    st.sampled_from([Reminded(), Resumed()]),
)


class Walker:
    """Plays a conversation, and holds every turn to what must always be true."""

    def __init__(self, flow: Flow, facts: Facts) -> None:
        self.flow = flow
        self.now = NOW
        self.stored: str | None = None
        self.slots: set[str] = set()
        self.turn(Started(facts, "en"))

    @property
    def state(self) -> ConversationState:
        assert self.stored is not None
        return decode_state(self.stored)

    def turn(self, event: Event) -> tuple[Effect, ...]:
        self.now += timedelta(minutes=7)
        before = None if self.stored is None else decode_state(self.stored)
        result = advance(self.flow, before, event, now=self.now)
        stored = encode_state(result.state)
        assert decode_state(stored) == result.state
        self.stored = stored
        for effect in result.effects:
            self._check(effect)
        assert is_over(result.state) == (open_prompt(self.flow, result.state, self.now) is None)
        return result.effects

    def _check(self, effect: Effect) -> None:
        if isinstance(effect, SendMessage):
            _check_prompt(effect.prompt)
        if isinstance(effect, RecordAnswer):
            assert effect.corrects == (effect.slot in self.slots)
            assert (effect.value is None) == (effect.status is not AnswerStatus.ANSWERED)
            self.slots.add(effect.slot)


def _check_prompt(prompt: Prompt) -> None:
    assert prompt.text.strip()
    if prompt.kind is PromptKind.SELECT_MANY:
        assert prompt.options[-1].label == "Done"
    if prompt.progress is not None:
        n, m = prompt.progress
        assert 1 <= n <= m


def test_every_shipped_script_is_walked() -> None:
    """A script that is added to the library and not to the walks is told here."""
    assert {flow.flow for flow, _ in CONVERSATIONS} >= library().keys()


@pytest.mark.parametrize(("flow", "facts"), CONVERSATIONS, ids=IDS)
@settings(max_examples=60)
@given(data=st.data())
def test_garbage(flow: Flow, facts: str, data: st.DataObject) -> None:
    """Whatever comes in whatever order, a turn never fails, and what it leaves can be stored and played on."""
    walker = Walker(flow, facts_named(facts))
    for event in data.draw(st.lists(EVENTS, max_size=25)):
        try:
            walker.turn(event)
        except ConversationOver:
            assert is_over(walker.state)


@pytest.mark.parametrize(("flow", "facts"), CONVERSATIONS, ids=IDS)
@settings(max_examples=30)
@given(seed=st.integers(0, 2**32))
def test_ends(flow: Flow, facts: str, seed: int) -> None:
    """A conversation that is answered sensibly ends, also after detours; nothing said has an unfilled place."""
    chance = random.Random(seed)
    walker = Walker(flow, facts_named(facts))
    for turn in range(SENSIBLE_TURNS):
        prompt = open_prompt(flow, walker.state, walker.now)
        if prompt is None:
            break
        if turn < SENSIBLE_TURNS / 3 and chance.random() < 0.2:
            event: Event = Replied(chance.choice(["back", "back", "help", "banana", "pause", "later"]))
        elif turn < SENSIBLE_TURNS / 3 and turn and chance.random() < 0.1:
            event = Tapped(chance.randrange(prompt.ask or 1), chance.randrange(3))
        else:
            event = sensible(prompt, chance, leads_on=turn > SENSIBLE_TURNS / 2)
        said = [effect.prompt.whole_text for effect in walker.turn(event) if isinstance(effect, SendMessage)]
        assert not [
            words for words in said if PLACEHOLDER.search(re.sub(r"\{(and tingling|numb)\}", "", words))
        ]
    assert is_over(walker.state)


@settings(max_examples=60)
@given(words=st.text(min_size=1).filter(str.strip))
def test_words_are_kept_and_quoted_as_they_are(words: str) -> None:
    """Any text is kept and quoted byte for byte, or is one of the words that work everywhere."""
    walker = Walker(flow_of(text("q"), say("s", "<{q}>"), end("bye")), {})
    effects = walker.turn(Replied(words))
    kept = [effect.value for effect in effects if isinstance(effect, RecordAnswer)]
    if any(isinstance(effect, EndConversation) for effect in effects) and kept == [words]:
        said = [effect.prompt.whole_text for effect in effects if isinstance(effect, SendMessage)]
        assert said[0].startswith((f"<{words}>", f"<{ISOLATE}{words}{END_ISOLATE}>"))
    else:
        assert len(words) < 60
