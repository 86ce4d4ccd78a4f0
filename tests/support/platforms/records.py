"""What the rows say was kept, in the words of a transcript's `=>` lines."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from flows.engine.effects import (
    AnswerStatus,
    Effect,
    EndConversation,
    EndRemark,
    InvitePartner,
    OpenCase,
    Outcome,
    Pause,
    PromptKind,
    RecordAnswer,
    RecordCommitment,
    RecordConsent,
    RecordImplementation,
    RecordRemark,
    RecordReportAnswer,
    Restart,
    ReviseCommitment,
    ScheduleWaves,
    Snooze,
    Withdraw,
)
from flows.script.model import Purpose
from storage.follow_up.commitments import FIELDS
from tests.support.dialogue import kept_line
from tests.support.platforms.wired import House

LONG_AGO = datetime.min.replace(tzinfo=UTC)
_MAKES_KNOWN = {"what": "reaction", "which": "product", "who": "patient"}
"""What an answer to a question for a report makes known; each is asked only while it is not."""
_FIELD = re.compile(r"(?:^| )(\w+)=")
_ANSWERS = """
    SELECT id, slot, question_key, item, kind, value, raw, status, language,
        EXISTS (SELECT 1 FROM answer AS earlier WHERE earlier.conversation_id = answer.conversation_id
                AND earlier.slot = answer.slot AND earlier.id < answer.id) AS corrects
    FROM answer WHERE id > :after ORDER BY id"""


def fields_of(line: str) -> tuple[str, dict[str, Any]]:
    """A line's head and its `name=value` parts, so that their order does not matter."""
    found = _FIELD.search(line)
    if found is None or not line.startswith(("commitment", "implementation", "revision")):
        return line, {}
    head, rest, fields = line[: found.start()], line[found.start() :].strip(), {}
    while rest:
        name, _, rest = rest.partition("=")
        fields[name], end = json.JSONDecoder().raw_decode(rest)
        rest = rest[end:].strip()
    return head.strip(), {
        name: value for name, value in fields.items() if value != ""
    }  # nothing there, as before


class _Made(NamedTuple):
    """A remark that was made: of which conversation, and its number there."""

    of: int
    number: int


@dataclass
class Records:
    """Tells what is new since it was last asked.

    A commitment or report that is kept again as it was leaves no trace in the rows, and so none here.
    """

    house: House
    _answer: int = 0
    _consent: int = 0
    _made: list["_Made"] = field(default_factory=list)
    _ended: dict[int, bool] = field(default_factory=dict)
    _commitments: dict[int, dict[str, Any]] = field(default_factory=dict)
    _reports: dict[int, dict[str, Any]] = field(default_factory=dict)
    _states: dict[str, Any] = field(default_factory=dict)

    def news(self) -> list[str]:
        """The lines of what is new."""
        effects = [
            *self._answers(),
            *self._remarks(),
            *self._consents(),
            *self._promises(),
            *self._told(),
            *self._asked_for(),
            *self._concerns(),
            *self._turns(),
        ]
        return [line for effect in effects if (line := kept_line(effect)) is not None]

    def _answers(self) -> Iterator[Effect]:
        for row in self.house.rows(_ANSWERS, after=self._answer):
            self._answer = row.id
            yield RecordAnswer(
                slot=row.slot,
                question_key=row.question_key,
                item=row.item,
                kind=PromptKind(row.kind),
                value=None if row.value is None else json.loads(row.value),
                raw=row.raw,
                status=AnswerStatus(row.status),
                shown_text="",
                language=row.language,
                asked_at=LONG_AGO,
                corrects=bool(row.corrects),
            )

    def _remarks(self) -> Iterator[Effect]:
        """Remarks made or edited, and those that have become answers."""
        for row in self.house.rows("SELECT * FROM remark ORDER BY id"):
            before = self._ended.get(row.id)
            if before is None:
                again = any(one.number == row.number for one in self._made if one.of == row.conversation_id)
                self._made.append(_Made(row.conversation_id, row.number))
                yield RecordRemark(row.number, row.slot, row.raw, "", row.language, corrects=again)
            if row.taken_as is not None and not before:
                yield EndRemark(row.number, row.taken_as)
            self._ended[row.id] = row.taken_as is not None

    def _consents(self) -> Iterator[Effect]:
        for row in self.house.rows(
            "SELECT * FROM consent WHERE id > :after ORDER BY id", after=self._consent
        ):
            self._consent = row.id
            yield RecordConsent(Purpose(row.purpose), bool(row.granted), "", row.language)

    def _promises(self) -> Iterator[Effect]:
        """Commitments made, corrected in their own conversation, or given new words in a later one."""
        for row in self.house.rows("SELECT * FROM commitment ORDER BY id"):
            now = {name: getattr(row, name) for name in FIELDS}
            now |= {"foreseen_barriers": json.loads(row.foreseen_barriers), "confirmed": bool(row.confirmed)}
            before = self._commitments.get(row.id)
            self._commitments[row.id] = now
            if before == now:
                continue
            if before is None or row.conversation_id == self._latest_conversation():
                fields = {name: now[name] for name in now if name != "confirmed"}
                yield RecordCommitment(row.slot, fields, now["confirmed"])
            else:
                changed = {name for name in now if now[name] != before[name]} | {"statement"}
                yield ReviseCommitment(row.id, {name: now[name] for name in now if name in changed})

    def _told(self) -> Iterator[Effect]:
        for row in self.house.rows("SELECT * FROM implementation ORDER BY id"):
            barriers = self.house.rows(
                "SELECT code FROM barrier WHERE implementation_id = :id ORDER BY id", id=row.id
            )
            now = {"status": row.status, "barriers": [barrier.code for barrier in barriers]}
            now |= json.loads(row.details)
            if self._reports.get(row.id) != now:
                self._reports[row.id] = now
                yield RecordImplementation(row.commitment_id, row.follow_up_id, now)

    def _concerns(self) -> Iterator[Effect]:
        """What was answered to questions for a safety report."""
        for row in self.house.rows("SELECT id, details, elements FROM safety_case ORDER BY id"):
            known = json.loads(row.elements)
            for name, words in json.loads(row.details).get("answers", {}).items():
                if self._changed(f"case {row.id} {name}", words, None):
                    yield RecordReportAnswer(
                        name, words, tells=name not in _MAKES_KNOWN or _MAKES_KNOWN[name] in known
                    )

    def _asked_for(self) -> Iterator[Effect]:
        """Cases that a question asked for: the answers to it and to what it leads to."""
        for row in self.house.rows("SELECT id, answer_id, details FROM safety_case ORDER BY id"):
            details = json.loads(row.details)
            if not details.get("solicited"):
                continue
            answers = [row.answer_id, *details.get("also", {}).get("answer_id", ())]
            slots = [
                self.house.rows("SELECT slot FROM answer WHERE id = :id", id=one)[0][0] for one in answers
            ]
            for slot in slots:
                if slot.startswith(slots[0]) and self._changed(f"case {row.id} of {slot}", True, None):
                    yield OpenCase(slot)

    def _halted(self) -> bool:
        """Whether the conversation rests because somebody may be at risk: that is no pause of theirs."""
        return bool(self.house.count("SELECT count(*) FROM safety_case WHERE kind = 'distress'"))

    def _turns(self) -> Iterator[Effect]:
        """What became of the conversations, the person, the waves."""
        invited = self.house.count("SELECT count(*) FROM invitation WHERE about_id IS NOT NULL")
        if self._changed("partner", invited, 0):
            yield InvitePartner()
        if self._changed("waves", self.house.count("SELECT count(*) FROM follow_up"), 0):
            yield ScheduleWaves()
        resume = self.house.rows(
            "SELECT due_at FROM timer WHERE kind = 'resume' AND done_at IS NULL ORDER BY id DESC LIMIT 1"
        )
        if self._changed("resume", resume[0][0] if resume else None, None) and resume:
            yield Snooze(datetime.fromisoformat(resume[0][0]).replace(tzinfo=UTC))
        [conversation] = self.house.rows("SELECT * FROM conversation ORDER BY id DESC LIMIT 1")
        if (
            self._changed("status", conversation.status, "open")
            and conversation.status == "paused"
            and not resume
        ):
            yield from () if self._halted() else (Pause(),)
        if self._changed("person", self.house.rows("SELECT status FROM participant")[0][0], "active"):
            yield Withdraw()
        yield from self._ends()

    def _ends(self) -> Iterator[Effect]:
        ended = self.house.rows("SELECT id, outcome FROM conversation WHERE status = 'ended' ORDER BY id")
        for row in ended:
            if self._changed(f"end {row.id}", row.outcome, None):
                yield EndConversation(Outcome(row.outcome))
                if row.outcome == Outcome.RESTARTED:
                    yield Restart()

    def _changed(self, name: str, now: object, at_first: object) -> bool:
        before = self._states.get(name, at_first)
        self._states[name] = now
        return bool(before != now)

    def _latest_conversation(self) -> int:
        return self.house.count("SELECT max(id) FROM conversation")
