"""Redact what participants wrote, after it is stored, and keep the form beside the words: exports need not do it anew.

What is to be done is found in the rows, by the version of the rules that stands in each: a crash loses nothing, and
when the rules change all rows are read again, a few with each tick.
"""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from sqlalchemy import Connection

from storage.conversations import kept_redactions
from storage.conversations.kept_redactions import KeptRedaction, WordsTable
from storage.database.connection import Database
from storage.programs import whereabouts
from storage.redaction import RULES

BATCH: Final = 250
"""Rows in one transaction: few enough that no turn waits long behind them."""
LOOKS: Final = 8
"""Looks for them with one tick, in each table: so many batches, or numbers to go through, at most."""
FROM_THE_START: Final = timedelta(days=1)
"""How often all rows are looked through: a number that was erased may come again, behind where we are."""


class BackgroundRedaction:
    """Redacts stored words, a bounded number with each `step`. May be stopped at any moment."""

    def __init__(self, database: Database, *, rules: int = RULES) -> None:
        """Redact the words in `database`; `rules` is the version that is kept beside each form."""
        self._database = database
        self._rules = rules
        self._reached = dict.fromkeys(WordsTable, 0)
        self._anew_at = datetime.min.replace(tzinfo=UTC)

    async def step(self, now: datetime) -> int:
        """Redact the next words, at most `LOOKS` batches of each table that holds words; return how many rows."""
        if self._anew_at <= now:
            self._anew_at = now + FROM_THE_START
            self._reached = dict.fromkeys(WordsTable, 0)
        return sum([await self._step(table) for table in await self._database.read(self._behind)])

    def _behind(self, connection: Connection) -> tuple[WordsTable, ...]:
        """Return the tables whose last number is not the one that was reached: most ticks find none, with one read."""
        last = kept_redactions.last_numbers(connection)
        return tuple(table for table in WordsTable if last[table] != self._reached[table])

    async def _step(self, table: WordsTable) -> int:
        done = 0
        for _ in range(LOOKS):
            before = self._reached[table]
            make = partial(_redacted, table=table, after=before, rules=self._rules)
            made, self._reached[table] = await self._database.read(make)
            if made:
                keep = partial(kept_redactions.keep, table=table, made=made, rules=self._rules)
                await self._database.write(keep)
            done += len(made)
            if self._reached[table] == before:
                break
        return done


def _redacted(
    connection: Connection, *, table: WordsTable, after: int, rules: int
) -> tuple[list[KeptRedaction], int]:
    """Return the redacted forms of the next words after a number, and up to which number they were looked for."""
    look = kept_redactions.find_unredacted(connection, table, after, BATCH, rules=rules)
    made = [
        kept_redactions.redact(one, whereabouts.of_conversation(connection, one.conversation_id))
        for one in look.words
    ]
    return made, look.reached
