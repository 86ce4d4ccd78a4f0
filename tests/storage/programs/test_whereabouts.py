"""Where somebody is tells their phone numbers from other numbers: by their zone, their app, and their program."""

import sqlalchemy as sa

from flows.program.model import ProgramFile
from storage.programs import programs, whereabouts
from storage.redaction import has_identifiers, redacted
from tests.support.export_rows import INTERVIEW, NOW, Rows, conversation, known_flow

NORWEGIAN = "you get me at home, 22 61 45 03, mostly"


def countries(rows: Rows, **program: object) -> tuple[str, ...]:
    """Return where the one participant is in the one program, loaded anew with `program` changed."""
    kept = programs.program_file(rows.connection, 1).model_dump() | program
    changed = ProgramFile.model_validate(kept)
    programs.load(rows.connection, changed, programs.program_hash(changed), NOW)
    talk = conversation(rows, INTERVIEW, NOW)
    return tuple(whereabouts.of_conversation(rows.connection, talk)())


def test_the_person_comes_before_the_program() -> None:
    """Their zone and the region of their app, then the countries of the program, each once."""
    with known_flow(INTERVIEW) as rows:
        assert countries(rows) == ()
        assert countries(rows, countries=("AT", "NO")) == ("AT", "NO")
        rows.connection.execute(sa.text("UPDATE participant SET timezone = 'Europe/Oslo'"))
        rows.connection.execute(sa.text("UPDATE address SET locale = 'de-CH'"))
        assert countries(rows) == ("NO", "CH", "AT")


def test_a_number_as_it_is_written_there_is_redacted() -> None:
    """Eight digits in pairs are somebody's number in Norway, and anything elsewhere."""
    with known_flow(INTERVIEW) as rows:
        talk = conversation(rows, INTERVIEW, NOW)
        elsewhere = whereabouts.of_conversation(rows.connection, talk)
        assert redacted(NORWEGIAN, elsewhere) == NORWEGIAN
        rows.connection.execute(sa.text("UPDATE participant SET timezone = 'Europe/Oslo'"))
        rows.add("enrollment", participant_id=1, program_id=1, activity_id=1, enrolled_at=NOW)
        for regions in (
            whereabouts.of_conversation(rows.connection, talk),
            whereabouts.of_participant(rows.connection, 1),
        ):
            assert redacted(NORWEGIAN, regions) == "you get me at home, [phone], mostly"
            assert has_identifiers(NORWEGIAN, regions)


def test_nobody_is_nowhere() -> None:
    """A conversation that is not there yet tells no country."""
    with known_flow(INTERVIEW) as rows:
        assert tuple(whereabouts.of_conversation(rows.connection, 99)()) == ()
