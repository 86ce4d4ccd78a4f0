"""Play synthetic participants: each sees messages as a channel shows them, and taps, types or breaks off."""

import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bot.channels.base import Inbound, InboundKind, Outbound, button_payload
from bot.simulation.behaviour import Behaviour
from bot.simulation.phrases import ORDINARY_PHRASES
from bot.simulation.words import (
    ANY_WORDS,
    EDITED_WORDS,
    EVENTS,
    HEALTH_QUESTIONS,
    MEDICINE_QUESTIONS,
    ORDINARY_WORDS,
    RISKS,
)
from flows.engine.effects import Prompt, PromptKind
from flows.script.model import QUESTION_TYPES, AskText, Block, Flow, Role, Step
from flows.script.question_parts import probe_texts, texts_of

_UNSURE_OF_EVENT = 0.5
"""Of those who are not sure whether anything got worse, who write of an event [made up]."""
_PHRASED_BY_OTHERS = 0.8
"""Of patients' ordinary words where they may tell of events, those out of `ORDINARY_PHRASES` [made up].

There are some ten times as many of these as of words for one question."""


@dataclass(frozen=True, slots=True)
class KnownQuestion:
    """A question of a flow, which synthetic participants recognise in a message by its words (`pattern`)."""

    key: str
    pattern: re.Pattern[str]
    codes: Mapping[str, str]
    """The code of each label."""


@dataclass(frozen=True, slots=True)
class SimulatedMove:
    """One thing that a synthetic participant does about a message (a tap, a text), and how long after it."""

    after: timedelta
    inbound: Inbound


def known_questions(flows: Iterable[Flow]) -> tuple[KnownQuestion, ...]:
    """List all questions of the flows, probes too, so that synthetic participants can recognise them in messages.

    The longest wording comes first, so that a short one never hides a longer one.
    """
    found = [known for flow in flows for step in _steps(flow.steps) for known in _known(step)]
    return tuple(sorted(found, key=lambda known: -len(known.pattern.pattern)))


def _steps(steps: Iterable[Step]) -> Iterator[Step]:
    for step in steps:
        yield step
        if isinstance(step, Block):
            yield from _steps(step.steps)


def _known(step: Step) -> Iterator[KnownQuestion]:
    if not isinstance(step, QUESTION_TYPES):
        return
    choices = getattr(step, "choices", ())
    codes = {choice.label: choice.code for choice in choices} if isinstance(choices, tuple) else {}
    for text in texts_of(step):
        yield KnownQuestion(step.key, _pattern(text), codes)
    if isinstance(step, AskText):
        for text in probe_texts(step):
            yield KnownQuestion(f"{step.key}_more", _pattern(text), {})


def _pattern(text: str) -> re.Pattern[str]:
    parts = re.split(r"\{[^{}]*\}", text)
    return re.compile(".*?".join(re.escape(part) for part in parts), re.DOTALL)


@dataclass(slots=True)
class SimulatedPerson:
    """One synthetic participant: their address and role, how they behave, and what they have seen.

    `random` is theirs alone, so that no one's story depends on somebody else's. `seen` are the ids of conversations
    in which they were written to, `engaged` of those that they are answering.
    """

    address: str
    role: Role
    random: random.Random
    behaviour: Behaviour
    questions: tuple[KnownQuestion, ...]
    timezone: str
    name: str = ""
    """What tells them from all others of a simulation, such as `hcp-3`."""
    deliveries: int = 0
    seen: set[int] = field(default_factory=set)
    engaged: set[int] = field(default_factory=set)
    stopped: bool = False
    unheard: str = ""
    """The address at which they hear of nothing that comes by itself, once they gave another one; '' for none."""

    def start(self, token: str) -> Inbound:
        """Return the inbound message that opens an invitation's link; `token` is the link's secret part."""
        return self._inbound(InboundKind.START, text=token, locale="en", timezone=self.timezone)

    def react(self, message: Outbound, *, contacted: bool) -> list[SimulatedMove]:
        """Return what this participant does about a message, in order; empty where it asks nothing or goes unanswered.

        `contacted` says that the message came by itself, not as the answer to what this participant did.
        """
        prompt, conversation = message.prompt, message.conversation
        if self.stopped or message.refresh or prompt.ask is None or conversation is None:
            return []
        if not self._takes_part(conversation, contacted=contacted):
            return []
        if prompt.kind is not PromptKind.CONSENT and self._chance(self.behaviour.breaks_off):
            self.engaged.discard(conversation)
            return []
        if self._chance(self.behaviour.stops):
            self.stopped = True
            return [self._typed("stop")]
        return self._answer(prompt, conversation)

    def _takes_part(self, conversation: int, *, contacted: bool) -> bool:
        """Decide whether to answer at all: in a conversation under way always, else by the odds of the contact."""
        known = conversation in self.seen
        self.seen.add(conversation)
        if conversation in self.engaged:
            return True
        odds = self.behaviour.answers_reminder if known else self.behaviour.answers_wave
        if not contacted or self._chance(odds):
            self.engaged.add(conversation)
            return True
        return False

    def _answer(self, prompt: Prompt, conversation: int) -> list[SimulatedMove]:
        key, codes = self._recognise(prompt)
        match prompt.kind:
            case PromptKind.SELECT_MANY:
                return self._pick_several(prompt, conversation)
            case PromptKind.TEXT:
                return self._write(key)
            case PromptKind.NUMBER if not _choices(prompt):
                return [self._typed(str(self.random.randint(0, 25)))]
            case _:
                return [self._choose(prompt, conversation, self._place(prompt, key, codes))]

    def _recognise(self, prompt: Prompt) -> tuple[str, Mapping[str, str]]:
        for question in self.questions:
            if question.pattern.search(prompt.text):
                return question.key, question.codes
        return "", {}

    def _place(self, prompt: Prompt, key: str, codes: Mapping[str, str]) -> int:
        """Choose an option by its place; weighted where the table of behaviour says so."""
        places = _choices(prompt)
        first, rest = places[0], places[1:] or places
        odds = self.behaviour.medicine_weights if key in MEDICINE_QUESTIONS else self.behaviour.status_weights
        weights = [odds.get(codes.get(prompt.options[p].label, ""), 0.01) for p in places]
        firsts = {
            "a00": self.behaviour.agrees,
            "c2": self.behaviour.commits,
            "c11": self.behaviour.adds_another,
        }
        match prompt.kind:
            case PromptKind.CONFIRM:
                return first
            case PromptKind.CONSENT:
                return first if self._chance(self.behaviour.agrees) else rest[0]
            case _ if key in firsts:
                return first if self._chance(firsts[key]) else self.random.choice(rest)
            case _:
                return self.random.choices(places, weights)[0]

    def _choose(self, prompt: Prompt, conversation: int, place: int) -> SimulatedMove:
        if self._chance(self.behaviour.out_of_format):
            label = prompt.options[place].label
            return self._typed(self.random.choice((str(place + 1), label, label.lower(), f"{label}.")))
        return self._tapped(prompt, conversation, place)

    def _pick_several(self, prompt: Prompt, conversation: int) -> list[SimulatedMove]:
        places = _choices(prompt)
        most = min(prompt.max_picks or 3, 3, len(places))
        picks = sorted(
            self.random.sample(
                places[:-1] or places, self.random.randint(1, max(1, min(most, len(places) - 1)))
            )
        )
        if self._chance(self.behaviour.out_of_format):
            return [self._typed(", ".join(str(place + 1) for place in picks))]
        inbound = self._inbound(
            InboundKind.PICKS, button=button_payload(conversation, _ask(prompt)), options=tuple(picks)
        )
        return [SimulatedMove(self._seconds(self.behaviour.tap_seconds), inbound)]

    def _write(self, key: str) -> list[SimulatedMove]:
        act = self._typed(self.random.choice(self._sayings(key)), seconds=self.behaviour.typing_seconds)
        edits = self._chance(self.behaviour.edits)
        if not edits or self.address.startswith("email:"):  # the page behind a mail takes no edits
            return [act]
        edited = self._inbound(
            InboundKind.EDIT,
            text=f"{act.inbound.text}{EDITED_WORDS}",
            message_id=act.inbound.message_id,
        )
        return [act, SimulatedMove(act.after + timedelta(seconds=60), edited)]

    def _sayings(self, key: str) -> Sequence[str]:
        """Return the words to choose from under a question: most are ordinary, and some patients tell of events."""
        question, _, rest = key.partition("_")
        if question in MEDICINE_QUESTIONS:
            return EVENTS if rest == "what" or self._chance(_UNSURE_OF_EVENT) else ANY_WORDS
        if self.role is Role.PATIENT and key in HEALTH_QUESTIONS:
            if self._chance(self.behaviour.tells_of_risk):
                return RISKS
            if self._chance(self.behaviour.tells_of_event):
                return EVENTS
            if self._chance(_PHRASED_BY_OTHERS):
                return ORDINARY_PHRASES
        return ORDINARY_WORDS.get(key, ANY_WORDS)

    def _tapped(self, prompt: Prompt, conversation: int, place: int) -> SimulatedMove:
        inbound = self._inbound(InboundKind.TAP, button=button_payload(conversation, _ask(prompt), place))
        return SimulatedMove(self._seconds(self.behaviour.tap_seconds), inbound)

    def _typed(self, text: str, *, seconds: tuple[int, int] | None = None) -> SimulatedMove:
        inbound = self._inbound(
            InboundKind.TEXT, text=text, message_id=f"{self.address}/{self.deliveries + 1}"
        )
        return SimulatedMove(self._seconds(seconds or self.behaviour.tap_seconds), inbound)

    def _seconds(self, span: tuple[int, int]) -> timedelta:
        return timedelta(seconds=self.random.randint(*span))

    def _chance(self, odds: float) -> bool:
        return self.random.random() < odds

    def _inbound(self, kind: InboundKind, **fields: Any) -> Inbound:
        self.deliveries += 1
        return Inbound(
            address=self.address, external_id=f"{self.address}/{self.deliveries}", kind=kind, **fields
        )


def _choices(prompt: Prompt) -> list[int]:
    """Return the places of the options that are not controls."""
    return [place for place, option in enumerate(prompt.options) if not option.control]


def _ask(prompt: Prompt) -> int:
    if prompt.ask is None:
        message = "a message that asks nothing has no buttons"
        raise ValueError(message)
    return prompt.ask
