"""Spans and moments as they are typed at the command line."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.durations import parse_duration, parse_moment


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("30d", timedelta(days=30)),
        (" 3H ", timedelta(hours=3)),
        ("2w", timedelta(weeks=2)),
        ("1d12h30m", timedelta(days=1, hours=12, minutes=30)),
        ("0d", timedelta()),
        *(
            (text, None)
            for text in ("", "d", "30", "-3d", "3 d", "1y", "1.5d", "999999d", "3d later", "99999w" * 2000)
        ),
    ],
)
def test_spans(text, span):
    """A number with a letter, or several; anything else is none."""
    assert parse_duration(text) == span


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-02", datetime(2026, 3, 2, tzinfo=UTC)),
        ("2026-03-02T09:30", datetime(2026, 3, 2, 9, 30, tzinfo=UTC)),
        ("2026-03-02T09:30+02:00", datetime(2026, 3, 2, 7, 30, tzinfo=UTC)),
        *((text, None) for text in ("", "2026-13-01", "tomorrow", "2 March", "9999-12-31T23:59-14:00")),
    ],
)
def test_moments(text, moment):
    """A date is its first moment in UTC; a time without an offset is UTC; anything else is none."""
    assert parse_moment(text) == moment
