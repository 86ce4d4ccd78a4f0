"""Gather what people are told of other people: what others raised, promised and did, and what stood in their way.

People are counted, and never the person who is told. Nothing is told of fewer than five, and no figure but a step
(`STEPS`): who hears it twice cannot work out who came in between. Own words are never shown, but for quotations that
the team released and whose authors permit it.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple, TypeVar

import sqlalchemy as sa
from msgspec import json
from sqlalchemy import Connection

from flows.engine.effects import PromptKind
from flows.engine.state import decode_state
from flows.i18n.localized_program import peer_line
from flows.program.model import ActivityFile, ProgramFile
from flows.script.facts import Facts
from flows.script.model import Flow
from flows.script.roles import Role
from storage.conversations.conversations import ConversationRecord
from storage.database.statements import TupleQuery
from storage.programs import choice_marks, quotations
from storage.schema import (
    ACTIVITY,
    ANSWER,
    BARRIER,
    COMMITMENT,
    CONVERSATION,
    IMPLEMENTATION,
    ImplementationStatus,
)

STEPS: Final = (5, 10, 20, 50)
"""The only figures that are told: at least so many people."""
MOST: Final = 3
"""How many lines a list has."""
NO_THEME: Final = frozenset({"other", "none"})
"""Picks that name no theme."""
NO_BARRIER: Final = frozenset({"other", "none"})
"""Codes among barriers that name none."""
_ASKED: Final = frozenset({Role.PATIENT, Role.CARER})
"""Whose words are quoted to clinicians."""
_DONE: Final = frozenset({ImplementationStatus.FULL, ImplementationStatus.PARTIAL})
_FRESH: Final = timedelta(minutes=10)
"""How long the counts of a large program are kept: one wave asks for them thousands of times."""
_LARGE: Final = 1000
"""From so many rows on counts are kept; fewer are counted anew each time."""
_COUNTED: Final = "said: people counted"
_NAMES: Final = re.compile(r"\b(?:others\.(?:raised|quotation|did|barriers)|own_themes)\b")

_named: dict[str, frozenset[str]] = {}
"""The facts of other people that a script names, by the hash of its version."""
Counts = TypeVar("Counts")
People = Mapping[str, frozenset[int]]
"""Participants by number, by what they raised, promised, did or met."""


class LoopConversation(NamedTuple):
    """Who is told, in which conversation and language, and the program's file."""

    conversation: ConversationRecord
    program: ProgramFile
    language: str
    now: datetime


@dataclass(frozen=True, slots=True)
class ActivityPeople:
    """Who did what they had committed to after an activity, and who met which barrier."""

    did: frozenset[int] = frozenset()
    barriers: People | None = None


def at_least(people: int) -> int | None:
    """Return the step that is told of so many people; None for fewer than five.

    >>> at_least(4), at_least(5), at_least(19), at_least(300)
    (None, 5, 10, 50)
    """
    return max((step for step in STEPS if step <= people), default=None)


def with_others(connection: Connection, flow: Flow, told: LoopConversation, facts: Facts) -> Facts:
    """Return the facts of a conversation that begins, with those of other people that its script names.

    `others` and `own_themes`, see `flows.script.facts.Facts`. Facts of a script that names none stay as they are.
    """
    names = _names_in(flow)
    if not names:
        return facts
    parts: dict[str, Callable[[], Any]] = {
        "others.raised": lambda: _raised(connection, told),
        "others.quotation": lambda: _quotation(connection, told, facts.get("commitments") or ()),
        "others.did": lambda: _did(connection, told),
        "others.barriers": lambda: _barriers(connection, told),
    }
    new = {**facts, "others": {name.partition(".")[2]: parts[name]() for name in sorted(names & set(parts))}}
    if "own_themes" in names:
        new["own_themes"] = _own_themes(connection, told, facts)
    return new


def _names_in(flow: Flow) -> frozenset[str]:
    """Return which facts of other people a script names; it is read once for each version."""
    found = _named.get(flow.hash)
    if found is None:
        found = _named[flow.hash] = frozenset(_NAMES.findall(flow.model_dump_json(exclude_defaults=True)))
    return found


def may_be_shown(connection: Connection, conversation: ConversationRecord) -> bool:
    """Return whether what a conversation quotes, whose first words are queued, may be shown still.

    True where it quotes nobody. Its author, or the team, may have taken the quotation back meanwhile.
    """
    facts = decode_state(conversation.state).facts if conversation.state else {}
    quoted = (facts.get("others") or {}).get("quotation")
    if quoted is None:
        return True
    return any(quoted == one.text for one in quotations.showable(connection, conversation.program_id))


def _raised(connection: Connection, told: LoopConversation) -> list[dict[str, Any]]:
    """Return the themes of the activity's suggestions that patients raised, by step."""
    activity, merged = _activity(connection, told), _merged(connection, told.program)
    themes = {one.code: one.label for one in told.program.themes if one.code not in NO_THEME}
    labels: dict[str, str] = {}
    people = _people_by_theme(connection, told)
    for one in activity.suggestions if activity else ():
        whole = merged.get(one.theme or "", one.theme or "")
        theme = whole if whole in themes else one.theme
        if theme in themes and whole not in {merged.get(code, code) for code in labels}:
            labels[theme] = themes[theme]
    return _lines({code: people.get(merged.get(code, code), frozenset()) for code in labels}, labels, told)


def _barriers(connection: Connection, told: LoopConversation) -> list[dict[str, Any]]:
    """Return the barriers that others met after the same activity, by step.

    Labels come with the language, from the shared list.
    """
    met = _peers(connection, told).barriers or {}
    return _lines(met, {code: code for code in met if code not in NO_BARRIER}, told)


def _did(connection: Connection, told: LoopConversation) -> int | None:
    """Return of how many others it is told that they do, in full or in part, what they planned after the activity."""
    return at_least(len(_others(_peers(connection, told).did, told)))


def _lines(people: People, labels: Mapping[str, str], told: LoopConversation) -> list[dict[str, Any]]:
    """Return what at least five others chose, by step and then by code: an order by number would tell of one person."""
    steps = {code: at_least(len(_others(people.get(code, frozenset()), told))) for code in labels}
    known = sorted((-step, code) for code, step in steps.items() if step is not None)
    return [peer_line(code, labels[code], -step) for step, code in known][:MOST]


def _others(people: frozenset[int], told: LoopConversation) -> frozenset[int]:
    return people - {told.conversation.participant_id}


def _quotation(
    connection: Connection, told: LoopConversation, commitments: Sequence[Mapping[str, Any]]
) -> str | None:
    """Return a quotation about the theme of one of these commitments, in the language of the conversation; or None.

    People who are told the same day are not all told the same one.
    """
    ids = [one["id"] for one in commitments]
    themes = sa.select(COMMITMENT.c.theme).where(COMMITMENT.c.id.in_(ids), COMMITMENT.c.theme.is_not(None))
    asked = set(connection.scalars(themes)) - NO_THEME if ids else set()
    if not asked:
        return None
    merged = _merged(connection, told.program)
    wholes = {merged.get(theme, theme) for theme in asked}
    found = [
        one.text
        for one in quotations.showable(connection, told.conversation.program_id)
        if one.theme is not None and merged.get(one.theme, one.theme) in wholes
        if _base(one.language) == _base(told.language) and one.role in _ASKED
    ]
    return found[told.conversation.participant_id % len(found)] if found else None


def _base(language: str) -> str:
    return language.partition("-")[0]


def _own_themes(connection: Connection, told: LoopConversation, facts: Facts) -> list[dict[str, Any]]:
    """Return what the participant picked, with how many others did, and what clinicians promised and did about it.

    Where what was changed answers some of it, these alone: it is to be seen at a glance what came of what.
    """
    merged = _merged(connection, told.program)
    picks = [
        (merged.get(pick["code"], pick["code"]), pick)
        for pick in facts.get("baseline") or ()
        if pick["code"] not in NO_THEME
    ]
    answered = {merged.get(change["theme"], change["theme"]) for change in facts.get("changes") or ()}
    raised = _people_by_theme(connection, told)
    promised, did = _people_by_promise(connection, told)
    done = {theme: _done(told.program, theme, did, merged) for theme, _ in picks}
    nobody: frozenset[int] = frozenset()
    return [
        {
            "code": pick["code"],
            "label": pick["label"],
            "others": at_least(len(_others(raised.get(theme, nobody), told))),
            "promised": at_least(len(promised.get(theme, nobody))),
            "did": at_least(len(did.get(theme, nobody))),
            "done": done[theme],
        }
        for theme, pick in [each for each in picks if each[0] in answered] or picks
    ]


def _done(program: ProgramFile, theme: str, did: People, merged: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return what clinicians report to do about a theme, in patients' words: of each at least five people."""
    suggestions = [
        (activity.slug, one)
        for activity in program.activities
        for one in activity.suggestions
        if merged.get(one.theme or "", one.theme) == theme and one.patient_label is not None
    ]
    told = ((slug, one, len(did.get(f"{slug}.{one.code}", frozenset()))) for slug, one in suggestions)
    return [
        {"code": one.code, "label": one.patient_label, "activity": slug}
        for slug, one, people in told
        if at_least(people) is not None
    ][:MOST]


def _merged(connection: Connection, program: ProgramFile) -> dict[str, str]:
    """Return which theme has become part of which, by the questions that the program's file asks about again."""
    asked = sorted({(entry.after, entry.items) for entry in program.follows if entry.items is not None})
    found: dict[str, str] = {}
    for flow, question in asked:
        found |= choice_marks.merged(connection, flow, question)
    return found


def _activity(connection: Connection, told: LoopConversation) -> ActivityFile | None:
    slug = connection.scalar(sa.select(ACTIVITY.c.slug).where(ACTIVITY.c.id == told.conversation.activity_id))
    return told.program.activity(slug)


def _people_by_theme(connection: Connection, told: LoopConversation) -> People:
    """Return who picked which theme at the questions that the program's file asks about again.

    A theme that has become part of another one counts as that.
    """
    merged = _merged(connection, told.program)
    questions = sorted({entry.items for entry in told.program.follows if entry.items is not None})

    def count() -> tuple[People, int]:
        found: dict[str, set[int]] = defaultdict(set)
        rows = [
            row
            for question in questions
            for row in _PICKS.run(connection, program=told.conversation.program_id, question=question)
        ]
        for person, value in rows:
            for code in json.decode(value) or ():
                found[merged.get(code, code)].add(person)
        return _frozen(found), len(rows)

    return _counted(connection, f"picks {told.conversation.program_id}", told.now, count)


def _people_by_promise(connection: Connection, told: LoopConversation) -> tuple[People, People]:
    """Return who promised something for which theme; and who does it, also by activity and suggestion (`slug.code`)."""
    number, merged = told.conversation.program_id, _merged(connection, told.program)

    def count() -> tuple[tuple[People, People], int]:
        promised: dict[str, set[int]] = defaultdict(set)
        did: dict[str, set[int]] = defaultdict(set)
        rows = _PROMISES.run(connection, program=number)
        for slug, suggestion, theme, person, status in rows:
            whole = merged.get(theme, theme)
            promised[whole].add(person)
            if status in _DONE:
                did[whole].add(person)
                did[f"{slug}.{suggestion}"].add(person)
        return (_frozen(promised), _frozen(did)), len(rows)

    return _counted(connection, f"promises {number}", told.now, count)


def _peers(connection: Connection, told: LoopConversation) -> ActivityPeople:
    """Return who did what they planned after the activity of a conversation, and who met what."""
    number = told.conversation.activity_id
    if number is None:
        return ActivityPeople()

    def count() -> tuple[ActivityPeople, int]:
        reports = _REPORTS.run(connection, activity=number)
        met: dict[str, set[int]] = defaultdict(set)
        for person, code in _MET.run(connection, activity=number):
            met[code].add(person)
        did = frozenset(person for person, status in reports if status in _DONE)
        return ActivityPeople(did, _frozen(met)), len(reports)

    return _counted(connection, f"reports {number}", told.now, count)


def _frozen(found: Mapping[str, Collection[int]]) -> People:
    return {code: frozenset(people) for code, people in found.items()}


def _counted(
    connection: Connection, what: str, now: datetime, count: Callable[[], tuple[Counts, int]]
) -> Counts:
    """Return what `count` counts, out of so many rows; the counts of many are kept with the connection for a while."""
    kept: dict[str, tuple[datetime, Counts]] = connection.info.setdefault(_COUNTED, {})
    if what in kept and kept[what][0] <= now < kept[what][0] + _FRESH:
        return kept[what][1]
    counts, rows = count()
    if rows >= _LARGE:
        kept[what] = now, counts
    return counts


_NEWEST = (
    sa.select(IMPLEMENTATION.c.status)
    .where(IMPLEMENTATION.c.commitment_id == COMMITMENT.c.id)
    .order_by(IMPLEMENTATION.c.id.desc())
    .limit(1)
    .correlate(COMMITMENT)
    .scalar_subquery()
)
"""What was reported last of a commitment; NULL for nothing."""
_PICKS = TupleQuery(
    sa.select(CONVERSATION.c.participant_id, ANSWER.c.value)
    .join(CONVERSATION, CONVERSATION.c.id == ANSWER.c.conversation_id)
    .where(
        ANSWER.c.question_key == sa.bindparam("question"),
        ANSWER.c.kind == PromptKind.SELECT_MANY,
        ANSWER.c.superseded_at.is_(None),
        ANSWER.c.value.is_not(None),
        CONVERSATION.c.program_id == sa.bindparam("program"),
    )
)
_PROMISES = TupleQuery(
    sa.select(
        ACTIVITY.c.slug, COMMITMENT.c.suggestion, COMMITMENT.c.theme, COMMITMENT.c.participant_id, _NEWEST
    )
    .join(COMMITMENT, COMMITMENT.c.activity_id == ACTIVITY.c.id)
    .where(
        ACTIVITY.c.program_id == sa.bindparam("program"),
        COMMITMENT.c.theme.is_not(None),
        COMMITMENT.c.confirmed,
    )
)
_REPORTS = TupleQuery(
    sa.select(COMMITMENT.c.participant_id, _NEWEST).where(
        COMMITMENT.c.activity_id == sa.bindparam("activity"), COMMITMENT.c.confirmed
    )
)
_MET = TupleQuery(
    sa.select(COMMITMENT.c.participant_id, BARRIER.c.code)
    .join(IMPLEMENTATION, IMPLEMENTATION.c.commitment_id == COMMITMENT.c.id)
    .join(BARRIER, BARRIER.c.implementation_id == IMPLEMENTATION.c.id)
    .where(COMMITMENT.c.activity_id == sa.bindparam("activity"), COMMITMENT.c.confirmed)
    .distinct()
)
