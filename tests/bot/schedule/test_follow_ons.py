"""What follows on a conversation, from end to end: the shipped flows on real rows, with a clock moved by hand."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from bot.delivery.sender import Delivery, DeliveryOptions, clock_sleep
from bot.schedule.rechecks import OpenerRecheck
from flows.script.model import Role
from storage.export.tables.care_change import COLUMNS, care
from storage.export.tables.table import ExportSelection
from tests.support.fake_channel import FakeChannel
from tests.support.follow_on_world import AGAIN, COMMITMENT, DAILY, Story, converse, texts

WORDS = COMMITMENT["Say it"]


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path, **DAILY)


def answers(story: Story, flow: str) -> dict[str, object]:
    """The latest answers in conversations of a flow, by slot."""
    rows = story.world.rows(
        "SELECT slot, value FROM answer JOIN conversation ON conversation.id = conversation_id"
        " WHERE flow = :flow AND superseded_at IS NULL ORDER BY answer.id",
        flow=flow,
    )
    return {slot: None if value is None else json.loads(value) for slot, value in rows}


async def test_a_saved_commitment_is_come_back_to_though_the_conversation_ran_out(story: Story) -> None:
    """Somebody who saves a commitment and never says whether there is another is asked about it all the same."""
    amy = await story.someone("amy", "hcp_commitment", Role.HCP)
    while not (asked := amy.shown[-1].prompt.text).startswith("Saved"):
        await amy.say(
            next((reply for start, reply in COMMITMENT.items() if asked.startswith(start)), "Words.")
        )
    await story.pass_time(days=29)
    ended = story.world.rows("SELECT outcome FROM conversation WHERE flow = 'hcp_commitment'")
    assert ended == [("expired",)]
    assert story.world.rows("SELECT wave_days, status FROM follow_up") == [
        (30, "scheduled"),
        (60, "scheduled"),
        (90, "scheduled"),
    ]
    texts(amy)
    await story.pass_time(days=4)
    assert any(WORDS in text and "Where is it now?" in text for text in texts(amy))


# Patients are asked again.


async def test_patient_is_asked_again_about_their_own_items(story: Story) -> None:
    """Twelve weeks on, the person's own picks come back, the earlier score hidden; what is asked about the last
    visit is what clinicians promised for those themes; getting worse is met with kindness.
    """
    pat = await story.patient()
    await story.clinician("amy")  # commits to asking about numbness, for side effects
    await story.clinician("bob", Pick_one="4")  # for explaining, which pat did not raise
    texts(pat)
    await story.pass_time(weeks=12, hours=2)
    [hello, _, emergency, consent] = texts(pat)
    assert hello.startswith("Hi. It's me again.")
    assert "For urgent help call" in emergency
    assert "On 2 March 2026" in consent
    told = await converse(pat, AGAIN)
    boxes = next(i for i, text in enumerate(told) if text.startswith("On your last visit"))
    assert told[boxes - 1].startswith("Thank you for telling me. That sounds hard.")
    kept = answers(story, "patient_follow_up")
    assert kept["e2[body]"] == kept["e2[being_heard]"] == 4
    assert (kept["e3[body]"], kept["e3[being_heard]"]) == ("better", "worse")
    assert kept["e4"] == ["ask_neuropathy"]
    shown = story.world.rows(
        "SELECT payload FROM outbox WHERE payload LIKE '%On your last visit%' AND kind = 'message'"
    )
    assert "Asked about numb hands" in shown[0][0]
    assert "say the plan back" not in shown[0][0]
    assert set(answers(story, "patient_interview")) >= {"a7[body]", "a7[being_heard]"}
    assert story.contacts()[-1] == ("sent", "due", "2026-05-25")
    await story.pass_time(weeks=30)
    assert story.contacts()[-1] == ("not_sent", "no_consent", "2026-08-17"), "no to 'once more' is kept"


async def test_no_visit_since_goes_on_to_the_last_question(story: Story) -> None:
    """Who has had no visit is asked about none; who agrees is asked once more, and not a third time."""
    pat = await story.patient()
    await story.pass_time(weeks=12, hours=2)
    texts(pat)
    told = await converse(pat, AGAIN | {"Have you had": "no", "May I ask you once": "yes"})
    assert [text for text in told if text.startswith(("Last time", "What made", "On your last"))] == []
    assert any(text.startswith("May I ask you once more") for text in told)
    await story.pass_time(weeks=12, hours=2)
    [*_, consent] = texts(pat)
    assert "On 25 May 2026" in consent
    told = await converse(pat, AGAIN)
    assert any(text.startswith("Last time you told me about this: Symptoms or side effects") for text in told)
    assert not any(text.startswith("May I ask you once more") for text in told)
    await story.pass_time(weeks=30)
    assert [action for action, _, _ in story.contacts()] == ["sent", "sent"]


async def test_who_did_not_agree_is_not_asked_again(story: Story) -> None:
    """Without consent to be written to again nothing comes, and the story says why."""
    pat = await story.patient(May_I_write="no")
    texts(pat)
    await story.pass_time(weeks=13)
    assert texts(pat) == []
    assert [(action, reason) for action, reason, _ in story.contacts()] == [("not_sent", "no_consent")]


async def test_stop_ends_what_was_to_follow(story: Story) -> None:
    """After 'stop' nothing that was planned comes, and the story says why."""
    pat = await story.patient()
    assert [flow for flow, _ in story.to_come()] == ["patient_follow_up"]
    await story.someone("pat", "patient_interview", Role.PATIENT)
    await story.world.someone("pat").say("stop")
    texts(pat)
    await story.pass_time(weeks=40)
    assert texts(pat) == []
    assert {(action, reason) for action, reason, _ in story.contacts()} == {("not_sent", "withdrawn")}


async def test_outside_the_window_it_waits(tmp_path: Path) -> None:
    """What falls on a Sunday is planned for the program's own days and hours, in the person's time."""
    story = Story(
        tmp_path,
        contact_again_weeks=1,
        follow_on=[{"flow": "patient_follow_up", "after": "patient_interview", "days": 6, "items": "a6"}],
    )
    await story.patient()
    [(flow, day)] = story.to_come()
    assert (flow, day) == ("patient_follow_up", "2026-03-09")


async def test_export_joins_baseline_and_later_by_item(story: Story) -> None:
    """The export has both ratings of each item side by side, the change worked out, and who was not asked."""
    pat = await story.patient("pat")
    await story.patient("silent", May_I_write="no")
    texts(pat)
    await story.pass_time(weeks=12, hours=2)
    texts(pat)
    await converse(pat, AGAIN)
    table = story.world.database.read_now(lambda c: [*care(c, ExportSelection()).rows])
    found = [dict(zip(COLUMNS, row, strict=True)) for row in table]
    shown = [(row["item"], row["baseline"], row["later"], row["change"], row["transition"]) for row in found]
    assert set(shown[:2]) == {("body", 2, 4, 2, "better"), ("being_heard", 4, 4, 0, "worse")}
    assert set(shown[2:]) == {("body", 2, None, None, None), ("being_heard", 4, None, None, None)}
    assert {row["about"] for row in found} == {"self"}
    assert [row["paired"] for row in found] == [1, 1, 0, 0]
    assert [row["visit"] for row in found] == ["yes", "yes", None, None]


# Commitments.


async def test_unfinished_commitment_is_asked_for_once_on_day_seven(story: Story) -> None:
    """A week on, the clinician hears of it and sees the open question again; the next reply goes on with it."""
    amy = await story.someone("amy", "hcp_commitment", Role.HCP)
    await amy.say("yes")
    await amy.say("yes")
    await amy.say("nurse")
    texts(amy)
    await story.pass_time(days=6)
    texts(amy)
    await story.pass_time(days=1, hours=1)
    began, _, question = texts(amy)
    assert began.startswith("On 2 March 2026 you began to write what you will do after Spring symposium.")
    assert question.startswith("After Spring symposium")
    await converse(amy, COMMITMENT)
    assert story.world.rows("SELECT statement FROM commitment") == [(WORDS,)]
    assert [action for action, _, _ in story.contacts()] == ["sent"]


async def test_what_is_unfinished_is_asked_for_in_the_window_too(story: Story) -> None:
    """Queued in the morning, with the network away until night, it comes the next morning."""
    amy = await story.someone("amy", "hcp_commitment", Role.HCP)
    await amy.say("yes")
    world = story.world
    world.runtime.openers_wait = True
    channel = FakeChannel(world.clock.now, "terminal")
    options = DeliveryOptions(recheck=OpenerRecheck(world.runtime), sleep=clock_sleep(world.clock))
    delivery = Delivery(world.database, {"terminal": channel}, world.clock, options)
    while story.contacts()[-1:] != [("queued", "due", "2026-03-09")]:
        await story.pass_time(hours=1)
        if story.contacts()[-1:] != [("queued", "due", "2026-03-09")]:
            await delivery.drain()
    before = len(channel.delivered)
    world.clock.move(timedelta(hours=12))
    await delivery.drain()
    assert channel.delivered[before:] == []
    assert world.rows("SELECT count(*) FROM outbox WHERE status = 'queued'") == [(0,)]
    for _ in range(28):
        await story.pass_time(hours=0.5)
        await delivery.drain()
    began, question = channel.delivered[before:]
    assert began.text.startswith("On 2 March 2026 you began to write")
    assert question.message.prompt.ask is not None
    assert (began.at.day, began.at.hour) == (10, 8)
    assert story.contacts()[-1][:2] == ("sent", "due")


async def test_finished_commitment_is_not_asked_for(story: Story) -> None:
    """Who has finished hears nothing on day seven, and their own words on day fourteen."""
    amy = await story.clinician("amy")
    texts(amy)
    await story.pass_time(days=13)
    assert texts(amy) == []
    await story.pass_time(days=1, hours=1)
    assert texts(amy) == [
        "Hello from the Myeloma Learning Team. After Spring symposium you wrote:",
        f'"{WORDS}"',
        "This is just a reminder. There is nothing to answer.",
    ]


@pytest.mark.parametrize(("others", "told"), [(4, None), (5, 5), (11, 10)])
async def test_figures_about_peers_need_five_people(story: Story, others: int, told: int | None) -> None:
    """A line about others is told only if at least five other people chose it, in steps; own words never are."""
    amy = await story.clinician("amy", Pick_one="2")
    for number in range(others):
        await story.clinician(f"peer{number}")
    await story.clinician("own", Pick_one="write my own")
    texts(amy)
    await story.pass_time(days=14, hours=1)
    lines = [text for text in texts(amy) if text.startswith("What others chose most")]
    chosen = f"Ask about numbness at every visit ({told})."
    wanted = f"What others chose most, with at least this many people each: {chosen}"
    assert lines == ([wanted] if told else [])


async def test_the_order_of_what_others_chose_tells_of_nobody(story: Story) -> None:
    """Six chose the second and five the first: both are 'at least 5', and stand as if five had chosen each."""
    amy = await story.clinician("amy", Pick_one="write my own")
    for number in range(11):
        await story.clinician(f"peer{number}", Pick_one="2" if number < 6 else "1")
    texts(amy)
    await story.pass_time(days=14, hours=1)
    [line] = [text for text in texts(amy) if text.startswith("What others chose most")]
    chosen = "Ask about numbness at every visit (5) and Rate pain and tiredness each cycle (5)."
    assert line == f"What others chose most, with at least this many people each: {chosen}"


async def test_people_are_counted_and_not_commitments(story: Story) -> None:
    """Somebody who chose the same thing three times is one person."""
    amy = await story.clinician("amy", Pick_one="2")
    for number in range(2):
        person = await story.someone(f"peer{number}", "hcp_commitment", Role.HCP)
        await converse(person, COMMITMENT | {"Saved": "add another"})
    assert story.world.rows("SELECT count(*) FROM commitment WHERE suggestion = 'ask_neuropathy'") == [(6,)]
    texts(amy)
    await story.pass_time(days=14, hours=1)
    assert [text for text in texts(amy) if text.startswith("What others")] == []


async def test_nothing_committed_is_nothing_to_remind_of(story: Story) -> None:
    """Who keeps doing what they do gets no reminder of a plan; the story says that there was nothing to tell."""
    amy = await story.clinician("amy", After="2")
    texts(amy)
    await story.pass_time(days=15)
    assert texts(amy) == []
    assert story.contacts() == [("not_sent", "nothing_left_to_ask", "2026-03-16")]


# What was changed.


async def test_patients_are_told_what_was_changed(story: Story) -> None:
    """On its day a change is told once to those who were asked before, agreed, and raised its theme."""
    people = {
        "pat": await story.patient("pat"),
        "theme": await story.patient("theme", Which_of_these="Cost"),
        "no": await story.patient("no", May_I_write="no"),
    }
    changes = [
        {
            "code": "hour",
            "theme": "side_effects",
            "on": "2026-04-06",
            "text": "We teach side effects for one hour.",
        },
        {"code": "page", "on": "2026-04-06", "text": "We give out a plan on one page."},
        {"code": "past", "on": "2026-01-05", "text": "This was done before."},
    ]
    assert story.load(**DAILY | {"changes": changes}) == 5
    assert story.load(**DAILY | {"changes": changes}) == 0
    for person in people.values():
        texts(person)
    await story.pass_time(weeks=6)
    await story.patient("late")
    told = {name: texts(person) for name, person in people.items()}
    assert told["pat"][2:6] == [
        "You told us that this needs to be better: “Symptoms or side effects”.",
        "This is what we changed because of what people said:",
        "We teach side effects for one hour.",
        "We give out a plan on one page.",
    ]
    assert told["theme"][4:5] == ["We give out a plan on one page."]
    assert told["no"] == []
    assert story.load(**DAILY | {"changes": changes}) == 0


async def test_entry_that_was_taken_out_does_not_come(story: Story) -> None:
    """The file counts as it is when the time comes, not as it was when the conversation ended."""
    await story.clinician("amy")
    story.load(**DAILY, follow_on=[])
    await story.pass_time(days=15)
    assert story.contacts() == [("not_sent", "no_longer_planned", "2026-03-16")]


async def test_it_waits_for_another_conversation(story: Story) -> None:
    """Two conversations are never mixed: what follows waits until the open one has ended, and then comes."""
    amy = await story.clinician("amy")
    await story.pass_time(days=13)
    await amy.start(story.world.token("small"))
    texts(amy)
    await story.pass_time(days=1, hours=2)
    assert not any("just a reminder" in text for text in texts(amy))
    assert story.contacts()[-1][:2] == ("deferred", "other_talk_open")
    await amy.say("stop")


@pytest.mark.parametrize(
    ("status", "farewell", "next_wave"),
    [
        ("Not yet, still plan to", "That was my last question on this.", []),
        ("Partly", "I'll look in again on 1 May 2026", ["2026-05-01"]),
        ("Doing it fully", "I'll look in again on 31 May 2026", ["2026-05-31"]),
        ("No longer plan to", "That was my last question on this.", []),
    ],
)
async def test_the_day_that_is_named_is_the_day_that_comes(
    tmp_path: Path, status: str, farewell: str, next_wave: list[str]
) -> None:
    """What is done in full is asked about at the last wave alone, what was dropped never: the farewell says so."""
    story = Story(tmp_path, **DAILY, follow_on=[])
    amy = await story.clinician("amy")
    await story.pass_time(days=31)
    texts(amy)
    said = [shown.text for shown in await amy.say(status)]
    said += await converse(
        amy, {"About how many": "5", "What got": "1", "Not yet is": "drop it", "I have noted": "yes"}
    )
    assert farewell in said[-1]
    await story.pass_time(days=100)
    sent = [at for action, _, at in story.contacts("wave") if action == "sent"]
    assert sent[1:2] == next_wave
    story.world.database.close()
