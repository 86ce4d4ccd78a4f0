"""A yes of mere courtesy, or against one's will, is told from a yes."""

from pathlib import Path

import pytest

from flows.parsing.politeness import is_half_a_yes
from flows.parsing.vocabulary import languages, vocabulary

DOCS = Path(__file__).parents[3] / "docs"
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
        "Yes, whatever",
        "sure, I guess",
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
        "yes, ok",
        "yes, why not",
        "ok yes",
        "ok, I agree",
        "gladly",
        "no",
        "not ok",
        "👍",
        "",
        "1",
    ),
    "de": ("ja", "ja gerne", "einverstanden", "ok, ja", "gern", "nein"),
    "fr": ("oui", "d'accord", "ok, oui", "volontiers", "non"),
    "es": ("sí", "de acuerdo", "vale, sí", "claro", "por mí sí", "no"),
    "it": ("sì", "d'accordo", "ok, sì", "sì, va bene", "volentieri", "no"),
    "pt": ("sim", "concordo", "ok, sim", "não"),
    "ar": ("نعم", "موافق", "أوافق", "لا"),
}


YES = {
    "yes": {
        "en": "yes", "de": "ja", "es": "sí", "fr": "oui", "it": "sì", "pt": "sim", "ar": "نعم",
    },
    "I agree": {
        "en": "I agree", "de": "einverstanden", "es": "de acuerdo", "fr": "d'accord", "it": "d'accordo",
        "pt": "de acordo", "ar": "موافق",
    },
    "I agree (a verb)": {
        "en": "I consent", "de": "ich stimme zu", "es": "acepto", "fr": "j'accepte", "it": "accetto",
        "pt": "aceito", "ar": "أوافق",
    },
    "gladly": {
        "en": "gladly", "de": "gern", "es": "con gusto", "fr": "volontiers", "it": "volentieri",
        "pt": "com prazer", "ar": "بكل سرور",
    },
    "of course": {
        "en": "of course", "de": "natürlich", "es": "por supuesto", "fr": "bien sûr", "it": "certo",
        "pt": "claro", "ar": "طبعا",
    },
    "go on": {
        "en": "go ahead", "de": "los", "es": "adelante", "fr": "allez-y", "it": "avanti", "pt": "vamos",
        "ar": "يلا",
    },
}  # fmt: skip
"""A yes that says yes, agrees, or wants it to begin: one in each language."""
WEAK = {
    "ok": {
        "en": "ok", "de": "okay", "es": "vale", "fr": "ok", "it": "ok", "pt": "tá", "ar": "ماشي",
    },
    "all right": {
        "en": "all right", "de": "in Ordnung", "es": "está bien", "fr": "c'est bon", "it": "va bene",
        "pt": "está bem", "ar": "حسنا",
    },
    "well then": {
        "en": "fine", "de": "na gut", "es": "bueno", "fr": "bon", "it": "bene", "pt": "pois", "ar": "طيب",
    },
    "fine by me": {
        "en": "fine by me", "de": "passt für mich", "es": "por mí bien", "fr": "ça me va",
        "it": "per me va bene", "pt": "por mim tudo bem", "ar": "لا مانع لدي",
    },
    "no problem": {
        "en": "no problem", "de": "kein Problem", "es": "no hay problema", "fr": "pas de problème",
        "it": "nessun problema", "pt": "sem problema", "ar": "لا توجد مشكلة",
    },
    "why not": {
        "en": "why not", "de": "warum nicht", "es": "por qué no", "fr": "pourquoi pas", "it": "perché no",
        "pt": "porque não", "ar": "لم لا",
    },
    "as you like": {
        "en": "as you like", "de": "wie Sie wollen", "es": "como quiera", "fr": "comme vous voulez",
        "it": "come vuole", "pt": "como quiser", "ar": "كما تريد",
    },
    "it is all the same to me": {
        "en": "it's all the same to me", "de": "mir egal", "es": "me da igual", "fr": "ça m'est égal",
        "it": "per me è uguale", "pt": "tanto faz", "ar": "لا فرق عندي",
    },
    "I suppose so": {
        "en": "I suppose so", "de": "wenn Sie meinen", "es": "supongo que sí", "fr": "je suppose",
        "it": "suppongo di sì", "pt": "suponho que sim", "ar": "أظن ذلك",
    },
    "if I must": {
        "en": "if I must", "de": "meinetwegen", "es": "si no hay más remedio", "fr": "s'il le faut",
        "it": "se proprio devo", "pt": "se tem de ser", "ar": "إذا لزم الأمر",
    },
}  # fmt: skip
"""A yes that finds it acceptable, leaves it to others, or gives in: the same in each language."""


@pytest.mark.parametrize("meaning", [*YES, *WEAK])
def test_each_language_judges_the_same_meaning_alike(meaning: str) -> None:
    """What is a yes in one language is one in all, and what is asked once more in one is so in all."""
    said = YES.get(meaning) or WEAK[meaning]
    assert set(said) == set(languages())
    judged = {language: is_half_a_yes(words, language) for language, words in said.items()}
    assert judged == dict.fromkeys(said, meaning in WEAK)


@pytest.mark.parametrize("language", languages())
def test_the_table_in_the_docs_is_this_one(language: str) -> None:
    """Whoever reads why a yes is asked again finds these words."""
    page = (DOCS / "why" / "what-a-person-decides.md").read_text(encoding="utf-8")
    told = {cell.strip() for line in page.splitlines() for cell in line.split("|")}
    assert [said[language] for said in (*YES.values(), *WEAK.values()) if said[language] not in told] == []


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
