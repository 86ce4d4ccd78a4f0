from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.parsing.dates.day_rules import add_months, end_of_month, shortcut_day
from flows.parsing.dates.days import UnclearDate, find_date
from flows.parsing.vocabulary import vocabulary

TUESDAY = date(2026, 2, 10)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("today", "2026-02-10"),
        ("Now", "2026-02-10"),
        ("Tomorrow!", "2026-02-11"),
        ("the day after tomorrow", "2026-02-12"),
        ("yesterday", "2026-02-09"),
        ("in two weeks", "2026-02-24"),
        ("In 3 days.", "2026-02-13"),
        ("two weeks from now", "2026-02-24"),
        ("in a fortnight", "2026-02-24"),
        ("in a month", "2026-03-10"),
        ("in twelve weeks", "2026-05-05"),
        ("2 days ago", "2026-02-08"),
        ("1 March", "2026-03-01"),
        ("March 1st", "2026-03-01"),
        ("the first of March", "2026-03-01"),
        ("I will start on 1 March", "2026-03-01"),
        ("1 mrach", "2026-03-01"),
        ("1 March 2027", "2027-03-01"),
        ("March 1, 2026", "2026-03-01"),
        ("1 January", "2027-01-01"),  # the next one
        ("10 February", "2026-02-10"),  # today counts
        ("29 Feb", "2028-02-29"),  # the next leap year
        ("2026-03-01", "2026-03-01"),
        ("01.03.2026", "2026-03-01"),
        ("1.3.26", "2026-03-01"),
        ("1.3.", "2026-03-01"),
        ("13/3/2026", "2026-03-13"),
        ("3/13", "2026-03-13"),
        ("2/2", "2027-02-02"),
        ("\u0660\u0661.\u0660\u0663.\u0662\u0660\u0662\u0666", "2026-03-01"),
        ("next Monday", "2026-02-16"),
        ("Monday", "2026-02-16"),
        ("on sat", "2026-02-14"),
        ("this Tuesday", "2026-02-10"),
        ("Tuesday", "2026-02-17"),
        ("next week", "2026-02-16"),
        ("next month", "2026-03-01"),
        ("end of the month", "2026-02-28"),
        ("by the end of next month", "2026-03-31"),
        ("in March", "2026-03-01"),
        ("February", "2026-02-10"),  # this month: today
        ("the 5th", "2026-03-05"),
    ],
)
def test_dates(text, expected):
    """The forms in which people write a day, told today's date."""
    assert find_date(text, TUESDAY, "en") == date.fromisoformat(expected)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "banana",
            "sun",
            "sat",
            "mon",
            "5",
            "2026",
            "20260301",
            "a",
            "two",
            "one",
            "week",
            "soon",
            "1.5",
            "1-3",
        ),
        *(
            "12:30",
            "10pm",
            "5 a day",
            "2 patients a week",
            "20 mg",
            "5 sun",
            "31 April",
            "30.02.2026",
            "1 March at 5",
        ),
        *(
            "1 March 1826",
            "in 99999999999 weeks",
            "in 80 years",
            "mid march",
            "0000-00-00",
            "2026-13-45",
            "maybe",
        ),
        *(
            "I have had it since my last visit in the spring of that year or so",
            "99/99/9999",
            "1 2 3",
            "\x00",
        ),
    ],
)
def test_no_date(text):
    """Words, lone numbers, times, doses and impossible days do not become dates."""
    assert find_date(text, TUESDAY, "en") is None


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("3/4/2026", "en", UnclearDate()),
        ("3/4/2026", "en-GB", date(2026, 4, 3)),
        ("3/4/2026", "en-US", date(2026, 3, 4)),
        ("3.4.2026", "en", date(2026, 4, 3)),
        ("3/4/2026", "de", date(2026, 4, 3)),
        ("1. März", "de", date(2026, 3, 1)),
        ("in zwei Wochen", "de", date(2026, 2, 24)),
        ("Montag", "de", date(2026, 2, 16)),
        ("morgen", "de", date(2026, 2, 11)),
        ("1 mars", "fr", date(2026, 3, 1)),
        ("demain", "fr", date(2026, 2, 11)),
        ("1 March", "xx", date(2026, 3, 1)),
    ],
)
def test_languages(text, language, expected):
    """Names of days and months are the language's; plain English does not say whether the day comes first."""
    assert find_date(text, TUESDAY, language) == expected


WEEK, MONTH, SATURDAY = date(2026, 2, 17), date(2026, 3, 10), date(2026, 2, 14)
FIFTEENTH = date(2026, 2, 15)


@pytest.mark.parametrize(
    ("language", "texts", "expected"),
    [
        ("es", "en una semana, dentro de una semana, de aquí a una semana", WEEK),
        ("fr", "dans une semaine, d'ici une semaine, sous 7 jours", WEEK),
        ("de", "in einer Woche, in 7 Tagen, binnen einer Woche", WEEK),
        ("it", "tra una settimana, fra 7 giorni, entro una settimana", WEEK),
        ("pt", "daqui a uma semana, dentro de uma semana, em 7 dias", WEEK),
        ("ar", "بعد أسبوع, بعد اسبوع, خلال أسبوع, بعد \u0667 أيام, بعد سبعة أيام, بعد أسبوع من الآن", WEEK),
        ("ar", "بعد شهر, خلال شهر, في غضون شهر", MONTH),
        ("ar", "بعد 3 أيام, بعد ثلاثة أيام, خلال 3 أيام", date(2026, 2, 13)),
        ("ar", "بعد يومين, بعد غد", date(2026, 2, 12)),
        ("ar", "بعد أسبوعين, بعد اسبوعين", date(2026, 2, 24)),
        ("ar", "بعد شهرين", date(2026, 4, 10)),
        ("ar", "بعد خمسة عشر يوما, بعد 15 يوم", date(2026, 2, 25)),
        (
            "ar",
            "الأسبوع القادم, الاسبوع الجاي, الاثنين, يوم الاثنين, يوم اثنين, الإثنين القادم",
            date(2026, 2, 16),
        ),
        ("ar", "الجمعة, الجمعه, جمعة, يوم جمعة, الجمعة القادمة", date(2026, 2, 13)),
        ("de", "Sonnabend, am Sonnabend, Samstag", SATURDAY),
        ("es", "el 15, el día 15, día 15, a partir del 15", FIFTEENTH),
        ("fr", "le 15, à partir du 15", FIFTEENTH),
        ("it", "il 15, il giorno 15, dal 15", FIFTEENTH),
        ("de", "am 15., am 15, ab dem 15.", FIFTEENTH),
        ("pt", "dia 15, no dia 15", FIFTEENTH),
        ("ar", "يوم 15, في 15, يوم \u0661\u0665", FIFTEENTH),
        ("de", "am Montag, den 2. März|Montag, 2. März|2. März 2026", date(2026, 3, 2)),
        ("pt", "segunda-feira, 2 de março|na segunda-feira, dia 2 de março", date(2026, 3, 2)),
        ("de", "1. Jänner, 1. Januar", date(2027, 1, 1)),
        ("ar", "1 كانون الثاني, \u0661 كانون الثاني, 1 يناير, 1 جانفي, أول يناير", date(2027, 1, 1)),
        ("ar", "15 شباط, 15 فبراير, 15 فيفري", FIFTEENTH),
        ("ar", "15 آذار, 15 اذار, 15 مارس, \u0661\u0665 مارس", date(2026, 3, 15)),
        ("ar", "3 أيار, 3 ايار, 3 مايو, 3 ماي", date(2026, 5, 3)),
        ("ar", "6 آب, 6 أغسطس, 6 أوت, 6 غشت", date(2026, 8, 6)),
        ("ar", "1 تشرين الأول, 1 أكتوبر", date(2026, 10, 1)),
        ("ar", "تشرين الثاني, في تشرين الثاني, نوفمبر", date(2026, 11, 1)),
    ],
)
def test_as_people_write_them(language, texts, expected):
    """Times from now, days with and without their article, months by the names of each country."""
    written = texts.split("|") if "|" in texts else texts.split(", ")
    assert {text: find_date(text, TUESDAY, language) for text in written} == dict.fromkeys(written, expected)


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", "one day, some day, a day, day"),
        ("es", "un día, algún día, un día de estos"),
        ("es", "por la mañana, de mañana, en la mañana"),
        ("de", "am Morgen, der Morgen, gegen Morgen"),
        ("fr", "un jour, un de ces jours"),
        ("de", "eines Tages, ein Tag, irgendwann"),
        ("it", "un giorno, un giorno di questi, prima o poi"),
        ("pt", "um dia, um dia destes, algum dia"),
        ("ar", "يوما ما, في يوم من الأيام, يوم"),
        ("ar", "1 رمضان, 15 رمضان 1447, \u0661\u0660 محرم"),
        ("es", "el 32, el 0, unos 15"),
        ("de", "am 32., am Anfang, in der Woche"),
        ("ar", "بعد, بعد الزيارة, في يوم, بعد 3"),
    ],
)
def test_no_day_named(language, texts):
    """'One day' is not tomorrow; a day that does not exist, or of a calendar not known, is asked again."""
    written = texts.split(", ")
    for conversation in (language, "en"):
        found = {text: find_date(text, TUESDAY, conversation) for text in written}
        assert found == dict.fromkeys(written, None)


def test_same_text_same_date():
    """The day is counted from the today that is given, whenever the program runs."""
    for ahead in range(0, 400, 37):
        today = TUESDAY + timedelta(days=ahead)
        assert find_date("in two weeks", today, "en") == today + timedelta(days=14)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("today", "2026-02-10"),
        ("tomorrow", "2026-02-11"),
        ("end_of_week", "2026-02-15"),
        ("end_of_month", "2026-02-28"),
        ("end_of_next_month", "2026-03-31"),
    ],
)
def test_shortcuts(name, expected):
    """A tap means a day; a week ends on Sunday."""
    assert shortcut_day(name, TUESDAY) == date.fromisoformat(expected)


def test_months():
    """A month on from the 31st is the last day of a shorter month."""
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2027, 12, 31), 2) == date(2028, 2, 29)
    assert add_months(date(2026, 3, 31), -1) == date(2026, 2, 28)
    assert end_of_month(date(2026, 12, 5)) == date(2026, 12, 31)


@given(
    st.text(max_size=70), st.sampled_from(["en", "de", "xx"]), st.dates(date(2000, 1, 1), date(2090, 1, 1))
)
def test_any_text(text, language, today):
    """No text raises."""
    find_date(text, today, language)


PIECES = (
    "in on the 1 2 31 99 week weeks march May monday from now next of end month ago 2026 . / - 1st second"
)


@given(st.lists(st.sampled_from(PIECES.split()), max_size=7).map(" ".join))
def test_any_date_like_text(text):
    """No jumble of the words of dates raises, and what comes out lies in a life, at most ten years ahead."""
    found = find_date(text, TUESDAY, "en")
    assert found is None or isinstance(found, UnclearDate) or -120 <= found.year - TUESDAY.year <= 10


READ_NOW = {
    "en": {
        "3 years from today": "2029-02-10",
        "two weeks from today": "2026-02-24",
        "in about two weeks": "2026-02-24",
        "the day before yesterday": "2026-02-08",
        "three days ago": "2026-02-07",
        "third Tuesday of September": "2026-09-15",
        "the third Tuesday of September 2027": "2027-09-21",
        "last Friday of March": "2026-03-27",
        "the second Wednesday in October": "2026-10-14",
        "twenty fifth of March": "2026-03-25",
        "March 2027": "2027-03-01",
        "Friday the 13th": "2026-02-13",
        "Friday 13 March": "2026-03-13",
    },
    "de": {
        "vorgestern": "2026-02-08",
        "vor drei Tagen": "2026-02-07",
        "dritter Dienstag im September": "2026-09-15",
        "am zweiten Mittwoch im Oktober": "2026-10-14",
        "Freitag, den 13.": "2026-02-13",
        "drei Jahre ab heute": "2029-02-10",
        "am fünfundzwanzigsten März": "2026-03-25",
    },
    "fr": {
        "avant hier": "2026-02-08",
        "pour avant hier": "2026-02-08",
        "avant-hier": "2026-02-08",
        "le vingt-sept": "2026-02-27",
        "le vingt-sept mars": "2026-03-27",
        "le vingt et un mars": "2026-03-21",
        "il y a trois jours": "2026-02-07",
        "troisième mardi de septembre": "2026-09-15",
        "le premier vendredi de juillet": "2026-07-03",
        "vendredi 13": "2026-02-13",
        "27 sept": "2026-09-27",
    },
    "es": {
        "anteayer": "2026-02-08",
        "antier": "2026-02-08",
        "hace tres días": "2026-02-07",
        "tercer martes de septiembre": "2026-09-15",
        "el primer viernes de julio": "2026-07-03",
        "dentro de 3 años": "2029-02-10",
    },
    "it": {
        "l'altro ieri": "2026-02-08",
        "tre giorni fa": "2026-02-07",
        "terzo martedì di settembre": "2026-09-15",
        "secondo mercoledì di ottobre 2026": "2026-10-14",
        "il primo venerdì di luglio": "2026-07-03",
        "tra 3 anni": "2029-02-10",
    },
    "pt": {
        "anteontem": "2026-02-08",
        "há três dias": "2026-02-07",
        "terceira terça-feira de setembro": "2026-09-15",
        "na primeira sexta de julho": "2026-07-03",
        "segunda quarta-feira de outubro": "2026-10-14",
        "daqui a 3 anos": "2029-02-10",
    },
    "ar": {
        "أول أمس": "2026-02-08",
        "يوم قبل امس": "2026-02-08",
        "قبل ثلاثة أيام": "2026-02-07",
        "منذ يومين": "2026-02-08",
        "قبل أسبوعين": "2026-01-27",
        "قبل يوم أمس": "2026-02-08",
        "ثالث ثلاثاء من أيلول": "2026-09-15",
        "بعد ثلاث سنوات": "2029-02-10",
        "في أول شباط": "2027-02-01",
        "الثالث عشرة من شباط": "2026-02-13",
    },
}


@pytest.mark.parametrize(
    ("language", "text"), [(language, text) for language, table in READ_NOW.items() for text in table]
)
def test_times_from_today_and_days_of_a_month(language, text):
    """What lies before and after today, the nth weekday of a month, and numbers of several words."""
    assert find_date(text, TUESDAY, language) == date.fromisoformat(READ_NOW[language][text])


LEVANT = [
    "كانون الثاني",
    "شباط",
    "آذار",
    "نيسان",
    "أيار",
    "حزيران",
    "تموز",
    "آب",
    "أيلول",
    "تشرين الأول",
    "تشرين الثاني",
    "كانون الأول",
]


@pytest.mark.parametrize("month", range(1, 13))
@pytest.mark.parametrize("written", ["25 {}", "25 {} 2027", "في 25 {}", "يوم 25 {}", "\u0662\u0665 {}"])
def test_months_of_the_levant(month, written):
    """The names of months in Syria, Lebanon, Jordan, Iraq and Palestine, with a day and with a year."""
    found = find_date(written.format(LEVANT[month - 1]), TUESDAY, "ar")
    later = "2027" in written or month == 1
    assert found == date(2027 if later else 2026, month, 25)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "the wednesday after next"),
        ("en", "not tomorrow"),
        ("en", "a week from tomorrow"),
        ("en", "Tuesday 3 September 2026"),  # a Thursday
        ("en", "fifth Tuesday of February 2026"),
        ("en", "1 March at 5"),
        ("en", "1 March at 18"),
        ("en", "third Tuesday of next month"),
        ("en", "5 days and 3 hours ago"),
        ("de", "Mittwoch nach dem nächsten"),
        ("de", "3. Dienstag im September"),
        ("fr", "le 27 about"),
        ("pt", "próxima segunda dois"),
        ("pt", "daqui a duas semanas atrás"),
        ("fr", "vingt sept"),  # 27, or 20 September
        ("fr", "dix sept"),
        ("fr", "mardi du mois prochain"),
        ("it", "mar 19"),  # Tuesday, or in March
        ("pt", "6a"),
        ("pt", "3 de março às 18"),
    ],
)
def test_what_is_not_understood_whole_is_no_date(language, text):
    """Where a rest of the words may change the day, or it could be two, nothing is read."""
    assert not isinstance(find_date(text, TUESDAY, language), date)


DATED = {
    "en": ("tomorrow", "3 March", "in two weeks", "next Monday", "third Tuesday of September"),
    "de": ("morgen", "3. März", "in zwei Wochen", "nächsten Montag"),
    "fr": ("demain", "le 3 mars", "dans deux semaines", "lundi prochain"),
    "es": ("mañana", "3 de marzo", "dentro de dos semanas", "el próximo lunes"),
    "it": ("domani", "3 marzo", "tra due settimane", "lunedì prossimo"),
    "pt": ("amanhã", "3 de março", "daqui a duas semanas", "próxima segunda"),
    "ar": ("غدا", "3 آذار", "بعد أسبوعين", "الاثنين القادم"),
}


def strange_words(language):
    """Words of a language that have no place in a date."""
    words, dates = vocabulary(language), vocabulary(language).dates
    known = (
        dates.filler | dates.pointing | dates.linking | dates.ahead | dates.ago | words.roughly | words.polite
    )
    listed = (
        words.reasons,
        words.negation,
        words.highest,
        words.lowest,
        words.above,
        words.joining,
        words.zero,
    )
    return sorted(
        {word for names in listed for phrase in names for word in phrase.split()}
        - {word for phrase in (*known, *dates.from_now, *dates.distances) for word in phrase.split()}
    )


@given(st.data())
def test_a_date_among_other_words_is_itself_or_unread(data):
    """Words of other lists round a date leave it as it is, or the reply is asked again."""
    language = data.draw(st.sampled_from(sorted(DATED)))
    text = data.draw(st.sampled_from(DATED[language]))
    strange = st.lists(st.sampled_from(strange_words(language)), max_size=2)
    before, after = data.draw(strange), data.draw(strange)
    expected = find_date(text, TUESDAY, language)
    assert isinstance(expected, date)
    assert find_date(" ".join((*before, text, *after)), TUESDAY, language) in (expected, None)
