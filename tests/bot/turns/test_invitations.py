"""Promises of bot/turns/invitations.py: an invitation in words is opened where there is one, and words stay words."""

from datetime import timedelta

import pytest

from bot.channels.base import InboundKind
from flows.i18n.say import Sentence
from flows.script.model import Role
from storage.people import coordinators, invitation_changes
from storage.people.coordinators import CoordinatorSettings, new_team_token
from storage.people.invitation_changes import InvitationChange
from tests.support.turn_world import (
    BYE,
    COLOUR,
    IDENTITY,
    START,
    SURE,
    WORDS,
    Someone,
    asking,
    said,
    texts,
    through,
)

UNKNOWN = "aB3_xY-9kLmN0pQrStUvWxYzaB3dE5fG"
FORMS = ["{}", "`{}`", "https://t.me/said_bot?start={}", "/start {}", "here it is: {}, is it good?"]


@pytest.mark.parametrize("form", FORMS)
async def test_an_invitation_in_words_does_what_the_link_does(world, form):
    """It lets in, takes up, queues, and is refused for another role, in whatever form it is written."""
    ann, bob = world.someone("ann"), world.someone("bob")
    token = world.token()
    assert texts(await ann.say(form.format(token))) == [COLOUR]
    assert texts(await ann.say(form.format(token))) == [said(Sentence.CONVERSATION_OPEN), COLOUR]
    assert texts(await bob.say(form.format(token))) == [said(Sentence.INVITATION_USED)]
    other = form.format(world.token("hcp_commitment"))
    assert texts(await ann.say(other)) == [said(Sentence.CONVERSATION_QUEUED), COLOUR]
    patients = form.format(world.token("patient_interview", role=Role.PATIENT))
    assert texts(await ann.say(patients))[0] == said(Sentence.INVITATION_ROLE)
    assert world.rows("SELECT count(*) FROM answer") == [(0,)]


@pytest.mark.parametrize("form", FORMS)
async def test_an_invitation_in_words_that_is_too_old(world, form):
    """It says so, as the link does."""
    token = world.token(expires_at=world.clock.now() + timedelta(days=1))
    world.clock.move(timedelta(days=2))
    assert texts(await world.someone().say(form.format(token))) == [said(Sentence.INVITATION_EXPIRED)]


@pytest.mark.parametrize("address", ["terminal:new", "telegram:77", "slack:T1/U1", "web:" + "0" * 32])
async def test_a_link_that_was_revoked_lets_in_nobody_new(world, address):
    """On every channel they hear what those of an expired link do; whoever came in by it before stays in."""
    token, ann, new = world.group(), world.someone("ann"), Someone(world, address)
    await ann.start(token)
    revoked = InvitationChange(world.clock.now())
    world.database.write_now(lambda c: invitation_changes.revoke(c, [1], revoked))
    for heard in (await new.start(token), await new.say(f"/start {token}")):
        assert texts(heard) == [said(Sentence.INVITATION_EXPIRED)]
    assert texts(await ann.start(token)) == [said(Sentence.CONVERSATION_OPEN), COLOUR]
    assert texts(await ann.say("red")) == [WORDS]
    assert world.rows("SELECT uses FROM invitation") == [(1,)]


@pytest.mark.parametrize("form", FORMS)
async def test_who_stopped_comes_back_by_it(world, form):
    """A new invitation in words lets them in again."""
    ann = world.someone()
    await ann.start(world.token())
    await ann.say("stop")
    assert texts(await ann.say("hello")) == [said(Sentence.STOPPED_BEFORE)]
    assert texts(await ann.say(form.format(world.token()))) == [COLOUR]


@pytest.mark.parametrize(
    ("text", "is_answer"),
    [
        (UNKNOWN, False),
        (f"https://t.me/said_bot?start={UNKNOWN}", False),
        (f"/start {UNKNOWN}", False),
        (f"The code was {UNKNOWN}, and it did not work", True),
        (f"See https://t.me/said_bot?start={UNKNOWN} for more", True),
        ("https://t.me/other_bot?start=promo", True),
        ("start with the smallest dose", True),
        ("Donaudampfschifffahrtsgesellschaft", True),
    ],
)
async def test_what_is_no_invitation_under_an_open_question(world, text, is_answer):
    """Alone and unlike any word, it is said to be none; a story that tells of one is the answer."""
    ann = world.someone()
    await ann.start(world.token())
    await ann.say("red")
    heard = texts(await ann.say(text))
    assert heard[-1] == (SURE if is_answer else WORDS)
    assert (asking(Sentence.INVITATION_WRONG) in heard) is not is_answer
    assert world.rows("SELECT raw FROM answer WHERE slot = 'words'") == ([(text,)] if is_answer else [])


async def test_the_question_whether_to_delete_stays(world):
    """An invitation is no answer to it, as a link is none; it comes once more, below the question that was shown."""
    ann = world.someone()
    token = world.token()
    await ann.start(token)
    await ann.say("delete my data")
    assert texts(await ann.say(token)) == [
        said(Sentence.CONVERSATION_OPEN),
        COLOUR,
        said(Sentence.DELETE_SURE),
    ]
    assert world.rows("SELECT erasure_asked_at IS NULL FROM participant") == [(0,)]


async def test_words_of_concern_beside_an_invitation_come_first(world):
    """They are answered and kept; the invitation is opened when it is written again."""
    ann = world.someone()
    await ann.start(world.token())
    other = world.token("hcp_commitment")
    shown = await ann.say(f"I want to kill myself {other}")
    assert "emergency" in shown[0].text
    assert world.rows("SELECT kind FROM safety_case") == [("distress",)]
    await ann.say(other)
    assert world.rows("SELECT count(*) FROM conversation") == [(2,)]


@pytest.mark.parametrize("form", ["{}", "`{}`", "/start {}", "https://t.me/said_bot?start={}", "T{}"])
async def test_a_coordinators_link_in_words(world, form):
    """It lets in a coordinator; and a coordinator may take part by an invitation that is written."""
    token = new_team_token()
    world.database.write_now(
        lambda connection: coordinators.enrol(
            connection,
            "TEAM-1",
            token_hash=IDENTITY.token_hash(token),
            settings=CoordinatorSettings(),
            now=START,
        )
    )
    cora = world.someone("cora")
    written = f"T{token[1:]}" if form == "T{}" else form.format(token)
    [welcome] = texts(await cora.say(written))
    assert "TEAM-1" in welcome
    assert texts(await cora.say(world.token())) == [COLOUR]


# --- links, and starts without one ---


async def test_a_wrong_token_gets_a_kind_answer(world):
    """An unknown token makes nobody and says so."""
    ann = world.someone()
    assert texts(await ann.start("nonsense")) == [asking(Sentence.INVITATION_WRONG)]
    assert world.rows("SELECT count(*) FROM participant") == [(0,)]


async def test_a_used_token_does_not_let_a_second_person_in(world):
    """A single-use token is used once, also when two come in the same batch."""
    token = world.token()
    ann, bob = world.someone("ann"), world.someone("bob")
    await world.runtime.receive([one.inbound(InboundKind.START, text=token) for one in (ann, bob)])
    await world.runtime.drain()
    assert texts(ann.look()) == [COLOUR]
    assert texts(bob.look()) == [said(Sentence.INVITATION_USED)]


async def test_an_expired_token_says_so(world):
    """A link has its time."""
    token = world.token(expires_at=world.clock.now() + timedelta(days=1))
    world.clock.move(timedelta(days=2))
    assert texts(await world.someone().start(token)) == [said(Sentence.INVITATION_EXPIRED)]


@pytest.mark.parametrize("known", [False, True])
async def test_a_start_without_a_token_gets_a_kind_answer(world, known):
    """Nobody known: the link is needed. Somebody in a conversation: the open question again."""
    ann = world.someone()
    if known:
        await ann.start(world.token())
    expected = [said(Sentence.CONVERSATION_OPEN), COLOUR] if known else [asking(Sentence.INVITATION_NEEDED)]
    assert texts(await ann.start()) == expected


async def test_the_same_link_again_shows_where_they_were(world):
    """A second tap on the link neither uses it up nor begins anew."""
    ann = world.someone()
    token = world.token()
    await ann.start(token)
    await ann.say("red")
    assert texts(await ann.start(token)) == [said(Sentence.CONVERSATION_OPEN), WORDS]
    assert await through(ann, "because", "1") == [BYE]
    assert texts(await ann.start(token)) == [said(Sentence.NO_QUESTION)]
    assert world.rows("SELECT count(*) FROM conversation") == [(1,)]


async def test_the_same_link_again_shows_what_interrupted(world):
    """Where a question stands before the script's, such as one for a safety report, that one is shown."""
    ann, token = world.someone(), world.token(role=Role.PATIENT)
    await ann.start(token)
    for line in ("red", "The new tablets gave me a terrible rash on both arms."):
        await ann.say(line)
    [*_, asked] = [one for one in ann.shown if one.prompt.ask is not None]
    [aside] = world.rows("SELECT json_extract(state, '$.aside') FROM conversation")
    assert aside == (asked.prompt.ask,)
    shown = await ann.start(token)
    assert [one.prompt.ask for one in shown if one.prompt.ask is not None] == [asked.prompt.ask]


async def test_another_link_waits_for_the_open_conversation(world):
    """Two conversations are never interleaved: the second is queued, said so, and begins when the first ends."""
    ann = world.someone()
    await ann.start(world.token())
    shown = await ann.start(world.token("hcp_commitment"))
    assert texts(shown) == [said(Sentence.CONVERSATION_QUEUED), COLOUR]
    shown = await ann.start(world.group("hcp_commitment"))
    assert texts(shown) == [said(Sentence.CONVERSATION_OPEN), COLOUR]
    ended = await through(ann, "red", "because", "1")
    assert ended[0] == BYE
    assert "Shall we start?" in ended[2]
    assert world.rows("SELECT status FROM conversation ORDER BY id") == [("ended",), ("open",)]


async def test_a_link_for_another_role_is_not_used_up(world):
    """A link for patients does nothing for a clinician, and stays good for whom it was meant."""
    ann, bob = world.someone("ann"), world.someone("bob")
    await ann.start(world.token())
    token = world.token("patient_interview", role=Role.PATIENT)
    assert texts(await ann.start(token))[0] == said(Sentence.INVITATION_ROLE)
    assert "Hi." in texts(await bob.start(token))[0]


async def test_a_new_link_begins_the_same_flow_anew_after_its_end(world):
    """A person who is invited again is asked again; the first answers stay."""
    ann = world.someone()
    await ann.start(world.token())
    await through(ann, "red", "because", "1")
    assert texts(await ann.start(world.token())) == [COLOUR]
    assert world.rows("SELECT count(*) FROM participant") == [(1,)]
    assert world.rows("SELECT count(*) FROM enrollment") == [(2,)]


async def test_a_link_to_a_flow_that_is_gone_says_so(world):
    """Nothing is put aside, nobody is let in, and the link is good again once the flow is there."""
    ann, token = world.someone(), world.token("gone_for_now")
    [reply] = texts(await ann.start(token))
    assert reply.startswith("This talk is not ready yet")
    assert world.rows("SELECT count(*) FROM inbox WHERE error IS NOT NULL") == [(0,)]
    assert world.rows("SELECT count(*) FROM participant") == [(0,)]
    assert world.rows("SELECT count(*) FROM enrollment") == [(0,)]
