"""One request of somebody who is signed in: what they may do, what they posted, and how a page is made for them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any, TypeVar

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.channels.page_languages import wished
from bot.clock import Clock
from bot.console import cookies
from bot.console.access.account_provider import AccountProvider
from bot.console.access.device_names import device_name
from bot.console.forms import FormFields
from bot.console.jobs import JobRunner
from bot.console.languages.page_words import PageWords
from bot.console.navigation import NAVIGATION
from bot.console.options import ConsoleConfig
from bot.console.permissions import Permission, programs_with
from bot.console.presence import OpenPages, OpenPresence, OpenThing
from bot.console.rendering import render
from bot.console.unread_queue import UnreadQueues
from bot.health.watch import HealthWatch
from bot.settings.settings import Settings
from bot.turns.runtime import Runtime
from storage.database.connection import Database
from storage.people.coordinators import CoordinatorRecord
from storage.programs import programs
from storage.reports.paused_programs import PausedProgram
from storage.team import sessions
from storage.team.sessions import TeamMember

T = TypeVar("T")

TEAM_PATH = "/team"
"""Where the console begins; every path of its pages stands below."""


class PageRefused(Exception):
    """A page is not to be had: not there, or not for this member. It is answered by a notice of that status."""

    def __init__(self, status: HTTPStatus, what: str, **fields: object) -> None:
        """Say what is refused, in a sentence for the member whose `%(name)s` are the `fields`.

        The sentence is translated where it is shown, so that it stands as it is where this is raised, or in a name
        that was `noted`.
        """
        super().__init__(what)
        self.status, self.what, self.fields = status, what, fields


@dataclass(frozen=True, slots=True)
class ConsoleParts:
    """What the pages stand on: the same parts as those of the bot that runs."""

    database: Database
    clock: Clock
    settings: Settings
    runtime: Runtime
    config: ConsoleConfig
    health: HealthWatch | None = None
    jobs: JobRunner | None = None
    """None where nothing can be run beside the bot, as in tests."""
    provider: AccountProvider | None = None
    """Who is asked for accounts of the organisation; None where the settings name nobody."""


@dataclass(slots=True)
class ConsoleVisit:
    """A request, whose it is, and what belongs to it. `member` is None, and `secret` '', on the pages of signing in."""

    request: Request
    parts: ConsoleParts
    queues: UnreadQueues
    now: datetime
    client: str
    member: TeamMember | None = None
    secret: str = ""
    form: FormFields = field(default_factory=FormFields)
    offered: Mapping[str, "ConsolePage"] = field(default_factory=dict)
    """The pages that are shown, by their paths below `/team`."""
    open_pages: OpenPages = field(default_factory=OpenPages)
    paused: tuple[PausedProgram, ...] = ()
    """The programs of theirs of which nothing goes out, as every page says."""

    @property
    def coordinator(self) -> CoordinatorRecord:
        """Return who is signed in."""
        assert self.member is not None
        return self.member.coordinator

    # In which language it is answered

    @property
    def language(self) -> str:
        """Return the language of the pages: what the member chose, else that of their app, else of their browser."""
        header = self.request.headers.get("accept-language", "")
        chosen = () if self.member is None else self.member.coordinator.wishes
        return self.parts.runtime.localizations.paged((*chosen, *wished(header)))

    @property
    def language_of_alerts(self) -> str:
        """Return the language of what stands in the pages as it does in alerts: English where those have another."""
        return self.parts.runtime.localizations.told((self.language,))

    def say(self, sentence: str, **fields: object) -> str:
        """Return a sentence that was noted in the language of the pages, as plain text with its fields filled in."""
        return PageWords(self.language).say(sentence, fields)

    @property
    def device(self) -> str:
        """Return the short name of the browser and its system, as `Firefox on Windows`; '' for unknown."""
        return device_name(self.request.headers.get("user-agent", ""))

    # What is kept

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Return what `work` reads in a snapshot of the database."""
        return await self.parts.database.read(work)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Return what `work` returns, once what it wrote is committed."""
        return await self.parts.database.write(work)

    # Who else is there

    async def open_with(self, thing: OpenThing) -> tuple[OpenPresence, ...]:
        """Note that the member has something open, and return who else has: whose sessions go on."""
        assert self.member is not None
        self.open_pages.note(thing, self.member.session_id, self.coordinator.code, self.now)
        others = self.open_pages.others(thing, self.coordinator.code, self.now)
        if not others:
            return ()
        going_on = {one.id for one in await self.read(lambda c: sessions.going_on(c, self.now))}
        self.open_pages.forget({one.session_id for one in others} - going_on)
        return self.open_pages.others(thing, self.coordinator.code, self.now)

    # What they may do

    def may(self, permission: Permission, program: str | None = None) -> bool:
        """Return whether the member may do something, in a program or (None) anywhere."""
        if self.member is None:
            return False
        allowed = programs_with(self.member.roles, permission)
        if allowed is None:
            return True
        return bool(allowed) if program is None else program in allowed

    def may_in(self, permission: Permission, program: str | None) -> bool:
        """Return whether the member may do something in a program, or (None) in all."""
        allowed = frozenset[str]() if self.member is None else programs_with(self.member.roles, permission)
        return allowed is None or (program is not None and program in allowed)

    def may_everywhere(self, permission: Permission) -> bool:
        """Return whether the member may do something in all programs, also those to come."""
        return self.may_in(permission, None)

    def may_open(self, page: "ConsolePage") -> bool:
        """Return whether the member's roles include a page, whatever it is about."""
        if page.needs is None:
            return self.member is not None
        return self.may_everywhere(page.needs) if page.everywhere else self.may(page.needs)

    def require(self, permission: Permission, program: str | None = None) -> None:
        """Check that the member may do something, in a program or (None) in all.

        Raises:
            PageRefused: they may not.
        """
        if not self.may_in(permission, program):
            raise PageRefused(HTTPStatus.FORBIDDEN, "Your role does not include this.")

    async def programs(self, permission: Permission) -> tuple[str, ...]:
        """Return the short names of the loaded programs in which the member may do something, in their order."""
        loaded = await self.read(programs.list_all)
        allowed = frozenset[str]() if self.member is None else programs_with(self.member.roles, permission)
        return tuple(one.slug for one in loaded if allowed is None or one.slug in allowed)

    async def program(self, permission: Permission) -> str | None:
        """Return the program that the page is about, by its short name; None for all.

        It is the one that the query names; where it names none, all, or the only one in which the member may do this.

        Raises:
            PageRefused: the member may not do this in it, or there is no such program.
        """
        offered = await self.programs(permission)
        named = self.query("program")
        if named:
            if named not in offered:
                raise PageRefused(HTTPStatus.NOT_FOUND, "There is no such programme, or it is not yours.")
            return named
        assert self.member is not None
        if programs_with(self.member.roles, permission) is None:
            return None
        if not offered:
            raise PageRefused(HTTPStatus.FORBIDDEN, "Your role does not include this.")
        return offered[0]

    def query(self, name: str) -> str:
        """Return what the query of the address says under a name; '' for nothing."""
        return self.request.query_params.get(name, "").strip()

    def number(self, name: str, *, least: int = 1, default: int = 1) -> int:
        """Return a number of the query; `default` where there is none that could be meant."""
        text = self.query(name)
        return max(least, int(text)) if text.isascii() and text.isdecimal() and len(text) < 10 else default  # noqa: PLR2004 - digits

    # What is answered

    def page(self, template: str, status: HTTPStatus = HTTPStatus.OK, **shown: Any) -> Response:
        """Return a page made of a template, within the frame that all pages have."""
        body = render(
            template,
            visit=self,
            may=self.may,
            may_in=self.may_in,
            navigation=[one for one in NAVIGATION if self._leads_to(one.path)],
            mark=cookies.form_mark(self.secret) if self.secret else "",
            **shown,
        )
        return HTMLResponse(body, status)

    def _leads_to(self, path: str) -> bool:
        """Return whether there is a page at a path that the member may open."""
        return path in self.offered and self.may_open(self.offered[path])

    def notice(self, refused: PageRefused) -> Response:
        """Return the page that says what was refused."""
        what = self.say(refused.what, **refused.fields)
        return self.page("notice.html.jinja", refused.status, what=what)

    def to(self, path: str, done: str = "") -> Response:
        """Return a redirection to a page below `/team`, which tells what was done by its code (`Done`)."""
        said = f"{'&' if '?' in path else '?'}done={done}" if done else ""
        return RedirectResponse(f"{TEAM_PATH}{path}{said}", HTTPStatus.SEE_OTHER)


Answer = Callable[[ConsoleVisit], Awaitable[Response]]
"""Answers a request."""


@dataclass(frozen=True, slots=True)
class ConsolePage:
    """A page, or what a form of one posts to. `path` stands below `/team`, and may hold parts such as `{code}`.

    `needs` is what a member must be allowed to do in a program at least, or (`everywhere`) in all; None lets in whoever
    is signed in. Which program it is about is for the page to check.
    """

    method: str
    path: str
    needs: Permission | None
    answer: Answer
    most_bytes: int = 64_000
    """Of what is posted."""
    everywhere: bool = False
