from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final, get_args

import msgspec
import pytest

from bot.mail.code_needed import CodeNeeded, MailReach, reach_of_turn, require_code
from flows.engine.advance import Advance
from flows.engine.compiled import PROBE_SUFFIX
from flows.engine.effects import (
    AnswerInquiry,
    AnswerStatus,
    AskFor,
    Effect,
    EndConversation,
    EndRemark,
    ForgetWords,
    Hold,
    InvitePartner,
    NoteZoneAsked,
    OpenCase,
    Outcome,
    Pause,
    Prompt,
    PromptKind,
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
    Trace,
    Withdraw,
)
from flows.engine.events import (
    DatePicked,
    Event,
    Picked,
    Remarked,
    Replied,
    Returned,
    Tapped,
    TextSubmitted,
)
from flows.engine.interruptions.change_menu import CHANGE_WHICH
from flows.engine.interruptions.zone_menu import CHECK, ZONE
from flows.engine.kept_changes import ASK_CHANGE
from flows.engine.state import Asked, ConversationState, GivenAnswer
from flows.inquiries.inquiry import Inquiry
from flows.parsing.commands import GlobalWord
from flows.script.roles import Purpose

QUESTION, CODE, ENDS_MAILS = MailReach.QUESTION, MailReach.CODE, MailReach.ENDS_MAILS
AT: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)
WORDS: Final = Replied("something")


def _asked(*slots: str, aside: int | None = None, **more: Any) -> ConversationState:
    """A conversation that has asked these, of which the last one that is no interruption waits."""
    asks = tuple(Asked(slot, 0) for slot in slots)
    waits = max((place for place, slot in enumerate(slots) if not slot.startswith("@")), default=None)
    return ConversationState("en", msgspec.Raw(b"{}"), asks=asks, open=waits, aside=aside, **more)


STANDS: Final = _asked("colour", "words")
"""'colour' is answered, 'words' waits."""


def _answer(slot: str, *, corrects: bool = False) -> RecordAnswer:
    kind, status = PromptKind.TEXT, AnswerStatus.ANSWERED
    return RecordAnswer(slot, slot, "", kind, "x", "x", status, "?", "en", AT, corrects=corrects)


def _consent(**how: bool) -> RecordConsent:
    return RecordConsent(Purpose.TAKE_PART, granted=True, shown_text="?", language="en", **how)


def _reach(
    *effects: Effect,
    before: ConversationState = STANDS,
    after: ConversationState | None = None,
    event: Event = WORDS,
    command: GlobalWord | None = None,
    mailed: bool = True,
) -> MailReach:
    result = Advance(before if after is None else after, effects, command)
    return reach_of_turn(before, event, result, was_mailed=mailed)


EFFECTS: Final[Mapping[type[Any], tuple[Effect, MailReach]]] = {
    SendMessage: (SendMessage(Prompt("Hello")), QUESTION),
    Refresh: (Refresh(Prompt("Hello")), QUESTION),
    ShowTrace: (ShowTrace(1, Trace()), QUESTION),
    Toast: (Toast("Done"), QUESTION),
    RecordAnswer: (_answer("words"), QUESTION),
    RecordRemark: (RecordRemark(0, "words", "a story", "?", "en"), QUESTION),
    EndRemark: (EndRemark(0, "words"), QUESTION),
    RecordConsent: (_consent(), QUESTION),
    RecordCommitment: (RecordCommitment("plan"), QUESTION),
    ReviseCommitment: (ReviseCommitment(1), QUESTION),
    RecordImplementation: (RecordImplementation(1, 1), QUESTION),
    ScheduleWaves: (ScheduleWaves(), QUESTION),
    InvitePartner: (InvitePartner(), QUESTION),
    Snooze: (Snooze(AT), CODE),
    Pause: (Pause(), CODE),
    SetLanguage: (SetLanguage("de"), QUESTION),
    SetTimeZone: (SetTimeZone("Europe/Vienna"), CODE),
    NoteZoneAsked: (NoteZoneAsked(), QUESTION),
    Withdraw: (Withdraw(), ENDS_MAILS),
    AskFor: (AskFor(RequestKind.MY_DATA), CODE),
    AnswerInquiry: (AnswerInquiry(Inquiry.WHO_ARE_YOU), QUESTION),
    Hold: (Hold(AT), CODE),
    ForgetWords: (ForgetWords(), QUESTION),
    RecordReportAnswer: (RecordReportAnswer("drug", "a tablet"), QUESTION),
    OpenCase: (OpenCase("words"), QUESTION),
    TellTeam: (TellTeam("plan", "help"), QUESTION),
    EndConversation: (EndConversation(Outcome.COMPLETED), QUESTION),
    Restart: (Restart(), CODE),
}
"""Each effect of the engine, and how much of it the link of a mail opens."""


@pytest.mark.parametrize(
    ("effect", "reach"), [pytest.param(*row, id=kind.__name__) for kind, row in EFFECTS.items()]
)
def test_each_effect_is_judged(effect: Effect, reach: MailReach) -> None:
    """It is opened, ends mails, or needs a code, as the table says; where the question was not mailed nothing is."""
    assert _reach(effect) is reach
    assert _reach(effect, mailed=False) is max(reach, CODE)


def test_the_table_names_every_effect() -> None:
    """Whatever is added to the effects has a row here."""
    assert set(EFFECTS) == set(get_args(Effect))


@pytest.mark.parametrize(
    ("effect", "reach"),
    [
        *(
            (AskFor(one), CODE)
            for one in RequestKind
            if one not in (RequestKind.HUMAN, RequestKind.NO_CONTACT)
        ),
        (AskFor(RequestKind.HUMAN), QUESTION),
        (AskFor(RequestKind.NO_CONTACT), ENDS_MAILS),
        (AnswerInquiry(Inquiry.WHAT_SAID), CODE),
        (AnswerInquiry(Inquiry.WHEN_AGAIN), CODE),
        (_consent(takes_back=True), CODE),
        (_consent(gives_again=True), CODE),
    ],
)
def test_what_an_effect_says_counts(effect: Effect, reach: MailReach) -> None:
    """A wish, a question to the bot and a consent are judged by what they are about."""
    assert _reach(effect) is reach


@pytest.mark.parametrize(
    ("open_slot", "slot", "reach"),
    [
        ("words", "words", QUESTION),
        ("words" + PROBE_SUFFIX, "words", QUESTION),
        ("words" + PROBE_SUFFIX, "words" + PROBE_SUFFIX, QUESTION),
        ("words", "words" + PROBE_SUFFIX, QUESTION),
        ("words[0]", "words[0]", QUESTION),
        ("words[1]", "words[0]", CODE),
        ("words", "colour", CODE),
        ("words" + PROBE_SUFFIX, "colour", CODE),
    ],
)
def test_an_answer_is_corrected_where_its_question_waits(open_slot: str, slot: str, reach: MailReach) -> None:
    """By a reply to the open question its own answer may change, or that of which it is the probe; no other one."""
    before = _asked("colour", open_slot)
    assert _reach(_answer(slot, corrects=True), before=before) is reach
    assert _reach(_answer(slot), before=before) is QUESTION


def test_no_answer_is_corrected_where_nothing_waits() -> None:
    """After the end, or before the first question, a correction needs a code."""
    assert _reach(_answer("words", corrects=True), before=_asked()) is CODE


@pytest.mark.parametrize(
    ("aside", "reach"),
    [(ZONE, QUESTION), (CHECK, QUESTION), ("@remark", CODE), ("@later", CODE), (None, CODE)],
)
def test_a_time_zone_is_set_where_it_is_asked_for(aside: str | None, reach: MailReach) -> None:
    """As the reply to the question for it, and not beside another one."""
    before = _asked("words") if aside is None else _asked("words", aside, aside=1)
    assert _reach(SetTimeZone("Europe/Vienna"), before=before) is reach


NAMING: Final = (
    lambda ask: Tapped(ask, 0),
    lambda ask: Picked(ask, (0,)),
    lambda ask: DatePicked(ask, date(2026, 3, 2)),
    lambda ask: TextSubmitted(ask, "words"),
)


@pytest.mark.parametrize("named", NAMING, ids=["tap", "picks", "date", "form"])
@pytest.mark.parametrize(
    ("ask", "reach"),
    [(1, QUESTION), (2, QUESTION), (0, CODE), (3, CODE), (99, CODE), (-1, CODE), (-2, CODE)],
    ids=["open", "aside", "answered", "later", "far later", "last from the end", "negative"],
)
def test_what_names_a_question_names_one_that_waits(named: Any, ask: int, reach: MailReach) -> None:
    """The open one, or what came before it; one that was answered, or was never asked, needs a code."""
    before = _asked("colour", "words", "@remark", aside=2)
    assert _reach(event=named(ask), before=before) is reach


def test_a_question_that_was_asked_twice_is_named_by_either() -> None:
    """The buttons of its first message answer it as well as those of its second."""
    before = _asked("words", "@leave", "words")
    assert _reach(event=Tapped(0, 0), before=before) is QUESTION


@pytest.mark.parametrize("beside", [Pause(), AskFor(RequestKind.MY_DATA), _consent(takes_back=True)])
def test_a_stop_is_heard_whatever_stands_beside_it(beside: Effect) -> None:
    """Mails end, and nothing else is done: who wants to hear no more needs no code for that, whatever else they ask
    for in the same words, and wherever the question was put."""
    assert _reach(beside, Withdraw()) is ENDS_MAILS
    assert _reach(Withdraw(), beside, mailed=False) is ENDS_MAILS
    assert _reach(beside, command=GlobalWord.STOP) is ENDS_MAILS


def test_a_command_is_judged_beside_its_effects() -> None:
    """'back' sends a message only, and needs a code all the same."""
    assert _reach(SendMessage(Prompt("Which colour?")), command=GlobalWord.BACK) is CODE
    assert _reach(SendMessage(Prompt("Which colour?")), command=GlobalWord.HELP) is QUESTION


def test_a_question_of_before_is_not_opened_again() -> None:
    """Neither one that was answered, nor one about changes of answers; the next one is."""
    before = _asked("colour", "words", answers={"colour": GivenAnswer("red", AnswerStatus.ANSWERED)})
    again = msgspec.structs.replace(before, asks=(*before.asks, Asked("colour", 1)), open=2)
    assert _reach(before=before, after=again) is CODE
    following = msgspec.structs.replace(before, asks=(*before.asks, Asked("sure", 1)), open=2)
    assert _reach(before=before, after=following) is QUESTION
    for slot, reach in ((ASK_CHANGE, CODE), (CHANGE_WHICH, CODE), ("@remark", QUESTION)):
        asked = msgspec.structs.replace(before, asks=(*before.asks, Asked(slot, 1)), aside=2)
        assert _reach(before=before, after=asked) is reach, slot


def test_what_has_ended_needs_a_code() -> None:
    """But for a remark, which is kept wherever the question was put; whether to go on is asked where it was."""
    before = _asked("words", outcome=Outcome.COMPLETED)
    assert _reach(before=before) is CODE
    for mailed in (True, False):
        assert _reach(before=before, event=Remarked("a story"), mailed=mailed) is QUESTION
    assert _reach(event=Returned()) is QUESTION
    assert _reach(event=Returned(), mailed=False) is CODE


def test_nobody_goes_on_with_what_needs_a_code() -> None:
    """What is raised says whether mails are to end; what is open raises nothing."""
    require_code(QUESTION)
    for reach in (CODE, ENDS_MAILS):
        with pytest.raises(CodeNeeded) as raised:
            require_code(reach)
        assert raised.value.ends_mails is (reach is ENDS_MAILS)
