"""The shipped translations keep clear of the mistakes that readers of six languages found in them, by their kinds.

Single sentences are not held here: a better wording is always welcome.
"""

import re
from datetime import date

import pytest

from flows.formats.po_files import ReviewStatus, read_po_file
from flows.i18n.catalogs import SHIPPED, languages_in
from flows.i18n.say import Sentence, say
from flows.parsing.answers import ReadReply, read_date
from flows.parsing.vocabulary import vocabulary
from flows.program.loader import PROGRAMS
from flows.script.loader import library
from flows.script.model import Scale
from flows.text.folding import fold_label
from tests.support.told_strings import told

LANGUAGES = languages_in(SHIPPED)


def found(language: str, pattern: str) -> list[str]:
    """The contexts of the strings in which a pattern is found."""
    return [each.context for each in told(language) if re.search(pattern, each.shown)]


GUARDS = {
    "ar": r"فريق (?:السلامة|الأمن|الأمان)",
    "de": r"Sicherheits(?:team|dienst)",
    "es": r"equipo de seguridad(?! de los medicamentos)|servicio de seguridad",
    "fr": r"(?:équipe|service) de sécurité",
    "it": r"team di sicurezza|squadra di sicurezza|servizio di sicurezza",
    "pt": r"(?:equipa|serviço) de segurança(?! dos medicamentos)",
}
COMPARED = (".text", ".bands.fewer.label", ".bands.not_known.label", "_had.text", "_did.text")
"""How many of the last ten, asked before a change and after it: ends of the contexts."""
BROADCAST = {
    "ar": r"يقرأ \S+ مباشرة|على الهواء",
    "de": r"auf Sendung|sofort mit",
    "es": r"en directo|en vivo",
    "fr": r"en direct(?!e)",
    "it": r"in diretta|dal vivo",
    "pt": r"em dire[c]?to|ao vivo",
}
COLD_OR_ODD = {
    "ar": r"القرار لك كيف|نموذج المصالح الخاص|مالهم قليل|ربما لم تصلك|بسبب ما قاله|كلاهما|قد أنسى، أو",
    "de": r"Das klingt schwer\.|Beenden Sie den Satz|Wozu Sie zugestimmt|unfreundlich|wie viel es war",
    "es": r"Parece difícil|De ninguna manera|cuánto había|mantenerle a salvo|respeto su no|[Pp]ulse\b|, o la costumbre",
    "fr": r"C'est très bien|semble difficile|[Rr]eviendrai|comment est-ce|On commence|votre non|dedans|passer chaque",
    "it": (
        r"[Ss]e potrebbe|Sembra difficile|In nessun modo|al suo posto\?|[Ss]quadra"
        r"|sotto un codice|poco gentile|, o l'abitudine|^Guarda"
    ),
    "pt": r"Está tudo bem|Parece difícil|quantidade que havia|\b[Dd]oentes?\b|indesejados|pouco gentil|, ou o hábito",
}
"""Words that blame, praise a refusal, say nothing, or are of another trade."""
FORBIDDEN = {"guards": GUARDS, "broadcast": BROADCAST, "cold or odd": COLD_OR_ODD}


@pytest.mark.parametrize("kind", FORBIDDEN)
@pytest.mark.parametrize("language", LANGUAGES)
def test_forbidden_words(language, kind):
    """A team for the safety of medicines is no guard, nobody is on air, and nobody is met coldly."""
    assert found(language, FORBIDDEN[kind][language]) == []


TREATMENT = {
    "ar": r"علاج",
    "de": r"\bBehandlung(?!steam)",
    "es": r"tratamiento",
    "fr": r"traitement",
    "it": r"\bcur[ae]\b",
    "pt": r"tratamento",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_care_is_no_treatment(language):
    """Where the English asks about care, nobody is asked about their drugs: a new drug would be a yes."""
    about_care = [
        each
        for each in told(language)
        if re.search(r"\bcare\b", each.english) and "treat" not in each.english
    ]
    assert len(about_care) > 5
    assert [each.context for each in about_care if re.search(TREATMENT[language], each.shown)] == []


MASCULINE = (
    "توافق تفعل ستفعل ستفعله فستفعل ستبدأ تبدأ تريد تقول تقوله تكتب تكتبه تفضل تفضلها تستطيع تعرف ترغب تختار تحب تشعر"
    " تعيش تعمل تعتقد تظن تتذكر تتولاها اكتب اكتبوا اضغط اضغطوا اختر اذكر اطلب انظر أضفه أكمل"
    " كمريض متأكد مستعد موافق مقتنع قادر"
)
"""Forms by which Arabic speaks to one man: of the present, of the imperative, of adjectives."""
OF_OTHERS = {"best_practice_answer:agreed.text": "موافق"}
"""Where such a form is of somebody who is spoken about: the word that may stand there."""


def test_arabic_speaks_to_women_and_men():
    """Verbal nouns and 'please' with a noun take the place of forms that are only a man's."""
    forms = set(MASCULINE.split())
    wrong = [
        (each.context, word)
        for each in told("ar")
        for word in re.findall(r"\w+", re.sub(r"[\u064b-\u0652]", "", each.shown))
        if forms & {word, word[1:] if word[0] in "وف" else word} and word != OF_OTHERS.get(each.context)
    ]
    assert wrong == []


OTHER_QUOTES = {"de": "[«»”]"}
"""Quotation marks of other languages; German has „these“, the others «these»."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_quotes_are_of_one_kind(language):
    """The same word to write stands in the same marks, whoever asks for it."""
    assert found(language, OTHER_QUOTES.get(language, "[“”„]")) == []


QUOTED = r"[\u201e\u201c\u00ab]\s?\{%s\}\s?[\u201c\u201d\u00bb]"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_label_in_a_sentence_stands_in_quotes(language):
    """Labels are in the first person ("I do it fully"): without quotes the bot would say it of itself."""
    label = re.compile(r"\{\w+:label\}(?=\s?[.?!؟])")
    assert [each.context for each in told(language) if label.search(each.shown)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_title_stands_in_quotes_and_is_stored_as_it_is_called(language):
    """No title is declined or has an article for one sentence: it stands in lists and exports too."""
    within = [each for each in told(language) if "{activity.title}" in each.shown]
    assert within
    assert [each.context for each in within if not re.search(QUOTED % "activity.title", each.shown)] == []
    titles = [
        each
        for each in told(language)
        if re.fullmatch(r"\w+:(?:activities|reviews)\.\w+\.title", each.context)
    ]
    articles = r"(?:de[mnrs]|die|das|einem?r?|el|las?|los|les?|il|lo|gli|os?|as?)\s|l'"
    assert titles
    assert [each.shown for each in titles if re.match(articles, each.shown)] == []


YES_OR_NO = {
    "ar": r"هل ",
    "de": r"(?:Haben|Sind|Ist|Können|Trifft|Glauben)\b",
    "es": r"¿(?:Es|Está|Tiene|Puede|Cree)\b",
    "fr": r"(?:Est-ce|Avez-vous|Êtes-vous|Pensez-vous|Pouvez-vous)\b",
    "it": r"(?:È|Ha|Pensa|Può|Crede)\b",
    "pt": r"(?:É|Tem|Pode|Acha|Está)\b",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_yes_or_no_question_stands_over_a_scale(language):
    """Over one to five the question is how much."""
    scales = {
        f"{name}:{step.key}.text"
        for name, flow in library().items()
        for step in flow.steps
        if isinstance(step, Scale)
    }
    asked = [each for each in told(language) if each.context in scales]
    assert asked
    assert [each.context for each in asked if re.match(YES_OR_NO[language], each.shown)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_ends_of_a_scale_are_words_of_one_ladder(language):
    """So what people write between the ends is read too: 'fairly' between 'not at all' and 'very'."""
    shown = {each.context: fold_label(each.shown) for each in told(language)}
    ends = [
        (shown[f"{name}:{step.key}.low_label"], shown[f"{name}:{step.key}.high_label"])
        for name, flow in library().items()
        for step in flow.steps
        if isinstance(step, Scale)
    ]
    assert ends
    ladders = vocabulary(language).ladders
    assert [
        (low, high) for low, high in ends if not any(low in each[0] and high in each[-1] for each in ladders)
    ] == []


def test_nobody_speaks_as_a_man_by_a_button():
    """What a button says is said by whoever taps it: Portuguese thanks are a man's or a woman's."""
    labels = [each for each in told("pt") if re.search(r"\.(?:label|agree|decline)$", each.context)]
    assert [each.context for each in labels if re.search(r"obrigad[oa]", each.shown, re.IGNORECASE)] == []


EXAMPLES = {
    "ar": ("1 مارس", "1 آذار", "بعد أسبوعين"),
    "de": ("1. März", "in zwei Wochen"),
    "en": ("1 March", "in two weeks"),
    "es": ("1 de marzo", "en dos semanas"),
    "fr": ("1er mars", "dans deux semaines"),
    "it": ("1 marzo", "tra due settimane"),
    "pt": ("1 de março", "em duas semanas"),
}


@pytest.mark.parametrize("language", EXAMPLES)
def test_what_is_given_as_an_example_is_understood(language):
    """A date that the bot asks to be written like this is read when it is; Arabic names March as both halves do."""
    first = EXAMPLES[language][0]
    for sentence in (Sentence.TYPE_DATE, Sentence.UNREAD_DATE):
        assert all(example in say(sentence, language) for example in EXAMPLES[language])
    assert first in say(Sentence.DATE_UNCLEAR, language)
    days = [read_date(example, language, today=date(2026, 2, 10)) for example in EXAMPLES[language]]
    assert days == [ReadReply(date(2026, 3, 1))] * len(days[:-1]) + [ReadReply(date(2026, 2, 24))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_person_has_reviewed_them_yet(language):
    """They stay drafts until somebody who knows the language and the field has read them."""
    files = [*(SHIPPED / language).glob("*.po"), *(PROGRAMS / "translations" / language).glob("*.po")]
    assert {read_po_file(path, language).review_status for path in files} == {ReviewStatus.DRAFT}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compared_is_asked_in_the_same_words(language):
    """The question before a change and the one after it are one, so that their answers can be compared."""
    shown = {each.context: each.shown for each in told(language)}
    before = [shown[f"hcp_commitment:c8a{rest}"] for rest in COMPARED]
    assert before == [shown[f"hcp_follow_up:d2{'_of_10' * rest.startswith('.')}{rest}"] for rest in COMPARED]
