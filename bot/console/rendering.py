"""Make the HTML of the console out of plain data, with everything that anybody wrote escaped.

Its sentences are marked for gettext in the templates (`_`), English first, and said in the language of whoever reads.
So are moments, in their zone, which every one names, and numbers.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from babel.dates import format_skeleton, format_time, format_timedelta, get_day_names
from babel.numbers import format_decimal
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from bot.console.done import DONE
from bot.console.languages.act_words import DOERS
from bot.console.languages.marks import noted
from bot.console.languages.page_words import PageWords
from bot.console.permissions import Permission
from flows.program.weekdays import Weekday
from flows.schedule.local_time import local
from flows.text.templates import babel_name, is_right_to_left, short_day
from flows.text.terminal_text import visible

if TYPE_CHECKING:
    from bot.console.visit import ConsoleVisit

_TEMPLATES: Final = Path(__file__).parent / "templates"
_ASSETS: Final = {
    "style": ("console.css", "text/css; charset=utf-8"),
    "script": ("console.js", "text/javascript; charset=utf-8"),
    "icon": ("console.svg", "image/svg+xml"),
}
"""What a template calls an asset, with its file and its type."""
_SOON: Final = timedelta(hours=36)
_AN_HOUR: Final = timedelta(hours=1)
_NOW: Final = noted("now")
_NEVER: Final = 1e9
"""Babel goes on to the next larger unit at this many; we say when."""


@dataclass(frozen=True, slots=True)
class ConsoleAsset:
    """A file that pages ask for; its path changes with what is in it."""

    path: str
    content: bytes
    media_type: str


@cache
def assets() -> Mapping[str, ConsoleAsset]:
    """Return the assets by what the templates call them."""
    return {name: _asset(*file) for name, file in _ASSETS.items()}


def _asset(file: str, media_type: str) -> ConsoleAsset:
    content = (_TEMPLATES / file).read_bytes()
    stem, _, ending = file.partition(".")
    return ConsoleAsset(
        f"/team/assets/{stem}-{hashlib.sha256(content).hexdigest()[:12]}.{ending}", content, media_type
    )


def prepare(language: str) -> None:
    """Read what the pages say in a language, which takes some tenths of a second the first time."""
    _environment(language)
    PageWords(language).say(_NOW)


def render(template: str, *, visit: "ConsoleVisit", **shown: Any) -> str:
    """Return the page of a template for whoever is at the other end of `visit`."""
    return _environment(visit.language).get_template(template).render(visit=visit, now=visit.now, **shown)


@cache
def _environment(language: str) -> Environment:
    """Return the environment of the templates in a language.

    Each template is read once, and a name that is missing is an error.
    """
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        finalize=_readable,
        extensions=["jinja2.ext.i18n"],
    )
    says = PageWords(language)
    made.install_gettext_callables(  # type: ignore[attr-defined]
        says.gettext, says.ngettext, newstyle=True, pgettext=says.pgettext, npgettext=says.npgettext
    )
    made.globals.update(
        {
            "Permission": Permission,
            "DONE": DONE,
            "DOERS": DOERS,
            "language": language,
            "direction": "rtl" if is_right_to_left(language) else "ltr",
            "assets": {name: one.path for name, one in assets().items()},
        }
    )
    locale = babel_name(language)
    made.filters.update(
        {
            "moment": pass_context(partial(_moment, locale=locale)),
            "there": partial(_there, locale=locale),
            "ago": pass_context(partial(_ago, says=says)),
            "day": partial(_day, locale=locale),
            "weekday": partial(_weekday, locale=locale),
            "number": partial(format_decimal, locale=locale),
            "named": says.name,
            "words": _words,
        }
    )
    return made


def _readable(value: Any) -> Any:
    """Return what stands in a page: of words, signs that cannot be seen or turn the direction are written out."""
    return visible(value) if type(value) is str else value


def _moment(context: Context, at: datetime | None, *, locale: str, to_second: bool = False) -> Markup:
    """Return a moment as `Sat, 28 Nov 2026, 14:05 CET`, in the zone of whoever is signed in; a dash for None.

    With `to_second` it is told to the second.
    """
    if at is None:
        return Markup("&ndash;")
    visit = context["visit"]
    zone = "UTC" if visit.member is None else visit.member.coordinator.timezone
    there = local(at, zone)
    day = format_skeleton("yMMMEd", there.replace(tzinfo=UTC), locale=locale)
    hour = format_time(there, "HH:mm:ss" if to_second else "HH:mm", tzinfo=there.tzinfo, locale=locale)
    told = f"{day}, {hour} {there:%Z}"
    return Markup('<time datetime="{}">{}</time>').format(at.astimezone(UTC).isoformat(), told)


def _there(at: datetime, zone: str, *, locale: str) -> Markup:
    """Return a moment by the clock of a zone, as `Sat, 28 Nov, 14:05`; which zone that is stands beside it."""
    there = local(at, zone)
    day = format_skeleton("MMMEd", there.replace(tzinfo=UTC), locale=locale)
    hour = format_time(there, "HH:mm", tzinfo=there.tzinfo, locale=locale)
    return Markup('<time datetime="{}">{}</time>').format(there.isoformat(), f"{day}, {hour}")


def _ago(context: Context, at: datetime, *, says: PageWords) -> str:
    """Return how far a moment is from now, in the largest unit that fits: `3 hours ago`, `in 2 days`."""
    apart: timedelta = at - context["now"]
    if abs(apart) < timedelta(minutes=1):
        return says.say(_NOW)
    unit: Literal["minute", "hour", "day"] = (
        "minute" if abs(apart) < _AN_HOUR else "hour" if abs(apart) < _SOON else "day"
    )
    return format_timedelta(
        apart, unit, threshold=_NEVER, add_direction=True, locale=babel_name(says.language)
    )


def _day(day: date, *, locale: str) -> str:
    """Return a day as `28 Nov 2026`."""
    return short_day(day, locale)


def _weekday(day: Weekday, *, locale: str) -> str:
    """Return a day of the week in short: `Mon`."""
    return str(get_day_names("abbreviated", locale=locale)[list(Weekday).index(day)])


def _words(text: str) -> Markup:
    """Return what somebody wrote, line by line; signs that cannot be seen, or turn its direction, are named."""
    lines = [Markup.escape(visible(line)) for line in text.split("\n")]
    return Markup("<br>").join(lines)
