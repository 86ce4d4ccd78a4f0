"""What pages post, read without trust."""

from datetime import date
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import Inbound, InboundKind, button_payload
from bot.channels.web.device import new_secret
from bot.channels.web.forms import MOST_FIELDS, MOST_WORDS, FilledForm, inbound_of, language_code, read_form
from bot.channels.web.port import FormField, FormProblem

KEY = new_secret()
ADDRESS = "web:" + "0" * 32
MARKS = {"key": KEY, "newest": "5000", "about": "4000"}


def form(**fields: str | list[str]) -> FilledForm:
    """A form with the marks of a page and these fields."""
    read = read_form(urlencode({**MARKS, **fields}, doseq=True).encode())
    assert read is not None
    return read


def said(**fields: str | list[str]) -> Inbound | FormProblem:
    """What somebody did by such a form."""
    return inbound_of(form(**fields), ADDRESS, 5001)


def test_words_are_about_the_question_that_they_stand_under():
    """They come as they were typed, once for each form, in their place, with the message that they are about."""
    words = said(words="  It hurts\r\nat night ")
    assert words == Inbound(
        address=ADDRESS,
        external_id=f"web-{KEY}-{form(words='  It hurts' + chr(13) + chr(10) + 'at night ').digest}",
        kind=InboundKind.TEXT,
        text="It hurts\nat night",
        message_id="5001",
        order=5001,
        about="4000",
    )


def test_words_of_every_script_come_whole():
    """Letters beyond ASCII, emoji and signs that forms write otherwise are as they were typed."""
    text = "ألم + 100 % & naïve = 🙂;\tz"
    found = said(words=text)
    assert isinstance(found, Inbound)
    assert found.text == text


def test_a_tap_names_its_button():
    """The payload comes as the page had it."""
    found = said(tap=button_payload(7, 1, 2))
    assert isinstance(found, Inbound)
    assert (found.kind, found.button, found.message_id) == (InboundKind.TAP, "7.1.2", "4000")


def test_a_form_says_a_thing_once_and_another_thing_too():
    """Posted again it is the same delivery; gone back to, and answered otherwise, it is another one."""
    once, again, other = said(tap="7.1.2"), said(tap="7.1.2", newest="6000"), said(tap="7.1.3")
    assert isinstance(once, Inbound)
    assert isinstance(again, Inbound)
    assert isinstance(other, Inbound)
    assert once.external_id == again.external_id != other.external_id


def test_a_step_of_a_scale_is_a_tap():
    """The step that was marked is sent; a button beside the scale counts before it."""
    step, skipped = said(step="7.1.2"), said(step="7.1.2", tap="7.1.5")
    assert isinstance(step, Inbound)
    assert isinstance(skipped, Inbound)
    assert (step.kind, step.button, skipped.button) == (InboundKind.TAP, "7.1.2", "7.1.5")


def test_ticks_come_all_at_once():
    """The places are in order, each once; none is a choice, too."""
    whole = button_payload(7, 1)
    found, none = said(done=whole, pick=["3", "0", "3"]), said(done=whole)
    assert isinstance(found, Inbound)
    assert isinstance(none, Inbound)
    assert (found.kind, found.button, found.options) == (InboundKind.PICKS, whole, (0, 3))
    assert none.options == ()


def test_a_day_is_a_day():
    """It comes as a date; without one the page says so."""
    whole = button_payload(7, 1)
    found = said(date=whole, day="2026-03-31")
    assert isinstance(found, Inbound)
    assert (found.kind, found.day) == (InboundKind.DATE, date(2026, 3, 31))
    assert said(date=whole, day="") is FormProblem.NO_DAY
    assert said(date=whole, day="2026-02-30") is FormProblem.NO_DAY


def test_commands_and_languages_are_words():
    """A visible control sends what could be typed, and a chosen language its own name."""
    command, language = said(command="Skip"), said(language="es")
    assert isinstance(command, Inbound)
    assert isinstance(language, Inbound)
    assert command.text == "Skip"
    assert language.text == "language Español"


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"words": " \n "}, FormProblem.NO_WORDS),
        ({}, FormProblem.NOTHING_PICKED),
        ({"step": "x"}, FormProblem.STALE),
        ({"words": "a" * (MOST_WORDS + 1)}, FormProblem.TOO_LONG),
        ({"words": "hello", "key": "short"}, FormProblem.STALE),
        ({"words": "hello", "key": KEY + "/../x"}, FormProblem.STALE),
        ({"words": "hello", "newest": "many"}, FormProblem.STALE),
        ({"words": "hello", "newest": "9" * 30}, FormProblem.STALE),
        ({"words": "hello", "newest": "-1"}, FormProblem.STALE),
        ({"tap": "0x7.1.2"}, FormProblem.STALE),
        ({"tap": ""}, FormProblem.STALE),
        ({"done": "7.1", "pick": "-1"}, FormProblem.STALE),
        ({"done": "7.1", "pick": "1e3"}, FormProblem.STALE),
        ({"language": "../es"}, FormProblem.STALE),
    ],
)
def test_what_cannot_be_taken_says_why(fields, problem):
    """Nothing is said by it."""
    assert said(**fields) is problem


def test_a_place_under_no_message_is_none():
    """What names no message of ours is about none."""
    for about in ("", "x", "-4000", "٤"):
        found = said(words="hello", about=about)
        assert isinstance(found, Inbound)
        assert found.about is None


@pytest.mark.parametrize(
    "body", [b"\xff=1", "words=ü".encode(), b"words=%ff", b"a=1&" * (MOST_FIELDS + 1), b"words=%c3%28"]
)
def test_what_is_no_form_is_none(body):
    """Bytes beyond ASCII, signs for bytes that are no UTF-8, and too many fields."""
    assert read_form(body) is None


def test_what_is_not_ours_is_passed_over():
    """Fields that pages do not have, and values with a zero byte, are as if they had not come."""
    read = read_form(b"words=a%00b&other=1&key=k")
    assert read is not None
    assert set(read.fields) == {FormField.KEY}


@given(st.binary(max_size=300))
def test_any_body_is_read_without_an_error(body):
    """Whatever is posted is a form or none, and a form says something or has a problem."""
    read = read_form(body)
    if read is not None:
        assert isinstance(inbound_of(read, ADDRESS, 1), Inbound | FormProblem)


@given(st.dictionaries(st.sampled_from([field.value for field in FormField]), st.text(max_size=60)))
def test_any_fields_are_taken_without_an_error(fields):
    """Whatever stands in our fields is taken or has a problem; a payload of a button is one of ours."""
    read = read_form(urlencode({**MARKS, **fields}, errors="surrogatepass").encode())
    if read is not None:
        assert isinstance(inbound_of(read, ADDRESS, 1), Inbound | FormProblem)


def test_the_browsers_time_zone_comes_along():
    """It is told with whatever is said, and is no part of it; what cannot be a zone is none."""
    told, plain, wrong = (
        said(words="hi", zone="Europe/Lisbon"),
        said(words="hi"),
        said(words="hi", zone="Europe/\r\n"),
    )
    assert isinstance(told, Inbound)
    assert isinstance(plain, Inbound)
    assert isinstance(wrong, Inbound)
    assert (told.timezone, plain.timezone, wrong.timezone) == ("Europe/Lisbon", None, None)
    assert told.external_id == plain.external_id


def test_codes_of_languages_have_their_form():
    """Letters, and parts behind hyphens; nothing that could stand in an address or a header."""
    assert [language_code(code) for code in ("en", "pt-BR", "zh-Hans-CN")] == ["en", "pt-BR", "zh-Hans-CN"]
    assert [language_code(code) for code in ("", "e", "en_GB", "en\r\n", "en;q=1", "a" * 9)] == [None] * 6
