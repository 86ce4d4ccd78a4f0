"""`said program response` and `said program loop` as a coordinator reads them, and as JSON."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from bot.cli.programs import measures
from bot.cli.root import app
from flows.program.loader import program_paths
from storage.export.measures.registry import LOOP_TABLES, RESPONSE_TABLES
from storage.outcomes.cohort import EVERYBODY
from storage.outcomes.cuts import CutResult, hand_out
from storage.outcomes.registry import ReportFacts, accreditation
from storage.schema import CutKind

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["program", *words])


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with the shipped program, in which nothing has happened yet."""
    path = tmp_path_factory.mktemp("measures") / "said.sqlite"
    assert run("load", str(program_paths()[0]), "-d", str(path)).exit_code == 0
    return str(path)


@pytest.mark.parametrize(
    ("command", "tables"),
    [("response", RESPONSE_TABLES), ("loop", LOOP_TABLES), ("accreditation", accreditation(ReportFacts()))],
)
def test_the_tables_are_printed(database: str, command: str, tables):
    """Each with its title and name, also where nothing has happened yet."""
    result = run(command, "myeloma", "-d", database)
    assert result.exit_code == 0, result.output
    assert all(f"{table.title} ({table.name})" in result.output for table in tables)


def test_the_loop_says_where_it_is_stuck(database: str):
    """A row for each theme, and the caveat below."""
    output = run("loop", "myeloma", "-d", database).output
    assert "Worry or low mood" in output
    assert "raised by 0" in output
    assert "never person to person" in output


def test_accreditation_counts_patients_by_the_file_of_people(database: str, tmp_path: Path):
    """Without the file nothing is known of planners and faculty; with it they are counted."""
    people = tmp_path / "people.csv"
    people.write_text(
        "person,activity,function,patient\nA-1,spring_symposium,planner,yes\nA-2,spring_symposium,faculty,yes\n"
    )
    for words, met in (((), None), (("--people", str(people)), 1)):
        found = json.loads(run("accreditation", "myeloma", "--json", "-d", database, *words).stdout)
        [engages, _] = found["tables"][0]["rows"]
        assert (engages["criterion"], engages["met"]) == ("engages_patients", met)


def test_accreditation_counts_what_is_held_by_the_programs_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """As the report does: what is held today in Tokyo is held, while it is yesterday by UTC."""
    text = program_paths()[0].read_text().replace("timezone: Europe/London", "timezone: Asia/Tokyo")
    (tmp_path / "myeloma.yaml").write_text(text)
    path = str(tmp_path / "said.sqlite")
    assert run("load", str(tmp_path / "myeloma.yaml"), "-d", path).exit_code == 0
    counted = []
    for hour in (14, 16):
        monkeypatch.setattr(measures, "now", lambda hour=hour: datetime(2026, 3, 18, hour, tzinfo=UTC))
        criteria, activities = json.loads(run("accreditation", "myeloma", "--json", "-d", path).stdout)[
            "tables"
        ]
        held = {row["activity"]: row["held"] for row in activities["rows"]}
        counted.append((criteria["rows"][0]["activities"], held["spring_symposium"]))
    assert counted[0][1] == "no"
    assert counted[1] == (counted[0][0] + 1, "yes")


def test_json_has_every_measure(database: str):
    """By the columns of the ids, with the source of each."""
    found = json.loads(run("loop", "myeloma", "--json", "-d", database).stdout)
    (table,) = found["tables"]
    assert set(table["sources"]) == {measure.id for measure in LOOP_TABLES[0].measures}
    first = table["rows"][0]
    assert set(first) == set(LOOP_TABLES[0].columns)
    assert first["done_of_due"] == {
        "n": 0, "of": 0, "percent": None, "low": None, "high": None, "responders": 0, "few": True
    }  # fmt: skip


def test_cuts_that_supporters_have_are_listed(database: str):
    """By number, as `said report --again` takes it; where there are none that is said."""
    assert "Nothing was handed" in run("cuts", "myeloma", "-d", database).output
    assert json.loads(run("cuts", "myeloma", "--json", "-d", database).stdout)["cuts"] == []
    with sa.create_engine(f"sqlite:///{database}").begin() as connection:
        hand_out(connection, CutResult("myeloma", EVERYBODY, CutKind.EXPORT, (), {}, NOW), now=NOW)
    [cut] = json.loads(run("cuts", "myeloma", "--json", "-d", database).stdout)["cuts"]
    assert (cut["number"], cut["kind"], cut["by"], cut["since"]) == (1, "export", None, None)
    assert "export" in run("cuts", "myeloma", "-d", database).output


@pytest.mark.parametrize("command", ["response", "loop", "cuts"])
def test_an_unknown_program(database: str, command: str, tmp_path: Path):
    """Wrong use, with what to do."""
    result = run(command, "nothing", "-d", database)
    assert result.exit_code != 0
    assert "nothing" in str(result.exception)
