"""People who write what the safety scan finds, and what is on their screens."""

from tests.support.turn_world import Someone, World

ADVERSE = "Since I started Revlimid I have had terrible nausea"
RISK = "I don't want to live any more"


async def at_words(world: World, name: str = "ann", **what: str) -> Someone:
    """Somebody who is asked for a few words."""
    person = world.someone(name)
    await person.start(world.token(), **what)
    await person.say("red")
    return person


def texts(person: Someone) -> list[str]:
    return [shown.text for shown in person.shown]
