"""Coordinators who have taken their link."""

from storage.people import coordinators
from tests.support.turn_world import IDENTITY, Someone, World


async def enrolled(world: World, code: str = "TEAM-1", name: str = "cora") -> Someone:
    token = coordinators.new_team_token()
    world.database.write_now(
        lambda c: coordinators.enrol(c, code, token_hash=IDENTITY.token_hash(token), now=world.clock.now())
    )
    person = world.someone(name)
    await person.start(token)
    return person
