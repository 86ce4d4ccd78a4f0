"""The redacted form beside the words: what leaves by it is what redaction on the fly would give."""

import ast
import json
import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from flows.engine.effects import Outcome, PromptKind, RecordImplementation
from storage.conversations import kept_redactions
from storage.conversations.kept_redactions import WordsTable
from storage.export.tables.answers import answers_as_json, answers_long
from storage.export.tables.commitments import commitments, revisions
from storage.export.tables.remarks import remarks
from storage.export.tables.table import ExportSelection
from storage.follow_up import commitments as commitments_kept
from storage.follow_up import cosignatures, review_points, waves
from storage.privacy import erasure
from storage.privacy.word_erasure import empty_conversations
from storage.programs import quotations, whereabouts
from storage.schema import (
    ANSWER,
    COMMITMENT,
    COMMITMENT_REVISION,
    CONVERSATION,
    IMPLEMENTATION,
    PARTICIPANT,
    REMARK,
    FollowUpStatus,
    ImplementationStatus,
)
from tests.house.source import read_modules
from tests.support.export_rows import INTERVIEW, NOW, Rows, conversation, person_and_program

MAIL = "Write to ann@example.org, please"
_OF_WORDS = "ANSWER|REMARK|COMMITMENT|COMMITMENT_REVISION|IMPLEMENTATION|table"
_UPDATE = (
    rf"(?:(?:{_OF_WORDS})\.update\(|(?:sa\.)?update\((?:{_OF_WORDS})\))"
    rf".*\.values\(.*\b(?:{'|'.join(sorted(set(chain(*kept_redactions.COLUMNS.values()))))})['\"]?\s*[=:]"
)
"""An update of a table of words that names one of the fields which hold them."""
ROOT = Path(__file__).parents[3]
NAME = "Ask Frau Huber"
PHONE = "it is 11 98765 4321 then"


@pytest.fixture
def rows() -> Iterator[Rows]:
    """A conversation with plain words, an address, a number of one country, a date and a remark."""
    engine = sa.create_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    with engine.begin() as connection:
        found = Rows(connection)
        person_and_program(found)
        source = INTERVIEW.model_dump_json(by_alias=True)
        found.add(
            "flowversion", hash=INTERVIEW.hash, flow="patient_interview", source=source, first_used_at=NOW
        )
        conversation(found, INTERVIEW, NOW)
        for text in ("plain", MAIL, PHONE):
            found.answer(1, "a1", PromptKind.TEXT, text, text)
        found.answer(1, "a1", PromptKind.DATE, "1990-03-02", MAIL)
        words = {"slot": "a1", "raw": MAIL, "shown_text": "Who?", "language": "en", "channel": "telegram"}
        found.add("remark", conversation_id=1, number=0, said_at=NOW, **words)
        promise(found)
        yield found
    engine.dispose()


def promise(rows: Rows) -> None:
    """A commitment with an earlier wording, and what is reported on it at a wave."""
    whose = {"participant_id": 1, "program_id": 1}
    own = {"statement": MAIL, "if_then": PHONE, "coping": "plain", "foreseen_other": NAME}
    rows.add("commitment", conversation_id=1, slot="c4", made_at=NOW, foreseen_barriers=[], **whose, **own)
    rows.add("commitmentrevision", commitment_id=1, statement=NAME, if_then=MAIL, replaced_at=NOW)
    wave = {"commitment_id": 1, "wave_days": 30, "due_at": NOW, "status": FollowUpStatus.ANSWERED}
    rows.add("follow_up", **whose, **wave)
    report = {"status": ImplementationStatus.FULL, "details": {"of_10": 7, "helped": MAIL, "met": [PHONE]}}
    rows.add("implementation", commitment_id=1, follow_up_id=1, conversation_id=1, reported_at=NOW, **report)


def forms(connection: sa.Connection, table: sa.Table) -> list[Any]:
    """The forms that are kept in a table, by number."""
    return list(connection.execute(sa.select(table.c.redaction).order_by(table.c.id)).scalars())


def redact_all(connection: sa.Connection, rules: int | None = None) -> int:
    """Do what the background does, in one go."""
    by = {} if rules is None else {"rules": rules}
    done = 0
    for kind in WordsTable:
        look = kept_redactions.find_unredacted(connection, kind, 0, 100, **by)
        made = [
            kept_redactions.redact(one, whereabouts.of_conversation(connection, one.conversation_id))
            for one in look.words
        ]
        kept_redactions.keep(connection, kind, made, **by)
        done += len(made)
    return done


def exported(connection: sa.Connection) -> list[list[Any]]:
    """All rows of the tables that hold words."""
    tables = (answers_long, answers_as_json, remarks, commitments, revisions)
    return [[list(row) for row in read(connection, ExportSelection()).rows] for read in tables]


def test_what_leaves_is_the_same_before_and_after(rows: Rows):
    """Every cell of an export is that of redaction on the fly; plain words have no form of their own."""
    before = exported(rows.connection)
    assert redact_all(rows.connection) == 8
    assert exported(rows.connection) == before
    shown = "Write to [email], please"
    plain, mail, _, date = forms(rows.connection, ANSWER)
    assert plain is None
    assert json.loads(mail) == {"value": shown, "raw": shown}
    assert json.loads(date) == {"raw": shown}
    assert [json.loads(one) for one in forms(rows.connection, COMMITMENT_REVISION)] == [
        {"statement": "Ask Frau [name]", "if_then": shown}
    ]
    [promised] = map(json.loads, forms(rows.connection, COMMITMENT))
    assert (promised["statement"], promised["foreseen_other"]) == (shown, "Ask Frau [name]")
    assert "coping" not in promised
    [reported] = map(json.loads, forms(rows.connection, IMPLEMENTATION))
    assert (reported["details"]["helped"], reported["details"]["of_10"]) == (shown, 7)
    assert redact_all(rows.connection) == 0


def test_the_kept_form_is_read(rows: Rows):
    """An export does not redact anew: what stands beside the words is what leaves."""
    redact_all(rows.connection)
    rows.connection.execute(
        ANSWER.update().where(ANSWER.c.id == 2).values(redaction=json.dumps({"raw": "kept form"}))
    )
    for table, form in {
        COMMITMENT: {"statement": "kept promise"},
        COMMITMENT_REVISION: {"if_then": "kept wording"},
        IMPLEMENTATION: {"details": {"helped": "kept report"}},
    }.items():
        rows.connection.execute(table.update().values(redaction=json.dumps(form)))
    long, _, _, promised, worded = exported(rows.connection)
    assert "kept form" in long[1]
    assert {"kept promise", "kept report", PHONE} <= set(promised[0])
    assert "kept wording" in worded[0]


def test_other_rules_read_all_rows_again(rows: Rows):
    """What earlier rules redacted is found again, and until then is redacted as it is exported."""
    redact_all(rows.connection)
    before = exported(rows.connection)
    rows.connection.execute(ANSWER.update().values(redaction_rules=-1, redaction='{"raw": "by old rules"}'))
    old = json.dumps({"details": "by old rules"})
    rows.connection.execute(IMPLEMENTATION.update().values(redaction_rules=-1, redaction=old))
    assert exported(rows.connection) == before
    assert redact_all(rows.connection) == 5
    assert redact_all(rows.connection, rules=99) == 8


def test_another_country_makes_a_form_void(rows: Rows):
    """A number is known by the country: where its author turns out to be elsewhere, the words are looked at anew."""
    redact_all(rows.connection)
    form = rows.connection.scalar(sa.select(ANSWER.c.redaction).where(ANSWER.c.id == 3))
    assert "places" in json.loads(form)
    wrong = json.dumps({"raw": "void", "places": json.loads(form)["places"]})
    rows.connection.execute(ANSWER.update().where(ANSWER.c.id == 3).values(redaction=wrong))
    assert "void" in exported(rows.connection)[0][2]
    rows.connection.execute(PARTICIPANT.update().values(timezone="America/Sao_Paulo"))
    assert "void" not in exported(rows.connection)[0][2]


def test_what_was_erased_meanwhile_gets_no_form(rows: Rows):
    """Between reading and keeping, words may go: nothing of them comes back."""
    emptied: dict[WordsTable, tuple[sa.Table, dict[str, Any]]] = {
        WordsTable.ANSWER: (ANSWER, {"raw": "", "shown_text": "", "value": None}),
        WordsTable.COMMITMENT: (COMMITMENT, {"foreseen_other": None}),
        WordsTable.REVISION: (COMMITMENT_REVISION, {"if_then": None}),
        WordsTable.IMPLEMENTATION: (IMPLEMENTATION, {"details": {"of_10": 7}}),
    }
    for name, (table, values) in emptied.items():
        look = kept_redactions.find_unredacted(rows.connection, name, 0, 100)
        made = [kept_redactions.redact(one, lambda: ()) for one in look.words]
        rows.connection.execute(table.update().values(**values))
        kept_redactions.keep(rows.connection, name, made)
        assert set(forms(rows.connection, table)) == {None}


def test_emptying_words_empties_their_form(rows: Rows):
    """What is purged leaves no redacted form behind, of answers, remarks and all about commitments alike."""
    redact_all(rows.connection)
    empty_conversations(rows.connection, [1])
    for table in (ANSWER, REMARK, COMMITMENT, COMMITMENT_REVISION, IMPLEMENTATION):
        assert set(forms(rows.connection, table)) == {None}


def test_erasing_somebody_empties_the_forms(rows: Rows):
    """What stays of them to be counted has neither words nor a form of these."""
    redact_all(rows.connection)
    erasure._erase_commitments(rows.connection, 1, Counter())
    assert forms(rows.connection, COMMITMENT) == forms(rows.connection, IMPLEMENTATION) == [None]
    assert forms(rows.connection, COMMITMENT_REVISION) == []


def test_other_words_for_a_commitment_have_a_form_of_their_own(rows: Rows):
    """A corrected commitment and a report that goes on drop their forms; the words of before are redacted anew."""
    redact_all(rows.connection)
    before = rows.connection.execute(sa.select(COMMITMENT)).mappings().one()
    commitments_kept.change(rows.connection, before, {"statement": f"{NAME} twice"}, now=NOW)
    effect = RecordImplementation(1, 1, {"status": "full", "helped": f"{NAME} again"})
    waves.record_implementation(rows.connection, effect, conversation_id=1, now=NOW)
    assert forms(rows.connection, COMMITMENT) == forms(rows.connection, IMPLEMENTATION) == [None]
    assert redact_all(rows.connection) == 3
    [promised] = map(json.loads, forms(rows.connection, COMMITMENT))
    [reported] = map(json.loads, forms(rows.connection, IMPLEMENTATION))
    assert promised["statement"] == "Ask Frau [name] twice"
    assert reported["details"]["helped"] == "Ask Frau [name] again"


def test_what_is_taken_out_of_the_shown_text_leaves_no_form(rows: Rows):
    """A partner's conversation that showed a submission shows nothing of it any more, in no export."""
    for table in (ANSWER, REMARK):
        rows.connection.execute(table.update().values(shown_text=f"They wrote: secret plan. {MAIL}"))
    redact_all(rows.connection)
    assert "secret plan" in str(exported(rows.connection))
    cosignatures.forget_in(rows.connection, [1])
    assert "secret plan" not in str(exported(rows.connection))
    for table in (ANSWER, REMARK):
        assert "secret plan" not in str(rows.connection.execute(sa.select(table)).all())


def test_a_quotation_taken_back_leaves_no_form(rows: Rows, monkeypatch: pytest.MonkeyPatch):
    """Where a quotation was shown beside an identifier, its mark is what an export writes."""
    monkeypatch.setattr(quotations, "_FACT", INTERVIEW.flow)
    text = "the needle hurt me so"
    number = rows.answer(1, "a1", PromptKind.TEXT, text, text)
    release = {"text": text, "released_by": 1, "released_at": NOW}
    rows.add("coordinator", code="MAYA", timezone="UTC", digest_hour=9, created_at=NOW)
    rows.add("quotation", answer_id=number, **release)
    conversation(rows, INTERVIEW, NOW)
    rows.answer(2, "a1", PromptKind.TEXT, "plain", "plain")
    second = ANSWER.c.conversation_id == 2
    rows.connection.execute(ANSWER.update().where(second).values(shown_text=f"Told: {text}. {MAIL}"))
    rows.connection.execute(CONVERSATION.update().values(state=""))
    redact_all(rows.connection)
    quotations.forget(rows.connection, [1])
    [shown] = [row for row in exported(rows.connection)[0] if "Told" in str(row)]
    assert text not in str(shown)
    assert quotations.GONE in str(shown)


def test_every_update_of_words_drops_their_form():
    """Each update in place of words that have their form beside them writes `WORDS_CHANGED`, too."""
    updates = {
        f"{name}:{node.lineno}": ast.unparse(node)
        for name, module in read_modules(ROOT).items()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and re.match(_UPDATE, ast.unparse(node), re.DOTALL)
    }
    assert len(updates) >= 9
    assert [place for place, text in updates.items() if "WORDS_CHANGED" not in text] == []


def test_an_emptied_field_has_no_form_whatever_is_kept(rows: Rows):
    """Second line of defence: a form that was left behind does not bring words back."""
    redact_all(rows.connection)
    kept = json.dumps({"raw": "left behind", "shown_text": "left behind", "value": "left behind"})
    rows.connection.execute(ANSWER.update().values(raw="", shown_text="", value=None, redaction=kept))
    left = json.dumps({"details": {"helped": "left behind"}})
    rows.connection.execute(IMPLEMENTATION.update().values(details={}, redaction=left))
    assert "left behind" not in str(exported(rows.connection))


def test_shown_words_are_the_kept_ones(rows: Rows):
    """Words that are shown one by one: the kept form where there is one of these rules, else as they are read."""
    shown = kept_redactions.shown_words(rows.connection, WordsTable.ANSWER, [1, 2, 99])
    assert {number: words["raw"] for number, words in shown.items()} == {
        1: "plain",
        2: "Write to [email], please",
    }
    redact_all(rows.connection)
    form = json.dumps({"raw": "kept form"})
    rows.connection.execute(REMARK.update().values(redaction=form))
    assert kept_redactions.shown_words(rows.connection, WordsTable.REMARK, [1]) == {
        1: {"shown_text": "Who?", "raw": "kept form"}
    }
    rows.connection.execute(REMARK.update().values(redaction_rules=0))
    [words] = kept_redactions.shown_words(rows.connection, WordsTable.REMARK, [1]).values()
    assert words["raw"] == "Write to [email], please", "rules that changed since are not waited for"


def test_points_and_submissions_are_shown_as_kept(rows: Rows):
    """What a reviewer wants changed, and what a patient partner reads of a submission, are not redacted anew."""
    redact_all(rows.connection)
    form = json.dumps({"value": "kept form"})
    ended = {"outcome": Outcome.COMPLETED, "flow": review_points.FLOW}
    rows.connection.execute(CONVERSATION.update().values(**ended))
    rows.connection.execute(ANSWER.update().values(redaction=form).where(ANSWER.c.id == 2))
    points = review_points.look(rows.connection, program=None, now=NOW)
    assert [one.text for one in points] == ["plain", "kept form", PHONE]
    rows.connection.execute(CONVERSATION.update().values(flow=cosignatures.SUBMISSION))
    rows.connection.execute(ANSWER.update().values(question_key=cosignatures.ACTIVITY))
    rows.connection.execute(ANSWER.update().values(superseded_at=NOW).where(ANSWER.c.id != 2))
    rows.add("conversation", **partner_of(rows))
    rows.answer(2, cosignatures.READ, PromptKind.CHOICE, "agree")
    assert cosignatures.answer_to(rows.connection, 1)["activity"] == "kept form"


def partner_of(rows: Rows) -> dict[str, Any]:
    """A finished conversation about the first one."""
    [found] = rows.connection.execute(sa.select(CONVERSATION)).mappings()
    return {**{name: value for name, value in found.items() if name != "id"}, "about_id": 1, "ended_at": NOW}
