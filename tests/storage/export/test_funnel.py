"""The funnel from rows: whatever stands in the tables, each commitment is counted once at each wave."""

import csv
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import SQLModel

from flows.schedule.contact_policy import ContactReason
from flows.script.model import Purpose, Role
from storage.export.export import ExportDestination, ExportError, export_for_supporters
from storage.export.funnel import LATEST, WaveFunnel, funnels
from storage.export.options import ExportFormat
from storage.export.statistics import IN_WORDS, SELF_REPORTED, STATUSES, WaveStanding
from storage.export.tables.table import ExportSelection
from storage.export.tables.waves import SUPPORTERS_COLUMNS, supporter_cells, supporters, waves
from storage.schema import FollowUpStatus, ImplementationStatus, ParticipantStatus
from tests.support.export_rows import Rows

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ALL = ExportSelection()


class Program(Rows):
    """One program with one activity; people and their commitments are added."""

    def __init__(self, connection: sa.Connection) -> None:
        super().__init__(connection)
        self.add("program", slug="mm", title="M", settings={}, hash="1", loaded_at=NOW)
        self.add("activity", program_id=1, slug="spring", title="Spring")
        self.add("activity", program_id=1, slug="autumn", title="Autumn")
        self.people = 0

    def decision(self, person: int, *, granted: bool) -> None:
        self.add(
            "consent", participant_id=person, program_id=1, purpose=Purpose.CONTACT_AGAIN, granted=granted,
            shown_text="", text_hash="h", language="en", decided_at=NOW,
        )  # fmt: skip

    def person(
        self, *, contact: bool | None = True, status: ParticipantStatus = ParticipantStatus.ACTIVE
    ) -> int:
        self.people += 1
        number = self.add(
            "participant", code=f"P-{self.people}", role=Role.HCP, status=status, created_at=NOW
        )
        if contact is not None:
            self.decision(number, granted=contact)
        return number

    def commitment(self, person: int, activity: int | None = 1) -> int:
        made = sa.func.coalesce(sa.func.max(SQLModel.metadata.tables["commitment"].c.id), 0)
        slot = str(self.connection.scalar(sa.select(made)))
        return self.add(
            "commitment", participant_id=person, program_id=1, activity_id=activity, conversation_id=1,
            slot=slot, statement="x", foreseen_barriers=[], made_at=NOW,
        )  # fmt: skip

    def wave(
        self,
        commitment: int,
        days: int,
        status: FollowUpStatus,
        reported: str | None = None,
        reason: str | None = None,
    ) -> None:
        person = self.connection.scalar(
            sa.text(f"SELECT participant_id FROM commitment WHERE id = {commitment}")
        )
        number = self.add(
            "follow_up", commitment_id=commitment, participant_id=person, program_id=1, wave_days=days,
            status=status, reason=reason, reminded=0, due_at=NOW + timedelta(days=days),
        )  # fmt: skip
        if reported is not None:
            self.add(
                "implementation", commitment_id=commitment, follow_up_id=number, conversation_id=1,
                status=ImplementationStatus(reported), details={}, reported_at=NOW + timedelta(days=days),
                late=status is not FollowUpStatus.ANSWERED,
            )  # fmt: skip

    def found(self, wave: str = "30") -> WaveFunnel:
        return next(one for one in funnels(self.connection, ALL) if one.wave == wave)


def program() -> Program:
    engine = sa.create_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    return Program(engine.connect())


@pytest.fixture
def rows():
    made = program()
    yield made
    made.connection.close()


@pytest.mark.parametrize(
    ("status", "reported", "reason", "place", "told", "late"),
    [
        (FollowUpStatus.ANSWERED, "full", None, WaveStanding.RESPONDED, "full", 0),
        (FollowUpStatus.ANSWERED, None, None, WaveStanding.RESPONDED, IN_WORDS, 0),
        (FollowUpStatus.SENT, None, None, WaveStanding.WAITING, None, 0),
        (FollowUpStatus.NO_RESPONSE, None, ContactReason.NO_RESPONSE, WaveStanding.NO_RESPONSE, None, 0),
        (FollowUpStatus.NO_RESPONSE, None, ContactReason.BLOCKED, WaveStanding.NO_RESPONSE, None, 0),
        (FollowUpStatus.NO_RESPONSE, "full", ContactReason.NO_RESPONSE, WaveStanding.NO_RESPONSE, None, 1),
        (FollowUpStatus.OPTED_OUT, None, ContactReason.WITHDRAWN, WaveStanding.OPTED_OUT, None, 0),
        (FollowUpStatus.SCHEDULED, None, None, WaveStanding.NOT_DUE, None, 0),
        (FollowUpStatus.CANCELLED, None, ContactReason.NOTHING_LEFT_TO_ASK, WaveStanding.NOT_DUE, None, 0),
        (FollowUpStatus.CANCELLED, None, ContactReason.LATER_WAVE_DUE, WaveStanding.NO_RESPONSE, None, 0),
        (FollowUpStatus.CANCELLED, None, ContactReason.NOT_ALLOWED, WaveStanding.NO_RESPONSE, None, 0),
    ],
)
def test_places(rows, status, reported, reason, place, told, late):
    """Each state of a wave has its place; what was answered too late stays no response, and is counted as late."""
    rows.wave(rows.commitment(rows.person()), 30, status, reported, reason)
    found = rows.found().funnel
    assert {one: cell.n for one, cell in found.places.items() if cell.n} == {place: 1}
    assert {one: cell.n for one, cell in found.statuses.items() if cell.n} == ({told: 1} if told else {})
    assert (found.committed, found.late) == (1, late)
    newest = rows.found(LATEST).funnel.statuses
    assert newest[told or "full"].n == int(told is not None or bool(late))


@pytest.mark.parametrize(
    ("person", "place"),
    [
        ({"contact": False}, WaveStanding.OPTED_OUT),
        ({"status": ParticipantStatus.WITHDRAWN}, WaveStanding.OPTED_OUT),
        ({"status": ParticipantStatus.DELETED}, WaveStanding.OPTED_OUT),
        ({"contact": True}, WaveStanding.NOT_DUE),
        ({"contact": None}, WaveStanding.NOT_DUE),
    ],
)
def test_waves_that_were_not_made(rows, person, place):
    """Who said no to being asked again is among those who were due: the floor does not rise when people say no."""
    rows.wave(rows.commitment(rows.person()), 30, FollowUpStatus.ANSWERED, "full")
    rows.commitment(rows.person(**person))
    found = rows.found().funnel
    assert (found.committed, found.places[place].n) == (2, 1)
    assert found.due == 1 + (place is WaveStanding.OPTED_OUT)


def test_the_latest_consent_counts(rows):
    """Who took the no back is not opted out."""
    person = rows.person(contact=False)
    rows.decision(person, granted=True)
    rows.commitment(person)
    assert rows.found(LATEST).funnel.places[WaveStanding.NOT_DUE].n == 1


def test_each_activity_has_its_own(rows):
    """Activities are not mixed, and commitments that belong to none are not lost."""
    for activity in (1, 1, 2, None):
        rows.wave(rows.commitment(rows.person(), activity), 30, FollowUpStatus.SENT)
    found = {(one.activity, one.wave): one.funnel.committed for one in funnels(rows.connection, ALL)}
    assert found == {
        (activity, wave): made
        for activity, made in ((None, 1), ("autumn", 1), ("spring", 2))
        for wave in ("30", LATEST)
    }


STATES = st.tuples(
    st.sampled_from(FollowUpStatus),
    st.sampled_from([None, *ImplementationStatus]),
    st.sampled_from([None, ContactReason.NOTHING_LEFT_TO_ASK, ContactReason.LATER_WAVE_DUE]),
)
PEOPLE = st.lists(
    st.tuples(st.booleans(), st.lists(st.dictionaries(st.sampled_from([30, 60, 90]), STATES), max_size=3)),
    max_size=6,
)


@settings(max_examples=40, deadline=None)
@given(PEOPLE)
def test_the_identity_holds_for_any_rows(people):
    """At every wave committed = responded + waiting + no response + opted out + not due."""
    rows, made = program(), 0
    for contact, commitments in people:
        person = rows.person(contact=contact)
        for states in commitments:
            number, made = rows.commitment(person), made + 1
            for days, (status, reported, reason) in states.items():
                rows.wave(number, days, status, reported, reason)
    for wave in funnels(rows.connection, ALL):
        found = wave.funnel
        assert found.committed == made == sum(found.places[place].n for place in WaveStanding)
        assert found.due == made - found.places[WaveStanding.NOT_DUE].n
        assert sum(cell.n for cell in found.statuses.values()) == found.responded
    rows.connection.close()


# Tables


@pytest.fixture
def filled(rows):
    """24 clinicians: the first twelve did it, eight partly, two dropped it, and two never answered."""
    for number in range(24):
        person = rows.person()
        commitment = rows.commitment(person)
        if number < 22:
            status = "full" if number < 12 else "partial" if number < 20 else "dropped"
            rows.wave(commitment, 30, FollowUpStatus.ANSWERED, status)
        else:
            rows.wave(commitment, 30, FollowUpStatus.NO_RESPONSE)
    return rows


def test_waves(filled):
    """A row for each status of each wave, with both denominators, their intervals, and the word self-reported."""
    table = waves(filled.connection, ALL)
    found = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    assert [(row["wave"], row["implementation"]) for row in found] == [
        (wave, status) for wave in ("30", LATEST) for status in STATUSES
    ]
    assert table.total == len(found)
    assert all(row["basis"] == SELF_REPORTED and row["of_responders"] is not None for row in found)
    full = found[0]
    assert (full["n"], full["people"], full["responded"], full["due"]) == (12, 12, 22, 24)
    assert (full["of_responders"], full["of_due"]) == (54.5, 50.0)
    assert full["of_due_low"] < full["of_due"] < full["of_due_high"] < 70
    assert [full[name] for name in ("committed", "waiting", "no_response", "opted_out", "not_due")] == [
        24, 0, 2, 0, 0,
    ]  # fmt: skip


def test_the_cut_for_supporters(filled):
    """Two did not answer: neither they, nor what would tell them, is shown, and no share without both denominators."""
    table = supporters(filled.connection, ALL)
    found = {row[2]: dict(zip(table.columns, row, strict=True)) for row in table.rows}
    assert [found["full"][name] for name in ("n", "responded", "no_answer", "due")] == [
        12,
        "hidden",
        "<5",
        24,
    ]
    assert (found["dropped"]["n"], found["already"]["n"]) == ("<5", "<5")
    assert (
        {row["of_due"] for row in found.values()}
        == {row["of_responders"] for row in found.values()}
        == {None}
    )
    assert {row["basis"] for row in found.values()} == {SELF_REPORTED}


def test_shares_where_nothing_hides_them(filled):
    """With enough who did not answer there are shares of what is shown, and none of what is not."""
    for _ in range(6):
        filled.wave(filled.commitment(filled.person()), 30, FollowUpStatus.NO_RESPONSE)
    table = supporters(filled.connection, ALL)
    found = {row[2]: dict(zip(table.columns, row, strict=True)) for row in table.rows}
    assert (found["full"]["of_responders"], found["full"]["of_due"]) == (54.5, 40.0)
    assert (found["partial"]["n"], found["partial"]["of_responders"]) == ("hidden", None)


def test_the_cut_is_figures_alone(filled, tmp_path):
    """One file, without a code, a word or an answer; a second time needs `force`; the program must be known."""
    [file] = export_for_supporters(filled.connection, ExportDestination(tmp_path, ExportFormat.CSV))
    names = sorted(path.name for path in tmp_path.iterdir())
    assert (
        names
        == ["manifest-supporters-csv.json", file.path.name]
        == ["manifest-supporters-csv.json", "supporters.csv"]
    )
    text = file.path.read_text(encoding="utf-8-sig")
    assert next(csv.reader(text.splitlines())) == list(SUPPORTERS_COLUMNS)
    assert "P-" not in text
    with pytest.raises(ExportError, match="--force"):
        export_for_supporters(filled.connection, ExportDestination(tmp_path, ExportFormat.CSV))
    with pytest.raises(ExportError, match="said program list"):
        export_for_supporters(
            filled.connection, ExportDestination(tmp_path / "no", ExportFormat.XLSX), program="other"
        )
    [book] = export_for_supporters(
        filled.connection, ExportDestination(tmp_path, ExportFormat.XLSX), program="mm"
    )
    assert book.path.name == "said-supporters.xlsx"


def test_no_answer_is_one_cell_for_supporters(rows):
    """Three who did not answer and three whose wave is open are six together, and need not be hidden."""
    for number in range(16):
        commitment = rows.commitment(rows.person())
        status = (
            FollowUpStatus.ANSWERED
            if number < 10
            else FollowUpStatus.SENT
            if number < 13
            else FollowUpStatus.NO_RESPONSE
        )
        rows.wave(commitment, 30, status, "full" if number < 10 else None)
    root = supporter_cells(rows.found(LATEST))
    assert [(node.name, node.cell.n) for node in root.parts] == [("responded", 10), ("no_answer", 6)]
