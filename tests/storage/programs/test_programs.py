"""Programs: loading keeps ids, and nothing that is in use is removed."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from pydantic import ValidationError
from sqlmodel import SQLModel

from flows.program.model import ActivityFile, Objective, ProgramFile, Schedule, ThemeFile, kept_program
from flows.program.safety import BusinessCalendar
from flows.schedule import business_days
from flows.script.model import Role
from storage.database.address_keys import AddressKeys
from storage.database.connection import Database
from storage.people import invitations
from storage.programs import programs

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def a_program(
    *activities: ActivityFile, title: str = "Myeloma", themes: tuple[ThemeFile, ...] = ()
) -> ProgramFile:
    return ProgramFile(
        program="mm",
        title=title,
        team="the team",
        contact="team@example.org",
        condition="myeloma",
        emergency_numbers={"default": "112"},
        activities=activities,
        themes=themes,
    )


SPRING = ActivityFile(
    slug="spring", title="Spring", objectives=(Objective(code="o1", text="Explain better"),)
)
AUTUMN = ActivityFile(slug="autumn", title="Autumn")


@pytest.fixture
def connection():
    engine = sa.create_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def rows(connection: sa.Connection, table: str, *columns: str) -> list[tuple]:
    named = SQLModel.metadata.tables[table]
    return [
        tuple(row)
        for row in connection.execute(sa.select(*(named.c[c] for c in columns)).order_by(named.c.id))
    ]


def test_loading_twice_keeps_ids(connection):
    """A file that is loaded again changes titles and leaves every number as it was."""
    first = programs.load(
        connection, a_program(SPRING, themes=(ThemeFile(code="pain", label="Pain"),)), "1", NOW
    )
    before = rows(connection, "activity", "id", "slug"), rows(connection, "objective", "id", "code")
    changed = SPRING.model_copy(update={"title": "Spring symposium"})
    again = programs.load(
        connection, a_program(changed, AUTUMN, themes=(ThemeFile(code="pain", label="Aches"),)), "2", NOW
    )
    assert (first.created, first.changed, again.created, again.changed) == (True, True, False, True)
    assert again.program_id == first.program_id
    assert rows(connection, "activity", "id", "slug")[:1] == before[0]
    assert rows(connection, "objective", "id", "code") == before[1]
    assert rows(connection, "activity", "slug", "title") == [
        ("spring", "Spring symposium"),
        ("autumn", "Autumn"),
    ]
    assert rows(connection, "theme", "code", "label") == [("pain", "Aches")]


def test_translations_are_kept_with_the_version(connection):
    """Other translations are another version of the program; what is used is what was loaded, file or no file."""
    program = a_program(SPRING)
    spring = "mm:activities.spring.title"
    kept = [
        {"es": {"status": "reviewed", "strings": {spring: [SPRING.title, title]}, "sure": [spring]}}
        for title in ("Primavera", "En primavera")
    ]
    versions = [programs.program_hash(program, each) for each in (None, *kept)]
    assert len(set(versions)) == len(versions)
    for version, each, title in zip(versions[1:], kept, ("Primavera", "En primavera"), strict=True):
        loaded = programs.load(connection, program, version, NOW, each)
        words = programs.program_words(connection, loaded.program_id)
        assert loaded.changed
        assert words.in_language("es").activities[0].title == title
        assert programs.program_file(connection, loaded.program_id) == program


def test_an_unused_activity_goes_with_its_objectives(connection):
    """What nobody used may be taken out of the file."""
    programs.load(connection, a_program(SPRING, AUTUMN), "file 1", NOW)
    programs.load(connection, a_program(AUTUMN), "file 2", NOW)
    assert rows(connection, "activity", "slug") == [("autumn",)]
    assert rows(connection, "objective", "code") == []


def test_an_activity_in_use_stays(connection):
    """Removing an activity that somebody was invited to is refused, and the error names it and what to do."""
    loaded = programs.load(connection, a_program(SPRING), "file 1", NOW)
    spring = programs.activity_id(connection, loaded.program_id, "spring")
    new = invitations.NewInvitation(
        program_id=loaded.program_id, role=Role.HCP, flow="hcp_commitment", source="x", activity_id=spring
    )
    invitations.make_invitation(connection, new, token_hash=b"1", now=NOW)
    with pytest.raises(programs.ProgramError, match=r"'spring' .* put it back in the file"):
        programs.load(connection, a_program(AUTUMN), "file 2", NOW)


def test_the_file_comes_back_as_loaded(connection):
    """`program_file` answers with the newest loaded version."""
    first = programs.load(connection, a_program(SPRING), "file 1", NOW)
    assert programs.program_file(connection, first.program_id) == a_program(SPRING)
    programs.load(connection, a_program(SPRING, title="New"), "file 2", NOW)
    assert programs.program_file(connection, first.program_id).title == "New"
    with pytest.raises(programs.ProgramError, match="said program list"):
        programs.program_file(connection, 99)


def test_mails_of_programs_of_before_show_no_question(connection):
    """What was kept without the key reads as no, and a file without it, or with a no, has the hash that it had."""
    unsaid = a_program(SPRING)
    no, yes = (
        unsaid.model_copy(update={"schedule": Schedule(mails_show_question=says_so)})
        for says_so in (False, True)
    )
    loaded = programs.load(connection, unsaid, programs.program_hash(unsaid), NOW)
    [(settings,)] = rows(connection, "program", "settings")
    assert "mails_show_question" not in settings["schedule"]
    assert not kept_program(settings).schedule.mails_show_question
    assert programs.program_hash(no) == programs.program_hash(unsaid)
    assert programs.load(connection, yes, programs.program_hash(yes), NOW).changed
    assert programs.program_file(connection, loaded.program_id).schedule.mails_show_question


def test_finding_and_listing(connection):
    """A program is found by its short name; one never loaded is not."""
    loaded = programs.load(connection, a_program(), "file 1", NOW)
    found = programs.find(connection, "mm")
    assert found is not None
    assert (found.id, found.title) == (loaded.program_id, "Myeloma")
    assert programs.find(connection, "other") is None
    assert [row.slug for row in programs.list_all(connection)] == ["mm"]


def test_a_transaction_asks_once_which_version_a_program_has(tmp_path):
    """Looked up again in the same transaction a program costs no statement; another process's load is seen
    by the next one.
    """
    database = Database.open(tmp_path / "said.sqlite", identity=AddressKeys(bytes(32)))
    first = database.write_now(lambda connection: programs.load(connection, a_program(SPRING), "file 1", NOW))
    database.write_now(
        lambda one: programs.program_file(one, first.program_id)
    )  # read and parsed once for all
    asked: list[str] = []

    def look_twice(connection: sa.Connection) -> tuple[str, str]:
        connection.connection.dbapi_connection.set_trace_callback(asked.append)
        return (
            programs.program_file(connection, first.program_id).title,
            programs.program_file(connection, first.program_id).title,
        )

    assert database.write_now(look_twice) == ("Myeloma", "Myeloma")
    assert len([text for text in asked if text.startswith("SELECT")]) == 1
    other = Database.open(database.path, identity=database.identity)
    other.write_now(lambda one: programs.load(one, a_program(SPRING, title="New"), "file 2", NOW))
    other.close()
    assert database.write_now(lambda one: programs.program_file(one, first.program_id).title) == "New"
    database.close()


def test_what_was_kept_is_read_without_the_calendars_of_all_countries(connection):
    """A calendar and a time zone that were known when the file was loaded stay, without a second look for them."""
    kept = a_program().model_dump(mode="json") | {
        "business_calendar": {"country": "GB", "subdivision": "GONE"},
        "timezone": "Europe/Gone",
    }
    program = kept_program(kept)
    assert program.business_calendar == BusinessCalendar.model_construct(country="GB", subdivision="GONE")
    assert program.timezone == "Europe/Gone"
    with pytest.raises(ValidationError, match="2 validation errors"):
        ProgramFile.model_validate(kept)
    with pytest.raises(ValidationError):
        kept_program({**kept, "business_calendar": {"land": "GB"}})


def test_calendars_are_loaded_ahead_of_the_first_report(connection, monkeypatch):
    """Each program's own, and none for a program without."""
    loaded: list[tuple[str, str | None]] = []
    monkeypatch.setattr(business_days, "warm", lambda *names: loaded.append(names))
    programs.load(connection, a_program(), "without a calendar", NOW)
    programs.warm_calendars(connection)
    assert loaded == []
    english = a_program().model_copy(
        update={"program": "uk", "business_calendar": BusinessCalendar(country="GB", subdivision="ENG")}
    )
    programs.load(connection, english, "with a calendar", NOW)
    programs.warm_calendars(connection)
    assert loaded == [("GB", "ENG")]
