"""An invitation that comes by mail, from the list to the conversation or to its end: bot, mail server, browsers."""

import re
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from bot.channels.email.bounces import BounceKind, MailBounce
from bot.channels.email.channel import EmailChannel
from bot.channels.email.maildir import Mailbox
from bot.invitations.mailing import InvitationMailing, MailingOutcome, PlannedMail
from bot.invitations.roster import RosterLine
from bot.mail.token_keeper import TokenKeeper
from flows.script.roles import Role
from storage.database.journal import Journal, journal_path
from storage.people.invitations import NewInvitation
from storage.privacy import erasure
from storage.restore.team_replay import TeamReplay
from storage.schema import JournalKind
from tests.support.mail_server import MailboxServer, plain, report_about
from tests.support.mailed_bot import bot_with_mail, eventually, name_of
from tests.support.web_bot import WebBot

ANN, BEA = "ann@example.org", "bea@example.org"
_LINKS = re.compile(r"http://127\.0\.0\.1(/[cu]/[A-Za-z0-9_-]+)")
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def planned(
    bot: WebBot, *mailboxes: str, language: str = "en", flow: str = "patient_interview"
) -> list[PlannedMail]:
    """A list of people, one a mailbox."""
    return [
        PlannedMail(
            RosterLine(number, f"Person {number}", mailbox=mailbox),
            NewInvitation(
                program_id=bot.program_id,
                role=Role.PATIENT,
                flow=flow,
                source="test",
                activity_id=bot.activity_id,
                language=language,
                label_sealed=bot.database.identity.seal(f"Person {number}"),
            ),
            language,
        )
        for number, mailbox in enumerate(mailboxes, 2)
    ]


def mailing(bot: WebBot, *, again: bool = False) -> InvitationMailing:
    """What mails a list beside the bot, at no pace."""
    channel = bot.app.channels["email"]
    assert isinstance(channel, EmailChannel)
    known = TokenKeeper(bot.database, bot.app.clock)
    return InvitationMailing(known, channel, again)


async def mails(bot: WebBot, people: list[PlannedMail], *, again: bool = False) -> list[MailingOutcome]:
    """Mail a list; what became of each line."""
    return [one.outcome for one in await mailing(bot, again=again).run(people, lambda _: None)]


def links(box: MailboxServer, place: int = -1) -> tuple[str, str]:
    """The paths of an invitation, and of its end, in a mail."""
    begin, end = _LINKS.findall(plain(box.mails[place]))
    return begin, end


async def test_an_invitation_comes_by_mail_and_begins_by_its_button_alone(tmp_path: Path) -> None:
    """Scanners open the link as often as they like, and ask for its head: nothing begins, and it is not used up. The
    button begins; then the list says that they came in, and mails nobody, whatever it is asked."""
    async with bot_with_mail(tmp_path) as (bot, box), bot.browser() as scanner, bot.browser() as ann:
        assert await mails(bot, planned(bot, ANN)) == [MailingOutcome.MAILED]
        begin, end = links(box)
        for _ in range(3):
            assert (await scanner.open(begin)).status == 200
            assert (await scanner.open(end)).status == 200
            await scanner.client.head(begin)
        assert bot.rows("SELECT uses FROM invitation") == [(0,)]
        assert bot.rows("SELECT status FROM invitation_mail") == [("mailed",)]
        await ann.open(begin)
        await ann.press("Begin")
        await bot.until("SELECT count(*) FROM conversation", 1)
        assert await mails(bot, planned(bot, ANN)) == [MailingOutcome.USED]
        assert await mails(bot, planned(bot, ANN), again=True) == [MailingOutcome.USED]
        assert len(box.mails) == 1


async def test_somebody_who_takes_no_part_ends_mails_with_one_click(tmp_path: Path) -> None:
    """A mail program posts from its own page: that ends the invitation, and later lists pass the mailbox over, also one
    for another conversation; a keyed hash of it is all that is kept. No code is asked for, for nobody is there."""
    async with bot_with_mail(tmp_path) as (bot, box), bot.browser() as browser:
        assert await mails(bot, planned(bot, ANN, BEA)) == [MailingOutcome.MAILED] * 2
        begin, end = links(box, 0)
        done = await browser.client.post(end, data=ONE_CLICK, headers={"origin": "https://mail.example"})
        assert done.status_code == 200
        assert "We send no more mails to this address." in done.text
        assert "The invitation that came with that mail has ended" in done.text
        assert (await browser.open(begin)).status == 410
        for behind in ("/code", "/stop/code"):
            assert (await browser.open(f"{end}{behind}")).status in (404, 410)
        assert bot.rows("SELECT status FROM invitation_mail ORDER BY id") == [("ended",), ("mailed",)]
        ended, before = MailingOutcome.ENDED, MailingOutcome.BEFORE
        assert await mails(bot, planned(bot, ANN, BEA), again=True) == [ended, before]
        others = planned(bot, ANN, flow="patient_follow_up")
        assert await mails(bot, others) == [ended]
        kept = repr(bot.rows("SELECT * FROM mail_refusal") + bot.rows("SELECT * FROM invitation_mail"))
        assert "ann" not in kept
        assert len(box.mails) == 2


async def test_mails_are_ended_on_a_page_in_the_language_of_the_mail(tmp_path: Path) -> None:
    """The link at the end of the mail asks first; its page speaks as the mail does, until another is chosen."""
    async with bot_with_mail(tmp_path) as (bot, box), bot.browser() as browser:
        await mails(bot, planned(bot, ANN, language="de"))
        begin, end = links(box)
        page = await browser.open(end)
        assert "Sollen wir keine E-Mails mehr" in page.text or "keine E-Mails mehr" in page.text
        assert bot.rows("SELECT count(*) FROM mail_refusal") == [(0,)]
        assert "Auch die Einladung" in (await browser.press("Keine E-Mails mehr")).text
        assert "Auch die Einladung" in (await browser.open(end)).text
        assert "has ended, too" in (await browser.open(f"{end}?language=en")).text
        assert bot.rows("SELECT count(*) FROM mail_refusal") == [(1,)]
        assert (await browser.open(begin)).status == 410


@pytest.mark.parametrize(
    ("kind", "status", "outcome"),
    [
        ("delivery-status", "bounced", MailingOutcome.BOUNCED),
        ("feedback-report", "complained", MailingOutcome.ENDED),
    ],
)
async def test_invitations_that_come_back_are_counted_to_them(
    tmp_path: Path, kind: str, status: str, outcome: MailingOutcome
) -> None:
    """A report of a mail server is found in the folder, and counts for its invitation, once: a bounce may be mailed
    again where that is asked for, what was called unwanted never."""
    folder = tmp_path / "mails"
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir(parents=True)
    async with bot_with_mail(tmp_path, maildir=folder) as (bot, box):
        await mails(bot, planned(bot, ANN))
        (folder / "new" / "1").write_bytes(report_about(box.mails[0], kind))
        channel = bot.app.channels["email"]
        assert isinstance(channel, EmailChannel)
        await channel.look_at(Mailbox(folder))
        assert bot.rows("SELECT status FROM invitation_mail") == [(status,)]
        bounce = MailBounce(name_of(box.mails[0]), BounceKind.BOUNCED)
        assert await channel.came_back([bounce]) == 0
        assert await mails(bot, planned(bot, ANN)) == [outcome]
        again = MailingOutcome.MAILED if status == "bounced" else outcome
        assert await mails(bot, planned(bot, ANN), again=True) == [again]


async def test_a_mailto_ends_an_invitation(tmp_path: Path) -> None:
    """Without https a mail whose subject is the secret ends it, by the same port."""
    async with bot_with_mail(tmp_path, unsubscribe="stop@example.org") as (bot, box):
        await mails(bot, planned(bot, ANN))
        field = str(box.mails[0]["List-Unsubscribe"])
        secret = field.strip("<>").partition("?subject=")[2]
        channel = bot.app.channels["email"]
        assert isinstance(channel, EmailChannel)
        assert await channel.port.unsubscribe(secret)
        assert await mails(bot, planned(bot, ANN)) == [MailingOutcome.ENDED]


async def test_a_participant_who_ended_mails_is_sent_no_invitation(tmp_path: Path) -> None:
    """Their own address says so: the list passes it over, though no invitation was ever mailed there."""
    async with bot_with_mail(tmp_path) as (bot, box), bot.browser() as browser:
        await browser.open(f"/c/{bot.token()}")
        await browser.press("Begin")
        await bot.until("SELECT count(*) FROM participant", 1)
        identity = bot.database.identity
        values = {"lookup": identity.lookup(f"email:{ANN}"), "sealed": identity.seal(f"email:{ANN}")}
        bot.database.write_now(
            lambda c: c.execute(
                text(
                    "INSERT INTO address"
                    " (participant_id, channel, lookup, sealed, status, reason, next_seq, created_at)"
                    " VALUES (1, 'email', :lookup, :sealed, 'blocked', 'unsubscribed', 1, '2026-03-02 09:00:00')"
                ),
                values,
            )
        )
        assert await mails(bot, planned(bot, ANN)) == [MailingOutcome.ENDED]
        assert box.mails == []


async def test_whom_a_mail_went_to_goes_with_all_else_of_a_person(tmp_path: Path) -> None:
    """Whoever came in by a mailed invitation and has everything deleted leaves no hash of their mailbox."""
    async with bot_with_mail(tmp_path) as (bot, box), bot.browser() as ann:
        await mails(bot, planned(bot, ANN))
        await ann.open(links(box)[0])
        await ann.press("Begin")
        await bot.until("SELECT count(*) FROM conversation", 1)
        assert bot.rows("SELECT count(*) FROM invitation_mail WHERE mailbox_hash IS NOT NULL") == [(1,)]
        bot.database.write_now(lambda c: erasure.erase_again(c, 1, bot.app.clock.now()))
        assert bot.rows("SELECT count(*) FROM invitation_mail WHERE mailbox_hash IS NOT NULL") == [(0,)]


async def test_a_restored_backup_is_told_who_wants_no_mails(tmp_path: Path) -> None:
    """It stands in the journal by the invitation alone, and ends mails again in a database that does not know it."""
    async with bot_with_mail(tmp_path) as (bot, box), bot.browser() as browser:
        await mails(bot, planned(bot, ANN))
        await browser.client.post(links(box)[1], data=ONE_CLICK)
        await eventually(lambda: bot.rows("SELECT count(*) FROM mail_refusal") == [(1,)])
        journal = Journal.open(journal_path(tmp_path / "said.sqlite"), bot.database.identity)
        entries = journal.read().entries
        [entry] = [one for one in entries if one.kind is JournalKind.MAILS]
        assert (entry.who, bool(entry.what)) == ("", True)

        def forget(connection: Connection) -> bool:
            connection.execute(text("DELETE FROM mail_refusal"))
            connection.execute(text("UPDATE invitation_mail SET status = 'mailed', ended_at = NULL"))
            return TeamReplay(connection, journal).end_mails(entry)

        assert bot.database.write_now(forget)
        assert await mails(bot, planned(bot, ANN), again=True) == [MailingOutcome.ENDED]
