"""Promises of bot/turns/routing.py: every kind of message has its way, for everybody, and none raises."""

from datetime import UTC, date, datetime

import msgspec
import pytest

from bot.channels.base import HOUSE, Inbound, InboundKind, button_payload
from bot.conversations.messages import Message, from_payload, to_payload
from bot.turns.routing import (
    Begin,
    Blocked,
    Decide,
    Grant,
    Help,
    Nothing,
    Play,
    PlayEdit,
    PlayOther,
    StopAll,
    Tell,
    Unasked,
    Unblocked,
    event_of,
    route,
)
from flows.engine.effects import RequestKind
from flows.engine.events import (
    DatePicked,
    Edited,
    MediaKind,
    MediaSent,
    Picked,
    Replied,
    Tapped,
    TextSubmitted,
)
from flows.i18n.say import Sentence
from flows.script.model import Role
from storage.conversations.conversations import ConversationRecord, ParticipantRecord, open_conversation
from storage.schema import ConversationStatus, ParticipantStatus

PERSON = ParticipantRecord(1, "P-222222", Role.HCP, "en", None, ParticipantStatus.ACTIVE)
GONE = msgspec.structs.replace(PERSON, status=ParticipantStatus.WITHDRAWN)
AT = datetime(2026, 3, 2, tzinfo=UTC)
ASKED = msgspec.structs.replace(PERSON, erasure_asked_at=AT)
CONVERSATION = ConversationRecord(
    7, 1, 1, 1, None, "f", "h", "terminal", ConversationStatus.OPEN, None, "{}", 1, AT, None
)
WAITING = msgspec.structs.replace(CONVERSATION, id=8, status=ConversationStatus.WAITING)
KIND = InboundKind


def message(kind, **what):
    return Message(kind=kind, **what)


@pytest.mark.parametrize("kind", list(InboundKind))
@pytest.mark.parametrize("person", [None, PERSON, GONE])
@pytest.mark.parametrize("conversations", [[], [CONVERSATION], [WAITING], [WAITING, CONVERSATION]])
@pytest.mark.parametrize(
    "button", [None, "", "x", button_payload(7, 0), button_payload(7, 0, 1), button_payload(9, 0, 1)]
)
def test_every_message_has_a_way(kind, person, conversations, button):
    """Whoever sends whatever at whatever moment: there is a route."""
    assert route(message(kind, button=button), person, conversations) is not None


@pytest.mark.parametrize(
    ("sent", "person", "conversations", "way"),
    [
        (message(KIND.TEXT, text="hi"), None, [], Tell(Sentence.INVITATION_NEEDED)),
        (message(KIND.TEXT, text="hi"), GONE, [], Tell(Sentence.STOPPED_BEFORE)),
        (message(KIND.TEXT, text="my data"), GONE, [], Grant(RequestKind.MY_DATA)),
        (message(KIND.TEXT, text="Borrar mis datos"), GONE, [], Grant(RequestKind.DELETE_MY_DATA)),
        (message(KIND.TEXT, text="human"), GONE, [], Grant(RequestKind.HUMAN)),
        (message(KIND.TEXT, text="help"), GONE, [], Help()),
        (message(KIND.TEXT, text="link"), GONE, [], Tell(Sentence.STOPPED_BEFORE)),
        (message(KIND.TAP, button=button_payload(HOUSE, 1, 0)), GONE, [], Decide()),
        (message(KIND.TEXT, text="hi"), PERSON, [], Unasked(Replied("hi"))),
        (message(KIND.TEXT, text="hi"), PERSON, [WAITING], Unasked(Replied("hi"))),
        (
            message(KIND.TEXT, text="hi", message_id="m"),
            PERSON,
            [CONVERSATION],
            Play(CONVERSATION, Replied("hi", "m")),
        ),
        (message(KIND.TEXT, text="Stop!"), PERSON, [], StopAll()),
        (message(KIND.TEXT, text="/help"), PERSON, [], Help()),
        (message(KIND.TEXT, text="stop"), PERSON, [CONVERSATION], Play(CONVERSATION, Replied("stop"))),
        (message(KIND.EDIT, text="x", message_id="m"), PERSON, [CONVERSATION], PlayEdit(Edited("m", "x"))),
        (message(KIND.EDIT, text="x", message_id="m"), PERSON, [], PlayEdit(Edited("m", "x"))),
        (message(KIND.EDIT, text="stop", message_id="m"), GONE, [], PlayEdit(Edited("m", "stop"))),
        (message(KIND.EDIT, text="yes", message_id="m"), ASKED, [], PlayEdit(Edited("m", "yes"))),
        (message(KIND.EDIT, text="x", message_id="m"), None, [], Nothing()),
        (
            message(KIND.TAP, button=button_payload(7, 2, 1)),
            PERSON,
            [CONVERSATION],
            Play(CONVERSATION, Tapped(2, 1)),
        ),
        (
            message(KIND.TAP, button=button_payload(5, 2, 1)),
            PERSON,
            [CONVERSATION],
            PlayOther(5, Tapped(2, 1)),
        ),
        (message(KIND.TAP, button="zzz"), PERSON, [CONVERSATION], Tell(Sentence.BUTTON_UNKNOWN)),
        (message(KIND.TAP, button="zzz"), PERSON, [], Tell(Sentence.BUTTON_UNKNOWN)),
        (message(KIND.TAP, button="zzz"), GONE, [], Tell(Sentence.BUTTON_UNKNOWN)),
        (message(KIND.TAP, button="zzz"), None, [], Tell(Sentence.BUTTON_UNKNOWN)),
        (message(KIND.TAP, button="zzz"), ASKED, [], Tell(Sentence.BUTTON_UNKNOWN)),
        (message(KIND.TAP, button=button_payload(HOUSE, 1, 2)), ASKED, [], Tell(Sentence.BUTTON_UNKNOWN)),
        (message(KIND.TAP, button=button_payload(HOUSE, 0, 0)), PERSON, [], Tell(Sentence.BUTTON_UNKNOWN)),
        (message(KIND.FORM, button=button_payload(HOUSE, 1)), PERSON, [], Tell(Sentence.BUTTON_UNKNOWN)),
        (message(KIND.START, text=" T "), None, [], Begin("T")),
        (message(KIND.START), GONE, [], Begin("")),
        (message(KIND.BLOCKED), None, [], Blocked()),
        (message(KIND.UNBLOCKED), GONE, [], Unblocked()),
        (message(KIND.PROFILE), PERSON, [CONVERSATION], Nothing()),
    ],
)
def test_where_a_message_goes(sent, person, conversations, way):
    """One line a case: what came, from whom, in which conversations, and where it goes."""
    assert route(sent, person, conversations) == way


@pytest.mark.parametrize(
    ("sent", "event"),
    [
        (message(KIND.PICKS, button=button_payload(7, 3), options=(0, 2)), Picked(3, (0, 2))),
        (
            message(KIND.DATE, button=button_payload(7, 3), day=date(2026, 4, 1)),
            DatePicked(3, date(2026, 4, 1)),
        ),
        (message(KIND.FORM, button=button_payload(7, 3), text="long"), TextSubmitted(3, "long")),
        (message(KIND.TAP, button=button_payload(7, 3, 15)), Tapped(3, 15)),
        (message(KIND.MEDIA, media=MediaKind.VOICE), MediaSent(MediaKind.VOICE)),
        (message(KIND.MEDIA), MediaSent(MediaKind.OTHER)),
        (message(KIND.DATE, button=button_payload(7, 3)), None),
        (message(KIND.TAP, button=button_payload(7, 3)), None),
        (message(KIND.TAP, button="1.0.-1"), None),
        (message(KIND.TAP, button="0.0.0"), None),
        (message(KIND.TAP, button="f" * 20 + ".0.0"), None),
    ],
)
def test_what_a_message_tells_the_engine(sent, event):
    """Each kind of button becomes its event; one that is cut or invented becomes none."""
    assert event_of(sent) == (event, 7 if event and sent.button else None)


def test_the_open_conversation_is_the_one_that_does_not_wait():
    """A paused conversation is open; one that waits is not."""
    paused = msgspec.structs.replace(CONVERSATION, status=ConversationStatus.PAUSED)
    assert open_conversation([WAITING, paused]) is paused
    assert open_conversation([WAITING]) is None


def test_what_is_stored_is_all_but_the_address():
    """An inbound comes back whole from its payload, except for who sent it."""
    inbound = Inbound(
        address="telegram:4711",
        external_id="e1",
        kind=KIND.DATE,
        text="x",
        message_id="m",
        button="1.2",
        options=(1, 2),
        day=date(2026, 4, 1),
        media=MediaKind.PHOTO,
        locale="de-AT",
        timezone="Europe/Vienna",
    )
    payload = to_payload(inbound)
    assert "4711" not in payload
    stored = from_payload(payload)
    for name in stored.__struct_fields__:
        assert getattr(stored, name) == getattr(inbound, name)
    assert to_payload(msgspec.structs.replace(inbound, text="half \ud83d")) == to_payload(
        msgspec.structs.replace(inbound, text="half \ufffd")
    )
