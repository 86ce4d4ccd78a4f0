"""The loop, theme by theme: where it is stuck, and the seam for themes that were coded."""

from collections.abc import Iterator, Mapping

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from flows.engine.effects import PromptKind
from storage.export.measures.loop import CAVEAT, LoopStep, find_break, loop_table
from storage.export.measures.measure import Figure, MeasureCell, RatingChange
from storage.programs import choice_marks
from storage.schema import ConversationStatus
from tests.support.export_rows import NOW, Rows

FULL = {LoopStep.RAISED: 9, LoopStep.TAUGHT: 1, LoopStep.COMMITTED: 4, LoopStep.IMPLEMENTED: 1}
FULL |= {LoopStep.ASKED_LATER: 3, LoopStep.BETTER: 2}


@pytest.mark.parametrize(
    ("nothing", "words"),
    [
        (LoopStep.RAISED, "raised by 0"),
        (LoopStep.TAUGHT, "raised by 9, taught in 0 activities"),
        (LoopStep.COMMITTED, "taught in 1 activity, committed to by 0"),
        (LoopStep.IMPLEMENTED, "committed to by 4, 0 commitments implemented"),
        (LoopStep.ASKED_LATER, "1 commitment implemented, 0 asked later"),
        (LoopStep.BETTER, "3 asked later, better for 0"),
    ],
)
def test_the_break_is_the_first_step_with_nothing(nothing: LoopStep, words: str):
    """It is told with the step before, and with how many that reached."""
    later = list(LoopStep)[list(LoopStep).index(nothing) :]
    for steps in ({**FULL, nothing: 0}, {**FULL, **dict.fromkeys(later, 0)}):
        assert str(find_break(steps)) == words


def test_a_whole_loop_has_no_break():
    """Something in every step."""
    assert find_break(FULL) is None


class Patients(Rows):
    """A program with two themes, one of them taught, and patients with their interviews."""

    def __init__(self, connection: sa.Connection) -> None:
        super().__init__(connection)
        self.add("program", slug="p", title="P", settings={}, hash="1", loaded_at=NOW)
        self.add("activity", program_id=1, slug="spring", title="S")
        for code in ("body", "cost"):
            self.add("theme", program_id=1, code=code, label=code.title())
        self.add("objective", activity_id=1, code="o", text="x", theme="body")

    def talk(self, person: int, flow: str) -> int:
        return self.add(
            "conversation", participant_id=person, address_id=1, program_id=1, flow=flow, flow_hash="h",
            channel="t", state="", status=ConversationStatus.ENDED, started_at=NOW, last_turn_at=NOW,
        )  # fmt: skip

    def interview(self, person: int, picks: Mapping[str, int]) -> None:
        number = self.talk(person, "patient_interview")
        self.answer(number, "a6", PromptKind.SELECT_MANY, list(picks))
        for code, rating in picks.items():
            self.answer(number, f"a7[{code}]", PromptKind.SCALE, rating)

    def later(self, person: int, theme: str, rating: int | None, judged: str) -> None:
        number = self.talk(person, "patient_follow_up")
        self.answer(number, f"e2[{theme}]", PromptKind.SCALE, rating)
        self.answer(number, f"e3[{theme}]", PromptKind.SELECT_ONE, judged)


@pytest.fixture
def patients() -> Iterator[Patients]:
    engine = sa.create_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    with engine.begin() as connection:
        yield Patients(connection)
    engine.dispose()


def rows(patients: Patients, **seam: Mapping[str, set[int]]) -> dict[str, dict[str, MeasureCell]]:
    """The rows by theme, each by column; `coded` is what two coders found."""
    coded = seam.get("coded")
    table = loop_table() if coded is None else loop_table(lambda _connection, _program: coded)
    found = table.count(patients.connection, "p")
    return {str(row[0]): dict(zip(table.columns, row, strict=True)) for row in found}


def test_people_count_and_not_mentions(patients: Patients):
    """Who was interviewed twice raised a theme once."""
    for _ in range(2):
        patients.interview(1, {"cost": 2})
    patients.interview(2, {"cost": 3, "body": 1})
    found = rows(patients)
    assert [found[theme]["raised"] for theme in ("cost", "body")] == [2, 1]
    assert found["cost"]["break"] == "raised by 2, taught in 0 activities"
    assert found["body"]["break"] == "taught in 1 activity, committed to by 0"


def test_change_is_of_two_ratings_and_their_own_judgement_stands_beside(patients: Patients):
    """The newest rating before counts; who gave one rating alone is in no pair, and 'cannot say' is no judgement."""
    patients.interview(1, {"body": 1})
    patients.interview(1, {"body": 2})
    patients.later(1, "body", 5, "better")
    patients.interview(2, {"body": 4})
    patients.later(2, "body", 3, "cannot_say")
    patients.later(3, "body", 5, "same")
    patients.interview(4, {"body": 4})
    patients.later(4, "body", None, "worse")
    found = rows(patients)["body"]
    assert found["asked_later"] == 4
    assert found["better"] == Figure(1, 2, 2)
    assert isinstance(found["change"], RatingChange)
    assert (found["change"].people, found["change"].mean) == (2, 1.0)
    assert found["judged_better"] == Figure(1, 3, 3)


def test_coded_words_have_a_column_of_their_own(patients: Patients):
    """Empty where nothing was coded; with counts, a theme that nobody's words were given has none."""
    patients.interview(1, {"body": 1})
    assert [row["raised_coded"] for row in rows(patients).values()] == [None, None]
    found = rows(patients, coded={"cost": set(range(7))})
    assert [found[theme]["raised_coded"] for theme in ("body", "cost")] == [0, 7]
    assert [found[theme]["raised"] for theme in ("body", "cost")] == [1, 0]


def test_what_was_coded_alone_is_raised(patients: Patients):
    """The break agrees with the columns beside it: picked, or else coded."""
    patients.interview(1, {"body": 1})
    found = rows(patients, coded={"cost": set(range(7))})
    assert found["cost"]["break"] == "raised by 7, taught in 0 activities"
    assert found["body"]["break"] == "taught in 1 activity, committed to by 0"


def test_coded_people_go_with_a_code_that_became_part_of_another(
    patients: Patients, monkeypatch: pytest.MonkeyPatch
):
    """They count in what it has become part of, each person once."""
    monkeypatch.setattr(choice_marks, "merged", lambda *_: {"cost": "body"})
    found = rows(patients, coded={"body": {1, 2}, "cost": {2, 3}})
    assert {theme: row["raised_coded"] for theme, row in found.items()} == {"body": 3}


def test_a_theme_that_left_the_codebook_keeps_its_row(patients: Patients):
    """What people picked, and what was asked about later, is counted under its code."""
    patients.interview(1, {"gone": 1})
    patients.later(2, "asked", 5, "better")
    found = rows(patients)
    assert list(found) == ["body", "cost", "asked", "gone"]
    assert (found["gone"]["label"], found["gone"]["raised"]) == ("gone", 1)
    assert found["asked"]["asked_later"] == 1


def test_the_caveat_stands_under_it():
    """Linked by theme, never person to person."""
    assert loop_table().note == CAVEAT
    assert "never person to person" in CAVEAT
