"""Replies that begin with a choice and go on: the choice is read, and what follows is a remark."""

import pytest

from flows.engine.compiled import compile_flow, written_buttons
from flows.engine.prompts import choice_texts
from flows.i18n.localized_flow import LanguagePolicy, Localizations
from flows.parsing.answers import ChoiceText, ReadReply, UnreadReply, read_choice, read_choices, read_yes_no
from flows.script.loader import library

LOCALIZATIONS = Localizations(policy=LanguagePolicy(only=("en", "ar", "de", "es", "fr", "it", "pt")))


def offered(flow: str, key: str, language: str = "en") -> tuple[ChoiceText, ...]:
    """What a question of a shipped script offers in a language."""
    node = compile_flow(LOCALIZATIONS.localized(library()[flow], language)).questions[key]
    return choice_texts(tuple(written_buttons(node)))


@pytest.mark.parametrize(
    ("language", "text", "code"),
    [
        ("en", "yes, last week", "helped"),
        ("en", "Yes last week", "helped"),
        ("en", "yes but only once", "helped"),
        ("en", "no because it was closed", "not_helped"),
        ("en", "No, it was closed", "not_helped"),
        ("en", "no it was closed", "not_helped"),
        ("en", "Nope, they never called", "not_helped"),
        ("en", "A little, because the clinic was closed", "a_little"),
        ("de", "ja, letzte Woche", "helped"),
        ("de", "ja aber nur einmal pro Woche", "helped"),
        ("de", "nein, weil geschlossen war", "not_helped"),
        ("es", "sí, la semana pasada", "helped"),
        ("es", "sí pero solo una mañana", "helped"),
        ("es", "no porque estaba cerrado", "not_helped"),
        ("fr", "oui, la semaine dernière", "helped"),
        ("fr", "non parce que c'était fermé", "not_helped"),
        ("it", "sì, la settimana scorsa", "helped"),
        ("it", "no perché era chiuso", "not_helped"),
        ("pt", "sim, na semana passada", "helped"),
        ("pt", "não porque estava fechado", "not_helped"),
        ("ar", "نعم، الأسبوع الماضي", "helped"),
        ("ar", "لا لأنه كان مغلقا", "not_helped"),
    ],
)
def test_yes_and_no_with_more_behind(language: str, text: str, code: str) -> None:
    """A yes or no is one whatever follows, and the words are a remark."""
    assert read_choice(text, offered("hcp_follow_up", "d_if_then", language), language) == ReadReply(
        code, remark=text
    )


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "yes but no"),
        ("en", "Yes. No."),
        ("en", "no doctor came"),
        ("en", "no idea"),
        ("en", "No one told me"),
        ("en", "No, I don't know"),
        ("en", "No, that's fine"),
        ("en", "no, a little"),
        ("en", "yes, but what is this about?"),
        ("en", "yes, later"),
        ("de", "ja, nein"),
        ("es", "no vino nadie"),
        ("es", "si me llaman"),
        ("fr", "oui, non"),
        ("it", "sì, no"),
        ("pt", "não veio ninguém"),
        ("ar", "نعم، لا"),
        ("ar", "نعم ولا"),
        ("ar", "لا ونعم"),
        ("ar", "لا أحد جاء"),
    ],
)
def test_what_is_asked_again(language: str, text: str) -> None:
    """Contraries, another choice, a word that only begins like a no, a question and 'I do not know' are no answer."""
    assert isinstance(
        read_choice(text, offered("hcp_follow_up", "d_if_then", language), language), UnreadReply
    )


@pytest.mark.parametrize("text", ["no sé", "No lo sé", "no sabría decir"])
def test_not_knowing_is_no_no(text: str) -> None:
    """'No sé' has a no in it and means 'I cannot tell', where that is offered, and never no."""
    assert read_choice(text, offered("hcp_follow_up", "d7", "es"), "es") == ReadReply("cannot_tell")
    assert isinstance(read_yes_no(text, agree="Acepto", decline="No", language="es"), UnreadReply)


CHOICES = (
    ChoiceText("medicines", "About my medicines"),
    ChoiceText("side", "Side effects", aliases=("reactions",)),
    ChoiceText("cost", "Cost"),
    ChoiceText("none", "None of these", aliases=("nothing",), exclusive=True),
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("About my medicines, because nobody told me", "medicines"),
        ("about my medicines - nobody told me a thing", "medicines"),
        ("Cost because my pension is small", "cost"),
        ("Reactions, mostly at night", "side"),
        ("I have side effects all day", "side"),
    ],
)
def test_a_label_with_more_behind(text: str, code: str) -> None:
    """A label, or a word for it, is the choice, and the words are a remark."""
    assert read_choice(text, CHOICES, "en") == ReadReply(code, remark=text)


@pytest.mark.parametrize(
    "text", ["Cost, side effects", "Cost, but side effects too", "reactions, but not really", "Cost, or not?"]
)
def test_a_label_that_is_taken_back(text: str) -> None:
    """Two labels, a question, and a 'but' after a mere word for a label are asked again."""
    assert isinstance(read_choice(text, CHOICES, "en"), UnreadReply)


@pytest.mark.parametrize(
    ("text", "codes", "remark"),
    [
        ("Cost and side effects because my pension is small", ["side", "cost"], True),
        ("None of these, everyone was kind", ["none"], True),
        ("cost, please", ["cost"], False),
    ],
)
def test_several_with_more_behind(text: str, codes: list[str], remark: bool) -> None:
    """Several labels are read before 'because'; after one that stands alone anything may follow."""
    assert read_choices(text, CHOICES, "en") == ReadReply(codes, remark=text if remark else "")


@pytest.mark.parametrize("text", ["Cost, banana", "cost because side effects"])
def test_several_with_something_else(text: str) -> None:
    """A list with a part that is no choice is asked again whole."""
    assert isinstance(read_choices(text, CHOICES, "en"), UnreadReply)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "yes but not my name"),
        ("en", "yes, if my doctor agrees"),
        ("en", "I agree, but only once"),
        ("en", "maybe I agree"),
        ("en", "Yes, last week"),
        ("de", "ja, aber nicht meinen Namen"),
        ("es", "sí, pero sin mi nombre"),
        ("fr", "oui mais pas mon nom"),
        ("it", "sì, ma non il mio nome"),
        ("pt", "sim, mas sem o meu nome"),
        ("ar", "نعم ولكن بدون اسمي"),
    ],
)
def test_a_consent_needs_a_clean_yes(language: str, text: str) -> None:
    """A yes with anything behind it agrees to something else: it is asked again."""
    assert isinstance(read_yes_no(text, agree="I agree", decline="No", language=language), UnreadReply)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "No, I would rather keep my words to myself"),
        ("de", "nein, das ist mir zu persönlich"),
        ("es", "No, es demasiado personal"),
        ("fr", "non, c'est trop personnel"),
        ("it", "no, è troppo personale"),
        ("pt", "não, é demasiado pessoal"),
        ("ar", "لا، هذا أمر شخصي"),
    ],
)
def test_a_no_to_a_consent_is_one_whatever_follows(language: str, text: str) -> None:
    """Nobody has to say no twice."""
    reading = read_yes_no(text, agree="I agree", decline="No", language=language)
    assert reading == ReadReply(False, remark=text)


@pytest.mark.parametrize(
    ("flow", "key", "text"),
    [
        (
            "hcp_follow_up",
            "d1",
            "In the spring I left the clinic, and it is no longer possible for me to go there",
        ),
        ("hcp_follow_up", "d1", "Before, I was starting to send each of them a letter about it"),
        (
            "patient_interview",
            "a2",
            "The doses were raised early this year and I felt worse than I ever have",
        ),
        ("patient_interview", "a2", "1) Strong headaches, and then nothing"),
    ],
)
def test_a_story_with_a_label_in_it(flow: str, key: str, text: str) -> None:
    """Among many words, or as the first of a story, a label is a part of what is told."""
    assert isinstance(read_choice(text, offered(flow, key), "en"), UnreadReply)


@pytest.mark.parametrize(
    "text", ["I agree. But it left me feeling bad", "I agree with all that you said", "I agree if"]
)
def test_no_consent_is_taken_out_of_a_sentence(text: str) -> None:
    """The label of a consent in a sentence is no yes to it."""
    assert isinstance(read_yes_no(text, agree="I agree", decline="No", language="en"), UnreadReply)
