"""What may be done with words: which decisions count for a conversation, in every order that they may come in."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from flows.script.loader import load_flow_text
from flows.script.roles import Purpose
from storage.programs import word_permission
from storage.programs.word_permission import NOTHING, WordPermission
from storage.schema import ParticipantStatus
from tests.support.export_rows import NOW, Rows, conversation, person_and_program

FLOWS = {
    name: load_flow_text(f"""
flow: {name}
title: T
language: en
audience: [patient]
steps:
  - {{key: a1, kind: text, text: Who?}}
  - {{key: bye, kind: end}}
""")
    for name in ("patient_interview", "patient_follow_up", "content_review")
}
"""The first two are of a family, the third is not."""
INTERVIEW, SECOND, FOLLOW_UP, REVIEW = 1, 2, 3, 4
OUTSIDE = None
YES, NO = True, False
BY_ORDER = [
    # what was decided, where and how                               interview, second, follow-up, review
    ([], ""),
    ([(INTERVIEW, YES)], "interview follow_up"),
    ([(INTERVIEW, NO)], ""),
    ([(INTERVIEW, YES), (OUTSIDE, NO)], ""),
    ([(INTERVIEW, YES), (OUTSIDE, NO), (INTERVIEW, YES)], "interview follow_up"),
    ([(INTERVIEW, NO), (INTERVIEW, YES)], "interview follow_up"),
    ([(INTERVIEW, NO), (SECOND, YES)], "second follow_up"),
    ([(INTERVIEW, YES), (SECOND, NO)], ""),
    ([(INTERVIEW, YES), (SECOND, YES)], "interview second follow_up"),
    ([(INTERVIEW, YES), (OUTSIDE, NO), (SECOND, YES)], "second follow_up"),
    ([(INTERVIEW, YES), (SECOND, NO), (SECOND, YES)], "interview second follow_up"),
    ([(INTERVIEW, YES), (FOLLOW_UP, NO)], ""),
    ([(FOLLOW_UP, YES)], "follow_up"),
    ([(INTERVIEW, YES), (REVIEW, NO)], "interview follow_up"),
    ([(REVIEW, YES)], "review"),
    ([(REVIEW, YES), (OUTSIDE, NO)], ""),
    ([(INTERVIEW, YES), (REVIEW, YES), (OUTSIDE, NO), (INTERVIEW, YES)], "interview follow_up"),
]
NAMES = {"interview": INTERVIEW, "second": SECOND, "follow_up": FOLLOW_UP, "review": REVIEW}


@pytest.fixture
def rows() -> Iterator[Rows]:
    """Two interviews, what follows on the second, and a review, of one person in one program."""
    engine = sa.create_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    with engine.begin() as connection:
        found = Rows(connection)
        person_and_program(found)
        for flow in FLOWS.values():
            source = flow.model_dump_json(by_alias=True)
            found.add("flowversion", hash=flow.hash, flow=flow.flow, source=source, first_used_at=NOW)
        for number, name in enumerate(("patient_interview", "patient_interview", *list(FLOWS)[1:])):
            conversation(found, FLOWS[name], NOW + timedelta(days=number))
        yield found
    engine.dispose()


def decide(rows: Rows, purpose: Purpose, where: int | None, granted: bool) -> None:
    rows.add(
        "consent",
        participant_id=1,
        program_id=1,
        conversation_id=where,
        purpose=purpose,
        granted=granted,
        shown_text="May we?",
        text_hash="x",
        language="en",
        decided_at=NOW,
    )


def permitted(rows: Rows) -> dict[int, WordPermission]:
    return word_permission.of_conversations(rows.connection, list(NAMES.values()))


@pytest.mark.parametrize(("decided", "free"), BY_ORDER, ids=str)
@pytest.mark.parametrize("purpose", [Purpose.USE_WORDS, Purpose.PUBLISH])
def test_orders(rows: Rows, decided: list[tuple[int | None, bool]], free: str, purpose: Purpose) -> None:
    """A yes frees the words beside it and what follows on them; a no takes all of its family."""
    for where, granted in decided:
        decide(rows, purpose, where, granted)
    found = permitted(rows)
    name = "may_quote" if purpose is Purpose.USE_WORDS else "may_publish"
    assert " ".join(key for key, number in NAMES.items() if getattr(found[number], name)) == free
    other = "may_publish" if purpose is Purpose.USE_WORDS else "may_quote"
    assert not any(getattr(one, other) for one in found.values())


def test_the_team_is_named_only_in_what_is_published(rows: Rows) -> None:
    """A yes to the name alone permits nothing."""
    decide(rows, Purpose.NAME_TEAM, INTERVIEW, YES)
    assert permitted(rows)[INTERVIEW] == NOTHING
    decide(rows, Purpose.PUBLISH, INTERVIEW, YES)
    assert permitted(rows)[INTERVIEW] == WordPermission(may_publish=True, may_name_team=True)


@pytest.mark.parametrize("purpose", list(Purpose))
def test_who_takes_no_part(rows: Rows, purpose: Purpose) -> None:
    """A no to taking part takes its own conversation's words along; a no to a later talk does not."""
    for one in Purpose:
        decide(rows, one, INTERVIEW, YES)
    decide(rows, Purpose.TAKE_PART, FOLLOW_UP, NO)
    assert permitted(rows)[INTERVIEW] == WordPermission(True, True, True)
    assert permitted(rows)[FOLLOW_UP] == NOTHING
    decide(rows, purpose, OUTSIDE, NO)
    left = {
        Purpose.TAKE_PART: NOTHING,
        Purpose.USE_WORDS: WordPermission(may_publish=True, may_name_team=True),
        Purpose.CONTACT_AGAIN: WordPermission(True, True, True),
        Purpose.PUBLISH: WordPermission(may_quote=True),
        Purpose.NAME_TEAM: WordPermission(may_quote=True, may_publish=True),
    }
    assert permitted(rows)[INTERVIEW] == left[purpose]


@pytest.mark.parametrize("status", list(ParticipantStatus))
def test_who_is_there(rows: Rows, status: ParticipantStatus) -> None:
    """Who stopped, or had all deleted, permits nothing while that is so."""
    decide(rows, Purpose.USE_WORDS, INTERVIEW, YES)
    rows.connection.execute(sa.text("UPDATE participant SET status = :status"), {"status": status.value})
    assert permitted(rows)[INTERVIEW].may_quote == (status is ParticipantStatus.ACTIVE)


def test_the_newest_decision_of_each_family_stands() -> None:
    """A later no for all puts an end to all before it; a yes after it stands beside it."""
    family, other = frozenset({"a", "b"}), frozenset({"c"})
    rows = [(1, "use", family), (1, "use", other), (1, "use", None), (1, "use", family), (2, "use", family)]
    assert list(word_permission.standing_decisions(rows)) == [False, False, True, True, True]
