"""The promise of the reading queue, played at random: nothing leaves it but by a person's mark, or with its words.

What must be in it is told by the rows alone, in a statement of this file's own.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random

import pytest

from storage.people import coordinators
from storage.people.coordinators import CoordinatorRecord
from storage.safety import reading, unread_texts
from storage.safety.text_signals import TextKind, TextSource
from storage.safety.unread_rows import find
from tests.support.turn_world import IDENTITY
from tests.walks.town import Town, TownPlan, town

Row = tuple[str, int, str]
"""A text as it is kept: `answer`, `remark` or `case`, its number, and its words."""

WRITTEN = """
    SELECT 'answer', answer.id, raw FROM answer
    JOIN conversation ON conversation.id = conversation_id JOIN participant ON participant.id = participant_id
    WHERE role IN ('patient', 'carer') AND (kind = 'text' OR answer.status = 'unparsed') AND raw LIKE '%mark%'
    UNION ALL SELECT 'remark', remark.id, raw FROM remark
    JOIN conversation ON conversation.id = conversation_id JOIN participant ON participant.id = participant_id
    WHERE role IN ('patient', 'carer') AND raw LIKE '%mark%'
    UNION ALL SELECT 'case', id, json_extract(details, '$.answers') FROM safety_case
    WHERE json_extract(details, '$.answers') LIKE '%mark%'
    UNION ALL SELECT 'answer', answer.id, raw FROM answer JOIN safety_case ON answer_id = answer.id WHERE raw != ''
    UNION ALL SELECT 'remark', remark.id, raw FROM remark JOIN safety_case ON remark_id = remark.id WHERE raw != ''
"""
"""Every text of a walk's own words that a patient or a carer wrote, and what cases are about, whoever wrote it."""


@dataclass
class Readers:
    """Two people of the team who read in a town, and what they have read."""

    made: Town
    chance: Random
    team: list[CoordinatorRecord] = field(default_factory=list)
    read: set[Row] = field(default_factory=set)
    erased: int = 0
    _before: set[Row] = field(default_factory=set)

    def __post_init__(self) -> None:
        for code in ("ANNA", "BORIS"):
            token = IDENTITY.token_hash(f"team-{code}")
            self.made.database.write_now(
                lambda c, code=code, token=token: coordinators.enrol(
                    c, code, token_hash=token, now=self.made.clock.now()
                )
            )
            self.team.append(self.made.database.read_now(lambda c, code=code: coordinators.by_code(c, code)))

    def rows(self) -> set[Row]:
        found = self.made.database.read_now(lambda c: c.exec_driver_sql(WRITTEN).all())
        return {tuple(row) for row in found}

    def queue(self) -> list[Row]:
        texts = self.made.database.read_now(lambda c: unread_texts.unread(c, self.made.clock.now()))
        words = self.made.database.read_now(lambda c: {one.source: one.raw for one in find(c)})
        assert {text.source for text in texts} == set(words)
        return [(text.source.kind.value, text.source.number, words[text.source]) for text in texts]

    def check(self) -> None:
        """Whatever was written and not read waits to be read, by itself or within what it has become."""
        rows, queue = self.rows(), self.queue()
        waiting = {row[:2] for row in queue}
        lost = [
            row
            for row in rows - self.read
            if row[:2] not in waiting and not any(row[2].strip() in other[2] for other in queue)
        ]
        assert not lost
        self.erased += len({row for row in self._before - rows if row[0] != "case"})
        self._before = rows

    def read_some(self) -> None:
        """Somebody reads the first text, or any other, and mostly says so; now and then all of the same words."""
        queue = self.queue()
        if not queue:
            return
        kind, number, _ = queue[0] if self.chance.random() < 0.5 else self.chance.choice(queue)
        source, by = TextSource(TextKind(kind), number), self.chance.choice(self.team)
        now, same = self.made.clock.now(), self.chance.random() < 0.3
        database = self.made.database
        before = self.rows()
        shown = database.write_now(lambda c: reading.show_text(c, source, by=by, now=now))
        if self.chance.random() < 0.2:
            assert self.queue() == queue  # looking alone reads nothing
            return
        others = database.read_now(lambda c: reading.same_texts(c, [source], by=by)) if same else None
        database.write_now(lambda c: reading.mark_read(c, [source], by=by, now=now, same=others))
        after = {row[:2] for row in self.queue()}
        gone = [row for row in queue if row[:2] not in after]
        assert (kind, number) in {row[:2] for row in gone}
        if not same:
            told = [shown.text, *shown.earlier, *shown.since]
            assert all(row[:2] == (kind, number) or any(row[2] in text for text in told) for row in gone)
        self.read |= {row for row in before if row[:2] in {one[:2] for one in gone}}
        self.read |= {row for row in before if any(row[2].strip() in one[2] for one in gone)}


@contextmanager
def readers(seed: str, people: int) -> Iterator[Readers]:
    with town(TownPlan(seed, people)) as made:
        yield Readers(made, Random(seed))


def test_nothing_leaves_the_queue_but_by_a_mark_or_with_its_words() -> None:
    """People write, edit, take back, stop and delete at random, and two readers read some; in the end they read all."""
    with readers("unread", 30) as team:

        async def live() -> None:
            for _ in range(70):
                await team.made.round()
                team.check()
                for _ in range(team.chance.choice((0, 0, 1, 2))):
                    team.read_some()
            await team.made.settle()

        asyncio.run(live())
        team.check()
        written = len(team.rows())
        assert written > 40
        assert len(team.read) > 10
        for _ in range(5 * written):
            if not team.queue():
                break
            team.read_some()
        assert team.queue() == []
        assert not {row for row in team.rows() - team.read if row[0] != "case"}
        figures = team.made.database.read_now(lambda c: unread_texts.figures(c, team.made.clock.now()))
        assert (figures.total, figures.total_overdue) == (0, 0)


def test_a_queue_that_forgets_a_text_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check above can fail: a search that begins too far up loses what is unread before it."""
    with readers("unread", 12) as team:

        async def live() -> None:
            for _ in range(40):
                await team.made.round()
            await team.made.settle()

        asyncio.run(live())
        team.check()
        team.made.database.write_now(
            lambda c: c.exec_driver_sql("UPDATE text_place SET answer_id = 99999 WHERE name = 'read'")
        )
        with pytest.raises(AssertionError):
            team.check()
