"""Six months of a program with people who note what they do: the notes are the truth that tables are held against."""

import asyncio
import heapq
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
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
from tests.support.oracle_notes import KnownScript, NotedCase, NotedPerson
from tests.support.oracle_people import LifePlan, Manner, OraclePerson, Telling
from tests.support.oracle_team import BOARD_DAYS, OracleTeam, TeamDeed

SCRIPTS = (
    *("hcp_commitment", "patient_interview", "hcp_follow_up", "patient_follow_up"),
    *("commitment_nudge", "commitment_reask", "content_review", "review_answer"),
    *("best_practice", "best_practice_answer", "best_practice_cosign"),
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
WINTER = {
    "slug": "winter_course",
    "title": "Winter course",
    "held_on": "2026-12-03",
    "objectives": [{"code": "costs", "text": "Ask about costs.", "theme": "cost"}],
}
"""A third, which is still to come."""
FLOWS = {
    Role.PATIENT: "patient_interview",
    Role.CARER: "patient_interview",
    Role.HCP: "hcp_commitment",
    Role.EDUCATOR: "best_practice",
}
REVIEW = "content_review"
SLIDES = "side_effect_slides"
"""What is reviewed before it is taught."""
PARTNER_OPENS = 0.85
PARTNER_SPAN = timedelta(days=5)
_PASSED_ON = re.compile(r"/start ([\w-]+)$")


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
    flow: str = ""
    """The script that their link leads to; '' for that of their role."""
    tell: tuple[Telling, ...] = ()
    """What they tell that the safety team must see, one after the other."""


GROUPS = (
    LinkGroup(Role.HCP, "spring_symposium", "symposium", single=True, people=26, opens=0.8),
    LinkGroup(Role.HCP, "spring_symposium", "newsletter", single=False, people=10),
    LinkGroup(Role.HCP, "autumn_course", "symposium", single=True, people=14, opens=0.85),
    LinkGroup(Role.PATIENT, "", "clinic", single=True, people=34, opens=0.85, days=50),
    LinkGroup(Role.PATIENT, "", "patient group", single=False, people=12, days=50),
    LinkGroup(Role.PATIENT, "", "last call", single=True, people=4, first_day=178, days=3),
    LinkGroup(Role.PATIENT, "", "ward", single=True, people=24, days=100, tell=tuple(Telling)),
    LinkGroup(Role.CARER, "", "ward", single=True, people=6, days=100, tell=(Telling.EVENT,)),
    LinkGroup(
        Role.PATIENT, "", "last word", single=True, people=6, first_day=181, days=1, tell=tuple(Telling)
    ),
    LinkGroup(Role.EDUCATOR, "spring_symposium", "teams", single=True, people=11, opens=0.9),
    LinkGroup(Role.EDUCATOR, "autumn_course", "teams", single=False, people=3),
    LinkGroup(Role.PATIENT, SLIDES, "advisers", single=True, people=9, opens=0.9, flow=REVIEW),
    LinkGroup(Role.CARER, SLIDES, "advisers", single=True, people=5, flow=REVIEW),
    LinkGroup(Role.HCP, SLIDES, "committee", single=True, people=3, flow=REVIEW),
)


def oracle_program() -> ProgramFile:
    """The shipped program, with two more activities."""
    program = load_program(program_paths()[0])
    more = (ActivityFile.model_validate(one) for one in (AUTUMN, WINTER))
    return program.model_copy(update={"activities": (*program.activities, *more)})


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
        self.team = OracleTeam(database.identity)
        self._deeds: list[Callable[[Connection], None]] = []

    async def _handle(self, inbounds: Sequence[Inbound]) -> None:
        """Have the team do what it does now, then handle what people did."""
        for deed in self._deeds:
            await self._database.write(deed)
        self._deeds.clear()
        await super()._handle(inbounds)

    def _show(self, message: Outbound) -> None:
        try:
            self._look(message)
        except Exception as error:  # the sender would take it for a failure of the platform
            self.failures.append(error)
            raise

    def _look(self, message: Outbound) -> None:
        person = self.people[message.address]
        now = self._clock.now()
        passed_on = _PASSED_ON.search(message.prompt.text)
        if passed_on is not None:
            self._bring_partner(person, passed_on[1], now)
        for after, act in person.see(message, now, by_us=message.address not in self._acted):
            self._will(now + after, act)

    def _will(self, at: datetime, act: Callable[[datetime], Inbound | None]) -> None:
        self._plan_act(at, act)  # type: ignore[arg-type]

    def _will_decide(self, at: datetime, deed: TeamDeed) -> None:
        """Let the team do something when it is time."""
        self._will(at, lambda now: self._deeds.append(partial(deed, now=now)))

    def _due_acts(self) -> list[Inbound]:
        now, due = self._clock.now(), []
        while self._acts and self._acts[0][0] <= now:
            act: Any = heapq.heappop(self._acts)[2]
            due.append(act(now))
        return [one for one in due if one is not None]

    def _invite_all(self, connection: Connection) -> None:
        loaded = programs.load(connection, self.program, programs.program_hash(self.program), FIRST_DAY)
        self.team.enrol(connection, FIRST_DAY)
        for days in BOARD_DAYS:
            self._will_decide(FIRST_DAY + timedelta(days=days), self.team.decide_on_points)
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
            flow=group.flow or FLOWS[group.role],
            source=group.source,
            activity_id=activity,
            kind=InvitationKind.SINGLE if group.single else InvitationKind.GROUP,
        )
        token_hash = self._database.identity.token_hash(token)
        invitations.make_invitation(connection, new, token_hash=token_hash, now=FIRST_DAY)

    def _bring(self, group: LinkGroup, address: str, token: str) -> None:
        """Draw one person's life, and let them open their link when it is time."""
        flow = group.flow or FLOWS[group.role]
        notes = NotedPerson(group.role.value, flow, group.source, group.activity, single=group.single)
        self.notes.append(notes)
        if self.chance.random() >= group.opens:
            return
        plan = drawn_life(self.chance)
        if group.tell:
            plan = replace(plan, tells=group.tell[len(self.people) % len(group.tell)])
        at = FIRST_DAY + timedelta(days=group.first_day + self.chance.random() * group.days)
        self._let_come(address, notes, plan, token, at)

    def _bring_partner(self, author: OraclePerson, token: str, now: datetime) -> None:
        """Let a team pass its link on to a patient partner, who opens it some days later or never."""
        theirs = author.notes
        notes = NotedPerson(
            "patient", "best_practice_cosign", "best_practice", theirs.activity, single=True, author=theirs
        )
        self.notes.append(notes)
        if self.chance.random() < PARTNER_OPENS:
            plan, at = drawn_life(self.chance), now + self.chance.random() * PARTNER_SPAN
            self._let_come(f"{author.address}-partner", notes, plan, token, at)

    def _let_come(self, address: str, notes: NotedPerson, plan: LifePlan, token: str, at: datetime) -> None:
        """Let somebody open their link when it is time, and leave by their plan."""
        person = OraclePerson(address, notes, plan, self.program, self.scripts, seed=self.seed)
        person.on_case = partial(self._plan_case, address)
        self.people[address] = person
        self.team.known[address] = notes
        self._will(at, person.open_link(token))
        if plan.leaves_after is not None:
            self._will(at + plan.leaves_after, person.leave)

    def _plan_case(self, address: str, case: NotedCase) -> None:
        for after, deed in self.team.plan_case(address, case):
            self._will_decide(case.at + after, deed)


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
