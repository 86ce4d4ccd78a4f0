"""What the team took away stays taken away after a restore: links, roles, members, second steps, labels, sessions."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import get_args

import pytest
from sqlalchemy import Connection

from storage.database.address_keys import AddressKeys
from storage.database.commit_notes import take_notes
from storage.database.connection import Database
from storage.database.journal import Journal, JournalEntry, journal_path
from storage.database.key_rotation import rotate
from storage.people import account_links, coordinators, invitation_changes
from storage.people.account_links import NewLinkCode
from storage.people.invitation_changes import InvitationChange
from storage.restore.place import restore
from storage.restore.replay import replay
from storage.restore.team_replay import TeamKind
from storage.schema import JournalKind, TeamRole
from storage.team import accounts, recovery_codes, roles, sessions, sign_in
from storage.team.roles import GivenRole
from tests.support.coordinators import enrolled
from tests.support.restoring import Town, make_town, rows_of
from tests.support.turn_world import IDENTITY, through

LONG, SHORT = timedelta(days=90), timedelta(days=2)
NEW_KEY = AddressKeys(bytes([9]) * 32)
FIRST = 1
"""The number of the link that Ann came in by; those of three that nobody has used follow."""


@pytest.fixture
async def town(tmp_path: Path) -> Town:
    """Ann takes part; two are of the team, both with roles, one with a second step; two links wait, one for Dora."""
    made = make_town(tmp_path)
    await made.settle("ann", lines=("1", "1"))
    await enrolled(made.world)
    await enrolled(made.world, "TEAM-2", "dan")
    now = made.world.clock.now()
    give(made, "TEAM-1", GivenRole(TeamRole.ADMIN))
    give(made, "TEAM-2", GivenRole(TeamRole.SAFETY), GivenRole(TeamRole.VIEWER, program_of(made)))
    set_step(made, "TEAM-2", IDENTITY.seal("FIRST"))
    for _ in range(2):
        made.world.token(expires_at=now + LONG)
    made.people["dora"] = made.world.someone("dora")
    made.token_of_dora = made.world.token(label_sealed=IDENTITY.seal("Dora, bed 7"))  # type: ignore[attr-defined]
    made.back_up()
    made.world.clock.move(timedelta(hours=1))
    return made


def program_of(town: Town) -> str:
    [[slug]] = town.world.rows("SELECT slug FROM program")
    return str(slug)


def give(town: Town, code: str, *given: GivenRole) -> None:
    now = town.world.clock.now()
    town.world.database.write_now(lambda c: roles.give_roles(c, coordinators.by_code(c, code), given, now))


def set_step(town: Town, code: str, sealed: bytes | None) -> None:
    now = town.world.clock.now()
    town.world.database.write_now(
        lambda c: sign_in.set_second_step(c, coordinators.by_code(c, code), sealed, now)
    )


def change(town: Town, work: Callable[..., object], *given: object) -> None:
    by = InvitationChange(town.world.clock.now(), "TEAM-1")
    town.world.database.write_now(lambda c: work(c, *given, by))


async def revoke(town: Town) -> None:
    change(town, invitation_changes.revoke, [FIRST + 1])


async def replace(town: Town) -> None:
    change(town, invitation_changes.replace, FIRST + 1, b"n" * 32)


async def shorten(town: Town) -> None:
    change(town, invitation_changes.extend, [FIRST + 2], town.world.clock.now() + SHORT)


async def lower_roles(town: Town) -> None:
    give(town, "TEAM-2", GivenRole(TeamRole.VIEWER, program_of(town)))


async def take_all_roles(town: Town) -> None:
    give(town, "team-1")


async def remove(town: Town) -> None:
    now = town.world.clock.now()
    town.world.database.write_now(lambda c: coordinators.remove(c, "TEAM-2", now))


async def take_step_away(town: Town) -> None:
    set_step(town, "TEAM-2", None)


async def erase_who_came_since(town: Town) -> None:
    """Dora comes in by her link, and has everything deleted: the backup knows the link, and not her."""
    await town["dora"].start(town.token_of_dora)  # type: ignore[attr-defined]
    await through(town["dora"], "delete my data", "yes")


OPEN_LINKS = "SELECT id, expires_at FROM invitation WHERE id <= 4 AND revoked_at IS NULL ORDER BY id"
ROLES = "SELECT coordinator_id, role, program_id FROM coordinator_role ORDER BY 1, 2, 3"
TAKEN_AWAY: dict[Callable[[Town], Awaitable[None]], tuple[JournalKind, str]] = {
    revoke: (JournalKind.INVITATION_REVOKED, OPEN_LINKS),
    replace: (JournalKind.INVITATION_REVOKED, OPEN_LINKS),
    shorten: (JournalKind.INVITATION_EXTENDED, OPEN_LINKS),
    lower_roles: (JournalKind.ROLES, ROLES),
    take_all_roles: (JournalKind.ROLES, ROLES),
    remove: (JournalKind.COORDINATOR, "SELECT code, address_id, totp_sealed FROM coordinator ORDER BY 1"),
    take_step_away: (JournalKind.SECOND_STEP, "SELECT code, totp_sealed FROM coordinator ORDER BY 1"),
    erase_who_came_since: (JournalKind.LABEL, "SELECT id FROM invitation WHERE label_sealed IS NOT NULL"),
}
"""What the team can take away, with its line in the journal and how it stands."""


def told(town: Town) -> list[JournalEntry]:
    return list(Journal.open(journal_path(town.world.database.path), IDENTITY).read().entries[1:])


async def all_of(town: Town, acts: Sequence[Callable[[Town], Awaitable[None]]]) -> None:
    for act in acts:
        await act(town)


def test_all_that_is_done_again_is_in_the_table() -> None:
    """A new kind of line about the team is tested, or this fails."""
    assert {kind for kind, _ in TAKEN_AWAY.values()} == set(get_args(TeamKind))


@pytest.mark.parametrize("act", TAKEN_AWAY, ids=lambda act: act.__name__)
async def test_what_was_taken_away_stays_so(town: Town, act: Callable[[Town], Awaitable[None]]) -> None:
    """It is in the journal, and after a restore it stands as it did when the bot stopped."""
    kind, state = TAKEN_AWAY[act]
    before = town.world.rows(state)
    await act(town)
    after = town.world.rows(state)
    assert after != before
    report = town.begin_again()
    assert report.replayed.done[kind] == 1
    assert town.world.rows(state) == after


async def test_all_of_it_together_with_another_key_since(town: Town) -> None:
    """The hashes are by a key of the journal's own: a new identity key changes nothing in them."""
    together = [revoke, shorten, lower_roles, take_all_roles, take_step_away, erase_who_came_since]
    await all_of(town, together)
    states = {TAKEN_AWAY[act][1] for act in together}
    after = {state: town.world.rows(state) for state in states}
    path = town.world.database.path
    town.world.database.close()
    rotate(path, IDENTITY, NEW_KEY, now=town.world.clock.now())
    report = restore(town.request(journal_identity=NEW_KEY))
    town.start()
    assert {kind for kind, number in report.replayed.done.items() if number} == {
        TAKEN_AWAY[act][0] for act in together
    }
    assert {state: town.world.rows(state) for state in states} == after


async def test_no_code_token_or_secret_is_in_the_journal(town: Town) -> None:
    """Hashes, roles, and the names of programs."""
    set_step(town, "TEAM-1", IDENTITY.seal("SECOND"))
    await all_of(town, list(TAKEN_AWAY)[1:])
    text = journal_path(town.world.database.path).read_text()
    hashes = [row[0].hex() for row in town.world.rows("SELECT token_hash FROM invitation")]
    [[sealed]] = town.world.rows("SELECT totp_sealed FROM coordinator WHERE code = 'TEAM-1'")
    for private in (*hashes, sealed.hex(), "TEAM-", "Dora", "SECOND"):
        assert private not in text


async def test_telling_it_twice_is_telling_it_once(town: Town) -> None:
    """The second time changes no row."""
    known = len(told(town))
    await all_of(town, [revoke, shorten, lower_roles, take_step_away, erase_who_came_since])
    set_step(town, "TEAM-1", IDENTITY.seal("SECOND"))
    entries = told(town)[known:]
    town.begin_again()
    path = town.world.database.path
    town.world.database.close()
    before = rows_of(path)
    journal = Journal.open(journal_path(path), IDENTITY)
    with Database.open(path, identity=IDENTITY) as database:

        def again(connection: Connection) -> object:
            done = replay(connection, journal, entries).done
            take_notes(connection)
            return done

        assert not database.write_now(again)
    assert rows_of(path) == before


async def test_a_link_that_was_revoked_and_extended_is_good(town: Town) -> None:
    """The last word counts, whichever way it goes; one that the backup knows takes nothing back."""
    await revoke(town)
    later = town.world.clock.now() + LONG
    change(town, invitation_changes.extend, [FIRST + 1], later)
    after = town.world.rows(OPEN_LINKS)
    assert town.begin_again().replayed.done[JournalKind.INVITATION_REVOKED] == 1
    assert town.world.rows(OPEN_LINKS) == after


async def test_a_second_step_that_the_backup_does_not_know_lets_nobody_in(town: Town) -> None:
    """Neither a link alone nor the secret of before; once it is taken away, another one is set."""
    for code in ("TEAM-1", "TEAM-2"):
        set_step(town, code, IDENTITY.seal("SECOND"))
    assert town.begin_again().replayed.done == {JournalKind.SECOND_STEP: 2}
    now = town.world.clock.now()

    def steps(connection: Connection) -> list[bytes | None]:
        return [sign_in.second_step_of(connection, one.id) for one in coordinators.list_all(connection)]

    assert town.world.database.read_now(steps) == [sign_in.LOST_STEP, sign_in.LOST_STEP]
    begin = partial(sessions.begin, coordinator_id=1, secret_hash=b"s", now=now)
    town.world.database.write_now(begin)
    member = town.world.database.read_now(partial(sessions.find, secret_hash=b"s", now=now))
    assert member is not None
    assert member.needs_second_step
    set_step(town, "TEAM-1", None)
    assert town.world.database.read_now(steps) == [None, sign_in.LOST_STEP]


async def test_a_second_step_that_was_set_anew_goes_on(town: Town) -> None:
    """Of several that were set, the last one counts: the one of before locks nobody out of what the backup has."""
    known = len(told(town))
    first, second = IDENTITY.seal("OLD"), IDENTITY.seal("NEW")
    set_step(town, "TEAM-1", first)
    set_step(town, "TEAM-1", second)
    entries = told(town)[known:]
    journal = Journal.open(journal_path(town.world.database.path), IDENTITY)
    result = town.world.database.write_now(lambda c: replay(c, journal, entries))
    assert (result.done, result.already) == ({}, 2)
    assert town.world.rows("SELECT totp_sealed FROM coordinator WHERE code = 'TEAM-1'") == [(second,)]


async def test_nobody_is_let_in_by_what_is_over(town: Town) -> None:
    """Sessions, accounts, all codes, links into the console, of new coordinators, for apps: none is good any more."""
    now = town.world.clock.now()

    def work(connection: Connection) -> None:
        sessions.begin(connection, 1, b"s" * 32, now)
        sign_in.make_link(connection, 1, b"l" * 32, now)
        coordinators.enrol(connection, "TEAM-3", token_hash=b"t" * 32, now=now)
        accounts.connect(connection, "TEAM-1", IDENTITY.seal("issuer jane"))
        recovery_codes.make(connection, 1, [b"a" * 32, b"b" * 32], now)
        recovery_codes.use(connection, 1, b"a" * 32, now)
        account_links.make_code(
            connection, NewLinkCode(1), code_hash=str.encode, pick=lambda letters: letters[0], now=now
        )

    town.world.database.write_now(work)
    town.backup = town.backup.with_name("second.sqlite")
    town.back_up()
    assert town.begin_again().ended == 6
    for rows in (
        "console_session",
        "console_link",
        "link_code WHERE used_at IS NULL",
        "coordinator WHERE token_hash IS NOT NULL",
        "coordinator WHERE account_sealed IS NOT NULL",
        "recovery_code",
    ):
        assert town.world.rows(f"SELECT count(*) FROM {rows}") == [(0,)]


async def test_a_role_in_a_program_that_came_since_is_left_out(town: Town) -> None:
    """The other roles are given all the same; who came since is nobody yet."""
    kind = JournalKind.ROLES
    journal = Journal.open(journal_path(town.world.database.path), IDENTITY)
    who = journal.hash_of("coordinator", "TEAM-1")
    given = ("author", "viewer:later")
    entries = [
        JournalEntry(kind, town.world.clock.now(), "", who=who, roles=given),
        JournalEntry(kind, town.world.clock.now(), "", who="of nobody", roles=given),
    ]

    def work(connection: Connection) -> tuple[int, int]:
        found = replay(connection, journal, entries)
        return found.done[kind], found.unknown

    assert town.world.database.write_now(work) == (1, 1)
    held = town.world.database.read_now(lambda c: roles.roles_of(c, coordinators.by_code(c, "TEAM-1").id))
    assert held == (GivenRole(TeamRole.AUTHOR),)
