"""Who is of the team, what each may do, and where they are signed in; and a member's own page with the second step."""

import io
import re
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Final

import pyotp
import segno
from sqlalchemy import Connection
from starlette.responses import Response

from bot.channels.page_languages import language_name
from bot.console.access import recovery
from bot.console.access.codes import step_of_code
from bot.console.done import Done
from bot.console.pages import acts
from bot.console.permissions import OF_ROLE, Permission
from bot.console.visit import ConsolePage, ConsoleVisit, PageRefused
from storage.database import audit
from storage.people import coordinators
from storage.people.coordinators import CoordinatorRecord
from storage.programs import programs
from storage.reports.team_acts import TeamAct
from storage.schema import AuditKind, TeamRole
from storage.team import accounts, recovery_codes, roles, sessions, sign_in
from storage.team.roles import GivenRole

PATH: Final = "/members"
_ISSUER: Final = "Said & Done"
_SECRET: Final = re.compile(r"[A-Z2-7]{32}")
"""What a secret of a second step looks like as it is offered."""


async def show_members(visit: ConsoleVisit) -> Response:
    """Show the team with its roles, and the sessions that go on."""

    def read(
        connection: Connection,
    ) -> list[tuple[CoordinatorRecord, tuple[GivenRole, ...], datetime | None]]:
        return [
            (one, roles.roles_of(connection, one.id), roles.given_at(connection, one.id))
            for one in coordinators.list_all(connection)
        ]

    members = await visit.read(read)
    return visit.page(
        "members.html.jinja",
        here=PATH,
        members=members,
        given_by={one.code: await _roles_given_by(visit, one.code, at) for one, _, at in members},
        sessions=await visit.read(partial(sessions.going_on, now=visit.now)),
        roles=OF_ROLE,
        programs=[one.slug for one in await visit.read(programs.list_all)],
    )


async def _roles_given_by(visit: ConsoleVisit, code: str, at: datetime | None) -> str:
    """Return who gave a member the roles that they have since then; '' where it is not known."""
    given = await acts.done_by(visit, at, TeamAct.ROLES_GIVEN, coordinator=code)
    return given or await acts.done_by(visit, at, TeamAct.ENROLLED, coordinator=code)


async def set_roles(visit: ConsoleVisit) -> Response:
    """Give a member just the roles that are ticked: `safety`, or `safety:myeloma` for one program."""
    who = await _member_in(visit)
    known = {one.slug for one in await visit.read(programs.list_all)}
    given = []
    for told in visit.form.all("role"):
        one = GivenRole.of_name(told)
        if one is None or (one.program is not None and one.program not in known):
            raise PageRefused(HTTPStatus.BAD_REQUEST, "There is no such role. Nothing was changed.")
        given.append(one)

    def work(connection: Connection) -> None:
        before = roles.roles_of(connection, who.id)
        if " ".join(one.name for one in before) != visit.form.value("stands"):
            raise PageRefused(
                HTTPStatus.CONFLICT,
                "These roles were changed since you opened this page. Nothing was changed by you; look again.",
            )
        roles.give_roles(connection, who, given, visit.now)
        if GivenRole(TeamRole.ADMIN) in before and not roles.anyone_is(connection, TeamRole.ADMIN):
            raise PageRefused(
                HTTPStatus.CONFLICT, "Nobody would look after the team any more. Nothing was changed."
            )
        names = " ".join(one.name for one in given)
        _audit(connection, visit, command=f"roles {names}", coordinator=who.code)

    await visit.write(work)
    return visit.to(PATH, Done.ROLES_SET)


async def end_session(visit: ConsoleVisit) -> Response:
    """Sign somebody out in one of their browsers: oneself, or as an admin anybody."""
    number = int(visit.request.path_params["number"])
    going_on = await visit.read(partial(sessions.going_on, now=visit.now))
    found = next((one for one in going_on if one.id == number), None)
    is_theirs = found is not None and found.code == visit.coordinator.code
    if not is_theirs and not visit.may_everywhere(Permission.RUN_TEAM):
        found = None  # of whom it would be is not for them to know
    if found is None:
        raise PageRefused(HTTPStatus.NOT_FOUND, "That session has ended already, or there never was one.")
    whose = found.code

    def work(connection: Connection) -> None:
        if not sessions.end(connection, [number], visit.now):
            raise PageRefused(HTTPStatus.CONFLICT, "That session has ended meanwhile. Nothing was changed.")
        _audit(connection, visit, command="session ended", coordinator=whose)

    await visit.write(work)
    return visit.to(PATH if visit.may_everywhere(Permission.RUN_TEAM) else "/me", Done.SESSION_ENDED)


async def show_me(visit: ConsoleVisit) -> Response:
    """Show a member what they may do, where they are signed in, and their second step."""
    return await _own_page(visit)


async def _own_page(visit: ConsoleVisit, tried: str | None = None) -> Response:
    """Show a member's own page; `tried` is the secret to which a wrong code was given, None for none."""
    mine = await visit.read(partial(sign_in.second_step_of, coordinator_id=visit.coordinator.id))
    offered = (tried or pyotp.random_base32()) if mine is None else ""
    going_on = await visit.read(partial(sessions.going_on, now=visit.now))
    assert visit.member is not None
    return visit.page(
        "me.html.jinja",
        given=visit.member.roles,
        sessions=[one for one in going_on if one.code == visit.coordinator.code],
        this=visit.member.session_id,
        languages={one: language_name(one) for one in visit.parts.runtime.localizations.page_languages},
        has_step=mine is not None,
        codes_left=await visit.read(partial(recovery_codes.left, coordinator_id=visit.coordinator.id)),
        codes_made=recovery.AT_ONCE,
        offered=offered,
        picture=_picture(offered, visit.coordinator.code) if offered else "",
        is_wrong=tried is not None,
        is_sole_admin=await visit.read(partial(roles.is_sole_admin, coordinator_id=visit.coordinator.id)),
        is_connected=await visit.read(partial(accounts.is_connected, coordinator_id=visit.coordinator.id)),
    )


async def set_language(visit: ConsoleVisit) -> Response:
    """Set the language of a member's pages, and of what the bot tells them; '' goes by their chat and browser."""
    told, who = visit.form.value("language"), visit.coordinator
    if told and told not in visit.parts.runtime.localizations.page_languages:
        raise PageRefused(HTTPStatus.BAD_REQUEST, "There is no such language here. Nothing was changed.")
    await visit.write(partial(coordinators.set_language, coordinator=who, language=told or None))
    return visit.to("/me", Done.LANGUAGE_SET)


async def set_second_step(visit: ConsoleVisit) -> Response:
    """Set a member's second step, once its first code shows that their app has it, and show its recovery codes."""
    secret, told = visit.form.value("secret"), visit.form.value("code").replace(" ", "")
    step = _step(secret, told, visit.now.timestamp())
    if step is None:
        return await _own_page(visit, tried=secret if _SECRET.fullmatch(secret) else "")
    sealed = visit.parts.database.identity.seal(secret)
    assert visit.member is not None
    member = visit.member

    def work(connection: Connection) -> tuple[str, ...]:
        if sign_in.second_step_of(connection, member.coordinator.id) is not None:
            raise PageRefused(HTTPStatus.CONFLICT, "You have a second step. Nothing was changed.")
        sign_in.set_second_step(connection, member.coordinator, sealed, visit.now)
        sign_in.take_step(connection, member.coordinator.id, step)
        sessions.confirm(connection, member.session_id, visit.now)
        _audit(connection, visit, command="second step set", coordinator=member.coordinator.code)
        return recovery.make(connection, visit)

    return recovery.show(visit, await visit.write(work))


async def take_second_step_away(visit: ConsoleVisit) -> Response:
    """Take away the second step of a member who has lost their app: an admin does, not they themselves."""
    who = await _member_in(visit)
    if who.code == visit.coordinator.code:
        raise PageRefused(
            HTTPStatus.FORBIDDEN, "Somebody else takes your second step away. Nothing was changed."
        )

    def work(connection: Connection) -> None:
        if sign_in.second_step_of(connection, who.id) is None:
            raise PageRefused(
                HTTPStatus.CONFLICT, "%(who)s has no second step. Nothing was changed.", who=who.code
            )
        sign_in.set_second_step(connection, who, None, visit.now)
        _audit(connection, visit, command="second step taken away", coordinator=who.code)

    await visit.write(work)
    return visit.to(PATH, Done.STEP_TAKEN_AWAY)


def _step(secret: str, told: str, seconds: float) -> int | None:
    try:
        return step_of_code(secret, told, seconds)
    except ValueError:  # no base 32
        return None


async def _member_in(visit: ConsoleVisit) -> CoordinatorRecord:
    """Return the member whom the address names.

    Raises:
        PageRefused: there is none.
    """
    code = str(visit.request.path_params["code"])
    found = await visit.read(partial(coordinators.find_by_code, code=code))
    if found is None:
        raise PageRefused(HTTPStatus.NOT_FOUND, "There is nobody of that code in the team.")
    return found


def _picture(secret: str, code: str) -> str:
    """Return the QR code of a second step's secret, as SVG that stands in the page."""
    address = pyotp.TOTP(secret).provisioning_uri(name=code, issuer_name=_ISSUER)
    drawn = io.BytesIO()
    segno.make(address, micro=False).save(
        drawn, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=2
    )
    return drawn.getvalue().decode()


def _audit(connection: Connection, visit: ConsoleVisit, **details: str) -> None:
    audit.record(
        connection,
        AuditKind.SETTINGS,
        participant_id=None,
        now=visit.now,
        by=visit.coordinator.code,
        **details,
    )


PAGES: Final = (
    ConsolePage("GET", PATH, Permission.RUN_TEAM, show_members, everywhere=True),
    ConsolePage("POST", f"{PATH}/{{code}}/roles", Permission.RUN_TEAM, set_roles, everywhere=True),
    ConsolePage(
        "POST",
        f"{PATH}/{{code}}/second-step",
        Permission.RUN_TEAM,
        take_second_step_away,
        everywhere=True,
    ),
    ConsolePage("GET", "/me", None, show_me),
    ConsolePage("POST", "/me/language", None, set_language),
    ConsolePage("POST", "/me/second-step", None, set_second_step),
    ConsolePage("POST", "/sessions/{number:int}/end", None, end_session),
)
