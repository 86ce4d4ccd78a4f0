"""Settle what two coders coded differently: a third act, by whom, when and why. What each gave stays as it was."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection

from storage.coding import codebooks, excerpts, waiting_excerpts
from storage.coding.codings import check_codes
from storage.coding.errors import CodingError
from storage.coding.excerpts import CodedText
from storage.database import audit
from storage.people.coordinators import CoordinatorRecord
from storage.schema import CODING_SETTLEMENT, AuditKind


def open_disagreements(connection: Connection, program_id: int) -> tuple[CodedText, ...]:
    """Return the excerpts that two coded differently and nobody has settled."""
    return tuple(one for one in excerpts.coded_texts(connection, program_id) if one.is_open)


def settle(
    connection: Connection,
    program_id: int,
    excerpt: int,
    settled: tuple[Collection[str], str],
    *,
    by: tuple[CoordinatorRecord, datetime],
) -> None:
    """Keep which codes hold of an excerpt, and why.

    `settled` are the codes, none where no code fits, and the reason; `by` who settles it, and when.

    Raises:
        CodingError: there is nothing to settle there, a code is unknown, or the reason is empty.
    """
    (codes, reason), (who, now) = settled, by
    kept = codebooks.required(connection, program_id)
    check_codes(kept, codes)
    if not reason.strip():
        raise CodingError("say why: a settlement without a reason settles nothing")
    one = waiting_excerpts.of_number(connection, program_id, excerpt)
    if one is None:
        raise CodingError(f"there is no excerpt {excerpt} in this programme; see `said code list`")
    if one.settled is not None:
        raise CodingError(f"excerpt {excerpt} was settled by {one.settled.by} before")
    if not one.is_open:
        raise CodingError(
            f"there is nothing to settle in excerpt {excerpt}: "
            + ("both gave the same codes" if one.is_double else "two have to code it first")
        )
    connection.execute(
        CODING_SETTLEMENT.insert().values(
            excerpt_id=excerpt,
            codes=sorted(set(codes)),
            reason=reason.strip(),
            codebook_id=kept.id,
            settled_by=who.id,
            settled_at=now,
        )
    )
    what = {"what": "settled", "excerpt": excerpt, "by": who.code}
    audit.record(connection, AuditKind.CODING, participant_id=None, now=now, **what)
