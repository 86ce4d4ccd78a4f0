"""Teams that submit a best practice, and patient partners who co-sign it."""

import re
from typing import Any

from flows.script.model import Role
from tests.support.follow_on_world import Story, converse
from tests.support.turn_world import Someone

SUBMISSION = {
    "We keep your": "yes",
    "May we publish": "yes, publish it",
    "May we name": "yes, name us",
    "What is your team": "The webinar team",
    "Which activity": "A webinar on {living with} myeloma, for nurses",
    "What did patients": "2, 4",
    "How many": "3",
    "How did you find": "Through a group; ask ann@example.org",
    "What changed": "We took out half of the slides",
    "What would have": "It would have been about drugs alone",
    "What do you have": "1",
    "What did not": "We asked too late",
    "Which three": "Ask early",
    "The activity:": "yes",
    "Has a patient": "not yet",
    "May I write once": "yes",
}
"""What a team types, by the beginning of the question."""
AGREES = {
    "A team wrote": "yes",
    "Do you agree": "yes, i agree",
    "How should they": "as a patient partner only",
}
CHANGES = AGREES | {
    "Do you agree": "some of it should change",
    "What should they": "We were {four}: ring 020 7946 0018",
}


async def team(story: Story, name: str = "eve", **replies: str) -> tuple[Someone, list[str]]:
    """A team that has submitted, and all that it was told."""
    someone = story.world.someone(name)
    await someone.start(story.world.token("best_practice", role=Role.EDUCATOR))
    wanted = {key.replace("_", " "): reply for key, reply in replies.items()}
    return someone, await converse(someone, SUBMISSION | wanted)


def token_in(said: list[str]) -> str:
    """The token of the link in the last message, which is the one to pass on."""
    found = re.search(r"(?:start[ =])([\w-]+)$", said[-1])
    assert found is not None, said[-1]
    return found[1]


async def partner(
    story: Story, token: str, replies: dict[str, str] = AGREES, name: str = "pat", **what: Any
) -> tuple[Someone, list[str]]:
    """A partner who has opened the link and answered, and all that they were told."""
    someone = story.world.someone(name)
    said = [shown.text for shown in await someone.start(token, **what)]
    return someone, said + await converse(someone, replies)
