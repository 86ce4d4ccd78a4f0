"""Keep the links of the loop: from a theme to an objective, to what is promised, to what patients are asked about.

What the program's file says is a link already. A person of the team adds others, and says why; what is removed stays as
a row. Links are by theme, and never from person to person: patients are mostly not those clinicians' patients.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.program.model import ProgramFile
from storage.coding import codebooks
from storage.coding.errors import CodingError
from storage.database import audit
from storage.people.coordinators import CoordinatorRecord
from storage.programs import programs
from storage.schema import COMMITMENT, COORDINATOR, THEME_LINK, AuditKind, LinkedKind

STEPS: Final = frozenset(
    {
        (LinkedKind.THEME, LinkedKind.OBJECTIVE),
        (LinkedKind.OBJECTIVE, LinkedKind.SUGGESTION),
        (LinkedKind.OBJECTIVE, LinkedKind.COMMITMENT),
        (LinkedKind.SUGGESTION, LinkedKind.BEHAVIOUR),
        (LinkedKind.COMMITMENT, LinkedKind.BEHAVIOUR),
    }
)
"""From what to what a link may lead."""
FROM_FILE: Final = "the programme file"
"""Who made a link that stands in the program's file."""
_KINDS: Final = {kind.value: kind for kind in LinkedKind}
_END: Final = re.compile(r"([a-z]+):(\S{1,100})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LinkEnd:
    """What a link begins or ends at: a theme `body`, an objective `spring.plain_plan`, a commitment `7`.

    Objectives, suggestions and what patients are asked (a suggestion's patient label) are named with their activity.
    """

    kind: LinkedKind
    code: str

    def __str__(self) -> str:
        """Return the end as a person types it, such as `theme:body`."""
        return f"{self.kind.value}:{self.code}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Return the end that a text means; None if it is none."""
        found = _END.fullmatch(text.strip())
        kind = None if found is None else _KINDS.get(found[1].lower())
        if found is None or kind is None:
            return None
        code = found[2].removeprefix("k") if kind is LinkedKind.COMMITMENT else found[2]
        return cls(kind, code)


@dataclass(frozen=True, slots=True)
class LinkRecord:
    """A link that stands. `id` and `made_at` are None for one of the program's file; `made_by` is else a code."""

    id: int | None
    begin: LinkEnd
    end: LinkEnd
    made_by: str
    made_at: datetime | None
    reason: str


def add(
    connection: Connection,
    program_id: int,
    ends: tuple[LinkEnd, LinkEnd],
    reason: str,
    *,
    by: tuple[CoordinatorRecord, datetime],
) -> int:
    """Keep a link, and return its number; `by` is who makes it, and when.

    Raises:
        CodingError: one of its ends is not there, they are no two steps of the way, it stands already, or no reason is
            given.
    """
    (begin, end), (who, now) = ends, by
    if (begin.kind, end.kind) not in STEPS:
        raise CodingError(f"no link leads from {begin.kind.value} to {end.kind.value}; {_steps()}")
    if not reason.strip():
        raise CodingError("say why they belong together")
    known = _known_ends(connection, program_id)
    for one in ends:
        if one.kind is not LinkedKind.COMMITMENT and one not in known:
            names = [each.code for each in known if each.kind is one.kind]
            raise CodingError(f"there is no {one}; there are: {', '.join(names) or 'none'}")
        if one.kind is LinkedKind.COMMITMENT and not _is_commitment(connection, program_id, one.code):
            raise CodingError(f"there is no commitment {one.code!r} in this programme; see `said export`")
    if any((one.begin, one.end) == ends for one in list_links(connection, program_id)):
        raise CodingError(f"{begin} is linked to {end} already; see `said link list`")
    values = {"from_kind": begin.kind, "from_code": begin.code, "to_kind": end.kind, "to_code": end.code}
    made = connection.execute(
        THEME_LINK.insert()
        .values(program_id=program_id, **values, reason=reason.strip(), made_by=who.id, made_at=now)
        .returning(THEME_LINK.c.id)
    )
    number = int(made.scalar_one())
    _audit(connection, number, who, now, added=True)
    return number


def remove(connection: Connection, number: int, reason: str, *, by: CoordinatorRecord, now: datetime) -> None:
    """End a link that somebody made, and keep why.

    Raises:
        CodingError: there is no such link, or no reason is given.
    """
    if not reason.strip():
        raise CodingError("say why they do not belong together")
    links = THEME_LINK
    values = {"removed_by": by.id, "removed_at": now, "removed_reason": reason.strip()}
    here = (links.c.id == number) & links.c.removed_at.is_(None)
    if not connection.execute(links.update().where(here).values(**values)).rowcount:
        raise CodingError(
            f"there is no link {number} that somebody made; see `said link list`. A link of the programme file is"
            " changed there"
        )
    _audit(connection, number, by, now, added=False)


def list_links(connection: Connection, program_id: int) -> tuple[LinkRecord, ...]:
    """Return all links of a program that stand: first those of its file, then those that the team made."""
    file = programs.program_file(connection, program_id)
    rows = connection.execute(
        sa.select(THEME_LINK, COORDINATOR.c.code.label("maker"))
        .join(COORDINATOR, COORDINATOR.c.id == THEME_LINK.c.made_by)
        .where(THEME_LINK.c.program_id == program_id, THEME_LINK.c.removed_at.is_(None))
        .order_by(THEME_LINK.c.id)
    )
    written = (LinkRecord(None, begin, end, FROM_FILE, None, "") for begin, end in _links_in_file(file))
    return (*dict.fromkeys(written), *map(_record, rows))


def _record(row: sa.Row[Any]) -> LinkRecord:
    begin, end = LinkEnd(row.from_kind, row.from_code), LinkEnd(row.to_kind, row.to_code)
    return LinkRecord(row.id, begin, end, row.maker, row.made_at, row.reason)


def _links_in_file(file: ProgramFile) -> Iterator[tuple[LinkEnd, LinkEnd]]:
    """Yield the links that a program's file says; of what is promised and asked, each with its activity."""
    for activity in file.activities:
        for one in activity.objectives:
            if one.theme is not None:
                objective = LinkEnd(LinkedKind.OBJECTIVE, f"{activity.slug}.{one.code}")
                yield LinkEnd(LinkedKind.THEME, one.theme), objective
        for offered in activity.suggestions:
            name = f"{activity.slug}.{offered.code}"
            suggestion = LinkEnd(LinkedKind.SUGGESTION, name)
            if offered.objective is not None:
                objective = LinkEnd(LinkedKind.OBJECTIVE, f"{activity.slug}.{offered.objective}")
                yield objective, suggestion
            if offered.patient_label is not None:
                yield suggestion, LinkEnd(LinkedKind.BEHAVIOUR, name)


def _known_ends(connection: Connection, program_id: int) -> dict[LinkEnd, None]:
    """Return all that a link may begin or end at but commitments, in the order of the file."""
    file = programs.program_file(connection, program_id)
    found = [LinkEnd(LinkedKind.THEME, code) for code in codebooks.theme_ids(connection, program_id)]
    for activity in file.activities:
        found += [LinkEnd(LinkedKind.OBJECTIVE, f"{activity.slug}.{one.code}") for one in activity.objectives]
        for one in activity.suggestions:
            found.append(LinkEnd(LinkedKind.SUGGESTION, f"{activity.slug}.{one.code}"))
            if one.patient_label is not None:
                found.append(LinkEnd(LinkedKind.BEHAVIOUR, f"{activity.slug}.{one.code}"))
    return dict.fromkeys(found)


def _is_commitment(connection: Connection, program_id: int, code: str) -> bool:
    here = (COMMITMENT.c.program_id == program_id) & (sa.cast(COMMITMENT.c.id, sa.String) == code)
    return connection.scalar(sa.select(COMMITMENT.c.id).where(here)) is not None


def _steps() -> str:
    ways = sorted(f"{begin.value} to {end.value}" for begin, end in STEPS)
    return f"links lead from {', '.join(ways)}"


def _audit(connection: Connection, number: int, by: CoordinatorRecord, now: datetime, *, added: bool) -> None:
    what = {"what": "link", "link": number, "by": by.code, "added": added}
    audit.record(connection, AuditKind.CODING, participant_id=None, now=now, **what)
