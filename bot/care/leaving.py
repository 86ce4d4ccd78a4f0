"""Move somebody to another account, and delete everything of theirs once two coordinators want it."""

from datetime import datetime

from sqlalchemy import Connection

from bot.care.parts import CareParts
from bot.delivery.rows import sentence_row
from flows.i18n.say import Sentence
from storage.conversations import outbox
from storage.conversations.conversations import ParticipantRecord
from storage.database import audit
from storage.database.wakeups import WorkKind
from storage.follow_up.situations import read_situations
from storage.people import account_links, invitations, participants
from storage.people.account_links import NewLinkCode
from storage.people.coordinators import CoordinatorRecord
from storage.privacy import erasure, requested_erasures
from storage.privacy.erasure import ErasureRequest
from storage.schema import AuditKind


def make_move_code(
    connection: Connection, parts: CareParts, participant_id: int, by: CoordinatorRecord, now: datetime
) -> str:
    """Return a code that moves a participant to the account in which they write it: good once, for a day.

    Their accounts of before are closed by it. Nothing is changed until then; an earlier code of theirs is good no more.

    Raises:
        MoveRefused: they take part no more, or are of the team.
    """
    code = account_links.make_code(
        connection,
        NewLinkCode(participant_id, by.id),
        code_hash=lambda code: account_links.code_hash_of(parts.keys, code),
        pick=parts.pick,
        now=now,
    )
    audit.record(
        connection,
        AuditKind.SETTINGS,
        participant_id=participant_id,
        now=now,
        command="move code",
        by=by.code,
    )
    return code


def erase(
    connection: Connection, parts: CareParts, participant_id: int, by: CoordinatorRecord, now: datetime
) -> bool:
    """Delete everything of a participant, as the second coordinator who wants it; return whether a report stays.

    They are told so, in a last message to where they are written to.

    Raises:
        ErasureRefused: nobody asked for it within 14 days, or it was this coordinator who did.
    """
    asked_by = requested_erasures.confirm(connection, participant_id, by, now)
    person = participants.get(connection, participant_id)
    _, address_id = read_situations(connection, [participant_id], now)[participant_id].reach(None)
    if address_id is None:
        erasure.erase_again(connection, participant_id, now)
        is_report_kept = None
    else:
        is_report_kept = _erase_and_tell(connection, parts, person, address_id, now)
    audit.record(
        connection, AuditKind.DELETION, participant_id=participant_id, now=now, report_kept=is_report_kept,
        asked_by=asked_by, by=by.code,
    )  # fmt: skip
    return bool(is_report_kept)


def _erase_and_tell(
    connection: Connection, parts: CareParts, person: ParticipantRecord, address_id: int, now: datetime
) -> bool:
    invited = invitations.language_of(connection, person.id)
    wishes = (person.language, invited, participants.locale_of(connection, address_id))
    last, is_kept = erasure.erase_participant(connection, ErasureRequest(person.id, address_id, None), now)
    sentence = Sentence.DELETED_BUT_REPORT if is_kept else Sentence.DELETED
    row = sentence_row(sentence, parts.localizations.spoken(wishes), last, now)
    outbox.queue(connection, [row])
    parts.wakeups.defer(connection, WorkKind.OUTBOX, [last])
    return is_kept
