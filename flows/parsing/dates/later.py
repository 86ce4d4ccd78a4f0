"""Read when to come back: one of the times that are offered, or a day."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Final

from flows.i18n.say import Sentence, say
from flows.parsing.answers import ReadReply, UnreadReply, courteously
from flows.parsing.choices import ChoiceText, exact_choice, find_choice
from flows.parsing.dates.days import find_date
from flows.parsing.vocabulary import languages
from flows.schedule.local_time import MORNING, LaterName, LaterOption, at_local, later_options, local
from flows.text.emoji import signs_in, without_emoji

LATER_LABELS: Final[Mapping[LaterName, Sentence]] = MappingProxyType(
    {
        LaterName.EVENING: Sentence.LATER_EVENING,
        LaterName.TOMORROW: Sentence.LATER_TOMORROW,
        LaterName.NEXT_WEEK: Sentence.LATER_NEXT_WEEK,
    }
)
"""What the times to come back are called."""

LONGEST_SNOOZE: Final = timedelta(days=60)
"""A pause longer than two months is a mistyped date more often than a wish; whoever means it can say stop."""


@courteously
def read_later(text: str, *, now: datetime, zone: str, language: str) -> ReadReply | UnreadReply:
    """Read when to come back: one of `flows.schedule.local_time.later_options`, or a day, which means its morning.

    The value is an aware moment in UTC, after now and at most `LONGEST_SNOOZE` ahead; anything else is an
    `UnreadReply`.
    """
    options = later_options(now, zone)
    labels = tuple(ChoiceText(option.name, say(LATER_LABELS[option.name], language)) for option in options)
    words = "" if signs_in(text).no else without_emoji(text)
    picked = find_choice(text, labels, language) or exact_choice(words, _in_all_languages(options))
    if picked is not None:
        return ReadReply(next(option.at for option in options if option.name == picked.code))
    day = find_date(words, local(now, zone).date(), language)
    if not isinstance(day, date):
        return UnreadReply(Sentence.UNREAD_LATER)
    at = at_local(day, MORNING, zone)
    return ReadReply(at) if now < at <= now + LONGEST_SNOOZE else UnreadReply(Sentence.UNREAD_LATER)


def _in_all_languages(options: Iterable[LaterOption]) -> tuple[ChoiceText, ...]:
    """Return the offered times as choices whose aliases are their labels in every language."""
    return tuple(
        ChoiceText(
            option.name, "", aliases=tuple(say(LATER_LABELS[option.name], each) for each in languages())
        )
        for option in options
    )
