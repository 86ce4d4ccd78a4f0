"""Leave the conversation: for good, without a date, until a date, or to begin it anew.

The question that is open stays open, except after `stop` and `restart`. Each function also tells the participant.
"""

from datetime import datetime

from msgspec.structs import replace

from flows.engine.effects import Hold, Outcome, Pause, Restart, Snooze, Withdraw
from flows.engine.turn import Turn
from flows.i18n.say import Sentence
from flows.parsing.absences import may_be_away, read_away
from flows.schedule.local_time import local


def stop(turn: Turn) -> None:
    """Withdraw the participant and end the conversation at once, without asking back."""
    turn.emit(Withdraw())
    turn.say(Sentence.STOPPED)
    turn.end(Outcome.WITHDRAWN)


def restart(turn: Turn) -> None:
    """End the conversation, and have the bot begin a new one of the same flow; what waits for a consent waits there."""
    state = turn.state
    numbers = {one.number: number for number, one in enumerate(state.held_remarks)}
    held = tuple(replace(one, number=numbers[one.number]) for one in state.held_remarks)
    messages = {message: numbers[number] for message, number in state.remarks.items() if number in numbers}
    turn.say(Sentence.RESTARTED)
    turn.end(Outcome.RESTARTED)
    turn.emit(Restart(held, messages))


def pause(turn: Turn) -> None:
    """Pause the conversation until the participant writes again; the usual reminders apply."""
    turn.change(aside=None, paused=True, misses=0)
    turn.emit(Pause())
    turn.say(Sentence.PAUSED)


def snooze(turn: Turn, until: datetime) -> None:
    """Pause this conversation until the time that the participant chose; `until` is aware."""
    turn.change(aside=None, paused=True, misses=0)
    turn.emit(Snooze(until))
    turn.say(Sentence.SNOOZED, when=local(until, turn.zone))


def away_until(turn: Turn, text: str) -> datetime | None:
    """Return when an absence that the words announce ends, aware; None where they announce none."""
    if not may_be_away(text):
        return None
    return read_away(text, now=turn.now, zone=turn.zone, language=turn.state.language)


def hold(turn: Turn, until: datetime) -> None:
    """Send nothing of our own accord, in any conversation, until the participant is back from an absence.

    `until` is aware. This conversation is paused.
    """
    turn.change(aside=None, paused=True, misses=0)
    turn.emit(Hold(until))
    turn.say(Sentence.HELD, when=local(until, turn.zone))
