"""What comes months after a conversation in another language."""

from pathlib import Path
from random import Random

from bot.schedule.scheduler import Scheduler
from bot.turns.runtime import Runtime, RuntimeOptions
from flows.script.model import Choice, Role, SelectMany
from tests.support.dialogue import read_script
from tests.support.follow_on_world import Story
from tests.support.retelling import LOCALIZATIONS, path_of
from tests.support.turn_world import flows


def picks(language: str) -> list[str]:
    """The labels of what is to get better."""
    steps = LOCALIZATIONS.localized(flows()["patient_interview"], language).steps
    [asked] = [step for step in steps if isinstance(step, SelectMany)]
    return [choice.label for choice in asked.choices if isinstance(choice, Choice)]


async def test_the_follow_up_repeats_items_in_the_language_they_were_seen_in(tmp_path: Path) -> None:
    """What was picked in Spanish comes back as the person read it, and what an English-speaking clinician promised
    is asked about in Spanish.
    """
    story = Story(tmp_path)
    world = story.world
    world.runtime = Runtime(
        world.database,
        flows(),
        world.clock,
        RuntimeOptions(pick=Random(7).choice, localizations=LOCALIZATIONS),
    )
    story.scheduler = Scheduler(world.database, world.runtime, world.clock)
    ana = world.someone("ana")
    await ana.start(world.token("patient_interview", role=Role.PATIENT, language="es"))
    for move in read_script(path_of("patient_interview_typed", "es")).moves():
        await ana.say(move.text)
    await story.clinician("cleo", Pick_one="4")
    await story.pass_time(days=90)
    begun = [shown.text for shown in ana.look()]
    answers = [one for reply in ("sí", "sí", "3", "1", "3", "1") for one in await ana.say(reply)]
    said = begun + [shown.text for shown in answers]
    assert [text for text in said if any(label in text for label in picks("es"))]
    assert not [text for text in said if any(label in text for label in picks("en"))]
    buttons = {option.label for shown in answers for option in shown.prompt.options}
    assert "Pidió que se repitiera el plan" in buttons
