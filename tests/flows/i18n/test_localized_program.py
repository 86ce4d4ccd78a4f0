"""A program's own words in other languages: what is translated, when it is offered, how it reaches a conversation."""

import re
from datetime import UTC, datetime

import pytest

from flows.check.run import check_files
from flows.check.translations import TranslationCode
from flows.engine.advance import advance
from flows.engine.events import Replied, Started, Tapped
from flows.formats.po_files import ReviewStatus, read_po_file, write_po_file
from flows.i18n.catalogs import translation_path
from flows.i18n.extraction import shown_entries
from flows.i18n.localized_flow import LanguagePolicy, Localizations, LocalizedFlow, ProgramLocalizations
from flows.i18n.localized_program import (
    ProgramTranslations,
    localized_facts,
    program_domain,
    translations_beside,
)
from flows.i18n.sync import report_on, update
from flows.program.loader import PROGRAMS, load_program
from flows.program.model import program_facts
from flows.script.loader import library
from flows.text.templates import fields_of
from tests.support.dialogue_facts import facts_named
from tests.support.retelling import LANGUAGES
from tests.support.translated import PSEUDO, program_in, pseudo

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PATH = PROGRAMS / "myeloma.yaml"
CONDITION = "myeloma:condition"
SUGGESTION = "myeloma:activities.spring_symposium.suggestions.teach_back.label"


@pytest.fixture(scope="module")
def program():
    return load_program(PATH)


@pytest.fixture
def own(tmp_path):
    """A program file of one's own, with an unfinished Spanish translation beside it."""
    path = tmp_path / "mine.yaml"
    path.write_text(PATH.read_text(encoding="utf-8"), encoding="utf-8")
    update([program_domain(load_program(path))], tmp_path / "translations", ("es",))
    return path


def set_strings(path, strings, status=ReviewStatus.DRAFT):
    place = translation_path(path.parent / "translations", "es", "program-myeloma")
    file = read_po_file(place, "es")
    file.review_status = status
    for message in file:
        if message.context in strings:
            message.string = strings[message.context]
    write_po_file(place, file)


def words_beside(path):
    program = load_program(path)
    return ProgramTranslations(program, translations_beside(path, program))


def in_spanish(program, text="en español"):
    return {entry.context: text for entry in program_domain(program).entries}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_example_is_translated(program, language):
    """Every word of the example program can be had in every shipped language, as a draft."""
    told = report_on(program_domain(program), language, PROGRAMS / "translations")
    assert (told.is_complete, told.status) == (True, ReviewStatus.DRAFT)


def test_what_people_see_is_translated_and_what_they_call_stays(program):
    """Names, titles, labels and changes are translated; codes, the contact and help lines' names are not."""
    there = ProgramTranslations(program, program_in(program)).in_language(PSEUDO)
    assert (there.team, there.condition) == (pseudo(program.team), pseudo(program.condition))
    assert there.activities[0].title == pseudo(program.activities[0].title)
    assert [one.label for one in there.themes] == [pseudo(one.label) for one in program.themes]
    one, before = there.activities[0].suggestions[0], program.activities[0].suggestions[0]
    assert one.patient_label == pseudo(before.patient_label or "")
    assert (one.label, one.code, one.theme) == (pseudo(before.label), before.code, before.theme)
    assert there.changes[0].text == pseudo(program.changes[0].text)
    assert there.reviews[0].role == pseudo(program.reviews[0].role)
    assert (there.contact, there.crisis) == (program.contact, program.crisis)


def test_a_person_s_own_words_are_never_translated(program):
    """A commitment that reads like one of the program's suggestions is quoted as it was written."""
    facts = facts_named("hcp_wave_1")
    facts["commitments"][0]["statement"] = program.activities[0].suggestions[0].label
    there = ProgramTranslations(program, program_in(program)).facts(facts, PSEUDO)
    assert there["commitments"] == facts["commitments"]
    assert there["program"]["team"] == pseudo(program.team)


def test_what_the_program_has_no_code_for_any_more_stays(program):
    """A conversation whose suggestion has left the file since keeps what it said; going back gives the file's words."""
    facts = program_facts(program, program.activities[0])
    facts["activity"]["suggestions"][0] |= {"code": "gone", "label": "Gone"}
    there = ProgramTranslations(program, program_in(program)).facts(facts, PSEUDO)
    labels = [one["label"] for one in there["activity"]["suggestions"]]
    assert labels[0] == "Gone"
    assert labels[1] == pseudo(program.activities[0].suggestions[1].label)
    assert localized_facts(there, program) == facts


def test_a_string_that_lacks_a_translation_is_shown_as_the_file_has_it(own):
    """What is translated is used, and the rest stands in the program's language."""
    set_strings(own, {CONDITION: "mieloma"})
    there = words_beside(own).in_language("es-MX")
    assert (there.condition, there.team) == ("mieloma", load_program(own).team)


@pytest.mark.parametrize(
    ("finished", "status", "policy", "offered"),
    [
        (True, ReviewStatus.REVIEWED, LanguagePolicy(), True),
        (True, ReviewStatus.DRAFT, LanguagePolicy(), False),
        (True, ReviewStatus.DRAFT, LanguagePolicy(allow_drafts=True), True),
        (False, ReviewStatus.REVIEWED, LanguagePolicy(), False),
        (False, ReviewStatus.REVIEWED, LanguagePolicy(allow_drafts=True), False),
        (False, ReviewStatus.DRAFT, LanguagePolicy(only=("en", "es")), True),
    ],
)
def test_when_a_language_is_offered(own, finished, status, policy, offered):
    """By the rule for scripts: complete and reviewed, unless the settings say otherwise."""
    words = in_spanish(load_program(own))
    if not finished:
        del words[SUGGESTION]
    set_strings(own, words, status)
    found = words_beside(own)
    assert Localizations(policy=policy).speaks_for(found, "es") is offered
    assert (found.missing("es") == ()) is finished


@pytest.mark.parametrize(
    ("before", "after", "offered"),
    [
        ("Have patients say the plan back", "Ask patients to say the plan back", True),
        ("condition: multiple myeloma", "condition: myeloma", False),
    ],
)
def test_a_word_that_was_reworded_is_said_as_before(own, before, after, offered):
    """The language stays, and it is told which word is of an earlier text; those that stand in consents must be new."""
    update([program_domain(load_program(own))], own.parent / "translations", ("es",))
    file = translation_path(own.parent / "translations", "es", "program-myeloma")
    set_strings(own, {one.context: f"es {one.context}" for one in program_domain(load_program(own)).entries})
    text = own.read_text()
    assert before in text
    own.write_text(text.replace(before, after))
    for _ in range(2):  # also once the file is brought up to date
        words = words_beside(own)
        assert (words.missing("es") == ()) is offered
        assert len(words.outdated("es")) == (1 if offered else 0)
        update([program_domain(load_program(own))], own.parent / "translations", ("es",))
    assert file.exists()


def test_whatever_a_consent_names_of_a_program_is_agreed_to(program):
    """No former translation stands in what people consent to: of a program, an activity, or a piece they review."""
    entries = {one.context: one.is_agreed_to for one in program_domain(program).entries}
    named = {
        field.partition(":")[0]
        for flow in library().values()
        for entry in shown_entries(flow)
        if entry.is_agreed_to
        for field in fields_of(entry.texts[0]) or ()
    }
    places = {"program": "", "activity": r"activities\.[^.]+\.", "review": r"reviews\.[^.]+\."}
    found = {}
    for place, dot, field in (name.partition(".") for name in named):
        if dot and place in places:
            pattern = re.compile(rf"myeloma:{places[place]}{re.escape(field)}")
            found |= {context: sure for context, sure in entries.items() if pattern.fullmatch(context)}
    assert {"myeloma:team", *(f"myeloma:reviews.{one.slug}.role" for one in program.reviews)} <= found.keys()
    assert all(found.values()), found


def test_a_program_without_translations_is_offered_in_its_own_language():
    """A finished translation of a script alone does not make half a conversation in another language."""
    program = load_program(PATH)
    flow, drafts = library()["hcp_commitment"], Localizations(policy=LanguagePolicy(allow_drafts=True))
    assert set(drafts.offered(flow)) == {"en", *LANGUAGES}
    assert ProgramLocalizations(drafts, lambda: ProgramTranslations(program)).offered(flow) == ("en",)
    spanish = program.model_copy(update={"language": "es"})
    assert ProgramLocalizations(drafts, lambda: ProgramTranslations(spanish)).offered(flow) == ("en", "es")


def test_a_change_of_language_in_the_middle_of_a_conversation(program):
    """The choices of the program come in the new language, and the code that is kept is the same."""
    flow, words = (
        library()["hcp_commitment"],
        ProgramTranslations(program, translations_beside(PATH, program)),
    )
    localizations = ProgramLocalizations(
        Localizations(policy=LanguagePolicy(allow_drafts=True)), lambda: words
    )
    result = advance(LocalizedFlow(flow, localizations), None, Started(facts_named("hcp"), "en"), now=NOW)
    for event in (Tapped(0, 0), Tapped(1, 0), Tapped(2, 1), Tapped(3, 0), Replied("language español", "m1")):
        result = advance(LocalizedFlow(flow, localizations), result.state, event, now=NOW)
    said = "\n".join(str(effect) for effect in result.effects)
    there = words.in_language("es").activities[0].suggestions[0]
    assert there.label in said
    assert program.activities[0].suggestions[0].label not in said
    result = advance(LocalizedFlow(flow, localizations), result.state, Replied(there.label, "m2"), now=NOW)
    assert result.state.answers["c3[0]"].value == there.code
    assert result.state.facts["program"]["team"] == words.in_language("es").team


@pytest.mark.parametrize(
    ("strings", "code"),
    [
        ({CONDITION: "{program.team}"}, TranslationCode.PLACEHOLDERS),
        ({SUGGESTION: "x" * 65}, TranslationCode.TOO_LONG),
        (
            {SUGGESTION: "Same", SUGGESTION.replace("teach_back", "carer_contact"): "Same"},
            TranslationCode.SAME_LABEL,
        ),
    ],
)
def test_said_check_reads_them_too(own, strings, code):
    """A placeholder, a button too long, two suggestions of one name: found with file and line."""
    set_strings(own, strings)
    [problem] = check_files([own])
    assert (problem.code, problem.file.endswith("es/program-myeloma.po")) == (code, True)
    assert problem.line > 1


def test_a_clinician_s_and_a_patient_s_label_may_be_the_same(own):
    """They are never choices of one question."""
    set_strings(
        own, {SUGGESTION: "Same", SUGGESTION.replace("teach_back.", "carer_contact.patient_"): "Same"}
    )
    assert check_files([own]) == []
