"""What people write is scanned as it is stored: help for who is at risk, a case for the safety team, an alert."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial

import sqlalchemy as sa
from sqlalchemy import Connection

from bot.delivery.rows import message_row
from bot.team import alerts
from flows.engine.effects import Effect, Prompt, RecordAnswer, RecordReportAnswer
from flows.engine.events import Edited, Event, Replied, TextSubmitted
from flows.engine.interruptions.safety_notice import (
    RISK_TIER,
    ReportQuestion,
    SafetyNotice,
    care_text,
    missing,
)
from flows.engine.state import Care
from flows.i18n.localized_flow import Localizations
from flows.i18n.say import Sentence, say
from flows.program.model import ProgramFile
from flows.program.safety import DEFAULT, SafetyProfile, country_of
from flows.safety.lexicon import SHIPPED
from flows.safety.products import Product
from flows.safety.scan import FindingKind, ReportElement, SafetyFinding, elements, scan, warm
from storage.conversations.conversations import ConversationRecord
from storage.conversations.turns import Writes
from storage.database.audit import AuditEntry
from storage.programs import programs
from storage.safety import cases
from storage.safety.manual_flags import report_due_at
from storage.schema import ADDRESS, CONVERSATION, PARTICIPANT, AuditKind, SafetyKind

_SHORTEST = 3
"""Letters: less is a number or a yes."""
_ELEMENT = {
    ReportQuestion.WHAT: ReportElement.REACTION,
    ReportQuestion.WHICH: ReportElement.PRODUCT,
    ReportQuestion.WHO: ReportElement.PATIENT,
    ReportQuestion.CONTACT: ReportElement.REPORTER,
}


@dataclass(frozen=True, slots=True)
class Found:
    """What a text holds that must be heeded."""

    finding: SafetyFinding
    notice: SafetyNotice
    program: ProgramFile


@dataclass(frozen=True, slots=True)
class Whose:
    """Who wrote, in which programme; the talk where there is one."""

    participant_id: int
    address_id: int
    program_id: int
    conversation_id: int | None


def get_ready() -> None:
    """Read the word lists of all languages now, rather than at the first text."""
    warm(SHIPPED)


def text_of(event: Event) -> str | None:
    """The words that a person wrote; None for all that is no words."""
    if isinstance(event, Replied | TextSubmitted | Edited):
        return event.text if sum(map(str.isalpha, event.text)) >= _SHORTEST else None
    return None


def look(
    connection: Connection, whose: Whose, text: str | None, offered: Container[str] = ()
) -> Found | None:
    """Scan a text in every language that has word lists; None where there is nothing to heed.

    `offered` are the author's words, in lower case (`Plan.offered`): each of them is scanned once,
    however many people type it.
    """
    if text is None:
        return None
    program = programs.program_file(connection, whose.program_id)
    look_at = scan_offered if text.lower() in offered else _scan
    finding = look_at(text, program.known_products)
    if not finding.signals:
        return None
    reportable = finding.reportable and program.safety_profile is not SafetyProfile.NONE
    if not reportable and not finding.tier:
        return None
    ask = missing(finding, text) if reportable else ()
    return Found(
        finding, SafetyNotice(finding.tier, reportable, ask, _care(connection, whose, program)), program
    )


def _scan(text: str, products: tuple[Product, ...]) -> SafetyFinding:
    return scan(text, products=products, languages=SHIPPED)


scan_offered = lru_cache(maxsize=4096)(_scan)
"""For an author's words only: people's own are not kept in memory."""


def is_a_choice(text: str | None, asked: Prompt | None) -> bool:
    """Whether typed words are a choice of the question that waits, such as a suggestion that names a symptom: then
    they are an author's words, as they would be if they were tapped.
    """
    labels = () if asked is None else (option.label for option in asked.options)
    return text is not None and text.strip().casefold() in {label.casefold() for label in labels}


def of_conversation(conversation: ConversationRecord, address_id: int) -> Whose:
    """Who writes in a talk."""
    return Whose(conversation.participant_id, address_id, conversation.program_id, conversation.id)


def _care(connection: Connection, whose: Whose, program: ProgramFile) -> Care:
    """Help where the person most likely is: the country's emergency number first, then its help lines."""
    locale = sa.select(ADDRESS.c.locale).where(ADDRESS.c.id == whose.address_id).scalar_subquery()
    query = sa.select(PARTICIPANT.c.timezone, locale.label("locale"))
    row = connection.execute(query.where(PARTICIPANT.c.id == whose.participant_id)).first()
    country = None if row is None else country_of(row.timezone, row.locale)
    numbers = program.emergency_numbers
    number = numbers.get(country or DEFAULT) or numbers.get(DEFAULT) or next(iter(numbers.values()))
    lines = program.crisis.lines(country) if program.crisis is not None else ()
    return Care(number, tuple(f"{line.name}: {line.phone}" for line in lines))


def keep(
    found: Found,
    whose: Whose,
    effects: Sequence[Effect],
    writes: Writes,
    localizations: Localizations,
    now: datetime,
    *,
    said: str | None = None,
) -> None:
    """Have it written down: the flag in the audit trail, cases, and word to the coordinators, in this commit.

    The case keeps `said`, the words, where they are neither an answer nor one of its own: nothing else would.
    """
    finding = found.finding
    slot = next((effect.slot for effect in effects if isinstance(effect, RecordAnswer)), None)
    if slot is not None or any(isinstance(effect, RecordReportAnswer) for effect in effects):
        said = None
    details = {
        "conversation": whose.conversation_id,
        "slot": slot,
        "kinds": sorted(kind.value for kind in finding.kinds),
        "tier": finding.tier,
    }
    writes.audit.append(AuditEntry(now, AuditKind.FLAG, whose.participant_id, details))
    writes.rare.extend(
        partial(
            _open,
            found=found,
            whose=whose,
            kind=kind,
            slot=slot,
            said=said,
            localizations=localizations,
            now=now,
        )
        for kind in _cases(found)
    )


def _cases(found: Found) -> list[SafetyKind]:
    kinds = [SafetyKind.DISTRESS] if found.notice.tier == RISK_TIER else []
    if found.notice.reportable:
        adverse = FindingKind.ADVERSE_EVENT in found.finding.kinds
        kinds.append(SafetyKind.ADVERSE_EVENT if adverse else SafetyKind.PRODUCT_COMPLAINT)
    return kinds


def _open(
    connection: Connection,
    writes: Writes,
    *,
    found: Found,
    whose: Whose,
    kind: SafetyKind,
    slot: str | None,
    said: str | None,
    localizations: Localizations,
    now: datetime,
) -> None:
    distress = kind is SafetyKind.DISTRESS
    case_id, is_new = cases.open_or_extend(
        connection,
        cases.CaseFinding(
            participant_id=whose.participant_id,
            program_id=whose.program_id,
            conversation_id=whose.conversation_id,
            said=said,
            kind=kind,
            kinds=[one.value for one in found.finding.kinds],
            elements=() if distress else [one.value for one in elements(found.finding)],
            products=() if distress else {mention.product for mention in found.finding.products},
            slot=slot,
            due_at=report_due_at(found.program, now),
        ),
        now,
    )
    if is_new or distress:
        writes.outbox += alerts.of_case(connection, localizations, case_id, now, is_new=is_new)


def keep_answer(effect: RecordReportAnswer, conversation: ConversationRecord, writes: Writes) -> None:
    """Have an answer to a question for a report written to its case."""
    writes.rare.append(partial(_note, effect=effect, conversation=conversation))


def _note(
    connection: Connection, _writes: Writes, *, effect: RecordReportAnswer, conversation: ConversationRecord
) -> None:
    name = ReportQuestion(effect.name)
    known = {_ELEMENT[name].value} if name is not ReportQuestion.CONTACT or effect.words == "yes" else set()
    products: set[str] = set()
    if name is ReportQuestion.WHICH:
        listed = programs.program_file(connection, conversation.program_id).known_products
        products = {one.product for one in _scan(effect.words, listed).products}
    cases.record_report_answer(
        connection, conversation.id, cases.ReportAnswer(name.value, effect.words, known, products)
    )


def outside(
    connection: Connection,
    *,
    participant_id: int,
    address_id: int,
    language: str,
    localizations: Localizations,
    text: str,
    now: datetime,
) -> Writes | None:
    """What is said to words that must be heeded while no talk is open; None where there are none such."""
    latest = (
        sa.select(CONVERSATION.c.program_id)
        .where(CONVERSATION.c.participant_id == participant_id)
        .order_by(CONVERSATION.c.id.desc())
        .limit(1)
    )
    program_id = connection.scalar(latest)
    if program_id is None:
        return None
    whose = Whose(participant_id, address_id, int(program_id), None)
    found = look(connection, whose, text_of(Replied(text)))
    if found is None or not (found.notice.reportable or found.notice.tier == RISK_TIER):
        return None
    writes = Writes()
    keep(found, whose, (), writes, localizations, now, said=text)
    risk = found.notice.tier == RISK_TIER
    shown = care_text(found.notice.care, language) if risk else say(Sentence.SAFETY_NOTED, language)
    writes.outbox.append(message_row(Prompt(shown, language=language), address_id, None, now))
    return writes
