"""The counts of published studies as rows: whoever counts them must find the figures that were published."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from flows.script.model import Role
from storage.schema import FollowUpStatus, ImplementationStatus, ParticipantStatus
from tests.support.export_rows import Rows

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = NOW + timedelta(days=180)
DAYS = "180"


@dataclass(frozen=True)
class Study:
    """The counts of a published study: who committed and answered, their statements, and how many in full."""

    name: str
    committed: int
    statements: int
    responders: int
    answered: int
    full: int
    """Statements; the first of each responder before a second of anybody."""
    expected: dict[str, float]
    """Per cent, by the column of `response.implemented`, or of `response.waves`."""


STUDIES = (
    Study(
        "Lockyer 2001, https://www.ncbi.nlm.nih.gov/pubmed/11420869 (935 followed up: 602 of them are 64.4 %)",
        *(344, 1635, 197, 935, 602),
        {"full_of_due": 36.8, "full_of_responders": 64.4, "answered_of_due": 57.3},
    ),
    Study(
        "COPD programme, https://pmc.ncbi.nlm.nih.gov/articles/PMC3538496/ (92 people with one or more in full)",
        *(271, 971, 132, 473, 92),
        {"people_of_committed": 33.9, "people_of_responders": 69.7, "answered_of_due": 48.7},
    ),
    Study(
        "Fjortoft 2007, https://pmc.ncbi.nlm.nih.gov/articles/PMC2690921 (70 % of 56 changes)",
        *(28, 75, 21, 56, 39),
        {"full_of_responders": 69.6, "answered_of_due": 75.0},
    ),
    Study(
        "Legare 2017, https://pmc.ncbi.nlm.nih.gov/articles/PMC5411052",
        *(313, 313, 69, 69, 43),
        {
            "full_of_due": 13.7,
            "full_of_responders": 62.3,
            "people_of_committed": 13.7,
            "answered_of_due": 22.0,
        },
    ),
    Study(
        "Mazmanian 2001, https://www.ncbi.nlm.nih.gov/pubmed/11401812",
        *(88, 88, 64, 64, 64),
        {"answered_of_due": 72.7},
    ),
    Study("Dartmouth PLP 2010", *(347, 347, 125, 125, 0), {"answered_of_due": 36.0}),
)


def put_in(connection: sa.Connection, study: Study) -> None:
    """Put a study's people, statements and answers in as rows, at one wave after half a year."""
    rows = Rows(connection)
    rows.add("program", slug="p", title="P", settings={}, hash="1", loaded_at=NOW)
    who = list(range(1, study.committed + 1))
    asked = study.statements - study.answered
    authors = [
        *(who[number % study.responders] for number in range(study.answered)),
        *(who[study.responders + number % (study.committed - study.responders)] for number in range(asked)),
    ]
    numbers = range(1, study.statements + 1)
    answered, silent = FollowUpStatus.ANSWERED, FollowUpStatus.NO_RESPONSE
    full, partial = ImplementationStatus.FULL, ImplementationStatus.PARTIAL
    of_people: dict[str, Any] = {"role": Role.HCP, "status": ParticipantStatus.ACTIVE, "created_at": NOW}
    one = {"program_id": 1, "conversation_id": 1}
    tables = SQLModel.metadata.tables
    connection.execute(
        tables["participant"].insert(), [{"id": person, "code": f"P-{person}", **of_people} for person in who]
    )
    connection.execute(
        tables["commitment"].insert(),
        [
            {"id": number, "participant_id": author, "slot": f"c[{number}]", "statement": "x", "made_at": NOW}
            | {"foreseen_barriers": [], "confirmed": True, **one}
            for number, author in zip(numbers, authors, strict=True)
        ],
    )
    connection.execute(
        tables["follow_up"].insert(),
        [
            {"id": number, "commitment_id": number, "participant_id": author, "wave_days": int(DAYS)}
            | {"status": answered if number <= study.answered else silent, "due_at": LATER, "sent_at": LATER}
            | {"reminded": 0, "after_start": False, **one}
            for number, author in zip(numbers, authors, strict=True)
        ],
    )
    connection.execute(
        tables["implementation"].insert(),
        [
            {"commitment_id": number, "follow_up_id": number, "conversation_id": 1, "reported_at": LATER}
            | {"status": full if number <= study.full else partial, "details": {}, "late": False}
            for number in numbers[: study.answered]
        ],
    )
