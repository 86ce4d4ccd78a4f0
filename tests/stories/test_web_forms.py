"""Forms as no page of ours posts them: to the bot as it runs, from a browser that has begun."""

import random
from collections.abc import Sequence
from urllib.parse import quote_from_bytes

from bot.channels.request_limits import RequestLimits, RequestRate
from bot.channels.web.device import COOKIE, address_of, csrf_of, new_secret
from bot.channels.web.mail_door import AddressOutcome
from bot.channels.web.port import FormField
from flows.script.model import Role
from tests.support.log_lines import logged_lines
from tests.support.mail_server import MailboxServer
from tests.support.mailed_bot import (
    begins_anew,
    bot_with_mail,
    confirms,
    eventually,
    gives_address,
    is_mailed,
    link_in,
    links_in,
)
from tests.support.web_bot import WebBot, settings_for, web_bot
from tests.support.web_browser import SAME_SITE, Browser
from tests.support.web_steps import begun, step

OFTEN = RequestRate(1_000_000, 0.000_001)
FORMS = 60
"""Of each flow."""
FIELDS = [*FormField, "x", ""]
VALUES = (
    *(b"", b"0", b"-1", b"99", b"9" * 18, b"9" * 40, "٣".encode(), "①".encode()),
    *(b"\xff\xfe", b"\x00a", b"\xed\xa0\x80", b"%", b"%zz", b"<script>alert(1)</script>", b"{{7*7}}"),
    *(b"1.1", b"1.1.0", b"0.0.0", b"1.0.ffff", b"ffffffffffffffff.0", b".".join([b"7fffffffffffffff"] * 3)),
    *(b"2024-02-30", b"0001-01-01", b"9999-12-31", b"20240101", b"2024-W01-1"),
    *(b"zz", b"en-ZZ-ZZ", b"aaa-bbbbbbbb-cccccccc"),
    *(b"skip", b"back", b"pause", b"language zz", "\u202e\u2066".encode(), b"a" * 50_000, b"k" * 96),
)
ZONES = (b"America", b"Europe/Berlin", b"/etc/passwd", b"../UTC", b"a" * 64, b"-", b"posix")
WISHES = ("en", "", "*", "de;q=nan,en;q=inf", "x" * 3_000, "en-;q=;q=1", ",,;q=;")
PATHS = (
    *["/talk"] * 9,
    "/c/x",
    "/c/%00%00%00%00%00%00%00%00",
    "/address",
    "/m/" + "a" * 40,
    "/u/" + "a" * 40,
)
MAIL_FORMS = 25
"""At each address that mails lead to."""
MAILBOXES = (
    b"ana@example.org",
    b"ana@localhost",
    b"@",
    b"a@b@c",
    b"a\r\nBcc: x@example.org",
    "ä@exämple.org".encode(),
)
CODES = (b"000000", b"12345", b"1234567", "١٢٣٤٥٦".encode(), b" 0 0 0 0 0 0 ", b"-00001")


def _form(chance: random.Random, browser: Browser) -> bytes:
    """The marks of a form, most of them, among fields that are missing, doubled, huge or of another kind."""
    secret = browser.client.cookies.get(COOKIE, "")
    marks = [("key", f"{new_secret()}-a"), ("newest", "9" * 15), ("csrf", csrf_of(secret))]
    fields = [(name, value.encode()) for name, value in marks if chance.random() < 0.85]
    fields += [(chance.choice(FIELDS), chance.choice(VALUES)) for _ in range(chance.randrange(5))]
    if chance.random() < 0.5:
        fields += [(FormField.WORDS, chance.choice(VALUES)), (FormField.ZONE, chance.choice(ZONES))]
    chance.shuffle(fields)
    is_raw = chance.random() < 0.05
    return b"&".join(
        name.encode() + b"=" + (value if is_raw else quote_from_bytes(value).encode())
        for name, value in fields * chance.choice([1] * 30 + [500])
    )


async def _post(bot: WebBot, browser: Browser, chance: random.Random, paths: Sequence[str] = PATHS) -> None:
    """Post one form, and ask for one page; each has an answer that is no error of ours."""
    headers = {**SAME_SITE, "accept-language": chance.choice(WISHES)}
    path, body = chance.choice(paths), _form(chance, browser)
    answer = await browser.client.post(path, content=body, headers=headers, follow_redirects=False)
    assert answer.status_code < 500, (path, body[:300])
    asked = chance.choice(("/talk?before=", "/talk?language=", "/?language=", "/forget?language="))
    asked += quote_from_bytes(chance.choice(VALUES)[:3_000])
    answer = await browser.client.get(asked, headers=headers, follow_redirects=False)
    assert answer.status_code < 500, asked
    if COOKIE not in browser.client.cookies:
        await begun(bot, browser)


async def test_no_form_is_too_strange_for_an_answer(tmp_path):
    """Fields that are missing, doubled, huge, of another kind or in no writing: a page comes, and no turn fails."""
    limits = RequestLimits(device=OFTEN, range=OFTEN, link=OFTEN, unknown=OFTEN)
    chance = random.Random(7)
    with logged_lines("warning") as lines:
        async with web_bot(settings_for(tmp_path), limits) as bot:
            for role, flow in ((Role.PATIENT, "patient_interview"), (Role.HCP, "hcp_commitment")):
                async with bot.browser() as browser:
                    page = await begun(bot, browser, bot.token(role, flow))
                    for place in range(FORMS):
                        await _post(bot, browser, chance)
                        if place % 10 == 0:
                            page = await browser.open("/talk")
                            page = await step(browser, page)
                            assert page.status == 200
            assert bot.rows("SELECT count(*) FROM inbox WHERE error IS NOT NULL OR handled_at IS NULL") == [
                (0,)
            ]
        assert [line["event"] for line in map(dict, lines()) if line["level"] == "error"] == []


async def test_no_form_of_a_mail_is_too_strange_for_an_answer(tmp_path):
    """At every address that mails lead to, with tokens that are good: a page comes, no turn fails, and whoever holds
    the mail has neither an answer changed nor a consent taken back, nor becomes somebody's browser."""
    limits = RequestLimits(device=OFTEN, range=OFTEN, link=OFTEN, unknown=OFTEN)
    chance = random.Random(8)
    with logged_lines("warning") as lines:
        async with (
            bot_with_mail(tmp_path, limits) as (bot, box),
            bot.browser() as browser,
            bot.browser() as other,
        ):
            await gives_address(bot, browser)
            await confirms(bot, box, other)
            begins_anew(bot)
            await is_mailed(bot, box, 2)
            question, ends = link_in(box, "m"), link_in(box, "u")
            await _confirms_another(bot, box, browser)
            confirm = next(path for path in links_in(box.mails[-1]) if path.startswith("/e/"))
            before = _kept(bot)
            for path in (f"{question}/code", f"{ends}/code", question, confirm, "/address", ends):
                assert (await other.open(path)).status == 200, path
                for _ in range(MAIL_FORMS):
                    await _post_mailed(browser if path == "/address" else other, path, chance)
            assert _kept(bot) == before
            assert dict(other.client.cookies) == {}
            for _ in range(MAIL_FORMS):
                await _post(bot, browser, chance, ["/forget", "/talk"])
            assert bot.rows("SELECT count(*) FROM inbox WHERE error IS NOT NULL OR handled_at IS NULL") == [
                (0,)
            ]
        assert [line["event"] for line in map(dict, lines()) if line["level"] == "error"] == []


async def _confirms_another(bot: WebBot, box: MailboxServer, browser: Browser) -> None:
    """A mail goes to another address, which waits to be confirmed."""
    mails = len(box.mails)
    desk = bot.app.channels["web"].mail
    address = address_of(browser.client.cookies.get(COOKIE, ""))
    assert await desk.addresses.give(address, "ana.two@example.org", "en") is AddressOutcome.TAKEN
    await eventually(lambda: len(box.mails) == mails + 1)


async def _post_mailed(browser: Browser, path: str, chance: random.Random) -> None:
    """Post one form to an address of a mail, with codes and mailboxes among its words; it has an answer."""
    headers = {**SAME_SITE, "accept-language": chance.choice(WISHES)}
    words = quote_from_bytes(chance.choice([*MAILBOXES, *CODES]))
    body = _form(chance, browser) + (f"&words={words}".encode() if chance.random() < 0.4 else b"")
    answer = await browser.client.post(path, content=body, headers=headers, follow_redirects=False)
    assert answer.status_code < 500, (path, body[:300])
    asked = f"{path}?language={quote_from_bytes(chance.choice(VALUES)[:3_000])}"
    answer = await browser.client.get(asked, headers=headers, follow_redirects=False)
    assert answer.status_code < 500, asked


def _kept(bot: WebBot) -> list[list[tuple[object, ...]]]:
    """What no strange form behind a mail changes."""
    asked = (
        "SELECT purpose, granted FROM consent ORDER BY id",
        "SELECT status FROM participant ORDER BY id",
        "SELECT id, participant_id FROM address WHERE channel = 'web' ORDER BY id",
        "SELECT slot FROM answer WHERE superseded_at IS NOT NULL",
    )
    return [bot.rows(query) for query in asked]
