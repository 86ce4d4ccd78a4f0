"""What the shipped talks promise the people in them, read from the scripts and played; docs/reference/promises.md."""

from collections.abc import Iterator

import pytest

from flows.engine.effects import RecordImplementation
from flows.script.loader import library
from flows.script.model import (
    QUESTION_TYPES,
    AskConsent,
    AskText,
    Block,
    End,
    Purpose,
    Say,
    SelectMany,
    SelectOne,
    Step,
)
from flows.script.roles import Role
from tests.support.dialogue_facts import facts_named
from tests.support.engine_world import Person

HOW_OFTEN = "With how many of your last 10 such patients did you do this?"
INTERVIEW = library()["patient_interview"]
BARRIERS = {"time", "setting", "patient", "no_patient", "skill", "memory", "agree", "peers", "none", "other"}
LAST_WORDS = {
    "hcp_commitment": ("end_committed", "end_confirmed"),
    "hcp_follow_up": ("thanks_last",),
    "patient_interview": ("a99_again", "a99_only"),
    "patient_follow_up": ("done",),
}
"""The thanks of the talks in which people told something, by flow."""


def steps_of(flow: str) -> list[Step]:
    """All steps of a flow, in the order of its file, with those inside of blocks."""
    return list(_within(library()[flow].steps))


def _within(steps: tuple[Step, ...]) -> Iterator[Step]:
    for step in steps:
        yield step
        if isinstance(step, Block):
            yield from _within(step.steps)


def step(flow: str, key: str) -> Step:
    return next(one for one in steps_of(flow) if one.key == key)


@pytest.mark.parametrize(
    ("status", "then", "is_asked"),
    [
        ("Doing it fully", [], True),
        ("Partly", [], True),
        ("Already did this before", [], True),
        ("Not yet, still plan to", [], True),
        ("Did something different", ["I asked the nurse", "No, about the first plan"], True),
        ("Did something different", ["I asked the nurse", "skip"], True),
        ("Did something different", ["skip"], True),
        ("Did something different", ["I asked the nurse", "Yes, about that"], False),
        ("No chance yet (no such patients)", [], False),
        ("No longer plan to", [], False),
    ],
)
def test_whose_plan_stands_is_asked_how_often(status: str, then: list[str], is_asked: bool) -> None:
    """Also where it is not done; one tap, before what got in the way. Not where there is nothing to take a share of."""
    person = Person(library()["hcp_follow_up"], facts_named("hcp_wave_last"))
    person.taps(status)
    person.types(*then)
    assert (person.open == "d2_of_10[11]") is is_asked
    if is_asked:
        assert HOW_OFTEN in person.texts[-1]
        assert person.taps("3").open != "d2_of_10[11]"


def test_a_plan_that_starts_later_is_asked_for_its_start_alone() -> None:
    """Neither where it stands nor how often; once it has begun all of it is asked."""
    person = Person(library()["hcp_follow_up"], facts_named("hcp_wave_late_alone"))
    person.taps("Yes")
    [told] = [one for one in person.kept if isinstance(one, RecordImplementation)]
    assert (told.fields["status"], person.open) == ("not_started_yet", "d11")
    begun = Person(library()["hcp_follow_up"], facts_named("hcp_wave_late_alone"))
    assert begun.taps("I have started already").open == "d1[12]"


def test_barriers_are_the_same_ten_before_and_after() -> None:
    """People can say that they are not convinced, that others are in the way, that there is nothing, and what else."""
    for flow, key in (("hcp_commitment", "c2b"), ("hcp_commitment", "c9"), ("hcp_follow_up", "d3")):
        asked = step(flow, key)
        assert isinstance(asked, SelectMany)
        assert {choice.code for choice in asked.choices} == BARRIERS
        assert isinstance(step(flow, f"{key}_other"), AskText)


def test_what_a_follow_up_offers_has_a_place_for_every_honest_answer() -> None:
    """Patients may be worse off, nothing may back it up, and nobody has to know."""
    codes = {
        key: {choice.code for choice in asked.choices}
        for key in ("d7", "d9")
        if isinstance(asked := step("hcp_follow_up", key), SelectOne)
    }
    assert codes["d7"] == {"better", "worse", "no_difference", "cannot_tell"}
    assert "nothing_yet" in codes["d9"]


def test_what_was_done_instead_is_asked_first() -> None:
    """Then whether to ask about that from now on, before anything else of the plan."""
    person = Person(library()["hcp_follow_up"], facts_named("hcp_wave_last"))
    assert person.taps("Did something different").open == "d5[11]"
    assert person.types("I asked the nurse").open == "d5_keep[11]"


def test_what_was_tapped_is_not_read_back() -> None:
    """A tap, and a label that was typed, are clear; words that were understood are read back."""
    facts = facts_named("hcp_wave_last")
    assert Person(library()["hcp_follow_up"], facts).taps("Partly").open == "d2_of_10[11]"
    assert Person(library()["hcp_follow_up"], facts).types("gave up").open == "d10[11]"


def test_the_emergency_number_comes_before_the_first_question() -> None:
    """Whoever needs help now reads where it is before anything is asked of them."""
    for name in ("patient_interview", "patient_follow_up"):
        before = []
        for one in steps_of(name):
            if isinstance(one, QUESTION_TYPES):
                break
            before.append(one.text if isinstance(one, Say) else "")
        assert any("{program.emergency_number}" in text for text in before), name


def test_patients_pick_from_at_most_ten_with_two_ways_out() -> None:
    """What a chat can show, with the best documented needs, 'other', which asks what, and 'none'."""
    themes = step("patient_interview", "a6")
    assert isinstance(themes, SelectMany)
    offered = [choice.code for choice in themes.choices if choice.into is None]
    assert len(offered) <= 10
    assert {"worry", "expectations", "other", "none"} <= set(offered)
    assert themes.rotates == "a6_order"
    assert isinstance(step("patient_interview", "a6_other"), AskText)


def test_no_question_to_patients_asks_two_things() -> None:
    """One question mark each, in every wording."""
    for flow in library().values():
        if not {Role.PATIENT, Role.CARER} & set(flow.audience):
            continue
        for one in _within(flow.steps):
            if isinstance(one, QUESTION_TYPES) and not isinstance(one, AskConsent):
                texts = [one.text, *(wording.text for wording in getattr(one, "wordings", ()))]
                assert [text for text in texts if text.count("?") > 1] == [], one.key


def test_whoever_cares_for_somebody_is_asked_about_them() -> None:
    """Each question of the interview about one's own care has other words for them, and exports say whose it is."""
    worded = {
        one.key
        for one in steps_of("patient_interview")
        if any(wording.code == "carer" for wording in getattr(one, "wordings", ()))
    }
    assert {"a2", "a3", "a5", "a6", "a7", "a8_unsure"} <= worded
    who = step("patient_interview", "a1")
    assert isinstance(who, SelectOne)
    assert {choice.code: choice.about for choice in who.choices if choice.about} == {
        "patient": "self", "carer": "other", "both": "self",
    }  # fmt: skip


def test_words_are_asked_for_beside_the_words() -> None:
    """Between the last story and the permission there is nothing but the words that it is for."""
    steps = [one for one in steps_of("patient_interview") if not isinstance(one, Block)]
    place = next(
        number
        for number, one in enumerate(steps)
        if isinstance(one, AskConsent) and one.purpose is Purpose.USE_WORDS
    )
    quoted = []
    while isinstance(one := steps[place - 1 - len(quoted)], Say):
        quoted.append(one.text)
    told = {one.key for one in steps[: place - len(quoted)] if isinstance(one, AskText) and not one.personal}
    assert {text.strip("“”{}") for text in quoted if "{" in text} >= told


def test_the_read_back_follows_its_question() -> None:
    """What was understood is read back at once, before anything else is asked."""
    asked = [one.key for one in steps_of("patient_interview") if isinstance(one, QUESTION_TYPES)]
    assert asked[asked.index("a5") + 1] == "a10"


def test_open_answers_are_heard_in_words_of_their_own() -> None:
    """A few words between two stories, never the same twice."""
    heard = [one.text for one in INTERVIEW.steps if isinstance(one, Say) and one.key.endswith("_heard")]
    assert len(heard) >= 2
    assert len(set(heard)) == len(heard)
    assert all(len(text.split()) <= 8 for text in heard)


def test_whoever_offers_help_is_heard_by_the_team() -> None:
    """Each offer is an alert, and what is said of it goes by the leave to write."""
    offer = step("patient_interview", "a11")
    assert isinstance(offer, SelectOne)
    assert {choice.code for choice in offer.choices if choice.alert} == {"review", "planning", "story"}
    for key in ("a11_told", "a11_told_only", "a99_again"):
        assert "a03" in (step("patient_interview", key).when or "")


@pytest.mark.parametrize("flow", LAST_WORDS)
def test_the_last_message_names_my_data(flow: str) -> None:
    """Whoever has told us something reads with the thanks how to see it and have it deleted."""
    thanks = {one.key: one.text or "" for one in steps_of(flow) if isinstance(one, End)}
    assert [
        key
        for key in LAST_WORDS[flow]
        if "“my data”" not in thanks[key] or "“delete my data”" not in thanks[key]
    ] == []
