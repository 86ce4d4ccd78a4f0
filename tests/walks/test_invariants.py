"""Every invariant can fail: a product or a record that is spoilt in one place breaks just that one."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from bot.channels.base import InboundKind
from bot.conversations import safety, sight_finder
from bot.conversations.sight_finder import SightFinder
from bot.turns import runtime
from bot.turns.dispatch import TurnDispatcher
from flows.engine import advance, early_words
from flows.engine.effects import Prompt
from flows.engine.events import Sight
from flows.engine.interruptions import safety_response
from flows.i18n.say import Sentence, say
from flows.parsing.commands import GlobalWord, global_word
from storage.conversations.conversations import find_conversation
from tests.walks.evidence import Evidence, Shown, Turn
from tests.walks.invariants import INVARIANTS
from tests.walks.kinds import Noise
from tests.walks.people import DISTRESS, EMOJI
from tests.walks.scene import Scene, played, scene

# --- a product that is spoilt ---


async def _quick_yes(one: Scene) -> None:
    """Four quick yes at the first question."""
    await one.start(one.ann, "patient_interview")
    await one.bot()
    for _ in range(4):
        await one.ann.write("yes")
    await one.bot()


async def _quick_words(one: Scene) -> None:
    """Three quick messages under a question for words."""
    await one.start(one.ann, "patient_interview")
    await one.bot()
    await one.say("yes", "yes", "yes", "yes", "1", "1")
    for mark in "bcd":
        await one.ann.write(f"They went through the tablets with me one by one. markb{mark}")
    await one.bot()


async def _one_message_twice(one: Scene) -> None:
    await one.start(one.ann, "patient_interview")
    await one.bot()
    await one.say("yes", "yes", "yes", "yes", "1", "1")
    done = await one.ann.write("They went through the tablets with me one by one. markbc")
    await one.bot()
    await one.say("The nurse took her time. markbd")
    await one.ann.again(done, renamed=False, noise=Noise.DUPLICATE)
    await one.bot()


async def _strange_tap(one: Scene) -> None:
    await one.start(one.ann, "small")
    await one.start(one.ben, "small")
    await one.bot()
    assert one.ben.question is not None
    await one.ann.tap(one.ben.question, 0)
    await one.bot()


async def _distress(one: Scene) -> None:
    await one.start(one.ann, "small")
    await one.bot()
    await one.ann.write(DISTRESS[0], noise=Noise.DISTRESS)
    await one.bot()


async def _stop(one: Scene) -> None:
    await one.start(one.ann, "small")
    await one.bot()
    await one.say("stop")


def test_four_quick_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    """If everything counted as seen, consents would be taken from words that are older than their texts."""
    assert played(_quick_yes) == set()
    monkeypatch.setattr(sight_finder, "sight_of", lambda *_, **__: Sight.SEEN)
    assert played(_quick_yes) == {
        "closed_answers_follow_their_question",
        "answers_were_asked_for",
        "consents_were_read",
    }


def test_three_quick_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    """If everything counted as seen, stories would stand under questions that came after them."""
    assert played(_quick_words) == set()
    monkeypatch.setattr(sight_finder, "sight_of", lambda *_, **__: Sight.SEEN)
    assert "words_stand_under_a_question_that_was_seen" in played(_quick_words)


def test_words_that_are_joined_to_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """If what came too soon were passed over, words would be nowhere."""
    monkeypatch.setattr("flows.engine.early_words._join", lambda *_: True)
    monkeypatch.setattr(advance, "keep_unheard", lambda *_: None)
    lost = {
        "words_are_kept_or_answered",
        "nothing_told_is_lost",
        "what_patients_say_waits_wherever_they_say_it",
    }
    assert played(_quick_words) == lost


async def _story_at_a_tap(one: Scene) -> None:
    """A story where a tap is asked for, and another one when all is over."""
    await one.start(one.ann, "small")
    await one.bot()
    await one.say("My wife had to carry me up the stairs. markbf", "1", "skip", "4")
    await one.say("And nobody ever asked her how she was. markbg")


def test_a_story_at_a_tap(monkeypatch: pytest.MonkeyPatch) -> None:
    """If a remark were only said to be kept, a story where none was asked for would be lost."""
    assert played(_story_at_a_tap) == set()
    monkeypatch.setattr("flows.engine.remarks.keep_remark", lambda *_: True)
    assert "nothing_told_is_lost" in played(_story_at_a_tap)


def test_a_story_that_my_data_leaves_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """If remarks were left out of it, or what waits for the consent, somebody would not read what they told us."""
    monkeypatch.setattr("storage.privacy.subject_access._SubjectAccessReport.remarks", lambda _: [])
    assert played(_story_at_a_tap) == {"my_data_shows_all_that_was_told"}


async def _left_out_unseen(one: Scene) -> None:
    """Words of sadness, and the next question is left out before it was shown: by a tap, and by the label."""
    for chat in (one.ann, one.ben):
        await one.start(chat, "small")
    await one.bot()
    for chat in (one.ann, one.ben):
        assert chat.question is not None
        await chat.tap(chat.question, 0)
        await one.bot()
        await chat.write("I am so sad that I weep all day")
        await one.bot()
    label = say(Sentence.UPSET_SKIP, "en")
    assert one.ann.question is not None
    labels = [option.label for option in one.ann.question.prompt.options]
    await one.ann.tap(one.ann.question, labels.index(label))
    await one.ben.write(label)
    await one.bot()


def test_a_question_that_is_left_out_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    """If nobody noted what was not shown, a question would be skipped that was never asked."""
    assert played(_left_out_unseen) == set()
    monkeypatch.setattr(safety_response, "_note_what_is_unshown", lambda *_: None)
    assert played(_left_out_unseen) == {"answers_were_asked_for"}


async def _old_button(one: Scene) -> None:
    """An app that shows the buttons of before, once the conversation is in German; and an edit of an old answer."""
    await one.start(one.ann, "hcp_commitment")
    await one.bot()
    await one.say("yes", "yes", "nurse", "language Deutsch")
    role = next(shown for shown in one.ann.screen if shown.prompt.text == "Your role?")
    await one.ann.tap(role, 0)
    await one.bot()
    await one.ann.edit(one.ann.written[-2], "Pharmacist", noise=Noise.EDIT_OF_ANSWER)
    await one.bot()


def test_an_old_button_in_another_language(monkeypatch: pytest.MonkeyPatch) -> None:
    """If nobody looked what its message showed, an answer would stand under a text that was never shown."""
    assert played(_old_button) == set()
    monkeypatch.setattr(SightFinder, "_with_shown", lambda *given: given[-1])
    assert played(_old_button) == {"answers_were_asked_for"}


def test_a_message_that_counts_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """If deliveries were not known by their names, nor messages by theirs, one message would count twice."""
    assert played(_one_message_twice) == set()
    made, stored = runtime._inbound_row, []

    def renamed(inbound: Any) -> Any:
        stored.append(inbound)
        return made(msgspec.structs.replace(inbound, external_id=f"{inbound.external_id}-{len(stored)}"))

    join = early_words._join
    monkeypatch.setattr(early_words, "_join", lambda turn, event: join(turn, replace(event, message_id=None)))
    monkeypatch.setattr(runtime, "_inbound_row", renamed)
    assert "one_message_is_one_message" in played(_one_message_twice)


def test_a_button_of_somebody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """If nobody looked whose a button is, a tap would answer for somebody else."""
    assert played(_strange_tap) == set()

    def play_other(self: TurnDispatcher, turn: Any, number: int, event: Any) -> None:
        conversation = find_conversation(turn.connection, number)
        assert conversation is not None
        self.conversations.play(turn, conversation, event, address_id=turn.address_id)

    monkeypatch.setattr(TurnDispatcher, "_play_other", play_other)
    assert "nobody_changes_what_is_not_theirs" in played(_strange_tap)


def test_distress_that_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the words were not scanned, no help would be shown."""
    assert played(_distress) == set()
    monkeypatch.setattr(safety, "detect", lambda *_, **__: None)
    assert "distress_is_answered_with_help" in played(_distress)


def test_a_stop_that_does_not_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    """If 'stop' were taken for an answer, the questions would go on."""
    assert played(_stop) == set()

    def deaf(text: str, language: str) -> GlobalWord | None:
        word = global_word(text, language)
        return None if word is GlobalWord.STOP else word

    monkeypatch.setattr(advance, "global_word", deaf)
    assert played(_stop) == {"stop_stops"}


# --- a record that is spoilt ---


async def _whole(one: Scene) -> None:
    """A short conversation to its end, and another one that waits for an answer."""
    await one.start(one.ann, "patient_interview")
    await one.start(one.ben, "small")
    await one.bot()
    await one.say("yes", "yes", "yes", "yes", "1", "1")
    await one.say("They went through the tablets with me one by one. markbc markbd")


def _turn(evidence: Evidence, wanted: Callable[[Turn], object]) -> Turn:
    return next(turn for turn in evidence.turns.values() if wanted(turn))


def _change(evidence: Evidence, turn: Turn, **values: Any) -> None:
    evidence.turns[turn.inbox_id] = replace(turn, **values)


def _another_consent_text(evidence: Evidence) -> None:
    turn = _turn(evidence, lambda turn: turn.consents)
    _change(evidence, turn, consents=({**turn.consents[0], "shown_text": "Something else"},))


def _an_emoji_consents(evidence: Evidence) -> None:
    turn = _turn(evidence, lambda turn: turn.consents)
    _change(evidence, turn, message=_with(turn, text=EMOJI[0]))


def _with(turn: Turn, **values: Any) -> Any:
    message = turn.message
    return type(message)(**{name: getattr(message, name) for name in message.__struct_fields__} | values)


def _never_shown(evidence: Evidence) -> None:
    """The question for words did not come onto the screen."""
    for screen in evidence.screens.values():
        screen[:] = [shown for shown in screen if not shown.prompt.text.startswith("Think of your last")]


def _in_another_order(evidence: Evidence) -> None:
    """The words stand in the answer the wrong way round."""
    turn = _turn(evidence, lambda turn: any("markbc" in row["raw"] for row in turn.answers))
    done = next(done for done in evidence.done if "markbc" in done.text)
    evidence.done.append(replace(done, text="markbd", order=done.order - 1))
    assert turn.answers


def _a_tap_by_somebody_else(evidence: Evidence) -> None:
    turn = _turn(evidence, lambda turn: turn.answers)
    _change(evidence, turn, participant=(turn.participant or 0) + 1)


def _a_sticker_deletes(evidence: Evidence) -> None:
    turn = _turn(evidence, lambda turn: turn.answers)
    _change(evidence, turn, erased=True, message=_with(turn, kind=InboundKind.MEDIA, text=""))


def _another_question_below(evidence: Evidence) -> None:
    """Something else was asked after the question that is open."""
    screen = next(screen for screen in evidence.screens.values() if any(one.key for one in screen))
    last = next(one for one in reversed(screen) if one.key and not one.edit)
    assert last.prompt.ask is not None
    screen.append(_again(evidence, last, Prompt("And?", last.prompt.kind, 0)))


def _again(evidence: Evidence, shown: Shown, prompt: Prompt) -> Shown:
    return replace(shown, place=evidence.place(), order=shown.order + 1, message_id="9", prompt=prompt)


def _sql(statement: str) -> Callable[[Evidence], None]:
    def change(evidence: Evidence) -> None:
        assert evidence.database is not None
        evidence.database.write_now(lambda c: c.exec_driver_sql(statement))

    return change


DOCTORED: dict[str, tuple[str, Callable[[Evidence], None]]] = {
    "a consent to another text": ("consents_were_read", _another_consent_text),
    "an emoji that consents": ("emoji_decide_nothing", _an_emoji_consents),
    "a question that was not shown": ("answers_were_asked_for", _never_shown),
    "words under it": ("words_stand_under_a_question_that_was_seen", _never_shown),
    "words in another order": ("words_are_kept_in_order", _in_another_order),
    "an answer of somebody else": ("nobody_changes_what_is_not_theirs", _a_tap_by_somebody_else),
    "a sticker that deletes": ("only_a_word_deletes", _a_sticker_deletes),
    "another question below": ("the_open_question_stands_last", _another_question_below),
    "a row that waits": ("everything_is_handled", _sql("UPDATE inbox SET handled_at = NULL WHERE id = 1")),
    "a turn put aside": ("everything_is_handled", _sql("UPDATE inbox SET error = 'KeyError' WHERE id = 1")),
    "a message that stays": ("everything_is_handled", _sql("UPDATE outbox SET status = 'sending' WHERE id = 1")),
    "a state of nobody": ("the_open_question_stands_last", _sql("UPDATE conversation SET state = '{' WHERE id = 1")),
    "two current answers": ("one_answer_counts", _sql("UPDATE answer SET slot = 'a1' WHERE slot = 'a2'")),
    "an answer that no table takes": ("exports_are_made", _sql("UPDATE answer SET value = '{' WHERE slot = 'a1'")),
    "a text passed over": ("what_patients_write_waits_to_be_read", _sql("UPDATE text_place SET answer_id = 999")),
    "words that nobody kept": ("what_patients_say_waits_wherever_they_say_it", _sql("UPDATE answer SET raw = ''")),
}  # fmt: skip


@pytest.mark.parametrize(("invariant", "spoil"), DOCTORED.values(), ids=list(DOCTORED))
def test_a_record_that_is_spoilt(invariant: str, spoil: Callable[[Evidence], None]) -> None:
    """Everything holds; then one thing is changed, and that invariant says so."""
    with scene() as one:

        async def play() -> None:
            await _whole(one)
            await one.town.settle()

        asyncio.run(play())
        assert one.broken() == set()
        spoil(one.town.evidence)
        assert invariant in one.broken()


def test_every_invariant_is_seen_to_fail() -> None:
    """Whoever adds an invariant shows here that it can fail."""
    by_product = {
        "closed_answers_follow_their_question",
        "words_are_kept_or_answered",
        "nothing_told_is_lost",
        "my_data_shows_all_that_was_told",
        "one_message_is_one_message",
        "distress_is_answered_with_help",
        "stop_stops",
        "a_suspicion_is_answered_once",
        "a_suspicion_stops_nothing",
        "nothing_is_said_to_whoever_deleted_all",
        "all_that_stands_is_read_twice",
    }
    assert by_product | {invariant for invariant, _ in DOCTORED.values()} == set(INVARIANTS)
