"""The engine's time for one event: when it begins, and that it ends an event."""

from types import SimpleNamespace

import pytest

from bot import turn_context
from bot.turn_context import MOST_SECONDS, UNTIMED, EngineTime
from flows.script.time_limit import TurnTooLong, go_on


def test_the_time_begins_after_a_few_steps_and_ends_the_event(monkeypatch):
    """The clock is not looked at before; the first look that finds the time over stops the event."""
    asked = []

    class Over:
        def __init__(self, seconds):
            assert seconds == MOST_SECONDS

        def is_reached(self):
            return True

    monkeypatch.setattr(turn_context, "ProcessorTimeLimit", Over)

    def play():
        with EngineTime(SimpleNamespace(id=1, flow="small")):
            while len(asked) < 100:
                go_on()
                asked.append(True)

    with pytest.raises(TurnTooLong):
        play()
    assert len(asked) == UNTIMED
    assert UNTIMED <= 20
    go_on()  # the limit is gone with the block
