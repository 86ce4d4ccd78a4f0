"""Exports: what was said comes out whole, safe for a spreadsheet, and without anybody's name."""

import csv
import json
from datetime import date, timedelta
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

import storage.schema as m
from flows.engine.effects import AnswerStatus, PromptKind
from flows.script.model import Flow
from storage.export.export import ExportDestination, ExportError, export
from storage.export.formats.csv_files import CsvFiles
from storage.export.formats.spreadsheet_safety import neutral
from storage.export.options import ExportFormat
from storage.export.tables.table import ExportSelection, ExportTable
from tests.support.export_rows import NOW, Rows, conversation, person_and_program

NASTY = '=HYPERLINK("A1","y")\nsecond, "line"; é'


def a_flow(*, newer: bool = False) -> Flow:
    """Two versions: the newer one has a further choice and a further question."""
    picks = [{"code": "pain", "label": "Pain"}, {"code": "cost", "label": "Cost"}]
    steps: list[dict[str, Any]] = [
        {"key": "a1", "kind": "select_one", "text": "Who?", "choices": [{"code": "me", "label": "Me"}]},
        {"key": "a6", "kind": "select_many", "text": "What?", "choices": picks},
        {
            "key": "a5",
            "kind": "text",
            "text": "Why?",
            "probe": {"when": "words < 3", "text": "More?"},
            "takes_remarks": True,
        },
        {
            "key": "b",
            "kind": "block",
            "repeat": {"for_each": "a6", "as": "pick"},
            "steps": [
                {"key": "a7", "kind": "scale", "text": "How?", "low_label": "bad", "high_label": "good"}
            ],
        },
        {"key": "name", "kind": "text", "text": "Your name?", "personal": True},
        {"key": "bye", "kind": "end"},
    ]
    if newer:
        picks.append({"code": "time", "label": "Time"})
        steps.insert(1, {"key": "a2", "kind": "number", "text": "How many?"})
    return Flow.model_validate(
        {"flow": "talk", "title": "T", "language": "en", "audience": ["patient"], "steps": steps}
    )


@pytest.fixture
def connection():
    engine = sa.create_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def filled(connection):
    """Two conversations over two versions, a correction, a personal answer, a commitment with two waves."""
    rows = Rows(connection)
    person_and_program(rows)
    for number, newer in ((1, False), (2, True)):
        flow = a_flow(newer=newer)
        begun = NOW + timedelta(days=number)
        source = flow.model_dump_json(by_alias=True)
        rows.add("flowversion", hash=flow.hash, flow="talk", source=source, first_used_at=begun)
        conversation(rows, flow, begun)
    rows.answer(1, "a1", PromptKind.SELECT_ONE, "me", superseded_at=NOW)
    rows.answer(1, "a1", PromptKind.SELECT_ONE, "me")
    rows.answer(1, "a6", PromptKind.SELECT_MANY, ["cost"])
    rows.answer(1, "a5", PromptKind.TEXT, NASTY, NASTY)
    rows.answer(1, "a5_more", PromptKind.TEXT, "because", "because")
    rows.answer(1, "a7[cost]", PromptKind.SCALE, 2)
    rows.answer(1, "name", PromptKind.TEXT, "Ada Secret", "Ada Secret", personal=True)
    rows.answer(2, "a6", PromptKind.SELECT_MANY, ["time", "pain"])
    rows.answer(2, "a1", PromptKind.SELECT_ONE, None, "hm", status=AnswerStatus.UNPARSED)
    rows.add(
        "commitment",
        participant_id=1,
        program_id=1,
        activity_id=1,
        conversation_id=1,
        slot="c4",
        statement="+ ask first",
        level=4,
        start_on=date(2026, 3, 3),
        foreseen_barriers=["time", "cost"],
        made_at=NOW,
    )
    for wave, status in ((30, m.FollowUpStatus.ANSWERED), (60, m.FollowUpStatus.NO_RESPONSE)):
        rows.add(
            "follow_up",
            commitment_id=1,
            participant_id=1,
            program_id=1,
            wave_days=wave,
            status=status,
            reminded=1,
            due_at=NOW + timedelta(days=wave),
        )
    rows.add(
        "implementation",
        commitment_id=1,
        follow_up_id=1,
        conversation_id=1,
        reported_at=NOW,
        late=True,
        status=m.ImplementationStatus.PARTIAL,
        details={"helped": "a nurse", "patients_band": "n1_4"},
    )
    for code in ("time", "access"):
        rows.add("barrier", implementation_id=1, code=code)
    return connection


def written(connection, target, form=ExportFormat.CSV, **selection):
    return export(connection, ExportDestination(target, form), ExportSelection(**selection))


def read(path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_answers_long(filled, tmp_path):
    """One row per answer, corrections beside what they correct, and the words with their line breaks."""
    written(filled, tmp_path)
    rows = read(tmp_path / "answers_long.csv")
    assert [(r["conversation"], r["question_key"], r["item"], r["value"], r["superseded"]) for r in rows] == [
        ("1", "a1", "", "me", "1"),
        ("1", "a1", "", "me", "0"),
        ("1", "a6", "", "cost", "0"),
        ("1", "a5", "", f"'{NASTY}", "0"),
        ("1", "a5_more", "", "because", "0"),
        ("1", "a7", "cost", "2", "0"),
        ("2", "a6", "", "time; pain", "0"),
        ("2", "a1", "", "", "0"),
    ]
    first = rows[0]
    assert (first["participant"], first["program"], first["activity"], first["flow"]) == (
        "P-7K3",
        "mm",
        "spring",
        "talk",
    )
    assert first["answered_at"] == "2026-03-02T09:00:00Z"
    assert len(first["flow_version"]) == 12
    assert rows[-1]["status"] == "unparsed"


def test_the_wide_table_is_the_union_of_versions(filled, tmp_path):
    """Every question of every version has a column; picks are 0 or 1, empty where nothing was answered."""
    written(filled, tmp_path)
    first, second = read(tmp_path / "wide_talk.csv")
    assert list(first)[12:] == [
        "written_in",
        "a1",
        "a2",
        "a6___pain",
        "a6___cost",
        "a6___time",
        "a5",
        "a5_more",
        "a7__cost",
        "redacted",
        "may_quote",
        "may_publish",
        "may_name_team",
        "about",
        "a1__status",
        "a2__status",
        "a6__status",
        "a5__status",
        "a5_more__status",
        "a7__cost__status",
    ]
    statuses = [[row[name] for name in first if name.endswith("__status")] for row in (first, second)]
    assert statuses == [
        ["answered", "not_asked", "answered", "answered", "answered", "answered"],
        ["not_understood", "not_asked", "answered", "not_asked", "not_asked", "not_asked"],
    ]
    assert [first[f"a6___{code}"] for code in ("pain", "cost", "time")] == ["0", "1", "0"]
    assert [second[f"a6___{code}"] for code in ("pain", "cost", "time")] == ["1", "0", "1"]
    assert (first["a7__cost"], second["a7__cost"], second["a1"]) == ("2", "", "")
    assert first["flow_version"] != second["flow_version"]


def test_things_from_outside_are_numbered_by_place(connection, tmp_path):
    """Whatever numbers two people's commitments have, each one's first stands in the same columns, named."""
    rows = Rows(connection)
    steps = [
        {
            "key": "each",
            "kind": "block",
            "repeat": {"for_each": "commitments", "as": "commitment"},
            "steps": [
                {"key": "d1", "kind": "text", "text": "Where?"},
                {
                    "key": "d3",
                    "kind": "select_many",
                    "text": "What?",
                    "choices": [{"code": "time", "label": "T"}],
                },
            ],
        }
    ]
    head = {"flow": "follow", "title": "T", "language": "en", "audience": ["hcp"]}
    flow = Flow.model_validate({**head, "steps": steps})
    person_and_program(rows)
    source = flow.model_dump_json(by_alias=True)
    rows.add("flowversion", hash=flow.hash, flow="follow", source=source, first_used_at=NOW)
    for _ in range(2):
        conversation(rows, flow, NOW)
    rows.answer(1, "d1[14]", PromptKind.TEXT, "first")
    rows.answer(1, "d3[9]", PromptKind.SELECT_MANY, ["time"])
    rows.answer(2, "d1[101]", PromptKind.TEXT, "other")
    written(connection, tmp_path)
    one, two = read(tmp_path / "wide_follow.csv")
    assert list(one)[13:-8] == ["commitment__1", "commitment__2", "d1__1", "d1__2", "d3__1___time"]
    assert [one[name] for name in list(one)[13:-8]] == ["9", "14", "", "first", "1"]
    assert [two[name] for name in list(one)[13:-8]] == ["101", "", "other", "", ""]


def test_commitments(filled, tmp_path):
    """One row per commitment and wave, with what was reported and whether it was late or never came."""
    written(filled, tmp_path)
    answered, silent = read(tmp_path / "commitments.csv")
    assert (answered["statement"], answered["foreseen_barriers"]) == ("'+ ask first", "time; cost")
    assert (answered["wave_days"], answered["follow_up_status"], answered["implementation"]) == (
        "30",
        "answered",
        "partial",
    )
    assert (answered["barriers_met"], answered["late"], answered["no_response"]) == ("access; time", "1", "0")
    assert (answered["detail_helped"], answered["detail_patients_band"]) == ("a nurse", "n1_4")
    assert (silent["wave_days"], silent["no_response"], silent["implementation"]) == ("60", "1", "")


def test_the_codebook(filled, tmp_path):
    """Every key of every version in use, with its wording and codes; a personal one by name only."""
    written(filled, tmp_path)
    rows = read(tmp_path / "codebook.csv")
    newest = [row for row in rows if row["flow_version"] == rows[0]["flow_version"]]
    assert [row["question_key"] for row in newest] == ["a1", "a2", "a6", "a5", "a5_more", "a7", "name"]
    assert newest[2]["choices"] == "pain = Pain; cost = Cost; time = Time"
    assert newest[5]["block"] == "b"
    assert [row["question_key"] for row in newest if row["takes_remarks"] == "1"] == ["a5"]
    assert len({row["flow_version"] for row in rows}) == 2


def test_raw_json_lines_keep_the_bytes(filled, tmp_path):
    """answers.jsonl neutralises nothing: with `raw` the words are there as they came, byte for byte."""
    export(filled, ExportDestination(tmp_path, ExportFormat.CSV), ExportSelection(), raw=True)
    lines = (tmp_path / "answers.jsonl").read_bytes().split(b"\n")[:-1]
    objects = [json.loads(line) for line in lines]
    assert objects[3]["raw"] == NASTY
    assert objects[6]["value"] == ["time", "pain"]
    assert "é".encode() in lines[3]


@pytest.mark.parametrize("form", list(ExportFormat))
def test_no_identity_in_any_file(form, filled, tmp_path):
    """No address and no answer that was marked personal is in any byte of an export."""
    for file in written(filled, tmp_path, form):
        content = (
            "".join(
                str(c) for sheet in openpyxl.load_workbook(file.path) for row in sheet.values for c in row
            )
            if file.path.suffix == ".xlsx"
            else file.path.read_text(encoding="utf-8")
        )
        assert "4242" not in content
        assert "Ada Secret" not in content
        nobodys = {"remarks", "codebook", "waves", "rates", "care", "safety", "exemplars", "consents"}
        nobodys |= {"revisions", "links", "codes", "columns", "programs", "codings"}
        assert "P-7K3" in content or nobodys & set(file.tables)


def test_xlsx_holds_the_same_tables(filled, tmp_path):
    """A workbook has one sheet per table; texts stay texts, numbers numbers; no formula and no link."""
    written(filled, tmp_path, ExportFormat.XLSX)
    book = openpyxl.load_workbook(tmp_path / "said-export.xlsx")
    assert book.sheetnames == [
        "answers_long",
        "remarks",
        "wide_talk",
        "commitments",
        "waves",
        "rates",
        "care",
        "safety",
        "exemplars",
        "codebook",
        "consents",
        "revisions",
        "links",
        "codes",
        "columns",
        "programs",
        "codings",
    ]
    cells = [c for sheet in book for row in sheet.iter_rows() for c in row]
    assert {c.data_type for c in cells} == {"s", "n"}
    assert all(c.hyperlink is None for c in cells)
    long = list(book["answers_long"].values)
    assert dict(zip(long[0], long[4], strict=True))["raw"] == f"'{NASTY}"
    assert dict(zip(long[0], long[6], strict=True))["value"] == 2


def test_files_are_kept_unless_forced(filled, tmp_path):
    """A second export into the same folder is refused and changes nothing; --force replaces the files."""
    written(filled, tmp_path)
    before = (tmp_path / "codebook.csv").stat().st_ino
    with pytest.raises(ExportError, match="--force"):
        written(filled, tmp_path)
    assert (tmp_path / "codebook.csv").stat().st_ino == before
    export(filled, ExportDestination(tmp_path, ExportFormat.CSV, force=True), ExportSelection())
    assert (tmp_path / "codebook.csv").stat().st_ino != before


def test_an_export_that_breaks_leaves_nothing(filled, tmp_path):
    """An error on the way leaves no half file and no draft."""

    def breaks(name: str, _total: int):
        if name == "codebook.csv":
            raise KeyboardInterrupt
        return lambda rows: None

    with pytest.raises(KeyboardInterrupt):
        export(filled, ExportDestination(tmp_path, ExportFormat.CSV), ExportSelection(), progress=breaks)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", ExportFormat)
def test_an_archive_holds_all_other_files(form, filled, tmp_path):
    """Every file and the manifest, byte for byte; it is for its owner alone, and kept unless forced."""
    target = ExportDestination(tmp_path, form, archive=True)
    files = export(filled, target, ExportSelection())
    archive = tmp_path / f"said-export-{form.value}.zip"
    assert (files[-1].path, files[-1].tables) == (archive, {})
    others = {file.name: file.read_bytes() for file in tmp_path.iterdir() if file != archive}
    with ZipFile(archive) as packed:
        assert {name: packed.read(name) for name in packed.namelist()} == others
        assert {one.external_attr >> 16 & 0o777 for one in packed.infolist()} == {0o600}
    assert "manifest.json" in others
    assert archive.stat().st_mode & 0o777 == 0o600
    for name in others:
        (tmp_path / name).unlink()
    with pytest.raises(ExportError, match=archive.name):
        export(filled, target, ExportSelection())


def test_selecting(filled, tmp_path):
    """A conversation counts by when it began: since is included, until is not; a program must exist."""
    written(filled, tmp_path / "a", program="mm", since=NOW + timedelta(days=2))
    assert {row["conversation"] for row in read(tmp_path / "a" / "answers_long.csv")} == {"2"}
    assert read(tmp_path / "a" / "commitments.csv") == []
    written(filled, tmp_path / "b", until=NOW + timedelta(days=2))
    assert {row["conversation"] for row in read(tmp_path / "b" / "answers_long.csv")} == {"1"}
    with pytest.raises(ExportError, match="said program list"):
        written(filled, tmp_path / "c", program="other")


def test_an_empty_database_gives_empty_tables(connection, tmp_path):
    """With no answer yet there are files with their headings."""
    for form in ExportFormat:
        written(connection, tmp_path / form, form)
    assert read(tmp_path / "csv" / "answers_long.csv") == []
    assert sorted(p.name for p in (tmp_path / "xlsx").iterdir()) == [
        "answers.jsonl",
        "manifest.json",
        "remarks.jsonl",
        "said-export.xlsx",
    ]


def test_progress_counts_every_row(filled, tmp_path):
    """What is told to the progress bar adds up to the totals."""
    seen: dict[str, list[int]] = {}

    def watch(name: str, total: int):
        seen[name] = [total, 0]

        def advance(rows: int) -> None:
            seen[name][1] += rows

        return advance

    export(filled, ExportDestination(tmp_path, ExportFormat.CSV), ExportSelection(), progress=watch)
    assert all(total == done for total, done in seen.values())
    assert seen["answers_long.csv"] == [8, 8]


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@x",
        "\t=1",
        "\r1",
        "\nx",
        "  =1",
        "\ufeff=1",
        "\u200b=1",
        "\uff1d1",
        "\uff0b1",
        "\uff0d1",
        "\uff20x",
        "\x00=1",
    ],
)
def test_formulas_are_neutralised(text):
    """A text that a spreadsheet may run is shown instead."""
    assert neutral(text) == f"'{text}"


@pytest.mark.parametrize("value", ["a=b", "plain", "", "e-mail", "'=1", 5, -5, -2.5, None, "100%", "é"])
def test_everything_else_is_left_alone(value):
    """Plain texts and all numbers stay as they are."""
    assert neutral(value) == value


def test_rows_are_not_gathered(tmp_path):
    """Writing takes one row at a time: a row is written before the next one is made."""
    alive = 0

    class Counted(str):
        __slots__ = ()

        def __del__(self) -> None:
            nonlocal alive
            alive -= 1

    highest = 0

    def rows():
        nonlocal alive, highest
        for number in range(3000):
            alive += 1
            highest = max(highest, alive)
            yield (Counted(number),)

    table = ExportTable("x", ("n",), rows(), 3000)
    assert CsvFiles().write(tmp_path / "x.csv", [table], lambda rows: None) == {"x": 3000}
    assert highest < 10


def test_a_number_kept_beside_its_band_has_its_own_column(connection, tmp_path):
    """The band and the number that was typed stand side by side; the codebook has both."""
    bands = [
        {"code": "few", "label": "Few", "low": 0, "high": 4},
        {"code": "many", "label": "Many", "low": 5},
    ]
    asked = {"key": "a2", "kind": "number", "text": "How long?", "keeps_number": "a2_years", "bands": bands}
    flow = Flow.model_validate(
        {
            "flow": "talk",
            "title": "T",
            "language": "en",
            "audience": ["patient"],
            "steps": [asked, {"key": "bye", "kind": "end"}],
        }
    )
    rows = Rows(connection)
    person_and_program(rows)
    rows.add(
        "flowversion",
        hash=flow.hash,
        flow="talk",
        source=flow.model_dump_json(by_alias=True),
        first_used_at=NOW,
    )
    conversation(rows, flow, NOW)
    rows.answer(1, "a2", PromptKind.NUMBER, "many", "7 years")
    rows.answer(1, "a2_years", PromptKind.NUMBER, 7, "7 years")
    written(connection, tmp_path)
    (row,) = read(tmp_path / "wide_talk.csv")
    assert (row["a2"], row["a2_years"]) == ("many", "7")
    kept = [row for row in read(tmp_path / "codebook.csv") if row["question_key"].startswith("a2")]
    assert [(row["question_key"], row["choices"]) for row in kept] == [
        ("a2", "few = Few; many = Many"),
        ("a2_years", ""),
    ]


def test_whom_a_conversation_is_about(connection, tmp_path):
    """A choice says whom it is about; what follows on and is worded by that has the same; others have nothing."""
    who = {
        "key": "a1",
        "kind": "select_one",
        "text": "Who?",
        "choices": [
            {"code": "me", "label": "Me", "about": "self"},
            {"code": "carer", "label": "Carer", "about": "other"},
            {"code": "else", "label": "Else"},
        ],
    }
    later = {
        "key": "e1",
        "kind": "text",
        "text": "How are you?",
        "wordings": [{"code": "carer", "when": "earlier.about == 'other'", "text": "How are they?"}],
    }
    head = {"title": "T", "language": "en", "audience": ["patient"]}
    first = Flow.model_validate({"flow": "talk", **head, "steps": [who]})
    again = Flow.model_validate({"flow": "again", **head, "steps": [later]})
    rows = Rows(connection)
    person_and_program(rows)
    for flow in (first, again, a_flow()):
        source = flow.model_dump_json(by_alias=True)
        rows.add("flowversion", hash=flow.hash, flow=flow.flow, source=source, first_used_at=NOW)
    for number, (flow, key, picked) in enumerate(
        [
            (again, "e1", "Fine"),
            (first, "a1", "carer"),
            (again, "e1", "Fine"),
            (a_flow(), "a1", "me"),
            (first, "a1", "me"),
            (again, "e1", "Fine"),
            (first, "a1", "else"),
            (again, "e1", "Fine"),
        ],
        1,
    ):
        conversation(rows, flow, NOW)
        kind = PromptKind.SELECT_ONE if key == "a1" else PromptKind.TEXT
        rows.answer(number, key, kind, picked, picked)
    written(connection, tmp_path)
    about = ["", "other", "other", "", "self", "self", "", ""]
    assert [row["about"] for row in read(tmp_path / "answers_long.csv")] == about
    assert [row["about"] for row in read(tmp_path / "wide_again.csv")] == ["", "other", "self", ""]


@pytest.mark.parametrize(
    ("statement", "language", "points"),
    [
        ("Do better", "en", "0"),
        ("Ask about numbness", "en", "1"),
        ("Ask patients about numbness", "en", "2"),
        ("Ask every new patient about numbness at each visit", "en", "3"),
        ("Preguntar a cada paciente por el hormigueo en cada visita", "es-MX", "3"),
        ("Kysyn jokaiselta", "fi", ""),  # no rules: nothing is known of it
        ("", "en", ""),
    ],
)
def test_how_specific_a_commitment_is(filled, tmp_path, statement, language, points):
    """By rule, in the language of its conversation and of its newest words; empty where no rule can tell."""
    for name, values in (("commitment", {"statement": statement}), ("answer", {"language": language})):
        table = SQLModel.metadata.tables[name]
        filled.execute(table.update().values(values))
    written(filled, tmp_path)
    assert {row["specificity"] for row in read(tmp_path / "commitments.csv")} == {points}
    assert "language" not in read(tmp_path / "commitments.csv")[0]
