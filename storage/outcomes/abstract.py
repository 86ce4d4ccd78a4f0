"""Draft the structured abstract of an activity from themes, objectives and commitments, with the words of each part.

The parts and their limits are those of ACCME's form for performance-in-practice of 2014; nobody here knows whether it
is still in use, and the draft says so. Nothing in it is anybody's own words, and a number of fewer than five people is
told as that.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.export.funnel import CommitmentWaves, commitment_waves
from storage.export.measures.loop import NO_THEME, loop_table, merged_themes
from storage.export.measures.measure import PROGRAM_NAME, rows_of
from storage.outcomes.figures.data import barrier_figure
from storage.outcomes.figures.model import is_few
from storage.outcomes.figures.wording import list_labels, program_settings
from storage.outcomes.tables.accreditation import activities
from storage.schema import ACTIVITY, ANSWER, CONVERSATION, OBJECTIVE, PROGRAM

NOTICE: Final = (
    "A draft, made by a program of what was counted here. Edit it before it is used: whoever submits it answers for it."
    " The limits are those of ACCME's structured abstract of 2014; check that this form is still current."
)
_WORD: Final = re.compile("[^\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]+")
"""What stands between blanks, which are those of `\\s` in a browser."""
_INTERVIEW: Final = "patient_interview"
_SKILL: Final = "skill"
"""The barrier of those who need more knowledge or practice."""


@dataclass(frozen=True, slots=True)
class AbstractPart:
    """A part of the abstract: its text so far ('' for a person to write), and the most words it may have.

    `limit` is None where the form sets none. `hint` says what belongs there.
    """

    key: str
    title: str
    limit: int | None
    text: str
    hint: str

    @property
    def words(self) -> int:
        """Return how many words the text has."""
        return count_words(self.text)

    @property
    def is_too_long(self) -> bool:
        """Return whether the text has more words than it may."""
        return self.limit is not None and self.words > self.limit


@dataclass(frozen=True, slots=True)
class AbstractDraft:
    """The draft for one activity, by its short name. `notice` must be shown with it."""

    activity: str
    title: str
    parts: tuple[AbstractPart, ...]
    notice: str = NOTICE


@dataclass(frozen=True, slots=True)
class _Facts:
    """Hold what a draft is made of: themes by their codes, barriers by their labels, with how many people each has."""

    title: str
    held_on: str
    objectives: tuple[sa.Row[Any], ...]
    interviewed: int
    raised: tuple[tuple[str, str, int], ...]
    """Code, label and people of each theme that anybody raised."""
    commitments: tuple[CommitmentWaves, ...]
    committed_on: tuple[tuple[str, int], ...]
    """Label of each theme, and how many clinicians committed to something on it, after this activity."""
    barriers: tuple[tuple[str, int], ...]
    skill: tuple[int, int]
    """Clinicians of the program who foresaw, and who met, that they need more knowledge or practice."""
    waves: tuple[int, ...]


def count_words(text: str) -> int:
    """Return how many words a text has: what stands between blanks, as the page counts while somebody types.

    >>> count_words("  Up to 50 words, no more. ")
    6
    """
    return len(_WORD.findall(text))


def _activities_query() -> sa.Select[Any]:
    """Select the activities of the program, in the order of its file."""
    return (
        sa.select(ACTIVITY.c.id, ACTIVITY.c.slug, ACTIVITY.c.title, ACTIVITY.c.held_on)
        .join(PROGRAM, PROGRAM.c.id == ACTIVITY.c.program_id)
        .where(PROGRAM.c.slug == PROGRAM_NAME)
        .order_by(ACTIVITY.c.id)
    )


def _interviewed_query() -> sa.Select[Any]:
    """Select who began an interview of the program: answered anything in it, whether or not they finished."""
    return (
        sa.select(CONVERSATION.c.participant_id)
        .distinct()
        .join(PROGRAM, PROGRAM.c.id == CONVERSATION.c.program_id)
        .join(ANSWER, ANSWER.c.conversation_id == CONVERSATION.c.id)
        .where(PROGRAM.c.slug == PROGRAM_NAME, CONVERSATION.c.flow == _INTERVIEW)
    )


ACTIVITIES: Final = _activities_query()
INTERVIEWED: Final = _interviewed_query()


def draft_abstracts(connection: Connection, program: str) -> tuple[AbstractDraft, ...]:
    """Return a draft for each activity of a program, by the program's short name."""
    taught = activities(connection, program)
    rows = [row for row in rows_of(connection, ACTIVITIES, program) if row.slug in taught]
    return tuple(_draft(row.slug, _read(connection, program, row)) for row in rows)


def _read(connection: Connection, program: str, activity: sa.Row[Any]) -> _Facts:
    """Read what the draft of an activity is made of."""
    query = sa.select(OBJECTIVE).where(OBJECTIVE.c.activity_id == activity.id).order_by(OBJECTIVE.c.id)
    settings = program_settings(connection, program)
    rows = [row[:3] for row in loop_table().count(connection, program)]
    labels = {str(code): str(label) for code, label, _ in rows}
    made = tuple(one for one in commitment_waves(connection, program) if one.activity == activity.slug)
    barriers = barrier_figure(connection, program).barriers
    skill = list_labels(settings, "barriers").get(_SKILL, _SKILL)
    return _Facts(
        activity.title,
        "" if activity.held_on is None else activity.held_on.isoformat(),
        tuple(connection.execute(query)),
        len(rows_of(connection, INTERVIEWED, program)),
        _most_first((str(code), str(label), n) for code, label, n in rows if isinstance(n, int) and n),
        made,
        _committed_on(made, labels, merged_themes(connection)),
        tuple((one.label, one.met) for one in barriers if one.met),
        next(((one.foreseen, one.met) for one in barriers if one.label == skill), (0, 0)),
        tuple(settings.get("schedule", {}).get("waves", ())),
    )


def _committed_on(
    made: Iterable[CommitmentWaves], labels: Mapping[str, str], merged: Mapping[str, str]
) -> tuple[tuple[str, int], ...]:
    """Return the label of each theme with how many clinicians committed to something on it, the most first."""
    pairs = {(merged.get(one.theme or "", one.theme or ""), one.person) for one in made}
    on = Counter(labels[theme] for theme, _ in pairs if theme not in NO_THEME)
    return tuple(sorted(on.items(), key=lambda pair: (-pair[1], pair[0])))


def _most_first(raised: Iterable[tuple[str, str, int]]) -> tuple[tuple[str, str, int], ...]:
    """Return themes with the most people first, without codes that name no theme."""
    return tuple(sorted((one for one in raised if one[0] not in NO_THEME), key=lambda one: (-one[2], one[1])))


def _draft(activity: str, facts: _Facts) -> AbstractDraft:
    """Return the draft of an activity."""
    needs = "Why the gap is there: what clinicians"
    parts = (
        (
            "gap",
            "Professional practice gap",
            100,
            _gap(facts),
            "What falls short in care, and how that is known.",
        ),
        ("knowledge", "Educational need: knowledge", 50, _knowledge(facts), f"{needs} do not know."),
        (
            "competence",
            "Educational need: competence",
            50,
            _competence(facts),
            f"{needs} have no strategy for.",
        ),
        (
            "performance",
            "Educational need: performance",
            50,
            _performance(facts),
            f"{needs} do not do in practice.",
        ),
        (
            "change",
            "What it was designed to change",
            50,
            _change(facts),
            "Competence, performance, patient outcomes.",
        ),
        ("format", "Format", 25, _format(facts), "Which educational format, and why it suits."),
        (
            "competencies",
            "Desirable physician attributes",
            None,
            "",
            "Which competencies it addresses, by which list.",
        ),
    )
    return AbstractDraft(activity, facts.title, tuple(AbstractPart(*part) for part in parts))


def _people(n: int) -> str:
    return "fewer than 5" if is_few(n) else str(n)


def _fitted(opening: str, items: Sequence[str], limit: int, between: str = ", ") -> str:
    """Return an opening with as many items as the limit of words allows, as a sentence; '' without any item."""
    kept = list(items)
    while kept and count_words(f"{opening} {between.join(kept)}.") > limit:
        kept.pop()
    return f"{opening} {between.join(kept).rstrip('.')}." if kept else ""


def _gap(facts: _Facts) -> str:
    """Return what patients raised; first what the activity's objectives answer."""
    taught = {one.theme for one in facts.objectives if one.theme}
    ordered = sorted(facts.raised, key=lambda one: one[0] not in taught)
    items = [f"{label} (raised by {_people(n)})" for _, label, n in ordered]
    asked = f"Of {_people(facts.interviewed)} patients and carers in this program who began the interview"
    opening = f"{asked}, people want these to be better:"
    return _fitted(opening, items, 100)


def _knowledge(facts: _Facts) -> str:
    foreseen, met = facts.skill
    if not foreseen and not met:
        return ""
    return (
        f"Clinicians in this program who need more knowledge or practice: {_people(foreseen)} foresaw it as a barrier"
        f" to what they committed to, and {_people(met)} met it (self-reported)."
    )


def _competence(facts: _Facts) -> str:
    people = len({one.person for one in facts.commitments})
    if not people:
        return ""
    opening = (
        f"After the activity, {_people(people)} clinicians committed to try strategies of their choice, on"
    )
    return _fitted(opening, [f"{label} ({_people(n)})" for label, n in facts.committed_on], 50)


def _performance(facts: _Facts) -> str:
    items = [f"{label} ({_people(n)})" for label, n in facts.barriers]
    return _fitted("In this program, clinicians report that these got in the way of change:", items, 50, "; ")


def _change(facts: _Facts) -> str:
    items = [one.text.rstrip(".") for one in facts.objectives]
    return _fitted("Designed to change competence and performance:", items, 50, "; ")


def _format(facts: _Facts) -> str:
    held = f" ({facts.held_on})" if facts.held_on else ""
    days = " and ".join(filter(None, (", ".join(map(str, facts.waves[:-1])), *map(str, facts.waves[-1:]))))
    later = (
        f", with commitments to change and follow-up after {days} days" if facts.commitments and days else ""
    )
    text = f"{facts.title}{held}{later}."
    return text if count_words(text) <= 25 else f"{facts.title}."  # noqa: PLR2004 - the limit of the form
