"""Answer what the team asks in chat, with codes, numbers and times; no name, no address, nobody's words.

Every command is answered only where a coordinator has opened their link. Anybody else's words go their usual way.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, assert_never

from sqlalchemy import Connection

from bot.channels.base import InboundKind
from bot.conversations.conversations import Conversations
from bot.conversations.inbound_turn import InboundTurn
from bot.team import alerts
from bot.team.alerts import case_queue, team_row
from bot.team.clocks import clock_of
from bot.team.messages import Teller, tonight
from flows.i18n.localized_flow import Localizations
from flows.i18n.say_to_team import TeamSentence, tell
from flows.parsing.language_names import asked_language, language_named
from flows.parsing.link_codes import invitation_in
from storage.conversations.writes import CommitStage
from storage.database import audit
from storage.follow_up import holds
from storage.people import coordinators
from storage.people.coordinators import CoordinatorRecord
from storage.reports import operators, team
from storage.safety import case_workflow, cases
from storage.safety.case_workflow import CaseAction, CaseRefusal, CaseRefused
from storage.safety.cases import Case
from storage.safety.manual_flags import ManualFlag, NoSuchWords, flag_words
from storage.schema import AuditKind, SafetyStatus
from storage.team import roles, sign_in

HOLD_DAYS: Final = 7
"""How long `pause CODE` holds, where no number of days is given."""
FLAG: Final = "flag"

_COMMAND = re.compile(
    r"\s*/?(?:said\s+)?(?P<verb>due|stuck|why|pause|safety|console)(?:@\w+)?(?:\s+(?P<rest>.*?))?\s*",
    re.IGNORECASE | re.DOTALL,
)
_PERSON = r"(?P<code>P-\w{1,20})"
_SHAPES: Final = {
    "due": (r"(?P<number>\d{1,4})?",),
    "stuck": (r"(?P<number>\d{1,4})?",),
    "why": (_PERSON,),
    "console": ("",),
    "pause": (rf"{_PERSON}(?:\s+(?P<number>\d{{1,3}}))?",),
    "safety": (
        rf"(?P<act>{FLAG})\s+{_PERSON}\s+(?P<remark>(?:--)?r(?:emark)?\s*)?(?P<number>\d{{1,18}})",
        rf"(?:(?P<number>\d{{1,9}})(?:\s+(?P<act>{'|'.join(CaseAction)})(?:\s+(?P<reason>.+))?)?)?",
    ),
}


@dataclass(frozen=True, slots=True)
class Command:
    """A command that a coordinator wrote in chat, taken apart.

    `verb` is due, stuck, why, pause, safety or console; `code` a participant's, '' for none. `number` is a page (due,
    stuck), days (pause), a case (safety) or an answer (safety flag), with `is_remark` a remark. `act` is what to do
    about the case, for `reason`; both '' for none.
    """

    verb: str
    number: int | None = None
    code: str = ""
    act: str = ""
    reason: str = ""
    is_remark: bool = False


def read_command(text: str) -> Command | None:
    """Read a whole message as a coordinator's command, with or without '/' before it; None if it is none."""
    found = _COMMAND.fullmatch(text)
    if found is None:
        return None
    verb = found["verb"].lower()
    for shape in _SHAPES[verb]:
        rest = re.fullmatch(shape, found["rest"] or "", re.IGNORECASE | re.DOTALL)
        if rest is not None:
            return _command(verb, rest.groupdict())
    return None


def _command(verb: str, parts: dict[str, str | None]) -> Command:
    number = parts.get("number")
    return Command(
        verb,
        None if number is None else int(number),
        (parts.get("code") or "").upper(),
        (parts.get("act") or "").lower(),
        parts.get("reason") or "",
        is_remark=bool(parts.get("remark")),
    )


def answer(turn: InboundTurn, conversations: Conversations) -> bool:
    """Answer a message if a coordinator wrote it, and return whether it was answered.

    The reply is added to the turn's writes. False where the message is no text, where no coordinator is known at its
    address, or where they wrote no command and also take part, or wrote an invitation: then it is answered as a
    participant's.
    """
    if turn.message.kind is not InboundKind.TEXT:
        return False
    command = read_command(turn.message.text)
    if command is None and (turn.pending.participant is not None or invitation_in(turn.message.text)):
        return False
    asker = coordinators.at_address(turn.connection, turn.address_id)
    if asker is None:
        return False
    language = conversations.localizations.told((asker.language, turn.pending.locale or asker.locale))
    if command is None:
        said, language = _answer_other_words(turn, asker, language, conversations.localizations)
    else:
        said = _CommandRun(turn, conversations, Teller(asker, language, turn.now)).do(command)
    turn.writes.outbox.append(team_row(said, language, turn.address_id, turn.now))
    return True


def _answer_other_words(
    turn: InboundTurn, asker: CoordinatorRecord, language: str, localizations: Localizations
) -> tuple[str, str]:
    """Return what is said to words that are no command, and in which language: they may ask for another one."""
    wanted = asked_language(turn.message.text)
    if wanted is None:
        return tell(TeamSentence.HELP, language), language
    chosen = language_named(wanted)
    if chosen is None or localizations.told((chosen,)) != chosen:
        return tell(TeamSentence.LANGUAGE_NOT_YET, language), language
    coordinators.set_language(turn.connection, asker, chosen)
    return tell(TeamSentence.LANGUAGE_SET, chosen), chosen


@dataclass(frozen=True, slots=True)
class _CommandRun:
    """Carry out one command."""

    turn: InboundTurn
    conversations: Conversations
    teller: Teller

    @property
    def connection(self) -> Connection:
        return self.turn.connection

    @property
    def now(self) -> datetime:
        return self.turn.now

    @property
    def asker(self) -> CoordinatorRecord:
        return self.teller.asker

    def do(self, command: Command) -> str:
        """Carry out a command, audit it, and return the reply as text in the coordinator's language."""
        found = operators.participant_id(self.connection, command.code) if command.code else None
        if command.code and found is None:
            return self.teller.tell(TeamSentence.UNKNOWN_PERSON, person=command.code)
        if not command.act:
            self._audit(command, found)
        match command.verb:
            case "due" | "stuck":
                return self._listed(command)
            case "why":
                story = operators.participant_story(self.connection, command.code, now=self.now)
                assert story is not None  # the code is somebody's
                return self.teller.story(story)
            case "pause":
                return self._pause(found or 0, command)
            case "console":
                return self._console()
            case _:
                return self._safety(command)

    def _listed(self, command: Command) -> str:
        if command.verb == "due":
            items = team.due_contacts(self.connection, tonight(self.asker.timezone, self.now))
            return self.teller.listed(TeamSentence.DUE, items, "due", command.number)
        items = team.stuck_conversations(self.connection, self.now)
        return self.teller.listed(TeamSentence.STUCK, items, "stuck", command.number)

    def _audit(self, command: Command, participant_id: int | None) -> None:
        """Note what was looked at or set; what is done about a case is noted with the case."""
        audit.record(
            self.connection,
            AuditKind.SETTINGS if command.verb == "pause" else AuditKind.VIEW,
            participant_id=participant_id,
            now=self.now,
            coordinator=self.asker.code,
            command=command.verb,
            number=command.number,
        )

    def _console(self) -> str:
        """Make a link that lets the coordinator into the console once, where there is one and they have a role."""
        requests = self.conversations.requests
        if requests.policy.console_url is None:
            return self.teller.tell(TeamSentence.CONSOLE_OFF)
        if not roles.roles_of(self.connection, self.asker.id):
            return self.teller.tell(TeamSentence.CONSOLE_NO_ROLE)
        token = coordinators.new_team_token()
        sign_in.make_link(self.connection, self.asker.id, requests.keys.token_hash(token), self.now)
        link = f"{requests.policy.console_url}/team/in/{token}"
        return self.teller.tell(TeamSentence.CONSOLE_LINK, link=link)

    def _pause(self, participant_id: int, command: Command) -> str:
        """Hold contact for so many days, or end that with 0; a longer hold stands, as does the participant's own."""
        own = holds.held_until(self.connection, participant_id) or self.now
        before = holds.held_for_team(self.connection, participant_id) or self.now
        if command.number == 0:
            holds.hold_for_team(self.connection, participant_id=participant_id, until=None, now=self.now)
            ended = TeamSentence.PAUSE_OVER if before > self.now else TeamSentence.PAUSE_NONE
            said = self.teller.tell(ended, person=command.code)
            if own <= self.now:
                return said
            return f"{said} {self.teller.tell(TeamSentence.PAUSE_OWN, person=command.code, until=own)}"
        days = HOLD_DAYS if command.number is None else command.number
        until = max(self.now + timedelta(days=days), before)
        holds.hold_for_team(self.connection, participant_id=participant_id, until=until, now=self.now)
        return self.teller.tell(TeamSentence.PAUSED, person=command.code, until=max(until, own))

    def _safety(self, command: Command) -> str:
        if command.number is None:
            return case_queue(self.connection, self.teller)
        if command.act == FLAG:
            return self._flag(ManualFlag(command.code, command.number, is_remark=command.is_remark))
        case = cases.find(self.connection, command.number)
        if case is None:
            return self.teller.tell(TeamSentence.NO_CASE, number=str(command.number))
        if not command.act:
            return self.teller.case(case)
        return self._act(case, CaseAction(command.act), command.reason)

    def _act(self, case: Case, what: CaseAction, reason: str) -> str:
        number = str(case.id)
        try:
            done = case_workflow.act_on_case(
                self.connection, case, case_workflow.CaseDecision(what, self.asker, self.now, reason)
            )
        except CaseRefused as refused:
            return self._refused(case, what, refused.refusal)
        if done.status is SafetyStatus.CLEARED:
            self.turn.during_commit(CommitStage.BEGIN, self.conversations.begin_next, case.participant_id)
        if what is not CaseAction.NOT_EVENT:
            status = TeamSentence[f"STATUS_{done.status.name}"]
            return self.teller.tell(TeamSentence.CASE_NOW, number=number, status=status)
        if done.first is None:
            return self.teller.tell(TeamSentence.NO_EVENT_FIRST, number=number)
        return self.teller.tell(
            TeamSentence.NO_EVENT_SECOND, number=number, first=done.first, second=self.asker.code
        )

    def _refused(self, case: Case, what: CaseAction, refusal: CaseRefusal) -> str:
        number = str(case.id)
        match refusal:
            case CaseRefusal.SETTLED:
                status = TeamSentence[f"STATUS_{case.status.name}"]
                return self.teller.tell(TeamSentence.REFUSED_SETTLED, number=number, status=status)
            case CaseRefusal.NOT_SENT:
                return self.teller.tell(TeamSentence.REFUSED_NOT_SENT, number=number)
            case CaseRefusal.WRONG_KIND:
                return self.teller.tell(TeamSentence.REFUSED_KIND)
            case CaseRefusal.NO_REASON:
                command = f"safety {number} {what} …"
                return self.teller.tell(TeamSentence.REFUSED_REASON, command=command)
            case _:
                assert_never(refusal)

    def _flag(self, flag: ManualFlag) -> str:
        try:
            flagged = flag_words(self.connection, flag, by=self.asker, now=self.now)
        except NoSuchWords:
            unknown = TeamSentence.NO_REMARK if flag.is_remark else TeamSentence.NO_ANSWER
            return self.teller.tell(unknown, number=str(flag.number), person=flag.participant)
        case, localizations = flagged.case, self.conversations.localizations
        alerts.of_case(self.turn, localizations, case.id, is_new=flagged.is_new, apart_from=self.asker)
        return self.teller.tell(
            TeamSentence.CASE_OPENED,
            number=str(case.id),
            at=case.due_at,
            clock=clock_of(case, self.now, self.teller.language),
            command=f"safety {case.id}",
        )
