"""Quotations: what may be released, what is shown, and what ends it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from flows.engine.effects import PromptKind
from storage.export.export import ExportDestination, export_quotes
from storage.export.options import ExportFormat
from storage.export.tables.quotes import quotes
from storage.export.tables.table import ExportSelection
from storage.privacy.retention import DueErasure, RetentionKind, erasure_steps
from storage.programs import quotations
from storage.programs.quotations import QuotationError, QuotationRelease, QuotationSource
from storage.schema import CONVERSATION
from tests.support.export_rows import INTERVIEW as FLOW
from tests.support.export_rows import NOW, Rows, conversation, known_flow, use_of_words

WORDS = "I asked Dr Brown twice about it; ring 020 7946 0958, and nobody ever told me."
ANSWER, PERSONAL, CORRECTED, UNSENT, EMPTY, CODE = (QuotationSource(number) for number in range(1, 7))
WHEN = "2026-03-03 09:00:00"
REMARK = QuotationSource(1, is_remark=True)


@pytest.fixture
def rows() -> Iterator[Rows]:
    """A person who may be quoted, with answers and a remark, and a coordinator."""
    with known_flow(FLOW) as found:
        conversation(found, FLOW, NOW)
        conversation(found, FLOW, NOW + timedelta(days=1))
        found.add("coordinator", code="MAYA", timezone="UTC", digest_hour=9, created_at=NOW)
        found.add("theme", program_id=1, code="explaining", label="Explaining")
        use_of_words(found, granted=True)
        found.answer(1, "a1[pain]", PromptKind.TEXT, WORDS, WORDS)
        found.answer(
            1, "a1", PromptKind.TEXT, "My name is Ada Secret", "My name is Ada Secret", personal=True
        )
        found.answer(1, "a1", PromptKind.TEXT, "What I corrected", "What I corrected", superseded_at=NOW)
        found.answer(1, "a1", PromptKind.TEXT, "What I unsent", "What I unsent", message_deleted_at=NOW)
        found.answer(1, "a1", PromptKind.TEXT, None, "")
        found.answer(1, "a1", PromptKind.TEXT, "nothing_to_tell", "There is nothing to tell")
        found.add(
            "remark",
            conversation_id=1,
            number=0,
            slot="",
            raw="My daughter was the only one who explained it",
            shown_text="",
            language="en",
            channel="telegram",
            said_at=NOW,
            personal=False,
            identifiers=False,
            unheard=False,
        )
        yield found


def release(rows: Rows, source: QuotationSource, text: str, theme: str | None = None) -> int:
    return quotations.release(rows.connection, QuotationRelease(source, text, theme), by=1, now=NOW)


def shown(rows: Rows, theme: str | None = None) -> list[str]:
    return [one.text for one in quotations.showable(rows.connection, 1, theme=theme)]


def quoted(rows: Rows) -> list[tuple[object, ...]]:
    """The export of quotes: the words, and whether they are released."""
    table = quotes(rows.connection, ExportSelection())
    found = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    assert len(found) == table.total
    return [(row["answer"], row["remark"], row["words"], row["released"], row["redacted"]) for row in found]


PASSAGES = [
    ("I asked Dr [name] twice about it", True),
    ("I asked Dr Brown twice about it", False),
    ("I asked [my doctor] twice about it", True),
    ("I asked [...] nobody ever told me.", True),
    ("[...] twice about it; ring [phone], and nobody", True),
    ("I  asked\nDr [name] twice", True),
    ("ring 020 7946 0958, and nobody ever", False),
    ("I never asked Dr [name]", False),
    ("nobody ever told me. I asked Dr [name]", False),
    ("nobody ever told me. [...] I asked Dr [name]", False),
    ("[...] [...] [...]", False),
    ("[My own doctor] told", False),
    ("I asked Dr [name] [who was as bad as all the others in that hospital] twice", False),
    ("twice", False),
    ("            ", False),
]


@pytest.mark.parametrize(("text", "goes"), PASSAGES)
def test_what_is_released_is_a_passage_of_the_redacted_words(rows: Rows, text: str, goes: bool) -> None:
    """Something may be left out, or stand in brackets; nothing is added, exchanged or shown unredacted."""
    if goes:
        release(rows, ANSWER, text)
        assert shown(rows) == [text]
        return
    with pytest.raises(QuotationError):
        release(rows, ANSWER, text)
    assert quotations.list_quotations(rows.connection) == ()


@pytest.mark.parametrize("source", [PERSONAL, CORRECTED, UNSENT, EMPTY, QuotationSource(99)], ids=str)
def test_words_that_are_nobodys_to_show(rows: Rows, source: QuotationSource) -> None:
    """Personal ones, those that were replaced or taken back, and what is not there."""
    with pytest.raises(QuotationError):
        quotations.quotable_words(rows.connection, source)


def test_quotes_only(rows: Rows, tmp_path) -> None:
    """The export has the words that may be quoted and no others: no label, no name, nothing that was taken back."""
    release(rows, REMARK, "My daughter was the only one")
    told = "I asked Dr [name] twice about it; ring [phone], and nobody ever told me."
    assert quoted(rows) == [
        (1, None, told, 0, 1),
        (None, 1, "My daughter was the only one who explained it", 1, 0),
    ]
    use_of_words(rows, granted=False, conversation=None)
    assert quoted(rows) == []
    destination = ExportDestination(tmp_path / "out", ExportFormat.CSV)
    [file] = export_quotes(rows.connection, destination, ExportSelection())
    assert (file.path.name, file.tables) == ("quotes.csv", {"quotes": 0})
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["manifest-quotes-csv.json", "quotes.csv"]


def test_a_release_and_a_permission_are_both_needed(rows: Rows) -> None:
    """Shown while both hold: the team withdraws, the author takes back and gives again."""
    assert shown(rows) == []
    number = release(rows, ANSWER, "I asked [my doctor] twice about it", "explaining")
    other = release(rows, REMARK, "My daughter was the only one")
    assert shown(rows) == ["I asked [my doctor] twice about it", "My daughter was the only one"]
    assert shown(rows, "explaining") == ["I asked [my doctor] twice about it"]
    use_of_words(rows, granted=False, conversation=None)
    assert shown(rows) == []
    with pytest.raises(QuotationError, match="has not permitted"):
        release(rows, ANSWER, "nobody ever told me")
    use_of_words(rows, granted=True)
    assert len(shown(rows)) == 2
    quotations.withdraw(rows.connection, other, by=1, now=NOW)
    assert shown(rows) == ["I asked [my doctor] twice about it"]
    with pytest.raises(QuotationError):
        quotations.withdraw(rows.connection, other, by=1, now=NOW)
    listed = quotations.list_quotations(rows.connection, "mm")
    assert [(one.id, one.is_shown, one.released_by) for one in listed] == [
        (number, True, "MAYA"),
        (other, False, "MAYA"),
    ]
    assert (listed[0].question_key, listed[0].item, listed[0].theme) == ("a1", "pain", "explaining")
    assert quotations.list_quotations(rows.connection, "other") == ()


@pytest.mark.parametrize(
    "change",
    [
        "superseded_at = '2026-03-03 09:00:00'",
        "message_deleted_at = '2026-03-03 09:00:00'",
        "raw = ''",
        "raw = 'Other words'",
    ],
)
def test_words_that_change_end_it(rows: Rows, change: str) -> None:
    """A correction, a message that is taken back, words that are gone: what was released of them is shown no longer."""
    release(rows, ANSWER, "I asked [my doctor] twice about it")
    rows.connection.execute(sa.text(f"UPDATE answer SET {change} WHERE id = 1"))
    assert shown(rows) == []


def test_what_is_refused(rows: Rows) -> None:
    """A theme that the program has not, and the same text twice; once withdrawn it may be released again."""
    with pytest.raises(QuotationError, match="it has: explaining"):
        release(rows, ANSWER, "I asked Dr [name] twice", "pain")
    number = release(rows, ANSWER, "I asked Dr [name] twice")
    with pytest.raises(QuotationError, match="released already"):
        release(rows, ANSWER, "I asked Dr [name] twice")
    quotations.withdraw(rows.connection, number, by=1, now=NOW)
    release(rows, ANSWER, "I asked Dr [name] twice")


@pytest.mark.parametrize("later", [timedelta(days=1), -timedelta(minutes=1)])
def test_a_deletion_goes_after_it(rows: Rows, later: timedelta) -> None:
    """What others were shown of it loses these words, in chat, in what is kept and in what waits; the rest stays.

    Also in a talk that begins as of a minute before the release: the message that began it had waited so long.
    """
    text = 'I asked "Dr [name]" twice — ça va'
    words = text.replace("[name]", "Brown")
    rows.answer(1, "a1", PromptKind.TEXT, words, words)
    release(rows, QuotationSource(7), text)
    said = f"A patient said: {text} Does that fit?"
    told = {"h": "telling", "source": '{"text":"{others.quotation}"}'}
    kept_version = (
        "INSERT INTO flowversion SELECT :h, 'telling', :source, first_used_at FROM flowversion LIMIT 1"
    )
    rows.connection.execute(sa.text(kept_version), told)
    begun = CONVERSATION.update().where(CONVERSATION.c.id == 2)
    rows.connection.execute(begun.values(flow_hash="telling", started_at=NOW + later))
    rows.answer(2, "b1", PromptKind.TEXT, "Yes", "Yes", shown_text=said)
    in_json = '{"text":"A patient said: I asked \\"Dr [name]\\" twice — ça va Does that fit?"}'
    rows.connection.execute(sa.text("UPDATE conversation SET state = :s WHERE id = 2"), {"s": in_json})
    assert quotations.forget(rows.connection, [1]) == 1
    assert quotations.list_quotations(rows.connection) == ()
    kept = "A patient said: […] Does that fit?"
    assert rows.connection.scalar(sa.text("SELECT shown_text FROM answer WHERE id = 8")) == kept
    assert (
        rows.connection.scalar(sa.text("SELECT state FROM conversation WHERE id = 2"))
        == f'{{"text":"{kept}"}}'
    )


def test_who_never_heard_it_keeps_their_words(rows: Rows) -> None:
    """The same words of somebody else, in a talk whose script shows no quotation, are theirs."""
    text = "I asked Dr [name] twice about it"
    release(rows, ANSWER, text)
    rows.answer(2, "b1", PromptKind.TEXT, "Yes", "Yes", shown_text=text)
    quotations.forget(rows.connection, [1])
    assert rows.connection.scalar(sa.text("SELECT shown_text FROM answer WHERE id = 7")) == text


def test_words_whose_time_is_over_take_it_along(rows: Rows) -> None:
    """Once the program keeps the words no longer, nothing of them is kept as a quotation."""
    release(rows, ANSWER, "I asked [my doctor] twice about it")
    release(rows, REMARK, "My daughter was the only one")
    due = DueErasure({("mm", RetentionKind.TEXTS): [1]})
    assert sum(step(rows.connection) for step in erasure_steps(due, NOW)) == 1
    assert quotations.list_quotations(rows.connection) == ()
