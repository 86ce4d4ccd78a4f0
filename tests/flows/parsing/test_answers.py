from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.i18n.say import Sentence, say
from flows.parsing.answers import (
    BandText,
    ChoiceText,
    ExpectedDate,
    ExpectedNumber,
    RatingScale,
    ReadReply,
    ShortcutText,
    UnreadReply,
    exact_choice,
    read_choice,
    read_choices,
    read_date,
    read_number,
    read_scale,
    read_text,
    read_yes_no,
)
from flows.parsing.dates.later import read_later

TUESDAY = date(2026, 2, 10)

CARE = (
    ChoiceText("explain", "Explaining things"),
    ChoiceText("listen", "Listening to me"),
    ChoiceText("side", "Side effects"),
    ChoiceText("pain", "Pain or tiredness", aliases=("fatigue",)),
    ChoiceText("together", "Choosing together"),
    ChoiceText("appt", "Getting an appointment"),
    ChoiceText("teams", "Teams talking to each other"),
    ChoiceText("family", "Support for family"),
    ChoiceText("cost", "Cost"),
    ChoiceText("none", "None of these", exclusive=True),
)
STATUS = (
    ChoiceText("full", "Doing it fully"),
    ChoiceText("partial", "Partly"),
    ChoiceText("planned", "Not yet, still plan to"),
    ChoiceText("modified", "Did something different"),
    ChoiceText("not_applicable", "No chance yet (no such patients)"),
    ChoiceText("dropped", "No longer plan to"),
    ChoiceText("already", "Already did this before"),
)
LASTING = (
    ChoiceText("yes", "Yes, most of the time"),
    ChoiceText("some", "Sometimes"),
    ChoiceText("no", "Stopped"),
)
BANDS = (
    BandText("b0", "0", 0, 0),
    BandText("b1", "1-4", 1, 4),
    BandText("b5", "5-9", 5, 9),
    BandText("b10", "10-19", 10, 19),
    BandText("b20", "20+", 20, None),
    BandText("dont_know", "Don't know"),
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Side effects", "side"),
        ("side EFFECTS!!", "side"),
        ("Side effects 🤢", "side"),
        ("I think side effects please", "side"),
        ("side efects", "side"),
        ("sied effects", "side"),
        ("3", "side"),
        ("3.", "side"),
        ("3)", "side"),
        ("#3", "side"),
        ("No. 3", "side"),
        ("option 3", "side"),
        ("3. Side effects", "side"),
        ("three", "side"),
        ("number three", "side"),
        ("option one", "explain"),
        ("one", "explain"),
        ("the third", "side"),
        ("the third one", "side"),
        ("3rd", "side"),
        ("the last one", "none"),
        ("٣", "side"),
        ("३", "side"),
        ("\uff13", "side"),
        ("3️⃣", "side"),
        ("10", "none"),
        ("fatigue", "pain"),
        ("tiredness", "pain"),
        ("appointment", "appt"),
        ("none", "none"),
        ("nothing", "none"),
    ],
)
def test_choice(text, code):
    """A label in any dress, its number in any form, a part of it that no other has, a slip of the finger."""
    assert read_choice(text, CARE, "en") == ReadReply(code)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "👍",
            "banana",
            "0",
            "11",
            "-1",
            "1.5",
            "1 2",
            "½",
            "to",
            "Csot",
            "no side effects",
            "this one",
        ),
        *("side effects and cost", "4. Side effects", "x" * 10_000, "9" * 5000, "yes", "maybe"),
    ],
)
def test_no_choice(text):
    """What could be two choices, none, or the contrary of one is not guessed."""
    assert read_choice(text, CARE, "en") == UnreadReply(Sentence.UNREAD_CHOICE)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("not yet", "planned"),
        ("no longer", "dropped"),
        ("No chance yet", "not_applicable"),
        ("fully", "full"),
        ("i am doing it fully", "full"),
        ("already", "already"),
        ("Not yet, still planing to", "planned"),
        ("I am not doing it fully", None),
        ("no", None),
        ("plan to", None),
    ],
)
def test_statuses(text, code):
    """Labels that share words are told apart, and a denial is not taken for what it denies."""
    assert read_choice(text, STATUS, "en") == (
        ReadReply(code) if code else UnreadReply(Sentence.UNREAD_CHOICE)
    )


@pytest.mark.parametrize(("text", "code"), [("yes", "yes"), ("yep", "yes"), ("stopped", "no"), ("no", None)])
def test_yes_among_choices(text, code):
    """Yes is the only choice that begins so; no is none where none is called so."""
    assert read_choice(text, LASTING, "en") == (
        ReadReply(code) if code else UnreadReply(Sentence.UNREAD_CHOICE)
    )


@pytest.mark.parametrize(
    ("labels", "text", "place"),
    [
        (("typical", "other"), "atypical", None),
        (("Certain", "Uncertain"), "uncertan", 1),
        (("Same", "Worse"), "Some", None),
        (("Got better", "Got worse", "Stayed the same"), "got beter", 0),
        (("Better", "Bitter"), "Batter", None),
        (("1-5 years", "6 years or more"), "1-6 years", None),
        (("1", "2-3", "4-9"), "2-3", 1),
        (("10", "20", "30"), "20", 1),  # a label before a number
        (("Nurse", "Physician"), "Physician assistant", None),
        (("Nurse", "Physician"), "I am a nurse", 0),
    ],
)
def test_slips(labels, text, place):
    """A slip is forgiven where it makes no other word, no contrary and no other number."""
    choices = [ChoiceText(f"c{number}", label) for number, label in enumerate(labels)]
    assert read_choice(text, choices, "en") == (
        UnreadReply(Sentence.UNREAD_CHOICE) if place is None else ReadReply(f"c{place}")
    )


def test_exact_choice():
    """A label that is also a word that works everywhere is found exactly, and nothing else is."""
    later = (ChoiceText("today", "Today"), ChoiceText("later", "Later", aliases=("some day",)))
    assert exact_choice("later!", later) == later[1]
    assert exact_choice("Some day", later) == later[1]
    assert exact_choice("2", later) is None
    assert exact_choice("laterr", later) is None


@pytest.mark.parametrize(
    "text", ["I agree", "yes", "Yes!", "y", "ok", "👍", "1", "agree", "of course", "i agre"]
)
def test_yes(text):
    """Yes in the many ways that people say it."""
    assert read_yes_no(text, agree="I agree", decline="No", language="en") == ReadReply(True)


@pytest.mark.parametrize(
    ("language", "label", "text"),
    [
        ("es", "Las dos cosas", "las dos"),
        ("es", "Las dos cosas", "Ambas"),
        ("it", "Entrambe le cose", "tutte e due"),
        ("it", "Entrambe le cose", "entrambi"),
        ("pt", "As duas coisas", "ambas"),
        ("fr", "Les deux", "tous les deux"),
        ("de", "Beides", "beide"),
        ("en", "Both", "both of them"),
    ],
)
def test_both_is_the_choice_called_so(language, label, text):
    """In its other ways too, and never the second of the list; where no choice is called so it is asked again."""
    labels = {"one": "Uno", "two": "Due", "both": label}
    choices = tuple(ChoiceText(code, shown) for code, shown in labels.items())
    assert read_choice(text, choices, language=language).value == "both"
    assert isinstance(read_choice(text, choices[:2], language=language), UnreadReply)


@pytest.mark.parametrize(
    ("language", "agree", "text"),
    [
        ("en", "Yes", "Let's start"),
        ("en", "Yes", "yes, let's start"),
        ("es", "Sí", "Empecemos"),
        ("es", "Sí", "sí, empecemos"),
        ("it", "Sì", "Cominciamo"),
        ("it", "Sì", "sì, possiamo iniziare"),
        ("pt", "Sim", "Vamos começar"),
        ("pt", "Sim", "sim, podemos começar"),
        ("fr", "Oui", "On commence"),
        ("de", "Ja", "Fangen wir an"),
        ("ar", "نعم", "لنبدأ"),
    ],
)
def test_lets_start_is_a_yes(language, agree, text):
    """Whoever is asked "Shall we start?" may answer in the words of the question."""
    assert read_yes_no(text, agree=agree, decline="-", language=language) == ReadReply(True)


@pytest.mark.parametrize(
    "text", ["No", "nope", "👎", "2", "I do not agree", "i don't agree", "I disagree", "no thanks"]
)
def test_no(text):
    """No in the many ways that people say it."""
    assert read_yes_no(text, agree="I agree", decline="No", language="en") == ReadReply(False)


@pytest.mark.parametrize(
    "text", ["", "maybe", "yes but no", "👍👎", "3", "why?", "I dont", "yes, if my doctor agrees"]
)
def test_neither(text):
    """A consent is never guessed; the hint names both labels."""
    reading = read_yes_no(text, agree="I agree", decline="Rather not", language="en")
    if text != "I dont":
        assert isinstance(reading, UnreadReply)
        assert "I agree" in say(reading.why, "en", **reading.fields)
        assert "Rather not" in say(reading.why, "en", **reading.fields)
    else:
        assert reading == ReadReply(False)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("1, 3", ["explain", "side"]),
        ("1 and 3", ["explain", "side"]),
        ("3 1", ["explain", "side"]),
        ("1,3,1", ["explain", "side"]),
        ("1-3", ["explain", "listen", "side"]),
        ("1 & 2", ["explain", "listen"]),
        ("1.3", ["explain", "side"]),
        ("first and third", ["explain", "side"]),
        ("\u0661\u060c \u0663", ["explain", "side"]),
        ("4", ["pain"]),
        ("Pain or tiredness", ["pain"]),
        ("pain or tiredness and cost", ["pain", "cost"]),
        ("cost, pain and side effects", ["side", "pain", "cost"]),
        ("Cost\nSide efects", ["side", "cost"]),
        ("1. Cost\n2. Side effects", ["side", "cost"]),
        ("- cost\n- family", ["family", "cost"]),
        ("I think cost and pain", ["pain", "cost"]),
        ("none", ["none"]),
        ("None of these.", ["none"]),
    ],
)
def test_several(text, codes):
    """Numbers and labels with signs or words between them, in the order of the list and each once."""
    assert read_choices(text, CARE, "en", most=3) == ReadReply(codes)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", Sentence.UNREAD_CHOICES),
        ("banana", Sentence.UNREAD_CHOICES),
        ("cost and banana", Sentence.UNREAD_CHOICES),
        ("1 and 99", Sentence.UNREAD_CHOICES),
        ("-1", Sentence.UNREAD_CHOICES),
        ("both", Sentence.UNREAD_CHOICES),
        ("a," * 5000, Sentence.UNREAD_CHOICES),
        ("1,3,5,7", Sentence.TOO_MANY_PICKS),
        ("all", Sentence.TOO_MANY_PICKS),
        ("none and 1", Sentence.PICKS_DISAGREE),
    ],
)
def test_several_unread(text, why):
    """One unreadable part makes the whole unread: half an answer is not stored."""
    reading = read_choices(text, CARE, "en", most=3)
    assert isinstance(reading, UnreadReply)
    assert reading.why is why
    assert say(reading.why, "en", **reading.fields)


ARABIC_CARE = (
    ChoiceText("side", "الآثار الجانبية"),
    ChoiceText("pain", "الألم أو التعب"),
    ChoiceText("waiting", "وقت الانتظار"),
    ChoiceText("cost", "التكلفة"),
    ChoiceText("none", "لا شيء من هذه", exclusive=True),
)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("التكلفة، الآثار الجانبية", ["side", "cost"]),
        ("التكلفة؛ الآثار الجانبية", ["side", "cost"]),
        ("التكلفة والآثار الجانبية", ["side", "cost"]),
        ("تكلفة واثار جانبية", ["side", "cost"]),
        ("الألم أو التعب والتكلفة", ["pain", "cost"]),
        ("الألم والتكلفة", ["pain", "cost"]),
        ("وقت الانتظار", ["waiting"]),
        ("وقت الانتظار والتكلفة", ["waiting", "cost"]),
        ("التكلفة ووقت الانتظار", ["waiting", "cost"]),
        ("1، 4", ["side", "cost"]),
        ("1 و 4", ["side", "cost"]),
        ("1 و4", ["side", "cost"]),
        ("لا شيء", ["none"]),
        ("الكل", ["side", "pain", "waiting", "cost"]),
    ],
)
def test_several_in_arabic(text, codes):
    """Arabic signs, and an 'and' that is written onto the next word, stand between picks."""
    assert read_choices(text, ARABIC_CARE, "ar") == ReadReply(codes)


@pytest.mark.parametrize(
    ("text", "language", "codes"),
    [
        ("Coût, además fatiga", "es", None),
        ("coste además fatiga", "es", ["a", "b"]),
        ("coste y también fatiga", "es", ["a", "b"]),
        ("COSTE MÁS FATIGA", "es", ["a", "b"]),
    ],
)
def test_joining_words_with_accents(text, language, codes):
    """A joining word is known with its accents and without."""
    choices = (ChoiceText("a", "Coste"), ChoiceText("b", "Fatiga"), ChoiceText("c", "Sueño"))
    reading = read_choices(text, choices, language)
    assert reading == (UnreadReply(Sentence.UNREAD_CHOICES) if codes is None else ReadReply(codes))


def test_all_and_none_and_both():
    """'All' leaves out what shuts out the others; 'none' is nothing where nothing is allowed; 'both' is of
    two.
    """
    pair = (ChoiceText("a", "Tests"), ChoiceText("b", "Visits"))
    assert read_choices("all of them", CARE, "en") == ReadReply([choice.code for choice in CARE[:-1]])
    assert read_choices("both", pair, "en") == ReadReply(["a", "b"])
    assert read_choices("none", pair, "en", least=0) == ReadReply([])
    assert read_choices("none", pair, "en") == UnreadReply(Sentence.UNREAD_CHOICES)
    assert read_choices("1", pair, "en", least=2) == UnreadReply(Sentence.TOO_FEW_PICKS, {"min": 2})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("4", 4),
        ("four", 4),
        ("about a 4", 4),
        ("I'd say 4", 4),
        ("4/5", 4),
        ("4 out of 5", 4),
        ("4 stars", 4),
        ("4 because my team helps", 4),
        ("4, my team helps", 4),
        ("٤", 4),
        ("4️⃣", 4),
        ("very bad", 1),
        ("Very good!", 5),
        ("good", 4),
        ("ok", 3),
        ("not bad", 3),
        ("in the middle", 3),
        ("the lowest", 1),
        ("best", 5),
    ],
)
def test_scale(text, value):
    """A number, its word, or a word of the scale whose ends are labelled so."""
    read = read_scale(text, "en", RatingScale(low_label="very bad", high_label="very good"))
    assert read == ReadReply(value, remark=text if "my team" in text else "")


@pytest.mark.parametrize(
    ("text", "tells"),
    [
        ("3, but I have been bleeding since I started the pills", True),
        ("2 because everything hurts", True),
        ("4 (since the new tablets I fall asleep)", True),
        ("5, very good", False),
        ("4, thank you", False),
        ("3.", False),
    ],
)
def test_what_a_rating_tells_besides_is_a_remark(text, tells):
    """The whole reply, where more stands beside the number than a name for it, courtesy, or 'I do not know'."""
    read = read_scale(text, "en", RatingScale(low_label="very bad", high_label="very good"))
    assert isinstance(read, ReadReply)
    assert read.remark == (text if tells else "")


@pytest.mark.parametrize(
    "text", ["", "0", "6", "-2", "4.5", "4-5", "8/10", "I had 2 visits", "2 or 3", "banana", "9" * 5000]
)
def test_scale_unread(text):
    """Out of range, two numbers or a story: the ends are named in the hint."""
    reading = read_scale(text, "en", RatingScale(low_label="very bad", high_label="very good"))
    assert reading == UnreadReply(Sentence.UNREAD_SCALE, {"low": 1, "high": 5})


def test_scale_words_need_their_ends():
    """'Good' says nothing on a scale of sureness, and 'quite sure' nothing on a scale of health."""
    assert isinstance(
        read_scale("good", "en", RatingScale(low_label="not sure", high_label="very sure")), UnreadReply
    )
    assert read_scale(
        "quite sure", "en", RatingScale(low_label="Not sure at all", high_label="Very sure")
    ) == ReadReply(4)
    assert isinstance(
        read_scale("quite sure", "en", RatingScale(low_label="very bad", high_label="very good")), UnreadReply
    )
    assert read_scale(
        "middle", "en", RatingScale(low=0, high=10, low_label="none", high_label="worst")
    ) == ReadReply(5)
    assert read_scale(
        "none", "en", RatingScale(low=0, high=10, low_label="none", high_label="worst")
    ) == ReadReply(0)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("7", "b5"),
        ("0", "b0"),
        ("none", "b0"),
        ("4", "b1"),
        ("about 7", "b5"),
        ("seven patients", "b5"),
        ("a dozen", "b10"),
        ("5 to 9", "b5"),
        ("5-9", "b5"),
        ("2-3", "b1"),
        ("20+", "b20"),
        ("more than 20", "b20"),
        ("20 or more", "b20"),
        ("3 or 4", "b1"),
        ("Don't know", "dont_know"),
        ("I don\u2019t know", "dont_know"),
        ("not sure", "dont_know"),
    ],
)
def test_bands(text, code):
    """A number falls in its band, a range in the band that holds it all; the label picks it too."""
    assert read_number(text, "en", ExpectedNumber(bands=BANDS)) == ReadReply(code)


@pytest.mark.parametrize("text", ["3 to 6", "-1", "less than 5", "loads", "", "10-25"])
def test_no_band(text):
    """A range over two bands, or none, is asked again."""
    assert isinstance(read_number(text, "en", ExpectedNumber(bands=BANDS)), UnreadReply)


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("7", {}, ReadReply(7)),
        ("2,5", {"whole": False}, ReadReply(2.5)),
        ("2.0", {}, ReadReply(2)),
        ("2.5", {}, UnreadReply(Sentence.NUMBER_NOT_WHOLE, {"example": 7})),
        ("-1", {"low": 0}, UnreadReply(Sentence.NUMBER_TOO_LOW, {"low": 0})),
        ("200", {"high": 120}, UnreadReply(Sentence.NUMBER_TOO_HIGH, {"high": 120})),
        ("5 to 9", {}, UnreadReply(Sentence.UNREAD_NUMBER, {"example": 7})),
        ("many", {"low": 18}, UnreadReply(Sentence.UNREAD_NUMBER, {"example": 18})),
        ("7 visits", {"unit": "visits"}, ReadReply(7)),
    ],
)
def test_number(text, options, expected):
    """A number within its bounds; the hint says which bound, with an example that would be taken."""
    assert read_number(text, "en", ExpectedNumber(**options)) == expected


SHORTCUTS = (
    ShortcutText("Today", "today"),
    ShortcutText("This week", "end_of_week"),
    ShortcutText("This month", "end_of_month"),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("this week", ReadReply(date(2026, 2, 15))),
        ("2", ReadReply(date(2026, 2, 15))),
        ("in two weeks", ReadReply(date(2026, 2, 24))),
        ("1 March", ReadReply(date(2026, 3, 1))),
        ("yesterday", UnreadReply(Sentence.DATE_TOO_EARLY, {"earliest": TUESDAY})),
        ("in 6 months", UnreadReply(Sentence.DATE_TOO_LATE, {"latest": date(2026, 5, 11)})),
        ("3/4/2026", UnreadReply(Sentence.DATE_UNCLEAR)),
        ("banana", UnreadReply(Sentence.UNREAD_DATE)),
        ("5", UnreadReply(Sentence.UNREAD_DATE)),
    ],
)
def test_date(text, expected):
    """A shortcut by label or number, or a date within its bounds."""
    reading = read_date(
        text,
        "en",
        today=TUESDAY,
        expected=ExpectedDate(earliest=TUESDAY, latest=date(2026, 5, 11), shortcuts=SHORTCUTS),
    )
    assert reading == expected


def test_text_byte_for_byte():
    """The value is what was written, with its white space; only the tests of length strip it."""
    words = "  I said:\n\t*no*  \u00a0é e\u0301 👍🏽 "
    assert read_text(words) == ReadReply(words)
    assert read_text(" \n\u00a0 ") == UnreadReply(Sentence.UNREAD_TEXT)
    assert read_text(" a ", least=2) == UnreadReply(Sentence.TEXT_TOO_SHORT)
    assert read_text("x" * 11, most=10) == ReadReply("x" * 11, Sentence.TEXT_LONG)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("This evening", "2026-02-10T18:00"),
        ("2", "2026-02-11T09:00"),
        ("tomorrow", "2026-02-11T09:00"),
        ("next week", "2026-02-16T09:00"),
        ("Friday", "2026-02-13T09:00"),
        ("in two weeks", "2026-02-24T09:00"),
        ("yesterday", None),
        ("in 3 years", None),
        ("banana", None),
    ],
)
def test_later(text, expected):
    """A time from the list, or a day, which means its morning."""
    reading = read_later(text, now=datetime(2026, 2, 10, 9, tzinfo=UTC), zone="Europe/Vienna", language="en")
    if expected is None:
        assert reading == UnreadReply(Sentence.UNREAD_LATER)
    else:
        assert reading == ReadReply(datetime.fromisoformat(expected).replace(tzinfo=UTC))


PIECES = [
    *"0123456789,.-+/&#%½②٣३",
    "and",
    "or",
    "not",
    "one",
    "third",
    "cost",
    "pain",
    "none",
    "all",
    "\n",
    "👍",
    "good",
    "of",
    "5",
]


@settings(deadline=None)
@given(
    st.text() | st.lists(st.sampled_from(PIECES), max_size=9).map(" ".join),
    st.sampled_from(["en", "de", "xx"]),
)
def test_any_text(text, language):
    """No text raises, whatever the question; what is read is one of what was offered."""
    readings = [
        read_yes_no(text, agree="I agree", decline="No", language=language),
        read_number(text, language, ExpectedNumber(bands=BANDS)),
        read_number(text, language, ExpectedNumber(low=0, whole=False)),
        read_date(text, language, today=TUESDAY, expected=ExpectedDate(shortcuts=SHORTCUTS)),
        read_text(text),
    ]
    choice, several = read_choice(text, CARE, language), read_choices(text, CARE, language, most=3)
    rating = read_scale(text, language, RatingScale(low_label="very bad", high_label="very good"))
    assert isinstance(choice, UnreadReply) or choice.value in {offered.code for offered in CARE}
    assert isinstance(several, UnreadReply) or 1 <= len(several.value) <= 3
    assert isinstance(rating, UnreadReply) or rating.value in range(1, 6)
    for reading in (*readings, choice, several, rating):
        assert isinstance(reading, ReadReply) or say(reading.why, language, **reading.fields)


@given(
    st.sampled_from(CARE), st.sampled_from([str.upper, str.lower, str.title, " {}. ".format, "{} 🙂".format])
)
def test_every_label_is_its_own_answer(choice, dress):
    """Whatever its dress, a label is read as itself, alone and among several."""
    assert read_choice(dress(choice.label), CARE, "en") == ReadReply(choice.code)
    assert read_choices(dress(choice.label), CARE, "en") == ReadReply([choice.code])
