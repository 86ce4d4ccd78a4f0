"""Promises of safety cases and `said safety`: every case has its steps."""

import json
from base64 import b64encode
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli.root import app
from bot.schedule.scheduler import Scheduler
from bot.team.clocks import clock_of
from storage.people import coordinators
from storage.safety import cases, samples
from storage.safety.samples import SampleError
from storage.schema import SAFETY_LOOK, SAFETY_SAMPLE
from tests.support.coordinators import enrolled
from tests.support.safety_world import ADVERSE, RISK, at_words, texts
from tests.support.turn_world import START, World, make_world

MISSED = "Since spring I walk into doors. Call 020 7946 0958"
"""Words that the rules find nothing in, with a number that nobody is to read."""


@pytest.fixture
def world(tmp_path, monkeypatch):
    monkeypatch.setenv("SAID_KEY", b64encode(bytes(32)).decode())
    monkeypatch.chdir(tmp_path)
    made = make_world(tmp_path)
    yield made
    made.database.close()


def run(world: World, *arguments: str) -> Result:
    """The command, on this world's database."""
    return CliRunner().invoke(app, ["safety", *arguments, "--database", str(Path(world.database.path))])


def trail(world: World, kind: str) -> list[dict]:
    """What the audit trail says of a kind."""
    rows = world.rows("SELECT details FROM audit_event WHERE kind = :kind ORDER BY id", kind=kind)
    return [json.loads(details) for (details,) in rows]


def states(world: World) -> list[str]:
    return [status for (status,) in world.rows("SELECT status FROM safety_case ORDER BY id")]


async def test_a_report_goes_from_new_to_acknowledged_in_chat(world):
    """Each step is a command, has an owner and is in the trail with who took it; then it is settled."""
    cora = await enrolled(world)
    ann = await at_words(world)
    await ann.say(ADVERSE)
    steps = [("review", "being looked at"), ("sent", "sent"), ("acknowledged", "receipt confirmed")]
    for act, status in steps:
        await cora.say(f"/safety 1 {act}")
        assert texts(cora)[-1] == f"Safety case 1 is now: {status}."
    assert world.rows("SELECT status, owner_id, settled_by FROM safety_case") == [("acknowledged", 1, 1)]
    assert [(one["act"], one["by"], one["before"], one["after"]) for one in trail(world, "safety")] == [
        ("review", "TEAM-1", "new", "reviewing"),
        ("sent", "TEAM-1", "reviewing", "sent"),
        ("acknowledged", "TEAM-1", "sent", "acknowledged"),
    ]
    await cora.say("/safety 1 sent")
    assert texts(cora) == ["Safety case 1 is settled: receipt confirmed."]


async def test_words_outside_a_conversation_reach_whoever_writes_the_report(world):
    """Nothing else keeps them: the case does, one after the other, and shows them without what names somebody."""
    ann = await at_words(world)
    for words in ("hello there", "5", ADVERSE, f"{ADVERSE}, ring 020 7946 0958", RISK):
        await ann.say(words)
    world.clock.move(timedelta(days=40))
    await Scheduler(world.database, world.runtime, world.clock).tick()
    shown = run(world, "show", "1", "--json")
    assert json.loads(shown.output)["text"] == f"{ADVERSE}\n{ADVERSE}, ring [phone]"
    assert RISK in run(world, "show", "2", "--json").output
    await ann.say("delete my data")
    await ann.say("yes")
    assert world.rows("SELECT count(*) FROM safety_case") == [(0,)]


async def test_what_was_sent_waits_in_sight_until_it_is_confirmed(world):
    """It is no open case, and it is not forgotten: the queue and the digest name it."""
    cora = await enrolled(world)
    ann = await at_words(world)
    await ann.say(ADVERSE)
    await cora.say("/safety 1 sent")
    await cora.say("/safety")
    assert texts(cora) == ["No safety case is open.\nSent, receipt not confirmed yet: 1"]
    await cora.say("/safety 1 acknowledged")
    await cora.say("/safety")
    assert texts(cora) == ["No safety case is open."]


@pytest.mark.parametrize(
    ("words", "acts", "refused"),
    [
        (ADVERSE, ["acknowledged"], "has not been sent"),
        (ADVERSE, ["clear seen to"], "Distress is cleared"),
        (ADVERSE, ["not_event"], "Say why: safety 1 not_event"),
        (ADVERSE, ["sent", "review"], "is settled: sent"),
        (ADVERSE, ["sent", "not_event no"], "is settled: sent"),
        (RISK, ["sent"], "Distress is cleared"),
        (RISK, ["not_event joke"], "Distress is cleared"),
        (RISK, ["clear"], "Say why: safety 1 clear"),
        (RISK, ["clear seen to", "review"], "is settled: cleared"),
    ],
)
async def test_steps_that_are_none_are_refused_with_the_reason(world, words, acts, refused):
    """And nothing changes, nor is it in the trail."""
    cora = await enrolled(world)
    ann = await at_words(world)
    await ann.say(words)
    for act in acts[:-1]:
        await cora.say(f"/safety 1 {act}")
    before, told = states(world), len(trail(world, "safety"))
    await cora.say(f"/safety 1 {acts[-1]}")
    assert refused in texts(cora)[-1]
    assert (states(world), len(trail(world, "safety"))) == (before, told)


async def test_both_reasons_and_both_people_are_kept(world):
    """No event: who said so first, who second, and why; while one has, the case says that another must."""
    cora, carl = await enrolled(world), await enrolled(world, "TEAM-2", "carl")
    ann = await at_words(world)
    await ann.say(ADVERSE)
    await cora.say("/safety 1 not_event a planned stop")
    await carl.say("/safety 1")
    assert "TEAM-1 says that it is no event. A second coordinator must say the same." in texts(carl)[-1]
    await carl.say("/safety 1 not_event I agree")
    assert texts(carl) == ["Safety case 1 is no event, as TEAM-1 and TEAM-2 say."]
    assert world.rows("SELECT status, reason, settled_by FROM safety_case") == [
        ("not_an_event", "TEAM-1: a planned stop; TEAM-2: I agree", 2)
    ]


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (1, "in time, 4% of the time gone"),
        (12, "half the time or more is gone: 50%"),
        (20, "due soon, 83% of the time gone"),
        (24, "OVERDUE for 0 minutes"),
        (30, "OVERDUE for 6 hours"),
        (96, "OVERDUE for 3 days"),
    ],
)
async def test_the_clock_is_told_in_words(world, hours, said):
    """At 50, 80 and 100 % it says something else; no colour is needed to know."""
    ann = await at_words(world)
    await ann.say(ADVERSE)
    [case] = world.database.read_now(cases.list_cases)
    assert clock_of(case, START + timedelta(hours=hours), "en") == said


async def test_whoever_comes_in_late_is_told_what_waits(world):
    """A case that was opened while no coordinator was there is named when one opens their link."""
    ann = await at_words(world)
    await ann.say(RISK)
    cora = await enrolled(world)
    assert "Open safety cases: 1\n1: distress, P-" in texts(cora)[0]


async def test_the_same_steps_by_command(world):
    """`said safety` lists, shows what was said without what tells who, and takes the steps; each names who."""
    await enrolled(world)
    await enrolled(world, "TEAM-2", "carl")
    ann = await at_words(world)
    await ann.say(f"{ADVERSE}. Write to ann@example.org")
    await ann.say("no")
    assert "adverse event" in run(world, "list").stdout
    shown = run(world, "show", "1", "--by", "TEAM-1").stdout
    assert "terrible nausea" in shown
    assert "[email]" in shown
    assert "ann@example.org" not in shown
    assert trail(world, "view")[-1] == {"by": "TEAM-1", "case": 1}
    assert "now: reviewing" in run(world, "review", "1", "--by", "team-1").stdout
    first = run(world, "not-event", "1", "--by", "TEAM-1", "--reason", "planned")
    assert "second coordinator" in first.stdout
    assert run(world, "not-event", "1", "--by", "TEAM-2", "--reason", "yes").exit_code == 0
    assert states(world) == ["not_an_event"]
    assert [one["by"] for one in trail(world, "safety")] == ["TEAM-1", "TEAM-1", "TEAM-2"]
    assert "is settled already" in str(run(world, "sent", "1", "--by", "TEAM-1").exception)
    assert "no coordinator 'NOBODY'" in str(run(world, "review", "1", "--by", "NOBODY").exception)
    assert "no safety case 7" in str(run(world, "show", "7").exception)


async def test_clearing_by_command_lets_the_next_conversation_begin(world):
    """As in chat: what waited behind the hold goes on."""
    await enrolled(world)
    ann = await at_words(world)
    await ann.say(RISK)
    assert run(world, "clear", "1", "--by", "TEAM-1", "--reason", "spoke with her").exit_code == 0
    assert world.rows("SELECT status, reason FROM safety_case") == [("cleared", "spoke with her")]
    assert not world.database.read_now(lambda c: cases.is_on_safety_hold(c, 1))


async def test_nobody_to_hear_an_alert_is_said(world):
    """Where no coordinator is reached the queue says so, on standard error and in JSON."""
    assert "WARNING: no coordinator is reached" in run(world, "list").stderr
    assert json.loads(run(world, "list", "--json").stdout)["alerts_heard"] is False
    cora = await enrolled(world)
    assert "WARNING" not in run(world, "list").stderr
    world.database.write_now(lambda c: coordinators.remove(c, "TEAM-1", world.clock.now()))
    assert "WARNING" in run(world, "list").stderr
    assert cora.look() == []


async def missed(world: World, name: str = "ann") -> tuple[str, int]:
    """Somebody's code, and the number of an answer of theirs that the rules found nothing in."""
    before = states(world)
    person = await at_words(world, name)
    await person.say(MISSED)
    assert states(world) == before
    [(code, answer)] = world.rows(
        "SELECT code, answer.id FROM answer JOIN conversation ON conversation.id = conversation_id"
        " JOIN participant ON participant.id = participant_id WHERE raw = :raw",
        raw=MISSED,
    )
    return code, answer


@pytest.mark.parametrize("way", ["chat", "command"])
async def test_what_the_rules_missed_is_flagged_by_hand(world, way):
    """The clock runs from when the words were stored, so it is overdue at once, and says so; the others are told."""
    cora, carl = await enrolled(world), await enrolled(world, "TEAM-2", "carl")
    code, answer = await missed(world)
    world.clock.set(START + timedelta(days=10))
    if way == "chat":
        await cora.say(f"/safety flag {code.lower()} {answer}")
        assert texts(cora)[0].startswith("Safety case 1 is open, due 3 Mar 09:00; OVERDUE for 9 days.")
    else:
        assert run(world, "flag", code, str(answer), "--by", "TEAM-1").exit_code == 0
    assert [shown.text for shown in carl.look()] == [f"Safety case 1: adverse event, {code}. Write: safety 1"]
    [case] = world.database.read_now(cases.list_cases)
    assert (case.opened_at, case.flagged_by, case.answer_id) == (START, "TEAM-1", answer)
    assert case.elements == ("reaction",)
    flagged = trail(world, "flag")[-1]
    assert (flagged["by"], flagged["answer"], flagged["case"]) == ("TEAM-1", answer, 1)
    await carl.say("/safety 1")
    assert "Found by hand: " in texts(carl)[0]
    assert "paper" not in texts(carl)[0]


async def test_only_an_answer_of_that_person_can_be_flagged(world):
    """Another's number, or one that is not there, is refused; nothing is opened."""
    cora = await enrolled(world)
    code, answer = await missed(world)
    await cora.say(f"/safety flag {code} {answer + 90}")
    assert texts(cora) == [f"I have no answer {answer + 90} with words of {code}."]
    assert "no answer" in str(run(world, "flag", "P-OTHER", str(answer), "--by", "TEAM-1").exception)
    assert states(world) == []


async def remarked(world: World, name: str = "ann") -> tuple[str, int]:
    """Somebody's code, and the number of a remark of theirs that the rules found nothing in."""
    person = world.someone(name)
    await person.start(world.token())
    await person.say(MISSED)
    return world.rows(
        "SELECT code, remark.id FROM remark JOIN conversation ON conversation.id = conversation_id"
        " JOIN participant ON participant.id = participant_id WHERE raw = :raw",
        raw=MISSED,
    )[-1]


@pytest.mark.parametrize(
    "way",
    [
        "safety flag {code} r{number}",
        "safety flag {code} --remark {number}",
        "r{number}",
        "--remark {number}",
    ],
)
async def test_a_remark_that_the_rules_missed_is_flagged_by_hand(world, way):
    """In chat and by command; the case is about the remark, shows its words, and comes to its end like any other."""
    cora, carl = await enrolled(world), await enrolled(world, "TEAM-2", "carl")
    code, number = await remarked(world)
    world.clock.set(START + timedelta(days=10))
    said = way.format(code=code, number=number)
    if said.startswith("safety"):
        await cora.say(said)
        assert texts(cora)[0].startswith("Safety case 1 is open, due 3 Mar 09:00; OVERDUE for 9 days.")
    else:
        done = run(world, "flag", code, *said.split(), "--by", "TEAM-1")
        assert "Safety case 1 is open" in done.stdout
    assert [shown.text for shown in carl.look()] == [f"Safety case 1: adverse event, {code}. Write: safety 1"]
    [case] = world.database.read_now(cases.list_cases)
    assert (case.opened_at, case.answer_id, case.remark_id) == (START, None, number)
    flagged = trail(world, "flag")[-1]
    assert (flagged["remark"], "answer" in flagged) == (number, False)
    shown = json.loads(run(world, "show", "1", "--json").stdout)
    assert (shown["text"], shown["remark_id"]) == ("Since spring I walk into doors. Call [phone]", number)
    assert f"remark {number}" in run(world, "show", "1").stdout
    listed = json.loads(run(world, "list", "--json").stdout)["cases"]
    assert [one["remark_id"] for one in listed] == [number]
    for act in ("review", "sent", "acknowledged"):
        await cora.say(f"safety 1 {act}")
    assert states(world) == ["acknowledged"]


@pytest.mark.parametrize(
    "named", [[], ["12", "--remark", "1"], ["x7"], ["r99"], ["--remark", "99"]], ids=" ".join
)
async def test_a_flag_that_names_no_words_is_refused(world, named):
    """Neither, both, no number, or a remark that is not there: nothing is opened."""
    await enrolled(world)
    code, _ = await remarked(world)
    assert run(world, "flag", code, *named, "--by", "TEAM-1").exception is not None
    assert states(world) == []


async def test_the_number_of_an_answer_is_no_remark(world):
    """They are counted apart: a number that is one of an answer alone names no remark."""
    cora = await enrolled(world)
    code, number = await remarked(world)
    await cora.say(f"safety flag {code} {number}")
    assert texts(cora) == [f"I have no answer {number} with words of {code}."]
    await cora.say(f"safety flag {code} r{number + 50}")
    assert texts(cora) == [f"I have no remark {number + 50} with words of {code}."]
    assert states(world) == []


async def test_remarks_are_drawn_for_a_sample(world):
    """Beside answers, by their numbers with an r; not those that a rule has flagged, nor what became of an edit."""
    await enrolled(world)
    code, number = await remarked(world)
    eve = world.someone("eve")
    await eve.start(world.token())
    await eve.say(ADVERSE)
    assert world.rows("SELECT count(*) FROM remark") == [(2,)]
    drawn = run(world, "sample", "--share", "100", "--seed", "3", "--by", "TEAM-1")
    assert f"r{number}" in drawn.stdout
    assert "Since spring I walk into doors. Call [phone]" in drawn.stdout
    assert ADVERSE not in drawn.stdout
    [text] = json.loads(run(world, "sample", "--again", "1", "--by", "TEAM-1", "--json").stdout)["texts"]
    assert (text["answer"], text["remark"], text["question"]) == (None, number, "Which colour?")
    assert run(world, "flag", code, f"r{number}", "--by", "TEAM-1").exit_code == 0
    [figures] = json.loads(run(world, "samples", "--json").stdout)
    assert [figures[name] for name in ("population", "drawn", "looked", "found", "gone")] == [1, 1, 1, 1, 0]
    assert "no words to draw from" in str(run(world, "sample", "--by", "TEAM-1").exception)


async def test_what_was_flagged_by_hand_is_not_drawn(world):
    """Neither what a case was opened for, nor what was added to one that was open: somebody has looked at it."""
    await enrolled(world)
    person = world.someone()
    await person.start(world.token())
    for words in (ADVERSE, "no", MISSED, "And on the stairs I do not see the last step", "It is dark there"):
        await person.say(words)
    flagged = world.rows(
        "SELECT id, 'r' FROM remark WHERE raw = :raw UNION ALL SELECT id, '' FROM answer WHERE raw = :raw",
        raw=MISSED,
    )
    [(code,)] = world.rows("SELECT code FROM participant")
    for number, kind in flagged:
        assert (
            "was open; it has these words too"
            in run(world, "flag", code, f"{kind}{number}", "--by", "TEAM-1").stdout
        )
    drawn = run(world, "sample", "--share", "100", "--by", "TEAM-1").stdout
    assert "It is dark there" in drawn
    assert "walk into doors" not in drawn


async def test_a_remark_that_was_deleted_counts_as_gone(world):
    """It was drawn, and nobody had looked at it: the sample says so."""
    await enrolled(world)
    await remarked(world)
    assert run(world, "sample", "--share", "100", "--seed", "3", "--by", "TEAM-1").exit_code == 0
    ann = world.someone()
    await ann.say("delete my data")
    await ann.say("yes")
    assert "nothing found: 0" in run(world, "looked", "1", "--by", "TEAM-1").stdout
    [figures] = json.loads(run(world, "samples", "--json").stdout)
    assert [figures[name] for name in ("drawn", "looked", "gone")] == [1, 0, 1]


async def sampled(world: World) -> None:
    """Six people with harmless words, one who was flagged, and one who left the words out."""
    for number in range(6):
        person = await at_words(world, f"p{number}")
        await person.say(f"They explained all of it well, {number}")
    ann = await at_words(world)
    await ann.say(ADVERSE)
    skipped = await at_words(world, "skipped")
    await skipped.say("skip")


def draw(world: World, seed: int, share: int = 50) -> tuple[int, list[int]]:
    """A sample's number and the answers in it."""

    def work(connection):
        by = coordinators.by_code(connection, "TEAM-1")
        number = samples.draw(connection, samples.SamplePlan(seed, share), by=by, now=START)
        return number, samples.show_texts(connection, number, by=by, now=START)

    number, looks = world.database.write_now(work)
    return number, [look.answer for look in looks]


async def test_a_sample_is_drawn_of_what_was_not_flagged_and_the_seed_repeats_it(world):
    """Half of six, without the flagged and the skipped; the same seed and words make the same sample."""
    await enrolled(world)
    await sampled(world)
    _, first = draw(world, 7)
    assert len(first) == 3
    world.database.write_now(
        lambda c: (
            c.execute(SAFETY_LOOK.delete()),
            c.execute(SAFETY_SAMPLE.delete()),
        )
    )
    _, again = draw(world, 7)
    assert again == first
    _, rest = draw(world, 8, share=100)
    assert len(rest) == 3
    assert not set(rest) & set(first)
    with pytest.raises(SampleError, match="no words to draw from"):
        draw(world, 9)


async def test_a_sample_is_looked_at_and_counted(world):
    """Drawn, shown without what tells who, flagged or marked, by whom; the figures and the trail say how many."""
    await enrolled(world)
    await sampled(world)
    code, answer = await missed(world, "eve")
    drawn = run(world, "sample", "--share", "100", "--seed", "3", "--by", "TEAM-1")
    assert "Since spring I walk into doors. Call [phone]" in drawn.stdout
    assert ADVERSE not in drawn.stdout
    assert run(world, "flag", code, str(answer), "--by", "TEAM-1").exit_code == 0
    assert "nothing found: 6" in run(world, "looked", "1", "--by", "TEAM-1").stdout
    [figures] = json.loads(run(world, "samples", "--json").stdout)
    assert {name: figures[name] for name in ("seed", "share", "population", "drawn", "looked", "found")} == {
        "seed": 3,
        "share": 100,
        "population": 7,
        "drawn": 7,
        "looked": 7,
        "found": 1,
    }
    assert [one["what"] for one in trail(world, "view")] == ["drawn", "shown", "looked_at"]
    assert "no sample 4" in str(run(world, "looked", "4", "--by", "TEAM-1").exception)


async def test_the_reconciliation_says_zero(world):
    """A row for each program and kind, whatever there was; an unknown program is an error."""
    assert [row["cases"] for row in json.loads(run(world, "reconcile", "--json").stdout)] == [0, 0, 0]
    ann = await at_words(world)
    await ann.say(ADVERSE)
    world.clock.move(timedelta(days=300))
    rows = json.loads(run(world, "reconcile", "--json").stdout)
    assert [(row["kind"], row["cases"], row["open"]) for row in rows] == [
        ("adverse_event", 1, 1),
        ("product_complaint", 0, 0),
        ("distress", 0, 0),
    ]
    assert "product_complaint" in run(world, "reconcile").stdout
    assert "no programme 'other'" in str(run(world, "reconcile", "--program", "other").exception)
