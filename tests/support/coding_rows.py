"""Patients, a clinician and three coordinators with words to be coded, put in by hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import storage.schema as m
from flows.coding.codebook import Codebook, CodebookCode
from flows.engine.effects import PromptKind
from flows.script.model import Purpose, Role
from storage.coding import codebooks, codings
from storage.coding.codings import NewCoding
from storage.coding.texts import ExcerptSource
from storage.people import coordinators
from storage.people.coordinators import CoordinatorRecord
from tests.support.export_rows import INTERVIEW, NOW, Rows, known_flow

BOOK = Codebook(
    codebook="mm",
    version="1",
    codes=(
        CodebookCode(code="body", label="Body", include=("numb*",)),
        CodebookCode(code="feet", label="Feet", parent="body"),
        CodebookCode(code="wait", label="Waiting", include=("hours",)),
        CodebookCode(code="worry", label="Worry"),
    ),
)
WORDS = {
    1: "My feet were numb; ring 020 7946 0958 and ask for me.",
    2: "Two hours in the corridor, and numb hands.",
    3: "Nobody told me what would come next.",
    4: "I was worried for weeks.",
}
"""By the number of the answer: the first two are of the first patient, the others of one patient each."""
PROMISE = "I will ask each patient about numb feet"


class CodingRows(Rows):
    """Rows with a program of number 1 whose codebook is `BOOK`, and coordinators ANNA, BERT and CLEO."""

    def coder(self, code: str) -> CoordinatorRecord:
        return coordinators.by_code(self.connection, code)

    def code(self, coder: str, source: str, codes: str, **more: Any) -> int:
        """Give words codes, which stand with spaces between; return the number of the excerpt."""
        named = ExcerptSource.read(source)
        assert named is not None
        new = NewCoding(named, frozenset(codes.split()), **more)
        return codings.code(self.connection, 1, new, by=self.coder(coder), now=NOW)

    def both(self, source: str, anna: str, bert: str) -> int:
        """Have ANNA and BERT code the same words."""
        self.code("ANNA", source, anna)
        return self.code("BERT", source, bert)

    def agrees(self, participant: int, conversation: int, *, granted: bool = True) -> None:
        """Put in a decision to take part."""
        decision = {"shown_text": "May we?", "text_hash": "x", "language": "en", "decided_at": NOW}
        who = {"participant_id": participant, "program_id": 1, "conversation_id": conversation}
        self.add("consent", **who, purpose=Purpose.TAKE_PART, granted=granted, **decision)

    def count(self, table: str) -> int:
        return int(self.connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())


@contextmanager
def words_to_code() -> Iterator[CodingRows]:
    """Four patients' answers in three interviews, and a clinician's commitment in own words."""
    with known_flow(INTERVIEW) as made:
        rows = CodingRows(made.connection)
        for code in ("ANNA", "BERT", "CLEO"):
            rows.add("coordinator", code=code, timezone="UTC", digest_hour=9, created_at=NOW)
        for number, role in ((2, Role.PATIENT), (3, Role.CARER), (4, Role.HCP)):
            active = m.ParticipantStatus.ACTIVE
            rows.add("participant", code=f"P-{number}", role=role, status=active, created_at=NOW)
        for number in (1, 2, 3, 4):
            _talk(rows, number)
            rows.agrees(number, number)
        for number, conversation in ((1, 1), (2, 1), (3, 2), (4, 3)):
            rows.answer(conversation, "a1", PromptKind.TEXT, WORDS[number], WORDS[number])
        _promise(rows)
        codebooks.load(rows.connection, BOOK, by=rows.coder("ANNA"), now=NOW)
        yield rows


def _talk(rows: CodingRows, participant: int) -> None:
    rows.add(
        "conversation",
        participant_id=participant,
        address_id=1,
        program_id=1,
        activity_id=1,
        flow=INTERVIEW.flow,
        state="{}",
        flow_hash=INTERVIEW.hash,
        channel="telegram",
        status=m.ConversationStatus.ENDED,
        turns=4,
        started_at=NOW + timedelta(hours=participant),
        last_turn_at=NOW,
    )


def _promise(rows: CodingRows, **more: Any) -> None:
    rows.add(
        "commitment",
        **{
            "participant_id": 4,
            "program_id": 1,
            "activity_id": 1,
            "conversation_id": 4,
            "slot": "c1",
            "statement": PROMISE,
            "foreseen_barriers": [],
            "made_at": NOW,
            **more,
        },
    )
