"""Words that a change of an answer is kept with go when the consent to them goes, in whatever way that is said."""

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from bot.channels.base import InboundKind
from flows.engine.effects import Prompt
from flows.engine.state import ConversationState, decode_state
from flows.i18n.say import Sentence, say
from flows.script.model import Role
from tests.support.follow_on_world import DAILY, INTERVIEW, Story, converse
from tests.support.review_replies import ITEMS
from tests.support.turn_world import Shown, Someone

FIRST = "I wrote plantone at first."
SECOND = "I made planttwo of it."
THIRD = "I would rather say plantthree."
PLANTS = ("plantone", "planttwo", "plantthree")
Way = Callable[[Story, Someone], Awaitable[object]]


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    made = Story(tmp_path, **DAILY, reviews=ITEMS)
    yield made
    made.world.database.close()


async def changed(story: Story) -> Someone:
    """A patient after the interview, who changed an answer in their own words, and is asked whether to change it again.

    A rating was changed too.
    """
    pat = await story.someone("pat", "patient_interview", Role.PATIENT)
    while not (asked := pat.shown[-1].text).startswith("What went well"):
        await pat.say(
            next((INTERVIEW[start] for start in INTERVIEW if asked.startswith(start)), "Some words, here.")
        )
    await pat.say(FIRST, message_id="m1")
    await converse(pat, INTERVIEW)
    rating = find(story, "Symptoms or side effects: how")
    await pat.tap(rating, 3)
    await pat.tap(find(story, "Symptoms or side effects: how", newest=True), 0)
    for words in (SECOND, THIRD):
        await pat.does(InboundKind.EDIT, text=words, message_id="m1")
        if words is SECOND:
            await pat.say("yes")
    return pat


def find(story: Story, beginning: str, *, newest: bool = False) -> Shown:
    """The first or the newest message with buttons that begins so."""
    rows = story.world.rows("SELECT payload, conversation_id, kind FROM outbox ORDER BY id")
    shown = [Shown(msgspec.json.decode(payload, type=Prompt), number, kind) for payload, number, kind in rows]
    return [one for one in shown if one.prompt.options and one.text.startswith(beginning)][
        -1 if newest else 0
    ]


def state_of(story: Story) -> ConversationState:
    [(text,)] = story.world.rows("SELECT state FROM conversation WHERE id = 1")
    return decode_state(text)


def kept(story: Story) -> str:
    """All that is kept with questions."""
    return " ".join(code for asked in state_of(story).asks for code in asked.codes or ())


def says(*words: str) -> Way:
    async def way(_story: Story, pat: Someone) -> None:
        for one in words:
            await pat.say(one)

    return way


def taps_no(beginning: str) -> Way:
    async def way(story: Story, pat: Someone) -> None:
        await pat.tap(find(story, beginning), 1)
        await pat.tap(find(story, beginning, newest=True), 0)

    return way


async def declines_elsewhere(story: Story, pat: Someone) -> None:
    """Say no to taking part in the conversation that follows."""
    await story.pass_time(days=85)
    pat.look()
    await pat.say("no")


async def stops_elsewhere(story: Story, pat: Someone) -> None:
    """Stop in the conversation that follows."""
    await story.pass_time(days=85)
    await pat.say("stop")


WAYS: dict[str, Way] = {
    "a word": says("not my words"),
    "no under the words' consent": taps_no("May we use"),
    "no under the consent to take part": taps_no("Your answers help"),
    "no in another conversation": declines_elsewhere,
    "stop": says("stop"),
    "stop in another conversation": stops_elsewhere,
}


@pytest.mark.parametrize("way", WAYS)
async def test_words_go_with_the_consent(story: Story, way: str) -> None:
    """Neither the words before a change nor those of one that is asked about stay; the change can not be made."""
    pat = await changed(story)
    assert all(plant in kept(story) for plant in PLANTS)
    undo_of_words = find(story, say(Sentence.CORRECTED, "en"), newest=True)
    await WAYS[way](story, pat)
    assert not any(plant in kept(story) for plant in PLANTS)
    before = story.world.rows("SELECT * FROM answer ORDER BY id")
    await pat.tap(find(story, "What went well", newest=True), 0)
    await pat.tap(undo_of_words, 0)
    assert story.world.rows("SELECT * FROM answer ORDER BY id") == before


async def test_deletion_leaves_no_state(story: Story) -> None:
    """'Delete my data' empties the state as a whole."""
    pat = await changed(story)
    await says("delete my data", "yes, delete")(story, pat)
    assert story.world.rows("SELECT DISTINCT state FROM conversation") == [("",)]


async def test_choices_can_still_be_undone(story: Story) -> None:
    """A change between ratings is no words: 'Undo' works after 'not my words' as before."""
    pat = await changed(story)
    await pat.say("not my words")
    undone = find(story, say(Sentence.CORRECTED, "en"))
    told = await pat.tap(undone, 0)
    assert say(Sentence.CORRECTED, "en") in [one.text for one in told]


async def test_no_contact_forgets_no_words(story: Story) -> None:
    """Who wants no follow-up has taken nothing back of their words: what is asked about can be changed."""
    pat = await changed(story)
    await pat.say("no contact")
    assert PLANTS[-1] in kept(story)
