"""A clinician's commitment in Chromium comes back by mail after thirty days, and is answered on another device."""

import asyncio
import csv
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.clock import MovableClock
from bot.settings.mail import EmailSettings
from flows.i18n.say_in_mail import MailSentence, say_in_mail
from flows.script.model import Role
from storage.export.export import ExportDestination, export
from storage.export.options import ExportFormat
from storage.export.tables.table import ExportSelection
from tests.support.chromium import NEEDS_CHROMIUM, chromium, phone
from tests.support.chromium_steps import Thumb
from tests.support.mail_server import MailboxServer, html, mail_server, plain
from tests.support.platforms.commitment import THIRTY_DAYS_ON
from tests.support.platforms.drivers import COMMITTED_AT
from tests.support.script_replies import COMMITS, REPORTS, Reader
from tests.support.web_bot import PATIENCE, WebBot, free_port, settings_for, web_bot

pytestmark = [*NEEDS_CHROMIUM, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(1200)]

ANA = "ana@example.org"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Any]:
    """One Chromium for all."""
    async with chromium() as started:
        yield started


@asynccontextmanager
async def bot_with_mail(folder: Path) -> AsyncIterator[tuple[WebBot, MailboxServer]]:
    """A bot whose mails lead to its pages, on a clock that is moved by hand, and the server that takes its mails."""
    async with mail_server() as box:
        with free_port() as port:
            email = EmailSettings(host="127.0.0.1", port=box.port, tls="none", sender="talk@example.org")
            settings = settings_for(folder, port=port, public_url=f"http://127.0.0.1:{port}")
            settings = settings.model_copy(update={"email": email})
            clock = MovableClock(COMMITTED_AT, running=True)
            async with web_bot(settings, clock=clock) as bot:
                yield bot, box


async def link_in_mail(bot: WebBot, box: MailboxServer, number: int) -> str:
    """Wait for the mail of this number; the path of the first link in it."""
    async with asyncio.timeout(PATIENCE):
        while len(box.mails) < number:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.02)
    assert len(box.mails) == number
    found = re.search(rf"{re.escape(bot.url)}(/[a-z]/[A-Za-z0-9_-]+)", plain(box.mails[-1]))
    assert found is not None
    return found[1]


async def give_address(thumb: Thumb, bot: WebBot, box: MailboxServer) -> None:
    """Give an e-mail address on the page that asks for it, and confirm it by the link in the mail that comes."""
    page, language = thumb.page, thumb.reader.language
    await page.locator(".ask-address a.main").tap()
    await page.locator("#given").tap()
    await page.keyboard.type(ANA)
    await thumb.look_at("address")
    await page.locator("form.begin button.main").tap()
    await page.get_by_role("heading", name=say_in_mail(MailSentence.ASK_SENT, language)).wait_for()
    await thumb.phone.open(await link_in_mail(bot, box, 1))
    await thumb.look_at("confirm")
    await page.get_by_role("button", name=say_in_mail(MailSentence.CONFIRM, language)).tap()
    await page.get_by_role("heading", name=say_in_mail(MailSentence.CONFIRMED, language)).wait_for()
    assert bot.rows("SELECT count(*) FROM address WHERE channel = 'email' AND status = 'active'") == [(1,)]


@pytest.mark.parametrize(("language", "script"), [("en", True), ("de", False), ("ar", True), ("ar", False)])
async def test_a_commitment_comes_back_by_mail(
    browser: Any, tmp_path: Path, language: str, script: bool
) -> None:
    """A clinician commits by taps, gives their address and confirms it. After thirty days a mail comes; its link shows
    their words in a browser that knows nothing of them, takes what they tap there, and that is exported."""
    folder = tmp_path / "pictures" if script else None
    async with bot_with_mail(tmp_path) as (bot, box):
        async with phone(browser, bot.url, language=language, script=script) as held:
            thumb = Thumb(held, Reader("hcp_commitment", language), folder)
            token = bot.token(Role.HCP, "hcp_commitment", language=None)
            await thumb.begin(f"/c/{token}")
            await thumb.answer(COMMITS)
            await thumb.read()
            await give_address(thumb, bot, box)
            assert (held.elsewhere, held.complaints) == ([], [])
        await bot.pass_time(THIRTY_DAYS_ON)
        path = await link_in_mail(bot, box, 3)  # the second is a reminder of their own words, after two weeks
        async with phone(browser, bot.url, language=language, script=script) as other:
            reads = Thumb(other, Reader("hcp_follow_up", language), folder)
            await other.page.set_content(html(box.mails[-1]))
            await other.page.get_by_role("link", name=say_in_mail(MailSentence.OPEN, language)).tap()
            await reads.now.wait_for()
            assert (other.page.url, (await reads.read()).language) == (f"{bot.url}{path}", language)
            [(statement,)] = bot.rows("SELECT statement FROM commitment")
            assert statement in reads.shown[0].question
            await reads.answer(REPORTS)
            await reads.read()
            assert (other.elsewhere, other.complaints) == ([], [])
            assert await other.page.context.cookies() == []
        _is_kept(bot, reads)
        _is_exported(bot, tmp_path / "out", statement)
        assert len(box.mails) == 3
        assert {one["Content-Language"] for one in box.mails} == {language}
        assert set(box.recipients) == {ANA}


def _is_kept(bot: WebBot, reads: Thumb) -> None:
    """What was committed to and reported is kept by its codes, each once; nothing went wrong."""
    [committed] = bot.rows(
        "SELECT suggestion, start_on, level, confidence, foreseen_barriers FROM commitment"
    )
    assert committed == ("ask_neuropathy", f"{COMMITTED_AT:%Y-%m-%d}", 4, 3, '["time"]')
    rows = bot.rows(
        "SELECT question_key, value FROM answer JOIN conversation ON conversation.id = conversation_id"
        " WHERE flow = 'hcp_follow_up' ORDER BY answer.id"
    )
    kept = [(key, json.loads(value) if value else None) for key, value in rows]
    assert kept == [(one.slot, reads.reader.value(one)) for one in REPORTS]
    assert bot.rows("SELECT status FROM implementation") == [("partial",)]
    assert bot.rows("SELECT status FROM follow_up ORDER BY wave_days LIMIT 1") == [("answered",)]
    assert bot.rows("SELECT count(*) FROM inbox WHERE error IS NOT NULL OR handled_at IS NULL") == [(0,)]
    assert bot.rows("SELECT count(*) FROM timer WHERE reason LIKE 'failed%'") == [(0,)]


def _is_exported(bot: WebBot, out: Path, statement: str) -> None:
    """The commitment stands in the export with its report."""
    where = ExportDestination(out, ExportFormat.CSV)
    bot.database.read_now(lambda c: export(c, where, ExportSelection()))
    with (out / "commitments.csv").open(encoding="utf-8-sig", newline="") as file:
        first = next(csv.DictReader(file))
    assert (first["statement"], first["implementation"]) == (statement, "partial")
    assert (first["wave_days"], first["follow_up_status"]) == ("30", "answered")
