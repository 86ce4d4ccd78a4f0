"""People change their mind: what they said no to is no in every export, and what they say yes to again goes on."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
import sqlalchemy as sa

from bot.channels.base import InboundKind
from flows.engine.effects import Prompt
from flows.i18n.say import Sentence, say
from flows.script.model import Role
from storage.database import backup
from storage.export.export import ExportDestination, export
from storage.export.options import ExportFormat
from storage.export.tables.table import ExportSelection
from storage.privacy.consent_answers import contradicted_answers
from storage.programs import programs
from tests.support.consent_change import NEW, change
from tests.support.follow_on_world import DAILY, Story, converse, texts
from tests.support.review_replies import ITEMS
from tests.support.turn_world import Shown, Someone

AGREE, DECLINE = 0, 1
TAKEN_BACK = say(Sentence.CONSENT_TAKEN_BACK, "en")
CORRECTED = say(Sentence.CORRECTED, "en")
NONE = say(Sentence.FOLLOW_UP_NONE, "en")


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    made = Story(tmp_path, **DAILY, reviews=ITEMS)
    yield made
    made.world.database.close()


def question(story: Story, beginning: str, *, newest: bool = True) -> Shown:
    """The newest or the first message of the first conversation that begins so and has buttons."""
    rows = story.world.rows(
        "SELECT payload, conversation_id, kind FROM outbox WHERE conversation_id = 1 ORDER BY id"
    )
    shown = [Shown(msgspec.json.decode(payload, type=Prompt), number, kind) for payload, number, kind in rows]
    found = [one for one in shown if one.prompt.options and one.text.startswith(beginning)]
    return found[-1 if newest else 0]


def answers(story: Story, key: str, conversation: int = 1) -> list[tuple[Any, ...]]:
    """What was answered to a question: the value, the words, whether it stands."""
    return story.world.rows(
        "SELECT value, raw, superseded_at IS NULL FROM answer WHERE question_key = :key AND conversation_id = :of"
        " ORDER BY id",
        key=key,
        of=conversation,
    )


def consents(story: Story, purpose: str) -> list[int]:
    rows = story.world.rows(
        "SELECT granted FROM consent WHERE purpose = :purpose ORDER BY id", purpose=purpose
    )
    return [granted for (granted,) in rows]


def exported(story: Story, folder: Path, flow: str, key: str) -> tuple[str, list[str]]:
    """What the wide export says of a question, and what the long one does."""
    with story.world.database.reading() as connection:
        export(connection, ExportDestination(folder, ExportFormat.CSV), ExportSelection(), raw=True)
    with (folder / f"wide_{flow}.csv").open(encoding="utf-8-sig") as file:
        [wide, *_] = csv.DictReader(file)
    with (folder / "answers_long.csv").open(encoding="utf-8-sig") as file:
        long = [
            row["value"]
            for row in csv.DictReader(file)
            if row["question_key"] == key and row["superseded"] == "0"
        ]
    return wide[key], long


def waves(story: Story) -> set[tuple[Any, ...]]:
    return set(story.world.rows("SELECT wave_days, status, reason FROM follow_up"))


def problems(story: Story) -> list[str]:
    """What `said db check` finds."""
    return backup.check(Path(str(story.world.database.path)))


async def tap(story: Story, person: Someone, beginning: str, option: int) -> list[str]:
    """Tap a button of the first message that begins so, and return what is said to it."""
    return [shown.text for shown in await person.tap(question(story, beginning, newest=False), option)]


async def decide(story: Story, person: Someone, beginning: str, option: int) -> list[str]:
    """Tap a button of the newest message that begins so, such as 'Change it' or 'Undo'."""
    return [shown.text for shown in await person.tap(question(story, beginning), option)]


PURPOSES = [
    ("patient_interview", "a01", "take_part", "Your answers help", None),
    ("patient_interview", "a02", "use_words", "May we use", "not my words"),
    ("patient_interview", "a03", "contact_again", "May I write", "no contact"),
    ("hcp_commitment", "c0", "take_part", "I'm an automated helper", None),
    ("hcp_commitment", "c0_follow", "contact_again", "May I check", "no contact"),
]


@pytest.mark.parametrize(
    ("flow", "key", "purpose", "beginning", "word", "by_word"),
    [(*purpose, by_word) for purpose in PURPOSES for by_word in (False, True) if purpose[-1] or not by_word],
)
async def test_each_purpose(
    story: Story,
    tmp_path: Path,
    flow: str,
    key: str,
    purpose: str,
    beginning: str,
    word: str | None,
    by_word: bool,
) -> None:
    """Yes, taken back, given again, taken back, given again: answers, consents and exports agree every time."""
    ann = await (story.patient("ann") if flow == "patient_interview" else story.clinician("ann"))
    assert exported(story, tmp_path / "0", flow, key) == ("1", ["1"])
    for again in range(2):
        if by_word:
            assert TAKEN_BACK in [one.text for one in await ann.say(word or "")]
        else:
            [asked] = await tap(story, ann, beginning, DECLINE)
            assert say(Sentence.CHANGE_TAKES_BACK, "en") in asked
            assert exported(story, tmp_path / f"asked-{again}", flow, key) == ("1", ["1"])
            told = await decide(story, ann, beginning, 0)
            assert (told.count(TAKEN_BACK), told.count(CORRECTED)) == (1, 1)
        assert exported(story, tmp_path / f"no-{again}", flow, key) == ("0", ["0"])
        assert answers(story, key)[-1][1] == (
            word if by_word else question(story, beginning, newest=False).prompt.options[1].label
        )
        assert consents(story, purpose)[-1] == 0
        if by_word or again:
            await tap(story, ann, beginning, AGREE)
            told = await decide(story, ann, beginning, 0)
        else:
            told = await decide(story, ann, CORRECTED, 0)
        assert CORRECTED in told
        assert exported(story, tmp_path / f"yes-{again}", flow, key) == ("1", ["1"])
        assert consents(story, purpose)[-1] == 1
    assert [stands for _, _, stands in answers(story, key)] == [0, 0, 0, 0, 1]
    assert consents(story, purpose) == [1, 0, 1, 0, 1]
    assert story.world.database.read_now(contradicted_answers) == ()


# What hangs on it.


def on(day: str) -> str:
    return say(Sentence.FOLLOW_UP_ON, "en", when=datetime.fromisoformat(day).date())


async def test_what_ended_is_planned_again(story: Story) -> None:
    """The waves of a consent that was taken back and is given again come on their days; each time that is said."""
    amy = await story.clinician("amy")
    planned = waves(story)
    await tap(story, amy, "May I check", DECLINE)
    assert await decide(story, amy, "May I check", 0) == [TAKEN_BACK, CORRECTED, NONE]
    assert {row[1:] for row in waves(story)} == {("opted_out", "no_consent")}
    assert story.to_come() == []
    assert await decide(story, amy, CORRECTED, 0) == [CORRECTED, on("2026-03-16")]
    assert waves(story) == planned
    await story.pass_time(days=31)
    assert any(text.startswith("On 2 March 2026 you wrote:") for text in texts(amy))
    assert story.contacts("wave")[-1] == ("sent", "due", "2026-04-01")


async def test_what_is_over_stays_over(story: Story) -> None:
    """Given again on day 50: the wave of day 30 is closed by then, those of day 60 and 90 come."""
    amy = await story.clinician("amy")
    await amy.say("no contact")
    await story.pass_time(days=50)
    texts(amy)
    await tap(story, amy, "May I check", AGREE)
    assert await decide(story, amy, "May I check", 0) == [CORRECTED, on("2026-05-01")]
    assert waves(story) == {
        (30, "opted_out", "no_consent"),
        (60, "scheduled", None),
        (90, "scheduled", None),
    }


@pytest.mark.parametrize("word", ["no contact", "not my words"])
async def test_a_word_says_what_it_cancels(story: Story, word: str) -> None:
    """'No contact' says that no follow-up comes; 'not my words' cancels none, and says nothing of it."""
    pat = await story.patient("pat")
    told = [one.text for one in await pat.say(word)]
    assert told == ([TAKEN_BACK, NONE] if word == "no contact" else [TAKEN_BACK])


async def test_a_no_becomes_a_yes_after_the_end(story: Story) -> None:
    """Who wanted no follow-up and changes their mind after the end hears when it comes, and it comes."""
    amy = await story.clinician("amy", May_I_check="Yes to now, no to later")
    assert waves(story) == set()
    [asked] = await tap(story, amy, "May I check", AGREE)
    assert say(Sentence.CHANGE_TAKES_BACK, "en") not in asked
    assert await decide(story, amy, "May I check", 0) == [CORRECTED, on("2026-03-16")]
    assert waves(story) == {(days, "scheduled", None) for days in (30, 60, 90)}
    await story.pass_time(days=31)
    assert [row[0] for row in story.contacts("wave")] == ["sent"]


async def test_the_day_is_that_of_the_person(story: Story) -> None:
    """The day that is named is the timer's, in the person's time zone and language."""
    amy = await story.clinician("amy", May_I_check="Yes to now, no to later")
    here = sa.text("UPDATE participant SET timezone = 'Pacific/Auckland'")
    story.world.database.write_now(lambda c: c.execute(here).rowcount)
    await tap(story, amy, "May I check", AGREE)
    told = await decide(story, amy, "May I check", 0)
    [(due,)] = story.world.rows("SELECT due_at FROM timer WHERE kind = 'follow_on' AND done_at IS NULL")
    local = datetime.fromisoformat(due).replace(tzinfo=UTC).astimezone(ZoneInfo("Pacific/Auckland"))
    assert told[-1] == on(local.date().isoformat())


async def test_a_correction_that_plans_nothing_says_nothing(story: Story) -> None:
    """Where the plan stays as it is, no day is named."""
    amy = await story.clinician("amy")
    await tap(story, amy, "How sure", 0)
    assert await decide(story, amy, "How sure", 0) == [CORRECTED]


async def test_dropping_a_commitment_cancels_its_follow_ups(story: Story) -> None:
    """Who no longer plans it is told that no follow-up comes, before the next question."""
    amy = await story.clinician("amy")
    await story.pass_time(days=31)
    texts(amy)
    await converse(amy, {"On 2 March": "No longer plan to", "What got": "1", "I have noted": "yes"})
    assert story.world.rows("SELECT count(*) FROM outbox WHERE payload LIKE :none", none=f"%{NONE}%") == [
        (1,)
    ]


# Other ways of saying no.


async def test_a_renewal_that_is_declined(story: Story) -> None:
    """A no to the new text of a consent supersedes the yes to the old one, with the same words."""
    amy = await story.clinician("amy")
    change(story, "hcp_commitment", "c0_follow", text=NEW)
    await story.pass_time(days=31)
    texts(amy)
    await amy.say("Yes to now, no to later")
    assert answers(story, "c0_follow") == [("true", "yes", 0), ("false", "Yes to now, no to later", 1)]
    assert story.world.database.read_now(contradicted_answers) == ()


async def test_another_conversation_of_the_family(story: Story) -> None:
    """So does a no in a conversation that follows; one to a review says nothing of a commitment."""
    pat = await story.patient("pat")
    await story.pass_time(days=85)
    await pat.say("no")
    assert answers(story, "a01")[-1][0] == "false"
    amy = await story.clinician("amy")
    number = story.world.database.read_now(
        lambda c: programs.activity_id(c, story.world.program_id, "slides")
    )
    await amy.start(story.world.token("content_review", role=Role.HCP, activity_id=number))
    await amy.say("no")
    kept = "SELECT value FROM answer WHERE question_key = 'c0' AND superseded_at IS NULL"
    assert story.world.rows(kept) == [("true",)]


async def test_words_after_a_no_that_was_undone(story: Story) -> None:
    """A no to the interview is one to the talk that followed it; undone, words outside are kept again."""
    pat = await story.patient("pat")
    await story.pass_time(days=85)
    await pat.say("yes")
    while story.world.rows("SELECT 1 FROM conversation WHERE status = 'open'"):
        await pat.say("no")
    await tap(story, pat, "Your answers help", DECLINE)
    await decide(story, pat, "Your answers help", 0)
    told = [one.text for one in await pat.say("The nurse sat down with me for an hour that day")]
    assert told[0] == say(Sentence.NOT_KEPT, "en")
    await decide(story, pat, CORRECTED, 0)
    told = [one.text for one in await pat.say("My wife wrote all of it down for me at home")]
    assert told == [say(Sentence.REMARK_KEPT, "en")]
    newest = story.world.rows("SELECT raw FROM remark ORDER BY id DESC LIMIT 1")
    assert newest == [("My wife wrote all of it down for me at home",)]


async def said_no_and_undid_it(story: Story) -> Someone:
    """Somebody whose no to the second talk was one to both, and whose yes again is one to the second alone."""
    pat = await story.patient("pat")
    await pat.does(InboundKind.TEXT, text="Nobody asked how I slept", message_id="m77")
    await story.pass_time(days=85)
    asked = pat.look()[-1]
    await pat.say("no")
    [sure] = [one for one in await pat.tap(asked, 0) if one.prompt.options]
    await pat.tap(sure, 0)
    assert story.world.rows("SELECT granted FROM consent WHERE purpose = 'take_part'")[-2:] == [(0,), (1,)]
    while story.world.rows("SELECT 1 FROM conversation WHERE status = 'open'"):
        await pat.say("no")
    return pat


@pytest.mark.parametrize("way", ["an edit", "a reply to an old question"])
async def test_words_in_the_first_talk_after_a_no_to_the_second_was_undone(story: Story, way: str) -> None:
    """They are kept in the second talk, which is agreed to, and never refused."""
    pat = await said_no_and_undid_it(story)
    words = "They called me back the same day"
    if way == "an edit":
        shown = await pat.does(InboundKind.EDIT, text=words, message_id="m77")
    else:
        newest = "SELECT max(id) FROM outbox WHERE conversation_id = 1 AND json_extract(payload, '$.kind') = 'text'"
        [(row,)] = story.world.rows(newest)
        name = sa.text("UPDATE outbox SET message_id = 'q1' WHERE id = :row")
        story.world.database.write_now(lambda c: c.execute(name, {"row": row}))
        shown = await pat.does(InboundKind.TEXT, text=words, message_id="m80", about="q1")
    assert [one.text for one in shown] == [say(Sentence.REMARK_KEPT, "en")]
    kept = story.world.rows("SELECT raw, conversation_id FROM remark ORDER BY id DESC LIMIT 1")
    [(second,)] = story.world.rows("SELECT max(id) FROM conversation")
    assert kept == [(words, second)]


async def test_the_first_no_thanks_late(story: Story) -> None:
    """'No thanks' of the first message, tapped in the middle: asked once, kept; changed, and undone."""
    pat = await story.someone("pat", "patient_interview", Role.PATIENT)
    for reply in ("continue", "I agree", "yes", "yes"):
        await pat.say(reply)
    [asked] = await tap(story, pat, "You can skip", 2)
    assert asked.endswith("You answered “Continue”. Shall I change it to “No thanks”?\nThis talk then ends.")
    told = [one.text for one in await pat.say("no")]
    assert (told[0], told[1][:5]) == (say(Sentence.UNCHANGED, "en"), "Which")
    await tap(story, pat, "You can skip", 2)
    told = [one.text for one in await pat.say("yes")]
    assert told[0] == CORRECTED
    assert story.world.rows("SELECT status, outcome FROM conversation") == [("ended", "declined")]
    told = await decide(story, pat, CORRECTED, 0)
    assert (told[0], told[-1][:10]) == (CORRECTED, "Which fits")
    assert story.world.rows("SELECT status, outcome, ended_at FROM conversation") == [("open", None, None)]
    assert problems(story) == []


async def test_no_thanks_and_a_late_yes(story: Story) -> None:
    """Who said 'No thanks' to the first message may go on with the same buttons, once that was asked."""
    pat = await story.someone("pat", "patient_interview", Role.PATIENT)
    await pat.say("No thanks")
    [asked] = await tap(story, pat, "You can skip", 0)
    assert asked.endswith("You answered “No thanks”. Shall I change it to “Continue”?")
    told = await decide(story, pat, "You can skip", 0)
    assert (told[0], told[-1][:12]) == (CORRECTED, "Your answers")
    await pat.say("I agree")
    assert [row[:2] for row in answers(story, "a00")] == [('"continue"', "Continue")]
    assert problems(story) == []


async def test_it_goes_on_only_where_nothing_else_is_open(story: Story) -> None:
    """A conversation that ended is not opened beside another one: that is said, and nothing is changed."""
    amy = await story.clinician("amy", **{"I'm an automated": "no thanks"})
    number = story.world.database.read_now(
        lambda c: programs.activity_id(c, story.world.program_id, "slides")
    )
    await amy.start(story.world.token("content_review", role=Role.HCP, activity_id=number))
    await tap(story, amy, "I'm an automated helper", AGREE)
    told = await decide(story, amy, "I'm an automated helper", 0)
    assert say(Sentence.CONVERSATION_ENDED, "en") in told
    assert problems(story) == []
