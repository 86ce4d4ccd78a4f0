"""Invitations after they were made: ended, extended and replaced, all of them or none; and their labels, which go."""

from datetime import timedelta

import pytest

from storage.enums import InvitationState
from storage.people import invitation_changes, invitation_states, invitations
from storage.people.invitation_changes import InvitationChange, InvitationNotChanged
from tests.support.turn_world import IDENTITY, START, World, make_world

DAY = timedelta(days=1)
BY_ANN = InvitationChange(START, "ANN")


@pytest.fixture
def world(tmp_path):
    made = make_world(tmp_path)
    yield made
    made.database.close()


def state(world: World, number: int = 1) -> InvitationState:
    now = world.clock.now()
    found = world.database.read_now(lambda connection: invitation_states.find(connection, number, now))
    assert found is not None
    return found.state


def change(world: World, work, *given, **more):
    return world.database.write_now(lambda connection: work(connection, *given, **more))


def labels(world: World) -> list[str | None]:
    sealed = world.rows("SELECT label_sealed FROM invitation ORDER BY id")
    return [None if one is None else IDENTITY.open(one) for (one,) in sealed]


def test_a_revoked_link_can_be_extended_again(world):
    """It is the same link: its token opens nothing in between, and opens again afterwards."""
    token = world.token()
    change(world, invitation_changes.revoke, [1], BY_ANN)
    assert state(world) is InvitationState.REVOKED
    redeem = lambda connection: invitations.redeem(  # noqa: E731
        connection, token_hash=IDENTITY.token_hash(token), participant_id=None, now=START
    )
    assert world.database.write_now(redeem) is invitations.InvitationProblem.REVOKED
    change(world, invitation_changes.extend, [1], START + DAY, BY_ANN)
    assert state(world) is InvitationState.UNUSED
    assert isinstance(world.database.write_now(redeem), invitations.RedeemedInvitation)
    details = [
        row[0] for row in world.rows("SELECT details FROM audit_event WHERE details LIKE '%invitation %'")
    ]
    assert ["revoke" in details[0], "extend" in details[1]] == [True, True]
    assert all("ANN" in one for one in details)


@pytest.mark.parametrize("numbers", [[1, 9], [1, 2]])
def test_all_are_revoked_or_none(world, numbers):
    """A number that is not there, or that lets nobody in as it is, changes nothing of the others."""
    world.token()
    world.token(expires_at=START - DAY)
    with pytest.raises(InvitationNotChanged):
        change(world, invitation_changes.revoke, numbers, BY_ANN)
    assert state(world) is InvitationState.UNUSED
    assert world.rows("SELECT count(*) FROM audit_event WHERE details LIKE '%invitation %'") == [(0,)]


async def test_what_was_used_up_is_not_extended(world):
    """More time would let nobody in: the error says what would."""
    await world.someone("ann").start(world.token())
    await world.someone("bob").start(world.group(max_uses=1))
    assert (state(world, 1), state(world, 2)) == (InvitationState.USED, InvitationState.FULL)
    for number in (1, 2):
        with pytest.raises(InvitationNotChanged, match="replace"):
            change(world, invitation_changes.extend, [number], None, BY_ANN)
    world.token()
    with pytest.raises(InvitationNotChanged, match="past"):
        change(world, invitation_changes.extend, [3], START, BY_ANN)


@pytest.mark.parametrize(
    ("expires", "later", "new"),
    [(None, 0, None), (3, 0, 3), (3, 5, 8)],
    ids=["no end", "the same end", "the same span"],
)
def test_a_new_link_takes_the_place_of_an_old_one(world, expires, later, new):
    """It has the same settings and label, and lets in as many; the old one lets in nobody any more."""
    until = None if expires is None else START + expires * DAY
    world.group(max_uses=7, language="de", expires_at=until, label_sealed=IDENTITY.seal("Ward 3"))
    world.clock.move(later * DAY)
    now = world.clock.now()
    made = change(world, invitation_changes.replace, 1, b"n" * 32, InvitationChange(now))
    assert made.expires_at == (None if new is None else START + new * DAY)
    assert (made.id, made.uses, made.max_uses, made.language, made.source) == (2, 0, 7, "de", "test")
    assert labels(world) == ["Ward 3", "Ward 3"]
    assert (state(world, 1), state(world, 2)) == (InvitationState.REVOKED, InvitationState.UNUSED)


async def test_labels_go_with_whom_they_name(world):
    """Who has everything deleted leaves no label; that of a group, which names nobody, stays."""
    ann = world.someone("ann")
    await ann.start(world.group(label_sealed=IDENTITY.seal("Ward 3")))
    await ann.start(world.token("hcp_commitment", label_sealed=IDENTITY.seal("Ann Example")))
    world.token(label_sealed=IDENTITY.seal("Bob"))
    for text in ("delete my data", "yes"):
        await ann.say(text)
    assert labels(world) == ["Ward 3", None, "Bob"]


@pytest.mark.parametrize("used", [1, 3, 4, 5])
async def test_labels_go_from_the_whole_chain_of_replacements(world, used):
    """Whichever link somebody came in by: the first, the one in its place, or either of two in the place of that."""
    label = {"label_sealed": IDENTITY.seal("Ann Example")}
    tokens, ann = {1: world.token(**label)}, world.someone("ann")
    world.token(label_sealed=IDENTITY.seal("Bob"))
    for before, number in ((1, 3), (3, 4), (3, 5)):
        if before == used and number != 5:
            await ann.start(tokens[used])
        tokens[number] = f"Replacing-{number:022}"
        change(world, invitation_changes.replace, before, IDENTITY.token_hash(tokens[number]), BY_ANN)
    await ann.start(tokens[used])
    assert labels(world) == ["Ann Example", "Bob", "Ann Example", "Ann Example", "Ann Example"]
    for text in ("delete my data", "yes"):
        await ann.say(text)
    assert labels(world) == [None, "Bob", None, None, None]


async def test_the_label_of_who_turned_out_to_be_another_goes(world):
    """Somebody came in again by another link, and joined whom they are: nothing would lead to its label later."""
    ann, again = world.someone("ann"), world.someone("again")
    await ann.start(world.token())
    await ann.say("1")
    await again.start(world.token(label_sealed=IDENTITY.seal("Ann Example")))
    code = (await ann.say("link"))[0].text.rpartition(": ")[2]
    await again.say(code)
    assert world.rows("SELECT count(*) FROM participant WHERE status = 'deleted'") == [(1,)]
    assert labels(world) == [None, None]


def test_labels_of_what_is_long_over_go(world):
    """Ninety days after a link that nobody used has expired or was revoked; before, and of others, they stay."""
    label = {"label_sealed": IDENTITY.seal("Ann")}
    world.token(**label, expires_at=START + DAY)
    world.token(**label)
    world.token(**label)
    change(world, invitation_changes.revoke, [2], BY_ANN)
    for days, left in ((90, 3), (1, 2), (1, 1), (900, 1)):
        world.clock.move(timedelta(days=days, seconds=0 if days > 1 else 1))
        now = world.clock.now()
        change(world, invitation_changes.forget_old_labels, now)
        assert len([one for one in labels(world) if one]) == left or days == 1
    assert labels(world)[2] == "Ann"
