"""Words that wait to be released: those that their authors permit, as they stand, and nothing else."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from flows.engine.effects import PromptKind
from storage.programs import quotations, waiting_quotations
from storage.programs.quotations import QuotationRelease, QuotationSource
from tests.support.export_rows import INTERVIEW as FLOW
from tests.support.export_rows import NOW, Rows, conversation, known_flow, use_of_words

WORDS = "I asked Dr Brown twice about it; ring 020 7946 0958, and nobody ever told me."


@pytest.fixture
def rows() -> Iterator[Rows]:
    """A person with answers of all sorts, and a coordinator."""
    with known_flow(FLOW) as found:
        conversation(found, FLOW, NOW)
        conversation(found, FLOW, NOW + timedelta(days=1))
        found.add("coordinator", code="MAYA", timezone="UTC", digest_hour=9, created_at=NOW)
        for value, raw, more in (
            (WORDS, WORDS, {}),
            ("My name is Ada Secret", "My name is Ada Secret", {"personal": True}),
            ("What I corrected", "What I corrected", {"superseded_at": NOW}),
            ("What I unsent here", "What I unsent here", {"message_deleted_at": NOW}),
            ("Too short", "Too short", {}),
            ("nothing_to_tell", "There is nothing to tell", {}),
        ):
            found.answer(1, "a1[pain]", PromptKind.TEXT, value, raw, **more)
        yield found


def waiting(rows: Rows, program: str | None = None, skip: int = 0) -> list[str]:
    found = waiting_quotations.waiting(rows.connection, program, limit=9, skip=skip)
    return [f"{one.source}: {one.text}" for one in found]


def test_nothing_waits_without_permission(rows):
    """Also after a yes that was taken back."""
    assert waiting(rows) == []
    use_of_words(rows, granted=True)
    assert len(waiting(rows)) == 1
    use_of_words(rows, granted=False)
    assert waiting(rows) == []


def test_own_words_that_stand_wait_until_they_are_released(rows):
    """Redacted; not a choice, what is personal, corrected, unsent, or too short to say anything."""
    use_of_words(rows, granted=True)
    [shown] = waiting(rows)
    assert shown.startswith("1: I asked Dr [name] twice about it; ring [phone]")
    assert waiting(rows, skip=1) == []
    assert waiting(rows, "nowhere") == []
    wanted = QuotationRelease(QuotationSource(1), "I asked Dr [name] twice about it")
    number = quotations.release(rows.connection, wanted, by=1, now=NOW)
    assert waiting(rows) == []
    assert quotations.program_of(rows.connection, number) is not None
    assert quotations.program_of(rows.connection, 99) is None
    quotations.withdraw(rows.connection, number, by=1, now=NOW)
    assert waiting(rows) == [shown]
