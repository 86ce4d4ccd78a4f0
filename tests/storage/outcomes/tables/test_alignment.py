"""Which commitments follow an objective: by the suggestion, and by what the team linked."""

from storage.export.measures.measure import Figure
from storage.outcomes.tables.alignment import ALIGNMENT, UNINTENDED
from storage.schema import LinkedKind
from tests.support.export_rows import NOW
from tests.support.report_rows import put_in_everything, small_report


def test_shares_by_activity() -> None:
    """Of four, two name an objective, and one in own words is linked to one."""
    with small_report() as rows:
        put_in_everything(rows)
        found = {
            key: (row["own_words"], row["aligned"], row["aligned_linked"])
            for (key,), row in rows.rows(ALIGNMENT).items()
        }
    assert found == {
        "(all)": (2, Figure(2, 4, 3), Figure(3, 4, 3)),
        "autumn": (1, Figure(0, 1, 1), Figure(1, 1, 1)),
        "spring": (1, Figure(2, 3, 3), Figure(2, 3, 3)),
    }


def test_what_follows_none_is_listed() -> None:
    """Not what is linked, nor what erased people promised; a link that was removed links nothing."""
    with small_report() as rows:
        put_in_everything(rows)
        found = rows.rows(UNINTENDED)
    assert {key: row["words"] for key, row in found.items()} == {("k3",): "Ask each patient"}


def test_a_suggestion_can_be_linked() -> None:
    """Then every commitment that was picked from it follows the objective, in that activity alone."""
    with small_report() as rows:
        talk = rows.talk(rows.person())
        rows.commit(talk, suggestion="s1")
        rows.commit(talk, 2, suggestion="s1")
        rows.lead((LinkedKind.OBJECTIVE, "spring.o1"), (LinkedKind.SUGGESTION, "spring.s1"))
        rows.lead((LinkedKind.OBJECTIVE, "spring.o1"), (LinkedKind.SUGGESTION, "autumn.s1"), removed_at=NOW)
        found = rows.rows(ALIGNMENT)
    assert found["(all)",]["aligned"] == Figure(0, 2, 1)
    assert found["(all)",]["aligned_linked"] == Figure(1, 2, 1)
