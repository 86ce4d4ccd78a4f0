"""Promises of storage/coding/forgetting.py: what hangs on words goes when they go."""

import pytest
import sqlalchemy as sa

from storage.coding import forgetting, settlements, theme_links
from storage.coding.theme_links import LinkEnd
from storage.privacy import erasure
from storage.privacy.subject_access import participant_data_text
from storage.privacy.word_erasure import empty_conversations
from storage.schema import COMMITMENT, THEME, LinkedKind
from tests.support.coding_rows import WORDS, words_to_code
from tests.support.export_rows import NOW

TABLES = ("excerpt", "coded_excerpt", "coding", "coding_settlement")


@pytest.fixture
def rows():
    """Two coded one text of each of two patients, one settled; and a commitment that something is linked to."""
    with words_to_code() as made:
        number = made.both("1", "body", "wait")
        by = (made.coder("CLEO"), NOW)
        settlements.settle(made.connection, 1, number, (["body"], "it is"), by=by)
        made.both("3", "wait", "wait")
        made.both("k1", "body", "body")
        yield made


def counts(rows):
    return tuple(map(rows.count, TABLES))


def test_a_person_who_is_erased_takes_it_along(rows):
    """Excerpts, who coded them, the codes and what was settled; of nobody else."""
    assert counts(rows) == (3, 6, 6, 1)
    erasure.erase_again(rows.connection, 1, NOW)
    assert counts(rows) == (2, 4, 4, 0)
    [counted] = rows.connection.exec_driver_sql("SELECT counts FROM tombstone").scalars().all()
    assert '"excerpts": 1' in counted
    erasure.erase_again(rows.connection, 4, NOW)
    assert counts(rows) == (1, 2, 2, 0)


def test_what_one_coder_alone_gave_goes_too():
    """Nobody has coded the same words after them, and nothing was settled."""
    with words_to_code() as rows:
        rows.code("ANNA", "1", "body wait")
        assert counts(rows) == (1, 1, 2, 0)
        erasure.erase_again(rows.connection, 1, NOW)
        assert counts(rows) == (0, 0, 0, 0)


def test_my_data_has_the_words_and_no_code_of_them(rows):
    """It is what somebody told: what coders made of it is in the export of codings, by the participant's code."""
    rows.connection.execute(THEME.update().where(THEME.c.code == "wait").values(label="Standing in line"))
    told = participant_data_text(rows.connection, 1, "en")
    assert WORDS[1] in told
    assert not [code for code in ("Standing in line", "it is", "ANNA", "BERT", "CLEO") if code in told]


def test_words_past_their_time_take_it_along(rows):
    """A purge leaves nothing that was made of the words that it empties."""
    assert empty_conversations(rows.connection, [1, 4]) == 2
    assert counts(rows) == (1, 2, 2, 0)


def test_links_of_a_commitment_go_with_its_author(rows):
    """They may tell in words what was promised."""
    ends = (LinkEnd(LinkedKind.COMMITMENT, "1"), LinkEnd(LinkedKind.BEHAVIOUR, "spring.ask"))
    values = {"from_kind": ends[0].kind, "from_code": "1", "to_kind": ends[1].kind, "to_code": ends[1].code}
    rows.add("theme_link", program_id=1, **values, reason="x", made_by=1, made_at=NOW)
    assert len(theme_links.list_links(rows.connection, 1)) == 1
    forgetting.forget_links(rows.connection, sa.select(COMMITMENT.c.id).where(COMMITMENT.c.id == 2))
    assert rows.count("theme_link") == 1
    erasure.erase_again(rows.connection, 4, NOW)
    assert rows.count("theme_link") == 0
