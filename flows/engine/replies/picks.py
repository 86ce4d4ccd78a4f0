"""Tick and untick in a select_many, and settle what is ticked."""

from flows.engine.effects import (
    Refresh,
)
from flows.engine.interpretation import (
    problem_with_picks,
    toggled,
)
from flows.engine.interruptions.answer_change import pending_picks
from flows.engine.recording import (
    Reply,
)
from flows.engine.replies.settling import settle
from flows.engine.turn import Turn, Waiting
from flows.i18n.say import Sentence


def toggle(turn: Turn, waiting: Waiting, code: str) -> None:
    """Tick or untick. Under an earlier question that corrects its answer at once: Done has been tapped."""
    is_open, before = waiting.slot == turn.open_slot, turn.state.answers.get(waiting.slot)
    ticked = turn.state.picks if is_open else pending_picks(turn, waiting.slot)
    if ticked is None:
        ticked = tuple(before.value or ()) if before is not None else ()
    picks = toggled(waiting, ticked, code)
    problem = problem_with_picks(waiting, picks)
    if problem is not None and not (is_open and problem.why is Sentence.TOO_FEW_PICKS):
        turn.toast(problem.why, **problem.fields)
        return
    if is_open:
        turn.change(picks=picks)
        turn.emit(Refresh(turn.prompt(turn.waiting(waiting.ask) or waiting, picks)))
        return
    count = len(turn.effects)
    turn.unfolded = waiting.slot
    settle(turn, waiting, picked(waiting, picks))
    now = turn.state.answers.get(waiting.slot)
    if now is not None and now.value == list(picks):
        turn.effects.insert(count, Refresh(turn.prompt(waiting, picks)))


def finish_picks(turn: Turn, waiting: Waiting, picks: tuple[str, ...], *, typed: bool = False) -> None:
    """Settle the picks as the answer; explain where they cannot stand.

    The list with its ticks stays as it is, so that nothing is lost; it is sent again only to whoever typed.
    """
    problem = problem_with_picks(waiting, picks)
    if problem is None:
        settle(turn, waiting, picked(waiting, picks))
    elif typed:
        turn.say(problem.why, **problem.fields)
        turn.show_open()
    else:
        turn.toast(problem.why, **problem.fields)


def picked(waiting: Waiting, picks: tuple[str, ...]) -> Reply:
    """Return picks as a reply, with their labels as its words."""
    labels = [button.label for button in waiting.buttons.all if button.code in picks]
    return Reply(list(picks), ", ".join(labels))
