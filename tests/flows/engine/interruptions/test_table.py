"""The table of interruptions: what it names, in which order, and that one more is a class and a line."""

from itertools import permutations

import pytest

from flows.engine.effects import Option, Prompt, PromptKind, Snooze
from flows.engine.events import Event, Replied
from flows.engine.interruptions import table
from flows.engine.interruptions.answer_change import AnswerChange
from flows.engine.interruptions.change_menu import ChangeMenu
from flows.engine.interruptions.crisis_help import CrisisHelp
from flows.engine.interruptions.interruption import Interruption, Rank, Reaction
from flows.engine.interruptions.language_menu import LanguageMenu
from flows.engine.interruptions.language_offer import LanguageOffer
from flows.engine.interruptions.later_menu import LaterMenu
from flows.engine.interruptions.leave_menu import LeaveMenu
from flows.engine.interruptions.remark_offer import RemarkOffer
from flows.engine.interruptions.returned_menu import ReturnedMenu
from flows.engine.interruptions.safety_report import SafetyReport
from flows.engine.interruptions.upset_menu import UpsetMenu
from flows.engine.interruptions.zone_menu import ZoneCheck, ZoneMenu
from flows.engine.turn import Turn
from tests.support.engine_world import Person, flow_of, one, text

METHODS = ("prompt", "answer", "tap", "skip", "intercept")


class Quiz(Interruption):
    """Asks for a number from 1 to 3 when somebody wants a quiz, wherever the conversation is."""

    slot = "@quiz"
    rank = Rank.BEFORE_QUESTION

    def intercept(self, turn: Turn, event: Event) -> Reaction:
        if not isinstance(event, Replied) or event.text != "quiz me":
            return Reaction.NOT_MINE
        turn.heard = True
        self.put(turn, self.slot, ("1", "2", "3"))
        return Reaction.TAKEN

    def prompt(self, turn: Turn, ask: int) -> Prompt:
        options = tuple(map(Option, turn.codes_at(ask)))
        return Prompt("Which number?", PromptKind.SELECT_ONE, ask, options=options)

    def answer(self, turn: Turn, text: str) -> Reaction:
        if text == "again":
            turn.heard = True
            return Reaction.ASK_AGAIN
        return self.close(turn, text) if text in {"1", "2", "3"} else Reaction.NOT_MINE

    def tap(self, turn: Turn, ask: int, option: int) -> Reaction:
        return self.close(turn, turn.codes_at(ask)[option])

    def close(self, turn: Turn, code: str) -> Reaction:
        turn.change(aside=None)
        turn.tell(f"You said {code}.")
        return Reaction.ASK_AGAIN


@pytest.fixture
def person(monkeypatch):
    """Somebody who was asked `colour`, and then for a number by the interruption that was added."""
    monkeypatch.setattr(table, "INTERRUPTIONS", (*table.INTERRUPTIONS, quiz := Quiz()))
    monkeypatch.setattr(table, "INTERCEPTING", (*table.INTERCEPTING, quiz))
    person = Person(flow_of(one("colour", "red", "blue"), text("why"))).types("quiz me")
    assert (person.texts, person.open, person.state.asks[person.state.aside].slot) == (
        ["Which number?"],
        "colour",
        "@quiz",
    )
    return person


def test_one_more_is_answered_in_words(person):
    """Its answer is its own, and the script's question is put again."""
    assert person.types("2").texts == ["You said 2.", "Ask colour?"]
    assert (person.state.aside, person.answers) == (None, {})


def test_one_more_is_tapped(person):
    """So is a tap under it, also when it is no longer open."""
    assert person.taps("3").texts == ["You said 3.", "Ask colour?"]
    assert person.taps("1").texts == ["You said 1.", "Ask colour?"]
    assert person.types("red").open == "why"


def test_one_more_is_skipped(person):
    """'Skip' leaves out the interruption and nothing of the script; 'back' does the same."""
    assert person.types("skip").texts == ["Ask colour?"]
    assert person.types("quiz me", "back").texts == ["Ask colour?"]
    assert (person.open, person.state.aside) == ("colour", None)


def test_one_more_asks_again_and_gives_words_back(person):
    """What waits is shown again on its wish; words that are none of its answers go to the script's question."""
    assert person.types("again").texts == ["Which number?"]
    assert person.types("red").answers == {"colour": "red"}
    assert (person.open, person.state.aside) == ("why", None)


def test_commands_and_absences_come_before_a_menu(person):
    """An interruption that reads last leaves commands and absences to those who read before it."""
    assert person.types("later").state.asks[person.state.aside].slot == "@later"
    assert any(isinstance(effect, Snooze) for effect in person.types("tomorrow").kept)
    assert person.types("quiz me", "I am away until Monday").state.paused


def test_the_order_of_precedence():
    """Help comes first; the offer of a language and 'shall I change it?' read before commands; menus read last."""
    assert [(type(one), one.rank) for one in table.INTERRUPTIONS] == [
        (CrisisHelp, Rank.BEFORE_ALL),
        (LanguageOffer, Rank.BEFORE_COMMANDS),
        (AnswerChange, Rank.BEFORE_COMMANDS),
        (SafetyReport, Rank.BEFORE_ABSENCE),
        (UpsetMenu, Rank.BEFORE_ABSENCE),
        (LaterMenu, Rank.BEFORE_QUESTION),
        (LanguageMenu, Rank.BEFORE_QUESTION),
        (ZoneMenu, Rank.BEFORE_QUESTION),
        (ZoneCheck, Rank.BEFORE_QUESTION),
        (LeaveMenu, Rank.BEFORE_QUESTION),
        (ReturnedMenu, Rank.BEFORE_QUESTION),
        (ChangeMenu, Rank.BEFORE_QUESTION),
        (RemarkOffer, Rank.BEFORE_QUESTION),
    ]
    ranks = [one.rank for one in table.INTERRUPTIONS]
    assert ranks == sorted(ranks)


def test_each_slot_has_one_owner():
    """The prefixes are those in stored states; none is the beginning of another, and none could be a step's key."""
    slots = [one.slot for one in table.INTERRUPTIONS]
    assert slots == [
        "@care",
        "@offer",
        "@answer_",
        "@safety_",
        "@upset",
        "@later",
        "@language",
        "@zone",
        "@clock",
        "@leave",
        "@returned",
        "@change",
        "@remark",
    ]
    assert not [pair for pair in permutations(slots, 2) if pair[0].startswith(pair[1])]
    assert table.interruption_at("a7[pain]") is None
    assert isinstance(table.interruption_at("@safety_what"), SafetyReport)


@pytest.mark.parametrize("one", table.INTERRUPTIONS, ids=lambda one: type(one).__name__)
def test_each_interruption_has_every_method(one):
    """Each follows the protocol, and none keeps anything between turns."""
    assert isinstance(one, Interruption)
    assert all(callable(getattr(one, name)) for name in METHODS)
    assert vars(one) == {}
