"""Hold the working copy of one turn: everything in the engine that changes, and nothing that outlives `advance`."""

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec.structs import replace

from flows.engine.compiled import (
    PROBE_SUFFIX,
    Buttons,
    CompiledFlow,
    CompiledStep,
    Items,
    compile_flow,
    read_slot,
    slot_of,
)
from flows.engine.context import EvaluationContext
from flows.engine.effects import (
    Effect,
    EndConversation,
    ForgetWords,
    Outcome,
    Prompt,
    PromptKind,
    RecordAnswer,
    RecordRemark,
    SendMessage,
    ShowTrace,
    Toast,
    Trace,
)
from flows.engine.events import ShownQuestion
from flows.engine.kept_changes import CHANGES, forget_changes
from flows.engine.progress import progress
from flows.engine.prompts import (
    bounds,
    buttons,
    buttons_then,
    codes_to_keep,
    probe_buttons,
    probe_prompt,
    prompt_of,
)
from flows.engine.state import NOTHING_SAID, Asked, ConversationState, sealed, without
from flows.errors import ConversationOver
from flows.i18n.localized_flow import LocalizedFlow
from flows.i18n.say import Sentence, say
from flows.parsing.commands import GlobalWord
from flows.schedule.local_time import local
from flows.script.model import AskDate, End


class Waiting(NamedTuple):
    """Hold a question of the script that was put: its number and slot, what is seen from it, and its buttons then."""

    ask: int
    slot: str
    context: EvaluationContext
    probe: bool
    """Whether it is the probe of the question at `context`."""
    buttons: Buttons
    shown: ShownQuestion | None = None
    """What stood in the message that was replied to, where that is not what it would say now; see `Turn.waiting`."""

    @property
    def language(self) -> str:
        """Return the language in which it is seen here: of `shown`, else the conversation's."""
        return self.context.state.language

    @property
    def text(self) -> str:
        """Return what was asked: as it was shown, else as the script says it here."""
        shown = None if self.shown is None else self.shown.text
        return self.scripted_text if shown is None else shown

    @property
    def scripted_text(self) -> str:
        """Return what the script asks here, with the answers and facts of now."""
        return self.context.probe_text() if self.probe else self.context.asked_text()


def has_consented(compiled: CompiledFlow, state: ConversationState) -> bool:
    """Return whether what is said in a conversation may be kept: its participant has agreed to take part.

    True too for a flow that does not ask for that consent: an earlier conversation did.
    """
    for key in compiled.take_part:
        given = state.answers.get(key)
        if given is not None and given.value is True:
            return True
    return not compiled.take_part


def declining_answer(compiled: CompiledFlow, node: CompiledStep) -> bool | str | None:
    """Return the answer to a question with which somebody declines to take part; None where it has no such answer."""
    if node.key in compiled.take_part:
        return False
    for code, target in node.targets.items():
        step = compiled.nodes[target].step
        if isinstance(step, End) and Outcome(step.outcome) is Outcome.DECLINED:
            return code
    return None


REMARK: Final = "@remark"
"""The slot of the offer to take a remark as an answer, as stored; its codes are the number and the words."""
_LONGEST_CHOICE: Final = 6
"""Words: what names a choice of ours, such as a time to come back, and tells nothing else."""


@dataclass(eq=False, slots=True)
class Turn:
    """Collect what one turn has come to so far: the state, which is replaced and never edited, and the effects."""

    compiled: CompiledFlow
    state: ConversationState
    now: datetime
    effects: list[Effect] = field(default_factory=list)
    localized: LocalizedFlow | None = None
    """The flow in the languages that it can be had in; None where only the compiled one is needed."""
    unfolded: str | None = None
    """The slot of a list that is shown anew with its ticks, and so not folded up to what was chosen."""
    at_risk: bool = False
    """Whether what was said in this turn halts the script."""
    of_concern: bool = False
    """Whether what was said in this turn is answered by a safety response, which thanks for it."""
    before_question: list[Effect] = field(default_factory=list)
    """What was said of words that are no answer, and only makes sense right before the question, which comes again."""
    heard: bool = False
    """Whether the words of this turn have found their place: as an answer, a command or the like, or as a remark."""
    command: GlobalWord | None = None
    """The command that was carried out; None for none, and where a choice of the open question is called so."""

    @property
    def zone(self) -> str:
        """Return the name of the participant's time zone; UTC where it is not known."""
        return _known_zone(str((self.state.facts.get("participant") or {}).get("timezone") or "UTC"))

    @property
    def today(self) -> date:
        """Return the date where the participant is."""
        return local(self.now, self.zone).date()

    @property
    def seconds(self) -> int:
        """Return now in whole seconds since 1970, UTC."""
        return int(self.now.timestamp())

    def change(self, **fields: Any) -> None:
        """Replace these fields of the state."""
        self.state = replace(self.state, **fields)

    @property
    def languages(self) -> tuple[str, ...]:
        """Return the languages in which this conversation can go on, the one that the script is written in first."""
        return (self.compiled.flow.language,) if self.localized is None else self.localized.offered

    def set_language(self, language: str) -> None:
        """Go on in another of `languages`; what was asked and answered stays as it is.

        The program's own words come in that language from now on.
        """
        if self.localized is not None:
            self.compiled = compile_flow(self.localized.in_language(language))
            facts = self.localized.facts(self.state.facts, language)
            if facts is not self.state.facts:
                self.change(sealed_facts=sealed(facts))
        self.change(language=language)

    def emit(self, effect: Effect) -> None:
        """Add an effect after those that were added before."""
        self.effects.append(effect)

    @property
    def consented(self) -> bool:
        """Return whether what is said may be kept: consent to take part was given here, or before this flow."""
        return has_consented(self.compiled, self.state)

    def keep(self, answer: RecordAnswer) -> None:
        """Have an answer recorded: at once, or, before the consent to take part, as soon as it is given.

        Until then the answer is held in the state, with the time at which it was given. That a consent to take part is
        taken back is recorded at once.
        """
        takes_back = answer.corrects and answer.question_key in self.compiled.take_part
        if not self.consented and not takes_back:
            others = tuple(held for held in self.state.held if held.slot != answer.slot)
            self.change(held=(*others, replace(answer, answered_at=self.now, corrects=False)))
            return
        self._record_held()
        self.emit(answer)

    def hear_choice(self, text: str) -> None:
        """Take words as nothing but the choice that they were read as, if they are few; else more was said in them."""
        self.heard = len(text.split()) <= _LONGEST_CHOICE

    def keep_remark(self, remark: RecordRemark) -> None:
        """Have a remark recorded: at once, or, before the consent to take part, as soon as it is given."""
        if not self.consented:
            others = tuple(held for held in self.state.held_remarks if held.number != remark.number)
            self.change(held_remarks=(*others, replace(remark, said_at=self.now, corrects=False)))
            return
        self._record_held()
        self.emit(remark)

    def _record_held(self) -> None:
        """Have what was said before the consent recorded, now that the consent is given."""
        for answer in self.state.held:
            self.emit(answer)
        for remark in self.state.held_remarks:
            self.emit(remark)
        if self.state.held or self.state.held_remarks:
            self.change(held=(), held_remarks=())

    def say(self, sentence: Sentence, **fields: object) -> None:
        """Send one of the bot's own sentences, in the conversation's language; `fields` fill its placeholders."""
        self.tell(say(sentence, self.state.language, **fields))

    def say_before_question(self, sentence: Sentence, **fields: object) -> None:
        """Say what is not said where something else comes in place of the question: see `before_question`."""
        self.say(sentence, **fields)
        self.before_question.append(self.effects[-1])

    def tell(self, text: str) -> None:
        """Send a text that asks nothing."""
        self.emit(SendMessage(Prompt(text, language=self.state.language)))

    def toast(self, sentence: Sentence, **fields: object) -> None:
        """Answer a tap by one of the bot's own sentences, which passes; a message where that can not be done."""
        self.emit(Toast(say(sentence, self.state.language, **fields)))

    def hint(self, sentence: Sentence) -> None:
        """Answer a tap by one of the bot's own sentences, which passes; by nothing where that can not be done."""
        self.emit(Toast(say(sentence, self.state.language), quiet=True))

    def latest(self, slot: str) -> int | None:
        """Return the number under which the question of a slot was put last; None where it never was."""
        asks = self.state.asks
        for ask in range(len(asks) - 1, -1, -1):
            if asks[ask].slot == slot:
                return ask
        return None

    def clear(self, slot: str) -> None:
        """Take the buttons of a slot's question away where it stands, if it was put before: it is about to be again.

        A question that was never answered is put again only on the way back to one.
        """
        again = slot in self.state.answers or self.state.back_to
        former = self.latest(slot) if again else None
        if former is not None:
            self.emit(ShowTrace(former, Trace()))

    def context(self, slot: str) -> EvaluationContext:
        """Return the evaluation context of a slot's question; for a probe's slot, of the question that it probes."""
        return EvaluationContext(self.compiled, self.state, self.compiled.asked_in(slot), read_slot(slot)[1])

    def waiting(self, ask: int | None, shown: ShownQuestion | None = None) -> Waiting | None:
        """Return the script's question that was put under this number, whether still open or answered since.

        Also a probe. With `shown` it is seen as it stood in a message of before: its buttons and text are in the
        language of then, while the conversation goes on in that of now. None where nothing was put under it (`ask`
        None too), or it is an interruption's.
        """
        if ask is None or not 0 <= ask < len(self.state.asks):
            return None
        asked = self.state.asks[ask]
        if asked.slot.startswith("@"):
            return None
        if shown is None or shown.language == self.state.language:
            context = self.context(asked.slot)
        else:
            context = self._in_language(shown.language).context(asked.slot)
        if context.node.key != read_slot(asked.slot)[0]:
            return Waiting(ask, asked.slot, context, True, probe_buttons(context.state.language), shown)
        return Waiting(ask, asked.slot, context, False, buttons_then(context, asked.codes), shown)

    def needs_waiting(self) -> Waiting:
        """Return the open question of the script.

        Raises:
            ConversationOver: None is open; only a conversation that has ended has none.
        """
        waiting = self.waiting(self.state.open)
        if waiting is None:
            raise ConversationOver("the conversation has ended")
        return waiting

    def _in_language(self, language: str) -> "Turn":
        """Return a copy of this turn, without its effects, whose conversation is in another language."""
        copy = Turn(self.compiled, self.state, self.now, localized=self.localized)
        copy.set_language(language)
        return copy

    def codes_at(self, ask: int) -> tuple[str, ...]:
        """Return the codes of the buttons that were kept with the question of this number; empty where none were."""
        return self.state.asks[ask].codes or ()

    @property
    def open_slot(self) -> str | None:
        """Return the slot of the open question of the script; None where none is open."""
        return None if self.state.open is None else self.state.asks[self.state.open].slot

    def number(self, slot: str, codes: tuple[str, ...] | None = None) -> int:
        """Add a question to those that were put, without sending it, and return its number.

        `codes` are those of its buttons, to be kept for later taps; None where they cannot change.
        """
        self.change(asks=(*self.state.asks, Asked(slot, self.seconds, codes)))
        return len(self.state.asks) - 1

    def ask(self, node: CompiledStep, items: Items) -> None:
        """Send a question of the script, in the round `items` of its blocks; from now on it is the open one."""
        context = EvaluationContext(self.compiled, self.state, node, items)
        slot, shown = slot_of(node.key, items), buttons(context)
        state, ask = self.state, len(self.state.asks)
        before = state.answers.get(slot)
        counted = state.counted
        if node.question is not None and node.question.counted:
            anew = bool(state.back_to) or before is not None or _was_put_again(state)
            counted = (ask, *progress(context, None if anew else counted))
        self.clear(slot)
        self.change(
            asks=(*state.asks, Asked(slot, self.seconds, codes_to_keep(context, shown.all))),
            open=ask,
            aside=None,
            misses=0,
            picks=tuple(before.value)
            if node.kind is PromptKind.SELECT_MANY and before and before.value
            else (),
            back_to=tuple(waits for waits in state.back_to if waits != slot) if state.back_to else (),
            counted=counted,
            asked_by=without(state.asked_by, slot),
            written_under=without(state.written_under, slot),
        )
        waiting = Waiting(
            ask, slot, EvaluationContext(self.compiled, self.state, node, items), probe=False, buttons=shown
        )
        self.emit(SendMessage(self.prompt(waiting, self.state.picks)))

    def ask_probe(self, context: EvaluationContext) -> None:
        """Send the probe of the question at `context`, which was answered thinly; from now on it is open."""
        slot = slot_of(context.node.key + PROBE_SUFFIX, context.items)
        self.clear(slot)
        asks = (*self.state.asks, Asked(slot, self.seconds))
        self.change(asks=asks, open=len(asks) - 1, aside=None, misses=0)
        self.show_open()

    def show_open(self) -> None:
        """Send the open question again; nothing where none is open, or the script is halted.

        It is halted while somebody at risk is shown crisis help.
        """
        prompt = self.open_prompt()
        if prompt is not None:
            if self.open_slot in self.state.written_under:
                self.change(written_under=without(self.state.written_under, self.open_slot))
            self.emit(SendMessage(prompt))

    def open_prompt(self) -> Prompt | None:
        """Return the open question as a message; None where none is open, or the script is halted.

        It is halted while somebody at risk is shown crisis help.
        """
        if self.state.care is not None:
            return None
        waiting = self.waiting(self.state.open)
        if waiting is None:
            return None
        return self.prompt(waiting, self.state.picks)

    def prompt(self, waiting: Waiting, picks: tuple[str, ...]) -> Prompt:
        """Return a question that was put as a message, with these codes ticked."""
        if waiting.probe:
            return probe_prompt(waiting.context, waiting.ask, waiting.buttons)
        question = waiting.context.node.question
        within = bounds(question, self.today) if isinstance(question, AskDate) else (None, None)
        prompt = prompt_of(waiting.context, waiting.ask, waiting.buttons, picks=picks, within=within)
        return prompt if waiting.shown is None else replace(prompt, text=waiting.text)

    def end(self, outcome: Outcome) -> None:
        """End the conversation with this outcome; what was answered without the consent to take part is forgotten.

        A consent to take part that was taken back stays in the state, so that it can be given again. The questions
        that waited for an answer lose their buttons: see `_clear_all`.
        """
        self._clear_all(outcome)
        if not self.consented:
            state, held = self.state, {answer.slot for answer in self.state.held}
            recorded = {slot: given for slot, given in state.answers.items() if slot not in held}
            self.change(
                answers={slot: given for slot, given in recorded.items() if slot in self.compiled.take_part},
                recorded=tuple(dict.fromkeys((*state.recorded, *recorded))),
                asks=tuple(map(_without_words, self.state.asks)),
                **NOTHING_SAID,
            )
            self.state = forget_changes(self.state, self._may_decline)
            self.emit(ForgetWords())
        self.change(outcome=outcome, open=None, aside=None, picks=(), back_to=(), paused=False)
        self.emit(EndConversation(outcome))

    def _clear_all(self, outcome: Outcome) -> None:
        """Take the buttons away of all questions that wait: open, before the open one, or to come back to.

        One that was answered in this turn shows what was chosen. Changes of answers can be made and undone after the
        end, but not by somebody who has left.
        """
        shown = {effect.ask for effect in self.effects if isinstance(effect, ShowTrace)}
        state = self.state
        changes = (ask for ask, asked in enumerate(state.asks) if asked.slot.startswith(CHANGES))
        late = changes if outcome is Outcome.WITHDRAWN else ()
        for ask in dict.fromkeys((state.open, state.aside, *map(self.latest, state.back_to), *late)):
            if ask is not None and ask not in shown:
                self.emit(ShowTrace(ask, Trace()))

    def _may_decline(self, slot: str) -> bool:
        """Return whether a slot belongs to a question with which somebody may decline: that can be taken back."""
        return declining_answer(self.compiled, self.compiled.asked_in(slot)) is not None


def _without_words(asked: Asked) -> Asked:
    """Return a question as it was put, without the words of a remark that it offered."""
    return Asked(asked.slot, asked.at) if asked.slot == REMARK else asked


@lru_cache(maxsize=1024)
def _known_zone(name: str) -> str:
    """Return the name if it is a time zone's, else UTC."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "UTC"
    return name


def _was_put_again(state: ConversationState) -> bool:
    """Return whether the last counted question was an earlier one, put again to be changed.

    The next question is then not one further.
    """
    if state.counted is None:
        return False
    place = state.counted[0]
    slot = state.asks[place].slot
    return any(asked.slot == slot for asked in state.asks[:place])
