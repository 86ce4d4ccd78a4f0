"""Safety cases: the queue by their clocks, a case with its words, and each step that can be taken with it."""

from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import Final

from sqlalchemy import Connection
from starlette.responses import Response

from bot.console.done import Done
from bot.console.languages.marks import noted
from bot.console.lists import PER_PAGE, list_page, offset_of
from bot.console.permissions import Permission
from bot.console.visit import ConsolePage, ConsoleVisit, PageRefused
from bot.team.clocks import clock_of
from storage.safety import case_lists, case_notes, case_workflow, cases, same_cases
from storage.safety.case_lists import CaseFilter
from storage.safety.case_text import read_case_text
from storage.safety.case_workflow import CaseAction, CaseDecision
from storage.safety.cases import Case
from storage.schema import SafetyKind, SafetyStatus

PATH: Final = "/safety"
_REPORT_STEPS: Final = (CaseAction.REVIEW, CaseAction.SENT, CaseAction.NOT_EVENT)
_DISTRESS_STEPS: Final = (CaseAction.REVIEW, CaseAction.CLEAR)

_CHANGED_BY: Final = noted(
    "%(who)s has changed this case since you opened it. Nothing was changed by you; look at it again."
)
_CHANGED: Final = noted(
    "Somebody has changed this case since you opened it. Nothing was changed by you; look at it again."
)


async def show_cases(visit: ConsoleVisit) -> Response:
    """Show the queue: open cases, or all, the one whose report is due first before the others. Nobody's words."""
    program = await visit.program(Permission.READ_WORDS)
    every, kind = visit.query("show") == "all", visit.query("kind")
    wanted = CaseFilter(
        None if program is None else [program],
        SafetyKind(kind) if kind in set(SafetyKind) else None,
        only_open=not every,
    )
    unconfirmed = replace(wanted, status=SafetyStatus.SENT)
    found = await visit.read(
        partial(case_lists.page_of_cases, wanted=wanted, limit=PER_PAGE, offset=offset_of(visit))
    )
    total = await visit.read(partial(case_lists.count_cases, wanted=wanted))
    return visit.page(
        "cases.html.jinja",
        here=PATH,
        cases=list_page(visit, found, total),
        unconfirmed=await visit.read(partial(case_lists.page_of_cases, wanted=unconfirmed, limit=PER_PAGE)),
        every=every,
        kind=wanted.kind,
        kinds=tuple(SafetyKind),
        clock=partial(_clock, visit),
        program=program,
        programs=await visit.programs(Permission.READ_WORDS),
    )


async def show_case(visit: ConsoleVisit) -> Response:
    """Show a case with its words, redacted, and the steps that can be taken. That it was shown is audited."""
    case = await _case(visit, Permission.READ_WORDS)
    said = await visit.write(partial(read_case_text, case=case, by=visit.coordinator.code, now=visit.now))
    return visit.page(
        "case.html.jinja",
        here=PATH,
        case=case,
        said=said,
        others=await visit.open_with(case.id),
        clock=partial(_clock, visit),
        steps=_steps(case) if visit.may(Permission.DECIDE_CASES, case.program) else (),
        stands=_stands(case),
        notes=case_notes.notes_of(case),
        may_note=case.is_open and visit.may(Permission.DECIDE_CASES, case.program),
        longest_note=case_notes.LONGEST,
    )


async def add_note(visit: ConsoleVisit) -> Response:
    """Add a note to a case, which stays open."""
    case, by, now = await _case(visit, Permission.DECIDE_CASES), visit.coordinator, visit.now
    text = visit.form.value("note")

    def work(connection: Connection) -> None:
        found = cases.find(connection, case.id)
        if found is None:
            raise PageRefused(HTTPStatus.CONFLICT, "There is no such case any more. Nothing was changed.")
        case_notes.add_note(connection, found, text, by=by, now=now)

    await visit.write(work)
    return visit.to(f"{PATH}/{case.id}", Done.NOTED)


async def take_step(visit: ConsoleVisit) -> Response:
    """Take a step with a case, unless somebody else changed it since the page was made."""
    case = await _case(visit, Permission.DECIDE_CASES)
    told, form = visit.form.value("step"), visit.form
    if told not in set(CaseAction):
        raise PageRefused(HTTPStatus.BAD_REQUEST, "There is no such step. Nothing was changed.")
    decision = CaseDecision(CaseAction(told), visit.coordinator, visit.now, form.value("reason"))
    same, runtime = form.value("same") == "yes", visit.parts.runtime

    def work(connection: Connection) -> None:
        now = cases.find(connection, case.id)
        if now is None or _stands(now) != form.value("stands"):
            if now is not None and now.owner:
                raise PageRefused(HTTPStatus.CONFLICT, _CHANGED_BY, who=now.owner)
            raise PageRefused(HTTPStatus.CONFLICT, _CHANGED)
        if same and decision.action is CaseAction.NOT_EVENT:
            same_cases.say_no_event(connection, now, decision)
            return
        done = case_workflow.act_on_case(connection, now, decision)
        if done.status is SafetyStatus.CLEARED:
            runtime.begin_waiting(connection, now.participant_id, now=visit.now)

    await visit.write(work)
    return visit.to(f"{PATH}/{case.id}", Done.CASE_CHANGED)


async def _case(visit: ConsoleVisit, permission: Permission) -> Case:
    """Return the case of the number in the address, if the member may do this in its program.

    Raises:
        PageRefused: there is none of it in a program that is theirs.
    """
    number = int(visit.request.path_params["number"])
    case = await visit.read(partial(cases.find, case_id=number))
    if case is None or not visit.may(permission, case.program):
        raise PageRefused(HTTPStatus.NOT_FOUND, "There is no such case in a programme of yours.")
    return case


def _steps(case: Case) -> tuple[CaseAction, ...]:
    """Return the steps that can be taken with a case as it is."""
    if case.status is SafetyStatus.SENT:
        return (CaseAction.ACKNOWLEDGED,)
    if not case.is_open:
        return ()
    steps = _DISTRESS_STEPS if case.kind is SafetyKind.DISTRESS else _REPORT_STEPS
    return steps if case.status is SafetyStatus.NEW else steps[1:]


def _stands(case: Case) -> str:
    """Return what tells whether a case is as it was: its status, its owner, and who spoke first."""
    return f"{case.status.value}.{case.owner or ''}.{case.first_word or ''}"


def _clock(visit: ConsoleVisit, case: Case) -> str:
    return clock_of(case, visit.now, visit.language_of_alerts)


PAGES: Final = (
    ConsolePage("GET", PATH, Permission.READ_WORDS, show_cases),
    ConsolePage("GET", f"{PATH}/{{number:int}}", Permission.READ_WORDS, show_case),
    ConsolePage("POST", f"{PATH}/{{number:int}}/note", Permission.DECIDE_CASES, add_note),
    ConsolePage("POST", f"{PATH}/{{number:int}}/step", Permission.DECIDE_CASES, take_step),
)
