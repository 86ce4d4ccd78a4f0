"""Alert the team at once and at any hour, each in their own language: codes and numbers, nobody's words.

An alert waits for no hour and no budget: those are for participants.
"""

from datetime import datetime

from sqlalchemy import Connection

from bot.delivery.rows import message_row
from bot.team.messages import Teller, kind_of
from bot.turn_context import TurnContext
from flows.engine.effects import Prompt
from flows.i18n.localized_flow import Localizations
from flows.i18n.say_to_team import TeamSentence, tell
from storage.conversations.inbox import PendingTurn
from storage.database import audit
from storage.database.statements import Row
from storage.people import coordinators
from storage.people.coordinators import CoordinatorRecord
from storage.safety import cases
from storage.schema import AuditKind, OutboxKind, SafetyStatus


def to_team(
    turn: TurnContext,
    localizations: Localizations,
    sentence: TeamSentence,
    *,
    apart_from: CoordinatorRecord | None = None,
    **fields: object,
) -> None:
    """Queue a sentence to every coordinator who has opened their link, each in their language.

    `fields` fill the sentence's placeholders, never with a participant's words; `apart_from` is a coordinator who
    knows it already and is left out.
    """
    for one in coordinators.list_reachable(turn.connection):
        if apart_from is not None and one.id == apart_from.id:
            continue
        language = localizations.told(one.wishes)
        text = tell(sentence, language, today=turn.now, **fields)
        if one.address_id is not None:
            turn.writes.outbox.append(team_row(text, language, one.address_id, turn.now))


def of_case(
    turn: TurnContext,
    localizations: Localizations,
    case_id: int,
    *,
    is_new: bool,
    apart_from: CoordinatorRecord | None = None,
) -> None:
    """Queue an alert to every coordinator about a safety case that a turn has opened, or added to (`is_new` false).

    `apart_from` is a coordinator who knows it already and is left out.
    """
    case = cases.find(turn.connection, case_id)
    assert case is not None
    to_team(
        turn,
        localizations,
        TeamSentence.ALERT if is_new else TeamSentence.ALERT_AGAIN,
        apart_from=apart_from,
        number=str(case.id),
        kind=kind_of(case.kind),
        person=case.participant,
        command=f"safety {case.id}",
    )


def team_row(text: str, language: str, address_id: int, now: datetime) -> Row:
    """Make the outbox row of a message to a coordinator: `text`, in `language`, to their address."""
    row = message_row(Prompt(text, language=language), address_id, None, now)
    return {**row, "kind": OutboxKind.TEAM}


def case_queue(connection: Connection, teller: Teller) -> str:
    """Return the safety cases that wait for the team, as a text in the reader's language (`teller`).

    First those that are open, then those sent on and not yet confirmed.
    """
    sent = cases.list_cases(connection, status=SafetyStatus.SENT)
    return teller.cases(cases.list_cases(connection), sent)


def welcome(turn: TurnContext, pending: PendingTurn, token_hash: bytes, localizations: Localizations) -> None:
    """Let in a coordinator by the token of the link they opened, so that alerts reach them at this address.

    The reply says what they can write, and which safety cases wait for the team. Where the link is wrong, used
    or too old, only that is said.
    """
    address_id = pending.address_id
    enrolled = coordinators.redeem(
        turn.connection, token_hash=token_hash, address_id=address_id, now=turn.now
    )
    if enrolled is None:
        language = localizations.told((pending.locale,))
        text = tell(TeamSentence.WRONG_LINK, language)
        turn.writes.outbox.append(team_row(text, language, address_id, turn.now))
        return
    language = localizations.told((enrolled.language, pending.locale or enrolled.locale))
    teller = Teller(enrolled, language, turn.now)
    audit.record(
        turn.connection,
        AuditKind.ENTERED,
        participant_id=None,
        now=turn.now,
        coordinator=enrolled.code,
    )
    parts = [teller.tell(TeamSentence.WELCOME, code=enrolled.code), teller.tell(TeamSentence.HELP)]
    if cases.list_cases(turn.connection):
        parts.append(case_queue(turn.connection, teller))
    turn.writes.outbox.append(team_row("\n\n".join(parts), language, address_id, turn.now))
