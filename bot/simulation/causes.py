"""Count a rehearsal's safety cases by what their words were meant to tell, which is the simulation's own truth."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from bot.simulation.words import MEDICINE_QUESTIONS, Matter, told_by
from flows.engine.effects import PromptKind
from flows.safety.reading import ReadingClass
from storage.export.statistics import Share
from storage.schema import ANSWER, REMARK, SAFETY_CASE, TEXT_SIGNAL


@dataclass(slots=True)
class MatterCount:
    """What became of the texts that were meant to tell of one matter."""

    texts: int = 0
    """Answers in own words that stand."""
    cases: int = 0
    """Cases that such words opened without having been asked for."""
    asked: int = 0
    """Cases that an answer to the closed question on medicine opened, or the words after it."""
    sayings: int = 0
    """How many different texts opened the cases: one that opens many says little."""
    read_ahead: int = 0
    """Texts that weak hits of the rules put before others in the reading queue, by answer or remark."""


@dataclass(frozen=True, slots=True)
class CaseCauses:
    """The counts of a rehearsal by matter, each of which is there."""

    by_matter: dict[Matter, MatterCount]

    @property
    def of_no_event(self) -> Share:
        """Return the share of all cases whose words were meant to tell of neither an event nor risk."""
        cases = {matter: count.cases + count.asked for matter, count in self.by_matter.items()}
        return Share(cases[Matter.ORDINARY], sum(cases.values()))

    @property
    def of_no_event_unasked(self) -> Share:
        """Return the same without the cases that answer the closed question: these can hardly be of no event."""
        return Share(
            self.by_matter[Matter.ORDINARY].cases, sum(count.cases for count in self.by_matter.values())
        )

    def figures(self) -> dict[str, Any]:
        """Return all of it for a program to read; shares from 0 to 1."""
        return {
            "by_matter": {
                matter.value: {
                    "texts": count.texts,
                    "cases": count.cases,
                    "asked": count.asked,
                    "sayings": count.sayings,
                    "read_ahead": count.read_ahead,
                }
                for matter, count in self.by_matter.items()
            },
            "of_no_event": _figures(self.of_no_event),
            "of_no_event_unasked": _figures(self.of_no_event_unasked),
        }


def _figures(share: Share) -> dict[str, float | int | None]:
    return {"n": share.n, "of": share.of, "share": share.value, "low": share.low, "high": share.high}


def count_causes(connection: Connection) -> CaseCauses:
    """Count the cases of a rehearsal's database, and the texts, by what they were meant to tell.

    A case counts for the words that opened it, whatever came after them.
    """
    counts = {matter: MatterCount() for matter in Matter}
    is_text = (ANSWER.c.kind == PromptKind.TEXT, ANSWER.c.superseded_at.is_(None))
    for (raw,) in connection.execute(sa.select(ANSWER.c.raw).where(*is_text)):
        counts[told_by(raw)].texts += 1
    sayings: dict[Matter, set[str]] = {matter: set() for matter in Matter}
    opened_by = sa.select(
        ANSWER.c.question_key, sa.func.coalesce(ANSWER.c.raw, REMARK.c.raw, "")
    ).select_from(
        SAFETY_CASE.outerjoin(ANSWER, ANSWER.c.id == SAFETY_CASE.c.answer_id).outerjoin(
            REMARK, REMARK.c.id == SAFETY_CASE.c.remark_id
        )
    )
    for key, raw in connection.execute(opened_by):
        is_asked = (key or "").partition("_")[0] in MEDICINE_QUESTIONS
        matter = Matter.EVENT if key in MEDICINE_QUESTIONS else told_by(raw)
        counts[matter].asked += is_asked
        counts[matter].cases += not is_asked
        sayings[matter].add(raw)
    noted = sa.select(sa.func.coalesce(ANSWER.c.raw, REMARK.c.raw, "")).select_from(
        TEXT_SIGNAL.outerjoin(ANSWER, ANSWER.c.id == TEXT_SIGNAL.c.answer_id).outerjoin(
            REMARK, REMARK.c.id == TEXT_SIGNAL.c.remark_id
        )
    )
    noted = noted.where(TEXT_SIGNAL.c.reading_class != ReadingClass.PLAIN)  # what was taken back
    for (raw,) in connection.execute(noted):
        counts[told_by(raw)].read_ahead += 1
    for matter, words in sayings.items():
        counts[matter].sayings = len(words)
    return CaseCauses(counts)
