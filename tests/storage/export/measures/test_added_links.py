"""Links that the team added: what a theme reaches by them stands beside what names it."""

from storage.export.measures.loop import loop_table
from storage.schema import LinkedKind
from tests.support.export_rows import NOW
from tests.support.report_rows import AUTUMN, ReportRows, small_report

COLUMNS = ("activities_linked", "objectives_linked", "commitments_linked", "clinicians_linked")
THEME, OBJECTIVE, COMMITMENT, SUGGESTION = (
    LinkedKind.THEME,
    LinkedKind.OBJECTIVE,
    LinkedKind.COMMITMENT,
    LinkedKind.SUGGESTION,
)


def linked(rows: ReportRows, theme: str) -> tuple[object, ...]:
    [row] = [row for (code, _), row in rows.rows(loop_table()).items() if code == theme]
    return tuple(row[name] for name in COLUMNS)


def test_without_links_they_say_what_the_columns_say() -> None:
    """The theme of the objective, and of the commitment itself."""
    with small_report() as rows:
        rows.commit(rows.talk(rows.person()), theme="body")
        assert linked(rows, "body") == (1, 1, 1, 1)
        [row] = [row for (code, _), row in rows.rows(loop_table()).items() if code == "body"]
        assert [row[name] for name in ("activities", "objectives", "commitments", "clinicians")] == [1] * 4


def test_a_theme_reaches_objectives_and_what_follows_them() -> None:
    """A theme that nothing names has a row by its link alone, and the commitments behind the objective."""
    with small_report() as rows:
        talk = rows.talk(rows.person())
        own, picked = rows.commit(talk), rows.commit(talk, suggestion="s1")
        rows.commit(talk, AUTUMN, suggestion="s1")
        rows.commit(talk, suggestion="s1", confirmed=False)
        rows.lead((THEME, "sleep"), (OBJECTIVE, "spring.o1"))
        rows.lead((OBJECTIVE, "spring.o1"), (COMMITMENT, str(own)))
        rows.lead((OBJECTIVE, "spring.o1"), (SUGGESTION, "spring.s1"))
        assert picked > own
        assert linked(rows, "sleep") == (1, 1, 2, 1)
        assert linked(rows, "body") == (1, 1, 2, 1), "the objective names it"


def test_a_removed_link_and_another_program_count_nothing() -> None:
    """Nor does a link to an objective that the program has no more."""
    with small_report() as rows:
        own = rows.commit(rows.talk(rows.person()))
        rows.lead((THEME, "body"), (OBJECTIVE, "autumn.gone"))
        rows.lead((OBJECTIVE, "spring.o1"), (COMMITMENT, str(own)), removed_at=NOW)
        rows.lead((OBJECTIVE, "autumn.gone"), (COMMITMENT, str(own)))
        rows.connection.exec_driver_sql("INSERT INTO program (slug, title, settings, hash, loaded_at) VALUES"
            " ('other', 'O', '{}', '2', '2026-03-02 09:00:00.000000')")  # fmt: skip
        rows.lead((OBJECTIVE, "spring.o1"), (COMMITMENT, str(own)))
        rows.connection.exec_driver_sql("UPDATE theme_link SET program_id = 2 WHERE id = 4")
        assert linked(rows, "body") == (1, 1, 0, 0)
