"""What is typed for a button: each choice of each shipped flow, in each language, in the dress people give it."""

from collections.abc import Iterator
from datetime import date

import pytest
from num2words import num2words

from flows.engine.compiled import AGREE, CompiledStep, compile_flow, written_buttons
from flows.engine.prompts import choice_texts
from flows.i18n.localized_flow import LanguagePolicy, Localizations
from flows.parsing.answers import (
    BandText,
    ExpectedDate,
    ExpectedNumber,
    ReadReply,
    ShortcutText,
    UnreadReply,
    read_choice,
    read_choices,
    read_date,
    read_number,
    read_yes_no,
)
from flows.parsing.commands import GlobalWord, global_word
from flows.script.loader import library
from flows.script.model import AskConsent, AskDate, Confirm, Number, SelectMany, SelectOne
from flows.text.folding import fold

TODAY = date(2026, 3, 3)
POLITE = {
    "en": ("please", "thanks"),
    "es": ("por favor", "muchas gracias"),
    "fr": ("s'il vous plaît", "merci"),
    "de": ("bitte", "danke"),
    "it": ("per favore", "grazie"),
    "pt": ("por favor", "obrigada"),
    "ar": ("من فضلك", "شكرا"),
}
LOCALIZATIONS = Localizations(policy=LanguagePolicy(only=tuple(POLITE)))
CLOSED = (AskConsent, Confirm, SelectOne, SelectMany, Number, AskDate)


def dresses(label: str, language: str) -> Iterator[str]:
    """A label as people type it."""
    please, thanks = POLITE[language]
    yield from (label, fold(label), label.upper(), f"{label}.", f" {label} !", f"«{label}»", f"{label} 🙂")
    yield from (f"{label} {please}", f"{label}, {please}", f"{label}, {thanks}.", f"{please} {label}")
    if language == "ar":
        yield from (label.translate(HAMZA), label.translate(ENDINGS))
        yield " ".join(word.removeprefix("ال") for word in label.split())


def numbers(number: int, language: str) -> Iterator[str]:
    """The place of a choice as people type it."""
    yield from (str(number), f"{number}.", f"({number})", num2words(number, lang=language))
    yield from (str(number).translate(str.maketrans("0123456789", digits)) for digits in DIGITS)
    yield "🔟" if number == 10 else "".join(f"{digit}\ufe0f\u20e3" for digit in str(number))


HAMZA = str.maketrans("\u0623\u0625\u0622\u0624", "\u0627\u0627\u0627\u0648")
"""Alef and waw as they are typed without their hamza."""
ENDINGS = str.maketrans("\u0629\u0649", "\u0647\u064a")
"""Teh marbuta and alef maksura as the letters that look like them."""
DIGITS = ("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹")


def read(node: CompiledStep, text: str, language: str) -> ReadReply | UnreadReply:
    """What the kind of the question makes of a text."""
    question, texts = node.question, choice_texts(tuple(written_buttons(node)))
    match question:
        case AskConsent():
            return read_yes_no(text, agree=question.agree, decline=question.decline, language=language)
        case Confirm():
            return read_yes_no(text, agree=question.agree, decline=question.change, language=language)
        case SelectOne():
            return read_choice(text, texts, language)
        case SelectMany():
            return read_choices(text, texts, language)
        case Number():
            bands = tuple(BandText(band.code, band.label, band.low, band.high) for band in question.bands)
            return read_number(text, language, ExpectedNumber(bands=bands, taps=question.taps))
        case AskDate():
            shortcuts = tuple(ShortcutText(shortcut.label, shortcut.date) for shortcut in question.shortcuts)
            return read_date(text, language, today=TODAY, expected=ExpectedDate(shortcuts=shortcuts))
        case _:
            raise AssertionError(question)


@pytest.mark.parametrize("language", POLITE)
@pytest.mark.parametrize("name", library())
def test_a_typed_label_is_its_choice(name: str, language: str) -> None:
    """A label is read as its choice whatever its dress, and so is its number in digits, keycaps or words."""
    wrong = []
    for node in compile_flow(LOCALIZATIONS.localized(library()[name], language)).questions.values():
        if not isinstance(node.question, CLOSED):
            continue
        counted = not isinstance(node.question, Number)
        for number, offer in enumerate(written_buttons(node), 1):
            meant = {
                AskConsent: offer.code == AGREE,
                Confirm: offer.code == AGREE,
                SelectMany: [offer.code],
                AskDate: None,
                Number: int(offer.code) if offer.code.isdecimal() else offer.code,
            }.get(type(node.question), offer.code)
            if meant is None:
                meant = read(node, offer.label, language).value
            typed = (*dresses(offer.label, language), *(numbers(number, language) if counted else ()))
            found = {text: read(node, text, language) for text in typed}
            wrong += [
                (node.key, text, reading) for text, reading in found.items() if reading != ReadReply(meant)
            ]
    assert wrong == []


@pytest.mark.parametrize("language", POLITE)
@pytest.mark.parametrize("name", library())
def test_no_name_of_an_emoji_is_a_choice(name: str, language: str) -> None:
    """Thumbs are what yes and no are, by name too, or nothing; all other emoji and the digits of names are nothing."""
    for node in compile_flow(LOCALIZATIONS.localized(library()[name], language)).questions.values():
        if not isinstance(node.question, CLOSED):
            continue
        for thumb, typed, word in (("👍", ":+1:", "yes"), ("👎", ":-1:", "no")):
            reading = read(node, thumb, language)
            assert read(node, typed, language) == reading
            assert isinstance(reading, UnreadReply) or reading == read(node, word, language), (
                node.key,
                thumb,
            )
        for nothing in ("👍👎", ":100:", ":1234:", "🥇", "🛑", ":end:", ":blob-1:", "🇩🇪", "🕐", "🙏"):
            assert isinstance(read(node, nothing, language), UnreadReply), (node.key, nothing)


@pytest.mark.parametrize("language", POLITE)
@pytest.mark.parametrize("name", library())
def test_no_choice_is_a_stop(name: str, language: str) -> None:
    """Stop comes before every choice, so no label and no other word of a choice may be one of its words."""
    nodes = compile_flow(LOCALIZATIONS.localized(library()[name], language)).questions.values()
    offers = [offer for node in nodes for offer in written_buttons(node)]
    names = {typed for offer in offers for typed in (offer.label, *offer.aliases)}
    assert {typed for typed in names if global_word(typed, language) is GlobalWord.STOP} == set()


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "ja, ich stimme zu"),
        ("fr", "oui, je suis d'accord"),
        ("it", "sì, sono d'accordo"),
        ("pt", "sim, concordo"),
        ("ar", "نعم، أوافق"),
        ("de", "Einverstanden."),
        ("de", "Bin einverstanden, danke"),
        ("es", "estoy de acuerdo"),
        ("es", "de acuerdo, gracias"),
        ("fr", "d'accord"),
        ("it", "sono d'accordo"),
        ("it", "daccordo"),
        ("pt", "concordo"),
        ("pt", "Estou de acordo"),
        ("pt", "tudo bem"),
        ("ar", "موافق"),
        ("ar", "أوافق"),
        ("ar", "تمام"),
        ("ar", "انا موافق"),
        ("ar", "موافقه جدا"),
        ("en", "yes, I agree"),
        ("en", "that's fine"),
        ("en", "happy to"),
    ],
)
def test_yes_as_people_say_it(language: str, text: str) -> None:
    """Agreement in the words of each language, whatever the label says."""
    for agree, decline in (("I agree", "No"), ("Yes", "Yes to now, no to later")):
        reading = read_yes_no(text, agree=agree, decline=decline, language=language)
        assert reading == ReadReply(True)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("es", "sí, pero no"),
        ("es", "sí, no"),
        ("de", "ja, nein"),
        ("de", "ich weiß nicht, ob ich zustimme"),
        ("fr", "oui, non merci"),
        ("it", "sì ma non adesso che sono stanca"),
        ("pt", "sim, se o meu médico concordar"),
        ("ar", "نعم، لا"),
        ("ar", "نعم إذا وافق طبيبي"),
        ("en", "yes, no thanks"),
        ("en", "please"),
        ("en", "thanks"),
        ("de", "bitte danke"),
    ],
)
def test_a_yes_is_never_guessed(language: str, text: str) -> None:
    """Yes with a no, or with a condition, is asked again; so is courtesy alone."""
    reading = read_yes_no(text, agree="I agree", decline="Not now", language=language)
    assert reading != ReadReply(True)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "not started"),
        ("en", "I have not started it yet."),
        ("de", "noch nicht angefangen"),
        ("fr", "pas encore commencé"),
        ("es", "todavía no he empezado"),
        ("it", "non ho ancora iniziato"),
        ("pt", "ainda não comecei"),
        ("ar", "لم أبدأ"),
    ],
)
def test_what_is_not_started_is_not_yet(language: str, text: str) -> None:
    """Where a plan is now: whoever has not started means 'not yet', and never 'started'."""
    flow = LOCALIZATIONS.localized(library()["hcp_follow_up"], language)
    assert read(compile_flow(flow).questions["d1"], text, language) == ReadReply("planned")
