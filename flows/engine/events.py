"""Name what can happen to a conversation, in the past tense. Nothing else moves one."""

from dataclasses import dataclass, field
from datetime import date
from enum import Enum, StrEnum, auto

from flows.engine.effects import Restart
from flows.engine.state import Care
from flows.script.facts import Facts


class MediaKind(StrEnum):
    """Name what a participant sent instead of words."""

    VOICE = "voice"
    PHOTO = "photo"
    STICKER = "sticker"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Started:
    """Report that a conversation begins, in this language and with these facts.

    `anew` has what waits for its consent to take part from before it was begun anew, if it was. `seed` is a number of
    its own that decides the order of rotated choices.
    """

    facts: Facts
    language: str
    anew: Restart = field(default_factory=Restart)
    seed: int = 0


class Sight(Enum):
    """Say whether whoever typed words could have seen the question that is open, as its message stood then."""

    SEEN = auto()
    BEFORE = auto()
    """No: the question's message comes after the words in the chat, or is still to be sent."""
    UNREAD = auto()
    """No, and nothing shows the question after the words: it never arrived, or was not read yet."""


@dataclass(frozen=True, slots=True)
class ShownQuestion:
    """Hold what stood in the message that a reply names: its language, and its text.

    `text` None is that of the script in that language.
    """

    language: str
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Replied:
    """Report words that the participant typed.

    `message_id` is the platform's, so that a later edit finds the answer; None where the platform gives none. `sight`
    is of the question that waits for a reply.
    """

    text: str
    message_id: str | None = None
    sight: Sight = Sight.SEEN
    script_sight: Sight = Sight.SEEN
    """The same for the script's question behind an interruption, which words that close the interruption are about."""
    joins: ShownQuestion | None = None
    """What showed the question before, to whose answer words are joined that came too early; None as in `Tapped`."""
    precedes: frozenset[str] = frozenset()
    """The messages of that answer that stand below these words in the chat, and came sooner; none for most words."""

    @property
    def may_be_early(self) -> bool:
        """Return whether the words may become part of the answer before: a question that waits was not seen."""
        return self.sight is not Sight.SEEN or self.script_sight is not Sight.SEEN


@dataclass(frozen=True, slots=True)
class Tapped:
    """Report a tap. `ask` is the number of the question that the button stood under, `option` its place from 0.

    `shown` is what stood in the message with the button, here and in what follows; None where that is not known, or
    is what it would say now.
    """

    ask: int
    option: int
    shown: ShownQuestion | None = None


@dataclass(frozen=True, slots=True)
class Picked:
    """Report all picks of a select_many, sent at once from checkboxes.

    `ask` is the number of the question, `options` are the places of the picks among its options, from 0.
    """

    ask: int
    options: tuple[int, ...]
    shown: ShownQuestion | None = None


@dataclass(frozen=True, slots=True)
class DatePicked:
    """Report a day from the date picker of a question; `ask` is the question's number."""

    ask: int
    day: date
    shown: ShownQuestion | None = None


@dataclass(frozen=True, slots=True)
class TextSubmitted:
    """Report words that name their question, the one with the number `ask`.

    They come from a form (a modal for long text), a thread under the question, or a reply that quotes it.
    `message_id` is the platform's; None for a form.
    """

    ask: int
    text: str
    message_id: str | None = None
    shown: ShownQuestion | None = None


@dataclass(frozen=True, slots=True)
class Edited:
    """Report that the participant edited an earlier message.

    `message_id` is the platform's, as it came in `Replied`; `text` is what the message says now. `shown` is what showed
    the question that it answered.
    """

    message_id: str
    text: str
    shown: ShownQuestion | None = None


@dataclass(frozen=True, slots=True)
class Remarked:
    """Report words that came after the conversation's end, or after it ran out, while nothing was open: a remark of it.

    `message_id` is the platform's; None where the platform gives none. `language` is the one in which its author is
    written to by now; None for the conversation's, and where the flow cannot be had in it.
    """

    text: str
    message_id: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class MediaSent:
    """Report that the participant sent something other than words."""

    kind: MediaKind


@dataclass(frozen=True, slots=True)
class Reacted:
    """Report that the participant put an emoji on the open question's message: a reaction, which answers nothing."""


@dataclass(frozen=True, slots=True)
class Reminded:
    """Report that a reminder for the open question is due."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """Report that a pause is over: the hour that was chosen has come, or the participant wrote again."""


@dataclass(frozen=True, slots=True)
class Expired:
    """Report that the conversation is about to end since nobody has written for long: what was said in it is kept."""


@dataclass(frozen=True, slots=True)
class Returned:
    """Report that the participant wrote again after the conversation had expired, and it is open once more.

    `text` is what they wrote, '' for anything but words; `message_id` is the platform's, None where it gives none.
    """

    text: str = ""
    message_id: str | None = None
    media: MediaKind | None = None
    """What they sent in place of words."""
    language: str | None = None
    """The one in which they are written to by now, as with `Remarked`."""


@dataclass(frozen=True, slots=True)
class LanguageDetected:
    """Report that the participant's last own words were surely in a language other than the conversation's."""

    language: str


@dataclass(frozen=True, slots=True)
class RiskSuspected:
    """Report that the second reader suspects, after the turn, words of somebody at risk where the rules found none.

    `care` is where they find help. It halts nothing: it may be a mistake.
    """

    care: Care


LateEvent = Remarked | Returned
"""What comes while nothing is open; in the language that the participant chose since, if they did."""

NoTurn = Reminded | LanguageDetected | Reacted | Expired | RiskSuspected
"""What is no turn of the participant's: a reminder or an offer of ours, a reaction, or that nobody wrote."""

WrittenEvent = Replied | TextSubmitted | Edited | Remarked | Returned
"""What holds words of a participant."""

NamingEvent = Tapped | Picked | DatePicked | TextSubmitted
"""What names the question that it replies to."""

Event = (
    Started
    | Replied
    | Tapped
    | Picked
    | DatePicked
    | TextSubmitted
    | Edited
    | Remarked
    | MediaSent
    | Reacted
    | Reminded
    | Resumed
    | Expired
    | Returned
    | LanguageDetected
    | RiskSuspected
)
