"""Ask which answer to change, after a no to a read-back (a `confirm` step), and put that question again."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from flows.engine.compiled import CompiledStep, read_slot, slot_of
from flows.engine.interpretation import Interpretation, meaning_of_text
from flows.engine.interruptions.interruption import Reaction
from flows.engine.interruptions.menu import Menu
from flows.engine.turn import Turn, Waiting
from flows.i18n.say import Sentence, say
from flows.parsing.answers import ReadReply, UnreadReply
from flows.parsing.number_words import counting_number
from flows.parsing.vocabulary import understood, vocabulary
from flows.script.model import AskDate, AskText, Confirm, Number, Scale, SelectMany, SelectOne
from flows.script.question_parts import texts_of
from flows.text.arabic import without_articles
from flows.text.folding import fold
from flows.text.templates import parse

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
        text = " ".join(context.asked_text().split())
        return text if len(text) <= SHORTENED else text[: SHORTENED - 1].rsplit(" ", 1)[0] + "…"

    def read(self, turn: Turn, text: str, codes: tuple[str, ...]) -> ReadReply | UnreadReply:
        """Read typed words as one of the answers: by its label or number, or by words that name no other there."""
        reading = super().read(turn, text, codes)
        named = _named_in(turn, codes, text).slots if isinstance(reading, UnreadReply) else ()
        return ReadReply(named[0]) if len(named) == 1 else reading

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
    """Put the question again that words under the open read-back name; return False if they name none.

    By its short name, by words that stand in the short name of no other question there ("the start"), by its kind ("the
    date"), or by a word of its text that no other question has. Where they name several, and nothing else, it is asked
    which. `meant` is what the words mean otherwise: a yes, which they are then, a no or nothing.
    """
    question = waiting.context.node.question
    if waiting.probe or not isinstance(question, Confirm) or waiting.slot != turn.open_slot:
        return False
    if not isinstance(meant, UnreadReply) and meant.value is not False:
        return False
    named = _named_in(turn, _slots_to_change(turn, waiting), text)
    if not named.slots or (len(named.slots) > 1 and named.tells_more):
        return False
    turn.heard = turn.heard or not named.tells_more
    if len(named.slots) > 1:
        ask_what_to_change(turn, waiting)
        return True
    turn.change(back_to=tuple(dict.fromkeys((*turn.state.back_to, waiting.slot))), misses=0)
    _reopen(turn, named.slots[0])
    return True


def choice_read_back(
    turn: Turn, waiting: Waiting, text: str
) -> tuple[Waiting, Interpretation] | tuple[None, None]:
    """Return the one question with choices that the open read-back is of, and the choice that words mean there.

    "Fully", under 'I have noted: "Partly". Is that right?', says what is right. None, twice, where words mean none, or
    the one that is read back.
    """
    if (
        waiting.probe
        or not isinstance(waiting.context.node.question, Confirm)
        or waiting.slot != turn.open_slot
    ):
        return None, None
    slots = _slots_to_change(turn, waiting)
    asked = turn.waiting(turn.latest(slots[0])) if len(slots) == 1 else None
    if asked is None or not isinstance(asked.context.node.question, SelectOne):
        return None, None
    if counting_number(fold(text), turn.state.language) is not None:
        return None, None  # the number of a button of the read-back, if of any
    meant = meaning_of_text(turn, asked, text)
    if isinstance(meant, UnreadReply) or not isinstance(meant.value, str) or meant.control or meant.remark:
        return None, None
    given = turn.state.answers.get(asked.slot)
    return (None, None) if given is not None and given.value == meant.value else (asked, meant)


def without_no(text: str, language: str) -> str:
    """Return what stands after the no with which words begin: 'not yet' of 'no, not yet'."""
    words = text.split()
    return " ".join(words[1:]) if words and fold(words[0]) in understood(language).no else text


_MOST_WORDS: Final = 6
"""Of words that name a question: what is longer tells something."""
_MOST_TELLING: Final = 3
"""Of more words than that, as in 'I would like to change the date, please', but not of a longer one still."""
_LONGEST_WISH: Final = 10
_FEWEST_LETTERS: Final = 3
"""Of a word that names a question."""


class _Named(NamedTuple):
    """Hold the slots that words name, and whether they tell more than that something is to be changed there."""

    slots: tuple[str, ...] = ()
    tells_more: bool = False


def _named_in(turn: Turn, slots: tuple[str, ...], text: str) -> _Named:
    """Return which of some slots words name; none where they say that it is right."""
    menu, language = ChangeMenu(), turn.state.language
    exact = [slot for slot in slots if fold(menu.label(turn, slot)) == fold(text)]
    if len(exact) == 1:
        return _Named((exact[0],))
    said, kinds = _telling(text, language), _by_kind(turn, slots, text)
    says_nothing = not said and not kinds
    if says_nothing or not _is_short(text, said) or _says_right(text, said, language):
        return _Named()
    names = {slot: _telling(menu.label(turn, slot), language) for slot in slots if _short(turn, slot)}
    told = said - _wishing(language)
    tells_more = not told <= frozenset[str]().union(*names.values(), *kinds.values())
    found = _by_name(names, said - vocabulary(language).pointing, {} if tells_more else kinds)
    if not found and len(slots) > 1:
        found = _by_text(turn, slots, told)
        tells_more = False  # or none is found
    return _Named(found, tells_more)


@lru_cache(maxsize=64)
def _wishing(language: str) -> frozenset[str]:
    """Return the words that only say that something is to be changed: 'not quite', 'is wrong'."""
    own = vocabulary(language)
    asked = _telling(say(Sentence.CHANGE_WHICH, language), language)
    return own.changing | asked | {word for phrase in own.not_quite for word in phrase.split()}


def _says_right(text: str, said: frozenset[str], language: str) -> bool:
    """Return whether a short text has a word such as 'right' in it, and none that wishes a change or denies."""
    own = vocabulary(language)
    return not (said.isdisjoint(own.yes | own.praising) or _wishes_a_change(text, said, language))


def _wishes_a_change(text: str, said: frozenset[str], language: str) -> bool:
    """Return whether a short text wishes for a change, or denies something; `said` are its telling words."""
    own = vocabulary(language)
    short = frozenset(phrase for phrase in own.not_quite if " " not in phrase)
    wishing = (own.changing | short) - own.praising - own.pointing - own.yes
    return not (said.isdisjoint(wishing) and own.negation.isdisjoint(fold(_apart(text)).split()))


def _is_short(text: str, said: frozenset[str]) -> bool:
    """Return whether words are few enough to do nothing but name a question; `said` are those that tell something."""
    count = len(text.split())
    return count <= _MOST_WORDS or (count <= _LONGEST_WISH and len(said) <= _MOST_TELLING)


def _by_name(
    names: Mapping[str, frozenset[str]], said: frozenset[str], kinds: Mapping[str, frozenset[str]]
) -> tuple[str, ...]:
    """Return the slots that are named by their short names (`names`), or by their kind (`kinds`, see `_by_kind`).

    A word is of the kind of one question rather than of the name of another: 'when' is the date. Beside another word of
    that name it is of the name: 'when I see'.
    """
    own = {}
    for slot, words in names.items():
        elsewhere = frozenset().union(*(others for other, others in names.items() if other != slot))
        meant = frozenset().union(*(others for other, others in kinds.items() if other != slot))
        own[slot] = said & (words - elsewhere) - meant
    named = [slot for slot, words in own.items() if words]
    taken = frozenset[str]().union(*(names[slot] for slot in named))
    return (*named, *(slot for slot, words in kinds.items() if slot not in named and words - taken))


def _by_kind(turn: Turn, slots: tuple[str, ...], text: str) -> Mapping[str, frozenset[str]]:
    """Return the slots that words name by what is asked for there, such as a date, with these words.

    'What I said' names a text only where a change is wished for: 'that is what I said' is none.
    """
    language = turn.state.language
    kinds = vocabulary(language).kinds
    keys = tuple(f" {without_articles(fold(one))} " for one in (text, _apart(text)))
    found: dict[str, frozenset[str]] = {}
    for slot in slots:
        kind = _kind(turn, slot)
        named = [one for one in kinds.get(kind, frozenset()) if any(f" {one} " in key for key in keys)]
        if kind == "words":
            found_in = ((one, key) for one in kinds["said"] for key in keys if f" {one} " in key)
            named += [one for one, key in found_in if _is_wished_beside(one, key, language)]
        if named:
            found[slot] = frozenset(" ".join(named).split())
    return found


def _is_wished_beside(phrase: str, key: str, language: str) -> bool:
    """Return whether a change is wished for in what stands beside a phrase in a folded text."""
    beside = key.replace(f" {phrase} ", " ")
    return _wishes_a_change(beside, _telling(beside, language), language)


def _kind(turn: Turn, slot: str) -> str:
    """Return the key of the vocabulary's `kinds` for what the question of a slot asks for; '' for none."""
    match turn.context(slot).node.question:
        case AskDate():
            return "date"
        case Number():
            return "number"
        case Scale():
            return "scale"
        case SelectOne() | SelectMany():
            return "choice"
        case AskText():
            return "words"
        case _:
            return ""


def _by_text(turn: Turn, slots: tuple[str, ...], told: frozenset[str]) -> tuple[str, ...]:
    """Return the slots that words name by those of their text which no other question of the script has.

    Only where these are all that is told beside the wish for a change: else the words tell something.
    """
    asked = {key: _words_of(turn, node) for key, node in turn.compiled.questions.items()}
    found = []
    for slot in slots:
        key, _ = read_slot(slot)
        elsewhere = frozenset[str]().union(*(words for other, words in asked.items() if other != key))
        if told and told <= asked[key] - elsewhere:
            found.append(slot)
    return tuple(found)


def _words_of(turn: Turn, node: CompiledStep) -> frozenset[str]:
    """Return the telling words of a question's text, without what is put into it, and without a read-back's own."""
    if node.question is None or isinstance(node.question, Confirm):
        return frozenset()
    texts = texts_of(node.question)
    written = " ".join(part for text in texts for part in parse(text) if isinstance(part, str))
    return _telling(written, turn.state.language)


def _short(turn: Turn, slot: str) -> bool:
    """Return whether the question of a slot has a short name: of a whole text, each word would name it."""
    question = turn.context(slot).node.question
    return question is not None and question.short is not None


def _telling(text: str, language: str) -> frozenset[str]:
    """Return the words of a text that can tell one question from another, folded."""
    empty = vocabulary(language).filler | vocabulary(language).joining
    words = (without_articles(word) for word in fold(_apart(text)).split() if word not in empty)
    return frozenset(word for word in words if len(word) >= _FEWEST_LETTERS)


def _apart(text: str) -> str:
    """Return a text with a space in place of each apostrophe: "l'inizio" is two words."""
    return text.replace("'", " ").replace("\u2019", " ")


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
