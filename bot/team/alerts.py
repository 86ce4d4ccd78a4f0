"""Word to the team, at once and at any hour, each in their own language: codes and numbers, nobody's words.

An alert waits for no hour and no budget: those are for participants.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from bot.delivery.rows import message_row
from bot.team.messages import Teller, kind_of
from flows.engine.effects import Prompt
from flows.i18n.localized_flow import Localizations
from flows.i18n.say_to_team import TeamSentence, tell
from storage.conversations.inbox import PendingTurn
from storage.conversations.turns import Writes
from storage.database import audit
from storage.database.statements import Row
from storage.people import coordinators
from storage.people.coordinators import CoordinatorRecord
from storage.safety import cases
from storage.schema import AuditKind, OutboxKind, SafetyStatus

NOBODY: Final = "no coordinator is reached, so nobody hears of somebody at risk or of a safety report"
"""What the operator is told where an alert would get to nobody."""
NOBODY_REMEDY: Final = "run `said coordinator enrol CODE` and open the link; see docs/howto/coordinators.md"


def to_team(
    connection: Connection,
    localizations: Localizations,
    sentence: TeamSentence,
    now: datetime,
    *,
    apart_from: CoordinatorRecord | None = None,
    **fields: object,
) -> list[Row]:
    """A message to every coordinator who has opened their link, for the outbox.

    `fields` are as `tell` takes them, never a person's words; `apart_from` is somebody who knows it already.
    """
    rows = []
    for one in coordinators.list_reachable(connection):
        if apart_from is not None and one.id == apart_from.id:
            continue
        language = localizations.told(one.wishes)
        text = tell(sentence, language, **fields)
        if one.address_id is not None:
            rows.append(team_row(text, language, one.address_id, now))
    return rows


def of_case(
    connection: Connection,
    localizations: Localizations,
    case_id: int,
    now: datetime,
    *,
    is_new: bool,
    apart_from: CoordinatorRecord | None = None,
) -> list[Row]:
    """Word of a safety case to the team."""
    case = cases.find(connection, case_id)
    assert case is not None  # it was opened in this transaction
    return to_team(
        connection,
        localizations,
        TeamSentence.ALERT if is_new else TeamSentence.ALERT_AGAIN,
        now,
        apart_from=apart_from,
        number=str(case.id),
        kind=kind_of(case.kind),
        person=case.participant,
        command=f"safety {case.id}",
    )


def team_row(text: str, language: str, address_id: int, now: datetime) -> Row:
    """Something that somebody of the team is told."""
    row = message_row(Prompt(text, language=language), address_id, None, now)
    return {**row, "kind": OutboxKind.TEAM}


def case_queue(connection: Connection, teller: Teller) -> str:
    sent = cases.list_cases(connection, status=SafetyStatus.SENT)
    return teller.cases(cases.list_cases(connection), sent)


def welcome(
    connection: Connection, localizations: Localizations, token_hash: bytes, taken: PendingTurn, now: datetime
) -> Writes:
    """Somebody opened a coordinator's link: what they can write, and the cases that wait for the team."""
    enrolled = coordinators.redeem(connection, token_hash=token_hash, address_id=taken.address_id, now=now)
    if enrolled is None:
        language = localizations.told((taken.locale,))
        text = tell(TeamSentence.WRONG_LINK, language)
        return Writes(outbox=[team_row(text, language, taken.address_id, now)])
    language = localizations.told((enrolled.language, taken.locale or enrolled.locale))
    teller = Teller(enrolled, language, now)
    audit.record(connection, AuditKind.ENTERED, participant_id=None, now=now, coordinator=enrolled.code)
    parts = [teller.tell(TeamSentence.WELCOME, code=enrolled.code), teller.tell(TeamSentence.HELP)]
    if cases.list_cases(connection):
        parts.append(case_queue(connection, teller))
    return Writes(outbox=[team_row("\n\n".join(parts), language, taken.address_id, now)])
