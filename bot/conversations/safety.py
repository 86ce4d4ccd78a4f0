"""Scan what participants write as it is stored.

Who is at risk is shown help; the safety team gets a case and an alert, in the same commit as the words.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import NamedTuple, Self

import sqlalchemy as sa
from sqlalchemy import Connection

from bot.conversations.facts import likely_country
from bot.conversations.inbound_turn import InboundTurn
from bot.delivery.rows import message_row
from bot.team import safety_reports
from bot.turn_context import TurnContext
from flows.engine.early_words import JoinedWords
from flows.engine.effects import Effect, Prompt, RecordAnswer, RecordRemark, RecordReportAnswer
from flows.engine.events import Event, Replied, WrittenEvent
from flows.engine.interruptions.safety_notice import (
    RISK_TIER,
    SafetyNotice,
    care_text,
    missing,
)
from flows.engine.state import Care
from flows.i18n.localized_flow import Localizations
from flows.i18n.say import FALLBACK, Sentence, say
from flows.parsing.commands import GlobalWord, global_word
from flows.parsing.places import beside_zone
from flows.parsing.substance import Substance, substance_of
from flows.program.model import ProgramFile
from flows.program.safety import DEFAULT, SafetyProfile
from flows.safety.lexicon import SHIPPED
from flows.safety.products import Product
from flows.safety.reading import ReadingClass, SignalLevel, SignalSource, riskiest
from flows.safety.scan import RULES_VERSION, FindingKind, SafetyFinding, elements, scan, warm
from flows.script.roles import QuestionTopic
from storage.conversations.conversations import ConversationRecord
from storage.conversations.writes import CommitStage
from storage.database.audit import AuditEntry
from storage.database.statements import TupleQuery
from storage.programs import programs
from storage.safety import cases, text_signals
from storage.safety.manual_flags import report_due_at
from storage.safety.text_signals import NotedSignal
from storage.schema import ADDRESS, CONVERSATION, PARTICIPANT, AuditKind, OutboxKind, SafetyKind

_SHORTEST = 3
"""Letters: less is a number or a yes."""


class MessageAuthor(NamedTuple):
    """Who wrote a text that is scanned: participant, address and program, and the conversation, None outside of one."""

    participant_id: int
    address_id: int
    program_id: int
    conversation_id: int | None

    @classmethod
    def in_conversation(cls, conversation: ConversationRecord, address_id: int) -> Self:
        """Make the author of what is written in a conversation: its participant, writing from `address_id`."""
        return cls(conversation.participant_id, address_id, conversation.program_id, conversation.id)


class WordsToScan(NamedTuple):
    """Words of a participant, with what helps to read them.

    `text` None: there are none to scan. `about` is the topic of the question that they answer, None where it has none
    or they answer none; `language` the one in which the participant is written to, None where that is not known.
    """

    text: str | None
    about: QuestionTopic | None = None
    language: str | None = None
    is_solicited: bool = False
    """Whether the question asks for events, so that what is told is no report of their own accord."""


@dataclass(frozen=True, slots=True)
class SafetyConcern:
    """What the safety scan found in a text of a participant, where it must be acted upon."""

    author: MessageAuthor
    program: ProgramFile
    finding: SafetyFinding
    notice: SafetyNotice
    """What the engine is told of it."""
    is_solicited: bool = False
    """Whether a question asked for it."""


class ScannedWords(NamedTuple):
    """What the safety scan found in words: the concern to act upon, and what weak hits (`hint`) may tell of.

    None for nothing. A weak hit opens no case and says nothing: it puts the words near the head of the reading queue.
    """

    concern: SafetyConcern | None = None
    hint: ReadingClass | None = None


def get_ready() -> None:
    """Load the safety scan's word lists of all languages now, so that the first text need not wait for them."""
    warm(SHIPPED)


def text_of(event: Event) -> str | None:
    """Return the words to scan of an event: the text that a participant typed or edited, less the words 'time zone'.

    None for events without words, such as a tap, and for texts of fewer than three letters.
    """
    if isinstance(event, WrittenEvent):
        text = beside_zone(event.text)
        letters = islice(filter(str.isalpha, text), _SHORTEST)
        return text if len(list(letters)) == _SHORTEST else None
    return None


def detect(
    connection: Connection, author: MessageAuthor, words: WordsToScan, offered: Container[str] = ()
) -> ScannedWords:
    """Scan words for side effects and distress, in every language that has word lists, and return what was found.

    No concern where there is no text or nothing to act upon: also side effects in a program that reports none.
    `offered` are the script author's words, in lower case (`CompiledFlow.offered`): each of them is scanned once,
    however many participants type it.
    """
    text = words.text
    if text is None:
        return ScannedWords()
    program = programs.program_file(connection, author.program_id)
    scan_text = scan_offered if text.lower() in offered else scan_words
    finding = scan_text(text, program.known_products, words.about, words.language)
    reports = program.safety_profile is not SafetyProfile.NONE
    hint = _hinted(finding, reports=reports)
    reportable = finding.reportable and reports
    if not reportable and not finding.tier:
        return ScannedWords(None, hint)
    ask = missing(finding, text) if reportable else ()
    care = care_for(connection, author, program) if finding.tier == RISK_TIER else None
    notice = SafetyNotice(finding.tier, reportable, ask, care)
    return ScannedWords(SafetyConcern(author, program, finding, notice, words.is_solicited), hint)


def _hinted(finding: SafetyFinding, *, reports: bool) -> ReadingClass | None:
    """Return what the weak hits of a finding may tell of; events only in a program that reports them.

    None for feelings that are told: they are no reason to read a text before others.
    """
    kinds = {hint.kind for hint in finding.hints} - {FindingKind.UPSET}
    if FindingKind.RISK in kinds:
        return ReadingClass.RISK
    return ReadingClass.EVENT if kinds and reports else None


def detect_joined(
    connection: Connection,
    author: MessageAuthor,
    joined: JoinedWords | None,
    alone: ScannedWords,
    words: WordsToScan,
) -> ScannedWords:
    """Return what words raise together with the answer that they are joined to.

    `alone` is what they raise by themselves; `words` are they, with what helps to read them. What that answer raised
    before is not raised once more. The parts are read as they stand, a line each, and run on too: a sentence may have
    been cut anywhere.
    """
    if joined is None:
        return alone
    wholes = [
        _raised_by_whole(connection, author, _in_one_line(joined) if runs_on else joined, words)
        for runs_on in (False, True)
    ]
    raised = [one.concern for one in (*wholes, alone) if one.concern is not None]
    hints = [one.hint for one in (*wholes, alone) if one.hint is not None]
    return ScannedWords(max(raised, key=_weight, default=None), riskiest(hints) if hints else None)


def _raised_by_whole(
    connection: Connection, author: MessageAuthor, joined: JoinedWords, words: WordsToScan
) -> ScannedWords:
    """Return what an answer raises with what it is joined to; no concern where it raised as much before."""
    whole = detect(connection, author, words._replace(text=joined.whole))
    if whole.concern is None:
        return whole
    before = detect(connection, author, words._replace(text=joined.before)).concern
    found = whole.concern.finding
    if before is None or found.tier > before.finding.tier:
        return whole
    return ScannedWords(None, whole.hint) if found.kinds <= before.finding.kinds else whole


def _in_one_line(joined: JoinedWords) -> JoinedWords:
    """Return joined words as one line, in which no sentence ends for want of a full stop."""
    return JoinedWords(joined.before.replace("\n", " "), joined.whole.replace("\n", " "))


def _weight(concern: SafetyConcern) -> tuple[bool, bool, int]:
    """Return how much a concern asks for: words of risk first, then what is to be reported, then words of upset."""
    finding = concern.finding
    return finding.tier == RISK_TIER, finding.reportable, finding.tier


_WHEREABOUTS = TupleQuery(
    sa.select(
        PARTICIPANT.c.timezone,
        PARTICIPANT.c.zone_asked_at,
        sa.select(ADDRESS.c.locale).where(ADDRESS.c.id == sa.bindparam("address")).scalar_subquery(),
    ).where(PARTICIPANT.c.id == sa.bindparam("participant"))
)
"""The time zone of a participant, when they were asked for it, and the locale of an address."""


def scan_words(
    text: str, products: tuple[Product, ...], about: QuestionTopic | None = None, language: str | None = None
) -> SafetyFinding:
    """Scan a text as it stands; where it has several lines, look for words of risk that a line break cuts, too.

    `products` are those of the program; `about` and `language` are as in `WordsToScan`.
    """
    found = scan(text, products=products, languages=SHIPPED, about=about, language=language)
    if "\n" not in text or found.tier == RISK_TIER:
        return found
    in_one_line = text.replace("\n", " ")
    runs_on = scan(in_one_line, products=products, languages=SHIPPED, about=about, language=language)
    return runs_on if runs_on.tier == RISK_TIER else found


def is_at_risk(text: str) -> bool:
    """Return whether a text has words of somebody at risk, in any language that has word lists."""
    return scan_words(text, ()).tier == RISK_TIER


scan_offered = lru_cache(maxsize=4096)(scan_words)
"""For a script author's words only: participants' own are not kept in memory."""


def tells_nothing(tier: int, text: str, language: str) -> bool:
    """Return whether a text is nothing but a word to leave by or 'I can't remember', and no distress was found.

    `tier` is that of the finding, 0 for none. "Abbrechen" is no complaint about a tablet that broke. Words of distress
    stay a concern, whatever else they are.
    """
    if tier:
        return False
    leaves = global_word(text, language) in (GlobalWord.LEAVE, GlobalWord.STOP)
    return leaves or substance_of(text, language) in (Substance.UNKNOWN, Substance.NOTHING)


def care_for(connection: Connection, author: MessageAuthor, program: ProgramFile) -> Care:
    """Return the help where the participant most likely is: the emergency number, then the help lines."""
    found = _WHEREABOUTS.run(connection, address=author.address_id, participant=author.participant_id)
    timezone, asked_at, locale = found[0] if found else (None, None, None)
    country = likely_country(timezone, asked_at, locale, program.whereabouts)
    numbers = program.emergency_numbers
    number = numbers.get(country or DEFAULT) or numbers.get(DEFAULT) or next(iter(numbers.values()))
    lines = program.crisis.lines(country) if program.crisis is not None else ()
    return Care(number, tuple(f"{line.name}: {line.phone}" for line in lines))


def keep(
    turn: TurnContext,
    concern: SafetyConcern,
    effects: Sequence[Effect],
    localizations: Localizations,
    *,
    said: str | None,
) -> None:
    """Add a concern to the turn's writes: its audit entry, and the safety cases to open, with alerts to the team.

    `effects` are those of the turn in which it was written; an answer among them gives the case its slot. `said` is
    the text, None where it may not be kept: a case keeps it only where no answer or remark does.
    """
    author, finding = concern.author, concern.finding
    slot, remark = _where_kept(effects)
    if any(isinstance(effect, RecordAnswer | RecordRemark | RecordReportAnswer) for effect in effects):
        said = None
    details = {
        "conversation": author.conversation_id,
        "slot": slot,
        **({} if remark is None else {"remark": remark}),
        "kinds": sorted(kind.value for kind in finding.kinds),
        "tier": finding.tier,
    }
    turn.writes.audit.append(AuditEntry(turn.now, AuditKind.FLAG, author.participant_id, details))
    for kind in _kinds_of_case(concern):
        distress = kind is SafetyKind.DISTRESS
        case = cases.CaseFinding(
            participant_id=author.participant_id,
            program_id=author.program_id,
            conversation_id=author.conversation_id,
            said=said,
            kind=kind,
            kinds=[one.value for one in finding.kinds],
            elements=() if distress else [one.value for one in elements(finding)],
            products=() if distress else {mention.product for mention in finding.products},
            slot=slot,
            remark=remark,
            due_at=report_due_at(concern.program, turn.now),
            is_solicited=concern.is_solicited and not distress,
        )
        turn.during_commit(CommitStage.SAFETY, safety_reports.keep_case, case, localizations)


def note_hint(
    turn: TurnContext, conversation: ConversationRecord, scanned: ScannedWords, effects: Sequence[Effect]
) -> None:
    """Have the commit note a weak hit beside the words of this turn, so that they are read early.

    Nothing is noted of words that are not kept, or that open a case: it has its place in the queue.
    """
    if scanned.hint is None:
        return
    slot, remark = _where_kept(effects)
    opens_case = scanned.concern is not None and bool(_kinds_of_case(scanned.concern))
    if opens_case or (slot is None and remark is None):
        return
    words = cases.CaseWords(conversation.id, slot or "", remark)
    turn.during_commit(CommitStage.SAFETY, _note_hint, conversation.participant_id, scanned.hint, words)


def _note_hint(turn: TurnContext, participant_id: int, kind: ReadingClass, words: cases.CaseWords) -> None:
    """Note a weak hit beside the row that holds words; nothing where there is none."""
    text = text_signals.source_of(turn.connection, words)
    if text is None:
        return
    signal = NotedSignal(text, participant_id, kind, SignalSource.RULES, SignalLevel.QUEUE, RULES_VERSION)
    text_signals.note(turn.connection, signal, now=turn.now)


def name_words(
    turn: TurnContext,
    conversation: ConversationRecord,
    kept: RecordAnswer | RecordRemark,
    said_at: datetime | None,
) -> None:
    """Have the safety case that words opened before the consent to keep them name where they are kept now.

    `said_at` is when they were said; None for words of this turn. A remark of the same turn has the words, so that
    answers come after it.
    """
    if said_at is None:
        return
    number = kept.number if isinstance(kept, RecordRemark) else None
    stage = CommitStage.SAFETY if number is None else CommitStage.EFFECT
    words = cases.CaseWords(conversation.id, kept.slot, number)
    turn.during_commit(stage, _name_words, conversation.participant_id, said_at, words)


def _name_words(turn: TurnContext, participant_id: int, said_at: datetime, words: cases.CaseWords) -> None:
    cases.give_words(turn.connection, participant_id, said_at, words)


def _where_kept(effects: Sequence[Effect]) -> tuple[str | None, int | None]:
    """Return the slot of the answer that holds the words of a turn, or the number of the remark; None for neither.

    Where there is a remark it has the words: the answer beside it has none. What was said in an earlier turn, and is
    recorded now that there is consent, is passed over.
    """
    for effect in effects:
        if isinstance(effect, RecordRemark) and effect.said_at is None:
            return None, effect.number
    said_now = (one.slot for one in effects if isinstance(one, RecordAnswer) and one.answered_at is None)
    return next(said_now, None), None


def _kinds_of_case(concern: SafetyConcern) -> list[SafetyKind]:
    kinds = [SafetyKind.DISTRESS] if concern.notice.tier == RISK_TIER else []
    if concern.notice.reportable:
        adverse = FindingKind.ADVERSE_EVENT in concern.finding.kinds
        kinds.append(SafetyKind.ADVERSE_EVENT if adverse else SafetyKind.PRODUCT_COMPLAINT)
    return kinds


def is_of_concern(turn: InboundTurn) -> bool:
    """Return whether words of distress came in, or words of a side effect from somebody who is in a program."""
    program_id = _latest_program(turn)
    if program_id is None:
        return is_at_risk(turn.message.text)
    return _concern_outside(turn, program_id) is not None


def _latest_program(turn: InboundTurn) -> int | None:
    """Return the program of the author's latest conversation; None where they had none, or nobody is known there."""
    if turn.pending.participant is None:
        return None
    latest = (
        sa.select(CONVERSATION.c.program_id)
        .where(CONVERSATION.c.participant_id == turn.participant.id)
        .order_by(CONVERSATION.c.id.desc())
        .limit(1)
    )
    return turn.connection.scalar(latest)


def _concern_outside(turn: InboundTurn, program_id: int) -> SafetyConcern | None:
    """Return what the scan finds to act upon in a participant's words outside of a conversation; None for nothing."""
    author = MessageAuthor(turn.participant.id, turn.address_id, program_id, None)
    language = turn.participant.language or FALLBACK
    words = WordsToScan(text_of(Replied(turn.message.text)), language=language)
    concern = detect(turn.connection, author, words).concern
    if concern is None or not (concern.notice.reportable or concern.notice.tier == RISK_TIER):
        return None
    return None if tells_nothing(concern.notice.tier, turn.message.text, language) else concern


def respond_outside(turn: InboundTurn, language: str, localizations: Localizations) -> bool:
    """Respond to words of distress or of a side effect that were written outside a conversation; return whether.

    A case is opened, and help (at risk) or a word of thanks is queued. False, with nothing done, where the scan finds
    nothing to act upon. Whoever is in no program, such as a stranger or somebody whose data was deleted a moment ago,
    is shown help at risk: no case is opened, since nothing of theirs is kept.
    """
    program_id = _latest_program(turn)
    if program_id is None:
        return _help_anywhere(turn, language)
    concern = _concern_outside(turn, program_id)
    if concern is None:
        return False
    keep(turn, concern, (), localizations, said=turn.message.text)
    risk = concern.notice.tier == RISK_TIER
    care = concern.notice.care
    shown = say(Sentence.SAFETY_NOTED, language) if care is None else care_text(care, language)
    _queue(turn, Prompt(shown, language=language), OutboxKind.HELP if risk else OutboxKind.MESSAGE)
    return True


def _help_anywhere(turn: InboundTurn, language: str) -> bool:
    """Queue help that names no number, which only a program has, for words of somebody at risk; return whether."""
    if not is_at_risk(turn.message.text):
        return False
    _queue(turn, Prompt(say(Sentence.CARE_ANYWHERE, language), language=language), OutboxKind.HELP)
    return True


def _queue(turn: InboundTurn, prompt: Prompt, kind: OutboxKind) -> None:
    turn.writes.outbox.append({**message_row(prompt, turn.address_id, None, turn.now), "kind": kind})
