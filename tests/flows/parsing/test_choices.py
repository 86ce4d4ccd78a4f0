"""Numbers in replies to a list: a place only as the whole reply, with words that choose it; never a count or a time."""

import pytest

from flows.engine.compiled import compile_flow
from flows.i18n.localized_flow import Localizations, LocalizedFlow
from flows.parsing.answers import (
    ChoiceText,
    ReadReply,
    UnreadReply,
    read_choice,
    read_choices,
    read_scale,
    read_yes_no,
)
from flows.parsing.choices import find_meaning
from flows.parsing.politeness import is_half_a_yes
from flows.parsing.vocabulary import languages
from flows.script.loader import library

LOCALIZATIONS = Localizations()
FOUR = tuple(ChoiceText(name.lower(), name) for name in ("Alba", "Boris", "Clio", "Dana"))
YES_NO = (ChoiceText("yes", "Yes"), ChoiceText("no", "No"), ChoiceText("later", "Not yet"))

PLACES = [
    *(
        ("en", text)
        for text in ("2", "2.", "(2)", "number 2", "option 2 please", "the second", "the second one")
    ),
    *(
        ("en", text)
        for text in ("I choose 2", "I'd go for the second one", "I think it is number 2", "no. 2")
    ),
    *(("de", text) for text in ("Nummer 2", "die zweite", "ich wähle die 2", "ich glaube Nummer 2")),
    *(("es", text) for text in ("número 2", "la segunda", "elijo la 2", "prefiero la segunda")),
    *(("fr", text) for text in ("numéro 2", "la deuxième", "je choisis le 2", "je préfère la deuxième")),
    *(("it", text) for text in ("numero 2", "la seconda", "scelgo la 2")),
    *(("pt", text) for text in ("número 2", "a segunda", "escolho a 2")),
    *(("ar", text) for text in ("رقم 2", "الثاني", "أختار 2", "٢")),
]
COUNTS = [
    *(
        ("en", text)
        for text in ("I had 2", "I have 2", "about 2", "maybe 2", "It's 2", "twice", "2 times", "2 years")
    ),
    *(
        ("en", text)
        for text in ("2 years ago", "the second time", "2 visits", "for 2 years", "had it once", "I saw 2")
    ),
    *(
        ("de", text)
        for text in ("ich hatte 2", "2 Mal", "zweimal", "2 Jahre", "seit 2 Jahren", "das zweite Mal")
    ),
    *(("es", text) for text in ("tuve 2", "tengo 2", "2 veces", "2 años", "hace 2 años", "la segunda vez")),
    *(
        ("fr", text)
        for text in ("j'ai eu 2", "2 fois", "il y a 2", "2 ans", "depuis 2 ans", "la deuxième fois")
    ),
    *(("it", text) for text in ("ho avuto 2", "2 volte", "2 anni", "da 2 anni", "la seconda volta")),
    *(("pt", text) for text in ("tive 2", "2 vezes", "2 anos", "há 2 anos", "a segunda vez")),
    *(("ar", text) for text in ("كان عندي 2", "مرتين", "2 سنوات", "منذ 2 سنوات")),
]


@pytest.mark.parametrize(("language", "text"), PLACES)
def test_a_number_that_is_chosen(language: str, text: str) -> None:
    """Alone, announced, or with words that choose it a number is the place of a choice."""
    assert read_choice(text, FOUR, language) == ReadReply("boris")
    assert read_choices(text, FOUR, language) == ReadReply(["boris"])


@pytest.mark.parametrize(("language", "text"), COUNTS)
def test_a_number_that_counts(language: str, text: str) -> None:
    """In any other words it is none: under a list, of one pick or several, a yes or no, and a consent."""
    assert isinstance(read_choice(text, FOUR, language), UnreadReply)
    assert isinstance(read_choices(text, FOUR, language), UnreadReply)
    assert isinstance(read_choice(text, YES_NO, language), UnreadReply)
    assert isinstance(read_yes_no(text, agree="I agree", decline="No", language=language), UnreadReply)


@pytest.mark.parametrize("text", ["No, 2 times", "no 2", "No, I had 2"])
def test_a_number_after_a_no(text: str) -> None:
    """Where no can be chosen it is no abbreviation of 'number'."""
    assert read_choice(text, YES_NO, "en") in (
        ReadReply("no"),
        ReadReply("no", remark=text),
        UnreadReply(read_choice("?", YES_NO, "en").why),
    )
    assert read_yes_no(text, agree="I agree", decline="No", language="en") != ReadReply(True)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        *(
            ("en", text)
            for text in ("I had 4 infusions", "I had 4", "4 people", "4 times", "4 years", "I saw 4 of them")
        ),
        *(("de", text) for text in ("ich hatte 4", "4 Mal", "4 Personen", "vor 4 Jahren")),
        *(("es", text) for text in ("tuve 4", "4 veces", "4 personas")),
        *(("fr", text) for text in ("j'ai eu 4", "4 fois", "4 personnes")),
        *(("it", text) for text in ("ho avuto 4", "4 volte", "4 persone")),
        *(("pt", text) for text in ("tive 4", "4 vezes", "4 pessoas")),
        *(("ar", text) for text in ("عندي 4", "4 مرات", "4 أشخاص")),
    ],
)
def test_a_count_is_no_rating(language: str, text: str) -> None:
    """What counts something says nothing on a scale."""
    assert isinstance(read_scale(text, language), UnreadReply)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        *(("en", text) for text in ("I'd say 4", "maybe a 4", "I think it is a 4 out of 5")),
        *(("de", text) for text in ("ich würde 4 sagen", "eher 4", "4 Punkte")),
        *(("es", text) for text in ("yo diría 4", "un 4", "4 puntos")),
        *(("fr", text) for text in ("je dirais 4", "plutôt 4")),
        *(("it", text) for text in ("direi 4", "un 4")),
        *(("pt", text) for text in ("diria 4", "um 4")),
        *(("ar", text) for text in ("أقول 4", "تقييمي 4")),
    ],
)
def test_a_rating_in_a_sentence(language: str, text: str) -> None:
    """A rating with small words round it stays one."""
    assert read_scale(text, language) == ReadReply(4)


def test_what_is_told_beside_a_rating_is_a_remark() -> None:
    """The words are kept whole, for somebody to read."""
    assert read_scale("4, I had no time", "en") == ReadReply(4, remark="4, I had no time")


NEEDS = (
    ChoiceText("pain", "Pain", ("aches",)),
    ChoiceText("cost", "Cost"),
    ChoiceText("none", "None of these", ("none", "no", "nothing", "all good"), exclusive=True),
)
"""A list whose last choice may be typed as a no, and by words that elsewhere are a yes."""


@pytest.mark.parametrize("text", ["yes", "Yes.", "yep", "ok", "sure", "yes please"])
def test_a_yes_is_no_none(text: str) -> None:
    """'Yes' to 'Which of these?' picks nothing, and above all not 'None of these', though 'all good' does."""
    assert isinstance(read_choices(text, NEEDS, "en"), UnreadReply)
    assert isinstance(read_choice(text, NEEDS, "en"), UnreadReply)


@pytest.mark.parametrize("text", ["no", "nope", "nah", "all good", "none", "nothing"])
def test_a_no_is_none(text: str) -> None:
    """What says no there is its choice."""
    assert read_choices(text, NEEDS, "en") == ReadReply(["none"])


@pytest.mark.parametrize("language", languages())
def test_no_list_takes_a_choice_for_yes_and_no(language: str) -> None:
    """In every shipped flow: what a yes picks is nothing that a no picks, nor what rules all others out."""
    said = {"en": "yes", "de": "ja", "es": "sí", "fr": "oui", "it": "sì", "pt": "sim", "ar": "نعم"}[language]
    for name, flow in library().items():
        compiled = compile_flow(LocalizedFlow(flow, LOCALIZATIONS).in_language(language))
        for key, node in compiled.questions.items():
            offered = [one for one in node.choices if one.into is None]
            listed = tuple(ChoiceText(one.code, one.label, one.aliases) for one in offered)
            yes, no = (find_meaning(listed, language, yes=is_yes) for is_yes in (True, False))
            assert yes is None or yes != no, (name, key)
            excluding = {one.code for one in offered if one.exclusive}
            read = read_choices(said, listed, language) if listed else None
            assert not isinstance(read, ReadReply) or excluding.isdisjoint(read.value), (name, key)


@pytest.mark.parametrize(
    ("language", "text", "code"),
    [
        ("en", "NOOO", "no"),
        ("en", "yesss!!", "yes"),
        ("de", "jaaa", "yes"),
        ("es", "síííí", "yes"),
        ("fr", "ouiii", "yes"),
        ("it", "siii", "yes"),
        ("pt", "NÃOOO", "no"),
        ("pt", "siiim", "yes"),
        ("ar", "لاااا", "no"),
    ],
)
def test_letters_that_are_drawn_out(language: str, text: str, code: str) -> None:
    """A yes or no that is drawn out is one; courtesy that is drawn out is no more than courtesy."""
    assert read_choice(text, YES_NO, language) == ReadReply(code)
    assert not is_half_a_yes(text, language)
    assert is_half_a_yes("okkk", language)


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("text", ["kkkk", "KKK", "yyy", "jjj", "sss", "nnn", "kkkk!"])
def test_one_letter_again_and_again_is_no_word(language: str, text: str) -> None:
    """'Kkkk' is laughter in Brazil, and gives no consent."""
    assert isinstance(read_choice(text, YES_NO, language), UnreadReply)
    assert not is_half_a_yes(text, language)
