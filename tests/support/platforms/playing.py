"""The transcripts from end to end: the same files, tapped or typed, compared with what is written in them."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from flows.engine.events import MediaKind
from flows.i18n.say import Sentence, say
from tests.support.dialogue import Exchange, Move, Script, Seen, make
from tests.support.platforms.drivers import PlatformDriver
from tests.support.platforms.records import fields_of
from tests.support.retelling import LANGUAGES

DONE = frozenset(say(Sentence.BUTTON_DONE, language) for language in ("en", *LANGUAGES))
SKIP = frozenset(say(Sentence.BUTTON_SKIP, language) for language in ("en", *LANGUAGES))
_DAY = re.compile(r'(?:answer|corrected) \S+ = "(\d{4}-\d\d-\d\d)"')
_TO = re.compile(r"change it to “(.*)”\?")
"""The picks that a question asks about, before they are changed."""
_FROM = re.compile(r' from "(.*)"$')


class Mode(StrEnum):
    """How the person answers."""

    TAPS = "taps"
    """Whatever names a choice is tapped, ticked, or picked from a calendar."""
    TYPED = "typed"
    """Everything is typed, but for buttons of older messages."""


@dataclass(frozen=True)
class Step:
    """An exchange of the transcript and the moves that it takes, none where there is nothing to do."""

    written: Exchange
    moves: tuple[Move, ...]

    @property
    def changed(self) -> bool:
        """Whether other words or taps are sent than are written."""
        return list(self.moves) != [self.written.move]


@dataclass(frozen=True)
class Plan:
    """How a transcript is played: in which mode, and what the platform tells the bot."""

    mode: Mode
    ticks_are_told: bool
    media_kinds: frozenset[MediaKind]

    def steps(self, script: Script) -> Iterator[Step]:
        """The transcript's exchanges after its beginning."""
        question = Seen("")
        for exchange in script.exchanges:
            if exchange.move is not None:
                yield Step(exchange, self._moves(exchange.move, question, exchange))
            sent = [seen for seen in exchange.seen if not seen.toast]
            if sent and (sent[-1].buttons or not _ticks(exchange.move, question)):
                question = sent[-1]

    def _moves(self, move: Move, question: Seen, exchange: Exchange) -> tuple[Move, ...]:
        if move.kind == "media" and MediaKind(move.text) not in self.media_kinds:
            return ()
        if move.kind == "picks":
            return self._picks(move, question)
        if _is_old_button(move, question):
            return (self._old_tick(move, exchange),)
        if _ticks(move, question):
            return self._tick(move, exchange)
        if self.mode is Mode.TYPED:
            return (_typed(move, question),)
        return _tapped(move, question, exchange)

    def _picks(self, move: Move, question: Seen) -> tuple[Move, ...]:
        if self.mode is Mode.TYPED:
            return (replace(move, kind="me"),)
        return tuple(Move("tap", label) for label in [*_labels(move.text, question), _done(question)])

    def _tick(self, move: Move, exchange: Exchange) -> tuple[Move, ...]:
        """What is typed is typed together at Done; a tick too many is refused only where ticks are told."""
        refused = not exchange.seen[-1].again
        left_out = self.mode is Mode.TYPED or (refused and not self.ticks_are_told)
        return () if left_out else (move,)

    def _old_tick(self, move: Move, exchange: Exchange) -> Move:
        """Where ticks are not told, all of them are set as they are meant to be, and Done is tapped."""
        asked = next((found[1] for seen in exchange.seen if (found := _TO.search(seen.text))), "")
        if ", " in asked and not self.ticks_are_told:
            return Move("picks", asked, move.under)
        if self.ticks_are_told or not any(seen.again for seen in exchange.seen):
            return move
        [raw] = [found[1] for line in exchange.kept if (found := _FROM.search(line))]
        return Move("picks", raw, move.under)


def _several(question: Seen) -> bool:
    return bool(question.buttons) and question.buttons[-1].control and _done(question) in DONE


def _done(question: Seen) -> str:
    return question.buttons[-1].label


def _is_old_button(move: Move, question: Seen) -> bool:
    labels = [button.label for button in question.buttons]
    return move.kind == "tap" and (bool(move.under) or move.text not in labels)


def _ticks(move: Move | None, question: Seen) -> bool:
    """Whether the move is a tick in the open question."""
    if move is None or move.kind != "tap" or move.under:
        return False
    return _several(question) and move.text not in DONE | SKIP


def _typed(move: Move, question: Seen) -> Move:
    """Labels are typed, ticks together at Done. Done with nothing ticked has no words, so it is tapped."""
    if move.kind != "tap":
        return move
    if not _several(question) or move.text in SKIP:
        return replace(move, kind="me")
    ticked = ", ".join(button.label for button in question.buttons if button.ticked)
    return Move("me", ticked) if ticked else move


def _tapped(move: Move, question: Seen, exchange: Exchange) -> tuple[Move, ...]:
    """Typed words become taps where they are labels or their numbers, and a date is picked."""
    if move.kind != "me":
        return (move,)
    labels = _labels(move.text, question)
    if labels and _several(question) and not SKIP.issuperset(labels):
        return tuple(Move("tap", label) for label in [*labels, _done(question)])
    if len(labels) == 1:
        return (Move("tap", labels[0]),)
    day = next((found[1] for line in exchange.kept if (found := _DAY.match(line))), "")
    return (Move("day", day),) if day else (move,)


def _labels(text: str, question: Seen) -> list[str]:
    """The choices that the words name, all of them by label or number; none where they do not."""
    for parts in ([text], text.split(",")):
        labels = [_label(part.strip().casefold(), question) for part in parts]
        if all(labels):
            return labels
    return []


def _label(part: str, question: Seen) -> str:
    labels = [button.label for button in question.buttons]
    choices = [button.label for button in question.buttons if not button.control]
    if exact := [label for label in labels if label.casefold() == part]:
        return exact[0]
    means_itself = any(character.isdigit() for label in choices for character in label)
    if part.isdecimal() and not means_itself and 1 <= int(part) <= len(choices):
        return choices[int(part) - 1]
    return ""


async def play_and_compare(
    script: Script, driver: PlatformDriver, mode: Mode, *, before: Callable[[], None] = lambda: None
) -> None:
    """
    Play the transcript, and see that all is said, shown and kept as it is written there.

    `before` is called before every move, to make trouble. What is said twice is marked in the rows as
    possibly so; nothing else is.
    """
    begin = script.exchanges[0]
    seen = await driver.start(script)
    _compare(_written(begin, driver), seen, driver.kept(), changed=False, again=True)
    for step in Plan(mode, driver.ticks_are_told, driver.media_kinds).steps(script):
        if step.moves:
            before()
            seen = [one for move in step.moves for one in await _do(driver, move)]
            again = driver.ticks_are_told and not step.changed
            written = _written(step.written, driver)
            _compare(written, seen, driver.kept(), changed=step.changed, again=again)
    assert driver.house.put_aside() == []
    assert driver.said_twice() <= driver.house.count("SELECT count(*) FROM outbox WHERE possibly_duplicate")


def _written(exchange: Exchange, driver: PlatformDriver) -> Exchange:
    return replace(exchange, seen=driver.as_shown(exchange.seen))


async def _do(driver: PlatformDriver, move: Move) -> list[Seen]:
    if move.kind == "picks":
        return await driver.set_picks(move.text.split(", "), move.under)
    return await make(driver, move)


def _compare(written: Exchange, seen: list[Seen], kept: list[str], *, changed: bool, again: bool) -> None:
    if _PARTNER in written.kept:
        assert any("start" in one.text for one in seen[len(written.seen) :]), "no link came"
    by_engine = [one for one in seen if not one.text.startswith(_BY_CALLER)]
    shown = _once(_shown(by_engine, again))[: _told_by_engine(written)]
    assert shown == _once(_shown(written.seen, again)), (written.move, shown)
    assert lines(kept, raw=not changed) == lines(written.kept, raw=not changed), written.move


_PARTNER = "partner invited"
_TOLD = "tells the team"
"""A message to others, which is no row of the conversation."""
_BY_CALLER = (
    say(Sentence.CONSENT_TAKEN_BACK, "en"),
    say(Sentence.FOLLOW_UP_NONE, "en"),
    say(Sentence.FOLLOW_UP_ON, "en", when="").rstrip("."),
)
"""How begins what the caller of the engine adds where a consent is taken back, or follow-ups change."""


def _told_by_engine(written: Exchange) -> int | None:
    """The pure engine leaves it to its caller to begin again, and to make links: what these say is not written."""
    return len(written.seen) if {"begin again", _PARTNER} & set(written.kept) else None


def _shown(seen: list[Seen], again: bool) -> list[Any]:
    """Messages, what is ticked in them, and how far along; platforms do not say which buttons are controls."""
    return [
        (_form(one), [(b.label, b.ticked) for b in one.buttons], one.progress)
        for one in seen
        if again or not one.again
    ]


def _form(seen: Seen) -> str:
    """The words of a message, or that it was shown anew; those of a toast as a transcript writes them."""
    if seen.again:
        return "shown anew"
    return seen.lines()[0] if seen.toast else seen.text


def _once(shown: list[Any]) -> list[Any]:
    return [one for place, one in enumerate(shown) if place == 0 or shown[place - 1] != one]


_FORGOTTEN = "forget what was said"
"""What leaves no row: words that are not there any more."""


def lines(kept: list[str], *, raw: bool = True) -> list[Any]:
    """What was kept, in any order; without the raw words where others were sent than are written."""
    seen = [line for line in kept if line != _FORGOTTEN and not line.startswith(_TOLD)]
    told = [fields_of(line if raw else _FROM.sub("", line)) for line in seen]
    return sorted(told, key=str)
