"""What the tables of response must say, counted from the notes of made-up people and from nothing else."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

from tests.support.oracle_notes import NOT_RELEVANT, NotedPerson, NotedPlan, NotedReport, NotedTalk

Rows = dict[tuple[str, ...], tuple[Any, ...]]
WAVES = (30, 60, 90)
LATEST = "latest"
CLOSES = timedelta(days=14)
EXPIRES = timedelta(days=14)
LATE_ANSWERS = timedelta(days=90)
AWAY = timedelta(minutes=30)
DISPOSITIONS = (
    *("complete", "not_eligible", "under_way", "partial", "refusal", "break_off", "opened_only"),
    "unopened",
)


class Notes:
    """The notes of everybody, at the end of the time."""

    def __init__(self, people: Sequence[NotedPerson], end: datetime) -> None:
        self.people, self.end = people, end

    def talks(self) -> Iterator[tuple[NotedPerson, NotedTalk]]:
        """Each talk, with whose it is."""
        return ((person, talk) for person in self.people for talk in person.talks)

    def kept_talks(self) -> Iterator[tuple[NotedPerson, NotedTalk]]:
        """The talks of whom nothing was deleted."""
        return ((person, talk) for person, talk in self.talks() if not person.erased)

    def plans(self) -> Iterator[tuple[NotedPerson, NotedPlan]]:
        """Each confirmed plan, with whose it is."""
        return ((person, plan) for person in self.people for plan in person.plans if plan.confirmed)

    def is_over(self, person: NotedPerson, talk: NotedTalk) -> bool:
        """Whether a talk has ended: by its end, as somebody left, by silence, or since a later wave took its place."""
        if talk.closed or person.left_at is not None or self.taken_back(person, talk):
            return True
        last = max([talk.at, *(one.at for one in talk.given)])
        if talk.flow == "hcp_follow_up":
            replaced = any(other.at > talk.at for other in person.of_flow(talk.flow))
            return replaced or max(last + EXPIRES, talk.at + LATE_ANSWERS) <= self.end
        return last + EXPIRES <= self.end

    def taken_back(self, person: NotedPerson, talk: NotedTalk) -> bool:
        """Whether a talk ended since the author left whose submission it was about."""
        if (
            person.author is None
            or person.author.left_at is None
            or talk.closed
            or person.left_at is not None
        ):
            return False
        last = max([talk.at, *(one.at for one in talk.given)])
        return person.author.left_at < last + EXPIRES


def agreed(talk: NotedTalk | None) -> bool:
    """Whether somebody agreed to take part in this talk."""
    given = talk and next(filter(None, map(talk.gave, ("c0", "a01", "e0", "consent"))), None)
    return bool(given and given.codes[0] in {"Yes", "I agree"})


def kept_answers(person: NotedPerson, talk: NotedTalk | None) -> int:
    """How many answers of a talk are kept: none without a yes, and none of whoever had all deleted."""
    return len(talk.answers) if talk and agreed(talk) and not person.erased else 0


# From the link on.


def dispositions_of(notes: Notes) -> dict[int, str]:
    """What became of each person who was sent a link; of links for all, of who opened it."""
    lengths: dict[str, list[int]] = defaultdict(list)
    for person, talk in notes.kept_talks():
        if talk.finished and kept_answers(person, talk):
            lengths[talk.flow].append(len(talk.answers))
    halves = {flow: median(found) / 2 for flow, found in lengths.items()}
    found = {}
    for number, person in enumerate(notes.people):
        if person.opened_at is not None or person.single:
            found[number] = _disposition(notes, person, halves)
    return found


def _disposition(notes: Notes, person: NotedPerson, halves: Mapping[str, float]) -> str:  # noqa: PLR0911 - one line a code
    talk = person.first
    if person.opened_at is None:
        return "unopened"
    assert talk is not None
    answers = kept_answers(person, talk)
    if talk.finished:
        return "complete"
    if talk.closed in NOT_RELEVANT or notes.taken_back(person, talk):
        return "not_eligible"
    if not notes.is_over(person, talk):
        return "under_way"
    if answers and answers >= halves[person.flow]:
        return "partial"
    if person.left_at is not None or talk.closed == "declined":
        return "refusal"
    return "break_off" if answers else "opened_only"


def _by_link(notes: Notes) -> dict[tuple[str, ...], list[int]]:
    found = defaultdict(list)
    for number, person in enumerate(notes.people):
        found[person.activity, person.role, person.flow, person.source].append(number)
    return found


def links(notes: Notes) -> Rows:
    """`response.links`, but for when links were made."""
    rows = {}
    for key, numbers in _by_link(notes).items():
        people = [notes.people[number] for number in numbers]
        opened = [one for one in people if one.opened_at is not None]
        finished = [one for one in opened if one.first and one.first.finished]
        begun = sum(bool(one in finished or kept_answers(one, one.first)) for one in opened)
        ends = [one.first.closed_at for one in finished if one.first]
        rows[key] = (
            sum(one.single for one in people),
            int(not all(one.single for one in people)),
            *(len(opened), sum(agreed(one.first) for one in opened), begun, len(finished)),
            (len(finished), len(opened), len(opened)),
            *_first_and_last(one.opened_at for one in opened),
            *_first_and_last(ends),
        )
    return rows


def dispositions(notes: Notes) -> Rows:
    """`response.dispositions`, without its rates."""
    found, rows = dispositions_of(notes), {}
    for key, numbers in _by_link(notes).items():
        counted = Counter(found[number] for number in numbers if number in found)
        rows[key] = tuple(counted[code] for code in DISPOSITIONS)
    return rows


def _first_and_last(moments: Iterable[datetime | None]) -> tuple[str | None, str | None]:
    known = sorted(one for one in moments if one is not None)
    return (stamp(known[0]), stamp(known[-1])) if known else (None, None)


def stamp(at: datetime) -> str:
    """A moment to the second."""
    return f"{at:%Y-%m-%d %H:%M:%S}"


# Waves.


def wave_of(plan: NotedPlan, at: datetime) -> int:
    """At which wave of a plan something was asked."""
    return max((wave for wave in WAVES if at - plan.at >= timedelta(days=wave - 1)), default=0)


class Standing:
    """Where a plan stands at a wave: whether it was due, what was told, and whether in time."""

    def __init__(self, person: NotedPerson, plan: NotedPlan, wave: int) -> None:
        before = [one for one in plan.reports if wave_of(plan, one.asked_at) < wave]
        status = before[-1].status if before else ""
        self.settled = status == "dropped" or (status in {"full", "already"} and wave != WAVES[-1])
        mine = [one for one in plan.reports if wave_of(plan, one.asked_at) == wave]
        self.report: NotedReport | None = mine[-1] if mine else None
        self.asked = [
            talk
            for talk in person.of_flow("hcp_follow_up")
            if wave_of(plan, talk.at) == wave and not self.settled
        ]
        self.due = not self.settled
        self.in_time = self.report is not None and self.report.at <= self.report.asked_at + CLOSES
        self.late = self.report is not None and not self.in_time


def newest(plan: NotedPlan, wanted: Callable[[NotedReport], bool] = bool) -> NotedReport | None:
    """The newest report on a plan that fits."""
    found = [one for one in plan.reports if wanted(one)]
    return max(found, key=lambda one: one.at) if found else None


def waves(notes: Notes) -> Rows:
    """`response.waves`."""
    found: dict[tuple[str, ...], dict[str, Any]] = defaultdict(lambda: defaultdict(set))
    for person, plan in notes.plans():
        for wave in WAVES:
            row, standing = found[person.activity, person.role, person.source, str(wave)], None
            standing = Standing(person, plan, wave)
            for name, holds in (
                ("due", standing.due),
                ("asked", bool(standing.asked)),
                ("answered", standing.in_time),
                ("late", standing.late),
            ):
                if holds:
                    row[name].add(id(person))
            row["asked_at"].update(talk.at for talk in standing.asked)
            if standing.report is not None:
                row["answered_at"].add(standing.report.at)
    for person in notes.people:
        _add_later(notes, person, found)
    return {
        key: (
            *(len(row[name]) for name in ("due", "asked", "answered", "late")),
            (len(row["answered"]), len(row["due"]), len(row["answered"])),
            *_first_and_last(row["asked_at"]),
            _first_and_last(row["answered_at"])[1],
        )
        for key, row in found.items()
    }


def _add_later(notes: Notes, person: NotedPerson, found: dict[tuple[str, ...], dict[str, Any]]) -> None:
    """Add a patient whose interview was twelve weeks ago, whether they may be asked again or not."""
    first = person.first
    if person.flow != "patient_interview" or first is None or not first.finished:
        return
    assert first.closed_at is not None
    if first.closed_at + timedelta(weeks=12) > notes.end:
        return
    row = found["", person.role, person.source, "later"]
    row["due"].add(id(person))
    for talk in person.of_flow("patient_follow_up"):
        row["asked"].add(id(person))
        row["asked_at"].add(talk.at)
        given = [one.at for one in talk.answers]
        if given and not person.erased:
            row["answered"].add(id(person))
            row["answered_at"].add(min(given))


def reminders(notes: Notes) -> Rows:
    """`response.reminders`."""
    sent: dict[tuple[str, int], list[tuple[int, bool]]] = defaultdict(list)
    for person, talk in notes.talks():
        asides = {other.at for other in person.of_flow("commitment_reask")}
        contacts = sorted({one.at for one in talk.seen if one.by_us and one.at not in asides})
        kept = talk.flow == "hcp_follow_up" or agreed(talk)
        replies = [one.at for one in talk.given] if kept and not person.erased else []
        begun_by_us = bool(talk.seen and talk.seen[0].by_us)
        for place, (at, until) in enumerate(pairwise([*contacts, None])):
            came = any(at < reply and (until is None or reply <= until) for reply in replies)
            sent[talk.flow, place + (not begun_by_us)].append((id(person), came))
    reminded = {flow for flow, number in sent if number}
    return {
        (flow, str(number)): (
            len(found),
            sum(came for _, came in found),
            (sum(came for _, came in found), len(found), len({who for who, _ in found})),
        )
        for (flow, number), found in sent.items()
        if flow in reminded
    }


# Questions.


def questions(notes: Notes) -> Rows:
    """`response.questions`."""
    found: dict[tuple[str, ...], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for person, talk in notes.kept_talks():
        for key in {one.key for one in talk.seen}:
            found[talk.flow, key]["asked"].append(id(person))
        if talk.seen and talk.given and not talk.closed and notes.is_over(person, talk):
            found[talk.flow, talk.seen[-1].key]["broken_off"].append(id(person))
        for name in ("skipped", "unread"):
            for key in {one.key for one in talk.given if getattr(one, name)}:
                found[talk.flow, key][name].append(id(person))
        for key in talk.remarks:
            found[talk.flow, key]["remarks"].append(id(person))
    return {
        key: (
            len(row["asked"]),
            len(row["broken_off"]),
            (len(row["broken_off"]), len(row["asked"]), len(set(row["asked"]))),
            *(len(row[name]) for name in ("skipped", "unread", "remarks")),
        )
        for key, row in found.items()
        if any(row[name] for name in ("broken_off", "skipped", "unread", "remarks"))
    }


def minutes(notes: Notes) -> Rows:
    """`response.minutes`."""
    spent: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for _, talk in notes.kept_talks():
        if talk.finished and talk.given:
            moments = sorted([talk.seen[0].at, *(one.at for one in talk.given)])
            gaps = [later - earlier for earlier, later in pairwise(moments)]
            assert talk.closed_at is not None
            there = sum((gap for gap in gaps if gap <= AWAY), timedelta())
            spent[talk.flow].append(
                (there.total_seconds() / 60, (talk.closed_at - talk.at).total_seconds() / 60)
            )
    return {
        (flow,): (len(found), *(round(median(column), 1) for column in zip(*found, strict=True)))
        for flow, found in spent.items()
    }
