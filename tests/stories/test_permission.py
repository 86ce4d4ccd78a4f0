"""What somebody permits of their words stands in every export as it is now: after a yes, a no, and a yes again."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import openpyxl
import pytest

from flows.engine.effects import Prompt
from flows.script.roles import Purpose, Role
from storage.export.export import ExportDestination, export, export_for_supporters, export_quotes
from storage.export.options import ExportFormat
from storage.export.tables.table import ExportSelection
from storage.people import coordinators
from storage.programs import quotations
from storage.programs.quotations import QuotationError, QuotationRelease, QuotationSource
from storage.reports import operators
from storage.safety.manual_flags import ManualFlag, flag_words
from storage.schema import SafetyKind
from tests.support.coordinators import enrolled
from tests.support.cosigning_world import SUBMISSION, team
from tests.support.follow_on_world import DAILY, INTERVIEW, Story, converse
from tests.support.turn_world import Shown, Someone

STORY = "Some words, here."
"""What `converse` answers to every open question."""
ASIDE = "My daughter was the only one who ever explained it"
COLUMNS = ("may_quote", "may_publish", "may_name_team")


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    made = Story(tmp_path / "house", **DAILY)
    yield made
    made.world.database.close()


@pytest.fixture(autouse=True)
def house(tmp_path: Path) -> None:
    (tmp_path / "house").mkdir()


class Exported:
    """All that leaves, as files of one moment."""

    def __init__(self, story: Story, folder: Path) -> None:
        with story.world.database.reading() as connection:
            for name, form in (("csv", ExportFormat.CSV), ("xlsx", ExportFormat.XLSX)):
                here = ExportDestination(folder / name, form)
                self.files = [
                    *export(connection, here, ExportSelection(), raw=True),
                    *export_quotes(connection, here, ExportSelection()),
                    *export_for_supporters(connection, here),
                ]
        self.folder = folder
        self.tables: dict[str, list[dict[str, Any]]] = {}
        for file in (folder / "csv").glob("*.csv"):
            with file.open(encoding="utf-8-sig", newline="") as lines:
                self.tables[file.stem] = list(csv.DictReader(lines))

    def permitted(self, conversation: int = 1) -> dict[str, set[tuple[str, ...]]]:
        """What the rows of a conversation say that stand, by table; as CSV, as XLSX and as JSON Lines alike."""
        found: dict[str, set[tuple[str, ...]]] = {}
        for name, rows in self.tables.items():
            if rows and "conversation" in rows[0] and "may_quote" in rows[0]:
                said = {
                    tuple(row[column] for column in COLUMNS if column in row)
                    for row in rows
                    if row["conversation"] == str(conversation) and row.get("superseded", "0") == "0"
                }
                found[name] = said
        for name in ("answers", "remarks"):
            lines = (self.folder / "csv" / f"{name}.jsonl").read_text("utf-8").splitlines()
            said = {
                tuple(str(int(row[column])) for column in COLUMNS)
                for row in map(json.loads, lines)
                if row["conversation"] == conversation and not row["superseded"]
            }
            table = "answers_long" if name == "answers" else name
            assert said == found.get(table, set())
        assert self._in_workbooks(conversation) == found
        return {name: said for name, said in found.items() if said}

    def _in_workbooks(self, conversation: int) -> dict[str, set[tuple[str, ...]]]:
        found: dict[str, set[tuple[str, ...]]] = {}
        for book in ("said-export", "said-quotes"):
            for sheet in openpyxl.load_workbook(self.folder / "xlsx" / f"{book}.xlsx"):
                head, *rows = sheet.values
                if rows and "conversation" in head and "may_quote" in head:
                    named = [dict(zip(head, row, strict=True)) for row in rows]
                    found[sheet.title] = {
                        tuple(str(row[column]) for column in COLUMNS if column in row)
                        for row in named
                        if row["conversation"] == conversation and not row.get("superseded")
                    }
        return found

    def quotes(self) -> set[str]:
        return {row["words"] for row in self.tables["quotes"]}

    def standing(self, purpose: str) -> str:
        """The newest decision on a purpose that stands, as an auditor reads it."""
        stand = [
            row["granted"]
            for row in self.tables["consents"]
            if row["purpose"] == purpose and row["stands"] == "1"
        ]
        return stand[-1]


def asked(story: Story, purpose: Purpose, *, newest: bool = False) -> Shown:
    """The first (or newest) message of the first conversation that asks for a consent, and has buttons."""
    [(text,)] = story.world.rows(
        "SELECT shown_text FROM consent WHERE purpose = :purpose AND conversation_id = 1 ORDER BY id LIMIT 1",
        purpose=purpose.value,
    )
    rows = story.world.rows(
        "SELECT payload, conversation_id, kind FROM outbox WHERE conversation_id = 1 ORDER BY id"
    )
    shown = [Shown(msgspec.json.decode(payload, type=Prompt), number, kind) for payload, number, kind in rows]
    found = [one for one in shown if one.prompt.options and text in one.text]
    return found[-1 if newest else 0]


async def decide(story: Story, person: Someone, purpose: Purpose, option: int) -> None:
    """Tap another button of a question that was answered, and say yes to the change."""
    await person.tap(asked(story, purpose), option)
    await person.tap(asked(story, purpose, newest=True), 0)


async def interviewed(story: Story, reply: str = "yes") -> Someone:
    """A patient who told a story, and said something beside it."""
    pat = await story.patient("pat", May_we_use=reply)
    await pat.say(ASIDE)
    return pat


FREE, NOT_FREE = {("1", "0", "0")}, {("0", "0", "0")}


def check_words(story: Story, folder: Path, *, free: bool) -> Exported:
    """Every table, format and report says the same of the words of the first conversation."""
    found = Exported(story, folder)
    expected = FREE if free else NOT_FREE
    said = found.permitted()
    quotes = said.pop("quotes", set())
    assert said == {"answers_long": expected, "remarks": expected, "wide_patient_interview": expected}
    assert (bool(quotes), bool(found.quotes())) == (free, free)
    if free:
        assert ASIDE in found.quotes()
        assert STORY in found.quotes()
        assert not found.quotes() & {"1", "yes", "I agree", "3, 5"}
    assert found.standing("use_words") == ("1" if free else "0")
    return found


@pytest.mark.parametrize("by_word", [True, False], ids=["not my words", "the other button"])
async def test_words(story: Story, tmp_path: Path, by_word: bool) -> None:
    """Yes, taken back, given again, taken back: quotes are there, gone, there, gone; the released one with them."""
    await enrolled(story.world)
    pat = await interviewed(story)
    check_words(story, tmp_path / "yes", free=True)
    [(remark,)] = story.world.rows("SELECT id FROM remark WHERE raw = :words", words=ASIDE)
    wanted = QuotationRelease(QuotationSource(remark, is_remark=True), ASIDE)
    now = story.world.clock.now()
    story.world.database.write_now(lambda c: quotations.release(c, wanted, by=1, now=now))

    def shown() -> list[str]:
        program = story.world.program_id
        return [one.text for one in story.world.database.read_now(lambda c: quotations.showable(c, program))]

    assert shown() == [ASIDE]
    for again in range(2):
        if by_word:
            await pat.say("not my words")
        else:
            await decide(story, pat, Purpose.USE_WORDS, 1)
        check_words(story, tmp_path / f"no-{again}", free=False)
        assert shown() == []
        await decide(story, pat, Purpose.USE_WORDS, 0)
        check_words(story, tmp_path / f"again-{again}", free=True)
        assert shown() == [ASIDE]
    told = story.world.database.read_now(lambda c: operators.participant_story(c, _code(story)))
    assert told is not None
    decisions = [line.phrase for line in told.lines if line.fields.get("purpose") == "use_words"]
    assert decisions == ["agreed", "refused", "agreed", "refused", "agreed"]


def _code(story: Story) -> str:
    [(code,)] = story.world.rows(
        "SELECT code FROM participant WHERE id = (SELECT participant_id FROM conversation WHERE id = 1)"
    )
    return str(code)


async def test_a_no_and_then_a_yes(story: Story, tmp_path: Path) -> None:
    """A no from the start frees nothing; a yes under the same question does."""
    pat = await interviewed(story, "no")
    check_words(story, tmp_path / "no", free=False)
    await decide(story, pat, Purpose.USE_WORDS, 0)
    check_words(story, tmp_path / "yes", free=True)


async def test_an_old_no(story: Story, tmp_path: Path) -> None:
    """A yes in a second interview is for its own words; a no in it is for those of the first, too."""
    pat = await interviewed(story, "no")
    await pat.start(story.world.token("patient_interview", role=Role.PATIENT))
    second = "Now the nurse asks me each time how my hands and feet are"
    await converse(pat, {**INTERVIEW, "": second})
    found = Exported(story, tmp_path / "both")
    [(number,)] = story.world.rows("SELECT max(id) FROM conversation WHERE flow = 'patient_interview'")
    assert number > 1
    assert found.permitted(1)["answers_long"] == NOT_FREE
    assert found.permitted(number)["answers_long"] == FREE
    assert STORY not in found.quotes()
    await pat.say("not my words")
    assert Exported(story, tmp_path / "none").quotes() == set()


@pytest.mark.parametrize("word", ["stop", "delete my data"])
async def test_who_leaves_is_not_quoted(story: Story, tmp_path: Path, word: str) -> None:
    """After a stop no words look free, and after a deletion none are there; also where one was released."""
    pat = await interviewed(story)
    await enrolled(story.world)
    [(remark,)] = story.world.rows("SELECT id FROM remark WHERE raw = :words", words=ASIDE)
    wanted = QuotationRelease(QuotationSource(remark, is_remark=True), ASIDE)
    now = story.world.clock.now()
    story.world.database.write_now(lambda c: quotations.release(c, wanted, by=1, now=now))
    await pat.say(word)
    if word != "stop":
        await pat.say("yes")
        assert story.world.rows("SELECT count(*) FROM quotation") == [(0,)]
    found = Exported(story, tmp_path / "left")
    assert found.quotes() == set()
    for said in found.permitted().values():
        assert said == NOT_FREE
    program = story.world.program_id
    assert story.world.database.read_now(lambda c: quotations.showable(c, program)) == ()


DYING = "I want to die"
HALTED = {"What_do": DYING, "I_am_a_bot": "Go on with the questions"}


async def test_words_of_distress_are_never_quoted(story: Story, tmp_path: Path) -> None:
    """What halted the questions is not free after a yes, in no table; what was said beside it is."""
    await enrolled(story.world)
    pat = await story.patient("pat", **HALTED, May_we_use="yes")
    await pat.say(DYING)
    await pat.say(ASIDE)
    found = Exported(story, tmp_path / "yes")
    assert {ASIDE, STORY} <= found.quotes()
    assert DYING not in found.quotes()
    for table in ("answers_long", "remarks"):
        rows = [row for row in found.tables[table] if row["conversation"] == "1"]
        marked = {row["raw"] == DYING: row["may_quote"] for row in rows}
        assert marked == {True: "0", False: "1"}
    [row] = found.tables["wide_patient_interview"]
    assert row["may_quote"] == "0"
    for table in ("answer", "remark"):
        [(number,)] = story.world.rows(f"SELECT id FROM {table} WHERE raw = :words", words=DYING)
        with pytest.raises(QuotationError, match="tells of distress"):
            release(story, QuotationSource(number, is_remark=table == "remark"), DYING)


async def test_distress_before_the_yes_is_never_quoted(story: Story, tmp_path: Path) -> None:
    """Said twice before the consent to take part, kept as remarks after it: neither is free."""
    pat = await story.someone("pat", "patient_interview", Role.PATIENT)
    said = (DYING, "I want to kill myself")
    for words in said:
        await pat.say(words)
        await story.pass_time(minutes=1)
    await pat.say("Go on with the questions")
    await converse(pat, INTERVIEW)
    found = Exported(story, tmp_path / "yes")
    kept = {row["raw"]: row["may_quote"] for row in found.tables["remarks"]}
    assert kept == {**dict.fromkeys(said, "0"), STORY: "1"}
    assert not found.quotes() & set(said)
    assert STORY in found.quotes()


async def test_distress_that_a_person_finds_later(story: Story, tmp_path: Path) -> None:
    """A text that was released is shown to nobody once somebody of the team says that it tells of distress."""
    await enrolled(story.world)
    await interviewed(story)
    [(remark,)] = story.world.rows("SELECT id FROM remark WHERE raw = :words", words=ASIDE)
    source = QuotationSource(remark, is_remark=True)
    release(story, source, ASIDE)
    now, program = story.world.clock.now(), story.world.program_id
    flag = ManualFlag(_code(story), remark, SafetyKind.DISTRESS, is_remark=True)
    story.world.database.write_now(
        lambda c: flag_words(c, flag, by=coordinators.by_code(c, "TEAM-1"), now=now)
    )
    assert story.world.database.read_now(lambda c: quotations.showable(c, program)) == ()
    assert ASIDE not in Exported(story, tmp_path / "flagged").quotes()


def release(story: Story, source: QuotationSource, text: str) -> None:
    now = story.world.clock.now()
    wanted = QuotationRelease(source, text)
    story.world.database.write_now(lambda c: quotations.release(c, wanted, by=1, now=now))


async def test_who_takes_no_part_any_more(story: Story, tmp_path: Path) -> None:
    """Taking back the consent to take part takes the words along; given again, they are free again."""
    pat = await interviewed(story)
    await decide(story, pat, Purpose.TAKE_PART, 1)
    found = Exported(story, tmp_path / "no")
    assert (found.permitted()["answers_long"], found.standing("take_part")) == (NOT_FREE, "0")
    assert found.quotes() == set()
    await decide(story, pat, Purpose.TAKE_PART, 0)
    check_words(story, tmp_path / "again", free=True)


async def test_leave_to_write_is_something_else(story: Story, tmp_path: Path) -> None:
    """Contact again, taken back and given again, changes nothing for the words; its decisions are told."""
    pat = await interviewed(story)
    await pat.say("no contact")
    assert check_words(story, tmp_path / "no", free=True).standing("contact_again") == "0"
    await decide(story, pat, Purpose.CONTACT_AGAIN, 0)
    assert check_words(story, tmp_path / "again", free=True).standing("contact_again") == "1"


async def test_clinicians_were_not_asked(story: Story, tmp_path: Path) -> None:
    """Nobody's words are free who was never asked for them: those of commitments are not."""
    await story.clinician("amy")
    found = Exported(story, tmp_path)
    assert {row["may_quote"] for row in found.tables["commitments"]} == {"0"}
    assert (found.permitted()["answers_long"], found.quotes()) == (NOT_FREE, set())


async def test_a_summary_and_the_name_of_the_team(story: Story, tmp_path: Path) -> None:
    """Both purposes: yes, the name taken back and given again, then the summary; the export goes by what stands."""
    eve, _ = await team(story)

    def published(name: str) -> tuple[str, ...]:
        found = Exported(story, tmp_path / name)
        [row] = found.tables["exemplars"]
        long = {
            (one["may_publish"], one["may_name_team"])
            for one in found.tables["answers_long"]
            if one["superseded"] == "0"
        }
        assert long == {(row["publish"], row["name_team"])}
        assert bool(row["public_summary"]) == (row["publish"] == "1")
        assert ("The webinar team" in row["public_summary"]) == (row["name_team"] == "1")
        assert (row["may_quote"], found.quotes()) == ("0", set())
        assert found.standing("publish") == row["publish"]
        return row["publish"], row["name_team"]

    assert published("yes") == ("1", "1")
    await decide(story, eve, Purpose.NAME_TEAM, 1)
    assert published("no-name") == ("1", "0")
    await decide(story, eve, Purpose.NAME_TEAM, 0)
    assert published("name") == ("1", "1")
    await decide(story, eve, Purpose.PUBLISH, 1)
    assert published("no") == ("0", "0")
    await decide(story, eve, Purpose.PUBLISH, 0)
    assert published("again") == ("1", "1")


async def test_a_second_summary_frees_not_the_first(story: Story, tmp_path: Path) -> None:
    """Who kept the first inside and lets the second be published has one that may be."""
    eve, _ = await team(story, May_we_publish="no, keep it inside")
    await eve.start(story.world.token("best_practice", role=Role.EDUCATOR))
    await converse(eve, SUBMISSION)
    assert [row["publish"] for row in Exported(story, tmp_path).tables["exemplars"]] == ["0", "1"]


async def test_only_their_owner_reads_the_files(story: Story, tmp_path: Path) -> None:
    """Every file of an export has mode 600, whatever is written."""
    await interviewed(story)
    found = Exported(story, tmp_path / "files")
    files = [path for path in found.folder.rglob("*") if path.is_file()]
    assert len(files) > len(found.files)
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
