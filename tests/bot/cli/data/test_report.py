"""`said report`: what it writes, what it says, and what it refuses."""

import json
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook
from typer.testing import CliRunner, Result

from bot.cli.data import export as export_command
from bot.cli.data import report as report_command
from bot.cli.root import app
from bot.errors import UsageError
from flows.program.loader import program_paths
from storage.export.measures.measure import Figure
from storage.export.measures.statuses import IMPLEMENTED_TABLE
from storage.export.options import ExportAudience
from storage.outcomes import cuts
from storage.outcomes.cohort import CohortError
from storage.outcomes.cuts import CutError
from storage.outcomes.people_file import PeopleFileError
from storage.outcomes.registry import SECTIONS
from storage.outcomes.report import (
    CountedSection,
    CountedTable,
    OutcomesReport,
    ReportOrigin,
    ReportRequest,
)
from storage.outcomes.supporters import TOO_FEW, narrowed
from tests.support.coordinators import enrolled
from tests.support.follow_on_world import DAILY, Story

pytest.importorskip("jinja2", reason="Jinja2 is optional")
pytest.importorskip("matplotlib", reason="matplotlib is optional")
ASIDE = "My doctor Brown was the only one who ever explained it, at 020 7946 0958"
SHOWN = "[My doctor] was the only one who ever explained it"
NOT_RELEASED = "The waiting room was cold and nobody told me how long"


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with the shipped program, in which nothing has happened yet."""
    path = tmp_path_factory.mktemp("report") / "said.sqlite"
    assert run("program", "load", str(program_paths()[0]), "-d", str(path)).exit_code == 0
    return str(path)


def test_a_page_and_a_workbook(database: str, tmp_path: Path):
    """Also of a program in which nothing has happened yet; that it was made is audited."""
    result = run("report", "myeloma", "--to", str(tmp_path / "out"), "-d", database)
    assert result.exit_code == 0, result.output
    files = [tmp_path / "out" / name for name in ("report.html", "report.xlsx")]
    assert result.stdout.splitlines() == [str(path) for path in files]
    page = files[0].read_text(encoding="utf-8")
    assert all(f'id="{section.id}"' in page for section in SECTIONS)
    with sa.create_engine(f"sqlite:///{database}").connect() as connection:
        details = connection.scalars(sa.text("SELECT details FROM audit_event WHERE kind = 'export'")).all()
    assert any(json.loads(one).get("report") for one in details)


def test_json_has_every_table(database: str, tmp_path: Path):
    """With its rows, by the columns of the ids, and what the report was made of."""
    found = json.loads(run("report", "myeloma", "--to", str(tmp_path), "--json", "-d", database).stdout)
    assert [section["id"] for section in found["sections"]] == [section.id for section in SECTIONS]
    names = {table.name for section in SECTIONS for table in section.tables}
    assert {table["name"] for section in found["sections"] for table in section["tables"]} == names
    assert found["summary"]["rows"][0]["heard"] == 0
    assert (found["program"], found["for"], len(found["files"])) == ("myeloma", "team", 2)


def test_planners_and_faculty_come_from_a_file(database: str, tmp_path: Path):
    """The page names the file; one that names an activity which is not there is refused."""
    (tmp_path / "people.csv").write_text(
        "activity,person,function,patient\nspring_symposium,P1,planner,yes\n"
    )
    people = ("--people", str(tmp_path / "people.csv"))
    assert run("report", "myeloma", "--to", str(tmp_path / "a"), *people, "-d", database).exit_code == 0
    assert "people.csv" in (tmp_path / "a" / "report.html").read_text(encoding="utf-8")
    (tmp_path / "people.csv").write_text("activity,person,function,patient\nelsewhere,P1,planner,yes\n")
    result = run("report", "myeloma", "--to", str(tmp_path / "b"), *people, "-d", database)
    assert isinstance(result.exception, PeopleFileError)
    assert not (tmp_path / "b").exists()


@pytest.mark.parametrize(
    ("term", "count"), [("2026-01-01..", 1), ("..2026-01-01", 0), ("2026-03-19..2026-03-19", 1)]
)
def test_a_term_bounds_the_activities(database: str, tmp_path: Path, term: str, count: int):
    """Those of its days count for accreditation, both ends included; the page names it."""
    given = ("report", "myeloma", "--to", str(tmp_path), "--term", term, "--json", "-d", database)
    found = json.loads(run(*given).stdout)
    [tables] = [section["tables"] for section in found["sections"] if section["id"] == "T6"]
    [criteria] = [table for table in tables if table["name"] == "outcomes.criteria"]
    assert {row["activities"] for row in criteria["rows"]} == {count}
    assert term in (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("option", ["--since", "--until", "--term"])
@pytest.mark.parametrize("text", ["2026-03-10T23:30:00-05:00", "2026-03-10 12:00", "20260310", "2026-W11-2"])
def test_a_day_is_written_as_a_day(database: str, tmp_path: Path, option: str, text: str):
    """A time is refused, since in another zone it can be another day; and nothing is written."""
    words = (option, f"{text}.." if option == "--term" else text)
    result = run("report", "myeloma", "--to", str(tmp_path / "out"), *words, "-d", database)
    assert isinstance(result.exception, UsageError)
    assert f"{option} {text!r} is not a day" in str(result.exception)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("term", ["2026", "..", "2026-02-01..2026-01-01", "soon..2026-01-01"])
def test_a_term_is_two_days_in_order(database: str, tmp_path: Path, term: str):
    """Anything else is refused with the way to write it, and nothing is written."""
    result = run("report", "myeloma", "--to", str(tmp_path / "out"), "--term", term, "-d", database)
    assert isinstance(result.exception, UsageError)
    assert not (tmp_path / "out").exists()


def test_an_unknown_program(database: str, tmp_path: Path):
    """Nothing is written."""
    result = run("report", "nothing", "--to", str(tmp_path / "out"), "-d", database)
    assert isinstance(result.exception, CohortError)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("--by", "team-1"), UsageError),
        (("--for", "supporters", "--people", "people.csv"), UsageError),
        (("--for", "supporters", "--again", "1", "--since", "2026-03-02"), UsageError),
        (("--for", "supporters", "--again", "1"), CutError),
        (("--since", "yesterday-ish"), UsageError),
        (("--since", "2026-03-02", "--until", "2026-03-02"), CohortError),
        (("--people", "nowhere.csv"), PeopleFileError),
    ],
)
def test_what_cannot_be_made_is_refused(
    database: str, tmp_path: Path, words: tuple[str, ...], error: type[Exception]
):
    """Before anything is written."""
    result = run("report", "myeloma", "--to", str(tmp_path / "out"), *words, "-d", database)
    assert isinstance(result.exception, error)
    assert not (tmp_path / "out").exists()


def test_a_supporters_report_is_a_cut(database: str, tmp_path: Path):
    """It is kept as handed out, with its number on the page; made again it has the same tables. No words, no drafts."""
    words = ("report", "myeloma", "--for", "supporters", "--json", "-d", database)
    first = json.loads(run(*words, "--to", str(tmp_path / "a")).stdout)
    page = (tmp_path / "a" / "report.html").read_text(encoding="utf-8")
    assert f"supporters, number {first['cut']}" in page
    assert TOO_FEW in page
    assert "Each commitment counts once, by the newest report on it" in page
    assert "foreseen" not in page
    assert (first["summary"], first["abstracts"], first["pars"]) == (None, [], None)
    assert all(
        f"outcomes.{name}" not in page for name in ("commitments", "gripp2_words", "unintended", "summary")
    )
    again = json.loads(run(*words, "--to", str(tmp_path / "b"), "--again", str(first["cut"])).stdout)
    assert again["sections"] == first["sections"]
    (page_again,) = (tmp_path / "b").glob("*.html")
    written = page_again.read_text(encoding="utf-8")
    assert (first["as_of"], again["as_of"] is None) == (None, False)
    assert f"<dd>{again['as_of'][:10]}, written again on {again['made_at'][:10]}</dd>" in written
    assert "written again" not in page
    book = load_workbook(tmp_path / "b" / "report.xlsx")
    assert (
        f"{again['as_of'][:10]}, written again on {again['made_at'][:10]}"
        in dict(book["report"].values)["as_of"]
    )


@pytest.mark.parametrize("place", ["taken", "taken/below"])
def test_a_supporters_report_that_cannot_be_written_is_not_kept(tmp_path: Path, place: str):
    """A file stands in place of the folder, or above it. A parent that is missing is made."""
    path = tmp_path / "said.sqlite"
    assert run("program", "load", str(program_paths()[0]), "-d", str(path)).exit_code == 0
    (tmp_path / "taken").write_text("mine")
    words = ("report", "myeloma", "--for", "supporters", "-d", str(path), "--to")
    assert isinstance(run(*words, str(tmp_path / place)).exception, OSError)
    queries = [
        "SELECT count(*) FROM supporter_cut",
        "SELECT count(*) FROM audit_event WHERE kind = 'export'",
    ]
    with sa.create_engine(f"sqlite:///{path}").connect() as connection:
        assert [connection.scalar(sa.text(one)) for one in queries] == [0, 0]
    assert run(*words, str(tmp_path / "missing" / "out")).exit_code == 0
    with sa.create_engine(f"sqlite:///{path}").connect() as connection:
        assert [connection.scalar(sa.text(one)) for one in queries] == [1, 1]


@pytest.mark.parametrize("command", ["report", "export"])
def test_a_cut_is_of_a_moment_within_its_snapshot(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
):
    """Who joins after that moment was not counted, and who joined before was."""
    seen = []
    module = report_command if command == "report" else export_command
    prepare = cuts.prepare_cut if command == "report" else cuts.prepare_export_cut

    def watched(connection: sa.Connection, *words: object, now: datetime) -> object:
        seen.append((connection.in_transaction(), before < now <= datetime.now(UTC)))
        return prepare(connection, *words, now=now)  # type: ignore[arg-type]

    @contextmanager
    def slow(*words: object) -> Iterator[sa.Connection]:
        nonlocal before
        with opened(*words) as found:  # type: ignore[arg-type]
            before = datetime.now(UTC)
            yield found  # type: ignore[misc]

    before, opened = datetime.max.replace(tzinfo=UTC), module.opened
    monkeypatch.setattr(module, "opened", slow)
    monkeypatch.setattr(cuts if command == "report" else module, prepare.__name__, watched)
    named = ("myeloma",) if command == "report" else ("--program", "myeloma")
    result = run(command, *named, "--for", "supporters", "--to", str(tmp_path / "out"), "-d", database)
    assert result.exit_code == 0, result.output
    assert seen == [(True, True)]


def test_json_for_supporters_has_what_the_workbook_has():
    """How many people a share of commitments rests on is in neither; the team has it in both."""
    request = ReportRequest("myeloma", datetime(2026, 9, 10, tzinfo=UTC), ExportAudience.SUPPORTERS)
    table = narrowed(IMPLEMENTED_TABLE)
    assert table is not None
    counted = CountedTable(table, (tuple(Figure(8, 20, 20) for _ in table.columns),))
    section = CountedSection("T3", "Three", "Opening.", (counted,))
    for audience, told in ((ExportAudience.SUPPORTERS, False), (ExportAudience.TEAM, True)):
        origin = ReportOrigin("Myeloma", replace(request, audience=audience), None, None, 1)
        written = json.dumps(
            report_command._as_object(OutcomesReport(origin, None, (section,)), ()), default=str
        )
        assert ('"responders"' in written, '"few"' in written) == (told, told)


async def test_handing_out_once_more_tells_who_did_it(story: Story, tmp_path: Path):
    """In the audit trail: the same cut once more, and an earlier one again. The register knows who did it first."""
    await enrolled(story.world)
    words = ("report", "myeloma", "--for", "supporters", "--by", "team-1", "--to", str(tmp_path / "out"))
    there = ("--force", "--database", str(Path(story.world.database.path)))
    for more in ((), (), ("--again", "1")):
        result = run(*words, *more, *there)
        assert result.exit_code == 0, result.output
    details = [
        json.loads(one)
        for (one,) in story.world.rows("SELECT details FROM audit_event WHERE kind = 'export'")
    ]
    assert [one["cut"] for one in details] == [1, 1, 1]
    assert [one.get("by") for one in details[1:]] == ["TEAM-1", "TEAM-1"]


def test_a_cohort_is_named(database: str, tmp_path: Path):
    """The page says of whom it is."""
    words = ("--since", "2026-03-01", "--until", "2026-06-01")
    assert run("report", "myeloma", "--to", str(tmp_path), *words, "-d", database).exit_code == 0
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "who joined the program on 2026-03-01 or later and before 2026-06-01" in page


@pytest.fixture
def story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Story]:
    monkeypatch.setenv("SAID_KEY", b64encode(bytes(32)).decode())
    monkeypatch.chdir(tmp_path)
    made = Story(tmp_path, **DAILY)
    yield made
    made.world.database.close()


async def test_words_are_quoted_while_their_author_permits_it(story: Story, tmp_path: Path):
    """Released words stand under their theme, in both files; what was withdrawn or never released does not."""
    await enrolled(story.world)
    pat = await story.patient("pat")
    await pat.say(ASIDE)
    await pat.say(NOT_RELEASED)
    [(number,)] = story.world.rows("SELECT id FROM remark WHERE raw = :words", words=ASIDE)
    there = ("--database", str(Path(story.world.database.path)))

    def page() -> str:
        assert run("report", "myeloma", "--to", str(tmp_path / "out"), "--force", *there).exit_code == 0
        return (tmp_path / "out" / "report.html").read_text(encoding="utf-8")

    assert SHOWN not in page()
    words = ("--text", SHOWN, "--theme", "explaining", "--by", "team-1")
    assert run("quote", "release", f"r{number}", *words, *there).exit_code == 0
    shown = page()
    assert SHOWN in shown
    assert NOT_RELEASED not in shown
    assert "Brown" not in shown
    assert run("quote", "withdraw", "1", "--by", "TEAM-1", *there).exit_code == 0
    assert SHOWN not in page()
