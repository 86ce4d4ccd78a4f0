"""A consent text that is written anew while people are enrolled."""

from typing import Any

from bot.schedule.scheduler import Scheduler
from bot.turns.runtime import Runtime, RuntimeOptions
from flows.i18n.say import Sentence, say
from flows.script.model import Flow
from tests.support.follow_on_world import Story
from tests.support.retelling import LOCALIZATIONS

NEW = "May I write to you three times, with your own words, to ask how it went?"
ASKS = say(Sentence.CONSENT_CHANGED, "en", team="the Myeloma Learning Team")


def rewritten(flow: Flow, key: str, **fields: Any) -> Flow:
    """The script with one step written anew."""
    steps = tuple(step.model_copy(update=fields) if step.key == key else step for step in flow.steps)
    return Flow.model_validate(flow.model_copy(update={"steps": steps}).model_dump(by_alias=True))


def change(story: Story, name: str, key: str, **fields: Any) -> None:
    """The operator writes a script anew, and starts the bot again."""
    world = story.world
    flows = {**world.runtime.flows, name: rewritten(world.runtime.flows[name], key, **fields)}
    world.runtime = Runtime(world.database, flows, world.clock, RuntimeOptions(localizations=LOCALIZATIONS))
    story.scheduler = Scheduler(world.database, world.runtime, world.clock)
