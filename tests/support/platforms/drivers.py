"""One person on an emulated platform, as the transcripts' harness moves people: see `tests.support.dialogue.Driver`."""

import asyncio
import contextlib
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.channels.base import Channel, InboundKind
from bot.conversations.new_conversation import NewConversation
from flows.engine.events import MediaKind, Reminded
from flows.i18n.say import Sentence, say
from flows.script.model import Role
from tests.emulators.faults import FaultPlan
from tests.support.dialogue import Script, Seen, begins
from tests.support.dialogue_facts import facts_named
from tests.support.platforms.records import Records
from tests.support.platforms.wired import House

COMMITTED_AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
_KNOWN_ANYWAY = frozenset({"participant", "program", "activity", "schedule"})
_BEFORE = {
    Role.PATIENT: "patient_interview",
    Role.HCP: "hcp_commitment",
    Role.EDUCATOR: "best_practice",
}
"""The conversation that somebody in a role had before."""


def commitment_replies(commitment: dict[str, Any]) -> dict[str, str]:
    """What a clinician types to make this commitment, by the beginning of the question; else they skip it."""
    places = {"time": "1", "memory": "6"}
    barriers = ", ".join(places[barrier] for barrier in commitment["foreseen_barriers"])
    return {
        "I'm an automated": "yes",
        "May I check": "yes",
        "Your role": "nurse",
        "After": "1",
        "Pick one": "write my own",
        "Say it": commitment["statement"],
        "How sure": str(commitment["level"]),
        "How confident": "4",
        "What might": barriers or "skip",
        "Finish this": commitment.get("if_then", "skip"),
        "If that happens": commitment.get("coping", "skip"),
        "When will you start": commitment["start_on"] if commitment.get("starts_later") else "today",
        "Shall I save": "yes",
    }


class PlatformDriver(ABC):
    """What is the same on every platform: each action settles, and what is new on the screen is given back."""

    ticks_are_told = True
    """Whether a tick is told to the bot, which then shows the question anew."""
    media_kinds = frozenset(MediaKind)
    """What people can send beside words."""
    sends_by: str
    """The method of the platform by which the bot sends a message."""

    def __init__(self, house: House, receiving: asyncio.Task[None]) -> None:
        self.house = house
        self.receiving = receiving
        """The channel at work."""
        self.records = Records(house)
        self.language = "en"
        self.written_as: dict[str, str] = {}
        """The numbers of commitments in the database, and those that the transcript gives them."""

    @property
    def done(self) -> str:
        """The button under ticks."""
        return say(Sentence.BUTTON_DONE, self.language)

    # What a platform does in its own way

    @abstractmethod
    async def enter(self, token: str) -> None:
        """Open the link."""

    @abstractmethod
    async def write(self, text: str) -> None:
        """Send words; they are stored on return."""

    @abstractmethod
    async def touch(self, label: str, under: str) -> None:
        """Tap a button, choose in a list, tick a box."""

    @abstractmethod
    def stands_under(self, text: str) -> list[str]:
        """What stands under the newest message with this text, or else that begins so: what was chosen, and buttons."""

    @abstractmethod
    def under_each(self, text: str) -> list[list[str]]:
        """The buttons under each message that has this text, or begins so, oldest first."""

    @abstractmethod
    def look(self) -> list[Seen]:
        """What is new on the screen."""

    @abstractmethod
    def on_screen(self) -> int:
        """How many messages of the bot there are."""

    def said_twice(self) -> int:
        """How many messages are on the screen more often than they were meant to be."""
        return self.on_screen() - self.house.count(
            "SELECT count(*) FROM outbox WHERE kind IN ('message', 'help') AND status = 'sent'"
        )

    @property
    @abstractmethod
    def faults(self) -> FaultPlan:
        """What goes wrong between the platform and the bot."""

    @abstractmethod
    def revoke(self) -> None:
        """Take the bot's token back."""

    @abstractmethod
    def times_handed_over(self) -> int:
        """How many times the platform handed the person's latest message to the bot."""

    @abstractmethod
    async def write_out_of_order(self, first: str, second: str) -> None:
        """Send two replies quickly, which the platform hands over the wrong way round; they are stored on return."""

    @abstractmethod
    async def picture(self, caption: str) -> list[Seen]:
        """Send a picture with words beside it."""

    @abstractmethod
    def another(self) -> "PlatformDriver":
        """Somebody else, who talks to the same bot."""

    @abstractmethod
    async def forge(self, kind: InboundKind, payload: str) -> list[Seen]:
        """Tap a button that nobody was shown: `payload` is what the platform sends back with it."""

    @abstractmethod
    async def pick_day(self, day: date) -> list[Seen]:
        """Use the date picker, or what stands for it."""

    @abstractmethod
    async def form(self, text: str) -> list[Seen]:
        """Fill in the form under the question, or what stands for it."""

    @abstractmethod
    async def edit(self, old: str, new: str) -> list[Seen]:
        """Edit the message that was sent with the old words."""

    @abstractmethod
    async def media(self, kind: MediaKind) -> list[Seen]:
        """Send something other than words."""

    async def start(self, script: Script) -> list[Seen]:
        facts = facts_named(script.facts, script.language)
        self.language = script.language
        if "earlier" in facts or "submission" in facts:
            await self._follow_on(script, facts)
        elif "commitments" in facts:
            await self._come_back(facts["commitments"], script.at, script.language)
        else:
            self.house.language = script.language
            if "review" in facts:
                self.house.is_about(facts["review"]["slug"])
            await self.enter(self.house.token(script.flow, Role(facts["participant"]["role"])))
        return await self.after()

    async def _follow_on(self, script: Script, facts: dict[str, Any]) -> None:
        """A person who has been here before; the conversation begins with what the transcript says is known."""
        role = Role(facts["participant"]["role"])
        await self.enter(self.house.token(_BEFORE[role], role))
        await self.house.settle()
        await self.type("no thanks")
        self.records.news()
        [(person, address)] = self.house.rows("SELECT participant_id, id FROM address")
        await self._prefer(script.language)
        told = {name: value for name, value in facts.items() if name not in _KNOWN_ANYWAY}
        house, now = self.house, script.at.astimezone(UTC)
        house.clock.set(now)
        await house.database.write(
            lambda c: house.runtime.begin(
                c,
                NewConversation(
                    participant_id=person,
                    address_id=address,
                    program_id=house.program_id,
                    activity_id=house.activity_id,
                    flow=script.flow,
                    facts=told,
                ),
                now=now,
            )
        )
        await house.settle()

    async def _come_back(self, commitments: list[dict[str, Any]], at: datetime, language: str) -> None:
        """The commitments are made in a conversation, time goes by, and the scheduler asks about them."""
        await self.commit(commitments)
        await self._prefer(language)
        await self.house.pass_time(at, before_last=self._look_away)
        self.records.news()  # earlier conversations are no part of this one
        rows = self.house.rows(
            "SELECT commitment_id, id FROM follow_up WHERE status = 'sent' ORDER BY wave_days DESC, id"
        )
        for row, written in zip(rows, commitments, strict=False):
            self.written_as |= {
                f"[{row.commitment_id}]": f"[{written['id']}]",
                f"commitment {row.commitment_id} ": f"commitment {written['id']} ",
                f" at {row.id} ": f" at {written['follow_up_id']} ",
            }

    async def _prefer(self, language: str) -> None:
        """From now on the person is spoken to in this language."""
        values = {"language": language}
        query = sa.text("UPDATE participant SET language = :language")
        await self.house.database.write(lambda c: c.execute(query, values))

    async def commit(self, commitments: list[dict[str, Any]]) -> None:
        """Make commitments in the shipped flow, typing."""
        await self.enter(self.house.token("hcp_commitment", Role.HCP))
        left = list(commitments)
        seen = await self.after()
        while self.house.count("SELECT count(*) FROM conversation WHERE status != 'ended'"):
            question = seen[-1].text
            if begins(question, "Saved"):
                left.pop(0)
                reply = "add another" if left else "done"
            else:
                replies = commitment_replies(left[0])
                reply = next((replies[start] for start in replies if begins(question, start)), "skip")
            seen = await self.type(reply)

    async def _look_away(self) -> None:
        """What was said so far is no part of the transcript."""
        await self.after()

    def kept(self) -> list[str]:
        lines = self.records.news()
        for number, written in self.written_as.items():
            lines = [line.replace(number, written, 1) for line in lines]
        return lines

    async def after(self) -> list[Seen]:
        """What is new on the screen once all that was sent is answered."""
        await self.house.settle()
        return self.look()

    def as_shown(self, seen: list[Seen]) -> list[Seen]:
        """What a transcript says is seen, as the platform shows it: most show it as it is written."""
        return seen

    async def type(self, text: str) -> list[Seen]:
        await self.write(text)
        return await self.after()

    async def tap(self, label: str, under: str) -> list[Seen]:
        await self.touch(label, under)
        return await self.after()

    async def picks(self, labels: list[str]) -> list[Seen]:
        return await self.set_picks(labels, "")

    async def set_picks(self, labels: list[str], under: str) -> list[Seen]:
        """Tick these and tap Done; every tick is told."""
        for label in [*labels, self.done]:
            await self.touch(label, under)
        return await self.after()

    async def wait(self, duration: timedelta) -> list[Seen]:
        self.house.clock.move(duration)
        return []

    async def resume(self) -> list[Seen]:
        """The scheduler looks at what is due."""
        await self.house.scheduler.tick()
        return await self.after()

    async def remind(self) -> list[Seen]:
        """As the scheduler does when a reminder is due; a transcript reminds at any moment."""
        house, now = self.house, self.house.clock.now()
        conversation = house.count("SELECT max(id) FROM conversation")
        await house.database.write(lambda c: house.runtime.apply(c, conversation, Reminded(), now=now))
        return await self.after()


def is_played(script: Script) -> bool:
    """Whether the database can be made to tell what the transcript says is known.

    Not what other people raised and did, for which there would have to be many, nor a wave that is planned once the
    conversation has begun.
    """
    facts = facts_named(script.facts)
    return not (facts.get("others") or facts.get("own_themes")) and script.facts != "hcp_wave_late_alone"


def begins_at(script: Script) -> datetime:
    """When the house opens: for a conversation about commitments, when those were made."""
    return COMMITTED_AT if "commitments" in facts_named(script.facts) else script.at


@contextlib.asynccontextmanager
async def receiving(channel: Channel, home: House) -> AsyncIterator[asyncio.Task[None]]:
    """The channel receives while this lasts."""
    task = asyncio.create_task(channel.run(home.runtime.receive))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await channel.close()
