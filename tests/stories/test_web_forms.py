"""Forms as no page of ours posts them: to the bot as it runs, from a browser that has begun."""

import random
from urllib.parse import quote_from_bytes

from bot.channels.request_limits import RequestLimits, RequestRate
from bot.channels.web.device import COOKIE, csrf_of, new_secret
from bot.channels.web.port import FormField
from flows.script.model import Role
from tests.support.log_lines import logged_lines
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


async def _post(bot: WebBot, browser: Browser, chance: random.Random) -> None:
    """Post one form, and ask for one page; each has an answer that is no error of ours."""
    headers = {**SAME_SITE, "accept-language": chance.choice(WISHES)}
    path, body = chance.choice(PATHS), _form(chance, browser)
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
