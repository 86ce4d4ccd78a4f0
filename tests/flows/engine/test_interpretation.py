"""What words mean under a question: the person's own, no story, or a choice with more behind it."""

import pytest

from flows.engine.advance import advance
from flows.engine.effects import (
    AnswerStatus,
    EndRemark,
    Outcome,
    RecordAnswer,
    RecordCommitment,
    ScheduleWaves,
    SendMessage,
)
from flows.engine.events import Edited, Replied, Sight, Started
from flows.engine.state import ConversationState
from flows.i18n.say import Sentence, say
from flows.script.loader import library
from flows.script.model import Flow
from tests.support.dialogue_facts import facts_named
from tests.support.engine_world import NOW, Person, Speaker, confirm, consent, end, flow_of, many, one, text
from tests.support.said_in_a_row import steps_of

FLOW = flow_of(
    text("first"),
    {**one("pick", "red", "blue", "own"), "own_words": {"choice": "own", "question": "words"}},
    text("words"),
    text("after"),
    end("bye"),
)
SENTENCE = "Paint every wall in green on Monday"


def at_pick(flow: Flow = FLOW) -> ConversationState:
    """The conversation with the choice open."""
    begun = advance(flow, None, Started({}, flow.language), now=NOW)
    return advance(flow, begun.state, Replied("xyz", "m1"), now=NOW).state


def test_a_sentence_is_the_persons_own() -> None:
    """It stands for the choice and answers the next question, with what was asked then; what was taken is said."""
    result = advance(FLOW, at_pick(), Replied(SENTENCE, "m2"), now=NOW)
    kept = {effect.slot: effect for effect in result.effects if isinstance(effect, RecordAnswer)}
    assert {slot: effect.value for slot, effect in kept.items()} == {"pick": "own", "words": SENTENCE}
    assert kept["words"].shown_text == kept["pick"].shown_text
    said = [
        step.text
        for effect in result.effects
        if isinstance(effect, SendMessage)
        for step in steps_of(effect.prompt)
    ]
    assert said == [say(Sentence.OWN_WORDS, "en", words=SENTENCE), "Ask after?"]


def test_an_edited_message_corrects_the_words() -> None:
    """The message belongs to the words, so editing it changes them and not the pick."""
    taken = advance(FLOW, at_pick(), Replied(SENTENCE, "m2"), now=NOW).state
    state = advance(FLOW, taken, Edited("m2", "Paint one wall"), now=NOW).state
    assert state.answers["words"].value == "Paint one wall"
    assert state.answers["pick"].value == "own"


def test_words_written_before_stay() -> None:
    """Back at the choice, a sentence does not silently take the place of the words written before."""
    taken = advance(FLOW, at_pick(), Replied(SENTENCE, "m2"), now=NOW).state
    back = advance(FLOW, advance(FLOW, taken, Replied("back"), now=NOW).state, Replied("back"), now=NOW).state
    state = advance(FLOW, back, Replied("Leave the walls as they are", "m3"), now=NOW).state
    assert state.answers["words"].value == SENTENCE


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("banana", "en"),
        ("ok then", "en"),
        ("I do not know yet", "en"),
        ("None of these fit me", "en"),
        ("Which one is best for me?", "en"),
        ("1 and 3", "en"),
        ("the first or the second one", "en"),
        ("no sé qué elegir ahora", "es"),
        ("je ne sais pas encore", "fr"),
        ("weiß nicht was ich nehmen soll", "de"),
        ("non lo so ancora bene", "it"),
        ("nenhuma destas serve para mim", "pt"),
        ("لا أعرف ماذا أختار", "ar"),
        ("ما هو الأفضل لي؟", "ar"),
    ],
)
def test_what_is_no_sentence_of_ones_own(words: str, language: str) -> None:
    """A word or two, a question, numbers and 'I do not know' are asked again: nothing is made a promise by accident."""
    flow = flow_of(*FLOW.model_dump(by_alias=True, exclude_none=True)["steps"], language=language)
    state = advance(flow, at_pick(flow), Replied(words, "m2"), now=NOW).state
    assert "pick" not in state.answers
    assert state.misses == 1


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("Dar un plan escrito a cada familia", "es"),
        ("Donner un plan écrit à chaque famille", "fr"),
        ("Jeder Familie einen schriftlichen Plan geben", "de"),
        ("Dare un piano scritto a ogni famiglia", "it"),
        ("Dar um plano escrito a cada família", "pt"),
        ("إعطاء خطة مكتوبة لكل عائلة", "ar"),
    ],
)
def test_sentences_of_every_language(words: str, language: str) -> None:
    """A sentence is one in each language."""
    flow = flow_of(*FLOW.model_dump(by_alias=True, exclude_none=True)["steps"], language=language)
    state = advance(flow, at_pick(flow), Replied(words, "m2"), now=NOW).state
    assert (state.answers["pick"].value, state.answers["words"].value) == ("own", words)


FINE = say(Sentence.THAT_IS_FINE, "en")


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("No", AnswerStatus.NONE),
        ("nothing really", AnswerStatus.NONE),
        ("thanks", AnswerStatus.NONE),
        ("🙏", AnswerStatus.NONE),
        ("3", AnswerStatus.NONE),
        ("...", AnswerStatus.NONE),
        ("Hmmm...", AnswerStatus.NONE),
        ("uh, pfff", AnswerStatus.NONE),
        ("I don't know", AnswerStatus.UNKNOWN),
        ("no idea, sorry", AnswerStatus.UNKNOWN),
    ],
)
def test_what_is_no_story(words: str, status: AnswerStatus) -> None:
    """It is an answer without a value, told so in one line; nobody is asked for more of it, and none is read back."""
    probe = {"when": "words < 6", "text": "Tell me more?"}
    steps = (text("q", probe=probe), {**confirm("back", "q"), "when": "q != null"}, text("z"))
    person = Person(flow_of(*steps)).tell(Replied(words, "m1"))
    kept = next(effect for effect in person.kept if isinstance(effect, RecordAnswer))
    assert (kept.value, kept.raw, kept.status) == (None, words, status)
    assert (person.open, person.texts, person.remarks) == ("z", [FINE, "Ask z?"], [])


BACK = {
    "en": "What do you mean?",
    "de": "Wie meinen Sie das?",
    "es": "¿Qué quiere decir?",
    "fr": "Que voulez-vous dire ?",
    "it": "Che cosa intende?",
    "pt": "O que quer dizer?",
    "ar": "ماذا تقصد؟",
}


@pytest.mark.parametrize("language", BACK)
def test_a_question_back_is_no_story(language: str) -> None:
    """It is kept as a remark, which is said; nobody is asked for more of it, and it is not read back."""
    probe = {"when": "words < 6", "text": "Tell me more?"}
    steps = (text("q", probe=probe), {**confirm("back", "q"), "when": "q != null"}, text("z"))
    person = Speaker(language, *steps).tell(Replied(BACK[language], "m1"))
    given = person.state.answers["q"]
    assert (given.value, given.status, person.open) == (None, AnswerStatus.UNKNOWN, "z")
    assert (person.remarks, person.texts) == (
        [BACK[language]],
        [say(Sentence.REMARK_KEPT, language), "Ask z?"],
    )
    person.tell(Edited("m1", "They were kind to me and had the time"))
    assert person.answers == {"q": "They were kind to me and had the time"}
    assert [kept.number for kept in person.kept if isinstance(kept, EndRemark)] == [0]


@pytest.mark.parametrize("words", ["I will ask what matters to you?", "They were kind. Is that all?"])
def test_a_story_may_end_as_a_question(words: str) -> None:
    """Only what begins as a question is one."""
    assert Person(flow_of(text("q"), text("z"))).types(words).answers == {"q": words}


def test_a_question_back_for_a_required_story() -> None:
    """It is kept, and the story is asked for once more; an answer there is not replaced by it."""
    person = Person(flow_of(text("q", required=True), text("z"))).types("What do you mean?")
    assert (person.open, person.remarks) == ("q", ["What do you mean?"])
    told = Person(flow_of(text("q", required=True), text("z"))).tell(Replied("They were kind", "m1"))
    told.tell(Edited("m1", "Why do you ask me?"))
    assert told.state.answers["q"].value == "They were kind"
    assert told.remarks == ["Why do you ask me?"]


@pytest.mark.parametrize("words", ["no", "don't know", "👍", "7"])
def test_a_probe_is_given_nothing(words: str) -> None:
    """What adds nothing to a story is not added to it."""
    probe = {"when": "words < 6", "text": "Tell me more?", "joins": "append"}
    person = Person(flow_of(text("q", probe=probe), text("z"))).types("They were kind", words)
    assert (person.state.answers["q"].value, person.open) == ("They were kind", "z")


def test_a_required_story_is_asked_for_once_more() -> None:
    """It is asked for kindly; then the conversation goes on, with or without it."""
    person = Person(flow_of(text("q", required=True), text("z"))).types("no")
    assert (person.open, person.texts) == ("q", [say(Sentence.STORY_WANTED, "en"), "Ask q?"])
    assert person.types("don't know").open == "z"
    assert person.state.answers["q"].status is AnswerStatus.UNKNOWN
    told = Person(flow_of(text("q", required=True), text("z"))).types("no", "They were kind")
    assert (told.answers["q"], told.open) == ("They were kind", "z")


def test_a_required_story_is_not_replaced_by_nothing() -> None:
    """An edit that says nothing leaves the story as it was."""
    person = Person(flow_of(text("q", required=True), text("z"))).tell(Replied("They were kind", "m1"))
    assert person.tell(Edited("m1", "...")).state.answers["q"].value == "They were kind"


def test_a_story_after_nothing() -> None:
    """Words sent on before the next question could be seen are the story."""
    person = Person(flow_of(text("q"), text("z"))).tell(Replied("...", "m1"))
    assert (
        person.tell(Replied("They were kind", "m2", Sight.BEFORE)).state.answers["q"].value
        == "They were kind"
    )


@pytest.mark.parametrize("fields", [{"personal": True}, {"max_length": 60}])
def test_short_texts_are_no_stories(fields: dict[str, object]) -> None:
    """A name or a ward may be a number: only a question for a story wants one."""
    assert Person(flow_of(text("q", **fields), text("z"))).types("7").state.answers["q"].value == "7"


def test_nothing_is_the_short_cut_for_it() -> None:
    """Where 'No' is offered beside the words, 'nothing really' is that choice."""
    flow = flow_of(text("q", choices=[{"code": "none", "label": "No"}]), text("z"))
    assert Person(flow).types("nothing really, thanks").state.answers["q"].value == "none"


YES_NO = one("q", "yes", "no")


def test_what_stands_behind_a_choice_is_a_remark() -> None:
    """The choice is the answer, the words are a remark and that is said; an edit changes both."""
    person = Person(flow_of(YES_NO, text("z"))).tell(Replied("Yes, last week", "m1"))
    assert (person.answers, person.remarks) == ({"q": "yes"}, ["Yes, last week"])
    assert person.texts == [say(Sentence.REMARK_KEPT, "en"), "Ask z?"]
    person.tell(Edited("m1", "No, it was closed"))
    assert (person.state.answers["q"].value, person.state.remark_count) == ("no", 2)


@pytest.mark.parametrize(
    "step", [{**YES_NO, "binding": True}, consent("q", purpose="use_words"), confirm("q", "a")]
)
def test_what_binds_needs_a_clean_yes(step: dict[str, object]) -> None:
    """A yes with more behind it is asked again, and is a remark."""
    person = Person(flow_of(text("a"), step, text("z"))).types(
        "A story of mine", "Yes, but leave my name out"
    )
    assert (person.open, person.remarks) == ("q", ["Yes, but leave my name out"])


def test_no_number_skips() -> None:
    """'Skip' and 'Done' have no number: one beyond the choices is not understood."""
    person = Person(flow_of(one("q", "red", "blue", required=False), text("z"))).types("3")
    assert (person.open, person.state.misses) == ("q", 1)
    person = Person(flow_of(many("q", "red", "blue"), text("z"))).types("3")
    assert (person.open, person.state.misses) == ("q", 1)


def test_a_commitment_without_words_is_none() -> None:
    """Whoever twice says nothing of what they will do is asked nothing about it, and nothing is saved."""
    person = Person(library()["hcp_commitment"], facts_named("hcp"))
    person.types("yes", "yes", "physician", "1", "Write my own", "no", "I don't know")
    assert person.open is None
    assert person.state.outcome is Outcome.COMPLETED
    assert "Shall I save" not in " ".join(person.texts)
    assert [
        type(effect) for effect in person.kept if isinstance(effect, RecordCommitment | ScheduleWaves)
    ] == []
