"""Say what whoever came by the link of a mail can have without a code: mails are passed on, and opened by others.

Theory. The link opens one thing: the question that was mailed, for as long as it waits. It may be answered, skipped,
read in another language and asked about; what is asked next comes there too. A question that was asked elsewhere, such
as in the person's browser, is neither shown behind the link nor taken up there, for the link names an address and no
question: it is the messages on record at that address that say what was mailed. All that shows what was said before, or
changes anything else, needs a code that is sent to the confirmed address. Help for somebody at risk never does.

Who wants to hear no more is heard at once: mails end, whatever else was asked for in the same words. Whoever has the
mail could end mails by its other link, too; all else goes on until a code is given.

What something does is judged by what would come of it, not by the words: the engine is pure, so that a message is
played first, and nothing of it is written where a code is needed. Each closed set of what may be asked for is matched
here once, so that whatever is added to one must be judged, too.
"""

from enum import IntEnum, auto
from typing import Final, assert_never

from bot.delivery.rows import message_row
from bot.turn_context import TurnContext
from flows.engine.advance import Advance
from flows.engine.compiled import PROBE_SUFFIX
from flows.engine.effects import (
    AnswerInquiry,
    AskFor,
    Effect,
    EndConversation,
    EndRemark,
    ForgetWords,
    Hold,
    InvitePartner,
    NoteZoneAsked,
    OpenCase,
    Pause,
    Prompt,
    RecordAnswer,
    RecordCommitment,
    RecordConsent,
    RecordImplementation,
    RecordRemark,
    RecordReportAnswer,
    Refresh,
    RequestKind,
    Restart,
    ReviseCommitment,
    ScheduleWaves,
    SendMessage,
    SetLanguage,
    SetTimeZone,
    ShowTrace,
    Snooze,
    TellTeam,
    Toast,
    Withdraw,
)
from flows.engine.events import Event, NamingEvent, Remarked, Returned
from flows.engine.interruptions.change_menu import CHANGE_WHICH
from flows.engine.interruptions.zone_menu import CHECK, ZONE
from flows.engine.kept_changes import CHANGES
from flows.engine.state import ConversationState
from flows.i18n.say_in_mail import MailSentence, say_in_mail
from flows.inquiries.inquiry import Inquiry
from flows.parsing.commands import GlobalWord

BY_MAIL: Final = "email"
"""The channel of the pages behind the links of mails."""


class MailReach(IntEnum):
    """How much the link of a mail opens of what is asked for behind it. Of several the last one here is what counts."""

    QUESTION = auto()
    """All: it is about the question that was mailed, tells what anybody may know, or is help."""
    CODE = auto()
    """Nothing: it shows or changes more."""
    ENDS_MAILS = auto()
    """Whoever asks wants to hear no more: mails end, and nothing else is done."""


class CodeNeeded(Exception):
    """Whoever came by the link of a mail asked for more than it opens; nothing was done."""

    def __init__(self, *, ends_mails: bool) -> None:
        super().__init__("ends mails" if ends_mails else "needs a code")
        self.ends_mails = ends_mails
        """Whether they want to hear no more, so that mails are to end."""


def require_code(reach: MailReach) -> None:
    """Let nobody on who wrote behind the link of a mail, if that does not open what they ask for (`reach`).

    Raises:
        CodeNeeded: that is so.
    """
    if reach is not MailReach.QUESTION:
        raise CodeNeeded(ends_mails=reach is MailReach.ENDS_MAILS)


def reach_of_command(command: GlobalWord) -> MailReach:
    """Return how much of a command the link of a mail opens."""
    match command:
        case GlobalWord.SKIP | GlobalWord.LEAVE | GlobalWord.HELP | GlobalWord.HUMAN | GlobalWord.LANGUAGE:
            return MailReach.QUESTION  # what is chosen after LEAVE is judged then
        case GlobalWord.STOP | GlobalWord.NO_CONTACT:
            return MailReach.ENDS_MAILS
        case (
            GlobalWord.BACK
            | GlobalWord.PAUSE
            | GlobalWord.LATER
            | GlobalWord.RESTART
            | GlobalWord.MY_DATA
            | GlobalWord.DELETE_MY_DATA
            | GlobalWord.LINK
            | GlobalWord.MY_CHOICES
            | GlobalWord.NOT_MY_WORDS
            | GlobalWord.TIME_ZONE
        ):
            return MailReach.CODE
        case _:
            assert_never(command)


def reach_of_request(wish: RequestKind) -> MailReach:
    """Return how much of what may be asked for at any time the link of a mail opens."""
    return reach_of_command(GlobalWord(wish.value))


def reach_of_inquiry(inquiry: Inquiry) -> MailReach:
    """Return how much of the answer to what the bot is asked the link of a mail opens.

    What is planned for somebody, and what they said, is theirs; all else the program tells everybody.
    """
    match inquiry:
        case Inquiry.WHAT_SAID | Inquiry.WHEN_AGAIN:
            return MailReach.CODE
        case (
            Inquiry.GENUINE
            | Inquiry.WHO_ARE_YOU
            | Inquiry.BOSS_OR_DOCTOR
            | Inquiry.WHO_READS
            | Inquiry.ANONYMOUS
            | Inquiry.CALL_ME
            | Inquiry.WHAT_HAPPENS
            | Inquiry.HOW_LONG
            | Inquiry.WHY
            | Inquiry.VOLUNTARY
            | Inquiry.MEDICAL
            | Inquiry.HELLO
            | Inquiry.THANKS
        ):
            return MailReach.QUESTION
        case _:
            assert_never(inquiry)


def reach_of_turn(before: ConversationState, event: Event, result: Advance, *, was_mailed: bool) -> MailReach:
    """Return how much the link of a mail opens of what an event does to a conversation.

    `before` is the conversation's state when it came, `result` what the engine makes of it. `was_mailed` says that the
    question that waits then was put at the mail's address.
    """
    if isinstance(event, Remarked):
        return MailReach.QUESTION  # words are kept, and nothing is shown of what waits
    if isinstance(event, Returned):
        return MailReach.QUESTION if was_mailed else MailReach.CODE  # it is asked whether to go on
    found = [_reach_of_effect(effect, before) for effect in result.effects]
    if result.command is not None:
        found.append(reach_of_command(result.command))
    if not was_mailed or before.outcome is not None:
        found.append(MailReach.CODE)
    if _names_another(before, event) or _opens_earlier(before, result.state):
        found.append(MailReach.CODE)
    return max(found, default=MailReach.QUESTION)


def _names_another(before: ConversationState, event: Event) -> bool:
    """Return whether an event names a question that does not wait: one that was answered, or one that never was."""
    if not isinstance(event, NamingEvent):
        return False
    if not 0 <= event.ask < len(before.asks):
        return True
    waiting = {_slot(before, before.open), _slot(before, before.aside)}
    return before.asks[event.ask].slot not in waiting


def _opens_earlier(before: ConversationState, after: ConversationState) -> bool:
    """Return whether a question is open now that was answered before, or one about a change of an answer."""
    slot, aside = _slot(after, after.open), _slot(after, after.aside) or ""
    reopened = slot is not None and slot != _slot(before, before.open) and slot in before.answers
    return reopened or (after.aside != before.aside and aside.startswith((CHANGES, CHANGE_WHICH)))


def _slot(state: ConversationState, ask: int | None) -> str | None:
    return None if ask is None else state.asks[ask].slot


def _reach_of_effect(effect: Effect, before: ConversationState) -> MailReach:
    """Return how much of an effect of the engine the link of a mail opens."""
    match effect:
        case RecordAnswer(slot=slot, corrects=True):
            reach = MailReach.QUESTION if _adds_to_open(before, slot) else MailReach.CODE
        case RecordConsent(takes_back=True) | RecordConsent(gives_again=True):
            reach = MailReach.CODE
        case AskFor(wish):
            reach = reach_of_request(wish)
        case AnswerInquiry(inquiry):
            reach = reach_of_inquiry(inquiry)
        case Withdraw():
            reach = MailReach.ENDS_MAILS
        case SetTimeZone():
            reach = MailReach.QUESTION if _is_asked_for_zone(before) else MailReach.CODE
        case Pause() | Snooze() | Hold() | Restart():
            reach = MailReach.CODE
        case (
            SendMessage()
            | Refresh()
            | ShowTrace()
            | Toast()
            | RecordAnswer()
            | RecordRemark()
            | EndRemark()
            | RecordConsent()
            | RecordCommitment()
            | ReviseCommitment()
            | RecordImplementation()
            | ScheduleWaves()
            | InvitePartner()
            | SetLanguage()
            | NoteZoneAsked()
            | ForgetWords()
            | RecordReportAnswer()
            | OpenCase()
            | TellTeam()
            | EndConversation()
        ):
            reach = MailReach.QUESTION
        case _:
            assert_never(effect)
    return reach


def _is_asked_for_zone(before: ConversationState) -> bool:
    """Return whether the time zone is what is asked for, as every conversation with plans asks once."""
    return (_slot(before, before.aside) or "").startswith((ZONE, CHECK))


def _adds_to_open(before: ConversationState, slot: str) -> bool:
    """Return whether an answer is recorded anew by a reply to the open question: to itself, or to its probe."""
    waits = _slot(before, before.open)
    return waits is not None and waits.replace(PROBE_SUFFIX, "", 1) == slot.replace(PROBE_SUFFIX, "", 1)


def say_code_needed(turn: TurnContext, address_id: int, language: str) -> None:
    """Say that a code is needed, and where on the page it is asked for."""
    title = say_in_mail(MailSentence.CODE_TITLE, language)
    text = say_in_mail(MailSentence.CODE_NEEDED, language, title=title)
    turn.writes.outbox.append(message_row(Prompt(text, language=language), address_id, None, turn.now))
