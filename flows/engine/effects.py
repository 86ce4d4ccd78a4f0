"""Name what a turn asks the world for. The bot carries these effects out; the engine never does."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

import msgspec

from flows.inquiries.inquiry import Inquiry
from flows.script.roles import Purpose


class PromptKind(StrEnum):
    """Name what a message asks for: nothing (SAY), or a reply to one of the script's kinds of question."""

    SAY = "say"
    SELECT_ONE = "select_one"
    SELECT_MANY = "select_many"
    SCALE = "scale"
    NUMBER = "number"
    DATE = "date"
    TEXT = "text"
    CONSENT = "consent"
    CONFIRM = "confirm"


READ_AS_CHOICES: Final = frozenset(
    {PromptKind.SELECT_ONE, PromptKind.SELECT_MANY, PromptKind.SCALE, PromptKind.NUMBER}
)
"""The kinds of question to which words are read as something else. What binds somebody, they say themselves."""
CHANGE_OPTION: Final = 0xFFF
"""The place that a tap names which wants to change an answer; no question has so many options."""
CHOSEN_OPTION: Final = 0xFFE
"""The place that a tap names on what was chosen: it changes nothing."""


class Option(msgspec.Struct, frozen=True):
    """Hold one option of a prompt: its label, and whether it is ticked.

    A tap names it by its place among the options, from 0; channels never see codes.
    """

    label: str
    picked: bool = False
    control: bool = False
    """True for 'Done', 'Skip' and the like, which are shown apart from the choices."""


class Prompt(msgspec.Struct, frozen=True):
    """Hold a message as every channel can show it natively; a channel without buttons numbers the options from 1.

    `text` is plain: no markup is ever taken from it. `ask` is the question's number, which a tap names; None where
    nothing is asked. For SELECT_MANY the options that are not `control` toggle, and the last one, a control, is Done.
    `progress` is 'n of m'. `earliest` and `latest` bound a date, both inside. `long_text` says that a form (a modal)
    would serve. `lead` is what is said just before a question, in the same message; '' for nothing: `text` stays the
    question's own, which is what answers and consents are recorded with.
    """

    text: str
    kind: PromptKind = PromptKind.SAY
    ask: int | None = None
    options: tuple[Option, ...] = ()
    max_picks: int | None = None
    progress: tuple[int, int] | None = None
    low_label: str | None = None
    high_label: str | None = None
    earliest: date | None = None
    latest: date | None = None
    long_text: bool = False
    language: str = "en"
    lead: str = ""
    numbered: bool = True

    @property
    def whole_text(self) -> str:
        """All words of the message: what is said before the question, a blank line, and the question."""
        return f"{self.lead}\n\n{self.text}" if self.lead else self.text


class AnswerStatus(StrEnum):
    """Name what became of a question: answered, skipped, or left with words that could not be read.

    `NONE` and `UNKNOWN` are of questions for a story: there was nothing to tell, or it is not known. `ENDED` is of a
    consent that ended when its participant stopped: its value is a no, which nobody said.
    """

    ANSWERED = "answered"
    SKIPPED = "skipped"
    UNPARSED = "unparsed"
    NONE = "none"
    UNKNOWN = "unknown"
    ENDED = "ended"

    @property
    def tells_nothing(self) -> bool:
        """Return whether words were given that are no story: there is no value, and `raw` quotes nobody."""
        return self in (AnswerStatus.NONE, AnswerStatus.UNKNOWN)


class SendMessage(msgspec.Struct, frozen=True):
    """Send a message to the participant: words, or a question with its options.

    `is_help` says that it is help for somebody at risk, which is sent although they leave.
    """

    prompt: Prompt
    is_help: bool = False


class Refresh(msgspec.Struct, frozen=True):
    """Change a message that was sent, so that it shows the present ticks of its select_many.

    Channels that cannot edit a message leave this out.
    """

    prompt: Prompt


class Trace(msgspec.Struct, frozen=True, omit_defaults=True):
    """Hold what stands in place of a question's buttons once it has been answered.

    `chosen` are the labels of what was chosen, a day or a number as it is written, none for words. `change` says that
    one button offers to change the answer. A trace without both takes the buttons away: the question was put again.
    """

    chosen: tuple[str, ...] = ()
    change: bool = False
    language: str = "en"


class ShowTrace(msgspec.Struct, frozen=True):
    """Leave a trace under a question that was sent, the one with the number `ask`.

    It is cosmetic: it goes out when nothing else waits, and is left out where that takes long or nothing can be edited.
    """

    ask: int
    trace: Trace


class Toast(msgspec.Struct, frozen=True):
    """Answer a tap by words that pass (a toast, a message that only this person sees); nothing else changes.

    Where that can not be done, the words are sent as a message, or, with `quiet`, left out.
    """

    text: str
    quiet: bool = False


class RecordAnswer(msgspec.Struct, frozen=True):
    """Record an answer.

    `slot` is unique in the conversation: `c4` or, in a block, `c4[0]` or `a7[pain]`. `question_key` is the step's key
    (`a3_more` for a probe kept apart), `item` the innermost block's item ('' outside). `value` is JSON: a code, a list
    of codes, a number, an ISO date, or text; None unless answered. `raw` are the participant's words, of a tap
    the button's; `shown_text` is what was asked, in `language`. `corrects` says that an earlier answer in the slot is
    superseded, `personal` that the answer stays out of exports, `uncertain` that the value was read out of other words
    than a choice, or that the words could not be read: a person may put that right.
    """

    slot: str
    question_key: str
    item: str
    kind: PromptKind
    value: Any
    raw: str
    status: AnswerStatus
    shown_text: str
    language: str
    asked_at: datetime
    corrects: bool = False
    personal: bool = False
    uncertain: bool = False
    answered_at: datetime | None = None
    """When, if before this turn: an answer given before the consent is kept once the consent is given."""


class RecordRemark(msgspec.Struct, frozen=True):
    """Record a remark: words that answered no question.

    `number` is its number in the conversation, from 0. `slot` and `shown_text` are of the question that was open (''
    for none), in `language`. `corrects` says that it is what an earlier remark of this number became by an edit.
    `personal` says that it stays out of exports, since it was written under a question whose answers do.
    """

    number: int
    slot: str
    raw: str
    shown_text: str
    language: str
    corrects: bool = False
    personal: bool = False
    said_at: datetime | None = None
    """When, if before this turn: a remark made before the consent is kept once the consent is given."""


class EndRemark(msgspec.Struct, frozen=True):
    """End the remark with this number: it has become the answer in `slot`."""

    number: int
    slot: str


class RecordConsent(msgspec.Struct, frozen=True):
    """Record a decision on one purpose, with the exact text shown.

    `flow` is the one whose text it is, `source` the hash of that text as its author wrote it, see
    `flows.script.reconsent`. `takes_back` says that it was given before: what depends on it ends now.
    `gives_again` says that it was taken back before: what depends on it and is not over is taken up.
    """

    purpose: Purpose
    granted: bool
    shown_text: str
    language: str
    flow: str = ""
    source: str = ""
    takes_back: bool = False
    gives_again: bool = False


class RecordCommitment(msgspec.Struct, frozen=True):
    """Record a commitment, or a correction of it: the conversation and `slot` name it.

    `fields` holds what was answered, under the names that `flows.check.effects.EFFECT_FIELDS` lists for the effect:
    `statement`, `if_then`, `start_on` and so on; None for what was not answered.
    """

    slot: str
    fields: dict[str, Any] = msgspec.field(default_factory=dict)
    confirmed: bool = True
    """False where it was read back, and the conversation went on without a yes."""


class ReviseCommitment(msgspec.Struct, frozen=True):
    """Give an earlier commitment new words; the old ones are kept as a revision.

    `fields` holds the new `statement` and, where the script says so, more of a commitment; "" empties a text.
    """

    commitment_id: int
    fields: dict[str, Any] = msgspec.field(default_factory=dict)


class RecordImplementation(msgspec.Struct, frozen=True):
    """Record what the participant reports about a commitment at a wave, or a correction of it.

    `fields` holds the answers, under the names that `flows.check.effects.EFFECT_FIELDS` lists: `status`, `barriers` and
    so on; None for what was not answered.
    """

    commitment_id: int
    follow_up_id: int
    fields: dict[str, Any] = msgspec.field(default_factory=dict)


class ScheduleWaves(msgspec.Struct, frozen=True):
    """Schedule the follow-ups of this conversation's commitments, on the days that the program's schedule names."""


class InvitePartner(msgspec.Struct, frozen=True):
    """Make a one-time invitation for a patient partner, who reads what this conversation submits and co-signs it."""


class Snooze(msgspec.Struct, frozen=True):
    """Pause this conversation until the time that the participant chose; no reminders before it."""

    until: datetime


class Pause(msgspec.Struct, frozen=True):
    """Pause this conversation until the participant writes again; the usual reminders apply."""


class SetLanguage(msgspec.Struct, frozen=True):
    """Keep the language that the participant chose: this conversation goes on in it, and the next ones begin in it."""

    language: str


class SetTimeZone(msgspec.Struct, frozen=True):
    """Keep the time zone that the participant told, an IANA name: what we send goes by it, in every conversation."""

    timezone: str


class NoteZoneAsked(msgspec.Struct, frozen=True):
    """Remember that the participant was asked for their time zone: no other conversation asks for it."""


class Withdraw(msgspec.Struct, frozen=True):
    """Withdraw the participant, who said 'stop': everything ends now, on every channel."""


class RequestKind(StrEnum):
    """Name what a participant may ask for at any time, in a conversation or not."""

    HUMAN = "human"
    MY_DATA = "my_data"
    DELETE_MY_DATA = "delete_my_data"
    LINK = "link"
    MY_CHOICES = "my_choices"
    NO_CONTACT = "no_contact"
    NOT_MY_WORDS = "not_my_words"
    TIME_ZONE = "time_zone"
    """Outside a conversation only; in one the engine answers."""


class AskFor(msgspec.Struct, frozen=True):
    """Answer a participant's request that only the bot can answer, and send the open question again."""

    wish: RequestKind


class AnswerInquiry(msgspec.Struct, frozen=True):
    """Answer what a participant asked of the bot itself, from the program's words.

    `progress` is 'n of m', None where the conversation does not count.
    """

    inquiry: Inquiry
    progress: tuple[int, int] | None = None


class Hold(msgspec.Struct, frozen=True):
    """Send the participant nothing of our own accord before `until`, in any conversation: they are away."""

    until: datetime


class RecordReportAnswer(msgspec.Struct, frozen=True):
    """Record an answer to a question for a safety report: with the safety case, not among the answers.

    `name` is a value of `ReportQuestion` in `interruptions.safety_notice`, `words` what was said, or a code. `tells` is
    False for words that leave open what was asked: 'I do not know', 'not a medicine'.
    """

    name: str
    words: str
    tells: bool = True


class OpenCase(msgspec.Struct, frozen=True):
    """Open a case for the safety team, since a question asked for it: the slot of the answer.

    `words` are what was told; '' where a choice was picked, which says that something happened and not what.
    """

    slot: str
    words: str = ""


class TellTeam(msgspec.Struct, frozen=True):
    """Tell the coordinators that a choice was picked whose `alert` the author set: the question's key, and the code."""

    question_key: str
    code: str


class ForgetWords(msgspec.Struct, frozen=True):
    """Forget the participant's words in this conversation: it ended without the consent to take part."""


class Outcome(StrEnum):
    """Name how a conversation ended."""

    COMPLETED = "completed"
    DECLINED = "declined"
    NOT_RELEVANT = "not_relevant"
    WITHDRAWN = "withdrawn"
    RESTARTED = "restarted"
    TOO_MANY_STEPS = "too_many_steps"
    EXPIRED = "expired"


class EndConversation(msgspec.Struct, frozen=True):
    """Mark the conversation as ended, with its outcome."""

    outcome: Outcome


class Restart(msgspec.Struct, frozen=True):
    """Begin a new conversation of the same flow; this one has ended, at the participant's wish.

    `held_remarks` were made in it before the consent to take part, and wait for that in the new one. `remarks` has
    their numbers by the platform's names of their messages, so that an edit finds them there.
    """

    held_remarks: tuple[RecordRemark, ...] = ()
    remarks: dict[str, int] = {}


Effect = (
    SendMessage
    | Refresh
    | ShowTrace
    | Toast
    | RecordAnswer
    | RecordRemark
    | EndRemark
    | RecordConsent
    | RecordCommitment
    | ReviseCommitment
    | RecordImplementation
    | ScheduleWaves
    | InvitePartner
    | Snooze
    | Pause
    | SetLanguage
    | SetTimeZone
    | NoteZoneAsked
    | Withdraw
    | AskFor
    | AnswerInquiry
    | Hold
    | ForgetWords
    | RecordReportAnswer
    | OpenCase
    | TellTeam
    | EndConversation
    | Restart
)
