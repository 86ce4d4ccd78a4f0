"""What the tables of involvement and of safety must say, counted from the notes of made-up people and of their team."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.support.oracle_notes import NotedCase, NotedPerson, NotedTalk
from tests.support.oracle_report import listed
from tests.support.oracle_response import Notes, Rows

TELLS_OF = {"aim": None, "methods": "f4", "results": "f5", "discussion": "f5_more", "reflections": "f7"}
"""Which question asks for what stands under each heading of the GRIPP2 short form; no question asks for the aim."""
POINTS = ("b3", "b3_more", "b4")
"""Where reviewers say what they want changed."""
PASSED_ON = {"sent", "acknowledged"}
STATUSES = ("new", "reviewing", "sent", "acknowledged", "not_an_event", "cleared")
KINDS = ("adverse_event", "product_complaint", "distress")
LONDON = ZoneInfo("Europe/London")
BANK_HOLIDAYS = {
    *(date(2026, 4, 3), date(2026, 4, 6), date(2026, 5, 4)),
    *(date(2026, 5, 25), date(2026, 8, 31), date(2026, 12, 25)),
}
"""Of England, in the half-year."""


def _submitted(notes: Notes) -> list[tuple[NotedPerson, NotedTalk]]:
    """The submissions that their authors finished and did not have deleted."""
    return [
        (person, talk)
        for person, talk in notes.kept_talks()
        if talk.flow == "best_practice" and talk.finished
    ]


def _words(talk: NotedTalk, key: str | None) -> str | None:
    """What was written at a question; None where nothing was, or that there is nothing to tell."""
    given = talk.gave(key) if key else None
    return None if given is None or given.skipped or given.codes else given.words


def gripp2(notes: Notes) -> Rows:
    """`outcomes.gripp2`, without what is asked."""
    submitted = _submitted(notes)
    authors = len({id(person) for person, _ in submitted})
    return {
        (heading,): (
            len(submitted),
            key and (sum(_words(talk, key) is not None for _, talk in submitted), len(submitted), authors),
        )
        for heading, key in TELLS_OF.items()
    }


def gripp2_words(notes: Notes) -> Rows:
    """`outcomes.gripp2_words`, but for the number of each submission."""
    return listed(
        (heading, person.activity, words)
        for person, talk in _submitted(notes)
        for heading, key in TELLS_OF.items()
        if (words := _words(talk, key)) is not None
    )


def involvement(notes: Notes) -> Rows:
    """`outcomes.involvement`."""
    submitted = _submitted(notes)
    authors = len({id(person) for person, _ in submitted})
    picked = [given.codes for _, talk in submitted if (given := talk.gave("f2"))]
    counts = Counter(code for codes in picked for code in codes)
    return {(code,): ((number, len(submitted), authors),) for code, number in counts.items()}


def patients(notes: Notes) -> Rows:
    """`outcomes.patients`."""
    flows = {
        "interviewed": "patient_interview",
        "asked_again": "patient_follow_up",
        "reviewed": "content_review",
        "cosigned": "best_practice_cosign",
    }
    return {
        (part,): tuple(
            sum(
                person.role == role and any(talk.finished for talk in person.of_flow(flow))
                for person in notes.people
            )
            for role in ("patient", "carer")
        )
        for part, flow in flows.items()
    }


def points(notes: Notes) -> Rows:
    """`outcomes.points`: of patients and carers, whoever else reviews."""
    found: dict[str, list[int]] = defaultdict(list)
    for person, talk in notes.kept_talks():
        if talk.flow == "content_review" and talk.finished and person.role in {"patient", "carer"}:
            for key in POINTS:
                if _words(talk, key) is not None:
                    found[person.decisions.get(key, "open")].append(id(person))
    return {(one,): (len(found[one]), len(set(found[one]))) for one in ("used", "partly", "not_used", "open")}


# Safety.


def kept_cases(notes: Notes) -> list[NotedCase]:
    """The cases that are there: those of whoever had all deleted only where they were passed on before."""
    return [
        case
        for person in notes.people
        for case in person.cases
        if not person.erased or case.status in PASSED_ON
    ]


def safety(notes: Notes) -> Rows:
    """`outcomes.safety`."""
    kept = kept_cases(notes)
    first = min(person.opened_at for person in notes.people if person.opened_at is not None)
    rows: Rows = {}
    for kind in KINDS:
        cases = [case for case in kept if case.kind == kind]
        rows[kind, "(all)"] = _counts(cases, notes.end)
        for month in _months(first, notes.end):
            mine = [case for case in cases if f"{case.at.astimezone(UTC):%Y-%m}" == month]
            rows[kind, month] = _counts(mine, notes.end)
    return rows


def _counts(cases: list[NotedCase], end: datetime) -> tuple[int, ...]:
    statuses = Counter(case.status for case in cases)
    in_time = sum(case.settled_at is not None and case.settled_at <= due_at(case.at) for case in cases)
    late = sum(case.settled_at is not None and case.settled_at > due_at(case.at) for case in cases)
    overdue = sum(case.settled_at is None and due_at(case.at) <= end for case in cases)
    return (len(cases), *(statuses[status] for status in STATUSES), in_time, late, overdue)


def due_at(told: datetime) -> datetime:
    """The same hour of the next business day in England."""
    local = told.astimezone(LONDON) + timedelta(days=1)
    while local.weekday() > 4 or local.date() in BANK_HOLIDAYS:
        local += timedelta(days=1)
    return local.astimezone(UTC)


def _months(first: datetime, last: datetime) -> Iterator[str]:
    for number in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        yield f"{number // 12}-{number % 12 + 1:02}"
