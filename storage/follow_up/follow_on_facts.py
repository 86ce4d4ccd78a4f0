"""Gather what a follow-on conversation is told of the earlier one: read when its time has come, and never before."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, assert_never
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.i18n.localized_flow import Localizations
from flows.i18n.localized_program import peer_line
from flows.program.model import FollowOn, ProgramFile
from flows.script.facts import Facts
from flows.script.model import Block, Flow, SelectMany, Step
from storage.database.statements import TupleQuery
from storage.follow_up import cosignatures, follow_ons, loop_facts, picks, review_points
from storage.follow_up.commitment_facts import FACT_COLUMNS, CommitmentRow
from storage.follow_up.follow_ons import DueFollowOn, EarlierConversation
from storage.follow_up.picks import PickedThemes
from storage.programs import choice_marks, flow_versions
from storage.schema import ACTIVITY, COMMITMENT, PointDecision

MOST_PEERS = 3
"""How many of the most chosen commitments are told."""
MOST_BEHAVIOURS = 8
"""What fits beside 'none' and 'not sure' among ten boxes, which is as many as Slack shows."""


def gather(connection: Connection, due: DueFollowOn, localizations: Localizations, now: datetime) -> Facts:
    """Return the facts, by name, that the script of a follow-on conversation reads of the earlier one.

    Such are what the participant picked and committed to then, and what has changed since.
    """
    conversation, program, entry, zone = due.conversation, due.program, due.entry, due.zone
    baseline = _baseline(connection, conversation, entry, localizations)
    themes = picks.themes(connection, conversation, entry.items)
    points = _points(connection, conversation)
    return {
        "earlier": {
            "on": follow_ons.local_day(conversation.told_at, zone).isoformat(),
            "again": _comes_again(connection, conversation, entry, program),
            "points": len(points),
            "used": sum(point["decision"] != PointDecision.NOT_USED for point in points),
            "about": choice_marks.about(connection, conversation.participant_id, conversation.program_id),
        },
        "baseline": baseline,
        "behaviours": _behaviours(connection, conversation, program, themes),
        "commitments": _commitments(connection, conversation, zone),
        "peers": {"top": _peers(connection, conversation, program)},
        "changes": _changes(program, due.subjects, follow_ons.local_day(now, zone).isoformat()),
        "points": points,
        "cosign": cosignatures.answer_to(connection, conversation.id),
    }


def has_something_to_tell(connection: Connection, due: DueFollowOn, now: datetime) -> bool:
    """Return whether there is what a follow-on needs, by its program's file; True for one that needs nothing.

    Only that is read, so that nothing else is gathered for those who get nothing.
    """
    conversation = due.conversation
    match due.entry.needs:
        case None:
            return True
        case "points":
            return bool(_points(connection, conversation))
        case "changes":
            today = follow_ons.local_day(now, due.zone).isoformat()
            return bool(_changes(due.program, due.subjects, today))
        case "cosign":
            return bool(cosignatures.answer_to(connection, conversation.id))
        case "commitments":
            return bool(_commitments(connection, conversation, due.zone))
        case _:
            assert_never(due.entry.needs)


def _points(connection: Connection, conversation: EarlierConversation) -> list[dict[str, str]]:
    """Return what a review said, and what became of each point; those without a decision are left out."""
    found = (
        review_points.points(connection, conversation_id=conversation.id)
        if conversation.flow == review_points.FLOW
        else ()
    )
    return [
        {"text": one.text, "decision": one.decision.value, "reason": one.reason or ""}
        for one in found
        if one.decision is not None
    ]


def _comes_again(
    connection: Connection, conversation: EarlierConversation, entry: FollowOn, program: ProgramFile
) -> bool:
    """Return whether the same flow would follow on the conversation that begins now."""
    after = [one for one in program.follows if one.flow == entry.flow and one.after == entry.flow]
    return any(
        one.role in {None, conversation.role} and follow_ons.times(connection, conversation, one) < one.most
        for one in after
    )


def _baseline(
    connection: Connection, conversation: EarlierConversation, entry: FollowOn, localizations: Localizations
) -> list[dict[str, str]]:
    """Return what the participant picked, with the labels that they saw, in the language that they saw them in."""
    if entry.items is None:
        return []
    version = picks.asked_in(connection, conversation, entry.items)
    flow = None if version is None else flow_versions.load(connection, version)
    language = picks.seen_in(connection, conversation, entry.items)
    seen = flow if flow is None or language is None else localizations.localized(flow, language)
    labels = {} if seen is None else _labels(seen, entry.items)
    codes = picks.picked(connection, conversation, entry.items)
    return [{"code": code, "label": labels.get(code, code)} for code in codes]


def _labels(flow: Flow, question: str) -> dict[str, str]:
    for step in _steps(flow.steps):
        if isinstance(step, SelectMany) and step.key == question and isinstance(step.choices, tuple):
            return {choice.code: choice.label for choice in step.choices}
    return {}


def _steps(steps: Sequence[Step]) -> Iterator[Step]:
    for step in steps:
        yield step
        if isinstance(step, Block):
            yield from _steps(step.steps)


def _behaviours(
    connection: Connection, conversation: EarlierConversation, program: ProgramFile, themes: PickedThemes
) -> list[dict[str, Any]]:
    """Return what clinicians of this program committed to for these themes, in patients' words; each once.

    By theme alone and never one to one: patients are mostly not those clinicians' patients.
    """
    activities = _activities(connection, conversation.program_id)
    by_code: dict[str, dict[str, Any]] = {}
    seen: set[str] = set()
    for activity in program.activities:
        for one in activity.suggestions:
            asked = themes.has(one.theme) and one.patient_label not in {None, *seen}
            if asked and _is_committed_to(connection, activities.get(activity.slug), one.code):
                seen.add(one.patient_label or "")
                by_code[one.code] = {
                    "code": one.code,
                    "label": one.patient_label,
                    "theme": one.theme,
                    "activity": activity.slug,
                }
    return list(by_code.values())[:MOST_BEHAVIOURS]


def _activities(connection: Connection, program_id: int) -> dict[str, int]:
    """Return the numbers of a program's activities by their short names."""
    return {str(slug): int(number) for slug, number in _ACTIVITIES.run(connection, program=program_id)}


def _is_committed_to(connection: Connection, activity_id: int | None, suggestion: str) -> bool:
    """Return whether anybody committed to a suggestion at an activity; False for no activity."""
    return activity_id is not None and bool(
        _COMMITTED.run(connection, activity=activity_id, suggestion=suggestion)
    )


_ACTIVITIES = TupleQuery(
    sa.select(ACTIVITY.c.slug, ACTIVITY.c.id).where(ACTIVITY.c.program_id == sa.bindparam("program"))
)
_COMMITTED = TupleQuery(
    sa.select(COMMITMENT.c.id)
    .where(
        COMMITMENT.c.activity_id == sa.bindparam("activity"),
        COMMITMENT.c.suggestion == sa.bindparam("suggestion"),
        COMMITMENT.c.confirmed,
    )
    .limit(1)
)


def _commitments(
    connection: Connection, conversation: EarlierConversation, zone: str
) -> list[dict[str, Any]]:
    """Return what the participant committed to in the earlier conversation, in their own words, and confirmed."""
    rows = connection.execute(
        sa.select(*FACT_COLUMNS)
        .where(COMMITMENT.c.conversation_id == conversation.id, COMMITMENT.c.confirmed)
        .order_by(COMMITMENT.c.id)
    )
    local = ZoneInfo(zone)
    return [CommitmentRow._make(row).facts(local) for row in rows]


def _peers(
    connection: Connection, conversation: EarlierConversation, program: ProgramFile
) -> list[dict[str, Any]]:
    """Return what others chose most at the same activity, with at least how many people did; never own words.

    People are counted, not commitments; a line with fewer people than the first step is left out. The order tells no
    more than the steps.
    """
    slug = connection.scalar(sa.select(ACTIVITY.c.slug).where(ACTIVITY.c.id == conversation.activity_id))
    activity = program.activity(slug)
    if activity is None:
        return []
    people = sa.func.count(COMMITMENT.c.participant_id.distinct())
    rows = connection.execute(
        sa.select(COMMITMENT.c.suggestion, people)
        .where(
            COMMITMENT.c.program_id == conversation.program_id,
            COMMITMENT.c.activity_id == conversation.activity_id,
            COMMITMENT.c.suggestion.is_not(None),
            COMMITMENT.c.confirmed,
            COMMITMENT.c.participant_id != conversation.participant_id,
        )
        .group_by(COMMITMENT.c.suggestion)
    )
    labels = {one.code: one.label for one in activity.suggestions}
    steps = [(code, loop_facts.at_least(count)) for code, count in rows if code in labels]
    known = sorted((-step, code) for code, step in steps if step is not None)
    return [peer_line(code, labels[code], -step) for step, code in known][:MOST_PEERS]


def _changes(program: ProgramFile, subjects: Sequence[str], today: str) -> list[dict[str, Any]]:
    """Return the changes of these codes that are in the file still and whose day has come."""
    return [
        {"code": one.code, "text": one.text, "theme": one.theme, "on": one.on.isoformat()}
        for one in program.changes
        if one.code in subjects and one.on.isoformat() <= today
    ]
