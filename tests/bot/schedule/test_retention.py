"""What is kept for a time only, on a clock that is moved by hand: it goes when its time is over, and not before."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from bot.cli.root import app
from bot.schedule.retention import purge_if_due, purge_now
from bot.schedule.scheduler import Scheduler
from flows.i18n.say import Sentence
from flows.program.model import Retention
from storage.database import audit
from storage.people import invitation_changes
from storage.people.invitation_changes import InvitationChange
from storage.privacy import retention
from storage.privacy.subject_access import participant_data_text
from tests.support import wave_world
from tests.support.planted_words import columns_with
from tests.support.turn_world import IDENTITY, World, asking, make_world
from tests.support.wave_world import World as Waves

WORDS = "My ward has too few nurses at night"
LATE = timedelta(days=3_000)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return make_world(tmp_path)


async def with_a_conversation(world: World, name: str = "ann") -> None:
    """Somebody has a small conversation to its end."""
    someone = world.someone(name)
    await someone.start(world.token())
    for text in ("red", WORDS, "3"):
        await someone.say(text)


def due(world: World | Waves, **later: float) -> dict[str, dict[str, int]]:
    now = world.clock.now() + timedelta(**later)
    return world.database.read_now(lambda c: retention.due_erasures(c, now)).counts()


def test_the_defaults_are_what_the_documentation_says():
    """Words for two years, accounts for ninety days, payloads for thirty."""
    kept = Retention()
    assert (kept.raw_text_months, kept.identity_days, kept.inbox_days) == (24, 90, 30)


async def test_payloads_go_after_thirty_days(world: World):
    """Not a day before; a row that nobody has handled stays; the rows themselves stay and are handled."""
    await with_a_conversation(world)
    assert due(world, days=29) == {}
    assert due(world, days=31) == {
        "myeloma": {"payloads": 3, "texts": 0, "waiting": 0, "identities": 0},
        "(none)": ANY_START,
    }
    world.clock.move(timedelta(days=31))
    await purge_if_due(world.database, world.clock.now())
    assert world.rows("SELECT DISTINCT payload FROM inbox") == [("",)]
    assert world.rows("SELECT count(*) FROM inbox WHERE handled_at IS NOT NULL") == [(4,)]
    assert world.rows("SELECT raw FROM answer WHERE kind = 'text'") == [(WORDS,)]


async def test_my_data_shows_what_is_kept_when_the_words_are_gone(world: World):
    """The choice and the number stand there still; the words do not, and nothing that was skipped is made up."""
    await with_a_conversation(world)
    world.clock.move(LATE)
    await purge_if_due(world.database, world.clock.now())
    told = world.database.read_now(lambda c: participant_data_text(c, 1, "en"))
    entries = [line.strip() for line in told.splitlines() if line.startswith("    ")]
    assert entries == ["Red", "3"]
    assert WORDS not in told


ANY_START = {"payloads": 1, "texts": 0, "waiting": 0, "identities": 0}


async def test_the_account_is_forgotten_after_ninety_days(world: World):
    """Whoever writes from it again is a stranger; what they answered stays under their code."""
    await with_a_conversation(world)
    assert "identities" not in str({k: v for k, v in due(world, days=89).items() if v["identities"]})
    world.clock.move(timedelta(days=91))
    assert due(world)["myeloma"]["identities"] == 1
    await purge_if_due(world.database, world.clock.now())
    assert world.rows("SELECT sealed, lookup, locale, status FROM address") == [
        (b"", b"erased:1", None, "unreachable")
    ]
    assert world.rows("SELECT raw FROM answer WHERE kind = 'text'") == [(WORDS,)]
    shown = await world.someone().say("Are you there?")
    assert [one.text for one in shown] == [asking(Sentence.INVITATION_NEEDED)]
    assert world.rows("SELECT count(*) FROM address") == [(2,)]


async def test_labels_and_codes_go_with_the_account(world: World):
    """Of all links that stand in the place of another, and the code that would join another account to nobody."""
    ann, label, now = world.someone("ann"), {"label_sealed": IDENTITY.seal("Ann Example")}, world.clock.now()
    await ann.start(world.token(**label))
    for text in ("red", WORDS, "3", "link"):
        await ann.say(text)
    change = InvitationChange(now)
    world.database.write_now(lambda c: invitation_changes.replace(c, 1, b"n" * 32, change))
    assert world.rows("SELECT count(label_sealed) FROM invitation") == [(2,)]
    assert world.rows("SELECT count(*) FROM link_code") == [(1,)]
    world.clock.move(timedelta(days=91))
    await purge_if_due(world.database, world.clock.now())
    assert world.rows("SELECT count(label_sealed) FROM invitation") == [(0,)]
    assert world.rows("SELECT count(*) FROM link_code") == [(0,)]


async def test_the_words_go_after_two_years(world: World):
    """Raw words, shown texts, messages and the state of the conversation; codes and numbers stay."""
    await with_a_conversation(world)
    world.clock.move(timedelta(days=720))
    await purge_if_due(world.database, world.clock.now())
    assert WORDS in str(world.rows("SELECT raw, value FROM answer"))
    world.clock.move(timedelta(days=14))
    await purge_if_due(world.database, world.clock.now())
    assert world.rows("SELECT kind, value, raw, shown_text FROM answer ORDER BY id") == [
        ("select_one", '"red"', "", ""),
        ("text", None, "", ""),
        ("scale", "3", "", ""),
    ]
    assert world.rows("SELECT state FROM conversation") == [("",)]
    assert world.rows("SELECT count(*) FROM outbox WHERE conversation_id IS NOT NULL AND payload != ''") == [
        (0,)
    ]
    assert due(world) == {}


async def test_a_remark_after_the_end_is_a_word_of_theirs(world: World):
    """Two years count from when somebody was last heard of, also where it was after the end of their talk."""
    await with_a_conversation(world)
    world.clock.move(timedelta(days=60))
    await world.someone("ann").say("There are two nurses more at night since then")
    assert world.rows("SELECT count(*) FROM remark") == [(1,)]
    world.clock.move(timedelta(days=680))
    await purge_if_due(world.database, world.clock.now())
    assert world.rows("SELECT raw FROM answer WHERE kind = 'text'") == [(WORDS,)]
    world.clock.move(timedelta(days=60))
    await purge_if_due(world.database, world.clock.now())
    assert world.rows("SELECT raw FROM answer WHERE kind = 'text' UNION ALL SELECT raw FROM remark") == [
        ("",),
        ("",),
    ]


async def test_what_waits_for_a_consent_goes_when_the_talk_cannot_go_on(world: World):
    """Whoever never agreed is asked for as long as the talk may be resumed, and what they told is forgotten then."""
    someone = world.someone()
    await someone.start(world.token("hcp_commitment"))
    await someone.say(WORDS)
    scheduler = Scheduler(world.database, world.runtime, world.clock)
    for _ in range(27):
        world.clock.move(timedelta(days=1))
        await scheduler.tick()
    assert world.rows("SELECT outcome FROM conversation") == [("expired",)]
    assert WORDS in str(world.rows("SELECT state FROM conversation"))
    for _ in range(5):
        world.clock.move(timedelta(days=1))
        await scheduler.tick()
    assert world.rows("SELECT state FROM conversation") == [("",)]
    assert columns_with(world.database.path, WORDS) == set()


async def test_what_was_said_with_a_consent_stays_for_its_time(world: World):
    """Once it is no more than kept, it goes with the other words."""
    someone = world.someone()
    await someone.start(world.token("hcp_commitment"))
    for text in (WORDS, "yes"):
        await someone.say(text)
    scheduler = Scheduler(world.database, world.runtime, world.clock)
    for _ in range(40):
        world.clock.move(timedelta(days=1))
        await scheduler.tick()
    assert world.rows("SELECT outcome FROM conversation") == [("expired",)]
    assert world.rows("SELECT raw FROM remark") == [(WORDS,)]


async def test_what_waits_since_a_consent_was_taken_back_goes_alone(world: World):
    """What was said under the consent stays for its time; only what was said after it was taken back is forgotten."""
    someone = world.someone()
    await someone.start(world.token("hcp_commitment"))
    for text in (WORDS, "yes"):
        await someone.say(text)
    scheduler = Scheduler(world.database, world.runtime, world.clock)
    for _ in range(27):
        world.clock.move(timedelta(days=1))
        await scheduler.tick()
    since = "said after the no"
    held = sa.text("UPDATE conversation SET state = json_set(state, '$.held', json_array(:words))")
    world.database.write_now(lambda connection: connection.execute(held, {"words": since}))
    for _ in range(17):
        world.clock.move(timedelta(days=1))
        await scheduler.tick()
    assert columns_with(world.database.path, since) == set()
    assert world.rows("SELECT raw FROM remark") == [(WORDS,)]
    assert world.rows("SELECT state != '' FROM conversation") == [(1,)]


@pytest.mark.parametrize(("status", "left"), [("sent", WORDS), ("not_an_event", ""), (None, "")])
async def test_remarks_go_with_the_words(world: World, status: str | None, left: str):
    """Not a day before; one that a report quotes which was sent stays, and is looked for no more."""
    someone = world.someone()
    await someone.start(world.token())
    for text in (WORDS, "red", "Some words of mine", "3"):
        await someone.say(text)
    if status is not None:
        world.database.write_now(
            lambda c: c.exec_driver_sql(
                "INSERT INTO safety_case (participant_id, program_id, conversation_id, remark_id, kind, status,"
                " opened_at, due_at, elements, products, details)"
                " SELECT 1, program_id, conversation.id, remark.id, 'adverse_event', ?, '2026-03-02 09:00:00',"
                " '2026-03-03 09:00:00', '[]', '[]', '{}' FROM remark JOIN conversation"
                " ON conversation.id = conversation_id",
                (status,),
            )
        )
    world.clock.move(timedelta(days=720))
    await purge_if_due(world.database, world.clock.now())
    assert world.rows("SELECT raw FROM remark") == [(WORDS,)]
    world.clock.move(timedelta(days=14))
    await purge_if_due(world.database, world.clock.now())
    assert world.rows("SELECT raw, shown_text FROM remark") == [(left, "Which colour?" if left else "")]
    assert due(world) == {}


@pytest.mark.parametrize(
    ("status", "answers", "raw"),
    [
        ("not_an_event", '{"contact":"yes"}', ""),
        ("sent", '{"what":"Ten Days of Sickness","contact":"yes"}', WORDS),
        ("acknowledged", '{"what":"Ten Days of Sickness","contact":"yes"}', WORDS),
        ("new", '{"what":"Ten Days of Sickness","contact":"yes"}', WORDS),
    ],
)
async def test_what_was_answered_for_a_report_goes_with_the_conversation(world: World, status, answers, raw):
    """The person's own words in a case go; a report that was sent stays as it was sent, with what it quotes; while a
    case is open nothing of it goes.
    """
    await with_a_conversation(world)
    world.database.write_now(
        lambda c: c.exec_driver_sql(
            "INSERT INTO safety_case (participant_id, program_id, conversation_id, answer_id, kind, status, opened_at,"
            " due_at, elements, products, details)"
            " SELECT participant_id, conversation.program_id, conversation.id, answer.id, 'adverse_event', ?,"
            " '2026-03-02 09:00:00', '2026-03-03 09:00:00', '[]', '[]', ?"
            " FROM answer JOIN conversation ON conversation.id = conversation_id WHERE raw = ?",
            (status, '{"answers": {"what": "Ten Days of Sickness", "contact": "yes"}}', WORDS),
        )
    )
    world.clock.move(timedelta(days=740))
    await purge_if_due(world.database, world.clock.now())
    [(details,)] = world.rows("SELECT details FROM safety_case")
    assert json.loads(details)["answers"] == json.loads(answers)
    assert world.rows("SELECT raw FROM answer WHERE kind = 'text'") == [(raw,)]
    await purge_if_due(world.database, world.clock.now() + timedelta(days=2))
    assert due(world) == {}


@pytest.mark.parametrize(("status", "kept"), [("new", True), ("sent", True), ("not_an_event", False)])
async def test_words_after_a_conversation_go_with_the_conversations(world: World, status: str, kept: bool):
    """They are a remark of the latest one: it goes with the others, waits for a case, and stays with a sent report."""
    await with_a_conversation(world)
    ann = world.someone("ann")
    await ann.say("overdose")
    world.database.write_now(lambda c: c.exec_driver_sql("UPDATE safety_case SET status = ?", (status,)))
    world.clock.move(timedelta(days=740))
    await purge_if_due(world.database, world.clock.now())
    assert world.rows("SELECT raw FROM safety_case JOIN remark ON remark.id = remark_id") == [
        ("overdose" if kept else "",)
    ]
    assert (WORDS in str(world.rows("SELECT raw FROM answer"))) is (status == "new")


async def test_an_open_conversation_is_left_alone(world: World):
    """While a conversation goes on, neither its words nor the account go, however long ago it began."""
    someone = world.someone()
    await someone.start(world.token())
    await someone.say("red")
    found = due(world, days=LATE.days)
    assert found["myeloma"]["texts"] == found["myeloma"]["identities"] == 0


async def test_a_link_to_a_conversation_whose_words_are_gone_begins_anew(world: World):
    """An expired conversation without its state cannot be taken up; the same link begins a new one."""
    someone = world.someone()
    token = world.token()
    await someone.start(token)
    await someone.say("red")
    scheduler = Scheduler(world.database, world.runtime, world.clock)
    for _ in range(40):
        world.clock.move(timedelta(days=30))
        await scheduler.tick()
    assert world.rows("SELECT outcome, state FROM conversation") == [("expired", "")]
    world.database.write_now(lambda c: c.exec_driver_sql("UPDATE invitation SET uses = 0"))
    shown = await someone.start(token)
    assert "Which colour?" in [one.text for one in shown]


async def test_waves_to_come_keep_the_account(tmp_path: Path):
    """Ninety days count from the last wave and not from the last conversation; consent to be asked again adds weeks."""
    world = wave_world.make_world(tmp_path)
    ann = world.person()
    ann.commit("Ask about pain")
    await world.pass_time(days=100)
    assert "identities" not in str([v for v in due(world).values() if v["identities"]])
    [closed] = world.column("SELECT max(closed_at) FROM follow_up")
    assert closed is not None
    await world.pass_time(days=120)
    kept = {slug: of["identities"] for slug, of in due(world).items()}
    assert not any(kept.values())
    await world.pass_time(days=200)
    await world.scheduler.tick()
    assert world.column("SELECT sealed FROM address") == [b""]


async def test_the_words_of_commitments_go_with_their_conversation(tmp_path: Path):
    """Statements, plans and their revisions are emptied; what was done about them is kept as codes."""
    world = wave_world.make_world(tmp_path)
    ann = world.person()
    ann.commit("Ask Mrs Kowalski about pain")
    world.execute("UPDATE commitment SET if_then = 'If Mrs Kowalski comes', coping = 'ask again'")
    world.insert(
        "commitmentrevision", commitment_id=1, statement="Mrs Kowalski", replaced_at=world.clock.now()
    )
    await world.pass_time(days=1_200)
    await world.scheduler.tick()
    assert world.rows("SELECT statement, if_then, coping, foreseen_barriers, level FROM commitment") == [
        ("", None, None, '["time"]', 4)
    ]
    assert world.rows("SELECT statement, if_then FROM commitmentrevision") == [("", None)]


async def test_an_open_safety_case_keeps_the_account(world: World):
    """Somebody may still have to be reached; once the case is settled, the account goes."""
    await with_a_conversation(world)
    at = world.clock.now()
    await world.database.write(
        lambda c: c.execute(
            retention.SAFETY_CASE.insert().values(
                **{
                    column.name: {
                        "participant_id": 1,
                        "program_id": world.program_id,
                        "kind": "adverse_event",
                        "status": "new",
                        "opened_at": at,
                        "due_at": at,
                    }[column.name]
                    for column in retention.SAFETY_CASE.c
                    if column.name
                    in {"participant_id", "program_id", "kind", "status", "opened_at", "due_at"}
                }
            )
        )
    )
    assert due(world, days=400)["myeloma"]["identities"] == 0
    world.database.write_now(lambda c: c.exec_driver_sql("UPDATE safety_case SET status = 'acknowledged'"))
    assert due(world, days=400)["myeloma"]["identities"] == 1


async def test_somebody_who_writes_meanwhile_is_passed_over(world: World):
    """What was found is looked at again in the transaction that lets it go."""
    await with_a_conversation(world)
    now = world.clock.now() + timedelta(days=100)
    found = world.database.read_now(lambda c: retention.due_erasures(c, now))
    await world.someone().start(world.token())
    for step in retention.erasure_steps(found, now):
        world.database.write_now(step)
    assert world.rows("SELECT count(*) FROM address WHERE sealed = x''") == [(0,)]


async def test_the_tick_does_it_once_a_day(world: World):
    """The next time is a row, so that a restart changes nothing; what went is in the audit trail by program."""
    await with_a_conversation(world)
    scheduler = Scheduler(world.database, world.runtime, world.clock)
    await scheduler.tick()
    world.clock.move(timedelta(hours=23))
    await scheduler.tick()
    assert world.rows("SELECT count(*) FROM chore") == [(1,)]
    before = world.rows("SELECT due_at FROM chore")
    world.clock.move(timedelta(days=40))
    await scheduler.tick()
    assert world.rows("SELECT due_at FROM chore") != before
    details = [
        json.loads(row[0]) for row in world.rows("SELECT details FROM audit_event WHERE kind = 'purge'")
    ]
    assert {"program": "myeloma", "what": "payloads", "rows": 3} in details
    assert world.database.read_now(audit.verify).broken is None


async def test_what_the_command_let_go_is_written_over_at_night(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    """The file is written anew though nothing is left to go: what went may stand in the unused part of a page."""
    await with_a_conversation(world)
    await purge_if_due(world.database, world.clock.now())
    world.clock.move(timedelta(days=31))
    now = world.clock.now()
    found = world.database.read_now(lambda c: retention.due_erasures(c, now))
    assert purge_now(world.database, found, now, lambda _rows: None) > 0
    written = []

    async def rewrite() -> None:
        written.append(world.clock.now())

    monkeypatch.setattr(world.database, "rewrite", rewrite)
    for _ in range(2):
        world.clock.move(timedelta(hours=1))
        assert await purge_if_due(world.database, world.clock.now()) == 0
        world.clock.move(timedelta(days=1))
    assert len(written) == 1


async def test_the_command_says_what_would_go_and_lets_it_go(tmp_path: Path):
    """--dry-run changes nothing; without it the same rows go; a second call finds none."""
    world = make_world(tmp_path)
    await with_a_conversation(world)
    path = str(world.database.path)
    world.database.close()
    command = ["purge", "--database", path, "--json"]
    key = tmp_path / "key"
    key.write_text("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")
    key.chmod(0o600)
    (tmp_path / "said.key").write_text(key.read_text())
    (tmp_path / "said.key").chmod(0o600)
    rehearsed = json.loads(CliRunner().invoke(app, [*command, "--dry-run"]).stdout)
    assert rehearsed["purged"] is False
    purged = json.loads(CliRunner().invoke(app, command).stdout)
    assert purged == {"purged": True, "programs": rehearsed["programs"]}
    assert json.loads(CliRunner().invoke(app, command).stdout)["programs"] == {}
