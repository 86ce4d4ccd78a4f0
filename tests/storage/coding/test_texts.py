"""Promises of storage/coding/texts.py: which words may be coded, and that they come without who said them."""

import pytest

from flows.engine.effects import AnswerStatus, PromptKind
from storage.coding.texts import ExcerptKind, ExcerptSource, codable_texts
from storage.redaction import RULES
from storage.schema import ANSWER, COMMITMENT, SafetyKind, SafetyStatus
from tests.support.coding_rows import PROMISE, WORDS, words_to_code
from tests.support.export_rows import NOW


@pytest.fixture
def rows():
    with words_to_code() as made:
        yield made


def sources(rows):
    return [str(one.source) for one in codable_texts(rows.connection, 1)]


def test_words_come_redacted_and_in_order(rows):
    """Interview by interview, then what was promised; a phone number is its kind."""
    texts = codable_texts(rows.connection, 1)
    assert [str(one.source) for one in texts] == ["1", "2", "3", "4", "k1"]
    assert texts[0].words == "My feet were numb; ring [phone] and ask for me."
    assert (texts[-1].words, texts[-1].question, texts[0].question) == (PROMISE, None, "a1")
    assert "7946" not in repr(texts)


def test_the_kept_form_is_read(rows):
    """Words that were redacted already are not redacted anew, those of a commitment neither."""
    for table, form in ((ANSWER, '{"raw": "kept words"}'), (COMMITMENT, '{"statement": "kept promise"}')):
        first = table.update().where(table.c.id == 1)
        rows.connection.execute(first.values(redaction=form, redaction_rules=RULES))
    texts = codable_texts(rows.connection, 1)
    assert [one.words for one in texts] == ["kept words", WORDS[2], WORDS[3], WORDS[4], "kept promise"]


LEFT_OUT = [
    {"personal": True},
    {"superseded_at": NOW},
    {"message_deleted_at": NOW},
    {"raw": ""},
    {"status": AnswerStatus.NONE},
    {"kind": PromptKind.SELECT_ONE},
]


@pytest.mark.parametrize("values", LEFT_OUT, ids=str)
def test_what_may_not_be_coded(rows, values):
    """Personal words, those that were replaced or taken back, and what is no story."""
    what = {"kind": PromptKind.TEXT, "raw": "A story of mine"} | values
    rows.answer(1, "a1", what.pop("kind"), "A story of mine", what.pop("raw"), **what)
    assert sources(rows) == ["1", "2", "3", "4", "k1"]


def test_a_label_is_no_text(rows):
    """What was read as one of the choices of a question has no words of its own."""
    rows.answer(1, "a1", PromptKind.TEXT, "nothing_to_tell", "There is nothing to tell")
    assert "5" not in sources(rows)


def test_a_suggestion_that_was_picked_is_not_in_own_words(rows):
    """Of commitments, only those that are."""
    rows.connection.exec_driver_sql("UPDATE commitment SET suggestion = 'ask'")
    assert "k1" not in sources(rows)


def test_who_takes_part_no_longer(rows):
    """Whoever took their consent back, stopped or never gave it is left out with all their words."""
    rows.agrees(1, 1, granted=False)
    rows.connection.exec_driver_sql("UPDATE participant SET status = 'stopped' WHERE id = 2")
    rows.connection.exec_driver_sql("DELETE FROM consent WHERE participant_id = 3")
    assert sources(rows) == ["k1"]


def test_words_of_distress_are_left_out(rows):
    """They are read with their case, and by nobody else."""
    case = {"participant_id": 2, "program_id": 1, "conversation_id": 2, "answer_id": 3}
    times = {"opened_at": NOW, "due_at": NOW, "stored_at": NOW}
    columns = {one[1] for one in rows.connection.exec_driver_sql("PRAGMA table_info(safety_case)")}
    kept = {name: value for name, value in times.items() if name in columns}
    rows.add("safety_case", **case, **kept, kind=SafetyKind.DISTRESS, status=SafetyStatus.NEW, details={})
    assert sources(rows) == ["1", "2", "4", "k1"]


def test_names_of_sources():
    """They are read as they are written; anything else is none."""
    for kind, name in (
        (ExcerptKind.ANSWER, "4711"),
        (ExcerptKind.REMARK, "r12"),
        (ExcerptKind.COMMITMENT, "k7"),
    ):
        found = ExcerptSource.read(name)
        assert found is not None
        assert (found.kind, str(found)) == (kind, name)
    assert [ExcerptSource.read(name) for name in ("c7", "", "k", "12a", "9" * 30)] == [None] * 5


def test_some_sources_alone(rows):
    """What is asked for is looked up by its kind and number."""
    wanted = [ExcerptSource(ExcerptKind.ANSWER, 3), ExcerptSource(ExcerptKind.REMARK, 1)]
    assert [one.words for one in codable_texts(rows.connection, 1, wanted)] == [WORDS[3]]
