"""A commitment comes back by e-mail: one clinician's story, from the page to the answer thirty days on."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import httpx
from starlette.applications import Starlette

from bot.channel_policy import ChannelPolicy
from bot.channels.base import Inbound
from bot.channels.email.channel import EmailChannel
from bot.channels.email.options import EmailConfig
from bot.channels.web.channel import WebChannel
from bot.channels.web.options import WebConfig
from bot.mail.desk import MailDesk, open_mail_desk
from bot.pages.conversation_pages import ConversationPages
from flows.script.model import Role
from tests.support.mail_server import MailboxServer, html, mail_server, plain
from tests.support.platforms.commitment import THIRTY_DAYS_ON
from tests.support.platforms.drivers import COMMITTED_AT
from tests.support.platforms.wired import LOCALIZATIONS, House, house
from tests.support.said import COMMITMENT
from tests.support.web_browser import Browser

URL, ANA = "http://127.0.0.1", "ana@example.org"
_LINK = re.compile(rf"{URL}(/[a-z]/[A-Za-z0-9_-]+)")


@asynccontextmanager
async def _house_with_mail(folder: Path) -> AsyncIterator[tuple[House, WebChannel, MailboxServer]]:
    """A house with pages and mails, whose clock is moved by hand; what is posted is answered at once."""
    async with mail_server() as box:
        web = WebChannel(WebConfig(public_url=URL))
        config = EmailConfig(
            host="127.0.0.1", port=box.port, tls="none", sender="talk@example.org", public_url=URL
        )
        homes: list[House] = []
        mails = EmailChannel(config, monotonic=lambda: homes[0].clock.now().timestamp() if homes else 0.0)
        async with house(folder, web, COMMITTED_AT, mails) as home:
            homes.append(home)
            web.pages = ConversationPages(
                home.database, home.runtime, home.clock, ChannelPolicy(), mails=True
            )
            make = partial(MailDesk, home.database, home.clock, LOCALIZATIONS, wakeups=home.runtime.wakeups)
            open_mail_desk({"web": web, "email": mails}, make)

            async def receive(inbounds: list[Inbound]) -> None:
                await home.runtime.receive(inbounds)
                await home.settle()

            running = asyncio.create_task(web.run(receive))
            await asyncio.sleep(0)
            yield home, web, box
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


@asynccontextmanager
async def _browser(web: WebChannel) -> AsyncIterator[Browser]:
    transport = httpx.ASGITransport(Starlette(routes=web.routes()))
    async with httpx.AsyncClient(transport=transport, base_url=URL, follow_redirects=True) as client:
        yield Browser(client)


def _link(box: MailboxServer, kind: str) -> str:
    """The path of a link in the newest mail."""
    return next(path for path in _LINK.findall(plain(box.mails[-1])) if path.startswith(f"/{kind}/"))


async def test_a_commitment_comes_back_by_mail(tmp_path: Path) -> None:
    """On the page they commit to something and give their address; after thirty days a mail says that a question waits,
    and no more; its link asks how it went, in another browser, and takes the answer."""
    async with _house_with_mail(tmp_path) as (home, web, box), _browser(web) as page, _browser(web) as other:
        await page.open(f"/c/{home.token('hcp_commitment', Role.HCP)}")
        await page.press("Begin")
        for line in COMMITMENT:
            await page.type(line)
        assert home.count("SELECT count(*) FROM commitment") == 1
        assert "we need your e-mail address" in page.page.text
        await page.open("/address")
        await page.post(next(form for form in page.page.forms if form.named("words")), ("words", ANA))
        desk = web.mail
        assert isinstance(desk, MailDesk)
        assert await desk.addresses.send_mails() == 1
        await other.open(_link(box, "e"))
        await other.press("Confirm")
        await home.pass_time(THIRTY_DAYS_ON)
        assert set(box.recipients) == {ANA}
        assert box.mails[-1]["Subject"] == "A question is waiting for you"
        mailed = len(box.mails)
        told = "".join(f"{mail['Subject']} {mail['From']} {plain(mail)} {html(mail)}" for mail in box.mails)
        for word in ("myeloma", "numbness", "commit", "doctor", "clinic", "patient", "programme"):
            assert word not in told.lower()
        shown = await other.open(_link(box, "m"))
        assert "Where is it now?" in shown.text
        answered = await other.press("Partly")
        assert "With how many" in answered.text
        assert home.rows("SELECT status FROM follow_up WHERE answered_at IS NOT NULL") != []
        assert len(box.mails) == mailed
        assert home.put_aside() == []
