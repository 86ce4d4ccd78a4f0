"""Made-up people whose six months are drawn beforehand: they see screens, tap and type, and note what they did.

They know the script that is in front of them, as somebody who reads it does, and nothing of how it is kept.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from bot.channels.base import Inbound, InboundKind, Outbound, button_payload
from flows.engine.effects import Prompt, PromptKind
from flows.program.model import ProgramFile
from tests.support.oracle_notes import (
    CONSENTS,
    Given,
    KnownScript,
    NotedCase,
    NotedPerson,
    NotedTalk,
    Seen,
)
from tests.support.oracle_plans import PlanNotes

REASON = "because it matters a great deal to all of us"
LATE = timedelta(days=20)
"""When late people answer a wave, which is closed by then and whose next has not come."""
NONSENSE = "zxqv blorp"
ASIDES = {
    "What happened, in a few words?": "@safety_what",
    "Which medicine or product is it about?": "@safety_which",
    "Who did it happen to?": "@safety_who",
    "May our safety team contact you about this?": "@safety_contact",
    "I am a bot, so I can not keep you safe.": "@care",
}
"""The first words of what is asked that stands in no script, and how it is called."""
SKIPPED = {"a4", "a9", "b3", "b4", "c5", "d4", "f4", "f5", "f7", "a8_unsure", "e5_change"}
"""Questions that some people skip."""
HAS_A_SHORT_CUT = {"b3", "b4", "f7"}
"""Questions for words with a button for those who have nothing to tell."""


class Telling(StrEnum):
    """What somebody tells that the safety team must see, and which kind of case it is."""

    EVENT = "adverse_event"
    COMPLAINT = "product_complaint"
    RISK = "distress"


TELLING = {
    Telling.EVENT: "My hands went numb and it has not gone away since the spring",
    Telling.COMPLAINT: f"My Velcade injection came in a broken syringe that leaked, {REASON}",
    Telling.RISK: f"I want to kill myself on some days, and nobody asks me, {REASON}",
}
TOLD_AT = {Telling.EVENT: {"a12", "a12_what"}, Telling.COMPLAINT: {"a9"}, Telling.RISK: {"a9"}}


class Manner(StrEnum):
    """How somebody takes a talk."""

    AT_ONCE = "at_once"
    AFTER_ONE = "after_one"
    """After the first reminder."""
    AFTER_TWO = "after_two"
    LATE = "late"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class LifePlan:
    """What somebody will do, drawn before anything happens.

    `breaks_after` is after how many replies to the first talk they fall silent, `comes_back` whether the next reminder
    brings them back, `stops_after` after how many replies they write 'stop'. `leaves_after` is when they write, out of
    the blue, `leaves_by`. `manners` are how they take later talks, one after another.
    """

    declines: bool = False
    says_later_no: bool = False
    breaks_after: int | None = None
    comes_back: bool = False
    stops_after: int | None = None
    leaves_after: timedelta | None = None
    leaves_by: str = "stop"
    breaks_later: bool = False
    """Whether they fall silent in the middle of the first later talk."""
    manners: tuple[Manner, ...] = (Manner.AT_ONCE,)
    tells: Telling | None = None


Move = tuple[timedelta, Callable[[datetime], Inbound | None]]
"""What somebody will do, and how long from now; decided on once it is time."""


class OraclePerson:
    """Somebody at an address: answers what is shown, by their plan, and notes it in `notes`."""

    def __init__(
        self,
        address: str,
        notes: NotedPerson,
        plan: LifePlan,
        program: ProgramFile,
        scripts: Sequence[KnownScript],
        *,
        seed: str,
    ) -> None:
        self.address, self.notes, self.plan = address, notes, plan
        self.chance = random.Random(f"{seed}/{address}")
        self.scripts = scripts
        self.on_case: Callable[[NotedCase], None] = lambda _case: None
        self.suggestions = {one.label: one for activity in program.activities for one in activity.suggestions}
        self.plan_notes = PlanNotes(notes, self.suggestions, ZoneInfo(program.timezone))
        self.themes = {theme.label: theme.code for theme in program.themes}
        self._talks: dict[int, NotedTalk] = {}
        self._script: dict[int, KnownScript] = {}
        self._open: dict[int, Outbound] = {}
        self._engaged: set[int] = set()
        self._contacts: dict[int, int] = {}
        self._later = 0
        self._manner: dict[int, Manner] = {}
        self._told = 0
        self._picked: set[str] = set()
        self._puzzled: set[tuple[int, str]] = set()

    # What they do of their own accord.

    def open_link(self, token: str) -> Callable[[datetime], Inbound]:
        """Open the link."""

        def act(now: datetime) -> Inbound:
            self.notes.opened_at = now
            return self._inbound(InboundKind.START, text=token, locale="en", timezone="Europe/London")

        return act

    def leave(self, now: datetime) -> Inbound | None:
        """Write that they leave, unless they have left."""
        if self.notes.left_at is not None:
            return None
        if self.plan.leaves_by == "stop":
            self.notes.left_at = now
        return self._typed(self.plan.leaves_by)

    # What they see.

    def see(self, message: Outbound, now: datetime, *, by_us: bool) -> list[Move]:
        """Look at a message, and return what is done about it."""
        prompt = message.prompt
        if message.refresh or (self.notes.left_at is not None and message.conversation):
            return []
        if message.conversation == 0 and self.plan.leaves_by != "stop":
            return [(timedelta(seconds=9), self._confirm_erasure(message))]
        if not message.conversation:
            return []
        number = message.conversation
        talk = self._talk(number, prompt.whole_text, now)
        if talk is None:
            return []
        self._look_for_the_end(number, talk, prompt.whole_text, now)
        if prompt.ask is None:
            return []
        return self._asked(number, talk, message, now, by_us=by_us)

    def _talk(self, number: int, words: str, now: datetime) -> NotedTalk | None:
        if number not in self._talks:
            fitting = [script for script in self.scripts if script.hello.search(words)]
            own = [script for script in fitting if script.name == self.notes.flow and not self.notes.talks]
            found = next(iter([*own, *fitting]), None)
            if found is None:
                return None
            self._script[number] = found
            self._talks[number] = NotedTalk(found.name, now)
            self.notes.talks.append(self._talks[number])
            if found.name == self.notes.flow:
                self._engaged.add(number)
            else:
                self._manner[number] = self.plan.manners[self._later % len(self.plan.manners)]
                self._later += found.name in {"hcp_follow_up", "patient_follow_up"}
        return self._talks[number]

    def _look_for_the_end(self, number: int, talk: NotedTalk, words: str, now: datetime) -> None:
        end = self._script[number].end(words)
        if end:
            talk.closed, talk.closed_at = end, now

    def _asked(
        self, number: int, talk: NotedTalk, message: Outbound, now: datetime, *, by_us: bool
    ) -> list[Move]:
        key, item = self._what(number, message.prompt)
        assert key, f"{talk.flow}: what is {message.prompt.text!r}?"
        talk.seen.append(Seen(key, item, now, by_us))
        self._open[number] = message
        self._contacts[number] = self._contacts.get(number, 0) + by_us
        if number not in self._engaged and by_us and self._comes(number):
            self._engaged.add(number)
            if self._manner.get(number) is Manner.LATE:
                return [(LATE, self._reply(number, message, key, item, whatever=True))]
        if number not in self._engaged or (self._manner.get(number) is Manner.LATE and by_us):
            return []
        if self._falls_silent(number, talk):
            self._engaged.discard(number)
            return []
        seconds = self.chance.randint(20, 150) if message.prompt.kind is PromptKind.TEXT else 7
        return [(timedelta(seconds=seconds), self._reply(number, message, key, item))]

    def _comes(self, number: int) -> bool:
        """Whether this contact brings them into the talk."""
        contacts = self._contacts[number]
        match self._manner.get(number):
            case None:
                return self.plan.comes_back
            case Manner.AT_ONCE | Manner.LATE:
                return contacts == 1
            case Manner.AFTER_ONE:
                return contacts == 2
            case Manner.AFTER_TWO:
                return contacts == 3
            case _:
                return False

    def _falls_silent(self, number: int, talk: NotedTalk) -> bool:
        if talk.seen[-1].key in ASIDES.values():
            return False
        if number in self._manner:
            return self.plan.breaks_later and self._later == 1 and len(talk.given) == 2
        return self.plan.breaks_after == len(talk.given) and not (
            self.plan.comes_back and self._contacts[number] > 0
        )

    def _what(self, number: int, prompt: Prompt) -> tuple[str, str]:
        """Which question this is, and what of several it is about."""
        seen = self._talks[number].seen
        known = self._script[number].question(prompt.text, seen[-1].key if seen else "")
        key = known.key if known else _aside(prompt.text)
        if key in {"a7", "e2", "e3"}:
            return key, next(code for label, code in self.themes.items() if label in prompt.text)
        if key.startswith("d") and key != "d11":
            for place, plan in enumerate(self.notes.plans):
                if plan.mark in prompt.text:
                    self._told = place
            return key, str(self._told)
        if key.startswith("c") and key not in {
            "c0",
            "c0_follow",
            "c1",
            "c2",
            "c2a",
            "c2b",
            "c2b_other",
            "consent",
        }:
            return key, str(len(self.notes.plans) - (0 if key in {"c3", "c4"} else 1))
        return key, ""

    # What they reply.

    def _reply(
        self, number: int, message: Outbound, key: str, item: str, *, whatever: bool = False
    ) -> Callable[[datetime], Inbound | None]:
        def act(now: datetime) -> Inbound | None:
            if self.notes.left_at is not None:
                return None
            shown = self._open[number]
            if shown is not message and not whatever:
                return None
            talk = self._talks[number]
            if key in ASIDES.values():
                return self._answer_aside(shown)
            if number not in self._manner and self.plan.stops_after == len(talk.given):
                self.notes.left_at, talk.stopped = now, True
                return self._typed("stop")
            return self._answer(talk, shown, (key, item), now)

        return act

    def _answer(
        self, talk: NotedTalk, message: Outbound, asked: tuple[str, str], now: datetime
    ) -> Inbound | None:
        (key, item), prompt = asked, message.prompt
        if key in {"a1", "c1"} and self.plan.says_later_no and self.chance.random() < 0.7:
            return self._talk_nonsense(talk, message, asked, now)
        if key in SKIPPED and not self._tells_at(key) and self.chance.random() < 0.12:
            place = next(p for p, option in enumerate(prompt.options) if option.label == "Skip")
            talk.given.append(Given(key, item, (), now, skipped=True))
            return self._tapped(message, place)
        if prompt.kind is PromptKind.TEXT and not self._takes_short_cut(key, prompt):
            words = self._words(key)
            talk.given.append(Given(key, item, (), now, words=words))
            self._tell(talk, key, now)
            self.plan_notes.note(talk, (words,))
            return self._typed(words)
        if key == "a3":  # earlier words are offered as the answer
            return self._take_or_leave(talk, message, asked, now)
        places = self._places(key, prompt)
        codes = tuple(self._code(talk, key, prompt, place) for place in places)
        number = _number(prompt.options[places[0]].label)
        talk.given.append(Given(key, item, codes, now, number))
        self._tell(talk, key, now)
        self.plan_notes.note(talk, codes)
        if prompt.kind is PromptKind.SELECT_MANY:
            button = button_payload(message.conversation or 0, prompt.ask or 0)
            return self._inbound(InboundKind.PICKS, button=button, options=tuple(places))
        return self._tapped(message, places[0])

    def _takes_short_cut(self, key: str, prompt: Prompt) -> bool:
        """Whether they tap a button under a question for words."""
        if key == "d11":
            return bool(prompt.options)
        return key in HAS_A_SHORT_CUT and self.chance.random() < 0.4

    def _answer_aside(self, message: Outbound) -> Inbound:
        """Answer what the safety team would ask, or go on after help was shown: no answer to the script."""
        if message.prompt.kind is PromptKind.TEXT:
            return self._typed("It was the Velcade, I am sure of that")
        return self._tapped(message, 0)

    def _tells_at(self, key: str) -> bool:
        return self.plan.tells is not None and key in TOLD_AT[self.plan.tells]

    def _tell(self, talk: NotedTalk, key: str, now: datetime) -> None:
        """Note what the safety team must see of what they say now, if anything."""
        if self.plan.tells is not None and self._tells_at(key):
            case = self.notes.tell(self.plan.tells, talk, now)
            if case:
                self.on_case(case)

    def _talk_nonsense(
        self, talk: NotedTalk, message: Outbound, asked: tuple[str, str], now: datetime
    ) -> Inbound:
        """Say twice what nobody can read: kept as a remark, then the talk goes on without an answer."""
        key, item = asked
        number = message.conversation or 0
        talk.remarks.add(key)
        if (number, key) in self._puzzled:
            talk.given.append(Given(key, item, (), now, unread=True))
        self._puzzled.add((number, key))
        return self._typed(NONSENSE)

    def _take_or_leave(
        self, talk: NotedTalk, message: Outbound, asked: tuple[str, str], now: datetime
    ) -> Inbound:
        """Have earlier words count as the answer, or not: then the question waits for other words."""
        takes = self.chance.random() < 0.5
        if takes:
            talk.remarks.clear()
            talk.given.append(Given(*asked, (), now))
        return self._tapped(message, 0 if takes else 1)

    def _places(self, key: str, prompt: Prompt) -> list[int]:
        """Which options they choose, by place."""
        places = [place for place, option in enumerate(prompt.options) if not option.control]
        if prompt.kind is PromptKind.SELECT_MANY:
            alone = {"None of these", "Nothing", "Not sure", "A story only", "Nobody is left out"}
            picked = self.chance.sample(places, self.chance.randint(1, min(3, prompt.max_picks or 3)))
            exclusive = [place for place in picked if prompt.options[place].label in alone]
            return exclusive[:1] or sorted(picked)
        return [self._place(key, prompt, places)]

    def _place(self, key: str, prompt: Prompt, places: Sequence[int]) -> int:
        """Which one of the options at these places they choose."""
        labels = [prompt.options[place].label for place in places]
        never = {"Edit it", "Change it", "Yes, about that", "Another date", "I had fewer than 10"}
        allowed = [place for place, label in zip(places, labels, strict=True) if label not in never]
        chosen = {
            "a11": places[-1:],
            "a12": places[2:3] if self._tells_at("a12") else places[:2],  # yes, else no medicine or no
            "b1": [*places[:2], *places],
            "d1": allowed[:3] + allowed,
            "e7": places[:2],
            "f9": [*places, *places[-1:] * 3],
        }
        sure = dict.fromkeys(("a00", "a10", "c6", "c10", "d10", "read_back"), 1.0)
        often = {**sure, "c2": 0.85, "c11": 0.6}
        if key in CONSENTS:
            return places[self._says_no(key)]
        if key == "c3":
            return places[self._suggestion(labels)]
        if key in often and self.chance.random() < often[key]:
            return places[0]
        return self.chance.choice(chosen.get(key, places[1:] if key in often else allowed))

    def _suggestion(self, labels: Sequence[str]) -> int:
        """Which suggestion they pick: none of them twice, and the last place is for words of their own."""
        left = [place for place, label in enumerate(labels) if label not in self._picked]
        place = self.chance.choice(left)
        if labels[place] in self.suggestions:
            self._picked.add(labels[place])
        return place

    def _says_no(self, key: str) -> bool:
        if key in {"a01", "c0", "consent"}:
            return self.plan.declines
        if key in {"a03", "b9", "c0_follow", "f9_again"}:
            return self.plan.says_later_no
        return self.chance.random() < 0.15

    def _code(self, talk: NotedTalk, key: str, prompt: Prompt, place: int) -> str:
        """The code of an option; its label where the script gives it none."""
        label = prompt.options[place].label
        script = next(one for one in self.scripts if one.name == talk.flow)
        known = next(one for one in script.questions if one.key == key)
        found = [text for text in known.codes if label == text or label.startswith(f"{text} (")]
        return known.codes[max(found, key=len)] if found else label

    def _words(self, key: str) -> str:
        if self.plan.tells is not None and self._tells_at(key):
            return TELLING[self.plan.tells]
        if key == "c4":
            number = len(self.notes.plans) + 1
            return f"Ask every patient with myeloma at each visit about plan {number} from Monday"
        return f"I would say the {self.chance.choice(('first', 'second', 'third'))} of these, {REASON}"

    # How it goes out.

    def _confirm_erasure(self, message: Outbound) -> Callable[[datetime], Inbound | None]:
        def act(now: datetime) -> Inbound | None:
            self.notes.left_at, self.notes.erased = now, True
            return self._tapped(message, 0)

        return act

    def _tapped(self, message: Outbound, place: int) -> Inbound:
        button = button_payload(message.conversation or 0, message.prompt.ask or 0, place)
        return self._inbound(InboundKind.TAP, button=button)

    def _typed(self, text: str) -> Inbound:
        return self._inbound(InboundKind.TEXT, text=text, message_id=f"{self.address}/t{self._count + 1}")

    _count = 0

    def _inbound(self, kind: InboundKind, **fields: Any) -> Inbound:
        self._count += 1
        return Inbound(address=self.address, external_id=f"{self.address}/{self._count}", kind=kind, **fields)


def _aside(text: str) -> str:
    """What is asked that stands in no script; '' for nothing."""
    return next((key for words, key in ASIDES.items() if text.startswith(words)), "")


def _number(label: str) -> int | None:
    """The number that a label begins with."""
    digits = label.split(maxsplit=1)[0] if label else ""
    return int(digits) if digits.isdigit() else None
