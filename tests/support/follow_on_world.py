"""A world for tests of what follows on a conversation: the shipped flows, real rows, a clock moved by hand."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.schedule.scheduler import Scheduler
from flows.i18n.localized_program import translations_beside
from flows.program.loader import PROGRAMS, load_program
from flows.program.model import ProgramFile
from flows.script.model import Role
from storage.follow_up import follow_ons, timers
from storage.programs import programs
from tests.support.turn_world import Shown, Someone, World, make_world

INTERVIEW = {
    "You can skip": "continue",
    "Your answers": "I agree",
    "May we use": "yes",
    "May I write": "yes",
    "Which fits": "1",
    "Which of these": "Symptoms or side effects, Being heard and having a say",
    "Symptoms or side effects: how": "2",
    "Being heard and having a say: how": "4",
    "Did you ever": "yes",
    "Think of the time": "no",
    "Here is what you told me": "yes",
    "You said": "yes",
    "Would you like": "no",
}
"""What a patient types in the interview, by the beginning of the question; else some words."""
COMMITMENT = {
    "I'm an automated": "yes",
    "May I check": "yes",
    "Your role": "nurse",
    "After": "1",
    "Pick one": "1",
    "Say it": "I will ask every patient about numbness at each visit, from Monday.",
    "You picked": "I will ask every patient about numbness at each visit, from Monday.",
    "Finish this": "skip",
    "With how many": "7",
    "When will": "today",
    "How sure": "4",
    "How confident": "4",
    "What might": "none",
    "Shall I save": "yes",
    "Saved": "done",
}
"""What a clinician types to commit to the first suggestion."""
EVERY_DAY = {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "start": "08:00", "end": "20:00"}
DAILY = {"schedule": {"window": EVERY_DAY}, "changes": []}
AGAIN = {
    "Have you had": "yes",
    "Last time": "4",
    "Symptoms or side effects: since": "better",
    "Being heard and having a say: since": "worse",
    "On your last visit": "1",
    "On ": "yes",
    "Think of the time": "no",
    "What made": "The nurse asks me about it every time now",
    "What still": "That they take more time for what I say",
    "May I ask you once": "no",
}
"""What the patient types when asked again."""
MOST_SAID = 200
"""Messages in a conversation after which it is no conversation any more."""


class Story:
    """People, and time that goes by with the scheduler at work."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.world: World = make_world(folder)
        self.scheduler = Scheduler(self.world.database, self.world.runtime, self.world.clock)
        self.load(**settings)

    def load(self, **settings: Any) -> int:
        """Load the example program anew with other settings; how many messages about changes it planned."""
        path = PROGRAMS / "myeloma.yaml"
        found = load_program(path).model_dump(mode="json") | settings
        program, now = ProgramFile.model_validate(found), self.world.clock.now()
        words = translations_beside(path, program)
        version = programs.program_hash(program, words)
        self.world.database.write_now(lambda c: programs.load(c, program, version, now, words))
        return self.world.database.write_now(
            lambda c: follow_ons.arm_changes(c, self.world.program_id, now=now)
        )

    async def someone(self, name: str, flow: str, role: Role) -> Someone:
        """Somebody who has opened their invitation."""
        person = self.world.someone(name)
        await person.start(self.world.token(flow, role=role))
        return person

    async def patient(self, name: str = "pat", **replies: str) -> Someone:
        """Somebody who was interviewed; `replies` are by the beginning of the question, `_` for a blank."""
        person = await self.someone(name, "patient_interview", Role.PATIENT)
        await converse(person, INTERVIEW | _spelt(replies))
        return person

    async def clinician(self, name: str, **replies: str) -> Someone:
        """Somebody who made a commitment."""
        person = await self.someone(name, "hcp_commitment", Role.HCP)
        await converse(person, COMMITMENT | _spelt(replies))
        return person

    async def pass_time(self, **span: float) -> None:
        """The scheduler ticks whenever something is due."""
        clock = self.world.clock
        end = clock.now() + timedelta(**span)
        while (due := self.world.database.read_now(timers.next_due)) is not None and due <= end:
            clock.set(max(due, clock.now()))
            await self.scheduler.tick()
        clock.set(end)

    def contacts(self, kind: str = "follow_on") -> list[tuple[Any, ...]]:
        """What was sent, put off or not sent: action, reason, date."""
        return self.world.rows(
            "SELECT action, reason, date(at) FROM contact WHERE timer_kind = :kind ORDER BY id", kind=kind
        )

    def to_come(self) -> list[tuple[Any, ...]]:
        """What is planned: flow, date."""
        return self.world.rows(
            "SELECT flow, date(due_at) FROM timer WHERE kind = 'follow_on' AND done_at IS NULL ORDER BY due_at"
        )


async def converse(person: Someone, replies: Mapping[str, str]) -> list[str]:
    """Answer until nothing is asked any more; the texts of all that was said meanwhile."""
    said: list[str] = []
    while (question := _question(person.shown)) is not None:
        assert len(said) < MOST_SAID, f"asked again and again: {question}"
        reply = next((replies[start] for start in replies if question.startswith(start)), "Some words, here.")
        said += [shown.prompt.text for shown in await person.say(reply)]
    return said


def _question(shown: list[Shown]) -> str | None:
    asked = [one.prompt.text for one in shown if one.prompt.ask is not None]
    return asked[-1] if asked else None


def _spelt(replies: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", " "): reply for name, reply in replies.items()}


def texts(person: Someone) -> list[str]:
    """What is new on the person's screen."""
    return [shown.prompt.text for shown in person.look()]
