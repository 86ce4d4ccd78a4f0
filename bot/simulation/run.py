"""Run months of a program in seconds: the real runtime, scheduler and delivery, a moved clock, made-up participants.

Everything random comes from the seed, and every time from the moved clock, so that the same seed leaves the
same content in the database.
"""

import hashlib
import heapq
import math
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection

from bot.channels.base import Inbound, Outbound, Receive
from bot.clock import MovableClock, ProcessorTimeLimit
from bot.delivery.sender import Delivery, DeliveryOptions
from bot.mail.desk import MailDesk
from bot.schedule.scheduler import Scheduler
from bot.simulation.behaviour import ZONES, Behaviour
from bot.simulation.channels import (
    SIMULATED,
    ChannelShares,
    SimulatedMailbox,
    address_of_person,
    channel_of_person,
    channels_of,
    first_of,
    gives_mailbox,
    mailbox_of_person,
    policy_for,
)
from bot.simulation.people import SimulatedPerson, known_questions
from bot.turns.runtime import Runtime, RuntimeOptions
from flows.engine.effects import Prompt
from flows.program.model import ProgramFile
from flows.script.model import Flow, Role
from storage.database.address_keys import AddressKeys
from storage.database.connection import Database
from storage.follow_up import timers
from storage.people import invitations
from storage.people.invitations import NewInvitation
from storage.programs import programs
from storage.schema import (
    ANSWER,
    COMMITMENT,
    FOLLOW_UP,
    IMPLEMENTATION,
    INBOX,
    OUTBOX,
    PARTICIPANT,
    InvitationKind,
)

STEP = timedelta(seconds=60)
"""What happens within this span is handled together, as a busy server does; people notice no difference."""
FIRST_DAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""A fixed Monday: the same seed gives the same file on any day."""
HCP_SPAN = timedelta(hours=30)
"""Most clinicians open their link at the end of the activity or on the next day."""
PATIENT_SPAN = timedelta(days=56)
"""Patients come in over eight weeks."""
DAYS_A_MONTH = 30.44

EDUCATOR_SPAN = timedelta(days=28)
"""Teams tell of what they did over four weeks."""
PARTNER_SPAN = timedelta(days=5)
"""A patient partner opens the link that a team passed on within this time [made up]."""

FIRST_FLOWS = {
    Role.PATIENT: "patient_interview",
    Role.HCP: "hcp_commitment",
    Role.EDUCATOR: "best_practice",
}
_PASSED_ON = re.compile(r"(?:/start |/said start |/c/|\?start=)([\w-]+)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationPlan:
    """What to simulate: how many people of each role, for how many months of 30.44 days from `FIRST_DAY`, and the seed.

    The same plan leaves the same content in the database.
    """

    patients: int
    hcps: int
    months: float
    seed: int
    educators: int = 0
    """Teams that tell how patients helped them to teach; their patient partners come with them."""
    channels: ChannelShares = field(default_factory=dict)
    """Where they talk; a role's people are on the channels that may serve it."""
    behaviour: Behaviour = field(default_factory=Behaviour)

    @property
    def end(self) -> datetime:
        """The moment at which the simulated time is over."""
        return FIRST_DAY + timedelta(days=self.months * DAYS_A_MONTH)


@dataclass(frozen=True, slots=True)
class SimulationSummary:
    """What a simulation left in the database, in counts of rows."""

    participants: int
    turns: int
    messages: int
    answers: int
    commitments: int
    follow_ups: int
    implementations: int


Progress = Callable[[float], None]
"""Told the share of the simulated time that is over, from 0 to 1."""


class SimulatedChannel:
    """A channel that hands each message to `shown`, where the synthetic participants read it; connected to nothing."""

    edits = False

    def __init__(self, shown: Callable[[Outbound], None], name: str = SIMULATED) -> None:
        self.name = name
        self._shown = shown
        self._sent = 0

    async def run(self, receive: Receive) -> None:
        """Receive nothing: `Simulation.run` hands on what participants do."""

    async def send(self, message: Outbound) -> str | None:
        """Hand a message to the synthetic participants, and return its id, counted up. Never fails."""
        self._sent += 1
        self._shown(message)
        return f"m{self._sent}"

    def turn_taken(self, external_id: str, toast: str | None) -> None:
        """Do nothing: made-up people look at messages alone."""

    async def send_document(self, address: str, _name: str, _content: str, caption: str, /) -> str | None:
        """Hand on a file's caption as a message, and return its id: synthetic participants do not read files."""
        return await self.send(Outbound(address=address, prompt=Prompt(caption)))

    async def close(self) -> None:
        """Close nothing: there are no connections."""


class Simulation:
    """One simulation of a program, by a plan, on an open and empty database. `flows` are by name."""

    def __init__(
        self, database: Database, flows: Mapping[str, Flow], program: ProgramFile, plan: SimulationPlan
    ) -> None:
        self._database = database
        self._program = program
        self._plan = plan
        self._clock = MovableClock(FIRST_DAY)
        self._random = random.Random(plan.seed)  # noqa: S311 - synthetic people need no secrecy
        policy = policy_for(plan.channels)
        options = RuntimeOptions(policy=policy, pick=self._random.choice, limit=_no_limit)
        self._runtime = Runtime(database, flows, self._clock, options)
        self._scheduler = Scheduler(database, self._runtime, self._clock, policy=policy)
        names = channels_of(plan.channels) or {SIMULATED}
        self._delivery = Delivery(
            database,
            {name: SimulatedChannel(self._show, name) for name in sorted(names)},
            self._clock,
            DeliveryOptions(rates={}, rng=self._random),  # a pace would be waited for, by a clock that stands
        )
        self._mailbox = SimulatedMailbox()
        self._desk = MailDesk(
            database,
            self._clock,
            self._runtime.localizations,
            self._mailbox,
            wakeups=self._runtime.wakeups,
            make_token=_tokens(plan.seed),
        )
        self._without_mail: dict[str, str] = {}
        self._people: dict[str, SimulatedPerson] = {}
        self._acts: list[tuple[datetime, int, Inbound]] = []
        self._order = 0
        self._acted: set[str] = set()
        self._questions = known_questions(flows.values())

    async def run(self, progress: Progress) -> SimulationSummary:
        """Invite everyone, let time pass to the plan's end, and return what is left in the database, as counts.

        `progress` is called with the share of the time that is over, from 0 to 1.
        """
        await self._database.write(self._invite_all)
        span = self._plan.end - FIRST_DAY
        with self._database.gathering():
            while (moment := await self._next_moment()) is not None and moment <= self._plan.end:
                self._clock.set(max(moment, self._clock.now()))
                await self._handle(self._due_acts())
                progress((moment - FIRST_DAY) / span)
        self._clock.set(self._plan.end)
        progress(1.0)
        return await self._database.read(_summary)

    async def _next_moment(self) -> datetime | None:
        due = await self._database.read(timers.next_due)
        act = self._acts[0][0] + STEP if self._acts else None
        return min((moment for moment in (due, act) if moment is not None), default=None)

    def _due_acts(self) -> list[Inbound]:
        now, due = self._clock.now(), []
        while self._acts and self._acts[0][0] <= now:
            due.append(heapq.heappop(self._acts)[2])
        return due

    async def _handle(self, inbounds: Sequence[Inbound]) -> None:
        """Handle what participants did, then what is due.

        What they see afterwards tells them whether they were contacted, or answered.
        """
        self._acted = {inbound.address for inbound in inbounds}
        if inbounds:
            await self._runtime.receive(inbounds)
            await self._runtime.drain()
        await self._scheduler.tick()
        await self._delivery.drain()
        await self._give_addresses()

    async def _give_addresses(self) -> None:
        """Let those of the web who read mails give an address, once they agreed to be contacted again."""
        for address in sorted(self._acted & self._without_mail.keys()):
            if await self._desk.addresses.may_give(address):
                await self._desk.addresses.give(address, self._without_mail.pop(address), "en")
                await self._desk.addresses.send_mails()
        for token in self._mailbox.read():
            await self._desk.addresses.confirm(token)

    def _show(self, message: Outbound) -> None:
        """Show a message to its participant, and plan what they do about it."""
        person = self._people[message.address]
        person.address = message.address  # they answer where they read it
        passed_on = _PASSED_ON.search(message.prompt.text)
        if passed_on is not None:
            self._bring_partner(person.name, passed_on[1])
        contacted = message.address not in self._acted
        if contacted and message.address.startswith("web:"):
            return  # a browser rings for nobody
        if contacted and message.address == person.unheard and message.address not in self._without_mail:
            return  # they look into their mails alone by now
        for act in person.react(message, contacted=contacted):
            self._plan_act(self._clock.now() + act.after, act.inbound)

    def _bring_partner(self, team: str, token: str) -> None:
        """Let a team pass its link on to a patient, who opens it some days later."""
        partner = self._person(f"{team}-partner", Role.PATIENT)
        share = partner.random.random()
        self._plan_act(self._clock.now() + share * PARTNER_SPAN, partner.start(token))

    def _plan_act(self, at: datetime, inbound: Inbound) -> None:
        self._order += 1
        heapq.heappush(self._acts, (at, self._order, inbound))

    def _invite_all(self, connection: Connection) -> None:
        loaded = programs.load(connection, self._program, programs.program_hash(self._program), FIRST_DAY)
        slugs = [activity.slug for activity in self._program.activities]
        activity = programs.activity_id(connection, loaded.program_id, slugs[0]) if slugs else None
        groups = (
            (Role.PATIENT, self._plan.patients, None, PATIENT_SPAN),
            (Role.HCP, self._plan.hcps, activity, HCP_SPAN),
            (Role.EDUCATOR, self._plan.educators, activity, EDUCATOR_SPAN),
        )
        for role, count, activity_id, span in groups:
            if count:
                token = self._invitation(connection, loaded.program_id, role, activity_id)
                self._populate(role, count, token, span)

    def _invitation(
        self, connection: Connection, program_id: int, role: Role, activity_id: int | None
    ) -> str:
        new = NewInvitation(
            program_id=program_id,
            role=role,
            flow=FIRST_FLOWS[role],
            source="simulation",
            activity_id=activity_id,
            kind=InvitationKind.GROUP,
        )
        token = f"simulated-{role.value}-{self._plan.seed}"
        token_hash = self._database.identity.token_hash(token)
        invitations.make_invitation(connection, new, token_hash=token_hash, now=FIRST_DAY)
        return token

    def _populate(self, role: Role, count: int, token: str, span: timedelta) -> None:
        for number in range(count):
            person = self._person(f"{role.value}-{number}", role)
            # Early ones are many and late ones few: the square of an even draw.
            at = FIRST_DAY + person.random.random() ** 2 * span
            if person.random.random() < self._plan.behaviour.starts:
                self._plan_act(at, person.start(token))

    def _person(self, name: str, role: Role) -> SimulatedPerson:
        plan = self._plan
        channel = channel_of_person(plan.channels, role, name, plan.seed)
        address = address_of_person(channel, name, plan.seed)
        own = random.Random(f"{plan.seed}/{SIMULATED}:{name}")  # noqa: S311 - as above
        person = SimulatedPerson(
            address, role, own, plan.behaviour, self._questions, own.choice(ZONES), name=name
        )
        self._people[address] = person
        if gives_mailbox(channel):
            mailbox = mailbox_of_person(name)
            self._people[f"email:{mailbox}"] = person
            self._without_mail[address] = mailbox
            hears = random.Random(f"{plan.seed}/second/{name}")  # noqa: S311 - as above
            if first_of(channel) != "email" and hears.random() < plan.behaviour.hears_second_alone:
                person.unheard = address
        return person


def _no_limit() -> ProcessorTimeLimit:
    """Begin a time that is never over: a batch that ended by it would hold other turns on another machine."""
    return ProcessorTimeLimit(math.inf)


def _tokens(seed: int) -> Callable[[], str]:
    """Return what makes the tokens of mails: the same ones for the same seed, for nobody's mail is at stake."""
    own = random.Random(f"{seed}/mails")  # noqa: S311 - as above

    def make() -> str:
        return f"{own.getrandbits(160):040x}"

    return make


def simulated_key(seed: int) -> bytes:
    """Make the key that seals a simulation's addresses, from its seed: they are made up, so it is no secret."""
    return hashlib.sha256(f"simulated {seed}".encode()).digest()


def simulated_identity(seed: int) -> AddressKeys:
    """Make address keys for a simulation from its seed, which seal the same addresses into the same bytes each time."""
    source = random.Random(f"{seed}/identity")  # noqa: S311 - see above
    return AddressKeys(simulated_key(seed), random_bytes=source.randbytes)


def _summary(connection: Connection) -> SimulationSummary:
    counted = (PARTICIPANT, INBOX, OUTBOX, ANSWER, COMMITMENT, FOLLOW_UP, IMPLEMENTATION)
    return SimulationSummary(*(_count(connection, table) for table in counted))


def _count(connection: Connection, table: sa.Table) -> int:
    return int(connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0)
