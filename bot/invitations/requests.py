"""Look up and check what an invitation needs: its flow, its activity, its language, when it expires.

Everything is checked before anything is made: each function here that finds something wrong raises `UsageError`,
with what may be written instead.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from bot.conversations.language_choice import LanguageChoice
from bot.durations import parse_duration, parse_moment
from bot.errors import UsageError
from bot.invitations.roster import Roster, RosterLine, RosterProblem
from flows.i18n.localized_flow import Localizations
from flows.script.model import Flow, Role
from flows.script.reconsent import may_be_opened
from storage.database.address_keys import AddressKeys
from storage.follow_up import cosignatures
from storage.people import invitation_steps, invitations
from storage.people.invitations import NewInvitation
from storage.programs import programs
from storage.programs.programs import ProgramRow
from storage.schema import InvitationKind

ALIASES = {
    "commitment": "hcp_commitment",
    "interview": "patient_interview",
    "review": "content_review",
    "best-practice": "best_practice",
    "cosign": "best_practice_cosign",
}
"""Short names of the shipped flows."""


@dataclass(frozen=True, slots=True)
class InvitationRequest:
    """The invitation that was asked for. `flow` is its name, or the short name of a shipped one.

    `activity` and `item` (what is reviewed) None mean the program's only one, if it has only one; `max_uses` None as
    many as come, `expires_at` None never, `language` None that none was named. `submission` is what a partner is to
    co-sign, None for all flows but that one, and `label` what the organisation calls the link.
    """

    program: str
    activity: str | None
    item: str | None
    role: Role
    flow: str
    source: str
    group: bool
    max_uses: int | None
    expires_at: datetime | None
    submission: int | None = None
    language: str | None = None
    label: str | None = None


def known_flow(flows: Mapping[str, Flow], name: str, role: Role) -> Flow:
    """Find the flow by its name or short name, if people in this role can be invited to it.

    Raises:
        UsageError: there is no such flow, nobody can be invited to it, or this role cannot.
    """
    full = ALIASES.get(name, name)
    opened = {known for known, one in flows.items() if may_be_opened(one)}
    open_to = ", ".join(sorted(opened | {alias for alias, known in ALIASES.items() if known in opened}))
    if full not in flows:
        raise UsageError(f"there is no flow {name!r}", f"use one of: {open_to}")
    flow = flows[full]
    if full not in opened:
        raise UsageError(
            f"nobody can be invited to flow {full!r}: it does not ask whether they take part",
            f"add a step of kind consent with `purpose: take_part`, or use one of: {open_to}",
        )
    if role not in flow.audience:
        audience = " or ".join(one.value for one in flow.audience)
        raise UsageError(f"flow {full!r} is not for the role {role.value!r}", f"use --role {audience}")
    return flow


def _program(connection: Connection, request: InvitationRequest) -> ProgramRow:
    """Find the program that was named."""
    program = programs.find(connection, request.program)
    if program is None:
        raise UsageError(
            f"there is no programme {request.program!r}",
            "see `said program list`, or `said program load FILE` first",
        )
    return program


@dataclass(frozen=True, slots=True)
class RosterPlan:
    """What is to be made of a roster: an invitation for each of its lines, or problems, and then nothing."""

    invitations: tuple[NewInvitation, ...] = ()
    problems: tuple[RosterProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class InvitationBatch:
    """Invitations that are to be kept, each with its token's hash, and the tokens in the same order: kept nowhere."""

    tokens: tuple[str, ...]
    made: tuple[tuple[NewInvitation, bytes], ...]


@dataclass(frozen=True, slots=True)
class InvitationMaker:
    """Makes invitations; it takes the scripts by name, the translations, the keys that hash and seal, and the time."""

    flows: Mapping[str, Flow]
    localizations: Localizations
    keys: AddressKeys
    now: datetime

    def planned(self, connection: Connection, request: InvitationRequest) -> NewInvitation:
        """Return the invitation that was asked for, as it is to be kept; nothing is made.

        Raises:
            UsageError: something that was asked for does not exist, is lacking, or does not go with the flow.
        """
        flow = known_flow(self.flows, request.flow, request.role)
        asked = replace(request, flow=flow.flow)
        if not asked.source:
            raise UsageError("nothing says where these people come from", "add --source")
        if asked.max_uses is not None and not asked.group:
            raise UsageError("--max-uses is for a group link", "add --group, or leave it out")
        program = _program(connection, asked)
        self._check_language(connection, flow, asked, program.id)
        return NewInvitation(
            program_id=program.id,
            role=asked.role,
            flow=asked.flow,
            source=asked.source,
            activity_id=_activity(connection, program.id, asked, flow),
            kind=InvitationKind.GROUP if asked.group else InvitationKind.SINGLE,
            max_uses=asked.max_uses,
            expires_at=asked.expires_at,
            about_id=_submission(connection, asked),
            language=asked.language,
            label_sealed=None if asked.label is None else self.keys.seal(asked.label),
        )

    def planned_roster(
        self, connection: Connection, request: InvitationRequest, roster: Roster
    ) -> RosterPlan:
        """Return what is to be made of a roster, each line as `request` but for what it says itself."""
        problems, made = list(roster.problems), []
        known: dict[tuple[Role | None, str | None, str | None], NewInvitation | str] = {}
        for one in roster.lines:
            what = (one.role, one.language, one.source)
            if what not in known:
                known[what] = self._planned_or_told(connection, request, one)
            plan = known[what]
            if isinstance(plan, str) and what == (None, None, None):
                return RosterPlan(
                    problems=(*roster.problems, RosterProblem(0, plan))
                )  # it is so for all lines
            if isinstance(plan, str):
                problems.append(RosterProblem(one.line, plan))
            else:
                made.append(replace(plan, label_sealed=self.keys.seal(one.label)))
        if problems:
            return RosterPlan(problems=tuple(sorted(problems, key=lambda each: each.line)))
        return RosterPlan(tuple(made))

    def drawn(self, planned: Sequence[NewInvitation]) -> InvitationBatch:
        """Draw the tokens of invitations, in the same order; nothing is kept yet."""
        tokens = tuple(invitations.new_token() for _ in planned)
        hashed = (self.keys.token_hash(token) for token in tokens)
        return InvitationBatch(tokens, tuple(zip(planned, hashed, strict=True)))

    def drawn_roster(
        self, connection: Connection, request: InvitationRequest, roster: Roster
    ) -> InvitationBatch | RosterPlan:
        """Draw the tokens of a roster's invitations, or return the plan that says what is wrong with it."""
        plan = self.planned_roster(connection, request, roster)
        return plan if plan.problems else self.drawn(plan.invitations)

    def make(self, connection: Connection, planned: Sequence[NewInvitation]) -> list[str]:
        """Keep invitations, and return their tokens in the same order; these are kept nowhere."""
        drawn = self.drawn(planned)
        invitations.make_many(connection, drawn.made, now=self.now)
        return list(drawn.tokens)

    def steps(self, drawn: InvitationBatch) -> Iterator[Callable[[Connection], None]]:
        """Yield what keeps many invitations, a transaction each: in the end all let in, and before that none."""
        return invitation_steps.making_steps(drawn.made, self.now)

    def _planned_or_told(
        self, connection: Connection, request: InvitationRequest, line: RosterLine
    ) -> NewInvitation | str:
        """Return the invitation for lines that differ as this one does, or what is wrong with them."""
        asked = replace(
            request,
            role=line.role or request.role,
            language=line.language or request.language,
            source=line.source or request.source,
        )
        try:
            return self.planned(connection, asked)
        except UsageError as error:
            return str(error)

    def _check_language(
        self, connection: Connection, flow: Flow, request: InvitationRequest, program_id: int
    ) -> None:
        """Check that the flow is offered in the language asked for: it would quietly begin in another one."""
        if request.language is None:
            return
        offered = LanguageChoice(self.localizations).in_program(connection, program_id).offered(flow)
        if request.language not in offered:
            raise UsageError(
                f"flow {request.flow!r} is not offered in {request.language!r} in this programme",
                f"use one of: {', '.join(offered)}; what is offered: docs/howto/translate.md",
            )


def _submission(connection: Connection, request: InvitationRequest) -> int | None:
    """Return the submission that is to be co-signed; None for all flows but that one, which needs one."""
    if request.flow != cosignatures.COSIGN:
        if request.submission is not None:
            raise UsageError(
                "--submission is for a partner who co-signs", "add --flow cosign, or leave it out"
            )
        return None
    if request.submission is None or not cosignatures.is_in(connection, request.submission, request.program):
        raise UsageError(
            "a partner needs a submission of this programme to read"
            if request.submission is None
            else f"there is no submission {request.submission} in programme {request.program!r}",
            "add --submission with a number from the column 'conversation' of the export's exemplars",
        )
    if request.group:
        raise UsageError("a submission is co-signed by one partner with each link", "leave --group out")
    return request.submission


def _activity(connection: Connection, program_id: int, request: InvitationRequest, flow: Flow) -> int | None:
    """Find the activity that was named, else the only one. A flow that speaks of it must be told which."""
    if request.item is not None or "review." in flow.model_dump_json():
        return _item(connection, program_id, request)
    slugs = [one.slug for one in programs.program_file(connection, program_id).activities]
    if request.activity is not None and request.activity not in slugs:
        raise UsageError(
            f"programme {request.program!r} has no activity {request.activity!r}",
            f"use one of: {', '.join(slugs) or '(none)'}",
        )
    if request.activity is None and len(slugs) > 1 and "activity." in flow.model_dump_json():
        raise UsageError(
            f"flow {flow.flow!r} needs an activity", f"add --activity with one of: {', '.join(slugs)}"
        )
    slug = request.activity or (slugs[0] if len(slugs) == 1 else None)
    return None if slug is None else programs.activity_id(connection, program_id, slug)


def _item(connection: Connection, program_id: int, request: InvitationRequest) -> int | None:
    """Find the item to review: the one that was named, else the only one."""
    slugs = [one.slug for one in programs.program_file(connection, program_id).reviews]
    slug = request.item or (slugs[0] if len(slugs) == 1 else None)
    if slug not in slugs or slug is None:
        raise UsageError(
            f"programme {request.program!r} has no item {request.item!r} under `reviews`"
            if request.item
            else "a review needs an item",
            f"use --item with one of: {', '.join(slugs) or '(none)'}",
        )
    return programs.activity_id(connection, program_id, slug)


def expiry(text: str | None, now: datetime) -> datetime | None:
    """Read when invitations expire: a span from now such as 30d, or a date to come; None if never.

    Raises:
        UsageError: the text is neither, or is past.
    """
    if text is None:
        return None
    span = parse_duration(text)
    moment = now + span if span is not None else parse_moment(text)
    if moment is None or moment <= now:
        raise UsageError(
            f"--expires {text!r} is not a time to come", "write it as 30d, 12h or a date such as 2026-12-31"
        )
    return moment
