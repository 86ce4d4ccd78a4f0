"""What the pages of the web channel show, as plain data: the channel hands it to `rendering`, which makes the HTML."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from flows.engine.effects import Prompt

FRONT_PATH: Final = "/"
"""Where a device that is known is led to what is new in its conversation."""
CONVERSATION_PATH: Final = "/talk"
"""Where the page of a conversation is, and where its forms are posted to."""
NEWS: Final = "end"
"""The fragment of the place in a conversation's page from which on all is new to its reader."""
FORGET_PATH: Final = "/forget"
"""Where somebody is asked whether this device is to be forgotten (GET), and where it is (POST)."""
INVITATION_PATH: Final = "/c/"
"""Where the page of an invitation is, its token at the end."""
LINK_PATH: Final = "/link"
"""Where somebody gives a code that joins another app, or moves them from one that they lost."""
ADDRESS_PATH: Final = "/address"
"""Where somebody is asked for their e-mail address."""
ADDRESS_SENT_PATH: Final = "/address/sent"
"""Where they are told that a mail goes there."""
MAIL_PATH: Final = "/m/"
"""Where the link of a mail leads, its token at the end."""
UNSUBSCRIBE_PATH: Final = "/u/"
"""Where mails are ended, with the token of one."""
CODE_PATH: Final = "/code"
"""Behind the link of a mail: where a code opens all else."""
STOP_CODE_PATH: Final = f"/stop{CODE_PATH}"
"""Behind it, too: where a code stops all of it. Behind the link that ends mails, which is good for long, a code does
nothing else, and `CODE_PATH` is where it does."""
STOPPED_PATH: Final = "/stopped"
"""Where it is said that all of it has stopped."""
CONFIRM_PATH: Final = "/e/"
"""Where an e-mail address is confirmed, with the token of a mail that went there."""
DATA_PATH: Final = "/my-data.txt"
"""Where somebody gets all that they told us, as a file."""
TRY_PATH: Final = "/try"
"""Where somebody who tries the program chooses whom to play; there in try mode alone."""
ASSET_PATH: Final = "/page/"
"""Where the assets of all pages are."""
REACHED_PATH: Final = "/page/reached"
"""Where the bot tells by which way it was reached, for `said doctor`."""
REACHED_BY_PROXY: Final = "said is here, behind a proxy"
REACHED_DIRECTLY: Final = "said is here"
"""What it tells: whether somebody named the client in X-Forwarded-For."""


class FormField(StrEnum):
    """The names of the fields that the pages post. Each form holds the marks, and one thing that the person did."""

    KEY = "key"
    """Mark: names this form once; the same key twice is the same thing once."""
    NEWEST = "newest"
    """Mark: the number of the newest message of ours on the page, '0' for none."""
    ABOUT = "about"
    """Mark: the number of the question's message that the form stands under; '' for none."""
    CSRF = "csrf"
    """Mark: what the channel put into the form to know it again. `Origin` is no help: it is `null` of a page that sends
    no referrer."""
    ZONE = "zone"
    """Mark: the time zone of the browser, an IANA name; only where the script posts the form."""
    TAP = "tap"
    """A button's payload, of a choice, a control such as Skip, or of what is to be changed. It counts before all else
    that stands in its form."""
    STEP = "step"
    """The payload of the step that is marked on a scale."""
    MARK = "mark"
    """The button that sends the step that is marked; words that were typed stay."""
    PICK = "pick"
    """The place of a ticked choice, from 0; once for each. Comes with `DONE`."""
    DONE = "done"
    """The payload that names a question whose choices were ticked: they are all there is. No `PICK` means none."""
    DAY = "day"
    """A day, as an ISO date. Comes with `DATE`."""
    DATE = "date"
    """The payload that names a question for a day. Comes with `DAY`."""
    WORDS = "words"
    """What was typed. Empty where nothing was. It comes beside what else was done, too, and stands there anew."""
    SAY = "say"
    """The button that sends what was typed; what is ticked or marked counts for nothing then."""
    COMMAND = "command"
    """A command in the language of the page, such as 'Skip', as if it had been typed."""
    ANEW = "anew"
    """Comes where whoever begins is not the one who used this device before: they begin as somebody new."""
    NOT_NOW = "not_now"
    """That no e-mail address is given now."""
    LOOK = "look"
    """The page is asked for as it is now: nothing is said. What was typed comes with it, and stands there anew."""
    LANGUAGE = "language"
    """A language code, chosen in the chooser; in the address of a page too, before anything has begun."""
    ROLE = "role"
    """Whom somebody plays who tries the program."""
    CLOCK = "clock"
    """Where the clock of a try is to be moved, in words: `+30d`, `next`, a date."""


class FormProblem(StrEnum):
    """Why a form could not be taken as it came; the page says so beside its field, and nothing was said."""

    NO_WORDS = "no_words"
    TOO_LONG = "too_long"
    """More words than a message may have."""
    NOTHING_PICKED = "nothing_picked"
    NO_DAY = "no_day"
    """No day was given, or one that is no date."""
    STALE = "stale"
    """The form is not known any more: it was open for too long, or on another device. To be sent once more."""


class PageAuthor(StrEnum):
    """Who wrote a message in the history."""

    BOT = "bot"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class PageButton:
    """A button under a message of the history, such as 'Change': what it says, and the payload of its tap."""

    label: str
    payload: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageMessage:
    """One message of the history.

    `name` tells it from all others of the page: letters, digits, '-' and '_'; it stays the same on every later page.
    `at` is aware, in the zone in which the person is to read it; None where it is not known. `language` is that of
    the words, None where it is not known (a person's own). `day` is a day that they gave, None for none: the page
    writes it in its own language, in place of `text`. `is_help` says that it is help for somebody at risk. `file` is
    the address of the file that comes with it, '' for none.
    """

    name: str
    author: PageAuthor
    text: str
    at: datetime | None = None
    language: str | None = None
    day: date | None = None
    is_help: bool = False
    buttons: tuple[PageButton, ...] = ()
    file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerDraft:
    """An answer that was given and not taken: it stands in the fields again, to be put right.

    `question` is the payload that names the question whose fields they were, '' for none. Of its fields, `picks` are
    the places that were ticked, None where the boxes stay as they are, and `day` what stood in that for a day; `step`
    is the payload of the step that was marked, '' for none. `words` are what was typed, whatever it was under.
    """

    question: str = ""
    picks: frozenset[int] | None = None
    day: str = ""
    step: str = ""
    words: str = ""


NO_DRAFT: Final = AnswerDraft()
"""Nothing was given, or all of it was taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenQuestion:
    """The question that is open, with what its buttons name.

    `number` is the number of its message (`FormField.ABOUT`), `conversation` the one in its payloads; None where it
    has no buttons. `prompt.ask` may be None: then it is words alone. `is_help` is as in `PageMessage`. `elsewhere` says
    that it was asked at another address of theirs alone: then it has no number here, which is 0. `draft` is the answer
    to it that was not taken.
    """

    prompt: Prompt
    number: int
    conversation: int | None = None
    at: datetime | None = None
    is_help: bool = False
    elsewhere: bool = False
    draft: AnswerDraft = NO_DRAFT


@dataclass(frozen=True, slots=True, kw_only=True)
class TryClock:
    """The clock of a try, as a page shows it beside the means to move it: in English, as the terminal's hints are.

    `now` is where it stands, `due` when something is due next, '' for nothing. `typed` are the words that named no time
    to come, as `problem` says; both '' where nothing is wrong.
    """

    now: str
    due: str = ""
    typed: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationPage:
    """What the page of a conversation shows.

    `messages` are the history, oldest first, without the message of the open question, which stands below them.
    `open_question` is None where nothing is open, and while `waiting`: then the answer to what was posted is still on
    its way, and the page asks for itself again. `older` is the address of a page with what was said before, None
    where there is nothing. `newest` is the number of the newest message of ours that the page shows, the question's
    too. `language` is that of the page's own words, `languages` are those that may be chosen, with this one.
    `title` is what may be told of the program to whoever looks at the screen; '' for neutral words. `posts_to` is the
    address of the page, to which its forms are posted too; on one that the link of a mail opened (`code_path`) there is
    no history, and no command that reaches beyond the question: all else needs a code, for which that is the page.
    `gives_address` says that the person may give their e-mail address, `asks_address` that they are asked for it.
    `clock` is that of a try, None where nobody tries.
    """

    language: str
    posts_to: str = CONVERSATION_PATH
    code_path: str | None = None
    gives_address: bool = False
    asks_address: bool = False
    languages: tuple[str, ...] = ()
    messages: tuple[PageMessage, ...] = ()
    open_question: OpenQuestion | None = None
    waiting: bool = False
    older: str | None = None
    newest: int = 0
    title: str = ""
    clock: TryClock | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationPreview:
    """What the page of an invitation shows before anything has begun. Looking at it uses up nothing.

    `title`, `team` and `contact` are '' where they may not be told; `minutes` is None where nobody knows how long it
    takes. `begun` says that this device has used the link before: the button goes on instead. `asks_whose` says that
    the device is somebody's, and that the link would let in somebody else, too: they are asked which of both they are.
    """

    token: str
    language: str
    languages: tuple[str, ...] = ()
    title: str = ""
    team: str = ""
    contact: str = ""
    minutes: int | None = None
    begun: bool = False
    asks_whose: bool = False


class NoticeKind(StrEnum):
    """What a page says that holds nothing else."""

    LINK_NEEDED = "link_needed"
    """Somebody came without a link, and nothing is known of their device."""
    LINK_UNKNOWN = "link_unknown"
    LINK_USED = "link_used"
    LINK_EXPIRED = "link_expired"
    NOT_READY = "not_ready"
    """The invitation's conversation is not ready yet; the link stays good."""
    REFUSED_HERE = "refused_here"
    """The people whom the link is for may not be served on the web."""
    FORGOTTEN = "forgotten"
    """This device has been forgotten."""
    NOT_FOUND = "not_found"
    TOO_LARGE = "too_large"
    """A form was posted that is larger than any of ours."""
    TOO_MANY = "too_many"
    OUR_ERROR = "our_error"


@dataclass(frozen=True, slots=True)
class LinkPage:
    """The page with the field for an account-link code. `chosen` is its language where one was.

    `draft` stands in the field; `is_wrong` says that the code that was given is not good.
    """

    language: str
    languages: tuple[str, ...] = ()
    chosen: str = ""
    draft: str = ""
    is_wrong: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PageNotice:
    """A page with one notice. `contact` is whom to ask, '' for nobody; `retry_after` in seconds, None for unknown.

    `leads_back` says that whoever reads it has a conversation on this device, to which it leads.
    """

    kind: NoticeKind
    language: str
    languages: tuple[str, ...] = ()
    contact: str = ""
    retry_after: int | None = None
    leads_back: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FormMarks:
    """What the channel puts into every form of a page (see `FormField`).

    The forms of a page have keys of their own, made of `key`: letters, digits, '-' and '_'. `problem` is why the form
    that was posted could not be taken, and `draft` what stood in its fields, which is shown again.
    """

    key: str
    csrf: str = ""
    problem: FormProblem | None = None
    draft: AnswerDraft = NO_DRAFT


@dataclass(frozen=True, slots=True, kw_only=True)
class MailForm:
    """A form of a page about mails: `button` is what its button says, `posts_to` where it goes.

    `label` is of the field to be filled in, None for none, `draft` is what stands in it, and `problem` why that could
    not be taken; both '' for nothing. `is_code` says that it takes a code and not an address. `declines` says that it
    gives no address now.
    """

    button: str
    posts_to: str
    label: str | None = None
    is_code: bool = False
    draft: str = ""
    problem: str = ""
    declines: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MailPage:
    """A page about mails: some sentences, and its forms, of which the first is the main one.

    `words` are what somebody wrote that could not be sent, with what is said of it: they are shown again, None for
    none. `chosen` is the language that its reader chose, which its forms carry on, '' for none; `languages` are those
    that may be chosen. `back` leads to another page, by its words and its address.
    """

    language: str
    title: str
    texts: tuple[str, ...] = ()
    forms: tuple[MailForm, ...] = ()
    words: tuple[str, str] | None = None
    languages: tuple[str, ...] = ()
    chosen: str = ""
    back: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TryPage:
    """The page on which somebody who tries the program begins.

    `roles` are whom they may play, by what the form posts for each. `kept_in` is the file that keeps all that is said.
    `begun` says that this browser is in a conversation.
    """

    language: str
    roles: Mapping[str, str]
    kept_in: str
    begun: bool = False


@dataclass(frozen=True, slots=True)
class PageAsset:
    """A file that the pages ask for: its own path, which changes with what is in it, and its type."""

    path: str
    content: bytes
    media_type: str
