"""Say what must hold of every turn: each invariant is a function over what happened, and yields what breaks it."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bot.channels.base import HOUSE, InboundKind, message_order, read_button
from bot.conversations.requests import ASK_DELETE
from flows.engine.effects import AnswerStatus, Outcome, PromptKind
from flows.engine.interruptions.remark_offer import offer_with
from flows.engine.interruptions.upset_menu import UPSET
from flows.engine.state import ConversationState, decode_state
from flows.i18n.say import Sentence, say
from flows.parsing.commands import GlobalWord, global_word
from tests.support.retelling import LANGUAGES
from tests.walks.evidence import Fate, Turn
from tests.walks.invariants.findings import MARK, WAITS, Breaks, Findings, texts_in
from tests.walks.kinds import Noise
from tests.walks.people import EMOJI, EMOJI_NAMES

CLOSED = frozenset(PromptKind) - {PromptKind.SAY, PromptKind.TEXT}
_EMOJI_ALONE = frozenset({*EMOJI, *EMOJI_NAMES})
_STOPPED = tuple(
    say(sentence, language)
    for sentence in (Sentence.STOPPED, Sentence.STOPPED_BEFORE)
    for language in ("en", *LANGUAGES)
)


def _states(turn: Turn) -> Iterator[tuple[int, ConversationState, ConversationState]]:
    """The conversations that a turn changed: their numbers, and states before and after."""
    for number, after in turn.after.items():
        before = turn.before.get(number)
        if before and before != after:
            yield number, decode_state(before), decode_state(after)


def _is_plain_text(turn: Turn) -> bool:
    """Whether words name no question of their own, as those in a thread or with a quotation do."""
    return turn.message.kind is InboundKind.TEXT and turn.message.about is None


def _answered(before: ConversationState, after: ConversationState) -> Iterator[tuple[str, int]]:
    """The slots whose answer changed, with the number of the question under which it was given.

    What ends a conversation answers the open question, too, unless another question stood before it.
    """
    slots = [slot for slot, given in after.answers.items() if before.answers.get(slot) != given]
    ended = after.outcome not in (None, Outcome.RESTARTED, Outcome.WITHDRAWN)
    if before.open is not None and before.aside is None and ended:
        slots.append(before.asks[before.open].slot)
    for slot in dict.fromkeys(slots):
        if before.aside is not None and _is_left_out(before, after, slot):
            yield slot, before.aside
            continue
        if before.open is not None and before.asks[before.open].slot == slot:
            yield slot, before.open
            continue
        if before.aside is not None:  # the question whether to change it was answered
            yield slot, before.aside
            continue
        asks = [number for number, asked in enumerate(before.asks) if asked.slot == slot]
        if asks:
            yield slot, asks[-1]


def _is_left_out(before: ConversationState, after: ConversationState, slot: str) -> bool:
    """Whether a question was left out by a choice of the menu after words of sadness, which was the one to be seen."""
    given, aside = after.answers.get(slot), before.aside
    left_out = given is not None and given.status is AnswerStatus.SKIPPED
    return left_out and aside is not None and before.asks[aside].slot == UPSET


def _unseen(found: Findings, wanted: Callable[[PromptKind], bool]) -> Breaks:
    for turn in filter(_is_plain_text, found.turns):
        if turn.participant is None or _is_stop(turn):
            continue
        for conversation, before, after in _states(turn):
            for slot, ask in _answered(before, after):
                kind = found.kind_of(turn.flows[conversation], slot)
                if not wanted(kind):
                    continue
                is_beside = found.is_kept_beside(turn.flows[conversation], slot)
                if is_beside or _is_joined(before, after, slot):
                    continue
                key = (conversation, ask)
                offered = (conversation, offer_with(before, ask))  # that message shows the question too
                shows = [
                    one
                    for one in (*found.shows.get(key, []), *found.shows.get(offered, []))
                    if one.prompt.language == before.language
                ]
                consent = kind is PromptKind.CONSENT
                if found.was_seen(turn, shows, here=consent):
                    continue
                if not consent and (found.waited(turn, key) or found.waited(turn, offered)):
                    continue
                in_doubt = {doubted for _, doubted, _ in found.evidence.doubts}
                if kind is PromptKind.TEXT and not in_doubt.isdisjoint({key, offered}):
                    continue  # own words between two copies of a question are about the first
                where = ", ".join(f"{one.address} {one.order}" for one in shows) or "never shown"
                yield (
                    turn.address,
                    turn.place,
                    f"{turn.message.text[:40]!r} ({turn.message.message_id}) answers {slot} ({where})",
                )


def _is_joined(before: ConversationState, after: ConversationState, slot: str) -> bool:
    """Whether words joined those that stood in the answer: they came before the next question was seen.

    They stand where they were written: behind the others, or before them where the platform handed them on late.
    """
    old, new = before.answers.get(slot), after.answers.get(slot)
    if old is None or new is None or not (isinstance(old.value, str) and isinstance(new.value, str)):
        return False
    lines = iter(new.value.splitlines())
    return all(line in lines for line in old.value.strip().splitlines())


def _is_stop(turn: Turn) -> bool:
    return global_word(turn.message.text, "en") is GlobalWord.STOP


def closed_answers_follow_their_question(found: Findings) -> Breaks:
    """No consent, choice, number, date or skip is taken from words that are older than its question's message."""
    yield from _unseen(found, lambda kind: kind in CLOSED)


def words_stand_under_a_question_that_was_seen(found: Findings) -> Breaks:
    """Own words are an answer to a question only if it stood in the chat; what came sooner joins the one before."""
    yield from _unseen(found, lambda kind: kind is PromptKind.TEXT)


def answers_were_asked_for(found: Findings) -> Breaks:
    """No answer is kept under a text that its person was not shown before, in that language."""
    for turn in found.turns:
        for row in turn.answers:
            states = (decode_state(state) for state in turn.before.values() if state)
            is_joined = any(row["slot"] in state.answers for state in states)
            if _is_left_out_unseen(found, turn, row):
                continue
            if not _text_was_shown(found, turn, row, again=is_joined):
                what = f"{row['slot']} ({row['language']}) under {row['shown_text'][:60]!r}"
                yield turn.address, turn.place, what


def _is_left_out_unseen(found: Findings, turn: Turn, row: Mapping[str, Any]) -> bool:
    """Whether "leave out the next question" skipped one whose message the platform had refused for good.

    Or one that was on its way by then, and was shown after the tap: the engine does not know of sendings. The order in
    which its choices would have stood is kept beside it.
    """
    beside = (one for one in turn.answers if one["shown_text"] == row["shown_text"])
    if all(one["status"] is not AnswerStatus.SKIPPED for one in beside):
        return False
    refused = (one for one in found.evidence.attempts if one.fate is Fate.REFUSED and one.place < turn.place)
    if any(
        row["shown_text"] in one.text and found.evidence.persons.get(one.address) == found.whose(turn)
        for one in refused
    ):
        return True
    asides = (state.asks[state.aside].slot for state in _befores(turn) if state.aside is not None)
    return UPSET in asides and any(
        one.place > turn.place and found.evidence.persons.get(one.address) == found.whose(turn)
        for one in found.texts.get(row["shown_text"], [])
    )


def _befores(turn: Turn) -> list[ConversationState]:
    return [decode_state(state) for state in turn.before.values() if state]


def _text_was_shown(found: Findings, turn: Turn, row: Mapping[str, Any], *, again: bool) -> bool:
    """Whether an answer's text was shown to whoever wrote, or counts as shown; `again`: it was answered before.

    A question whether to change an answer has the text of its question in it, on one line.
    """
    text = row["shown_text"]
    above = (f"{text}\n", " ".join(text.split()) + "\n")
    texts = [text, *(whole for whole in found.texts if whole.startswith(above))]
    shown = [
        one
        for each in texts
        for one in found.texts.get(each, [])
        if one.place < turn.place and one.prompt.language == row["language"]
    ]
    if any(found.evidence.persons.get(one.address) == found.whose(turn) for one in shown):
        return True
    doubtful = any(
        text in texts_in(doubted) and place < turn.place for place, _, doubted in found.evidence.doubts
    )
    return doubtful and (again or any(one.handled - one.at >= WAITS for one in _of_its_message(found, turn)))


def _of_its_message(found: Findings, turn: Turn) -> list[Turn]:
    """Return a turn and, for an edit, those of its message before: what that waited for, the edit need not."""
    if turn.message.kind is not InboundKind.EDIT:
        return [turn]
    named = (turn.address, turn.message.message_id)
    return [
        one
        for one in found.turns
        if (one.address, one.message.message_id) == named and one.place <= turn.place
    ]


def consents_were_read(found: Findings) -> Breaks:
    """The text of each consent was shown to its person, in this chat, before they decided."""
    for turn in found.turns:
        for row in turn.consents:
            text = row["shown_text"]  # a question whether to change a consent has its text in it
            shows = [one for shown, all_shows in found.texts.items() if text in shown for one in all_shows]
            if _is_plain_text(turn):
                is_read = found.was_seen(turn, shows, here=True)
            else:
                is_read = any(
                    one.place < turn.place and found.evidence.persons.get(one.address) == found.whose(turn)
                    for one in shows
                )
            if not is_read:
                purpose = getattr(row["purpose"], "value", row["purpose"])
                yield (
                    turn.address,
                    turn.place,
                    f"{purpose} {row['granted']} by {turn.message.text[:40]!r}: {row['shown_text'][:50]!r}",
                )


def words_are_kept_or_answered(found: Findings) -> Breaks:
    """Words are in an answer, or something is said to them; a story never goes while the conversation goes on."""
    for turn in found.turns:
        if turn.message.kind is not InboundKind.TEXT or turn.participant is None or turn.erased:
            continue
        text = turn.message.text.strip()
        is_kept = any(text in (row["raw"] or "") for row in (*turn.answers, *turn.remarks))
        moved = joins = False
        for _, before, after in _states(turn):
            is_kept |= any(text in held.raw for held in (*after.held, *after.held_remarks))
            is_kept |= any(text in str(given.value) for given in after.answers.values())
            moved |= before.open != after.open and after.outcome is None
        for conversation, state in turn.before.items():
            joins |= bool(state) and _has_own_words_before(found, turn, conversation, decode_state(state))
        if is_kept:
            continue
        if joins and MARK.search(text):
            yield turn.address, turn.place, f"{text[:60]!r} came too soon, and is not in the answer before"
        elif moved and MARK.search(text):
            yield turn.address, turn.place, f"{text[:60]!r} is nowhere, and the conversation went on"
        elif not turn.said and not turn.steps and not _comes_after(found, turn):
            yield turn.address, turn.place, f"nothing is said to {text[:60]!r}"


def nothing_told_is_lost(found: Findings) -> Breaks:
    """Every text is in an answer, a remark or a safety case, is held until there is consent, or was refused in words.

    What came twice is looked for once. Words that somebody deletes with all else are theirs to delete, and what was
    said by somebody who then declines to take part is forgotten.
    """
    kept: set[str] = set()
    cases = found.case_words
    for turn in found.turns:
        is_text = turn.message.kind in (InboundKind.TEXT, InboundKind.FORM)
        for mark in MARK.findall(turn.message.text) if is_text else ():
            rows = [row["raw"] or "" for row in (*turn.answers, *turn.remarks)]
            here = any(mark in words for words in (*rows, *turn.after.values())) or mark in cases
            if here:
                kept.add(mark)
            refused = any(words in prompt.whole_text for prompt in turn.said for words in _REFUSALS)
            is_gone = (
                Outcome.DECLINED in turn.outcomes.values()
                or turn.erased
                or turn.participant is None
                or turn.participant in found.erased
            )
            if not (mark in kept or refused or is_gone):
                yield turn.address, turn.place, f"{mark} of {turn.message.text[:60]!r} is nowhere"


_REFUSALS = tuple(
    say(sentence, language)
    for sentence in (
        *(
            Sentence.NOT_KEPT,
            Sentence.INVITATION_NEEDED,
            Sentence.STOPPED_BEFORE,
            Sentence.CONVERSATION_ENDED,
        ),
        *(Sentence.UNCHANGED, Sentence.TOO_EARLY, Sentence.DELETE_KEPT, Sentence.ASKED_NO_MORE),
        *(
            Sentence.UNREAD_CHOICE,
            Sentence.UNREAD_LATER,
            Sentence.ZONE_UNKNOWN,
            Sentence.ZONE_HOW,
        ),  # a few words under a menu
    )
    for language in ("en", *LANGUAGES)
)
"""What is said to words that are kept nowhere."""


def _has_own_words_before(found: Findings, turn: Turn, conversation: int, state: ConversationState) -> bool:
    """Whether the open question was not seen yet, and own words to which others are joined were the answer before."""
    ask = state.open
    if ask is None or state.aside is not None or state.care is not None or turn.message.about is not None:
        return False
    if found.was_seen(turn, found.shows.get((conversation, ask), []), here=False):
        return False
    if found.waited(turn, (conversation, ask)):
        return False
    slots = [asked.slot for asked in state.asks[:ask] if not asked.slot.startswith("@")]
    slot = next((slot for slot in reversed(slots) if slot != state.asks[ask].slot), None)
    given = None if slot is None else state.answers.get(slot)
    if slot is None or given is None or given.status is not AnswerStatus.ANSWERED or state.held:
        return False
    kind = found.kind_of(turn.flows[conversation], slot)
    own = kind is PromptKind.TEXT and isinstance(given.value, str) and bool(MARK.search(given.value))
    return own and turn.message.text not in given.value  # a message that is repeated adds nothing


def _comes_after(found: Findings, turn: Turn) -> bool:
    """Whether something of ours stands below the words in the chat, such as the question that was not seen yet."""
    order = message_order(turn.message.message_id) or 0
    screens, attempts = found.evidence.screens[turn.address], found.evidence.attempts
    return any(one.order > order for one in screens) or any(
        one.address == turn.address and one.place > turn.place for one in attempts
    )


def words_are_kept_in_order(found: Findings) -> Breaks:
    """What was written to one question stands in its answer in the order in which it was written.

    What is written under an earlier question takes the place of words there.
    """
    elsewhere = {
        (done.address, done.message_id)
        for done in found.evidence.done
        if done.under is not None and done.kind in (InboundKind.TEXT, InboundKind.FORM)
    }
    orders = {
        mark: (done.address, done.order)
        for done in found.evidence.done
        if (done.address, done.message_id) not in elsewhere
        for mark in MARK.findall(done.text)
    }
    for turn in found.turns:
        for row in turn.answers:
            known = [orders[mark] for mark in MARK.findall(str(row["raw"])) if mark in orders]
            here = [order for address, order in known if address == turn.address]
            if here != sorted(here):
                yield turn.address, turn.place, f"{row['slot']}: {row['raw'][:120]!r}"


def one_message_is_one_message(found: Findings) -> Breaks:
    """However often a message is delivered, and under whatever name, it changes a conversation once at most."""
    changed: dict[tuple[str, str | None], Turn] = {}
    for turn in found.turns:
        if turn.message.kind is not InboundKind.TEXT:
            continue
        if not turn.answers and not turn.consents and not any(True for _ in _states(turn)):
            continue
        name = (turn.address, turn.message.message_id)
        if name in changed:
            yield turn.address, turn.place, f"{turn.message.text[:40]!r} ({name[1]}) counted twice"
        changed[name] = turn


def emoji_decide_nothing(found: Findings) -> Breaks:
    """An emoji alone or a reaction gives no consent, takes none back, ends nothing and deletes nothing."""
    ended_as: dict[int, str] = {}
    for turn in found.turns:
        before = {number: ended_as.get(number) for number in turn.outcomes}
        ended_as |= {number: str(outcome) for number, outcome in turn.outcomes.items()}
        alone = turn.message.kind is InboundKind.TEXT and turn.message.text in _EMOJI_ALONE
        if not alone and turn.message.kind not in (InboundKind.REACTION, InboundKind.MEDIA):
            continue
        now = {str(outcome) for number, outcome in turn.outcomes.items() if str(outcome) != before[number]}
        ended = now & {"declined", "withdrawn"}
        if turn.consents or turn.erased or ended:
            what = "deletes all" if turn.erased else f"decides {turn.consents or ended}"
            yield turn.address, turn.place, f"{turn.message.text!r} {what}"[:160]


def only_a_word_deletes(found: Findings) -> Breaks:
    """All is deleted only by a word or a tap of somebody who asked for it, and who saw what is asked."""
    asked: set[int] = set()
    for turn in found.turns:
        message, participant = turn.message, turn.participant
        if participant is None:
            continue
        if global_word(message.text, "en") is GlobalWord.DELETE_MY_DATA:
            asked.add(participant)
        if not turn.erased:
            continue
        button = read_button(message.button or "")
        is_tap = message.kind is InboundKind.TAP and button == (HOUSE, ASK_DELETE, 0)
        sure = [one for one in found.shows.get((HOUSE, ASK_DELETE), []) if one.address == turn.address]
        is_word = message.kind is InboundKind.TEXT and message.text not in _EMOJI_ALONE
        if participant not in asked or not (is_tap or is_word):
            yield turn.address, turn.place, f"{message.kind.value} {message.text!r} deletes all"
        elif is_word and message.about is None and not found.was_seen(turn, sure, here=True):
            yield turn.address, turn.place, f"{message.text!r} deletes all before it was asked"


_HELP = re.compile(r"danger|\b(999|112|911|116 123)\b")
"""What stands in the help in every language: a number to call."""


def distress_is_answered_with_help(found: Findings) -> Breaks:
    """Whoever writes words of distress is shown where to find help, whatever was asked and whenever it was."""
    troubled = {
        (done.address, done.message_id)
        for done in found.evidence.done
        if done.noise is Noise.DISTRESS and done.kind is InboundKind.TEXT
    }
    texts = {done.text for done in found.evidence.done if done.noise is Noise.DISTRESS}
    for place, address, error in found.evidence.aside:
        if any(json.dumps(text) in error for text in texts):
            yield address, place, f"words of distress were put aside: {error[:120]}"
    for turn in found.turns:
        words = turn.message.kind is InboundKind.TEXT and turn.participant is not None
        if not words or (turn.address, turn.message.message_id) not in troubled:
            continue
        helping = [one.text for one in turn.said if _HELP.search(one.text)]
        shown = [one for text in helping for one in found.texts.get(text, []) if one.place > turn.place]
        refused = [
            one
            for one in found.evidence.attempts
            if one.text in helping and one.fate is not Fate.SHOWN and one.place > turn.place
        ]
        if not helping:
            yield turn.address, turn.place, f"no help is offered to {turn.message.text!r}"
        elif not refused and not any(one.address == turn.address for one in shown):
            yield turn.address, turn.place, f"help was never shown after {turn.message.text!r}"


def stop_stops(found: Findings) -> Breaks:
    """Somebody who writes 'stop' is told that it is so, and nothing goes on."""
    for turn in found.turns:
        if turn.message.kind is not InboundKind.TEXT or turn.participant is None or not _is_stop(turn):
            continue
        if not any(one.text.startswith(_STOPPED) for one in turn.said):
            yield turn.address, turn.place, f"{turn.message.text!r} did not stop: {turn.said!r}"[:200]


def nobody_changes_what_is_not_theirs(found: Findings) -> Breaks:
    """Whatever is tapped or written changes the writer's own conversations alone; a strange button is refused."""
    assert found.evidence.database is not None
    owners = dict(
        found.evidence.database.read_now(
            lambda c: c.exec_driver_sql("SELECT id, participant_id FROM conversation").all()
        )
    )
    for turn in found.turns:
        if turn.participant is None:
            continue
        touched = {*turn.after, *(row["conversation_id"] for row in (*turn.answers, *turn.consents))}
        strange = [one for one in touched if one in owners and owners[one] != turn.participant]
        if strange:
            yield turn.address, turn.place, f"changes conversations {strange} of somebody else"
        button = read_button(turn.message.button or "")
        if button is None or button[0] == HOUSE or turn.said or turn.toast or turn.steps:
            continue
        if owners.get(button[0], turn.participant) != turn.participant:
            yield turn.address, turn.place, "a strange button is not answered"


ON_TURNS: tuple[Callable[[Findings], Breaks], ...] = (
    closed_answers_follow_their_question,
    words_stand_under_a_question_that_was_seen,
    answers_were_asked_for,
    consents_were_read,
    words_are_kept_or_answered,
    nothing_told_is_lost,
    words_are_kept_in_order,
    one_message_is_one_message,
    emoji_decide_nothing,
    only_a_word_deletes,
    distress_is_answered_with_help,
    stop_stops,
    nobody_changes_what_is_not_theirs,
)
