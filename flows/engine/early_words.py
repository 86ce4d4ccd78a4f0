"""Take words that were typed before the open question could be seen: they are no answer to it.

Theory. People write in bursts, send what a lost network held back, and forward several messages at once. By then the
conversation has moved on, and a "yes" of a minute ago would consent to a text that nobody has read. So words that were
written before the open question's own message (`Sight.BEFORE`), or that cannot be an answer to it for another reason
(`Sight.UNREAD`), are taken in this way only:

 1. What works everywhere still works: "stop", "help", a wish for a language, an absence, a question to the bot.
 2. Own words belong to the answer before, if that was one of own words too: they are joined to it, in the order of the
    chat, and the whole is recorded as one answer. A long text that an app has cut in two is one answer again. A few
    words that would answer the open question, such as a "yes", are none of those.
 3. All else is not taken. The open question comes after the words (BEFORE), or is sent once more (UNREAD). It is sent
    once more too where it reads back the answer that has grown: nobody confirms what they were not shown.

The parts of a joined answer are kept by message, so that an edit of one of them changes that part alone. They become
others with the answer, when that is recorded.
"""

from typing import Final, NamedTuple

from flows.engine.commands import carry_out
from flows.engine.compiled import CompiledFlow
from flows.engine.effects import PromptKind
from flows.engine.events import Replied, Sight
from flows.engine.interpretation import meaning_of_text
from flows.engine.interruptions.crisis_help import STILL_MEANT
from flows.engine.interruptions.language_menu import switch_to_named
from flows.engine.interruptions.table import show_what_waits, taken_unseen
from flows.engine.leaving import away_until, hold
from flows.engine.recording import Reply, record
from flows.engine.remarks import keep_remark, say_kept
from flows.engine.replies.inquiries import answer_early_inquiry
from flows.engine.state import ConversationState, JoinedPart, joined_words_of
from flows.engine.turn import Turn, Waiting
from flows.i18n.say import Sentence
from flows.parsing.answers import UnreadReply
from flows.parsing.commands import GlobalWord, global_word
from flows.parsing.language_names import asked_language
from flows.script.model import AskText

_FEW_WORDS: Final = 3


class JoinedWords(NamedTuple):
    """Hold what early words become part of: the answer as it stands (`before`), and with them (`whole`)."""

    before: str
    whole: str


def take_early_words(turn: Turn, event: Replied) -> None:
    """Take words that are no answer to the open question; see the theory of this module. Also after the end."""
    waiting = turn.waiting(turn.state.open)
    if waiting is None:
        if turn.state.aside is None:
            _join(turn, event)
        elif event.sight is Sight.UNREAD:
            show_what_waits(turn)  # what follows a farewell is no part of the answer before it
        return
    wanted, command = asked_language(event.text), _command(turn, event.text)
    until = None if command is not None else away_until(turn, event.text)
    if wanted is not None:
        turn.heard = True
        switch_to_named(turn, wanted)
    elif command is not None:
        carry_out(turn, waiting, command)
    elif answer_early_inquiry(turn, waiting, event.text):
        pass
    elif until is not None:
        turn.hear_choice(event.text)
        hold(turn, until)
    elif not taken_unseen(turn, event.text):
        _take_as_words(turn, waiting, event)


def _take_as_words(turn: Turn, waiting: Waiting, event: Replied) -> None:
    """Join words to the answer before, where they can be, and show what waits if nothing shows it after them."""
    shown = turn.open_prompt()
    would_answer = _would_answer(turn, waiting, event.text)
    turn.heard = would_answer  # it is put again, and is nothing but an answer
    joined = not would_answer and not _is_about_aside(turn, event) and _join(turn, event)
    if turn.at_risk:
        return  # help follows, and no question
    if event.sight is Sight.UNREAD:
        if turn.state.care is None:  # while the script is halted it is help that waits
            turn.change(paused=False)
            _say_what_became(turn, event, joined=joined)
        show_what_waits(turn)
    elif turn.state.aside is None and turn.open_prompt() != shown:
        turn.show_open()  # it reads back what was added to


def _say_what_became(turn: Turn, event: Replied, *, joined: bool) -> None:
    """Say what early words have become: a part of the answer before, a remark, or nothing."""
    if joined:
        turn.say(Sentence.ADDED_TO_ANSWER)
    elif not turn.heard and keep_remark(turn, event.text, event.message_id):
        say_kept(turn)
        turn.say(Sentence.QUESTION_AGAIN)
    else:
        turn.say(Sentence.TOO_EARLY)


def joined_words(compiled: CompiledFlow, state: ConversationState, event: Replied) -> JoinedWords | None:
    """Return the answer that early words become part of, at their place in it; None where they are joined to none."""
    found = _answer_before(compiled, state)
    if found is None:
        return None
    return JoinedWords(found.words, joined_words_of(_in_order(_parts_of(state, found), event)))


def slot_before(state: ConversationState) -> str | None:
    """Return the slot of the script's question that was put just before the open one; None where it is the first."""
    ask = _ask_before(state)
    return None if ask is None else state.asks[ask].slot


def joined_slot(compiled: CompiledFlow, state: ConversationState) -> str | None:
    """Return the slot of the answer that early words become part of; None where they are joined to none."""
    found = _answer_before(compiled, state)
    return None if found is None else found.slot


def edited_words(state: ConversationState, message_id: str, text: str) -> JoinedWords | None:
    """Return an answer that was joined of several messages, before and after one of them was edited to `text`.

    None where the message is no part of such an answer.
    """
    slot = state.messages.get(message_id)
    edited = parts_after_edit(state, message_id, text)
    if slot is None or not edited:
        return None
    return JoinedWords(joined_words_of(state.joined[slot]), joined_words_of(edited))


def parts_after_edit(state: ConversationState, message_id: str, text: str) -> tuple[JoinedPart, ...]:
    """Return the parts of a joined answer once one of its messages was edited to `text`.

    Empty where the message is the whole answer, or no answer.
    """
    parts = state.joined.get(state.messages.get(message_id, ""), ())
    if all(part.message_id != message_id for part in parts):
        return ()
    return tuple(JoinedPart(message_id, text) if part.message_id == message_id else part for part in parts)


class _AnswerBefore(NamedTuple):
    """Hold the answer in own words that came just before the open question: its number, slot and words.

    The words are '' where it told nothing: what follows a "hm ..." is the story, if it follows at once.
    What comes after other words is told with those.
    """

    ask: int
    slot: str
    words: str


def _answer_before(compiled: CompiledFlow, state: ConversationState) -> _AnswerBefore | None:
    """Return the answer just before the open question, or the last one after the end, if it is in own words.

    None for an answer of another kind, for none, and for one to a personal question, whose words are kept apart.
    """
    ask = _ask_before(state)
    given = None if ask is None else state.answers.get(state.asks[ask].slot)
    if ask is None or given is None:
        return None
    slot = state.asks[ask].slot
    node = compiled.asked_in(slot)
    words = "" if given.status.tells_nothing else given.value
    if not words and (state.aside is not None or state.misses):
        return None
    if not isinstance(node.question, AskText) or node.question.personal or not isinstance(words, str):
        return None
    picked = words in {choice.code for choice in node.choices}
    return None if picked else _AnswerBefore(ask, slot, words)


def _ask_before(state: ConversationState) -> int | None:
    """Return the number of the script's question that was put just before the open one; None where it is the first."""
    open_slot = None if state.open is None else state.asks[state.open].slot
    last = len(state.asks) if state.open is None else state.open
    for ask in reversed(range(last)):
        slot = state.asks[ask].slot
        if not slot.startswith("@") and slot != open_slot:
            return ask
    return None


def _join(turn: Turn, event: Replied) -> bool:
    """Join words to the answer before, and have the whole recorded; return whether they were joined.

    A message that only repeats the one before it adds nothing, but counts as joined.
    """
    found = _answer_before(turn.compiled, turn.state)
    waiting = None if found is None else turn.waiting(found.ask, event.joins)
    if event.message_id is not None and event.message_id in turn.state.messages:
        turn.heard = True
        return True  # it came twice
    if found is None or waiting is None or not event.text.strip() or not _may_be_kept(turn, found.slot):
        return False
    parts = _parts_of(turn.state, found)
    if parts and parts[-1].words.strip() == event.text.strip():
        turn.heard = True
        return True
    parts = _in_order(parts, event)
    turn.change(joined={**turn.state.joined, found.slot: parts})
    whole = joined_words_of(parts)
    record(turn, waiting, Reply(whole, whole, message_id=event.message_id))
    return True


def _parts_of(state: ConversationState, found: _AnswerBefore) -> tuple[JoinedPart, ...]:
    """Return the answer before by its messages, as it stands; empty where it told nothing."""
    parts = state.joined.get(found.slot, ())
    if not found.words or joined_words_of(parts) == found.words:
        return parts if found.words else ()
    newest = [one for one, slot in state.messages.items() if slot == found.slot][-1:]
    return (JoinedPart("".join(newest), found.words),)


def _in_order(parts: tuple[JoinedPart, ...], event: Replied) -> tuple[JoinedPart, ...]:
    """Return the parts of an answer with further words at their place in the chat: a platform may hand them on late."""
    place = next((at for at, part in enumerate(parts) if part.message_id in event.precedes), len(parts))
    return (*parts[:place], JoinedPart(event.message_id or "", event.text), *parts[place:])


def _may_be_kept(turn: Turn, slot: str) -> bool:
    """Return whether words may be added to an answer: consent was given, or the answer is held until it is."""
    return turn.consented or any(held.slot == slot for held in turn.state.held)


def _would_answer(turn: Turn, waiting: Waiting, text: str) -> bool:
    """Return whether a few words are an answer to the open question, which is one with closed answers."""
    if waiting.context.node.kind is PromptKind.TEXT or len(text.split()) > _FEW_WORDS:
        return False
    return not isinstance(meaning_of_text(turn, waiting, text), UnreadReply)


def _is_about_aside(turn: Turn, event: Replied) -> bool:
    """Return whether a few words came just after an interruption was shown: for it, though too soon to have read it."""
    came_after = turn.state.aside is not None and event.sight is Sight.UNREAD
    return came_after and len(event.text.split()) <= _FEW_WORDS


def _command(turn: Turn, text: str) -> GlobalWord | None:
    """Return the command that early words give; None for 'skip', which is an answer to a question that was not seen.

    While the script is halted for somebody at risk only those that still work then.
    """
    command = global_word(text, turn.state.language)
    halted = turn.state.care is not None and command not in STILL_MEANT
    return None if command is GlobalWord.SKIP or halted else command
