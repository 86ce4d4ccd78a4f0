"""Make the HTML of the console out of plain data, with everything that anybody wrote escaped.

Its sentences are marked for gettext in the templates (`_`), English first. Moments are shown in the zone of whoever
reads, which every one names.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from gettext import NullTranslations
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from bot.console.done import DONE
from bot.console.permissions import Permission
from flows.schedule.local_time import local
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


def render(template: str, *, visit: "ConsoleVisit", **shown: Any) -> str:
    """Return the page of a template for whoever is at the other end of `visit`."""
    return _environment().get_template(template).render(visit=visit, now=visit.now, **shown)


@cache
def _environment() -> Environment:
    """Return the environment of the templates: each is read once, and a name that is missing is an error."""
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
    made.install_gettext_translations(NullTranslations(), newstyle=True)  # type: ignore[attr-defined]
    made.globals.update(
        {
            "Permission": Permission,
            "DONE": DONE,
            "assets": {name: one.path for name, one in assets().items()},
        }
    )
    made.filters.update({"moment": _moment, "ago": _ago, "words": _words, "number": _number})
    return made


def _readable(value: Any) -> Any:
    """Return what stands in a page: of words, signs that cannot be seen or turn the direction are written out."""
    return visible(value) if type(value) is str else value


@pass_context
def _moment(context: Context, at: datetime | None) -> Markup:
    """Return a moment as `Sat 28 Nov 2026, 14:05 CET`, in the zone of whoever is signed in; a dash for None."""
    if at is None:
        return Markup("&ndash;")
    visit = context["visit"]
    zone = "UTC" if visit.member is None else visit.member.coordinator.timezone
    there = local(at, zone)
    told = f"{there:%a} {there.day} {there:%b %Y, %H:%M %Z}"
    return Markup('<time datetime="{}">{}</time>').format(at.astimezone(UTC).isoformat(), told)


@pass_context
def _ago(context: Context, at: datetime) -> str:
    """Return how far a moment is from now, in the largest unit that fits: `3 h ago`, `in 2 days`."""
    apart = context["now"] - at
    minutes = int(abs(apart).total_seconds() // 60)
    if minutes < 1:
        return "now"
    if minutes < 60:  # noqa: PLR2004 - minutes of an hour
        told = f"{minutes} min"
    elif abs(apart) < _SOON:
        told = f"{minutes // 60} h"
    else:
        told = f"{minutes // (24 * 60)} days"
    return f"{told} ago" if apart > timedelta(0) else f"in {told}"


def _words(text: str) -> Markup:
    """Return what somebody wrote, line by line; signs that cannot be seen, or turn its direction, are named."""
    lines = [Markup.escape(visible(line)) for line in text.split("\n")]
    return Markup("<br>").join(lines)


def _number(value: int) -> str:
    """Return a whole number with a thin space between thousands."""
    return f"{value:,}".replace(",", "\u202f")
