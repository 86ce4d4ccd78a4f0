"""A yes of mere courtesy, or against one's will, is told from a yes."""

import pytest

from flows.parsing.politeness import is_half_a_yes
from flows.parsing.vocabulary import languages, vocabulary

HALF = {
    "en": (
        "ok",
        "OK!",
        "Okay, thanks",
        "k",
        "Fine.",
        "whatever",
        "I guess so",
        "if I must",
        "Yes, if I must",
        "ok 👍",
    ),
    "de": (
        "ok",
        "Na gut",
        "meinetwegen",
        "Ja, meinetwegen",
        "von mir aus",
        "Ja, wenn's sein muss",
        "mir egal",
    ),
    "fr": ("ok", "Bon, ok", "bof", "s'il le faut", "Oui, s'il le faut", "comme vous voulez"),
    "es": ("ok", "vale", "Bueno", "si no hay más remedio", "Sí, si hace falta", "me da igual"),
    "it": ("ok", "vabbè", "se proprio devo", "Sì, se proprio devo", "come vuole"),
    "pt": ("ok", "tá bem", "pode ser", "se tem de ser", "Sim, se tem de ser", "tanto faz"),
    "ar": ("اوكي", "طيب", "ماشي", "إذا لزم الأمر", "نعم، إذا لزم الأمر", "كما تريد"),
}
WHOLE = {
    "en": (
        "yes",
        "Yes please",
        "I agree",
        "sure",
        "ok yes",
        "ok, I agree",
        "gladly",
        "no",
        "not ok",
        "👍",
        "",
        "1",
    ),
    "de": ("ja", "ja gerne", "einverstanden", "ok, ja", "in Ordnung", "nein"),
    "fr": ("oui", "d'accord", "ok, oui", "volontiers", "non"),
    "es": ("sí", "de acuerdo", "vale, sí", "claro", "no"),
    "it": ("sì", "va bene", "ok, sì", "volentieri", "no"),
    "pt": ("sim", "concordo", "ok, sim", "não"),
    "ar": ("نعم", "موافق", "أوافق", "لا"),
}


@pytest.mark.parametrize(("language", "reply"), [(name, one) for name in HALF for one in HALF[name]])
def test_half_a_yes(language: str, reply: str) -> None:
    """It agrees to please, or gives in: whether somebody wants to take part, it does not say."""
    assert is_half_a_yes(reply, language)


@pytest.mark.parametrize(("language", "reply"), [(name, one) for name in WHOLE for one in WHOLE[name]])
def test_a_whole_yes_or_no(language: str, reply: str) -> None:
    """A yes, also beside an 'ok', and a no are what they are; an emoji or a number is told by others."""
    assert not is_half_a_yes(reply, language)


def test_words_of_another_language_are_known() -> None:
    """As everywhere; but a plain yes of the conversation's own language stays one, whatever it is elsewhere."""
    assert is_half_a_yes("meinetwegen", "en")
    assert is_half_a_yes("if I must", "ar")
    for language in languages():
        own = vocabulary(language)
        plain = own.yes - own.half_yes - own.unwilling
        assert [word for word in sorted(plain) if is_half_a_yes(word, language)] == []


@pytest.mark.parametrize("language", languages())
def test_no_half_yes_is_a_no(language: str) -> None:
    """The lists do not contradict those of no, nothing and 'I do not know'."""
    known = vocabulary(language)
    assert (known.half_yes | known.unwilling).isdisjoint(known.no | known.none | known.unknown)
