"""Write all that a participant told us as a text for them: made when it is sent, so that no copy is kept."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.compiled import (
    AGREE,
    CHANGE,
    DECLINE,
    compile_flow,
    read_slot,
    slot_of,
    written_buttons,
)
from flows.engine.effects import AnswerStatus, PromptKind
from flows.engine.interruptions import safety_report
from flows.engine.state import ConversationState, decode_state
from flows.i18n.localized_flow import Localizations
from flows.i18n.say import Sentence, say
from flows.i18n.say_in_mail import MailSentence, say_in_mail
from flows.parsing.commands import asks_to_start
from flows.schedule.local_time import known_zone
from flows.script.model import Flow
from flows.text.templates import UNKNOWN, date_in_words, moment_in_words, written, years_in_words
from storage.privacy.waiting_words import HOLDS_WORDS
from storage.programs import flow_versions
from storage.safety import reading
from storage.safety.cases import SAID
from storage.safety.text_signals import TextKind
from storage.schema import (
    ADDRESS,
    ADDRESS_REQUEST,
    ANSWER,
    COMMITMENT,
    COMMITMENT_REVISION,
    CONSENT,
    CONVERSATION,
    IMPLEMENTATION,
    PARTICIPANT,
    REMARK,
    SAFETY_CASE,
)

FILE_NAME = "my-data.txt"


def participant_data_text(
    connection: Connection,
    participant_id: int,
    language: str,
    localizations: Localizations | None = None,
    open_address: Callable[[bytes], str] | None = None,
) -> str:
    """Return all that a participant told us as one text for them, each with its date.

    Answers, remarks, what is kept with safety cases, commitments, reports and consents. The bot's own words are in
    `language`. What was picked is named as it stood on the button, in the language in which it was asked, as far as
    `localizations` have it. `open_address` opens a sealed address, so that e-mail addresses are named; None leaves them
    out.
    """
    participant = connection.execute(sa.select(PARTICIPANT).where(PARTICIPANT.c.id == participant_id)).one()
    book = _SubjectAccessReport(
        connection, participant_id, language, ZoneInfo(known_zone(participant.timezone)), localizations
    )
    parts = (
        (Sentence.OWN_ANSWERS, book.answers()),
        (Sentence.OWN_REMARKS, book.remarks()),
        (Sentence.OWN_SAFETY, book.safety()),
        (Sentence.OWN_COMMITMENTS, book.commitments()),
        (Sentence.OWN_REPORTS, book.reports()),
        (Sentence.OWN_CONSENTS, book.consents()),
    )
    lines = [f"{say(Sentence.OWN_TITLE, language)} ({participant.code})"]
    if open_address is not None:
        lines += _mail_addresses(connection, participant_id, language, open_address)
    for title, entries in parts:
        heading = say(title, language)
        told = list(entries)
        if told or title is not Sentence.OWN_SAFETY:  # who has no case has no need to hear of them
            lines += ["", heading, "=" * len(heading), ""]
            lines += told or [say(Sentence.OWN_NOTHING, language)]
    return "\n".join(lines) + "\n"


def _mail_addresses(
    connection: Connection, participant_id: int, language: str, open_address: Callable[[bytes], str]
) -> list[str]:
    """Return a line for each e-mail address of a participant, and for each that waits to be confirmed."""
    tables = (
        (MailSentence.OWN_ADDRESS, ADDRESS, ADDRESS.c.channel == "email"),
        (MailSentence.OWN_ADDRESS_WAITS, ADDRESS_REQUEST, ADDRESS_REQUEST.c.ended_at.is_(None)),
    )
    lines = []
    for sentence, table, which in tables:
        theirs = sa.select(table.c.sealed).where(
            table.c.participant_id == participant_id, table.c.sealed != b""
        )
        for sealed in connection.scalars(theirs.where(which).order_by(table.c.id)):
            mailbox = open_address(sealed).partition(":")[2]
            lines.append(say_in_mail(sentence, language, address=mailbox))
    return lines


class _SubjectAccessReport:
    """Reads the rows of one participant and writes them as lines."""

    def __init__(
        self,
        connection: Connection,
        participant_id: int,
        language: str,
        zone: ZoneInfo,
        localizations: Localizations | None,
    ) -> None:
        """Write for one participant, in one language, with times in their zone."""
        self._connection = connection
        self._person = participant_id
        self._language = language
        self._zone = zone
        self._localizations = localizations
        self._found: dict[tuple[str, str], dict[str, str]] = {}
        self._keepers: dict[str, dict[str, str]] = {}

    def answers(self) -> Iterator[str]:
        """Yield the lines of their answers, corrected ones too.

        A number that was read with the answer to a question stands with that answer, which has its words. Rows without
        words or a choice are left out: to their questions nothing was said but what stands among the remarks.
        """
        query = (
            sa.select(ANSWER, CONVERSATION.c.flow_hash)
            .join(CONVERSATION, CONVERSATION.c.id == ANSWER.c.conversation_id)
            .where(CONVERSATION.c.participant_id == self._person)
            .order_by(ANSWER.c.id)
        )
        beside: dict[tuple[int, str], int | None] = {}
        read = self._read_times(TextKind.ANSWER, ANSWER)
        for row in self._connection.execute(query):
            keeper = self._keeper(row.flow_hash, row.question_key)
            if keeper is not None:
                slot = slot_of(keeper, read_slot(row.slot)[1])
                beside[row.conversation_id, slot] = json.loads(row.value or "null")
                continue
            changed = f" {say(Sentence.OWN_CHANGED, self._language)}" if row.superseded_at else ""
            changed += self._read_mark(read.get(row.id))
            if words := self._answer(row, beside.get((row.conversation_id, row.slot))):
                yield from self._entry(row.answered_at, row.shown_text, words + changed)
        for flow_hash, state in self._states():
            for held in state.held:
                if held.answered_at is not None and self._keeper(flow_hash, held.question_key) is None:
                    yield from self._entry(held.answered_at, held.shown_text, held.raw)

    def remarks(self) -> Iterator[str]:
        """Yield the lines of what they wrote besides, under the question that was open; edited remarks too.

        Not of those whose words are gone by now: there is nothing left of them to be shown.
        """
        query = (
            sa.select(REMARK)
            .join(CONVERSATION, CONVERSATION.c.id == REMARK.c.conversation_id)
            .where(CONVERSATION.c.participant_id == self._person, REMARK.c.raw != "")
            .order_by(REMARK.c.id)
        )
        read = self._read_times(TextKind.REMARK, REMARK)
        for row in self._connection.execute(query):
            mark = ""
            if row.superseded_at is not None:
                became = Sentence.OWN_CHANGED if row.taken_as is None else Sentence.OWN_TAKEN
                mark = f" {say(became, self._language)}"
            mark += self._read_mark(read.get(row.id))
            yield from self._remark(row.said_at, row.shown_text, row.raw + mark)
        for _, state in self._states():
            for held in state.held_remarks:
                if held.said_at is not None:
                    yield from self._remark(held.said_at, held.shown_text, held.raw)

    def safety(self) -> Iterator[str]:
        """Yield the lines of what is kept with safety cases alone: answers for a report, and words outside talks."""
        mine = SAFETY_CASE.c.participant_id == self._person
        for row in self._connection.execute(sa.select(SAFETY_CASE).where(mine).order_by(SAFETY_CASE.c.id)):
            told = dict(row.details.get("answers", {}))
            said = told.pop(SAID, None)
            if said is not None:
                yield from self._remark(row.opened_at, "", said)
            for name, words in told.items():
                yield from self._entry(row.opened_at, *safety_report.in_words(name, words, self._language))

    def commitments(self) -> Iterator[str]:
        """Yield the lines of their commitments, earlier wordings too."""
        mine = COMMITMENT.c.participant_id == self._person
        for row in self._connection.execute(sa.select(COMMITMENT).where(mine).order_by(COMMITMENT.c.id)):
            earlier = (
                sa.select(COMMITMENT_REVISION)
                .where(COMMITMENT_REVISION.c.commitment_id == row.id)
                .order_by(COMMITMENT_REVISION.c.id)
            )
            for old in self._connection.execute(earlier):
                words = [old.statement, old.if_then, self._day(old.start_on)]
                yield from self._entry(
                    old.replaced_at, *_said(words), say(Sentence.OWN_CHANGED, self._language)
                )
            words = [row.statement, row.if_then, row.foreseen_other, row.coping, self._day(row.start_on)]
            yield from self._entry(row.made_at, *_said(words))

    def reports(self) -> Iterator[str]:
        """Yield the lines of what they reported on their commitments."""
        theirs = ANSWER.c.conversation_id == IMPLEMENTATION.c.conversation_id
        spoken = sa.select(ANSWER.c.language).where(theirs).limit(1).scalar_subquery()
        query = (
            sa.select(
                IMPLEMENTATION, COMMITMENT.c.statement, CONVERSATION.c.flow_hash, spoken.label("language")
            )
            .join(COMMITMENT, COMMITMENT.c.id == IMPLEMENTATION.c.commitment_id)
            .join(CONVERSATION, CONVERSATION.c.id == IMPLEMENTATION.c.conversation_id)
            .where(COMMITMENT.c.participant_id == self._person)
            .order_by(IMPLEMENTATION.c.id)
        )
        for row in self._connection.execute(query):
            names = {path.partition("/")[2]: label for path, label in self._labels_of(row).items()}
            codes = [row.status.value, *(code for value in row.details.values() for code in _codes(value))]
            yield from self._entry(row.reported_at, row.statement, *(names.get(one, one) for one in codes))

    def consents(self) -> Iterator[str]:
        """Yield the lines of their decisions on consent; what ended with their stop is no decision, and says so."""
        mine, ended = CONSENT.c.participant_id == self._person, self._ended_with_a_stop()
        for row in self._connection.execute(sa.select(CONSENT).where(mine).order_by(CONSENT.c.id)):
            decision = Sentence.OWN_GRANTED if row.granted else Sentence.OWN_DECLINED
            if row.conversation_id is None and row.decided_at in ended:
                decision = Sentence.OWN_ENDED
            yield from self._entry(row.decided_at, row.shown_text, say(decision, self._language))

    def _ended_with_a_stop(self) -> frozenset[datetime]:
        """Return the moments at which consents of theirs were noted to have ended with their stop."""
        query = (
            sa.select(ANSWER)
            .join(CONVERSATION, CONVERSATION.c.id == ANSWER.c.conversation_id)
            .where(CONVERSATION.c.participant_id == self._person)
        )
        return frozenset(row.answered_at for row in self._connection.execute(query) if _has_ended(row))

    def _states(self) -> Iterator[tuple[str, ConversationState]]:
        """Yield the states of their conversations in which something waits for their consent, after the flow's hash."""
        query = sa.select(CONVERSATION.c.flow_hash, CONVERSATION.c.state).where(
            CONVERSATION.c.participant_id == self._person, HOLDS_WORDS
        )
        for row in self._connection.execute(query.order_by(CONVERSATION.c.id)):
            yield row.flow_hash, decode_state(row.state)

    def _keeper(self, flow_hash: str, key: str) -> str | None:
        """Return the key of the question that keeps a number under `key` beside its answer; None for any other key."""
        if flow_hash not in self._keepers:
            flow = flow_versions.load(self._connection, flow_hash)
            nodes = {} if flow is None else compile_flow(flow).questions
            self._keepers[flow_hash] = {node.keeps: node.key for node in nodes.values() if node.keeps}
        return self._keepers[flow_hash].get(key)

    def _remark(self, at: datetime, shown_text: str, words: str) -> Iterator[str]:
        """Yield an entry of words under the question that was open, or that none was."""
        return self._entry(at, shown_text or say(Sentence.OWN_NO_QUESTION, self._language), words)

    def _entry(self, at: datetime, first: str, *others: str) -> Iterator[str]:
        """Yield an entry: its local time and first text, then the other texts indented, then an empty line."""
        yield f"[{moment_in_words(at.astimezone(self._zone), self._language)}] {first}"
        for text in others:
            yield "    " + text.replace("\n", "\n    ")
        yield ""

    def _read_times(self, kind: TextKind, table: sa.Table) -> Mapping[int, datetime]:
        """Return when their answers, or remarks, were first read by somebody of the team, by number."""
        theirs = sa.select(table.c.id).join(CONVERSATION, CONVERSATION.c.id == table.c.conversation_id)
        rows = self._connection.execute(theirs.where(CONVERSATION.c.participant_id == self._person))
        return reading.read_times(self._connection, kind, [row.id for row in rows])

    def _read_mark(self, at: datetime | None) -> str:
        """Return that somebody of the team has read words, to stand behind them; '' where nobody has."""
        if at is None:
            return ""
        moment = moment_in_words(at.astimezone(self._zone), self._language)
        return f" {say(Sentence.OWN_READ, self._language, at=moment)}"

    def _day(self, day: date | None) -> str | None:
        """Return a date in words; None stays None."""
        return None if day is None else date_in_words(day.isoformat(), self._language)

    def _answer(self, row: sa.Row[Any], number: int | None) -> str:
        """Return the words as they were said, and the choice that they were taken for.

        Of a band also the completed years (`number`) that were read in the words; None for none. Where the words were
        erased in time, what is kept of them: the choice, the number or the date.
        """
        if row.status is AnswerStatus.SKIPPED:
            return say(Sentence.OWN_SKIPPED, self._language)
        if _has_ended(row):
            return say(Sentence.OWN_ENDED, self._language)
        labels = self._labels_of(row)
        names = [f"{row.question_key}/{code}" for code in _codes(json.loads(row.value or "null"))]
        chosen = written([labels[name] for name in names if name in labels], "", row.language)
        taken = [] if chosen == UNKNOWN else [chosen]
        if number is not None and row.kind is PromptKind.NUMBER:
            taken.append(years_in_words(number, row.language))
        taken = [words for words in taken if words.casefold() != row.raw.casefold()]
        as_taken = "; ".join(taken)
        if not row.raw:
            return as_taken or self._kept_value(row)
        return f"{row.raw} ({as_taken})" if taken else str(row.raw)

    def _kept_value(self, row: sa.Row[Any]) -> str:
        """Return a number, a date or codes without a label as they are kept; '' where there is no value."""
        value = json.loads(row.value or "null")
        if value is None or isinstance(value, bool):
            return ""
        return ", ".join(date_in_words(code, self._language) for code in _codes(value))

    def _labels_of(self, row: sa.Row[Any]) -> dict[str, str]:
        """Return what stood on the buttons of the row's flow in the row's language; nothing where that is not known."""
        key = row.flow_hash, row.language
        if key not in self._found:
            flow = flow_versions.load(self._connection, row.flow_hash)
            if flow is not None and self._localizations is not None:
                flow = self._localizations.localized(flow, row.language)
            self._found[key] = _labels(flow) if flow is not None and flow.language == row.language else {}
        return self._found[key]


def _labels(flow: Flow) -> dict[str, str]:
    """Return what stands on each button, by question and code."""
    nodes = compile_flow(flow).nodes
    return {
        f"{key}/{offer.code}": offer.label for key, node in nodes.items() for offer in written_buttons(node)
    }


def _has_ended(row: sa.Row[Any]) -> bool:
    """Return whether an answer is the no of a consent that ended with a stop.

    Rows of before hold the words of the return, "start" or a link's, which nobody says no with.
    """
    if row.status is AnswerStatus.ENDED:
        return True
    is_no = row.kind is PromptKind.CONSENT and row.value == "false"
    return is_no and (row.raw.startswith("/start") or asks_to_start(row.raw, row.language))


def _said(words: list[str | None]) -> list[str]:
    """Return the texts that are there; one empty text if there are none."""
    return [text for text in words if text] or [""]


def _codes(value: Any) -> list[str]:
    """Return the codes of the buttons that may have given a value."""
    if isinstance(value, bool):
        return [AGREE] if value else [DECLINE, CHANGE]
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]
