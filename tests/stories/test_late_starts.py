"""'Still starting on 22 June?': what people write to it, in seven languages."""

import pytest

from flows.engine.effects import ReviseCommitment
from flows.i18n.localized_flow import LanguagePolicy, Localizations, name_of
from flows.program.model import Schedule
from flows.script.loader import library
from tests.support.dialogue_facts import facts_named
from tests.support.engine_world import Person

FIRST_OF_JULY = {
    "en": "no, 1 July|1 July|No, I start on 1 July",
    "ar": "لا، 1 يوليو",
    "de": "nein, am 1. Juli",
    "es": "no, el 1 de julio",
    "fr": "non, le 1er juillet",
    "it": "no, il 1 luglio",
    "pt": "não, 1 de julho",
}
NO = {"en": "no|no, not yet", "ar": "لا", "de": "nein", "es": "no", "fr": "non", "it": "no", "pt": "não"}


def at_the_start(language: str) -> Person:
    """A clinician whose only plan starts later, asked whether it still does."""
    localizations = Localizations((), LanguagePolicy(allow_drafts=True))
    person = Person(
        library()["hcp_follow_up"], facts_named("hcp_wave_late_alone"), localizations=localizations
    )
    if language != "en":
        person.types(f"language {name_of(language)}")
    assert person.open == "d_start[12]"
    return person


@pytest.mark.parametrize("language", FIRST_OF_JULY)
def test_a_day_is_another_date(language: str) -> None:
    """A day, also after a no, is the new start: the plan is not dropped, and the day is not asked for again."""
    for words in FIRST_OF_JULY[language].split("|"):
        given = at_the_start(language).types(words).answers
        assert given == {"d_start[12]": "another_date", "d_start_on[12]": "2026-07-01"}, words


@pytest.mark.parametrize("language", NO)
def test_a_bare_no_drops_no_plan(language: str) -> None:
    """It may be about the day or the plan, and is asked once more."""
    for words in NO[language].split("|"):
        person = at_the_start(language).types(words)
        assert (person.open, person.answers) == ("d_start[12]", {}), words


def test_a_day_that_is_gone_is_explained_where_days_are_asked_for() -> None:
    """It is another date, and which one is open."""
    person = at_the_start("en").types("yesterday")
    assert (person.open, person.answers) == ("d_start_on[12]", {"d_start[12]": "another_date"})
    assert person.texts[-1].startswith("When will you start?")


def test_another_date_is_taken_back() -> None:
    """Whoever gave another date and then says 'as planned' starts on the day that was planned."""
    person = at_the_start("en").types("no, 1 July")
    assert [kept.fields["start_on"] for kept in person.kept if isinstance(kept, ReviseCommitment)] == [
        "2026-07-01"
    ]
    person.types("back", "back", "yes")
    assert [kept.fields["start_on"] for kept in person.kept if isinstance(kept, ReviseCommitment)] == [
        "2026-06-22"
    ]
    assert [kept for kept in at_the_start("en").types("yes").kept if isinstance(kept, ReviseCommitment)] == []


FIFTEENTH_OF_JULY = {
    "en": "15 July|no, 15 July",
    "ar": "15 يوليو",
    "de": "15. Juli|nein, am 15. Juli",
    "es": "15 de julio",
    "fr": "le 15 juillet",
    "it": "15 luglio",
    "pt": "15 de julho",
}
WAYS = {
    "after another day": ("1",),
    "after 'as planned'": ("2",),
    "after both": ("2", "1"),
}
"""What is said before somebody goes back to the question for the start: 1 another date, 2 as planned."""


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("language", FIFTEENTH_OF_JULY)
def test_back_changes_the_start(language: str, way: str) -> None:
    """Whoever goes back to the start and names a day starts on that day, whatever was answered before."""
    first, yes = FIRST_OF_JULY[language].split("|")[0], {"en": "yes"}.get(language, "1")
    for words in FIFTEENTH_OF_JULY[language].split("|"):
        person = at_the_start(language)
        for said in WAYS[way]:
            while person.open != "d_start[12]":
                person.types("back")
            person.types(first if said == "1" else yes)
        while person.open != "d_start[12]":
            person.types("back")
        person.types(words)
        revised = [one.fields["start_on"] for one in person.kept if isinstance(one, ReviseCommitment)]
        assert (words, revised[-1]) == (words, "2026-07-15")
        answers = {slot: given.value for slot, given in person.state.answers.items()}
        assert answers == {"d_start[12]": "another_date", "d_start_on[12]": "2026-07-15"}
        assert person.open == "d11"


@pytest.mark.parametrize("blank", ["", "  ", "\n"])
def test_a_message_without_words_is_no_day(blank: str) -> None:
    """The question is put once more."""
    assert at_the_start("en").types(blank).open == "d_start[12]"


THIRTIETH_OF_JUNE = {
    "en": "30 June 2026",
    "ar": "30 يونيو 2026",
    "de": "30. Juni 2026",
    "es": "30 de junio de 2026",
    "fr": "30 juin 2026",
    "it": "30 giugno 2026",
    "pt": "30 de junho de 2026",
}


@pytest.mark.parametrize("language", THIRTIETH_OF_JUNE)
def test_the_end_names_the_wave_after_a_late_start(language: str) -> None:
    """A plan that starts on 31 May is asked about once more, thirty days on: what comes next says so."""
    facts = facts_named("hcp")
    facts["schedule"]["rules"] = Schedule().model_dump(
        mode="json", include={"waves", "close_after", "window"}
    )
    localizations = Localizations((), LanguagePolicy(allow_drafts=True))
    said: dict[str, list[str]] = {}
    for start in ("2026-05-31", "2026-03-03"):
        person = Person(library()["hcp_commitment"], facts, localizations=localizations)
        if language != "en":
            person.types(f"language {name_of(language)}")
        person.types("1", "1", "1", "1", "1", "1", "skip", start)
        while person.state.open is not None:
            saves = (person.open or "").startswith("c10")
            person.types("1" if saves else "2" if (person.open or "").startswith("c11") else "skip")
        said[start] = person.texts
    assert any(THIRTIETH_OF_JUNE[language] in text for text in said["2026-05-31"])
    assert not any(THIRTIETH_OF_JUNE[language] in text for text in said["2026-03-03"])
