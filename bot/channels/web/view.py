"""Lay out what a page shows, before it is HTML: how a question is answered, and how a text falls into paragraphs."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import takewhile
from typing import Final, NamedTuple, assert_never

from babel.dates import format_time, format_timedelta

from bot.channels.base import button_payload
from bot.channels.web.port import NO_DRAFT, AnswerDraft, OpenQuestion, PageMessage
from flows.engine.effects import Prompt, PromptKind
from flows.i18n.say import Sentence, say
from flows.text.templates import babel_name, day_with_weekday

SHORT_LABEL: Final = 14
"""Characters of a label that leaves room for others beside it on a phone."""
MOST_BESIDE: Final = 3
"""Choices that stand beside one another, where all are short."""
FEWEST_TILES: Final = 4
"""Numbers from which on they are shown as tiles, in rows."""
LONG_QUESTION: Final = 180
"""Characters from which on a question is set smaller."""


class AnswerLayout(StrEnum):
    """How the choices of a question are laid out."""

    WORDS = "words"
    """There are none: it is answered by words."""
    LIST = "list"
    BESIDE = "beside"
    """A few short ones, side by side."""
    TILES = "tiles"
    """Numbers, in rows."""
    CHECKS = "checks"
    """Boxes to tick, with a button that sends them."""
    SCALE = "scale"
    """Steps from one end to the other, of which one is marked and sent."""
    DAY = "day"
    """A field for a day, with a button that sends it."""


class ChoiceView(NamedTuple):
    """A choice as a page shows it: `number` is what may be typed for it, None where none may."""

    label: str
    payload: str
    place: int
    number: int | None
    picked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerView:
    """How a question is answered on a page.

    `choices` are laid out as `layout` says, `others` are those beside a field or tiles, `controls` are Skip and the
    like. `whole` is the payload that names the whole question, '' where nothing does. `done` is what the button says
    that sends boxes. `most` is how many may be ticked, None for all. `day` is what stands in the field for a day.
    """

    layout: AnswerLayout
    choices: tuple[ChoiceView, ...] = ()
    others: tuple[ChoiceView, ...] = ()
    controls: tuple[ChoiceView, ...] = ()
    whole: str = ""
    done: str = ""
    most: int | None = None
    day: str = ""


def answer_view(question: OpenQuestion, draft: AnswerDraft = NO_DRAFT) -> AnswerView:
    """Return how an open question is answered, with what a draft of its answer ticked or marked.

    Without a number to name the question by there is nothing to tap.
    """
    prompt = question.prompt
    if question.conversation is None or prompt.ask is None:
        return AnswerView(layout=AnswerLayout.WORDS)
    whole = button_payload(question.conversation, prompt.ask)
    is_drafted = draft.question == whole
    ticked = draft.picks if is_drafted else None
    every = _every_choice(prompt, question.conversation, draft.step, ticked)
    choices = tuple(one for one in every if not prompt.options[one.place].control)
    controls = tuple(one for one in every if prompt.options[one.place].control)
    layout, first = _layout(prompt, choices)
    is_checks = layout is AnswerLayout.CHECKS
    return AnswerView(
        layout=layout,
        choices=choices[:first],
        others=choices[first:],
        controls=controls[:-1] if is_checks else controls,
        whole=whole,
        done=controls[-1].label if is_checks else "",
        most=prompt.max_picks,
        day=draft.day if is_drafted else "",
    )


def _every_choice(
    prompt: Prompt, conversation: int, step: str, ticked: frozenset[int] | None
) -> list[ChoiceView]:
    """Return the choices and controls of a question: picked is the step with this payload, and what is `ticked`.

    With None for the latter it is what the prompt shows as picked.
    """
    assert prompt.ask is not None
    is_numbered = prompt.numbered and sum(not option.control for option in prompt.options) > 1
    every = []
    for place, option in enumerate(prompt.options):
        payload = button_payload(conversation, prompt.ask, place)
        number = place + 1 if is_numbered and not option.control else None
        is_ticked = option.picked if ticked is None else place in ticked
        every.append(ChoiceView(option.label, payload, place, number, payload == step or is_ticked))
    return every


def _layout(prompt: Prompt, choices: Sequence[ChoiceView]) -> tuple[AnswerLayout, int]:
    """Return how choices are laid out, and how many of them are: the others stand below."""
    match prompt.kind:
        case PromptKind.SELECT_MANY if choices and prompt.options[-1].control:
            return AnswerLayout.CHECKS, len(choices)
        case PromptKind.SCALE if choices:
            return AnswerLayout.SCALE, len(choices)
        case PromptKind.DATE:
            return AnswerLayout.DAY, 0
        case PromptKind.NUMBER:
            numbers = sum(1 for _ in takewhile(lambda one: one.label.isdecimal(), choices))
            if numbers >= FEWEST_TILES:
                return AnswerLayout.TILES, numbers
            return _listed(choices), len(choices)
        case (
            PromptKind.SAY
            | PromptKind.SELECT_ONE
            | PromptKind.SELECT_MANY
            | PromptKind.SCALE
            | PromptKind.TEXT
            | PromptKind.CONSENT
            | PromptKind.CONFIRM
        ):
            return _listed(choices), len(choices)
        case _:
            assert_never(prompt.kind)


def _listed(choices: Sequence[ChoiceView]) -> AnswerLayout:
    if not choices:
        return AnswerLayout.WORDS
    is_short = len(choices) <= MOST_BESIDE and all(len(one.label) <= SHORT_LABEL for one in choices)
    return AnswerLayout.BESIDE if is_short else AnswerLayout.LIST


def offers_skip(question: OpenQuestion) -> bool:
    """Return whether a question has a button of its own that skips it."""
    skip = say(Sentence.BUTTON_SKIP, question.prompt.language)
    return any(option.control and option.label == skip for option in question.prompt.options)


class MessageView(NamedTuple):
    """A message of the history: `day` is what its day is called where a new one begins with it, '' elsewhere.

    `time` is '' where the next message is by the same author in the same minute. `is_news` says that all from here on
    is new to its reader. `given` is the day that its writer gave, in words, '' for none.
    """

    message: PageMessage
    day: str
    time: str
    is_news: bool
    given: str = ""


def history_view(messages: Sequence[PageMessage], news: int, language: str) -> Iterator[MessageView]:
    """Yield the messages of a history with their days and times in words; `news` is the place of the first new one."""
    locale = babel_name(language)
    times = ["" if one.at is None else str(format_time(one.at, "short", locale=locale)) for one in messages]
    days = [None if one.at is None else one.at.date() for one in messages]
    known: date | None = None
    for place, message in enumerate(messages):
        day = days[place]
        is_last = place + 1 == len(messages) or not (
            messages[place + 1].author is message.author
            and (days[place + 1], times[place + 1]) == (day, times[place])
        )
        yield MessageView(
            message,
            day_with_weekday(day, language) if day is not None and day != known else "",
            times[place] if is_last else "",
            place == news,
            "" if message.day is None else day_with_weekday(message.day, language),
        )
        known = day or known


class TextPart(NamedTuple):
    """A piece of a line: `link` is where it leads, '' for nowhere."""

    text: str
    link: str = ""


def paragraphs(text: str, *, links: bool = False, telephones: bool = False) -> list[list[list[TextPart]]]:
    """Split a text into paragraphs, each of them lines, each of them pieces.

    With `links` addresses of web pages lead there, and with `telephones` numbers are called: for our own words only.
    """
    parts = [part for part in re.split(r"\n[ \t]*\n\s*", text.strip()) if part]
    return [
        [list(_pieces(line, links=links, telephones=telephones)) for line in part.split("\n")]
        for part in parts
    ]


_LINK = r"https://[^\s<>\"\u201c\u201d\u2068\u2069]*[^\s<>\"\u201c\u201d\u2068\u2069.,;:!?)]"
_TELEPHONE = r"(?<![\w/.,:-])\+?[0-9][0-9 \u00a0()-]*[0-9](?![\w/.,:-]*[\w/])"
_WANTED = re.compile(rf"(?P<link>{_LINK})|(?P<telephone>{_TELEPHONE})")
SHORTEST_TELEPHONE: Final = 3
SHORTEST_WITH_HYPHEN: Final = 7
"""Digits of a telephone number: of one with a hyphen more, since hours are written so too."""


def _pieces(line: str, *, links: bool, telephones: bool) -> Iterator[TextPart]:
    """Yield the pieces of a line in order; together they are the line."""
    end = 0
    for found in _WANTED.finditer(line) if links or telephones else ():
        words = found.group()
        leads_to = _leads_to(words) if telephones and found.lastgroup == "telephone" else ""
        if links and found.lastgroup == "link":
            leads_to = words
        if leads_to:
            if found.start() > end:
                yield TextPart(line[end : found.start()])
            yield TextPart(words, leads_to)
            end = found.end()
    if end < len(line) or not line:
        yield TextPart(line[end:])


def _leads_to(number: str) -> str:
    """Return how a browser calls a telephone number; '' for what is none."""
    digits = re.sub(r"[^0-9]", "", number)
    fewest = SHORTEST_WITH_HYPHEN if "-" in number else SHORTEST_TELEPHONE
    return f"tel:{'+' if number.startswith('+') else ''}{digits}" if len(digits) >= fewest else ""


def minutes_in_words(minutes: int, language: str) -> str:
    """Write a number of minutes: '10 minutes'."""
    return format_timedelta(
        timedelta(minutes=minutes), granularity="minute", threshold=_NEVER_HOURS, locale=babel_name(language)
    )


_NEVER_HOURS: Final = 10_000
"""Babel names a span by the largest unit of which there are so many."""
