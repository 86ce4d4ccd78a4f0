"""Name what can happen to a conversation, in the past tense. Nothing else moves one."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from flows.script.facts import Facts


class MediaKind(StrEnum):
    """Name what a participant sent instead of words."""

    VOICE = "voice"
    PHOTO = "photo"
    STICKER = "sticker"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Started:
    """Report that a conversation begins, in this language and with these facts."""

    facts: Facts
    language: str


@dataclass(frozen=True, slots=True)
class Replied:
    """Report words that the participant typed.

    `message_id` is the platform's, so that a later edit finds the answer; None where the platform gives none.
    """

    text: str
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class Tapped:
    """Report a tap. `ask` is the number of the question that the button stood under, `option` its place from 0."""

    ask: int
    option: int


@dataclass(frozen=True, slots=True)
class Picked:
    """Report all picks of a select_many, sent at once from checkboxes.

    `ask` is the number of the question, `options` are the places of the picks among its options, from 0.
    """

    ask: int
    options: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DatePicked:
    """Report a day from the date picker of a question; `ask` is the question's number."""

    ask: int
    day: date


@dataclass(frozen=True, slots=True)
class TextSubmitted:
    """Report the words of a form (a modal for long text) that was opened under the question with the number `ask`."""

    ask: int
    text: str


@dataclass(frozen=True, slots=True)
class Edited:
    """Report that the participant edited an earlier message.

    `message_id` is the platform's, as it came in `Replied`; `text` is what the message says now.
    """

    message_id: str
    text: str


@dataclass(frozen=True, slots=True)
class MediaSent:
    """Report that the participant sent something other than words."""

    kind: MediaKind


@dataclass(frozen=True, slots=True)
class Reminded:
    """Report that a reminder for the open question is due."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """Report that a pause is over: the hour that was chosen has come, or the participant wrote again."""


@dataclass(frozen=True, slots=True)
class LanguageDetected:
    """Report that the participant's last own words were surely in a language other than the conversation's."""

    language: str


Event = (
    Started
    | Replied
    | Tapped
    | Picked
    | DatePicked
    | TextSubmitted
    | Edited
    | MediaSent
    | Reminded
    | Resumed
    | LanguageDetected
)
