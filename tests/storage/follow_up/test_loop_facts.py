"""What people are told of other people: the shipped flows on real rows, with a clock moved by hand."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.delivery.sender import Delivery, DeliveryOptions, clock_sleep
from bot.schedule.rechecks import OpenerRecheck
from flows.script.model import Role
from storage.follow_up.loop_facts import at_least
from storage.programs import quotations
from storage.programs.quotations import QuotationRelease, QuotationSource
from tests.support.coordinators import enrolled
from tests.support.fake_channel import FakeChannel
from tests.support.follow_on_world import COMMITMENT, DAILY, INTERVIEW, Story, converse, texts
from tests.support.turn_world import Someone

REPORT = {"I have noted": "yes", "With how many": "5", "What got": "Not enough time", "Not yet": "keep"}
CHANGES_ALONE = [{"flow": "what_we_changed", "after": "patient_interview", "needs": "changes", "items": "a6"}]
RAISED = "Patients told us what needs to be better."
PROMISED = "At least 10 doctors and nurses promised to work on it."
CHANGE = {"code": "hour", "theme": "body", "on": "2026-05-04", "text": "We teach it for one hour."}
NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path, **DAILY)


async def patients(story: Story, people: int, **replies: str) -> None:
    """So many patients who raised side effects and choosing together, if nothing else is said."""
    for number in range(people):
        await story.patient(f"patient{number}{replies.get('Which_of_these', '')}", **replies)


async def clinicians(story: Story, people: int) -> None:
    """So many clinicians who committed to asking about numbness, which answers side effects."""
    for number in range(people):
        await story.clinician(f"clinician{number}")


async def report(story: Story, people: int, status: str) -> None:
    """So many of them report at the first wave, and that time was short."""
    for number in range(people):
        person = story.world.someone(f"clinician{number}")
        texts(person)
        await person.say(status)
        await converse(person, REPORT)


@pytest.mark.parametrize(
    ("people", "step"),
    [(0, None), (4, None), (5, 5), (9, 5), (10, 10), (19, 10), (20, 20), (50, 50), (999, 50)],
)
def test_a_figure_is_told_in_steps(people: int, step: int | None) -> None:
    """Nothing is told of fewer than five; of more, only that they are at least 5, 10, 20 or 50."""
    assert at_least(people) == step


# Before the suggestions of a commitment.


@pytest.mark.parametrize(("people", "told"), [(4, None), (5, 5), (11, 10)])
async def test_clinician_is_told_how_many_patients_raised_a_theme(
    story: Story, people: int, told: int | None
) -> None:
    """Before the suggestions stands how many patients raised what they answer: five at least, and in steps."""
    await patients(story, people)
    amy = await story.someone("amy", "hcp_commitment", Role.HCP)
    said = await converse(amy, COMMITMENT)
    lines = [text for text in said if text.startswith(RAISED)]
    named = f"Being heard and having a say ({told}) and Symptoms or side effects ({told})."
    assert lines == ([f"{RAISED} Named most, with at least this many people each: {named}"] if told else [])
    if told:
        assert said[said.index(lines[0]) + 1].startswith("Pick one")


async def test_the_order_tells_no_more_than_the_steps(story: Story) -> None:
    """One person more, in the same step, changes nothing of what is told: not even which theme stands first."""
    await patients(story, 5)
    before = await story.someone("amy", "hcp_commitment", Role.HCP)
    told = [text for text in await converse(before, COMMITMENT) if text.startswith(RAISED)]
    await patients(story, 1, Which_of_these="Symptoms or side effects")
    after = await story.someone("bob", "hcp_commitment", Role.HCP)
    assert [text for text in await converse(after, COMMITMENT) if text.startswith(RAISED)] == told
    assert len(told) == 1


async def test_patients_are_counted_and_not_answers(story: Story) -> None:
    """Who is interviewed twice, or corrects what they picked, is one person."""
    await patients(story, 4)
    again = await story.someone("patient0", "patient_interview", Role.PATIENT)
    await converse(again, INTERVIEW)
    amy = await story.someone("amy", "hcp_commitment", Role.HCP)
    assert not any(text.startswith(RAISED) for text in await converse(amy, COMMITMENT))


async def test_only_themes_that_a_suggestion_answers_are_told(story: Story) -> None:
    """What no suggestion answers is not told; nor is 'Other', which names nothing."""
    await patients(story, 5, Which_of_these="cost, other")
    amy = await story.someone("amy", "hcp_commitment", Role.HCP)
    assert not any(text.startswith(RAISED) for text in await converse(amy, COMMITMENT))


async def test_a_theme_that_was_merged_counts_with_the_whole(story: Story) -> None:
    """Who picked 'Side effects' before it became part of a wider theme is one of those who raised that."""
    await patients(story, 5, Which_of_these="Symptoms or side effects")
    before = sa.text("UPDATE answer SET value = '[\"side_effects\"]' WHERE question_key = 'a6' AND id % 2")
    story.world.database.write_now(lambda c: c.execute(before))
    amy = await story.someone("amy", "hcp_commitment", Role.HCP)
    said = await converse(amy, COMMITMENT)
    assert [text for text in said if "Symptoms or side effects (5)." in text and text.startswith(RAISED)]


async def test_who_changes_nothing_is_told_nothing(story: Story) -> None:
    """Who keeps doing what they do sees no suggestions, and hears nothing of what they answer."""
    await patients(story, 5)
    amy = await story.someone("amy", "hcp_commitment", Role.HCP)
    assert not any(text.startswith(RAISED) for text in await converse(amy, COMMITMENT | {"After": "2"}))


# In the reminder of a plan.


WORDS = "Nobody asked about my feet until I could not feel the stairs"
QUOTED = "Someone who was asked about their care told us:"


async def quoted(story: Story, theme: str | None = "body") -> Someone:
    """A patient who permitted that their words are used, and one text of theirs that the team released."""
    await enrolled(story.world)
    pat = await story.patient("pat", What_do=WORDS)
    [(answer,)] = story.world.rows("SELECT id FROM answer WHERE raw = :words", words=WORDS)
    wanted, now = QuotationRelease(QuotationSource(answer), WORDS, theme), story.world.clock.now()
    story.world.database.write_now(lambda c: quotations.release(c, wanted, by=1, now=now))
    return pat


async def reminded(story: Story, **replies: str) -> list[str]:
    """What a clinician is told a fortnight after a commitment."""
    amy = await story.clinician("amy", **replies)
    texts(amy)
    await story.pass_time(days=14, hours=1)
    return texts(amy)


async def test_reminder_quotes_a_patient_about_the_same_theme(story: Story) -> None:
    """Beside their own words a clinician reads what a patient said about what the plan is for."""
    await quoted(story)
    told = await reminded(story)
    assert f'{QUOTED}\n"{WORDS}"' in told


@pytest.mark.parametrize("theme", ["being_heard", None])
async def test_a_quotation_of_another_theme_is_not_told(story: Story, theme: str | None) -> None:
    """What has nothing to do with the plan stays out, and so does what has no theme."""
    await quoted(story, theme)
    assert not any(QUOTED in text for text in await reminded(story))


async def test_a_plan_of_own_words_has_no_quotation(story: Story) -> None:
    """Of a plan that is no suggestion's the theme is not known."""
    await quoted(story)
    assert not any(QUOTED in text for text in await reminded(story, Pick_one="write my own"))


@pytest.mark.parametrize("how", ["not my words", "stop", "withdrawn"])
async def test_what_was_taken_back_is_not_quoted(story: Story, how: str) -> None:
    """Once its author or the team has taken it back, a quotation is told to nobody."""
    pat = await quoted(story)
    if how == "withdrawn":
        now = story.world.clock.now()
        story.world.database.write_now(lambda c: quotations.withdraw(c, 1, by=1, now=now))
    else:
        await pat.say(how)
    assert not any(QUOTED in text for text in await reminded(story))


async def test_what_is_taken_back_while_it_is_queued_is_not_quoted(story: Story) -> None:
    """A reminder that waits for the network goes without a quotation that was taken back meanwhile."""
    pat = await quoted(story)
    await story.clinician("amy")
    world = story.world
    world.runtime.openers_wait = True
    channel = FakeChannel(world.clock.now, "terminal")
    options = DeliveryOptions(recheck=OpenerRecheck(world.runtime), sleep=clock_sleep(world.clock))
    delivery = Delivery(world.database, {"terminal": channel}, world.clock, options)
    await delivery.drain()
    await story.pass_time(days=14, hours=1)
    assert world.rows(
        "SELECT count(*) FROM outbox WHERE status = 'queued' AND payload LIKE '%the stairs%'"
    ) == [(1,)]
    await pat.say("not my words")
    for _ in range(4):
        await delivery.drain()
        await story.pass_time(hours=1)
    sent = [one.text for one in channel.delivered if one.text]
    assert any(text.startswith("Hello from") and COMMITMENT["Say it"] in text for text in sent)
    assert not any(QUOTED in text for text in sent)


async def test_a_quotation_in_another_language_is_not_told(story: Story) -> None:
    """Nobody is shown words in a language that they did not choose."""
    await quoted(story)
    german = sa.text("UPDATE answer SET language = 'de' WHERE raw = :words")
    story.world.database.write_now(lambda c: c.execute(german, {"words": WORDS}))
    assert not any(QUOTED in text for text in await reminded(story))


# At the end of a wave.


@pytest.mark.parametrize(("others", "told"), [(4, None), (5, 5), (10, 10)])
async def test_end_of_a_wave_tells_what_others_did(story: Story, others: int, told: int | None) -> None:
    """After their own plans people hear how many others do theirs, and what stood in their way."""
    await clinicians(story, others)
    await story.pass_time(days=3)
    amy = await story.clinician("amy")
    await story.pass_time(days=29)
    await report(story, others, "Partly")
    await story.pass_time(days=5)
    texts(amy)
    said = await converse(amy, {"On 5 March": "fully", **REPORT})
    did = [text for text in said if text.startswith("How others are doing")]
    met = [text for text in said if text.startswith("What got in their way most")]
    doing = f"at least {told} now do what they planned, in full or in part."
    assert did == ([f"How others are doing: after Spring symposium, {doing}"] if told else [])
    assert met == (
        [f"What got in their way most, with at least this many people each: Not enough time ({told})."]
        if told
        else []
    )
    assert said[-1].startswith("Thank you")


@pytest.mark.parametrize(
    ("status", "counts"),
    [
        ("Doing it fully", True),
        ("Partly", True),
        ("Did something different", False),
        ("Already did this before", False),
        ("Not yet", False),
        ("No chance yet", False),
        ("No longer plan to", False),
    ],
)
async def test_only_what_was_planned_is_told_as_done(story: Story, status: str, counts: bool) -> None:
    """Who did something else changed practice, and not as planned: neither peers nor patients are told otherwise."""
    pat = await story.patient("pat", Which_of_these="Symptoms or side effects")
    await clinicians(story, 5)
    await story.pass_time(days=3)
    amy = await story.clinician("amy")
    await story.pass_time(days=29)
    await report(story, 5, status)
    await story.pass_time(days=5)
    texts(amy)
    said = await converse(amy, {"On 5 March": "fully", **REPORT})
    assert any(text.startswith("How others are doing") for text in said) is counts
    texts(pat)
    story.load(**DAILY | {"changes": [CHANGE]})
    await story.pass_time(days=32)
    told = " ".join(texts(pat))
    assert "At least 5 doctors and nurses promised to work on it." in told
    assert ("say they now do" in told) is counts


async def test_who_made_the_other_act_their_plan_counts_once_they_do_it(story: Story) -> None:
    """What was done instead and is the plan from then on is reported at the next wave like any other."""
    await clinicians(story, 5)
    await story.pass_time(days=3)
    amy = await story.clinician("amy")
    await story.pass_time(days=29)
    for number in range(5):
        person = story.world.someone(f"clinician{number}")
        texts(person)
        await person.say("Did something different")
        await converse(person, REPORT | {"What did you do": "I gave them a diary", "Shall I": "yes"})
    await story.pass_time(days=29)
    await report(story, 5, "Partly")
    await story.pass_time(days=5)
    texts(amy)
    said = await converse(amy, {"On 5 March": "fully", **REPORT})
    assert any(text.startswith("How others are doing") for text in said)


async def test_newest_report_counts(story: Story) -> None:
    """Who did it and has dropped it since is not one who does it; the barriers stay what they were."""
    await clinicians(story, 5)
    await story.pass_time(days=31)
    await report(story, 5, "Partly")
    await story.pass_time(days=31)
    amy = await story.clinician("amy")
    await report(story, 1, "No longer plan to")
    await story.pass_time(days=31)
    texts(amy)
    said = await converse(amy, {"On 3 May": "fully", **REPORT})
    assert not any(text.startswith("How others are doing") for text in said)
    assert any("Not enough time (5)" in text for text in said)


# What was changed.


async def test_own_theme_is_shown_with_what_came_of_it(story: Story) -> None:
    """The person sees what they picked, how many others did, what clinicians promised and did, then the change."""
    pat = await story.patient("pat", Which_of_these="Symptoms or side effects")
    await patients(story, 5)
    await clinicians(story, 10)
    await story.pass_time(days=31)
    await report(story, 5, "Partly")
    story.load(**DAILY | {"changes": [CHANGE]})
    texts(pat)
    await story.pass_time(days=32)
    assert texts(pat)[1:] == [
        "No one reads this live. For urgent help call 112.",
        "You told us that this needs to be better: “Symptoms or side effects”. At least 5 others said so too.",
        f"{PROMISED} At least 5 say they now do. This is what they did: “Asked about numb hands or feet”.",
        "This is what we changed because of what people said:",
        "We teach it for one hour.",
        "Is that what you meant?",
    ]


@pytest.mark.parametrize(
    ("theme", "shown"),
    [
        ("body", ["Symptoms or side effects"]),
        ("symptoms", ["Symptoms or side effects"]),
        (None, ["Being heard and having a say", "Symptoms or side effects"]),
    ],
)
async def test_what_was_changed_stands_beside_what_it_answers(
    story: Story, theme: str | None, shown: list[str]
) -> None:
    """Of several themes of their own those are shown that the change answers; all, where it is for everybody."""
    pat = await story.patient("pat")
    story.load(**DAILY | {"changes": [CHANGE | {"theme": theme}]})
    texts(pat)
    await story.pass_time(weeks=10)
    own = [text for text in texts(pat) if text.startswith("You told us that")]
    assert own == [f"You told us that this needs to be better: “{one}”." for one in shown]


@pytest.mark.parametrize(
    ("reply", "asked"), [("yes", False), ("partly", True), ("no", True), ("say more", True)]
)
async def test_they_are_asked_whether_that_is_what_they_meant(story: Story, reply: str, asked: bool) -> None:
    """One tap, and their own words unless it was a yes; both are answers like any other, with permission as before."""
    pat = await story.patient("pat", Which_of_these="Symptoms or side effects")
    story.load(**DAILY | {"changes": [CHANGE]})
    texts(pat)
    await story.pass_time(weeks=10)
    assert texts(pat)[2] == "You told us that this needs to be better: “Symptoms or side effects”."
    said = await converse(pat, {"Is that": reply, "What did you": "The nights, above all."})
    assert any(text.startswith("What did you mean") for text in said) is asked
    assert said[-1].startswith("Thank you for your help. To reach us, write to team@example.org. To see")
    rows = story.world.rows(
        "SELECT slot, value, raw FROM answer JOIN conversation ON conversation.id = conversation_id"
        " WHERE flow = 'what_we_changed' ORDER BY answer.id"
    )
    assert [slot for slot, _, _ in rows] == (["meant", "meant_words"] if asked else ["meant"])
    assert json.loads(rows[0][1]) == reply.replace(" ", "_")
    assert story.world.rows("SELECT outcome FROM conversation WHERE flow = 'what_we_changed'") == [
        ("completed",)
    ]


async def test_nobody_is_reminded_of_that_question(story: Story) -> None:
    """Who has read what was changed may leave it at that: nothing more comes, and the talk runs out in silence."""
    pat = await story.patient("pat")
    story.load(**DAILY | {"changes": [CHANGE], "follow_on": CHANGES_ALONE})
    texts(pat)
    await story.pass_time(weeks=9, days=2)
    assert texts(pat)[-1] == "Is that what you meant?"
    await story.pass_time(weeks=4)
    assert texts(pat) == []
    assert story.world.rows("SELECT outcome FROM conversation WHERE flow = 'what_we_changed'") == [
        ("expired",)
    ]


@pytest.mark.parametrize("days", [3, 20, 200])
@pytest.mark.parametrize(("option", "words"), [(0, False), (1, True)])
async def test_a_late_tap_is_an_answer(story: Story, days: int, option: int, words: bool) -> None:
    """The button works for good: also after the talk ran out it answers that question, and what they meant is asked."""
    pat = await asked_what_they_meant(story)
    asked = next(one for one in pat.look() if one.prompt.text == "Is that what you meant?")
    await story.pass_time(days=days)
    await pat.tap(asked, option)
    if words:
        [thanks] = await pat.say("The nights, above all.")
        assert thanks.prompt.text.startswith("Thank you")
    slots = [slot for slot, _ in said_of_the_change(story)]
    assert slots == ["meant", "meant_words"][: 1 + words]


@pytest.mark.parametrize(("days", "is_taken_up"), [(3, True), (20, True), (40, False)])
async def test_late_words_are_never_lost(story: Story, days: int, is_taken_up: bool) -> None:
    """What is typed is an answer, or a remark that the team reads; up to a fortnight after the end it goes on."""
    pat = await asked_what_they_meant(story)
    texts(pat)
    await story.pass_time(days=days)
    said = [one.prompt.text for one in await pat.say("It was the nights, when nobody came.")]
    while "Shall we go on" in said[-1] or said[-1] == "Is that what you meant?":
        reply = "Go on" if "Shall we go on" in said[-1] else "partly"
        said = [one.prompt.text for one in await pat.say(reply)]
    if said[-1].startswith("What did you mean"):
        await pat.say("The nights, above all.")
    kept = story.world.rows("SELECT raw FROM remark WHERE slot = 'meant'")
    assert kept == [("It was the nights, when nobody came.",)]
    expected = [("meant", '"partly"'), ("meant_words", '"The nights, above all."')]
    assert said_of_the_change(story) == (expected if is_taken_up else [])


async def asked_what_they_meant(story: Story) -> Someone:
    """A patient who has just been asked whether a change is what they meant, and whose screen nobody has read."""
    pat = await story.patient("pat", Which_of_these="Symptoms or side effects")
    story.load(**DAILY | {"changes": [CHANGE], "follow_on": CHANGES_ALONE})
    texts(pat)
    await story.pass_time(weeks=9, days=2)
    return pat


def said_of_the_change(story: Story) -> list[tuple[str, str]]:
    """What was answered to it, by slot, as it is kept."""
    rows = story.world.rows(
        "SELECT slot, value FROM answer JOIN conversation ON conversation.id = conversation_id"
        " WHERE flow = 'what_we_changed' ORDER BY answer.id"
    )
    return [(slot, value) for slot, value in rows]


async def test_who_picked_nothing_is_asked_nothing(story: Story) -> None:
    """Where there is no theme of their own, the change is told as ever, and there is nothing to answer."""
    pat = await story.patient("pat", Which_of_these="other")
    story.load(**DAILY | {"changes": [CHANGE | {"theme": None}]})
    texts(pat)
    await story.pass_time(weeks=10)
    told = texts(pat)
    assert told[-1].startswith("Thank you for your help. There is nothing to answer.")
    assert not any("Is that what you meant" in text for text in told)
