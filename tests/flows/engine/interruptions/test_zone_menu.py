"""What the clock shows where somebody is: asked once, in one tap, and changed with the words 'time zone'."""

from datetime import UTC, datetime

import pytest

from flows.engine.effects import SetTimeZone, Snooze
from flows.engine.events import Replied, Sight
from flows.i18n.say import Sentence, say
from flows.parsing.places import asked_zone, zone_by_clock, zones_named
from flows.schedule.time_zones import city_of, zones_to_offer
from tests.support.engine_world import Person, consent, do, end, flow_of, text
from tests.support.engine_world import say as tells

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
FLOW = flow_of(
    consent("again", purpose="contact_again"),
    tells("told", "Good to know."),
    text("q"),
    text("z"),
    end("bye"),
)
WAVES = flow_of(text("a"), do("plan", "schedule_waves"), text("z"), end("bye"))
WHICH = say(Sentence.ZONE_WHICH, "en")


def somebody(*countries: str, flow=FLOW, zone: str = "UTC") -> Person:
    """A person whose zone is not known, in a program of these countries."""
    return Person(flow, {"participant": {"timezone": zone, "countries": list(countries)}}, NOON)


def kept(person: Person) -> list[str]:
    return [effect.timezone for effect in person.kept if isinstance(effect, SetTimeZone)]


def told(city: str, time: str, sentence: Sentence = Sentence.ZONE_SET) -> str:
    return say(sentence, "en", city=city, time=time)


def test_it_is_asked_where_follow_ups_were_agreed_to():
    """Yes to being written to again: the times of the program's countries; the question comes after."""
    person = somebody("GB", "AT").types("yes, I agree")
    assert person.texts == ["Good to know.", WHICH]
    assert [option.label for option in person.last.options] == ["12:00 London", "13:00 Vienna"]
    person.taps("13:00 Vienna")
    assert kept(person) == ["Europe/Vienna"]
    assert person.texts == [told("Vienna", "13:00"), "Ask q?"]
    assert person.types("Words, words and words").open == "z"


def test_it_is_asked_where_waves_are_scheduled():
    """A script that plans follow-ups leads to the question."""
    assert somebody("GB", "AT", flow=WAVES).types("Some words of mine").texts == [WHICH]


@pytest.mark.parametrize(
    ("countries", "reply"),
    [((), "yes, I agree"), (("GB",), "yes, I agree"), (("AT", "DE"), "yes, I agree"), (("GB", "AT"), "no")],
    ids=["known", "one country", "one time", "no follow-ups"],
)
def test_nobody_is_asked_in_vain(countries, reply):
    """Where the zone is known, or all clocks agree, or nothing follows."""
    assert WHICH not in somebody(*countries).types(reply).texts


def test_it_is_asked_once():
    """A consent that is taken back and given again asks no second time; nor does 'later'."""
    person = somebody("GB", "AT").types("yes, I agree", "skip")
    assert (person.texts[-1], kept(person)) == ("Ask q?", [])
    assert person.types("later").texts == [say(Sentence.LATER_WHEN, "en")]


@pytest.mark.parametrize(
    ("words", "zone"),
    [
        ("13:10", "Europe/Vienna"),
        ("1:00 pm", "Europe/Vienna"),
        ("1 p.m.", "Europe/Vienna"),
        ("1:05", "Europe/Vienna"),
        ("١:٠٠ م", "Europe/Vienna"),  # noqa: RUF001 - as it is typed in Arabic
        ("12:00 Vienna", "Europe/Vienna"),
        ("2", "Europe/Vienna"),
        ("Wien", "Europe/Vienna"),
        ("فيينا", "Europe/Vienna"),
        ("I am in São Paulo", "America/Sao_Paulo"),
        ("Germany", "Europe/Berlin"),
        ("Deutschland", "Europe/Berlin"),
        ("Asia/Kolkata", "Asia/Kolkata"),
    ],
)
def test_what_is_typed(words, zone):
    """A time, a number, a city or a country in any of our languages, or the zone's own name."""
    assert kept(somebody("GB", "AT").types("yes, I agree", words)) == [zone]


def test_a_country_with_several_times_is_asked_about():
    """Its times are offered, the earliest first."""
    person = somebody("GB", "AT").types("yes, I agree", "Brazil")
    assert [option.label for option in person.last.options][-1] == "10:00 Fernando de Noronha"
    assert kept(person.types("São Paulo")) == ["America/Sao_Paulo"]


def test_an_unknown_place_is_asked_about_once():
    """Then the conversation goes on, and everything goes by the program's zone."""
    person = somebody("GB", "AT").types("yes, I agree", "Nowhere-upon-Tyne")
    assert person.texts == [say(Sentence.ZONE_UNKNOWN, "en"), WHICH]
    person.types("Nowhere-upon-Tyne")
    assert (person.texts, kept(person)) == (
        [told("UTC", "12:00", Sentence.ZONE_NOW), say(Sentence.ZONE_HOW, "en"), "Ask q?"],
        [],
    )


def test_before_a_time_to_come_back():
    """'Later' asks first what time it is there, and then goes by it."""
    person = somebody("GB", "JP", flow=WAVES).types("later")
    assert person.texts == [WHICH]
    person.taps("21:00 Tokyo")
    assert person.texts == [told("Tokyo", "21:00"), say(Sentence.LATER_WHEN, "en")]
    person.types("tomorrow")
    [until] = [effect.until for effect in person.kept if isinstance(effect, Snooze)]
    assert until.astimezone(UTC).hour < 3, "a morning in Tokyo"


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("time zone", "en"),
        ("Zeitzone ändern", "de"),
        ("zona horaria", "es"),
        ("fuseau horaire", "fr"),
        ("fuso orario", "it"),
        ("fuso horário", "pt"),
        ("المنطقة الزمنية", "ar"),
    ],
)
def test_it_is_shown_and_changed(words, language):
    """In every language: what everything goes by, and others to choose from where the country has any."""
    person = somebody(zone="Europe/Madrid", flow=WAVES).types(words)
    assert person.texts == [told("Madrid", "13:00", Sentence.ZONE_NOW), WHICH], language
    assert kept(person.types("London")) == ["Europe/London"]
    assert person.texts[-1] == "Ask a?"
    person = somebody(zone="Europe/Vienna", flow=WAVES).types(words)
    assert person.texts == [
        told("Vienna", "13:00", Sentence.ZONE_NOW),
        say(Sentence.ZONE_HOW, "en"),
        "Ask a?",
    ], f"{language}: one time only, so there is nothing to choose"
    assert (kept(person.types("time zone London")), person.open) == (["Europe/London"], "a")


def test_it_is_changed_in_one_message():
    """'Time zone Vienna' needs no menu."""
    person = somebody("GB", "AT", flow=WAVES).types("time zone Vienna")
    assert (kept(person), person.texts) == (["Europe/Vienna"], [told("Vienna", "13:00"), "Ask a?"])
    assert WHICH not in person.types("Some words of mine").texts, "it is known now"


def test_zones_have_summers():
    """The choices differ with the season, and are zones, not offsets."""
    july = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
    assert zones_to_offer(("GB", "IS"), NOON) == ("Europe/London", "Atlantic/Reykjavik"), (
        "they part in summer"
    )
    assert zones_to_offer(("GB", "IS"), july) == ("Atlantic/Reykjavik", "Europe/London")
    assert city_of("Europe/Vienna", "de") == "Wien"
    assert zones_to_offer(("US",), NOON)[0] == "Pacific/Honolulu", (
        "not the Aleutians, where hardly anybody is"
    )


@pytest.mark.parametrize(
    "words", ["", "yes", "no", "skip", "It hurt for a day", "Some words of mine", "x" * 99]
)
def test_ordinary_words_are_no_place(words):
    """Nor are they the words that change a zone."""
    assert (zones_named(words), asked_zone(words), zone_by_clock(words, ("UTC",), NOON)) == ((), (), None)


IS_IT = "Is it {time} where you are?"
CITY = say(Sentence.ZONE_CITY, "en")


@pytest.mark.parametrize(
    ("words", "time", "zone"),
    [
        ("UTC+1", "13:00", "Europe/Vienna"),
        ("utc + 1", "13:00", "Europe/Vienna"),
        ("+01:00", "13:00", "Europe/Vienna"),
        ("I am at GMT+1", "13:00", "Europe/Vienna"),
        ("MEZ", "13:00", "Europe/Vienna"),
        ("CEST", "13:00", "Europe/Vienna"),
        ("gmt", "12:00", "Europe/London"),
        ("UTC", "12:00", "Europe/London"),
        ("GMT más 1", "13:00", "Europe/Vienna"),
        ("UTC plus 1 heure", "13:00", "Europe/Vienna"),
        ("UTC più 1", "13:00", "Europe/Vienna"),
        ("UTC mais 1", "13:00", "Europe/Vienna"),
        ("غرينتش +١", "13:00", "Europe/Vienna"),  # noqa: RUF001 - as it is typed in Arabic
        ("UTC+5:30", "17:30", "Asia/Kolkata"),
        ("GMT-8", "04:00", "America/Los_Angeles"),
    ],
)
def test_the_name_of_a_clock_is_confirmed_by_the_time(words, time, zone):
    """An offset, or what a clock is called in any of our languages: asked by the time; the program's places first."""
    person = somebody("GB", "AT").types("yes, I agree", words)
    assert (person.texts, kept(person)) == ([IS_IT.format(time=time)], [])
    assert [option.label for option in person.last.options] == ["Yes", "No"]
    assert kept(person.taps("Yes")) == [zone]
    assert (person.texts[-1], person.open) == ("Ask q?", "q")


@pytest.mark.parametrize("words", ["yes", "UTC+1", "13:00", "it is 13:04"])
def test_a_clock_is_confirmed_in_words(words):
    """Yes, the same once more, or the time itself."""
    assert kept(somebody("GB", "AT").types("yes, I agree", "CET", words)) == ["Europe/Vienna"]


def test_a_clock_that_is_wrong_now():
    """'CEST' is written in winter, too; after a no the menu comes once more, and a city is understood at once."""
    person = somebody("GB", "AT").types("yes, I agree", "CEST")
    assert person.taps("No").texts == [WHICH]
    assert person.types("Nowhere").texts[0] == told("UTC", "12:00", Sentence.ZONE_NOW), "it was asked twice"
    person = somebody("GB", "AT").types("yes, I agree", "GMT-5", "Helsinki")
    assert (kept(person), person.texts[-1]) == (["Europe/Helsinki"], "Ask q?")


def test_many_places_have_that_time():
    """Where none of the program's does, cities are asked about, since their clocks part in summer."""
    person = somebody("GB", "AT").types("yes, I agree", "UTC+2", "yes")
    assert (person.texts, kept(person)) == ([CITY], [])
    labels = [option.label for option in person.last.options]
    assert "14:00 Johannesburg" in labels
    assert "14:00 Cairo" in labels
    assert kept(person.types("Athens")) == ["Europe/Athens"]


def test_clocks_that_part_in_summer_are_asked_about_by_city():
    """They agree now, and one of them would be wrong for half a year; the time alone does not tell which."""
    person = somebody("GB", "IS").types("yes, I agree")
    assert person.texts == ["Good to know.", CITY]
    assert [option.label for option in person.last.options] == ["12:00 London", "12:00 Reykjavik"]
    assert kept(somebody("GB", "IS").types("yes, I agree").taps("12:00 Reykjavik")) == ["Atlantic/Reykjavik"]
    assert person.types("12:00").texts == [say(Sentence.ZONE_UNKNOWN, "en"), CITY]
    person = somebody("US").types("yes, I agree", "5 am")
    assert (person.texts, kept(person)) == ([CITY], [])
    assert [option.label for option in person.last.options] == ["05:00 Denver", "05:00 Phoenix"]


@pytest.mark.parametrize(
    ("words", "zone"),
    [
        ("time zone UTC+1", "Europe/Vienna"),
        ("Zeitzone MEZ", "Europe/Vienna"),
        ("zona horaria GMT+1", "Europe/Vienna"),
        ("fuseau horaire +01:00", "Europe/Vienna"),
        ("fuso orario CET", "Europe/Vienna"),
        ("fuso horário GMT", "Europe/London"),
        ("المنطقة الزمنية غرينتش", "Europe/London"),
        ("my time zone is UTC-5", None),
        ("UTC+1", "Europe/Vienna"),
        ("gmt -5", None),
    ],
)
def test_a_clock_in_a_wish(words, zone):
    """It is no answer to the question that stands there, and neither is what is typed next."""
    person = somebody("GB", "AT", flow=WAVES).types(words)
    assert (len(person.texts), person.open) == (1, "a")
    assert person.types("Nowhere").open == "a"
    assert (kept(person.types("yes")), person.open) == ([zone] if zone else [], "a")


def test_a_clock_before_a_time_to_come_back():
    """'Later' goes on to when, also where the clock was told by its name, or nothing was understood."""
    person = somebody("GB", "JP", flow=WAVES).types("later", "UTC+9", "yes")
    assert person.texts == [told("Tokyo", "21:00"), say(Sentence.LATER_WHEN, "en")]
    person = somebody("GB", "JP", flow=WAVES).types("later", "Nowhere", "Nowhere")
    assert person.texts[-1] == say(Sentence.LATER_WHEN, "en")


@pytest.mark.parametrize("words", ["UTC+1", "CET", "+01:00", "GMT plus 1"])
@pytest.mark.parametrize("sight", [Sight.BEFORE, Sight.UNREAD])
def test_a_clock_that_was_typed_too_soon(words, sight):
    """Just after 'time zone', before the menu could be read: no part of the answer before it."""
    person = somebody("GB", "AT").types("no", "A story of mine", "time zone")
    person.tell(Replied(words, "early", sight=sight))
    assert (person.answers, person.texts) == ({}, [IS_IT.format(time="13:00")])


def test_a_place_that_was_typed_too_soon():
    """A few words that follow the menu at once are asked about again; a story of before it is still joined."""
    person = somebody("GB", "AT").types("no", "A story of mine", "time zone")
    person.tell(Replied("Nowhere-upon-Tyne", "early", sight=Sight.UNREAD, script_sight=Sight.SEEN))
    assert (person.answers, person.texts[-1]) == ({}, WHICH)
    person.tell(Replied("It went on in Vienna", "early 2", sight=Sight.BEFORE, script_sight=Sight.SEEN))
    assert person.answers == {"q": "A story of mine\nIt went on in Vienna"}
