"""What the clock shows where somebody is: asked once, in one tap, and changed with the words 'time zone'."""

from datetime import UTC, datetime

import pytest

from flows.engine.effects import SetTimeZone, Snooze
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
    assert (person.texts, kept(person)) == (["Ask q?"], [])


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
    """In every language: what everything goes by, and others to choose from."""
    person = somebody(zone="Europe/Vienna", flow=WAVES).types(words)
    assert person.texts == [told("Vienna", "13:00", Sentence.ZONE_NOW), WHICH], language
    assert kept(person.types("London")) == ["Europe/London"]
    assert person.texts[-1] == "Ask a?"


def test_it_is_changed_in_one_message():
    """'Time zone Vienna' needs no menu."""
    person = somebody("GB", "AT", flow=WAVES).types("time zone Vienna")
    assert (kept(person), person.texts) == (["Europe/Vienna"], [told("Vienna", "13:00"), "Ask a?"])
    assert WHICH not in person.types("Some words of mine").texts, "it is known now"


def test_zones_have_summers():
    """The choices differ with the season, and are zones, not offsets."""
    july = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
    assert zones_to_offer(("GB", "IS"), NOON) == ("Europe/London",)
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
