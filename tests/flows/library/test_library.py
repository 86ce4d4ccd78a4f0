"""The shipped scripts: they check clean, keep their promises, and their files name their schemas."""

import json
import re

import pytest

from flows.check.length import counted, minutes
from flows.check.outline import Outline
from flows.check.readability import GRADE, grade
from flows.check.run import check_files
from flows.check.texts import prompts
from flows.engine.compiled import compile_flow
from flows.engine.effects import RecordImplementation, ReviseCommitment
from flows.formats.yaml_source import read_source
from flows.program.loader import load_program, program_paths
from flows.program.model import program_facts
from flows.reference import generated
from flows.script.code_lists import code_lists, codes_of, shipped_lists
from flows.script.facts import FACTS, ITEMS
from flows.script.loader import LIBRARY, library, library_paths, load_flow
from flows.script.model import AskConsent, Purpose, Role, SelectMany
from tests.support.dialogue_facts import facts_named
from tests.support.engine_world import Person


def outline(name: str) -> Outline:
    path = LIBRARY / f"{name}.yaml"
    return Outline(load_flow(path), read_source(path))


def test_all_that_is_shipped_checks_clean() -> None:
    """Every shipped script and program passes `said check` without a problem."""
    assert [str(problem) for problem in check_files()] == []


@pytest.mark.parametrize("path", [*library_paths(), *program_paths()], ids=lambda path: path.stem)
def test_each_file_names_its_schema_and_bears_its_name(path) -> None:
    """An editor finds the schema beside the file, and a script is found by its name."""
    first = path.read_text(encoding="utf-8").splitlines()[0]
    schema = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert schema is not None
    named = json.loads((path.parent / schema[1]).read_text(encoding="utf-8"))
    assert ("flow" in named["properties"]) == (path in library_paths())
    assert path.stem in {read_source(path).value.get("flow"), read_source(path).value.get("program")}


@pytest.mark.parametrize("path", list(generated()), ids=lambda path: path.name)
def test_generated_files_are_up_to_date(path) -> None:
    """The page on scripts and the schemas say what the code says; `python -m flows.reference` writes them
    anew.
    """
    assert path.read_text(encoding="utf-8") == generated()[path]


@pytest.mark.parametrize(
    ("name", "questions", "most_minutes"),
    [("patient_interview", 11, 11), ("hcp_commitment", 11, 10), ("hcp_follow_up", 11, 13)],
)
def test_length_of_each_script(name: str, questions: int, most_minutes: float) -> None:
    """The interview asks the eleven questions that it promises at most, and none of the conversations drags on.

    The minutes are those of somebody who is asked everything: of a follow-up, also whether it was their plan.
    """
    assert counted(outline(name)) == questions
    assert minutes(outline(name)) <= most_minutes


def test_the_interview_reads_at_grade_six() -> None:
    """Every word that a patient reads is plain."""
    interview = outline("patient_interview")
    assert max(grade(text.text) for text in prompts(interview)) <= GRADE


def test_consents_come_one_purpose_a_tap() -> None:
    """Taking part, using words and writing again are three questions, the first one before all others."""
    questions = [step for _, step in outline("patient_interview").questions]
    consents = [step.purpose for step in questions if isinstance(step, AskConsent)]
    assert consents == [Purpose.TAKE_PART, Purpose.CONTACT_AGAIN, Purpose.USE_WORDS]
    assert library()["patient_interview"].audience == (Role.PATIENT, Role.CARER)


def test_themes_of_the_example_meet_what_patients_can_pick() -> None:
    """What patients raise, what an activity teaches and what is promised there carry the same codes."""
    program = load_program(LIBRARY / "programs" / "myeloma.yaml")
    (picks,) = [step for _, step in outline("patient_interview").questions if step.key == "a6"]
    assert isinstance(picks, SelectMany)
    offered = [choice.code for choice in picks.choices if choice.into is None and not choice.exclusive]
    assert [theme.code for theme in program.themes] == offered
    (activity,) = program.activities
    assert len(activity.objectives) == 3
    assert 5 <= len(activity.suggestions) <= 6
    assert all(suggestion.objective and suggestion.theme for suggestion in activity.suggestions)


def test_barriers_foreseen_can_be_met() -> None:
    """The follow-up offers every barrier that can be foreseen, in the same codes, so that the two can be
    compared.
    """
    foreseen = {choice.code for choice in shipped_lists()["barriers_foreseen"] if not choice.exclusive}
    assert foreseen <= {choice.code for choice in shipped_lists()["barriers_met"]}


def test_code_lists_have_versions_and_sources() -> None:
    """Every list says which version it is and where it comes from, and holds no code twice."""
    for a_list in code_lists().values():
        codes = [code.code for code in codes_of(a_list)]
        assert a_list.version >= 1
        assert a_list.source
        assert len(codes) == len(set(codes))


def test_statuses_are_the_seven_that_are_kept() -> None:
    """What the follow-up offers is what storage knows, with what it asks of a plan that starts later."""
    from storage.schema import ImplementationStatus

    assert [*(choice.code for choice in shipped_lists()["statuses"]), "not_started_yet"] == [
        status.value for status in ImplementationStatus
    ]


def test_facts_that_scripts_may_name_are_those_of_a_program() -> None:
    """The check's table of facts is not behind the program's own."""
    program = load_program(program_paths()[0])
    facts = program_facts(program, program.activities[0])
    assert set(facts["program"]) <= FACTS["program"]
    assert set(facts["activity"]) == FACTS["activity"]
    assert set(facts["activity"]["suggestions"][0]) <= ITEMS["activity.suggestions"]


def test_drop_it_holds_only_for_what_was_not_begun() -> None:
    """Whoever says 'drop it' and then that they do it in full is kept as doing it, whatever they said before."""
    person = Person(library()["hcp_follow_up"], facts_named("hcp_wave_last"))
    person.taps("Not yet, still plan to").types("0", "1").taps("No", "Drop it")
    person.taps("Doing it fully")
    told = [told for told in person.kept if isinstance(told, RecordImplementation)][-1]
    assert told.fields["status"] == "full"


LEFT_BEHIND = [
    (["Partly", "5"], "No longer plan to", {"of_10": None}),
    (
        ["Partly", "I had fewer than 10", "4", "3"],
        "No chance yet (no such patients)",
        {"of_10": None, "had": None, "did": None},
    ),
    (["Partly", "I had fewer than 10", "4", "3"], "Not yet, still plan to", {"of_10": "fewer", "did": 3}),
    (["Partly", "5", "Not enough time"], "Doing it fully", {"of_10": 5, "barriers": None}),
]


@pytest.mark.parametrize(("said", "corrected", "kept"), LEFT_BEHIND)
def test_no_figure_is_left_behind_by_a_correction(
    said: list[str], corrected: str, kept: dict[str, object]
) -> None:
    """What a corrected status would not be asked any more is taken out of the report; what it would be asked stands."""
    person = Person(library()["hcp_follow_up"], facts_named("hcp_wave_last"))
    for reply in said:
        person.types(reply)
    before = len(person.kept)
    while person.open != "d1[11]":
        person.types("back")
    person.taps(corrected)
    for _ in range(6):
        if any("barriers" in one.fields for one in _reports(person, before)):
            break
        person.types("nothing" if person.open == "d3[11]" else "skip")
    told = _reports(person, before)[-1].fields
    assert {name: told[name] for name in kept} == kept


def _reports(person: Person, first: int) -> list[RecordImplementation]:
    return [one for one in person.kept[first:] if isinstance(one, RecordImplementation)]


@pytest.mark.parametrize("status", ["Doing it fully", "No longer plan to"])
@pytest.mark.parametrize(
    "said",
    [
        ["Did something different", "I asked the nurse", "Yes, about that"],
        ["Not yet, still plan to", "1", "Nothing", "Edit it", "Other words", "skip"],
    ],
)
def test_a_plan_keeps_its_words_where_other_words_were_taken_back(said: list[str], status: str) -> None:
    """Other words come only from who says to the last that it was done otherwise, or that it is to be edited."""
    person = Person(library()["hcp_follow_up"], facts_named("hcp_wave_last"))
    person.types(*said)
    while person.open != "d1[11]":
        person.types("back")
    person.taps(status)
    for _ in range(12):
        if person.open is None or person.open == "d11":
            break
        person.types("nothing" if person.open == "d3[11]" else "skip")
    assert not [one for one in person.kept if isinstance(one, ReviseCommitment)]


@pytest.mark.parametrize("name", ["hcp_commitment", "patient_interview"])
def test_the_way_through_a_long_talk_is_counted_once_for_all_who_choose_alike(name: str) -> None:
    """Lines of help and other things that are only said decide no way: the count 'n of m' is kept by choices alone."""
    assert compile_flow(library()[name]).by_choice
