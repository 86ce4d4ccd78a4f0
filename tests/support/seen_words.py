"""What somebody wrote in a chat whose messages have numbers, and how far they came in the interview."""

from flows.script.model import Role


def answers(world):
    return world.rows("SELECT slot, raw, status FROM answer WHERE superseded_at IS NULL ORDER BY id")


def consents(world):
    return world.rows("SELECT purpose, granted FROM consent ORDER BY id")


async def begin(chat, flow="patient_interview", role=Role.PATIENT):
    return await chat.start(chat.world.token(flow, role=role))


async def to_story(chat):
    """Up to the first question of the interview that asks for own words."""
    await begin(chat)
    for reply in ("continue", "I agree", "yes"):
        await chat.say(reply)
    shown = chat.person.shown
    while shown[-1].prompt.kind != "text":
        shown = await chat.say("skip" if shown[-1].prompt.kind != "select_one" else "1")
    return shown
