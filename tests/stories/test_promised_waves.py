"""The days that a commitment names at its end are those on which the bot comes back, also where a plan starts late."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from flows.engine.events import Replied
from flows.i18n.say import written_out
from flows.script.loader import load_flow_text
from tests.support.wave_world import Person, World, make_world

VIENNA = ZoneInfo("Europe/Vienna")
A_DAY_LATER = "a day later"
PLANS = """
flow: hcp_commitment
title: Plans
language: en
audience: [hcp]
steps:
  - key: plans
    kind: block
    repeat: {up_to: 3, while: more == 'yes'}
    steps:
      - {key: what, kind: text, text: What?}
      - {key: start, kind: date, text: When?}
      - key: save
        kind: do
        when: what != null
        effect: record_commitment
        fields: {statement: what, start_on: start}
      - key: more
        kind: select_one
        text: More?
        choices: [{code: "yes", label: "Yes"}, {code: "no", label: "No"}]
  - {key: waves, kind: do, effect: schedule_waves}
  - {key: bye, kind: end, text: "I come on {schedule.wave_dates:date}."}
"""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = make_world(tmp_path)
    made.runtime.flows["hcp_commitment"] = load_flow_text(PLANS)
    yield made
    made.database.close()


async def promised(world: World, ann: Person, starts: list[str]) -> str:
    """What is said at the end of a conversation with a plan for each of these starts."""
    conversation, replies = await ann.begin_conversation(), ["What I do", "no"]
    for start in starts:
        if start == A_DAY_LATER:
            await world.pass_time(days=1)
            continue
        if replies[-1] != "no":
            await ann.tell(conversation, Replied("yes"))
        replies = ["Ask every patient", start]
        for words in replies:
            await ann.tell(conversation, Replied(words))
    await ann.tell(conversation, Replied("no"))
    return ann.messages()[-1]


async def days_that_came(world: World, ann: Person) -> list[str]:
    """The days of 300 on which the bot asked somebody who answers the same day."""
    asks = "SELECT id FROM conversation WHERE participant_id = :id AND status != 'ended'"
    for _ in range(300):
        await world.pass_time(days=1)
        for conversation in world.column(asks, id=ann.id):
            while world.column(asks, id=ann.id):
                await ann.tell(conversation, Replied("Partly"))
    contacts = world.column(
        "SELECT at FROM contact WHERE timer_kind = 'wave' AND action = 'sent' ORDER BY id"
    )
    days = (datetime.fromisoformat(at).replace(tzinfo=UTC).astimezone(VIENNA).date() for at in contacts)
    return [written_out(day, "en") for day in days]


@pytest.mark.parametrize(
    ("starts", "last"),
    [
        (["skip"], "1 June 2026"),
        (["today"], "1 June 2026"),
        (["20 April 2026"], "1 June 2026"),
        (["10 May 2026"], "30 June 2026"),
        (["31 May 2026"], "30 June 2026"),
        (["30 July 2026"], "31 August 2026"),
        (["skip", "30 July 2026"], "31 August 2026"),
        (["20 June 2026", "30 July 2026"], "31 August 2026"),
        (["today", A_DAY_LATER, "31 May 2026", "20 April 2026"], "30 June 2026"),
        (["31 May 2026", A_DAY_LATER, "31 May 2026", A_DAY_LATER, "1 September 2026"], "1 October 2026"),
    ],
)
async def test_what_is_promised_is_what_comes(world: World, starts: list[str], last: str) -> None:
    """Each day that is named comes, and no other, whatever the starts and however long the conversation took."""
    ann = world.person()
    said = await promised(world, ann, starts)
    *others, final = await days_that_came(world, ann)
    assert said == f"I come on {', '.join(others)} and {final}."
    assert final == last


async def test_a_start_that_is_changed_before_the_end_changes_what_is_promised(world: World) -> None:
    """The days are those of the start that stands when they are named."""
    ann = world.person()
    conversation = await ann.begin_conversation()
    for words in ("Ask every patient", "today", "back", "30 July 2026", "no"):
        await ann.tell(conversation, Replied(words))
    *others, final = await days_that_came(world, ann)
    assert ann.messages().count(f"I come on {', '.join(others)} and {final}.") == 1
    assert final == "31 August 2026"
