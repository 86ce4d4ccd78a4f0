"""Wishes for a language, as people of seven languages write them."""

import pytest

from flows.parsing.commands import GlobalWord, global_word
from flows.parsing.language_names import asked_language, language_named

WISHES = {
    "do you speak Spanish": "es",
    "Do you speak Spanish, please?": "es",
    "can we do this in German": "de",
    "language español": "es",
    "Sprechen Sie Türkisch?": "tr",
    "sprichst du englisch": "en",
    "¿Habla inglés?": "en",
    "hablan ustedes francés": "fr",
    "Parlez-vous anglais ?": "en",
    "tu parles arabe": "ar",
    "Parla inglese?": "en",
    "posso rispondere in tedesco": "de",
    "Fala inglês?": "en",
    "você fala espanhol": "es",
    "هل تتكلم الإنجليزية؟": "en",
}
ANSWERS = (
    "habla árabe",
    "fala inglês",
    "parla tedesco",
    "I speak Spanish",
    "they speak Turkish at home",
    "fala",
    "Do you understand it?",
    "Verstehen Sie es?",
    "Parla de?",
    "comprenez-vous en",
)
WHICH = {
    "en": "Which languages do you speak?",
    "de": "Welche Sprachen sprechen Sie?",
    "es": "¿Qué idiomas habla?",
    "fr": "Quelles langues parlez-vous ?",
    "it": "Quali lingue parla?",
    "pt": "Que línguas fala?",
    "ar": "أي لغات تتكلم؟",
}


@pytest.mark.parametrize(("words", "code"), WISHES.items())
def test_a_language_that_is_asked_for(words, code):
    """Whoever asks whether a language is spoken would like to speak it."""
    wanted = asked_language(words)
    assert wanted is not None
    assert language_named(wanted) == code


@pytest.mark.parametrize("words", ANSWERS)
def test_who_speaks_a_language_asks_for_none(words):
    """'Habla árabe' without a question mark says of somebody that they speak it; 'es' and 'it' are small words here."""
    assert asked_language(words) is None


@pytest.mark.parametrize(("language", "words"), WHICH.items())
def test_which_languages_there_are(language, words):
    """It is the menu of languages that answers."""
    assert global_word(words, language) is GlobalWord.LANGUAGE
