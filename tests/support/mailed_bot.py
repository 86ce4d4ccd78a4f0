"""A whole bot with pages and mails, the server that takes them, and somebody who gives an e-mail address."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot.channels.request_limits import RequestLimits
from bot.conversations.new_conversation import NewConversation
from bot.settings.mail import EmailSettings
from flows.script.roles import Purpose
from storage.schema import CONSENT
from tests.support.mail_server import MailboxServer, mail_server, plain
from tests.support.web_bot import PATIENT, WebBot, settings_for, web_bot
from tests.support.web_browser import Browser, Page

ANA = "ana@example.org"
_LINK = re.compile(r"http://127\.0\.0\.1(/[a-z]/[A-Za-z0-9_-]+)")
_CODE = re.compile(r"\b\d{6}\b")


async def eventually(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(100):
        while not is_so():  # noqa: ASYNC110 - what it waits for is in other tasks
            await asyncio.sleep(0.02)


@asynccontextmanager
async def bot_with_mail(
    folder: Path, limits: RequestLimits = PATIENT, **email: Any
) -> AsyncIterator[tuple[WebBot, MailboxServer]]:
    """A bot with pages and mails, and the mail server that takes them."""
    async with mail_server() as box:
        known = {"host": "127.0.0.1", "port": box.port, "tls": "none", "sender": "talk@example.org", **email}
        settings = settings_for(folder).model_copy(update={"email": EmailSettings(**known)})
        async with web_bot(settings, limits) as bot:
            yield bot, box


def link_in(box: MailboxServer, kind: str) -> str:
    """The path of a link in the newest mail, such as `/m/...`."""
    return next(path for path in links_in(box.mails[-1]) if path.startswith(f"/{kind}/"))


def links_in(mail: EmailMessage) -> list[str]:
    """The paths of all links in a mail."""
    found: list[str] = _LINK.findall(plain(mail))
    return found


def agrees_to_be_asked_again(bot: WebBot) -> None:
    """The newest participant agrees to be contacted again, as an interview would have it."""

    def grant(connection: sa.Connection) -> None:
        person = connection.scalar(sa.text("SELECT max(id) FROM participant"))
        connection.execute(
            CONSENT.insert().values(
                participant_id=person,
                program_id=bot.program_id,
                purpose=Purpose.CONTACT_AGAIN,
                granted=True,
                shown_text="May we ask again?",
                language="en",
                decided_at=datetime.now(UTC),
                text_hash="of-it",
            )
        )

    bot.database.write_now(grant)


def begins(bot: WebBot, channel: str, flow: str = "patient_interview") -> None:
    """The bot begins a conversation of its own accord with the newest participant, at their address on a channel."""
    query = "SELECT id, participant_id FROM address WHERE channel = :channel ORDER BY id DESC LIMIT 1"
    [(address, person)] = bot.rows(query, channel=channel)
    new = NewConversation(
        participant_id=person,
        address_id=address,
        program_id=bot.program_id,
        activity_id=bot.activity_id,
        flow=flow,
    )
    bot.database.write_now(lambda c: bot.app.runtime.begin(c, new, now=datetime.now(UTC)))
    bot.app.delivery.wake()


async def gives_address(bot: WebBot, browser: Browser, mailbox: str = ANA) -> Page:
    """Begin in a browser, agree to be asked again, and give an e-mail address on the page."""
    before = bot.rows("SELECT count(*) FROM participant")
    await browser.open(f"/c/{bot.token()}")
    await browser.press("Begin")
    await eventually(lambda: bot.rows("SELECT count(*) FROM participant") != before)
    agrees_to_be_asked_again(bot)
    await browser.open("/address")
    form = next(form for form in browser.page.forms if form.named("words"))
    return await browser.post(form, ("words", mailbox))


async def confirms(bot: WebBot, box: MailboxServer, other: Browser) -> None:
    """Somebody who was sent the mail that confirms an address opens its link elsewhere, and presses its button."""
    await eventually(lambda: bool(box.mails))
    await other.open(link_in(box, "e"))
    await other.press("Confirm")


def begins_anew(bot: WebBot) -> None:
    """What goes on ends, and the bot begins another conversation at the newest e-mail address."""
    bot.database.write_now(lambda c: c.execute(sa.text("UPDATE conversation SET status = 'ended'")))
    begins(bot, "email")


async def is_mailed(bot: WebBot, box: MailboxServer, number: int) -> None:
    """So many mails have come, and the bot knows that the newest one has."""
    await eventually(lambda: len(box.mails) == number)
    await bot.until("SELECT count(*) FROM outbox WHERE status IN ('queued', 'sending')", 0)


async def is_asked_by_mail(bot: WebBot, box: MailboxServer, browser: Browser, other: Browser) -> None:
    """In a browser somebody gives an address, confirms it in another, and is sent a mail that a question waits."""
    await gives_address(bot, browser)
    await confirms(bot, box, other)
    begins_anew(bot)
    await is_mailed(bot, box, 2)


def code_in(box: MailboxServer) -> str:
    """The code in the newest mail."""
    found = _CODE.search(plain(box.mails[-1]))
    assert found is not None
    return found.group()


def name_of(mail: EmailMessage) -> str:
    """What names a mail in its Message-ID, before the domain."""
    return str(mail["Message-ID"]).strip("<>").partition("@")[0]
