"""Conversations that ran out before their last tap, and coming back to them: what was answered counts all the same."""

from pathlib import Path

import pytest

from bot.channels.base import InboundKind
from flows.i18n.say import Sentence
from flows.script.model import Role
from tests.support.follow_on_world import COMMITMENT, DAILY, INTERVIEW, Story, texts
from tests.support.turn_world import Someone, said
from tests.support.turn_world import texts as texts_of

PLAN = COMMITMENT["You picked"]
LATER = "The nurse called me after the visit and told me everything."


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path, **DAILY)


async def leave_at(person: Someone, replies: dict[str, str], last: str) -> None:
    """Answer until the question that begins so is asked, and leave it."""
    for _ in range(30):
        asked = person.shown[-1].prompt.text
        if asked.startswith(last):
            return
        reply = next((reply for start, reply in replies.items() if asked.startswith(start)), "Words, here.")
        await person.say(reply)
    pytest.fail(f"{last!r} was never asked")


def made(story: Story) -> list[tuple[object, ...]]:
    """The commitments: their words, start, whether they are confirmed, and when they were made."""
    return story.world.rows("SELECT statement, start_on, confirmed, date(made_at) FROM commitment")


# What is planned although the last tap is missing.


@pytest.mark.parametrize(
    ("left_at", "kept", "waves"),
    [
        ("Finish this", [], 0),
        ("When will", [], 0),
        ("Shall I save", [(PLAN, "2026-03-02", 0, "2026-03-02")], 3),
        ("How sure", [(PLAN, "2026-03-02", 0, "2026-03-02")], 3),
        ("With how many", [(PLAN, "2026-03-02", 0, "2026-03-02")], 3),
        ("What might", [(PLAN, "2026-03-02", 0, "2026-03-02")], 3),
        ("Saved", [(PLAN, "2026-03-02", 1, "2026-03-02")], 3),
    ],
)
async def test_words_and_start_are_a_commitment(story: Story, left_at: str, kept: list, waves: int) -> None:
    """Words and start are kept when the talk runs out; what was not agreed to in the read-back is not confirmed."""
    amy = await story.someone("amy", "hcp_commitment", Role.HCP)
    await leave_at(amy, COMMITMENT, left_at)
    await story.pass_time(days=15)
    assert made(story) == kept
    assert story.world.rows("SELECT count(*) FROM follow_up") == [(waves,)]
    assert story.world.rows("SELECT min(date(due_at)) FROM follow_up") == [("2026-04-01" if waves else None,)]


async def test_without_the_consent_a_commitment_is_kept_and_nobody_is_asked(story: Story) -> None:
    """Who does not want to be written to again is asked nothing, though the words are kept."""
    amy = await story.someone("amy", "hcp_commitment", Role.HCP)
    await leave_at(amy, COMMITMENT | {"May I check": "Yes to now, no to later"}, "Shall I save")
    await story.pass_time(days=15)
    assert [row[2] for row in made(story)] == [0]
    assert story.world.rows("SELECT count(*) FROM follow_up") == [(0,)]


async def test_stop_keeps_nothing_more(story: Story) -> None:
    """Whoever stops has not committed to anything by it."""
    amy = await story.someone("amy", "hcp_commitment", Role.HCP)
    await leave_at(amy, COMMITMENT, "Shall I save")
    await amy.say("stop")
    await story.pass_time(days=30)
    assert made(story) == []


@pytest.mark.parametrize(
    ("left_at", "replies", "planned"),
    [
        ("Would you like", {}, [("patient_follow_up", "2026-05-25")]),
        ("If you could tell", {}, [("patient_follow_up", "2026-05-25")]),
        ("Which of these", {}, []),
        ("Would you like", {"May I write": "no"}, []),
    ],
)
async def test_patients_are_asked_again_without_the_last_tap(
    story: Story, left_at: str, replies: dict[str, str], planned: list
) -> None:
    """A patient who agreed, and named what needs to be better, is asked again twelve weeks after their last words."""
    pat = await story.someone("pat", "patient_interview", Role.PATIENT)
    await leave_at(pat, INTERVIEW | replies, left_at)
    await story.pass_time(days=15)
    assert story.to_come() == planned
    await story.pass_time(weeks=12)
    told = texts(pat)
    assert any("Hi. It's me again." in text for text in told) is bool(planned)
    assert any("On 2 March 2026 you told me how care is going." in text for text in told) is bool(planned)


async def test_a_report_keeps_its_details_without_the_last_tap(story: Story) -> None:
    """What got in the way is part of the report when the wave closes, though the questions after it were left."""
    amy = await story.clinician("amy")
    await story.pass_time(days=31)
    texts(amy)
    await amy.say("partly")
    await amy.say("4")
    await amy.say("1")
    await story.pass_time(days=16)
    assert story.world.rows("SELECT status FROM implementation") == [("partial",)]
    assert story.world.rows("SELECT count(*) FROM barrier") == [(1,)]


# What was never confirmed is asked about first.


async def first_wave(story: Story) -> Someone:
    """Somebody who left before the read-back, and is asked thirty days on."""
    amy = await story.someone("amy", "hcp_commitment", Role.HCP)
    await leave_at(amy, COMMITMENT, "Shall I save")
    await story.pass_time(days=31)
    assert f'did not get to save it:\n"{PLAN}"\nWas this your plan?' in texts(amy)[-1]
    return amy


async def test_a_yes_confirms_it(story: Story) -> None:
    """A yes makes it a commitment like any other, and where it is now is asked next."""
    amy = await first_wave(story)
    assert "Where is it now?" in texts_of(await amy.say("yes"))[-1]
    assert [row[2] for row in made(story)] == [1]
    assert story.world.rows("SELECT count(*) FROM commitmentrevision") == [(0,)]


async def test_a_no_drops_it(story: Story) -> None:
    """A no ends it: nothing more is asked about it, and it is never confirmed."""
    amy = await first_wave(story)
    await amy.say("no")
    assert [row[2] for row in made(story)] == [0]
    assert story.world.rows("SELECT status FROM implementation") == [("dropped",)]
    await story.pass_time(days=70)
    assert texts(amy) == []


async def test_it_can_be_put_in_other_words(story: Story) -> None:
    """New words and a new start take the place of the old ones, which are kept as a revision."""
    amy = await first_wave(story)
    await amy.say("change it")
    await amy.say("I will call each patient the day after.")
    await amy.say("today")
    [(words, start, confirmed, _)] = made(story)
    assert (words, start, confirmed) == ("I will call each patient the day after.", "2026-04-02", 1)
    assert story.world.rows("SELECT statement FROM commitmentrevision") == [(PLAN,)]
    assert story.world.rows("SELECT status FROM implementation") == [("planned",)]


async def test_what_is_not_confirmed_is_no_nudge(story: Story) -> None:
    """Nobody is reminded of a plan that they never confirmed."""
    amy = await story.someone("amy", "hcp_commitment", Role.HCP)
    await leave_at(amy, COMMITMENT, "Shall I save")
    await story.pass_time(days=29)
    assert not any("This is just a reminder" in text for text in texts(amy))


async def test_who_goes_on_and_saves_it_has_confirmed_it(story: Story) -> None:
    """Whoever comes back and saves has one commitment, confirmed, with the waves that it had."""
    amy = await story.someone("amy", "hcp_commitment", Role.HCP)
    await leave_at(amy, COMMITMENT, "Shall I save")
    await story.pass_time(days=15)
    await amy.say("hello again")
    await amy.say("go on")
    await leave_at(amy, COMMITMENT, "Saved")
    assert [row[2] for row in made(story)] == [1]
    await amy.say("done")
    assert story.world.rows("SELECT count(*) FROM follow_up") == [(3,)]


async def test_who_starts_anew_is_not_asked_about_what_they_left(story: Story) -> None:
    """The plan of the talk that was begun anew was never theirs to keep; what is saved now is asked about alone."""
    amy = await story.someone("amy", "hcp_commitment", Role.HCP)
    await leave_at(amy, COMMITMENT, "Shall I save")
    await story.pass_time(days=15)
    for words in ("Sorry, the ward was very busy", "start anew"):
        await amy.say(words)
    await leave_at(amy, COMMITMENT | {"You picked": "I will phone each patient."}, "Saved")
    await amy.say("done")
    texts(amy)
    await story.pass_time(days=120)
    assert PLAN not in "".join(texts(amy))
    waves = story.world.rows(
        "SELECT statement, confirmed, status, reason FROM follow_up JOIN commitment"
        " ON commitment.id = commitment_id WHERE wave_days = 30 ORDER BY commitment.id"
    )
    assert [row[1:] for row in waves] == [
        (0, "cancelled", "nothing_left_to_ask"),
        (1, "no_response", "no_response"),
    ]
    assert story.world.rows("SELECT count(*) FROM timer WHERE done_at IS NULL AND kind = 'wave'") == [(0,)]


# Coming back after the talk ran out; more of it is in tests/bot/turns/test_returned.py.


async def test_late_words_are_offered_where_a_question_takes_remarks(story: Story) -> None:
    """What was told on coming back is offered as the answer to the open question, if that takes remarks."""
    pat = await story.someone("pat", "patient_interview", Role.PATIENT)
    await leave_at(pat, INTERVIEW | {"How long": "1"}, "Think of your last visit")
    await story.pass_time(days=15)
    await pat.say(LATER)
    shown = await pat.say("go on")
    assert len(shown) == 1
    assert shown[0].text.startswith("Think of your last visit")
    assert LATER in shown[0].text
    await pat.tap(shown[0], 0)
    assert story.world.rows("SELECT raw FROM answer WHERE question_key = 'a3'") == [(LATER,)]


# Coming back after a block.


async def block_and_return(story: Story, person: Someone, days: float) -> list[str]:
    """Block the bot for so many days; what is said on coming back."""
    await person.does(InboundKind.BLOCKED)
    await story.pass_time(days=days)
    return texts_of(await person.does(InboundKind.UNBLOCKED))


async def test_a_wave_within_its_time_comes_after_unblocking(story: Story) -> None:
    """Who unblocks in time is told the day on which the question comes, and it comes."""
    amy = await story.clinician("amy")
    told = await block_and_return(story, amy, 33)
    assert story.contacts("wave")[-2:] == [
        ("not_sent", "blocked", "2026-04-01"),
        ("deferred", "blocked", "2026-04-04"),
    ]
    assert len(told) == 1
    assert told[0].startswith("I could not reach you for a while. What I wanted to ask comes on")
    assert story.world.rows("SELECT wave_days, status FROM follow_up")[0] == (30, "scheduled")
    texts(amy)
    await story.pass_time(days=2)
    assert any("Where is it now?" in text for text in texts(amy))


async def test_a_wave_whose_time_is_over_is_told_truly(story: Story) -> None:
    """Who unblocks too late is told that a question was missed, once, and that wave stays without a response."""
    amy = await story.clinician("amy")
    assert await block_and_return(story, amy, 50) == [said(Sentence.MISSED_GONE)]
    assert story.world.rows("SELECT wave_days, status, reason FROM follow_up")[0] == (
        30,
        "no_response",
        "blocked",
    )


async def test_who_missed_nothing_is_told_nothing(story: Story) -> None:
    """A block over which nothing fell due leaves no word."""
    amy = await story.clinician("amy")
    assert await block_and_return(story, amy, 5) == []


async def test_whoever_writes_is_back_whether_or_not_the_platform_said_so(story: Story) -> None:
    """The first message after a block does what the unblocking does; nothing comes to who says stop with it."""
    amy = await story.clinician("amy")
    await amy.does(InboundKind.BLOCKED)
    await story.pass_time(days=33)
    told = texts_of(await amy.say("hello"))
    assert told[0].startswith("I could not reach you for a while.")
    await amy.say("stop")
    await story.pass_time(days=30)
    assert texts(amy) == []


async def test_who_stops_with_their_first_words_is_promised_nothing(story: Story) -> None:
    """'Stop' after a block is answered by the farewell alone, and what was missed stays away."""
    amy = await story.clinician("amy")
    await amy.does(InboundKind.BLOCKED)
    await story.pass_time(days=33)
    texts(amy)
    assert texts_of(await amy.say("stop")) == [said(Sentence.STOPPED)]
    await amy.say("start")
    await story.pass_time(days=30)
    assert story.world.rows("SELECT DISTINCT status, reason FROM follow_up") == [("opted_out", "withdrawn")]


async def test_when_it_comes_is_the_same_however_it_is_asked(story: Story) -> None:
    """What is due this very moment is the next that comes, not what is due a month later."""
    amy = await story.clinician("amy")
    await amy.does(InboundKind.BLOCKED)
    await story.pass_time(days=33)
    texts(amy)
    told = texts_of(await amy.say("When will you write again?"))
    assert [("4 April 2026" in text) for text in told] == [True, True]


async def test_a_patients_follow_up_comes_after_unblocking(story: Story) -> None:
    """What follows on a talk comes after a block as a wave does."""
    pat = await story.patient()
    told = await block_and_return(story, pat, 7 * 12 + 3)
    assert told[0].startswith("I could not reach you for a while. What I wanted to ask comes on")
    await story.pass_time(days=2)
    assert any("Hi. It's me again." in text for text in texts(pat))
