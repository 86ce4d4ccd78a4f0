"""The helper for PARS: what is known of each activity, and what is left for a person."""

from flows.engine.effects import PromptKind
from flows.script.roles import Role
from storage.export.measures.measure import MeasureCell
from storage.outcomes.pars import PARS
from storage.schema import FollowUpStatus, ImplementationStatus
from tests.support.planned_changes import PROGRAM, Changes, changes

LEFT = (
    *("type", "location", "hours", "designed_patient_outcomes", "physicians", "other_learners"),
    *("competencies", "joint_provider", "commercial_support", "credits"),
)


def sheet(rows: Changes) -> dict[str, dict[str, MeasureCell]]:
    """The rows by activity, each by column."""
    return {
        str(row[0]): dict(zip(PARS.columns, row, strict=True)) for row in PARS.count(rows.connection, PROGRAM)
    }


def test_what_nobody_told_is_empty() -> None:
    """Each activity has a row, what is only reviewed has none; nothing is invented, commercial support least of all."""
    with changes() as rows:
        found = sheet(rows)
    assert list(found) == ["spring", "autumn"]
    assert (found["spring"]["title"], found["spring"]["date"]) == ("Spring day", "2026-03-19")
    assert found["autumn"]["date"] == ""
    for row in found.values():
        assert {row[name] for name in LEFT} == {""}
        flags = [
            row[name] for name in row if name.startswith(("designed_comp", "designed_perf", "evaluated"))
        ]
        assert flags == ["no"] * 5
        assert (row["physicians_here"], row["others_here"], row["unnamed_here"]) == ("", "", 0)


def test_flags_follow_what_was_asked_and_answered() -> None:
    """Asked, followed up, committed, reported: one after the other, of that activity alone."""
    with changes() as rows:
        person = rows.person()
        rows.talk(person)
        steps = [sheet(rows)["spring"]]
        plan = rows.plan(person, confirmed=False)
        steps.append(sheet(rows)["spring"])
        plan = rows.plan(person)
        steps.append(sheet(rows)["spring"])
        wave = rows.wave(plan, person, FollowUpStatus.ANSWERED)
        steps.append(sheet(rows)["spring"])
        rows.report(plan, wave, ImplementationStatus.DROPPED)
        steps.append(sheet(rows)["spring"])
        other = sheet(rows)["autumn"]
    names = ("designed_competence", "designed_performance", "evaluated_competence", "evaluated_performance")
    assert [[step[name] for name in names] for step in steps] == [
        ["yes", "no", "no", "no"],
        ["yes", "no", "no", "no"],
        ["yes", "no", "yes", "no"],
        ["yes", "yes", "yes", "no"],
        ["yes", "yes", "yes", "yes"],
    ]
    assert [other[name] for name in names] == ["no"] * 4


def test_professions_are_counted_by_person() -> None:
    """The newest that somebody named counts; who named none is told apart."""
    with changes() as rows:
        first, second, third = (rows.person() for _ in range(3))
        rows.named(rows.talk(first), "nurse")
        rows.named(rows.talk(first), "physician")
        rows.named(rows.talk(second), "pharmacist")
        rows.talk(third)
        row = sheet(rows)["spring"]
    assert (row["physicians_here"], row["others_here"], row["unnamed_here"]) == (1, 1, 1)


def test_patients_outcomes_are_for_a_person_to_decide() -> None:
    """Where patients rated their care again the flag is empty, and else no: ratings of care may be no outcome."""
    with changes() as rows:
        talk = rows.talk(rows.person(Role.PATIENT), "patient_follow_up", None)
        assert sheet(rows)["spring"]["evaluated_patient_outcomes"] == "no"
        rows.answer(talk, "e2[body]", PromptKind.SCALE, 4)
        assert sheet(rows)["spring"]["evaluated_patient_outcomes"] == ""


def test_no_upload_is_claimed() -> None:
    """The note under the table says that it is a help to copy from by hand."""
    assert "by hand" in PARS.note
    assert "no file for PARS's upload" in PARS.note
