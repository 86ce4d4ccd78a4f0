"""What was done by a form, as the next page tells it: by a code, since nothing that anybody wrote is in an address."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Done(StrEnum):
    """What a form did."""

    READ = "read"
    PUT_RIGHT = "put_right"
    LEFT = "left"
    RELEASED = "released"
    WITHDRAWN = "withdrawn"
    DRAWN = "drawn"
    LOOKED = "looked"
    ALREADY_READ = "already_read"
    CASE_OPENED = "case_opened"
    CASE_CHANGED = "case_changed"
    NOTED = "noted"
    PAUSED = "paused"
    PAUSE_ENDED = "pause_ended"
    SET = "set"
    SENT_AGAIN = "sent_again"
    ERASURE_ASKED = "erasure_asked"
    ERASURE_TAKEN_BACK = "erasure_taken_back"
    ERASED = "erased"
    REVOKED = "revoked"
    EXTENDED = "extended"
    PROGRAM_PAUSED = "program_paused"
    PROGRAM_RESUMED = "program_resumed"
    PROGRAM_CLOSED = "program_closed"
    PROGRAM_ARCHIVED = "program_archived"
    LOADED = "loaded"
    ROLES_SET = "roles_set"
    SESSION_ENDED = "session_ended"
    STEP_TAKEN_AWAY = "step_taken_away"
    RECOVERED = "recovered"
    LANGUAGE_SET = "language_set"
    CODE_WRONG = "code_wrong"
    ACCOUNT_DISCONNECTED = "account_disconnected"
    ANSWERED = "answered"
    CODED = "coded"
    SETTLED = "settled"


DONE: Final[Mapping[str, str]] = {
    Done.PUT_RIGHT: "Kept beside the answer: their words, and what was read in them, stay as they are."
    " It can be set again, differently, at any time.",
    Done.LEFT: "Left as it was read. It can be set at any time.",
    Done.RELEASED: "Released: it may be shown to others while its author permits it. It can be withdrawn at any time.",
    Done.WITHDRAWN: "Withdrawn: it is shown to nobody from now on. The words can be released again.",
    Done.DRAWN: "The sample is drawn and kept. That cannot be undone; it can be looked at later, too.",
    Done.LOOKED: "Kept: you looked at all of it, and found nothing but what was flagged. That cannot be undone.",
    Done.READ: "Marked as read. That cannot be undone; flag it if there is something in it after all.",
    Done.ALREADY_READ: "Somebody had read it, or it was deleted, meanwhile.",
    Done.CASE_OPENED: "A safety case is open for it.",
    Done.CASE_CHANGED: "The case was changed.",
    Done.NOTED: "The note is kept with the case, which stays as it was. It cannot be changed; add another.",
    Done.PAUSED: "Nothing is sent to them of our own accord until then. It can be ended at any time.",
    Done.PAUSE_ENDED: "They are written to again.",
    Done.SET: "It is set: a zone from the next message on, a language from the next talk on. It can be set again.",
    Done.SENT_AGAIN: "The open question goes to them once more. That cannot be undone.",
    Done.ERASURE_ASKED: "Kept, and nothing is deleted yet: somebody else of the team confirms it here within 14 days."
    " Until then it can be taken back.",
    Done.ERASURE_TAKEN_BACK: "Taken back: nothing is deleted. It can be asked for again.",
    Done.ERASED: "Everything of theirs was deleted. That cannot be undone.",
    Done.REVOKED: "The link lets nobody in any more. It can be extended again.",
    Done.EXTENDED: "The link is good until then. It can be set to another day, or revoked, at any time.",
    Done.PROGRAM_PAUSED: "Nothing is sent of this programme's own accord until it is resumed.",
    Done.PROGRAM_RESUMED: "What is due goes on. What fell due meanwhile is looked at again, and goes at a good hour"
    " where each person is, unless it is needless or too late by now.",
    Done.PROGRAM_CLOSED: "It is closed: nobody new is let in. Who is to hear that it is over hears it at a good hour."
    " That cannot be undone.",
    Done.PROGRAM_ARCHIVED: "It is put away, and only read from now on. That cannot be undone.",
    Done.LOADED: "The programme is loaded.",
    Done.ROLES_SET: "Their roles hold from the next page on.",
    Done.ACCOUNT_DISCONNECTED: "The account lets you in no more. It can be connected again.",
    Done.STEP_TAKEN_AWAY: "A link alone lets them in, until they set a new second step.",
    Done.RECOVERED: "You are in by a recovery code, which is used up now. Below stands how many are left.",
    Done.LANGUAGE_SET: "Your pages, and what the bot tells you, are in that language from now on."
    " It can be set again at any time.",
    Done.CODE_WRONG: "That was not the code of now: nothing was changed. After five wrong ones you sign in anew.",
    Done.SESSION_ENDED: "They are signed out there.",
    Done.CODED: "Your codes are kept. You may change them until the other coder has given theirs.",
    Done.SETTLED: "It is settled. That cannot be undone; what each of the two gave stays as it was.",
    Done.ANSWERED: "It is marked as answered.",
}
"""The sentence of each, which says whether it can be undone."""
