"""Codes of reasons in plain words, for `said why`. A code without words here is shown as it is."""

from typing import Final

REASONS: Final = {
    # It went out.
    "due": "its time had come",
    # It is not sent.
    "withdrawn": "the person said stop",
    "no_consent": "the person did not agree to be contacted",
    "blocked": "the person blocked the bot; it goes on when they unblock it",
    "unreachable": "the account is gone or cannot be written to",
    "not_allowed": "this role may not be written to on this channel",
    "already_answered": "it was answered already",
    "nothing_left_to_ask": "nothing is left to ask or to tell",
    "talk_moved_on": "the talk had moved on",
    "talk_ended": "the talk had ended",
    "wave_closed": "the wave was closed",
    "later_reminder_due": "a later reminder was due as well, so this one was left out",
    "later_wave_due": "a later wave was due as well, so this one was left out",
    "snoozed_again": "the person chose another hour",
    "no_longer_planned": "the programme's file does not ask for it any more",
    "failed": "it could not be done; see the log",
    # It is put off.
    "safety_hold": "the person may have been at risk; nothing is sent until a coordinator has cleared it",
    "on_hold": "the person asked for quiet until later",
    "other_talk_open": "another talk was open; two are never mixed",
    "outside_window": "outside the programme's hours for this person",
    "contact_budget": "the most contacts in seven days were reached",
    "quiet_after_talk": "the person had just come to the end of a talk",
    "flow_missing": "its script is not installed; add it, and it goes on",
    # What came of timers that contact nobody.
    "no_response": "no answer came",
    "expired": "the talk was left unfinished too long",
    # The outbox.
    "superseded": "a newer state of the same message was sent instead",
    "outcome_unknown": "the platform did not say, however often it was tried, whether it arrived",
    # How a talk ended.
    "completed": "to the end",
    "declined": "the person did not agree to take part",
    "not_relevant": "it did not apply to the person",
    "restarted": "the person began again",
    "too_many_steps": "the script went round in circles; see `said check`",
}


def in_words(code: str | None) -> str:
    """The plain words of a reason; the code itself where there are none, '' for none."""
    return "" if code is None else REASONS.get(code, code)
