"""Let go what hangs on words that go: excerpts, who coded them, the codes, and what was settled about them."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.coding.texts import ExcerptKind
from storage.schema import (
    ANSWER,
    CODED_EXCERPT,
    CODING,
    CODING_SETTLEMENT,
    COMMITMENT,
    EXCERPT,
    REMARK,
    THEME_LINK,
    LinkedKind,
)


def forget(connection: Connection, conversations: sa.Select[Any] | list[int]) -> int:
    """Delete all excerpts of words of some conversations with all that was made of them; return how many there were."""
    theirs = sa.or_(
        *(
            EXCERPT.c[kind.column].in_(
                sa.select(table.c.id).where(table.c.conversation_id.in_(conversations)).scalar_subquery()
            )
            for kind, table in (
                (ExcerptKind.ANSWER, ANSWER),
                (ExcerptKind.REMARK, REMARK),
                (ExcerptKind.COMMITMENT, COMMITMENT),
            )
        )
    )
    gone = list(connection.scalars(sa.select(EXCERPT.c.id).where(theirs)))
    if gone:
        for table in (CODING, CODED_EXCERPT, CODING_SETTLEMENT):
            connection.execute(table.delete().where(table.c.excerpt_id.in_(gone)))
        connection.execute(EXCERPT.delete().where(EXCERPT.c.id.in_(gone)))
    return len(gone)


def forget_links(connection: Connection, commitments: sa.Select[Any]) -> None:
    """Delete the links that begin or end at some commitments, by number."""
    ends = list(map(str, connection.scalars(commitments)))
    links = THEME_LINK
    begins = (links.c.from_kind == LinkedKind.COMMITMENT) & links.c.from_code.in_(ends)
    leads = (links.c.to_kind == LinkedKind.COMMITMENT) & links.c.to_code.in_(ends)
    if ends:
        connection.execute(links.delete().where(sa.or_(begins, leads)))
