"""What a journal tells is done again, each kind of it, and telling it twice is telling it once."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.channels.base import InboundKind
from storage.database import connection as connection_module
from storage.database.commit_notes import take_notes
from storage.database.connection import Database
from storage.database.journal import Journal, JournalEntry, journal_path
from storage.errors import DatabaseBusy
from storage.people import account_links, coordinators, mail_addresses, participants
from storage.people.account_links import NewLinkCode
from storage.programs import programs, quotations
from storage.programs.quotations import QuotationRelease, QuotationSource
from storage.restore.replay import replay
from storage.schema import JournalKind
from tests.support.coordinators import enrolled
from tests.support.restoring import Town, make_town, rows_of
from tests.support.turn_world import IDENTITY, START, through

CODE = "SELECT code FROM participant JOIN address ON participant.id = participant_id WHERE lookup = :hash"


MAILED = "SELECT id FROM address WHERE channel = 'email'"


def _has_a_mailbox(connection: sa.Connection) -> None:
    """The first participant is reached by e-mail, too."""
    mailbox = "email:ann@example.org"
    lookup, sealed = IDENTITY.lookup(mailbox), IDENTITY.seal(mailbox)
    number = participants.add_address(connection, channel="email", lookup=lookup, sealed=sealed, now=START)
    participants.assign_address(connection, number, 1)


@pytest.fixture
async def town(tmp_path: Path) -> Town:
    """Ann has committed to something, Bob is asked what to commit to, and Eve whether she takes part at all."""
    made = make_town(tmp_path)
    await enrolled(made.world)
    await made.settle("ann")
    made.world.database.write_now(_has_a_mailbox)
    await made.settle("bob", lines=("1", "1", "2", "1"))
    await made.settle("eve", lines=())
    made.back_up()
    return made


def code_of(town: Town, name: str) -> str:
    [[code]] = town.world.rows(CODE, hash=IDENTITY.lookup(f"terminal:{name}"))
    return str(code)


async def stop(town: Town) -> None:
    await town["bob"].say("stop")


async def erase(town: Town) -> None:
    await through(town["ann"], "delete my data", "yes")


async def take_back(town: Town) -> None:
    await town["ann"].say("no contact")


async def refuse(town: Town) -> None:
    await town["eve"].say("2")


async def be_away(town: Town) -> None:
    await town["ann"].say("until 3 August")


async def put_off(town: Town) -> None:
    await through(town["bob"], "later", "2")


async def put_off_without_an_hour(town: Town) -> None:
    await town["bob"].say("pause")


async def hold_for_team(town: Town) -> None:
    await town.world.someone("cora").say(f"/pause {code_of(town, 'ann')} 20")


async def pause_program(town: Town) -> None:
    now = town.world.clock.now()
    town.world.database.write_now(lambda c: programs.pause(c, town.world.program_id, now))


async def end_mails(town: Town) -> None:
    """Ann has an e-mail address, by which she ends mails."""
    number = town.world.database.read_now(lambda c: c.scalar(sa.text(MAILED)))
    now = town.world.clock.now()
    town.world.database.write_now(
        lambda c: mail_addresses.end_mails(c, number, 1, reason="unsubscribed", now=now)
    )


async def move_to_another_account(town: Town) -> None:
    """Eve has lost the account that she writes from, and a coordinator has made a code for her."""
    now = town.world.clock.now()
    code = town.world.database.write_now(
        lambda c: account_links.make_code(
            c,
            NewLinkCode(3, coordinators.list_all(c)[0].id),
            code_hash=lambda code: IDENTITY.token_hash(f"link:{code}"),
            pick=lambda letters: letters[0],
            now=now,
        )
    )
    await town.world.someone("eve-again").say(f"link {code}")


async def remove_coordinator(town: Town) -> None:
    now = town.world.clock.now()
    town.world.database.write_now(lambda c: coordinators.remove(c, "TEAM-1", now))


KINDS: dict[Callable[[Town], Awaitable[None]], tuple[JournalKind, str]] = {
    stop: (JournalKind.STOP, "SELECT count(*) FROM participant WHERE status = 'withdrawn'"),
    erase: (JournalKind.ERASURE, "SELECT count(*) FROM tombstone"),
    take_back: (JournalKind.CONSENT, "SELECT count(*) FROM follow_up WHERE reason = 'no_consent'"),
    refuse: (JournalKind.CONSENT, "SELECT count(*) FROM conversation WHERE outcome = 'declined'"),
    be_away: (JournalKind.HOLD, "SELECT hold_until FROM participant WHERE hold_until IS NOT NULL"),
    put_off: (JournalKind.SNOOZE, "SELECT due_at FROM timer WHERE kind = 'resume' AND done_at IS NULL"),
    end_mails: (JournalKind.MAILS, "SELECT status, reason FROM address WHERE channel = 'email'"),
    move_to_another_account: (JournalKind.MOVE, "SELECT count(*) FROM address WHERE reason = 'moved'"),
    hold_for_team: (JournalKind.TEAM_HOLD, "SELECT max(team_hold_until) FROM participant"),
    pause_program: (JournalKind.PROGRAM_PAUSED, "SELECT count(*) FROM program WHERE paused_at IS NOT NULL"),
    remove_coordinator: (
        JournalKind.COORDINATOR,
        "SELECT count(*) FROM coordinator WHERE address_id IS NULL",
    ),
}


TOGETHER = (
    end_mails,
    hold_for_team,
    be_away,
    take_back,
    put_off,
    put_off_without_an_hour,
    refuse,
    move_to_another_account,
    pause_program,
    remove_coordinator,
    stop,
    erase,
)
"""All that can be done by one after the other."""


def told(town: Town) -> list[JournalEntry]:
    return list(Journal.open(journal_path(town.world.database.path), IDENTITY).read().entries[1:])


@pytest.mark.parametrize("act", KINDS, ids=lambda act: act.__name__)
async def test_each_kind_stands_after_a_restore_as_it_stood_before(
    town: Town, act: Callable[[Town], Awaitable[None]]
) -> None:
    """It is in the journal, and what it changed is as it was when the bot stopped."""
    kind, state = KINDS[act]
    before = town.world.rows(state)
    await act(town)
    after = town.world.rows(state)
    assert after != before
    assert kind in {one.kind for one in told(town)}
    report = town.begin_again()
    assert report.replayed.done[kind] == 1
    assert report.replayed.unknown == 0
    assert town.world.rows(state) == after


async def test_no_name_word_or_code_is_in_the_journal(town: Town) -> None:
    """Kinds, times, hashes, and the names of programs and flows."""
    code = code_of(town, "ann")
    for act in TOGETHER:
        await act(town)
    text = journal_path(town.world.database.path).read_text()
    assert {one.kind for one in told(town)} >= {kind for kind, _ in KINDS.values()}
    for private in (code, "TEAM-1", "terminal", "ann", "numbness", "cora"):
        assert private not in text


async def test_twice_is_once(town: Town) -> None:
    """All kinds, told two times in one order: the second time changes no row."""
    for act in TOGETHER:
        await act(town)
    entries = told(town)
    town.begin_again()
    path = town.world.database.path
    town.world.database.close()
    before = rows_of(path)
    journal = Journal.open(journal_path(path), IDENTITY)
    with Database.open(path, identity=IDENTITY) as database:

        def again(connection):
            found = replay(connection, journal, entries)
            take_notes(connection)
            return found

        result = database.write_now(again)
    assert not result.done
    assert rows_of(path) == before


async def test_what_was_put_off_without_an_hour_is_not_asked_at_that_hour(town: Town) -> None:
    """The hour stands in the backup; they said since that they come back themselves."""
    await put_off(town)
    town.backup = town.backup.with_name("second.sqlite")
    town.back_up()
    await put_off_without_an_hour(town)
    waits = "SELECT count(*) FROM timer WHERE kind = 'resume' AND done_at IS NULL"
    assert town.world.rows(waits) == [(0,)]
    assert town.begin_again().replayed.done == {JournalKind.PAUSE: 1}
    assert town.world.rows(waits) == [(0,)]


async def test_a_hold_of_the_team_that_was_ended_is_ended(town: Town) -> None:
    """The last word counts."""
    await hold_for_team(town)
    await town.world.someone("cora").say(f"/pause {code_of(town, 'ann')} 0")
    town.begin_again()
    assert town.world.rows("SELECT team_hold_until FROM participant WHERE team_hold_until IS NOT NULL") == []


async def test_words_said_before_a_refusal_are_not_kept(town: Town) -> None:
    """Who said no to taking part after the backup: their conversation has ended, and holds no state."""
    await refuse(town)
    town.begin_again()
    query = "SELECT state FROM conversation WHERE outcome = 'declined'"
    assert town.world.rows(query) == [("",)]
    await town.live(3)
    assert town["eve"].look() == []


async def test_a_withdrawn_quotation_stays_withdrawn(town: Town) -> None:
    """By whom is not in the journal, since it tells of no coordinator."""
    [[number]] = town.world.rows("SELECT max(id) FROM answer WHERE raw LIKE 'Ask each%'")
    released = QuotationRelease(QuotationSource(number), "numbness at every visit")
    now = town.world.clock.now()
    allow = "UPDATE consent SET purpose = 'use_words' WHERE purpose = 'contact_again' AND participant_id = 1"
    town.world.database.write_now(lambda c: c.exec_driver_sql(allow))
    [made] = [town.world.database.write_now(partial(quotations.release, wanted=released, by=1, now=now))]
    town.backup = town.backup.with_name("second.sqlite")
    town.back_up()
    town.world.database.write_now(lambda c: quotations.withdraw(c, made, by=1, now=now + timedelta(hours=1)))
    report = town.begin_again()
    assert report.replayed.done == {JournalKind.QUOTATION: 1}
    [[withdrawn_at, by]] = town.world.rows("SELECT withdrawn_at, withdrawn_by FROM quotation")
    assert (withdrawn_at is not None, by) == (True, None)


async def test_a_turn_that_was_never_committed_is_taken_again(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the journal and the commit: the message is answered at the next start, as if it were new."""

    keep = connection_module.keep_notes

    def keep_and_die(*given: Any, **more: Any) -> None:
        before = len(told(town))
        keep(*given, **more)
        if len(told(town)) > before:
            raise DatabaseBusy(town.world.database.path)

    with monkeypatch.context() as patched:
        patched.setattr(connection_module, "keep_notes", keep_and_die)
        with pytest.raises(DatabaseBusy):
            await town["bob"].say("stop")
    assert [one.kind for one in told(town)] == [JournalKind.STOP]
    assert town.world.rows("SELECT count(*) FROM participant WHERE status = 'withdrawn'") == [(0,)]
    town.world.restart()
    await town.world.runtime.drain()
    assert "stop" in town["bob"].look()[-1].text.lower()
    assert [one.kind for one in told(town)] == [JournalKind.STOP, JournalKind.STOP]
    report = town.begin_again()
    assert (report.replayed.done, report.replayed.already) == ({JournalKind.STOP: 1}, 1)


async def join(town: Town, name: str, to: str) -> None:
    """Somebody who has said nothing yet turns out to be another participant, by the code of their other app."""
    code = (await town[to].say("link"))[0].text.rpartition(": ")[2]
    await town[name].say(code)
    assert town.world.rows("SELECT count(*) FROM participant WHERE status = 'deleted'") == [(1,)]


async def test_who_was_joined_has_not_stopped(town: Town) -> None:
    """They are asked where they asked to be written to, as before the restore, and only there; the reminder of what
    they did not answer goes by their next address, a mailbox, and only there.
    """
    reminders = "SELECT action FROM contact WHERE timer_kind = 'wave_reminder'"
    await join(town, "eve", to="ann")
    report = town.begin_again()
    assert report.replayed.done == {JournalKind.JOIN: 1}
    town.written_to()
    await town.live(5)
    assert town.written_to() & {"ann", "eve"} == {"eve"}
    assert ("sent",) not in town.world.rows(reminders)
    await town.live(1)
    assert town.written_to() & {"ann", "eve"} == set()
    assert ("sent",) in town.world.rows(reminders)
    wave = "SELECT conversation_id FROM follow_up WHERE conversation_id IS NOT NULL"
    by = "SELECT channel FROM outbox JOIN address ON address.id = address_id WHERE lane = 'reminder'"
    assert town.world.rows(f"{by} AND conversation_id = ({wave})") == [("email",)]


async def test_who_stops_in_one_app_has_stopped_in_the_app_that_was_joined(town: Town) -> None:
    """Though the backup takes them for two people."""
    await join(town, "eve", to="ann")
    await town["ann"].say("stop")
    report = town.begin_again()
    assert report.replayed.done == {JournalKind.JOIN: 1, JournalKind.STOP: 1}
    town.written_to()
    await town.live(6)
    assert town.written_to() & {"ann", "eve"} == set()


async def test_words_whose_message_was_taken_back_stay_so(town: Town) -> None:
    """An answer and a remark: nobody may quote them; their words are not in the journal."""
    dora = town.people["dora"] = town.world.someone("dora")
    await dora.start(town.world.token())
    await dora.say("My neighbour had the same trouble with her hands for years", message_id="10")
    await through(dora, "blue")
    await dora.say("Numb as wood", message_id="11")
    town.backup = town.backup.with_name("second.sqlite")
    town.back_up()
    for number in ("10", "11"):
        await dora.does(InboundKind.DELETED, message_id=number)
    state = (
        "SELECT raw FROM answer WHERE message_deleted_at IS NOT NULL"
        " UNION SELECT raw FROM remark WHERE message_deleted_at IS NOT NULL ORDER BY 1"
    )
    marked = town.world.rows(state)
    assert len(marked) == 2
    assert b"wood" not in journal_path(town.world.database.path).read_bytes()
    report = town.begin_again()
    assert report.replayed.done == {JournalKind.MESSAGE: 2}
    assert town.world.rows(state) == marked
