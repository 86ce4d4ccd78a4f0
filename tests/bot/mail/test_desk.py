import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.channels.base import HOUSE, ChannelDown, MessageRejected, OutcomeUnknown, SendError
from bot.channels.email.bounces import BounceKind, MailBounce
from bot.channels.email.mails import MailText
from bot.channels.email.options import EmailConfig
from bot.channels.presence import PagePresence
from bot.channels.web.mail_door import AddressOutcome, OpenedConfirmation
from bot.mail.desk import MailDesk
from flows.script.roles import Purpose
from storage.database.journal import Journal, journal_path
from storage.people import mail_addresses, mail_tokens
from storage.privacy import erasure
from storage.privacy.erasure import ErasureRequest
from storage.programs import programs
from storage.schema import ADDRESS, CONSENT, JournalKind
from tests.support.coordinators import enrolled
from tests.support.turn_world import IDENTITY, Someone, World, make_world

ANN, MAILBOX = "email:ann@example.org", "ann@example.org"


class Sender:
    """Keeps the mails that are sent, or fails as it is told to."""

    def __init__(self) -> None:
        self.config = EmailConfig(host="h", sender="talk@example.org", public_url="https://t.test")
        self.presence = PagePresence()
        self.sent: list[tuple[str, MailText]] = []
        self.error: SendError | None = None

    async def send_text(self, mailbox: str, text: MailText, name: str, /) -> None:
        """Keep a mail."""
        assert name
        if self.error is not None:
            raise self.error
        self.sent.append((mailbox, text))

    def token(self) -> str:
        """The token in the newest mail's link."""
        link = self.sent[-1][1].link
        assert link is not None
        return link[1].rpartition("/")[2]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = make_world(tmp_path)
    yield made
    made.database.close()


@pytest.fixture
def sender() -> Sender:
    return Sender()


@pytest.fixture
def desk(world: World, sender: Sender) -> MailDesk:
    tokens = count()
    return MailDesk(
        world.database,
        world.clock,
        world.runtime.localizations,
        sender,
        wakeups=world.runtime.wakeups,
        make_token=lambda: f"Token-{next(tokens):037}",
        make_code=lambda: "123456",
    )


async def _ann(world: World) -> Someone:
    ann = world.someone()
    await ann.start(world.token())
    return ann


async def _confirmed(world: World, desk: MailDesk, sender: Sender) -> Someone:
    ann = await _ann(world)
    assert await desk.addresses.give(ann.address, MAILBOX, "en") is AddressOutcome.TAKEN
    await desk.addresses.send_mails()
    assert await desk.addresses.confirm(sender.token())
    return ann


async def test_an_address_is_used_once_it_is_confirmed(world: World, desk: MailDesk, sender: Sender) -> None:
    """A mail goes to it, once; the link confirms it, and says so from then on; before that no mail is made for it."""
    ann = await _ann(world)
    assert await desk.addresses.give(ann.address, " Ann@Example.ORG ", "de") is AddressOutcome.TAKEN
    assert await desk.new_tokens(ANN) is None
    assert await desk.addresses.send_mails() == 1
    assert await desk.addresses.send_mails() == 0
    [(mailbox, text)] = sender.sent
    assert (mailbox, text.language) == (MAILBOX, "de")
    assert await desk.addresses.behind(sender.token()) == OpenedConfirmation("de", is_confirmed=False)
    for _ in range(2):
        confirmed = OpenedConfirmation("de", is_confirmed=True)
        assert await desk.addresses.confirm(sender.token()) == confirmed
        assert await desk.addresses.behind(sender.token()) == confirmed
    assert await desk.new_tokens(ANN) is not None
    assert world.rows("SELECT participant_id FROM address WHERE channel = 'email'") == [(1,)]


async def test_an_address_has_the_language_of_the_page(world: World, desk: MailDesk, sender: Sender) -> None:
    """What comes by mail is in the language of the browser in which the address was given, as far as nothing else was
    chosen; so it is in a browser that a code lets in. What an address says of itself stays."""
    ann = world.someone()
    await ann.start(world.token(), locale="de-AT")
    assert await desk.addresses.give(ann.address, MAILBOX, "de") is AddressOutcome.TAKEN
    await desk.addresses.send_mails()
    assert await desk.addresses.confirm(sender.token())
    assert await desk.codes.send(ANN, "de")
    assert await desk.codes.take(ANN, "123456", ["web:1"]) == "web:1"
    assert world.rows("SELECT DISTINCT locale FROM address") == [("de-AT",)]
    said = sa.update(ADDRESS).where(ADDRESS.c.channel == "web").values(locale="fr")
    world.database.write_now(lambda c: c.execute(said))
    assert await desk.codes.send(ANN, "de")
    assert await desk.codes.take(ANN, "123456", ["web:1"]) == "web:1"
    assert world.rows("SELECT locale FROM address WHERE channel = 'web'") == [("fr",)]


async def test_three_unconfirmed_days_delete_an_address(world: World, desk: MailDesk, sender: Sender) -> None:
    """After three days nothing of it is left, and its link is not good any more."""
    ann = await _ann(world)
    await desk.addresses.give(ann.address, MAILBOX, "en")
    await desk.addresses.send_mails()
    world.clock.move(timedelta(days=3, seconds=-1))
    await desk.addresses.forget_unconfirmed()
    assert await desk.addresses.behind(sender.token()) is not None
    world.clock.move(timedelta(seconds=1))
    assert await desk.addresses.behind(sender.token()) is None
    assert not await desk.addresses.confirm(sender.token())
    await desk.addresses.forget_unconfirmed()
    assert world.rows("SELECT count(*) FROM address_request") == [(0,)]


async def test_nobody_has_a_mailbox_filled(world: World, desk: MailDesk, sender: Sender) -> None:
    """Three mails a day go to one address, and for one participant; what is no address is told so."""
    ann = await _ann(world)
    assert await desk.addresses.give(ann.address, "no address", "en") is AddressOutcome.UNREADABLE
    outcomes = [await desk.addresses.give(ann.address, f"a{n}@example.org", "en") for n in range(4)]
    assert outcomes == [AddressOutcome.TAKEN] * 3 + [AddressOutcome.TOO_OFTEN]
    assert await desk.addresses.send_mails() == 1  # the newest alone
    assert sender.sent[0][0] == "a2@example.org"


async def test_the_address_of_somebody_else_is_not_told(world: World, desk: MailDesk, sender: Sender) -> None:
    """Whoever gives an address that another participant has hears what all hear. The mail that goes there confirms
    nothing: it says that the address is somebody's, and of them no more than that they take part."""
    await _confirmed(world, desk, sender)
    bob = world.someone("bob")
    await bob.start(world.token())
    for _ in range(2):
        assert await desk.addresses.give(bob.address, MAILBOX, "de") is AddressOutcome.TAKEN
    assert await desk.addresses.send_mails() == 1
    mailbox, text = sender.sent[-1]
    assert (mailbox, text.language, text.link) == (MAILBOX, "de", None)
    assert "eine andere Adresse" in text.text
    assert await desk.addresses.send_mails() == 0


@pytest.mark.parametrize("how", ["left", "ended mails"])
async def test_who_is_not_written_to_stands_in_nobody_s_way(
    world: World, desk: MailDesk, sender: Sender, how: str
) -> None:
    """The address of whoever left, or ended mails to it, may be another participant's from then on: nothing that was
    said to the first one there is the second one's, and the links of their mails are not good any more."""
    ann = await _confirmed(world, desk, sender)
    tokens = await desk.new_tokens(ANN)
    assert tokens is not None
    if how == "left":
        await ann.say("stop")
    else:
        await desk.unsubscribe(tokens.unsubscribe)
    bob = world.someone("bob")
    await bob.start(world.token())
    assert await desk.addresses.give(bob.address, MAILBOX, "en") is AddressOutcome.TAKEN
    await desk.addresses.send_mails()
    assert await desk.addresses.confirm(sender.token()) is not None
    lookup = IDENTITY.lookup(ANN)
    assert world.rows("SELECT participant_id, status FROM address WHERE lookup = :one", one=lookup) == [
        (2, "active")
    ]
    hers = "SELECT sealed, reason FROM address WHERE channel = 'email' AND participant_id = 1"
    assert world.rows(hers) == [(b"", "erased")]
    assert await desk.unsubscribes(tokens.unsubscribe) is None


@pytest.mark.parametrize(("error", "again"), [(ChannelDown("x"), 1), (MessageRejected("x"), 0)])
async def test_a_confirmation_is_tried_again(
    world: World, desk: MailDesk, sender: Sender, error: SendError, again: int
) -> None:
    """What may pass is tried again, with a new link; what is refused for good is not."""
    ann = await _ann(world)
    await desk.addresses.give(ann.address, MAILBOX, "en")
    sender.error = error
    assert await desk.addresses.send_mails() == 0
    sender.error = None
    assert await desk.addresses.send_mails() == again


async def test_a_link_ends_with_the_next_mail(world: World, desk: MailDesk, sender: Sender) -> None:
    """The link of a question is good for 30 days or until the next mail; that which ends mails stays good."""
    await _confirmed(world, desk, sender)
    first = await desk.new_tokens(ANN)
    assert first is not None
    opened = await desk.opened(first.question)
    assert opened is not None
    assert opened.address == ANN
    world.clock.move(timedelta(minutes=1))
    second = await desk.new_tokens(ANN)
    assert second is not None
    assert await desk.opened(first.question) is not None  # the second mail has not gone yet
    await desk.mailed(second)
    assert await desk.opened(first.question) is None
    assert await desk.unsubscribes(first.unsubscribe) is not None
    world.clock.move(timedelta(days=30, seconds=-1))
    assert await desk.opened(second.question) is not None
    world.clock.move(timedelta(seconds=1))
    assert await desk.opened(second.question) is None
    assert await desk.opened(second.unsubscribe) is None


async def test_the_program_of_a_conversation_says_what_a_mail_shows(world: World, desk: MailDesk) -> None:
    """As it was loaded last; a number that is no conversation's, such as that of the house's menus, has no program."""
    await _ann(world)
    [(conversation, program_id)] = world.rows("SELECT id, program_id FROM conversation")
    file = world.database.read_now(lambda c: programs.program_file(c, program_id))
    for says_so in (False, True, False):
        schedule = file.schedule.model_copy(update={"mails_show_question": says_so})
        changed = file.model_copy(update={"schedule": schedule})
        version, now = programs.program_hash(changed), world.clock.now()
        world.database.write_now(partial(programs.load, program=changed, source_hash=version, now=now))
        assert await desk.shows_question(conversation) is says_so
        assert not await desk.shows_question(HOUSE)
        assert not await desk.shows_question(conversation + 1)


async def test_a_mail_that_did_not_go_ends_no_link(world: World, desk: MailDesk, sender: Sender) -> None:
    """While the mail server takes nothing the last mail's link stays good, and no secrets pile up."""
    await _confirmed(world, desk, sender)
    first = await desk.new_tokens(ANN)
    assert first is not None
    await desk.mailed(first)
    kept = world.rows("SELECT count(*) FROM mail_token")
    lost = await desk.new_tokens(ANN)
    assert lost is not None
    await desk.not_mailed(lost)
    assert await desk.opened(lost.question) is None
    assert await desk.opened(first.question) is not None
    assert world.rows("SELECT count(*) FROM mail_token") == kept


async def test_a_confirmation_that_may_have_arrived_is_not_sent_again(
    world: World, desk: MailDesk, sender: Sender
) -> None:
    """A server that takes mails and answers too late has nobody's mailbox filled; the link that went is good."""
    ann = await _ann(world)
    await desk.addresses.give(ann.address, MAILBOX, "en")
    sender.error = OutcomeUnknown("no answer")
    await desk.addresses.send_mails()
    sender.error = None
    assert await desk.addresses.send_mails() == 0
    assert await desk.addresses.confirm("Token-" + "0" * 37)


@pytest.mark.parametrize("refused", [True, False])
async def test_another_address_can_be_given_where_nobody_is_reached_at_the_first(
    world: World, desk: MailDesk, sender: Sender, refused: bool
) -> None:
    """An address that the mail server refuses, or whose mails come back, does not stand in the way of the right one."""
    ann = await _ann(world)
    _agrees(world)
    await desk.addresses.give(ann.address, MAILBOX, "en")
    assert not _is_asked(world)
    sender.error = MessageRejected("no such user") if refused else None
    await desk.addresses.send_mails()
    if not refused:
        assert await desk.addresses.confirm(sender.token())
        tokens = await desk.new_tokens(ANN)
        assert tokens is not None
        assert not _is_asked(world)
        await desk.came_back([MailBounce(tokens.name, BounceKind.BOUNCED)])
    assert _is_asked(world)


def _is_asked(world: World) -> bool:
    return world.database.read_now(lambda c: mail_addresses.offer_of(c, 1)).is_asked


def _agrees(world: World) -> None:
    world.database.write_now(
        lambda c: c.execute(
            CONSENT.insert().values(
                participant_id=1,
                program_id=1,
                purpose=Purpose.CONTACT_AGAIN,
                granted=True,
                shown_text="May we ask again?",
                language="en",
                decided_at=world.clock.now(),
                text_hash="of-it",
            )
        )
    )


@pytest.mark.parametrize(
    ("kind", "becomes", "words"),
    [
        (BounceKind.BOUNCED, ("unreachable", "bounced"), "came back"),
        (BounceKind.COMPLAINED, ("blocked", "complained"), "unwanted"),
    ],
)
async def test_a_bounce_ends_contact_and_the_team_hears_of_it(
    world: World, desk: MailDesk, sender: Sender, kind: BounceKind, becomes: tuple[str, str], words: str
) -> None:
    """Only what names a mail of ours counts, once; coordinators hear the person's code, and no address."""
    cora = await enrolled(world)
    await _confirmed(world, desk, sender)
    tokens = await desk.new_tokens(ANN)
    assert tokens is not None
    forged = MailBounce("Somebody-elses-name-0123456789", kind)
    assert await desk.came_back([forged]) == 0
    world.clock.move(timedelta(days=59))
    ours = MailBounce(tokens.name, kind)
    assert await desk.came_back([ours, ours]) == 1
    status = "SELECT status, reason FROM address WHERE channel = 'email'"
    assert world.rows(status) == [becomes]
    [told] = cora.look()
    assert words in told.text
    [(code,)] = world.rows("SELECT code FROM participant")
    assert code in told.text
    assert "ann@" not in told.text


def _told_to_backups(world: World) -> list[JournalKind]:
    journal = Journal.open(journal_path(world.database.path), IDENTITY)
    return [one.kind for one in journal.read().entries[1:]]


@pytest.mark.parametrize(("kind", "told"), [(None, 1), (BounceKind.COMPLAINED, 1), (BounceKind.BOUNCED, 0)])
async def test_a_backup_will_know_who_wants_no_mails(
    world: World, desk: MailDesk, sender: Sender, kind: BounceKind | None, told: int
) -> None:
    """Who unsubscribed or complained stands in the journal, once; that nobody is reached is found out again."""
    await _confirmed(world, desk, sender)
    tokens = await desk.new_tokens(ANN)
    assert tokens is not None
    for _ in range(2):
        if kind is None:
            assert await desk.unsubscribe(tokens.unsubscribe)
        else:
            await desk.came_back([MailBounce(tokens.name, kind)])
    assert _told_to_backups(world) == [JournalKind.MAILS] * told


async def test_five_wrong_codes_end_a_code(world: World, desk: MailDesk, sender: Sender) -> None:
    """A code makes a browser one of theirs, once, within 15 minutes, and not after five wrong ones."""
    await _confirmed(world, desk, sender)
    assert await desk.codes.send(ANN, "en")
    for _ in range(5):
        assert await desk.codes.take(ANN, "000000", ["web:1"]) is None
    assert await desk.codes.take(ANN, "123456", ["web:1"]) is None
    assert await desk.codes.send(ANN, "en")  # the same six digits again, by chance
    assert await desk.codes.take(ANN, " 123456 ", ["web:1"]) == "web:1"
    assert await desk.codes.take(ANN, "123456", ["web:2"]) is None
    assert world.rows("SELECT participant_id FROM address WHERE channel = 'web'") == [(1,)]


async def test_mails_with_codes_may_cross(world: World, desk: MailDesk, sender: Sender) -> None:
    """The code that was sent first is as good as the one after it; wrong ones count against both, and whichever is
    used ends both. Posted twice it lets the same browser in twice, and no other."""
    await _confirmed(world, desk, sender)
    codes = iter(["111111", "222222", "333333", "444444"])
    desk = replace(desk, make_code=lambda: next(codes))
    assert not await desk.codes.waits(ANN)
    for _ in range(2):
        assert await desk.codes.send(ANN, "en")
    assert await desk.codes.waits(ANN)
    for _ in range(2):
        assert await desk.codes.take(ANN, "111111", ["web:1"]) == "web:1"
    assert not await desk.codes.waits(ANN)
    assert await desk.codes.take(ANN, "111111", ["web:2"]) is None
    assert await desk.codes.take(ANN, "222222", ["web:2"]) is None
    for _ in range(2):
        assert await desk.codes.send(ANN, "en")
    for _ in range(5):
        assert await desk.codes.take(ANN, "000000", ["web:2"]) is None
    for code in ("333333", "444444"):
        assert await desk.codes.take(ANN, code, ["web:2"]) is None


async def test_a_link_that_was_ours_is_told_from_a_guess(
    world: World, desk: MailDesk, sender: Sender
) -> None:
    """Good or not, and also when what is over has been deleted."""
    await _confirmed(world, desk, sender)
    assert await desk.is_ours(sender.token())
    first = await desk.new_tokens(ANN)
    second = await desk.new_tokens(ANN)
    assert first is not None
    assert second is not None
    await desk.mailed(second)
    assert await desk.opened(first.question) is None
    world.clock.move(timedelta(days=100))
    world.database.write_now(lambda c: mail_tokens.forget_over(c, world.clock.now()))
    assert await desk.is_ours(first.question)
    assert not await desk.is_ours("Token-" + "9" * 37)
    world.clock.move(timedelta(days=300))
    world.database.write_now(lambda c: mail_tokens.forget_over(c, world.clock.now()))
    assert world.rows("SELECT count(*) FROM mail_token") == [(0,)]


async def test_a_browser_of_somebody_else_stays_theirs(world: World, desk: MailDesk, sender: Sender) -> None:
    """On a browser that people share whoever has the code gets a device of their own; who had it keeps theirs."""
    await _confirmed(world, desk, sender)
    bob = world.someone("bob")
    await bob.start(world.token())
    assert await desk.codes.send(ANN, "en")
    assert await desk.codes.is_of_another(ANN, bob.address)
    assert not await desk.codes.is_of_another(ANN, "web:new")
    assert await desk.codes.take(ANN, "123456", [bob.address, "web:new"]) == "web:new"
    assert not await desk.codes.is_of_another(ANN, "web:new")
    assert world.rows("SELECT participant_id FROM address WHERE channel = 'web'") == [(1,)]


async def test_a_code_is_good_for_a_quarter_of_an_hour(world: World, desk: MailDesk, sender: Sender) -> None:
    """Not later; at most ten go to one address within a day, and the next day there are more."""
    await _confirmed(world, desk, sender)
    codes = iter(f"{number:06}" for number in range(20))
    desk = replace(desk, make_code=lambda: next(codes))
    assert await desk.codes.send(ANN, "en")
    world.clock.move(timedelta(minutes=15))
    assert await desk.codes.take(ANN, "000000", ["web:1"]) is None
    assert [await desk.codes.send(ANN, "en") for _ in range(10)] == [True] * 9 + [False]
    world.clock.move(timedelta(days=1))
    assert await desk.codes.send(ANN, "en")
    world.clock.move(timedelta(minutes=14))
    code = re.search(r"[0-9]{6}", sender.sent[-1][1].text)
    assert code is not None
    assert await desk.codes.take(ANN, code.group(), ["web:1"]) == "web:1"


async def test_a_code_may_come_twice(world: World, desk: MailDesk, sender: Sender) -> None:
    """One that was drawn before, and is over, is as good as any other."""
    await _confirmed(world, desk, sender)
    for device in ("web:1", "web:2"):
        assert await desk.codes.send(ANN, "en")
        assert await desk.codes.take(ANN, "123456", [device]) == device


async def test_deletion_takes_addresses_and_secrets_along(
    world: World, desk: MailDesk, sender: Sender
) -> None:
    """Nothing of an e-mail address, confirmed or not, and of the secrets in mails outlives a deletion."""
    ann = await _confirmed(world, desk, sender)
    tokens = await desk.new_tokens(ANN)
    assert tokens is not None
    await desk.addresses.give(ann.address, "other@example.org", "en")
    [(address,)] = world.rows("SELECT id FROM address WHERE channel = 'terminal'")
    asked = ErasureRequest(1, address, 1)
    world.database.write_now(lambda c: erasure.erase_participant(c, asked, world.clock.now()))
    assert world.rows("SELECT count(*) FROM address_request") == [(0,)]
    assert world.rows("SELECT count(*) FROM mail_token") == [(0,)]
    found = world.rows("SELECT count(*) FROM address WHERE lookup = :one", one=IDENTITY.lookup(ANN))
    assert found == [(0,)]
    assert await desk.opened(tokens.question) is None
