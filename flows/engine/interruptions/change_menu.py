"""Ask which answer to change, after a no to a read-back (a `confirm` step), and put that question again."""

from typing import Final

from flows.engine.compiled import read_slot, slot_of
from flows.engine.interpretation import Interpretation
from flows.engine.interruptions.interruption import Reaction
from flows.engine.interruptions.menu import Menu
from flows.engine.turn import Turn, Waiting
from flows.i18n.say import Sentence
from flows.parsing.answers import UnreadReply
from flows.parsing.vocabulary import vocabulary
from flows.script.model import Confirm
from flows.text.arabic import without_articles
from flows.text.folding import fold

SHORTENED: Final = 40
"""The most characters of a question on a button that names it."""


CHANGE_WHICH: Final = "@change"
"""The slot of the menu, as stored."""


class ChangeMenu(Menu):
    """Ask 'Which answer do you want to change?' Each button stands for an answer; its code is the answer's slot."""

    slot = CHANGE_WHICH
    sentence = Sentence.CHANGE_WHICH

    def label(self, turn: Turn, code: str) -> str:
        """Return the author's short name for the question of a slot (`code`), else the beginning of its text."""
        context = turn.context(code)
        question = context.node.question
        assert question is not None
        if question.short:
            return context.text(question.short)
        text = " ".join(context.text(question.text).split())
        return text if len(text) <= SHORTENED else text[: SHORTENED - 1].rsplit(" ", 1)[0] + "…"

    def choose(self, turn: Turn, value: str) -> Reaction:
        """Put the question of the chosen slot again."""
        _reopen(turn, value)
        return Reaction.TAKEN


def ask_what_to_change(turn: Turn, waiting: Waiting) -> None:
    """Put the question again whose answer is to be changed; where it may be one of several, open the menu first.

    `waiting` is the read-back that got a no: a `confirm` step, which names the questions. The conversation comes back
    to it, and to the open question if that is another. Where that is asked already, since the no was tapped twice or
    the question is open by 'Change', it is not asked again.
    """
    slots, open_slot = _slots_to_change(turn, waiting), turn.open_slot
    is_asked = _is_asked(turn, waiting, slots)
    come_back = [waiting.slot] if is_asked or open_slot is None else [waiting.slot, open_slot]
    turn.change(back_to=tuple(dict.fromkeys((*turn.state.back_to, *come_back))))
    if is_asked:
        turn.hint(Sentence.ASKED_BELOW)
        return
    turn.change(misses=0)
    if len(slots) > 1:
        ChangeMenu().put(turn, CHANGE_WHICH, slots)
    else:
        _reopen(turn, slots[0])


def change_named(turn: Turn, waiting: Waiting, text: str, meant: Interpretation | UnreadReply) -> bool:
    """Put the question again that words under the open read-back name; return whether they name one.

    By its short name, or by words that stand in the short name of no other question there: "the start". `meant` is what
    the words mean otherwise: a yes, which they are then, a no or nothing.
    """
    question = waiting.context.node.question
    if waiting.probe or not isinstance(question, Confirm) or waiting.slot != turn.open_slot:
        return False
    if not isinstance(meant, UnreadReply) and meant.value is not False:
        return False
    slot = _named_in(turn, _slots_to_change(turn, waiting), text)
    if slot is None:
        return False
    turn.hear_choice(text)
    turn.change(back_to=tuple(dict.fromkeys((*turn.state.back_to, waiting.slot))), misses=0)
    _reopen(turn, slot)
    return True


_MOST_WORDS: Final = 6
"""Of words that name a question: what is longer tells something."""
_FEWEST_LETTERS: Final = 3
"""Of a word that names a question."""


def _named_in(turn: Turn, slots: tuple[str, ...], text: str) -> str | None:
    """Return the slot that words name; None where they name none, or could name two."""
    menu, language = ChangeMenu(), turn.state.language
    names = {slot: _telling(menu.label(turn, slot), language) for slot in slots if _short(turn, slot)}
    exact = [slot for slot in slots if fold(menu.label(turn, slot)) == fold(text)]
    if len(exact) == 1:
        return exact[0]
    said = _telling(text, language)
    if len(text.split()) > _MOST_WORDS:
        return None
    found = []
    for slot, words in names.items():
        elsewhere = frozenset().union(*(others for other, others in names.items() if other != slot))
        if said & (words - elsewhere):
            found.append(slot)
    return found[0] if len(found) == 1 else None


def _short(turn: Turn, slot: str) -> bool:
    """Return whether the question of a slot has a short name: of a whole text, each word would name it."""
    question = turn.context(slot).node.question
    return question is not None and question.short is not None


def _telling(text: str, language: str) -> frozenset[str]:
    """Return the words of a text that can tell one question from another, folded."""
    empty = vocabulary(language).filler | vocabulary(language).joining
    apart = text.replace("'", " ").replace("\u2019", " ")  # "l'inizio" is two words
    words = (without_articles(word) for word in fold(apart).split() if word not in empty)
    return frozenset(word for word in words if len(word) >= _FEWEST_LETTERS)


def _slots_to_change(turn: Turn, waiting: Waiting) -> tuple[str, ...]:
    """Return the slots that a read-back offers to change: those that were answered, else the first.

    Itself, where it names none.
    """
    context = waiting.context
    question = context.node.question
    assert isinstance(question, Confirm)
    nodes = [turn.compiled.questions[key] for key in question.changes if key in turn.compiled.questions]
    slots = [
        slot_of(node.key, context.items[: node.depth]) for node in nodes if node.depth <= len(context.items)
    ]
    answered = tuple(slot for slot in slots if slot in turn.state.answers)
    return answered or (*slots, waiting.slot)[:1]


def _is_asked(turn: Turn, waiting: Waiting, slots: tuple[str, ...]) -> bool:
    """Return whether the menu of these slots is open, or, after the read-back, the question of the only one."""
    ask = turn.state.aside
    if ask is None:
        return waiting.slot != turn.open_slot and slots == (turn.open_slot,)
    return turn.state.asks[ask].slot == CHANGE_WHICH and turn.codes_at(ask) == slots


def _reopen(turn: Turn, slot: str) -> None:
    """Put the question of a slot again."""
    key, items = read_slot(slot)
    turn.ask(turn.compiled.questions[key], items)
