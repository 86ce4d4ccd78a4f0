"""Numbers of messages and moments, and what a row says."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pages.sent_rows import moment_of, number_at, number_of, prompt_of
from flows.engine.effects import PromptKind
from tests.support.page_rows import prompt, sent

MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - a bound


@given(MOMENTS, MOMENTS)
def test_a_number_names_one_moment_and_keeps_the_order(one: datetime, other: datetime):
    """To the microsecond, so that no two messages that came after each other get one name."""
    assert moment_of(number_at(one)) == one
    assert (number_at(one) < number_at(other)) == (one < other)
    assert (number_at(one) == number_at(other)) == (one == other)


@given(MOMENTS, st.integers(-12, 12))
def test_the_zone_of_a_moment_does_not_matter(moment: datetime, hours: int):
    """The number of a moment is the same wherever it is written down."""
    there = moment + timedelta(hours=hours)
    assert number_at(moment) + hours * 3_600_000_000 == number_at(there)
    assert number_at(moment.astimezone()) == number_at(moment)


@pytest.mark.parametrize(
    ("name", "number"),
    [
        (None, 0),
        ("", 0),
        ("0", 0),
        ("1772452800000000", 1_772_452_800_000_000),
        ("-1", 0),
        ("+1", 0),
        ("1.5", 0),
        (" 1", 0),
        ("1_000", 0),
        ("1712.2201", 0),
        ("\u0661\u0662", 0),
        ("\uff11", 0),
        ("\u00b2", 0),
        ("web-x", 0),
    ],
)
def test_only_a_number_of_ours_is_one(name: str | None, number: int):
    """Other platforms name their messages otherwise; digits of other scripts are none of our names."""
    assert number_of(name) == number


@pytest.mark.parametrize("kind", PromptKind)
def test_a_prompt_is_read_as_it_was_written(kind: PromptKind):
    """Whatever it asks for, with all that it shows."""
    written = prompt(kind, lead="Thank you.", language="ar", max_picks=2, progress=(1, 9))
    assert prompt_of(sent(written)) == written


@pytest.mark.parametrize("payload", ["", "{", "null", "[]", '{"text": 5}', '{"kind": "say"}'])
def test_a_row_without_its_words_says_nothing(payload: str):
    """What is past its retention, or is no prompt, raises nothing on anybody's page."""
    assert prompt_of(sent(payload)) is None
