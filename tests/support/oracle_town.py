"""Six months of a program with people who note what they do: the notes are the truth that tables are held against."""

import asyncio
import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from bot.channels.base import Inbound, Outbound
from bot.simulation.run import FIRST_DAY, Simulation, SimulationPlan, simulated_identity
from flows.program.loader import load_program, program_paths
from flows.program.model import ActivityFile, ProgramFile
from flows.script.loader import library
from flows.script.roles import Role
from storage.database.connection import Database
from storage.people import invitations
from storage.people.invitations import NewInvitation
from storage.programs import programs
from storage.schema import InvitationKind
from tests.support.oracle_notes import KnownScript, NotedPerson
from tests.support.oracle_people import LifePlan, Manner, OraclePerson

SCRIPTS = (
    *("hcp_commitment", "patient_interview", "hcp_follow_up", "patient_follow_up"),
    *("commitment_nudge", "commitment_reask"),
)
AUTUMN = {
    "slug": "autumn_course",
    "title": "Autumn course",
    "objectives": [
        {"code": "worries", "text": "Ask about worry at each visit.", "theme": "worry"},
        {"code": "plain_words", "text": "Explain in plain words.", "theme": "explaining"},
    ],
    "suggestions": [
        {"code": code, "label": label, "type": "counsel_sdm", "objective": objective, "theme": theme}
        for code, label, objective, theme in (
            ("ask_worry", "Ask about worry", "worries", "worry"),
            ("plain", "Use plain words", "plain_words", "explaining"),
            ("cost", "Ask about cost", None, "cost"),
        )
    ],
}
"""A second activity, which teaches other themes."""
FLOWS = {Role.PATIENT: "patient_interview", Role.HCP: "hcp_commitment"}


@dataclass(frozen=True, slots=True)
class LinkGroup:
    """People of one role who are sent links from one source: one each, or one for all."""

    role: Role
    activity: str
    source: str
    single: bool
    people: int
    opens: float = 1.0
    first_day: float = 0.0
    days: float = 30.0


GROUPS = (
    LinkGroup(Role.HCP, "spring_symposium", "symposium", single=True, people=26, opens=0.8),
    LinkGroup(Role.HCP, "spring_symposium", "newsletter", single=False, people=10),
    LinkGroup(Role.HCP, "autumn_course", "symposium", single=True, people=14, opens=0.85),
    LinkGroup(Role.PATIENT, "", "clinic", single=True, people=34, opens=0.85, days=50),
    LinkGroup(Role.PATIENT, "", "patient group", single=False, people=12, days=50),
    LinkGroup(Role.PATIENT, "", "last call", single=True, people=4, first_day=178, days=3),
)


def oracle_program() -> ProgramFile:
    """The shipped program, with a second activity."""
    program = load_program(program_paths()[0])
    return program.model_copy(
        update={"activities": (*program.activities, ActivityFile.model_validate(AUTUMN))}
    )


class OracleTown(Simulation):
    """The simulation with people who note what they do, by links of their own."""

    def __init__(self, database: Database, plan: SimulationPlan) -> None:
        self.program = oracle_program()
        flows = library()
        super().__init__(database, flows, self.program, plan)
        self.seed = str(plan.seed)
        self.chance = random.Random(f"{plan.seed}/town")
        self.people: dict[str, OraclePerson] = {}
        self.scripts = [KnownScript(flows[name]) for name in SCRIPTS]
        self.notes: list[NotedPerson] = []
        self.end = plan.end
        self.failures: list[Exception] = []

    def _show(self, message: Outbound) -> None:
        try:
            self._look(message)
        except Exception as error:  # the sender would take it for a failure of the platform
            self.failures.append(error)
            raise

    def _look(self, message: Outbound) -> None:
        person = self.people[message.address]
        now = self._clock.now()
        for after, act in person.see(message, now, by_us=message.address not in self._acted):
            self._will(now + after, act)

    def _will(self, at: datetime, act: Callable[[datetime], Inbound | None]) -> None:
        self._plan_act(at, act)  # type: ignore[arg-type]

    def _due_acts(self) -> list[Inbound]:
        now, due = self._clock.now(), []
        while self._acts and self._acts[0][0] <= now:
            act: Any = heapq.heappop(self._acts)[2]
            due.append(act(now))
        return [one for one in due if one is not None]

    def _invite_all(self, connection: Connection) -> None:
        loaded = programs.load(connection, self.program, programs.program_hash(self.program), FIRST_DAY)
        for place, group in enumerate(GROUPS):
            activity = (
                programs.activity_id(connection, loaded.program_id, group.activity)
                if group.activity
                else None
            )
            shared = f"oracle-{self.seed}-{place}"
            if not group.single:
                self._make_link(connection, loaded.program_id, activity, group, shared)
            for number in range(group.people):
                token = f"{shared}-{number}" if group.single else shared
                if group.single:
                    self._make_link(connection, loaded.program_id, activity, group, token)
                self._bring(group, f"simulated:{place}-{number}", token)

    def _make_link(
        self, connection: Connection, program: int, activity: int | None, group: LinkGroup, token: str
    ) -> None:
        new = NewInvitation(
            program_id=program,
            role=group.role,
            flow=FLOWS[group.role],
            source=group.source,
            activity_id=activity,
            kind=InvitationKind.SINGLE if group.single else InvitationKind.GROUP,
        )
        token_hash = self._database.identity.token_hash(token)
        invitations.make_invitation(connection, new, token_hash=token_hash, now=FIRST_DAY)

    def _bring(self, group: LinkGroup, address: str, token: str) -> None:
        """Draw one person's life, and let them open their link when it is time."""
        notes = NotedPerson(
            group.role.value, FLOWS[group.role], group.source, group.activity, single=group.single
        )
        self.notes.append(notes)
        if self.chance.random() >= group.opens:
            return
        plan = drawn_life(self.chance)
        person = OraclePerson(address, notes, plan, self.program, self.scripts, seed=self.seed)
        self.people[address] = person
        at = FIRST_DAY + timedelta(days=group.first_day + self.chance.random() * group.days)
        self._will(at, person.open_link(token))
        if plan.leaves_after is not None:
            self._will(at + plan.leaves_after, person.leave)


def drawn_life(chance: random.Random) -> LifePlan:
    """What somebody will do, by chance: most go through with it, and all else is there too."""
    fate, manners = chance.random(), chance.choices(list(Manner), weights=[5, 2, 1, 1.2, 1.5], k=3)
    plan: dict[str, Any] = {"manners": tuple(manners), "says_later_no": chance.random() < 0.12}
    if fate < 0.06:
        plan |= {"declines": True}
    elif fate < 0.22:
        plan |= {"breaks_after": chance.choice((0, 2, 3, 6, 8, 12)), "comes_back": chance.random() < 0.4}
    elif fate < 0.28:
        plan |= {"stops_after": chance.choice((0, 3, 7))}
    elif fate < 0.42:
        plan |= {
            "leaves_after": timedelta(days=chance.choice((3, 40, 75, 110))),
            "leaves_by": chance.choice(("stop", "delete my data")),
        }
    elif fate < 0.5:
        plan |= {"breaks_later": True}
    return LifePlan(**plan)


def six_months(path: Path, seed: int) -> OracleTown:
    """Live through six months into a new database file, and return the town with its notes."""
    plan = SimulationPlan(patients=0, hcps=0, months=6, seed=seed)
    with Database.open(path, identity=simulated_identity(seed), durable=False, threads=False) as database:
        town = OracleTown(database, plan)
        asyncio.run(town.run(lambda _share: None))
    if town.failures:
        raise ExceptionGroup("people did not know what to do", town.failures)
    return town
