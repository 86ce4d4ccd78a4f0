"""Ask once before an earlier answer is changed where that takes something back, and offer to undo what was changed so.

Most corrections need no asking. Asked is before a consent is taken back, before a change that ends the conversation,
and before every change after its end: an old button is tapped by accident, and nothing else would say what it did.
The question names the answer as it is and as it would be, and what comes of that. Left alone, it changes nothing.
"""

from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from typing import Any, Final, NamedTuple

from msgspec.structs import replace

from flows.engine.effects import (
    AnswerStatus,
    EndConversation,
    Option,
    Prompt,
    PromptKind,
    RecordConsent,
    Refresh,
    SendMessage,
    ShowTrace,
    Trace,
)
from flows.engine.interruptions.interruption import Interruption, Rank, Reaction
from flows.engine.kept_changes import ASK_CHANGE, CHANGES, UNDO, KeptChange, change_at
from flows.engine.recording import Reply, declining, kept_number, record
from flows.engine.remarks import keep_remark, keep_rest, take_numbered
from flows.engine.replies.correcting import correct
from flows.engine.state import GivenAnswer, JoinedPart, is_over
from flows.engine.turn import Turn, Waiting
from flows.i18n.say import Sentence, say
from flows.parsing.answers import ReadReply, read_yes_no, too_little
from flows.parsing.commands import GlobalWord, global_word
from flows.script.roles import Purpose
from flows.text.emoji import emoji_alone

SHORTENED: Final = 200
"""The most characters of a question, or of words, that are shown again; a consent is shown whole."""

_UNSHOWN: Final = "…"
"""What stands for words that halted the script: they are not shown to their author again."""
_BUTTONS: Final = (Sentence.CHANGE_YES, Sentence.CHANGE_NO)


class _Consequence(NamedTuple):
    """Hold what a change would do beside changing an answer: end the conversation, take a consent back."""

    ends: bool
    takes_back: Purpose | None

    def sentences(self) -> Iterator[Sentence]:
        """Yield what to say of it, in order."""
        if self.takes_back is not None:
            yield Sentence.CHANGE_TAKES_BACK
        if self.ends:
            yield Sentence.CHANGE_ENDS
        if self.takes_back in (Purpose.TAKE_PART, Purpose.CONTACT_AGAIN):
            yield Sentence.FOLLOW_UP_NONE
        if self.takes_back is Purpose.TAKE_PART:
            yield Sentence.CHANGE_STAYS


class AnswerChange(Interruption):
    """Ask 'Shall I change it?', and stand behind the button 'Undo' once it was changed.

    Its one code is the change, as JSON.
    """

    slot = CHANGES
    rank = Rank.BEFORE_COMMANDS
    after_end = True

    def prompt(self, turn: Turn, ask: int) -> Prompt:
        """Return the question with the number `ask`, or the sentence with 'Undo', as a message."""
        language = turn.state.language
        change = change_at(turn.state, ask)
        assert change is not None  # one that was forgotten is not open any more
        if turn.state.asks[ask].slot == UNDO:
            undo = (Option(say(Sentence.UNDO, language)),)
            text = say(Sentence.CORRECTED, language)
            return Prompt(text, PromptKind.SELECT_ONE, ask, options=undo, language=language)
        options = tuple(Option(say(button, language)) for button in _BUTTONS)
        return Prompt(_question(turn, change), PromptKind.CONFIRM, ask, options=options, language=language)

    def answer(self, turn: Turn, text: str) -> Reaction:
        """Take a yes or a no; leave other words to the open question, and all as it is.

        An emoji or a number alone is too little to change something by: it is asked again.
        """
        language, ask = turn.state.language, turn.state.aside
        assert ask is not None
        seen = emoji_alone(text)
        if seen is not None:
            turn.say(Sentence.EMOJI_ALONE, seen=seen)
            return Reaction.ASK_AGAIN
        agree, decline = (say(button, language) for button in _BUTTONS)
        seen = too_little(text, agree=agree, decline=decline, language=language)
        if seen is not None:
            turn.say(Sentence.EMOJI_ALONE, seen=seen)
            return Reaction.ASK_AGAIN
        found = read_yes_no(text, agree=agree, decline=decline, language=language)
        if global_word(text, language) is GlobalWord.LEAVE:
            found = ReadReply(False)
        if not isinstance(found, ReadReply):
            return Reaction.NOT_MINE
        turn.hear_choice(text)
        return _make(turn, ask) if found.value is True else _keep(turn)

    def tap(self, turn: Turn, ask: int, option: int) -> Reaction:
        """Make the change or leave it, also under a question from before; undo one that was made.

        One whose words were forgotten is neither made nor undone. A tap that does nothing says how the answer is now.
        """
        change, slot = change_at(turn.state, ask), turn.state.asks[ask].slot
        if change is None:
            turn.hint(Sentence.BUTTON_OVER)
        elif option == 0:
            return _make(turn, ask)
        elif option == 1 and slot == ASK_CHANGE and ask == turn.state.aside:
            return _keep(turn)
        else:
            turn.hint(_standing(turn, change))
        return Reaction.TAKEN

    def skip(self, turn: Turn) -> Reaction:
        """Leave the answer as it is."""
        return _keep(turn)


def answered_change(turn: Turn, ask: int, text: str) -> bool:
    """Take words that name the question with the number `ask`; return False if that is none of these questions.

    Whatever is no yes leaves the answer as it is, and that is said. The question need not be open. Words that come
    after the change was made are told so.
    """
    if not 0 <= ask < len(turn.state.asks) or turn.state.asks[ask].slot != ASK_CHANGE:
        return False
    is_kept = change_at(turn.state, ask) is not None
    turn.change(aside=ask)
    reaction = AnswerChange().answer(turn, text) if is_kept else Reaction.NOT_MINE
    if reaction is Reaction.NOT_MINE:
        reaction = _keep(turn)
    if reaction is Reaction.ASK_AGAIN and turn.state.aside is None:
        turn.show_open()
    elif reaction is Reaction.ASK_AGAIN:
        turn.emit(SendMessage(AnswerChange().prompt(turn, ask)))
    return True


def needs_asking(turn: Turn, waiting: Waiting, reply: Reply) -> bool:
    """Return whether to ask before an earlier answer is changed to this one.

    Not for the answer that is there already, nor for words of somebody at risk.
    """
    given = GivenAnswer(reply.value, reply.status)
    if turn.at_risk or turn.state.answers.get(waiting.slot) == given:
        return False
    if is_over(turn.state):
        return True
    consequence = _consequence(turn, waiting, reply)
    return consequence.ends or consequence.takes_back is not None


def ask_before_change(turn: Turn, waiting: Waiting, reply: Reply, remark: int | None = None) -> None:
    """Ask whether an earlier answer is to be changed to this one; until then it stays as it is.

    A consent is shown whole once more, so that it is decided in the language of now. What the words tell beside the new
    answer is kept at once, for it stays told if nothing is changed. So are own words that would be the new answer, as a
    remark (`remark` is its number where they are kept so already): many leave the question alone.
    """
    if reply.message_id is not None:
        turn.change(messages={**turn.state.messages, reply.message_id: waiting.slot})
    change = KeptChange(
        waiting.ask,
        turn.state.answers.get(waiting.slot),
        GivenAnswer(reply.value, reply.status),
        reply.raw,
        parts=reply.parts,
        language=turn.state.language if waiting.context.node.kind is PromptKind.CONSENT else waiting.language,
        number=reply.number,
    )
    kept = _keep_own_words(turn, waiting, reply) if remark is None else remark
    change = replace(change, quoted=_quoted_text(turn, change), remark=kept)
    _clear_replaced(turn, waiting.slot)
    if reply.remark and reply.value != declining(turn, waiting):
        keep_rest(turn, waiting, reply.remark, reply.message_id)
    AnswerChange().put(turn, ASK_CHANGE, change.as_codes())


def _keep_own_words(turn: Turn, waiting: Waiting, reply: Reply) -> int | None:
    """Keep own words as a remark until they are an answer; return its number, None where there is nothing to keep."""
    number = turn.state.remark_count
    is_text = waiting.context.node.kind is PromptKind.TEXT and reply.status is AnswerStatus.ANSWERED
    return number if is_text and keep_remark(turn, reply.raw, None, waiting) else None


def pending_picks(turn: Turn, slot: str) -> tuple[str, ...] | None:
    """Return the picks that an open question asks about, where it is about this slot; None where none is."""
    ask = turn.state.aside
    if ask is None or turn.state.asks[ask].slot != ASK_CHANGE:
        return None
    change = change_at(turn.state, ask)
    if change is None:
        return None
    picks = change.after.value
    return tuple(picks) if turn.state.asks[change.ask].slot == slot and isinstance(picks, list) else None


def _keep(turn: Turn) -> Reaction:
    """Close the open question, leave the answer as it is, and say how it is: also where it is changed already."""
    ask = turn.state.aside
    change = None if ask is None else change_at(turn.state, ask)
    standing = Sentence.UNCHANGED if change is None else _standing(turn, change)
    if ask is not None:
        kept = standing is Sentence.UNCHANGED
        _show_decided(turn, ask, Sentence.CHANGE_NO if kept else Sentence.CHANGE_YES)
    turn.change(aside=None, misses=0)
    turn.say(standing)
    return Reaction.ASK_AGAIN


def _show_decided(turn: Turn, ask: int, chosen: Sentence) -> None:
    """Have the question with the number `ask` show the button that decided it; of 'Undo' nothing is left."""
    is_undo = turn.state.asks[ask].slot == UNDO
    labels = () if is_undo else (say(chosen, turn.state.language),)
    turn.emit(ShowTrace(ask, Trace(labels, language=turn.state.language)))


def _clear_replaced(turn: Turn, slot: str) -> None:
    """Take the buttons of the open question away where it is about the same slot: it is asked anew."""
    ask = turn.state.aside
    change = None if ask is None or turn.state.asks[ask].slot != ASK_CHANGE else change_at(turn.state, ask)
    if ask is not None and change is not None and turn.state.asks[change.ask].slot == slot:
        turn.emit(ShowTrace(ask, Trace()))


def _is_made(turn: Turn, change: KeptChange) -> bool:
    """Return whether the answer is what a change makes it."""
    return turn.state.answers.get(turn.state.asks[change.ask].slot) == change.after


def _standing(turn: Turn, change: KeptChange) -> Sentence:
    """Return what to say to whoever replies under a decided change: how the answer is, and how to undo that."""
    if not _is_made(turn, change):
        return Sentence.UNCHANGED
    kept = (change_at(turn.state, ask) for ask, one in enumerate(turn.state.asks) if one.slot == UNDO)
    slot = turn.state.asks[change.ask].slot
    can_undo = any(
        back is not None and turn.state.asks[back.ask].slot == slot and back.before == change.after
        for back in kept
    )
    return Sentence.CHANGED_BEFORE if can_undo else Sentence.CORRECTED


def _make(turn: Turn, ask: int) -> Reaction:
    """Make the change that is kept with the question `ask`, unless it is made, which is said then.

    Where the answer has become another one meanwhile, or the question quotes other words by now, it is asked anew:
    nobody decides on a text that they were not shown.
    """
    change = change_at(turn.state, ask)
    waiting = None if change is None else turn.waiting(change.ask, change.shown)
    if change is None or waiting is None:
        return Reaction.TAKEN
    given = turn.state.answers.get(waiting.slot)
    reply = Reply(
        change.after.value, change.raw, change.after.status, parts=change.parts, number=change.number
    )
    if given == change.after and ask == turn.state.aside:
        return _keep(turn)
    if given == change.after:
        turn.hint(_standing(turn, change))
        return Reaction.TAKEN
    _show_decided(turn, ask, Sentence.CHANGE_YES)
    if _is_outdated(turn, change):
        ask_before_change(turn, waiting, reply, change.remark)
        return Reaction.TAKEN
    if change.remark is not None:
        take_numbered(turn, change.remark, waiting.slot)
    resumes, count = _resumes(turn, change), len(turn.effects)
    open_before = turn.state.open if _consequence(turn, waiting, reply).ends else None
    undo = KeptChange(
        change.ask,
        given or _declined(turn, waiting),
        change.after,
        change.raw,
        open_before,
        language=change.language,
        number=kept_number(turn, waiting),
    )
    parts = turn.state.joined.get(waiting.slot, ())
    turn.change(aside=None, misses=0)
    if waiting.context.node.kind is PromptKind.SELECT_MANY:
        turn.unfolded = waiting.slot

    def announce(turn: Turn) -> None:
        _offer_undo(turn, undo, parts)

    if resumes is None:
        correct(turn, waiting, reply, announce)
    else:
        record(turn, waiting, reply)
        announce(turn)
        turn.change(outcome=None, open=resumes)
        turn.show_open()
    if waiting.context.node.kind is PromptKind.SELECT_MANY:
        turn.effects.insert(count, Refresh(turn.prompt(waiting, tuple(change.after.value or ()))))
    return Reaction.TAKEN


def _resumes(turn: Turn, change: KeptChange) -> int | None:
    """Return the number of the question at which the conversation goes on once a change is undone that ended it.

    None where it did not, or where the conversation has gone on since.
    """
    newest = max(ask for ask, asked in enumerate(turn.state.asks) if not asked.slot.startswith("@"))
    goes_on = is_over(turn.state) and turn.consented and change.resumes == newest
    return change.resumes if goes_on else None


def _offer_undo(turn: Turn, made: KeptChange, parts: tuple[JoinedPart, ...]) -> None:
    """Say that an answer was changed, with a button that changes it back.

    `parts` are the messages that the answer from before was joined of. The button is left out where the words from
    before are not known any more.
    """
    waiting = turn.waiting(made.ask)
    before = made.before
    if (
        waiting is None
        or before is None
        or (before.value is None and before.status is not AnswerStatus.SKIPPED)
    ):
        turn.say(Sentence.CORRECTED)
        return
    own_words = waiting.context.node.kind is PromptKind.TEXT and isinstance(before.value, str)
    raw = before.value if own_words else str(_shown(waiting, before, ""))
    back = KeptChange(made.ask, made.after, before, raw, made.resumes, parts, made.language, made.number)
    back = replace(back, quoted=_quoted_text(turn, back))
    ask = turn.number(UNDO, back.as_codes())
    turn.emit(SendMessage(AnswerChange().prompt(turn, ask)))


def _is_outdated(turn: Turn, change: KeptChange) -> bool:
    """Return whether the answer is another one by now than the change was of, or its question quotes other words."""
    given = turn.state.answers.get(turn.state.asks[change.ask].slot)
    return given != change.before or (change.quoted != "" and change.quoted != _quoted_text(turn, change))


def _quoted_text(turn: Turn, change: KeptChange) -> str:
    """Return a hash of the text of the question whose answer a change is of; '' where it quotes no other answers."""
    waiting = turn.waiting(change.ask, change.shown)
    if waiting is None or waiting.probe or not turn.compiled.quotes_answers(waiting.context.node):
        return ""
    return sha256(waiting.scripted_text.encode()).hexdigest()[:12]


def _declined(turn: Turn, waiting: Waiting | None) -> GivenAnswer | None:
    """Return the answer with which a conversation was declined, which is kept nowhere; None for other questions."""
    value = None if waiting is None or not is_over(turn.state) else declining(turn, waiting)
    return None if value is None else GivenAnswer(value, AnswerStatus.ANSWERED)


def _consequence(turn: Turn, waiting: Waiting, reply: Reply) -> _Consequence:
    """Return what a change would do, found by making it in a copy of the turn."""
    copy = Turn(turn.compiled, turn.state, turn.now, localized=turn.localized)
    correct(copy, waiting, reply)
    taken = (one for one in copy.effects if isinstance(one, RecordConsent) and one.takes_back)
    purpose = next((one.purpose for one in taken), None)
    return _Consequence(any(isinstance(one, EndConversation) for one in copy.effects), purpose)


def _question(turn: Turn, change: KeptChange) -> str:
    """Return what is asked: the question as it was put, both answers, and what comes of the change."""
    waiting, language = turn.waiting(change.ask), turn.state.language
    assert waiting is not None
    asked = waiting.context.asked_text()
    before = change.before or _declined(turn, waiting) or GivenAnswer(None, AnswerStatus.SKIPPED)
    left_out = say(Sentence.OWN_SKIPPED, language)
    lines = [
        asked if waiting.context.node.kind is PromptKind.CONSENT else _shortened(asked),
        say(
            Sentence.CHANGE_SURE,
            language,
            old=_UNSHOWN if waiting.slot in turn.state.risky else _shown(waiting, before, left_out),
            new=_shown(waiting, change.after, change.raw or left_out),
        ),
    ]
    reply = Reply(change.after.value, change.raw, change.after.status)
    consequence = _consequence(turn, waiting, reply)
    lines += [say(sentence, language) for sentence in consequence.sentences()]
    return "\n".join(lines)


def _shown(waiting: Waiting, given: GivenAnswer, unknown: str) -> str | date:
    """Return an answer as it is shown again: labels, a date, words cut short; `unknown` where it has no value."""
    value, node = given.value, waiting.context.node
    if value is None or value == []:
        return unknown
    if node.kind is PromptKind.DATE:
        return date.fromisoformat(value)
    labelled: Any = waiting.context.labelled(node, value)
    text = ", ".join(map(str, labelled)) if isinstance(labelled, list) else str(labelled)
    return _shortened(text)


def _shortened(text: str) -> str:
    """Return a text in one line, cut at a word where it is long."""
    words = " ".join(text.split())
    return words if len(words) <= SHORTENED else words[: SHORTENED - 1].rsplit(" ", 1)[0] + "…"
