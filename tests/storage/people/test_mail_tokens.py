from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection

from storage.people import mail_tokens
from storage.people.mail_tokens import (
    CODES_A_DAY,
    LIFE,
    TRIES,
    UNSUBSCRIBED,
    WRONG_CODES,
    WRONG_WITHIN,
)
from storage.schema import ADDRESS, MAIL_TOKEN, PARTICIPANT, AddressStatus, MailTokenPurpose
from tests.support import fresh
from tests.support.turn_world import IDENTITY

AT: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY: Final = timedelta(days=1)
QUESTION, UNSUBSCRIBE, NAME, CODE = (
    MailTokenPurpose.QUESTION,
    MailTokenPurpose.UNSUBSCRIBE,
    MailTokenPurpose.NAME,
    MailTokenPurpose.CODE,
)
ANN, BOB, NOBODY = 1, 2, 3


def _row(number: int, participant: int | None) -> dict[str, Any]:
    return {
        "id": number,
        "participant_id": participant,
        "channel": "email",
        "lookup": b"lookup %d" % number,
        "sealed": b"sealed %d" % number,
        "status": AddressStatus.ACTIVE,
        "next_seq": 1,
        "created_at": AT,
    }


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    """Two people with an address each, and an address of nobody's."""
    database = fresh.database(tmp_path / "said.sqlite", IDENTITY)
    database.close()
    engine = sa.create_engine(f"sqlite:///{database.path}")
    with engine.connect() as made:
        for number in (ANN, BOB):
            person = {
                "id": number,
                "code": f"P-{number}",
                "role": "patient",
                "status": "active",
                "created_at": AT,
            }
            made.execute(PARTICIPANT.insert().values(**person))
        rows = [_row(ANN, ANN), _row(BOB, BOB), _row(NOBODY, None)]
        made.execute(ADDRESS.insert(), rows)
        yield made
        made.rollback()
    engine.dispose()


def _mailed(
    connection: Connection, *hashes: bytes, to: int = ANN, purpose: Any = QUESTION, at: Any = AT
) -> None:
    for hashed in hashes:
        mail_tokens.mail_a_token(connection, to, purpose, hashed, at)


def _opens(connection: Connection, *hashes: bytes, purpose: Any = QUESTION, at: Any = AT) -> list[bool]:
    return [mail_tokens.address_behind(connection, purpose, one, at) is not None for one in hashes]


@pytest.mark.parametrize("purpose", MailTokenPurpose)
def test_a_secret_is_good_for_its_life_and_its_purpose(
    connection: Connection, purpose: MailTokenPurpose
) -> None:
    """It leads to the address that it was mailed to, until its time is over, and opens nothing else."""
    _mailed(connection, b"a", purpose=purpose)
    found = mail_tokens.address_behind(connection, purpose, b"a", AT + LIFE[purpose] - timedelta(seconds=1))
    assert found is not None
    assert (found.id, found.sealed, found.participant_id, found.mailed_at) == (ANN, b"sealed 1", ANN, AT)
    assert found.status is AddressStatus.ACTIVE
    assert _opens(connection, b"a", purpose=purpose, at=AT + LIFE[purpose]) == [False]
    others = [one for one in MailTokenPurpose if one is not purpose]
    assert [_opens(connection, b"a", purpose=one) for one in others] == [[False]] * 3
    assert _opens(connection, b"unknown", purpose=purpose) == [False]


def test_what_was_mailed_to_nobody_opens_nothing(connection: Connection) -> None:
    """Such as the address of somebody whose data was deleted."""
    _mailed(connection, b"a", to=NOBODY)
    assert _opens(connection, b"a") == [False]


def test_a_mail_ends_the_questions_of_those_before_it(connection: Connection) -> None:
    """At its own address, once it went: not what ends mails, not its own, not those of later mails or other people."""
    _mailed(connection, b"1", b"2", b"3")
    _mailed(connection, b"u", purpose=UNSUBSCRIBE)
    _mailed(connection, b"bob", to=BOB)
    mail_tokens.end_earlier_questions(connection, b"2", AT + DAY)
    assert _opens(connection, b"1", b"2", b"3", b"bob", at=AT + DAY) == [False, True, True, True]
    assert _opens(connection, b"u", purpose=UNSUBSCRIBE, at=AT + DAY) == [True]
    mail_tokens.end_earlier_questions(connection, b"unknown", AT + DAY)
    mail_tokens.end_earlier_questions(connection, b"u", AT + DAY)
    assert _opens(connection, b"2", b"3", at=AT + DAY) == [True, True]


def test_what_went_in_no_mail_is_forgotten(connection: Connection) -> None:
    """The secrets of the mails before stay good."""
    _mailed(connection, b"1", b"2")
    mail_tokens.forget_unmailed(connection, [b"2", b"unknown"])
    assert _opens(connection, b"1", b"2") == [True, False]


@pytest.mark.parametrize(
    ("status", "reason", "may", "is_unsubscribed"),
    [
        (AddressStatus.ACTIVE, None, True, False),
        (AddressStatus.BLOCKED, UNSUBSCRIBED, True, True),
        (AddressStatus.BLOCKED, "complained", False, False),
        (AddressStatus.BLOCKED, None, False, False),
        (AddressStatus.UNREACHABLE, "bounced", False, False),
        (AddressStatus.UNREACHABLE, UNSUBSCRIBED, False, False),
    ],
)
def test_a_code_goes_where_its_reader_wants_it(
    connection: Connection, status: AddressStatus, reason: str | None, *, may: bool, is_unsubscribed: bool
) -> None:
    """Also where they ended mails; not where mails came back, or were called unwanted."""
    _mailed(connection, b"a")
    connection.execute(ADDRESS.update().where(ADDRESS.c.id == ANN).values(status=status, reason=reason))
    assert mail_tokens.may_send_code(connection, ANN, AT) is may
    found = mail_tokens.address_behind(connection, QUESTION, b"a", AT)
    assert found is not None
    assert found.is_unsubscribed is is_unsubscribed


def test_codes_are_good_beside_one_another_and_one_is_used_once(connection: Connection) -> None:
    """Mails cross. Whichever is used ends those at its own address; links and codes of others stay."""
    _mailed(connection, b"q")
    _mailed(connection, b"1", b"2", purpose=CODE)
    _mailed(connection, b"b", purpose=CODE, to=BOB)
    assert not mail_tokens.take_code(connection, ANN, b"b", AT)
    assert not mail_tokens.take_code(connection, ANN, b"q", AT)
    assert mail_tokens.code_waits(connection, ANN, AT)
    assert not mail_tokens.was_taken(connection, ANN, b"1")
    assert mail_tokens.take_code(connection, ANN, b"1", AT)
    assert mail_tokens.was_taken(connection, ANN, b"1")
    assert not mail_tokens.code_waits(connection, ANN, AT)
    for code in (b"1", b"2"):
        assert not mail_tokens.take_code(connection, ANN, code, AT)
    assert mail_tokens.take_code(connection, BOB, b"b", AT)
    assert _opens(connection, b"q") == [True]


def test_a_code_ends_after_so_many_wrong_ones(connection: Connection) -> None:
    """It is not good any more then, and not after a quarter of an hour; those of others are not counted."""
    _mailed(connection, b"1", purpose=CODE)
    _mailed(connection, b"b", purpose=CODE, to=BOB)
    assert [mail_tokens.take_code(connection, ANN, b"x", AT) for _ in range(TRIES)] == [False] * TRIES
    assert not mail_tokens.take_code(connection, ANN, b"1", AT)
    _mailed(connection, b"2", purpose=CODE)
    assert not mail_tokens.take_code(connection, ANN, b"2", AT + LIFE[CODE])
    assert mail_tokens.take_code(connection, ANN, b"2", AT + LIFE[CODE] - timedelta(seconds=1))
    assert mail_tokens.take_code(connection, BOB, b"b", AT)


def test_so_many_codes_go_to_one_address_within_a_day(connection: Connection) -> None:
    """Whoever else has an address may be sent theirs, and a day later all may."""
    for place in range(CODES_A_DAY):
        assert mail_tokens.may_send_code(connection, ANN, AT)
        _mailed(connection, b"%d" % place, purpose=CODE)
    assert not mail_tokens.may_send_code(connection, ANN, AT)
    assert mail_tokens.may_send_code(connection, BOB, AT)
    assert mail_tokens.may_send_code(connection, ANN, AT + DAY)


def _miss(connection: Connection, times: int, at: datetime) -> None:
    """So many wrong codes are given, under as many codes as that takes; links that are over are deleted each day."""
    for place in range(0, times, TRIES):
        mail_tokens.forget_over(connection, at)
        assert mail_tokens.may_send_code(connection, ANN, at)
        _mailed(connection, b"%d %s" % (place, str(at).encode()), purpose=CODE, at=at)
        for _ in range(min(TRIES, times - place)):
            assert not mail_tokens.take_code(connection, ANN, b"wrong", at)
        at += DAY


def test_wrong_codes_are_counted_for_a_month(connection: Connection) -> None:
    """However many codes are sent, and though what is over is deleted every day: after so many wrong ones none is sent,
    and none that was sent is taken, until the month is over. Others go on."""
    _miss(connection, WRONG_CODES - 1, AT)
    last = AT + 10 * DAY
    _mailed(connection, b"last", purpose=CODE, at=last)
    assert mail_tokens.may_send_code(connection, ANN, last)
    assert not mail_tokens.take_code(connection, ANN, b"wrong", last)
    assert not mail_tokens.may_send_code(connection, ANN, last)
    assert not mail_tokens.take_code(connection, ANN, b"last", last)
    assert mail_tokens.may_send_code(connection, BOB, last)
    mail_tokens.forget_over(connection, AT + WRONG_WITHIN - DAY)
    assert not mail_tokens.may_send_code(connection, ANN, AT + WRONG_WITHIN - timedelta(seconds=1))
    later = AT + WRONG_WITHIN
    assert mail_tokens.may_send_code(connection, ANN, later)
    _mailed(connection, b"later", purpose=CODE, at=later)
    assert mail_tokens.take_code(connection, ANN, b"later", later)


def test_the_same_six_digits_again_forget_no_wrong_code(connection: Connection) -> None:
    """By chance a code is sent twice: the older one is over, and how often it was missed still counts."""
    for _ in range(WRONG_CODES // TRIES):
        _mailed(connection, b"same", purpose=CODE)
        for _ in range(TRIES):
            assert not mail_tokens.take_code(connection, ANN, b"wrong", AT)
    assert not mail_tokens.may_send_code(connection, ANN, AT)


def test_what_is_over_is_deleted_after_a_day(connection: Connection) -> None:
    """But for codes that were missed, which count for a month, and the links of questions, which are known as ours for
    a year. All of an address goes with its account."""
    _mailed(connection, b"old", at=AT - LIFE[MailTokenPurpose.UNSUBSCRIBE])
    _mailed(connection, b"over", at=AT - LIFE[QUESTION] - DAY)
    _mailed(connection, b"good")
    _mailed(connection, b"used", purpose=CODE, at=AT - 2 * DAY)
    _mailed(connection, b"bob", purpose=CODE, to=BOB, at=AT - 2 * DAY)
    assert not mail_tokens.take_code(connection, BOB, b"wrong", AT - 2 * DAY)
    assert mail_tokens.forget_over(connection, AT) == 2
    left = sa.select(MAIL_TOKEN.c.token_hash).order_by(MAIL_TOKEN.c.id)
    assert list(connection.scalars(left)) == [b"over", b"good", b"bob"]
    assert mail_tokens.is_known(connection, [b"over"])
    assert not mail_tokens.is_known(connection, [b"old", b"used"])
    assert mail_tokens.forget_over(connection, AT - 2 * DAY + WRONG_WITHIN) == 1
    mail_tokens.forget(connection, [ANN])
    assert list(connection.scalars(left)) == []
