"""How long something has lasted, as people of seven languages write it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.parsing.dates.durations import Duration, find_years
from flows.parsing.vocabulary import languages, vocabulary

TODAY = date(2026, 11, 29)

YEARS = {
    "en": {
        "4 years": 4,
        "four years": 4,
        "4": 4,
        "4yrs": 4,
        "about two and a half years": 2,
        "a year and a half": 1,
        "2½ years": 2,
        "18 months": 1,
        "8 months": 0,
        "2 years and 3 months": 2,
        "60 weeks": 1,
        "a few months": 0,
        "half a year": 0,
        "two decades": 20,
        "just diagnosed": 0,
        "this year": 0,
        "3 years ago": 3,
        "I was diagnosed 4 years ago": 4,
        "I have lived with it for 7 years now": 7,
        "since March 2021": 5,
        "since 3/2021": 5,
        "less than a year": 0,
    },
    "de": {
        "4 Jahre": 4,
        "seit 3 Jahren": 3,
        "vor 3 Jahren": 3,
        "zweieinhalb Jahre": 2,
        "anderthalb Jahre": 1,
        "8 Monate": 0,
        "ein halbes Jahr": 0,
        "ein paar Monate": 0,
        "seit März 2021": 5,
        "gerade diagnostiziert": 0,
        "seit ungefähr zwei Jahren": 2,
        "18 Monate": 1,
    },
    "fr": {
        "depuis 3 ans": 3,
        "depuis sept ans": 7,
        "il y a 4 ans": 4,
        "ça fait 8 mois": 0,
        "deux ans et demi": 2,
        "un an et demi": 1,
        "depuis mars 2021": 5,
        "moins d'un an": 0,
        "depuis vingt-sept ans": 27,
        "je viens d'être diagnostiquée": 0,
        "quelques mois": 0,
    },
    "es": {
        "desde hace 3 años": 3,
        "hace 4 años": 4,
        "llevo 5 años": 5,
        "dos años y medio": 2,
        "un año y medio": 1,
        "8 meses": 0,
        "medio año": 0,
        "desde marzo de 2021": 5,
        "recién diagnosticada": 0,
        "unos 3 años": 3,
    },
    "it": {
        "da 3 anni": 3,
        "4 anni fa": 4,
        "due anni e mezzo": 2,
        "un anno e mezzo": 1,
        "da sei mesi": 0,
        "da marzo 2021": 5,
        "appena diagnosticato": 0,
        "meno di un anno": 0,
    },
    "pt": {
        "há 3 anos": 3,
        "faz 4 anos": 4,
        "dois anos e meio": 2,
        "um ano e meio": 1,
        "8 meses": 0,
        "desde março de 2021": 5,
        "recém-diagnosticado": 0,
        "menos de um ano": 0,
    },
    "ar": {
        "منذ 3 سنوات": 3,
        "\u0663 سنوات": 3,
        "قبل أربع سنوات": 4,
        "سنتين ونصف": 2,
        "سنة ونصف": 1,
        "سنتين": 2,
        "سنتان": 2,
        "منذ عامان": 2,
        "منذ سنة": 1,
        "8 أشهر": 0,
        "منذ آذار 2021": 5,
        "نصف سنة": 0,
        "تم تشخيصي للتو": 0,
    },
}


@pytest.mark.parametrize(
    ("language", "text"), [(language, text) for language, table in YEARS.items() for text in table]
)
def test_how_long(language, text):
    """A length of time, and a month in which it began, are completed years; months below twelve are none."""
    years = YEARS[language][text]
    assert find_years(text, TODAY, language) == Duration(years, years, years)


@pytest.mark.parametrize(
    "text", ["since 2019", "2019", "seit 2019", "depuis 2019", "desde 2019", "dal 2019", "منذ عام 2019"]
)
def test_since_a_year(text):
    """A year alone is its distance to this one, and may be one less."""
    assert find_years(text, TODAY, "en") == Duration(6, 7, 7)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("1 to 5", 1, 5),
        ("between 2 and 3 years", 2, 3),
        ("5-10", 5, 10),
        ("2 or 3 years", 2, 3),
        ("18 to 30 months", 1, 2),
        ("more than 10 years", 10, None),
        ("6+", 6, None),
        ("nearly 6 years", 5, 6),
        ("entre 2 et 3 ans", 2, 3),
        ("zwischen 2 und 3 Jahren", 2, 3),
        ("من 5 إلى 10 سنوات", 5, 10),
    ],
)
def test_ranges_of_years(text, low, high):
    """A range and an open end name no number."""
    assert find_years(text, TODAY, "en") == Duration(low, high)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "since I was 12"),
        ("en", "I am 12"),
        ("en", "in 2 years"),
        ("en", "3 years from now"),
        ("en", "not 3 years"),
        ("en", "since 2027"),
        ("en", "years"),
        ("en", "since '19"),
        ("de", "seit \u201919"),
        ("fr", "depuis '98"),
        ("en", "a few years"),
        ("en", "since childhood"),
        ("en", "200"),
        ("en", "2 tablets for 3 years"),
        ("en", "a year 2 years"),
        ("ar", "نصف سنة ونصف"),
        ("de", "ich bin 12 Jahre alt"),
        ("de", "in 3 Jahren"),
        ("fr", "j'ai 12 ans"),
        ("es", "tengo 45 años"),
        ("it", "ho 45 anni"),
        ("pt", "tenho 45 anos"),
        ("ar", "عمري 12 سنة"),
        ("ar", "عندي 12 سنة"),
    ],
)
def test_what_is_no_length_of_time(language, text):
    """An age, what lies ahead, and words of which a rest is not understood are none."""
    assert find_years(text, TODAY, language) is None


def test_the_month_of_today_may_be_a_year_less():
    """Whether the day has passed is not known in the month in which it began."""
    assert find_years("since November 2021", TODAY, "en") == Duration(4, 5, 5)
    assert find_years("since December 2021", TODAY, "en") == Duration(4, 4, 4)


@given(st.integers(min_value=1, max_value=60), st.sampled_from(languages()), st.data())
def test_words_round_a_length_change_nothing_or_leave_it_unread(number, language, data):
    """Words of other lists round '3 years' leave the number as it is, open an end of it, or nothing is read."""
    words = vocabulary(language)
    year = next(word for word, distance in words.dates.distances.items() if distance == "1y")
    listed = (
        words.reasons,
        words.negation,
        words.above,
        words.below,
        words.roughly,
        words.highest,
        words.no,
        words.unknown,
    )
    strange = sorted(
        {phrase for phrases in listed for phrase in phrases if not any(map(str.isdigit, phrase))}
    )
    before, after = data.draw(st.sampled_from(["", *strange])), data.draw(st.sampled_from(["", *strange]))
    found = find_years(f"{before} {number} {year} {after}".strip(), TODAY, language)
    assert found is None or found.number in (number, None)


@given(st.text())
def test_no_text_raises(text):
    """Whatever is written, a reader answers."""
    find_years(text, TODAY, "en")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "mit 63"),
        ("de", "mit 63 Jahren"),
        ("es", "con 63 años"),
        ("es", "a los 63 años"),
        ("fr", "à 63 ans"),
        ("fr", "à 63"),
        ("it", "a 63 anni"),
        ("it", "con 63"),
        ("pt", "com 63 anos"),
        ("pt", "aos 63 anos"),
        ("en", "at 63"),
        ("ar", "في عمر 63"),
    ],
)
def test_an_age_is_no_length(language, text):
    """How old somebody was when it began does not say how long ago that is: it is asked again."""
    assert find_years(text, TODAY, language) is None


@pytest.mark.parametrize(
    ("language", "text"), [("de", "ich lebe damit 4 Jahre"), ("es", "vivo con la enfermedad 4 años")]
)
def test_to_live_with_it_is_a_length(language, text):
    """'With' before the number is an age, and 'with it' none."""
    found = find_years(text, TODAY, language)
    assert found is not None
    assert found.number == 4


IN_A_SENTENCE = {
    "en": "2 ago|about 2 ago|I had 2|had 2|we have had 2|it's been 2|for 2|since 2|I think 2|I have 2 already|I had two"
    "|I had between 2 and 3",
    "de": "ich hatte 2|ich habe 2|hatte 2|wir hatten zwei|seit 2|vor 2|es sind 2|damit 2|ich hatte 2 bis 3",
    "es": "tuve 2|he tenido 2|llevo 2|hace 2|lo tengo 2|ya 2|llevo dos|he tenido entre 2 y 3",
    "fr": "j'ai eu 2|j'en ai eu 2|depuis 2|ça fait 2|c'est 2|il y a deux|j'ai eu entre 2 et 3",
    "it": "ho avuto 2|ne ho avuti 2|da 2|sono 2|per 2|ho avuto due|ho avuto tra 2 e 3",
    "pt": "tive 2|eu tive 2|há 2|faz 2|são 2|há dois|tive entre 2 e 3",
    "ar": "كان عندي 2|كانت 2|منذ 2|لي 2|صار لي 2|كانت \u0662|عشت 2",
}
ALONE = {
    "en": "2|two|2!|about 2|2 please|2 or so|around two",
    "de": "2|zwei|etwa 2|2 bitte|ca. 2|ungefähr zwei",
    "es": "2|dos|unos 2|2 por favor|más o menos 2",
    "fr": "2|deux|environ 2|2 svp|à peu près deux",
    "it": "2|due|circa 2|2 per favore|più o meno due",
    "pt": "2|dois|cerca de 2|2 por favor|mais ou menos dois",
    "ar": "2|\u0662|اثنان|حوالي 2|2 من فضلك",
}


@pytest.mark.parametrize("language", languages())
def test_a_number_in_a_sentence_needs_its_unit(language):
    """'I had 2' may be two of anything, and is no two years; alone, with 'about' or courtesy, it is."""
    for text in IN_A_SENTENCE[language].split("|"):
        assert find_years(text, TODAY, language) is None, text
    for text in ALONE[language].split("|"):
        assert find_years(text, TODAY, language) == Duration(2, 2, 2), text
