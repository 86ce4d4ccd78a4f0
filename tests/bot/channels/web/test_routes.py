"""What guards the pages: who may post what, how much and how often, and what every answer carries."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.channels.base import InboundKind
from bot.channels.page_guards import HEADERS
from bot.channels.request_limits import RequestLimits, RequestRate
from bot.channels.web.channel import WebChannel
from bot.channels.web.device import SECURE_COOKIE as COOKIE
from bot.channels.web.device import address_of, csrf_of, new_secret, secret_from
from bot.channels.web.forms import MOST_WORDS
from bot.channels.web.options import WebConfig
from bot.channels.web.routes import MAX_BODY
from bot.webhooks import routed
from flows.i18n.say import Sentence, say
from tests.support.log_lines import logged_lines
from tests.support.page_source import FakePages
from tests.support.web_browser import SAME_SITE, Browser, Page

LINK = "/c/Good-token"
OURS = "https://talk.example.org"


@asynccontextmanager
async def served(url: str = OURS, **changes: object) -> AsyncIterator[tuple[FakePages, Browser]]:
    """The pages on a source in memory, and a browser."""
    config = WebConfig(public_url=url, **{"answer_seconds": 0.2, **changes})
    channel, pages = WebChannel(config), FakePages()
    channel.pages = pages
    running = asyncio.create_task(channel.run(pages.receive))
    transport = httpx.ASGITransport(Starlette(routes=channel.routes()))
    async with httpx.AsyncClient(transport=transport, base_url=url, follow_redirects=True) as client:
        await asyncio.sleep(0)
        yield pages, Browser(client)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def begun(browser: Browser) -> Page:
    """Somebody who has begun."""
    page = await browser.open(LINK)
    form = next(form for form in page.forms if form.method == "post")
    return await browser.post(form)


def words_of(pages: FakePages) -> list[str]:
    """What was said, without what began."""
    return [one.text for one in pages.taken if one.kind is InboundKind.TEXT]


async def test_looking_at_a_link_begins_nothing():
    """A preview or a scanner of mail, which fetch it by GET or HEAD, leaves nothing and gets no cookie."""
    async with served() as (pages, browser):
        for agent in ("WhatsApp/2.23", "Slackbot-LinkExpanding 1.0", "Mozilla/5.0 (Outlook SafeLinks)"):
            for method in ("GET", "HEAD"):
                response = await browser.client.request(method, LINK, headers={"user-agent": agent})
                assert response.status_code == 200
                assert "set-cookie" not in response.headers
        assert pages.taken == []


async def test_the_button_begins_and_the_cookie_opens():
    """The post sets the cookie and leads to the conversation, which is this device's from then on."""
    async with served() as (pages, browser):
        page = await begun(browser)
        assert str(page.response.url).startswith(f"{OURS}/talk")
        [start] = pages.taken
        secret = browser.client.cookies[COOKIE]
        assert (start.kind, start.text, start.address) == (
            InboundKind.START,
            "Good-token",
            address_of(secret),
        )
        assert (await browser.open("/")).response.url.path == "/talk"


async def test_a_double_tap_begins_once():
    """The same form twice, the second time before its browser has the cookie, is one device and one start."""
    async with served() as (pages, browser):
        page = await browser.open(LINK)
        form = next(form for form in page.forms if form.method == "post")
        secrets = set()
        for _ in range(2):
            browser.client.cookies.clear()
            await browser.post(form)
            secrets.add(browser.client.cookies[COOKIE])
        assert len(pages.taken) == len(secrets) == 1


async def test_nobody_is_begun_under_a_name_that_others_know():
    """Where a browser does not tell which page posted, the form's key makes no device: it may be anybody's form."""
    async with served() as (pages, browser):
        key = new_secret()
        await browser.client.post(LINK, data={"key": key, "newest": "0"})
        assert pages.taken[0].address != address_of(secret_from(key))
        assert browser.client.cookies[COOKIE] != secret_from(key)


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null", "sec-fetch-site": "cross-site"},
    ],
)
async def test_no_other_page_can_post(headers):
    """A form of somebody else begins nothing, says nothing and forgets nothing, with the cookie too."""
    async with served() as (pages, browser):
        page = await begun(browser)
        fields = {"key": new_secret(), "newest": "0", "csrf": csrf_of(browser.client.cookies[COOKIE])}
        for path in (LINK, "/talk", "/forget"):
            response = await browser.client.post(path, data={**fields, "words": "stop"}, headers=headers)
            assert response.status_code == 403
        assert len(pages.taken) == 1
        assert page.status == 200


async def test_a_form_without_the_devices_mark_says_nothing():
    """Its words are shown again, to be sent once more; a form of another device has another mark."""
    async with served() as (pages, browser):
        await begun(browser)
        for mark in ("", "x", csrf_of(new_secret()), "ü"):
            fields = {"key": new_secret(), "newest": "5000", "words": "It hurts", "csrf": mark}
            response = await browser.client.post("/talk", data=fields, headers=SAME_SITE)
            assert response.status_code == 422
            assert "It hurts" in response.text
        assert words_of(pages) == []
        await browser.open("/talk")
        await browser.type("It hurts")
        assert words_of(pages) == ["It hurts"]


async def test_what_is_posted_again_is_said_once():
    """A reload posts nothing, since a post leads on; a second tap posts the same form, which counts once."""
    async with served() as (pages, browser):
        page = await begun(browser)
        form = next(form for form, one in page.controls() if one.name == "words")
        for _ in range(3):
            answered = await browser.post(form, ("words", "It hurts"))
            assert answered.response.request.method == "GET"
        assert words_of(pages) == ["It hurts"]


async def test_a_cookie_of_nobody_is_refused_and_cleared():
    """Forged, of somebody whose data was deleted, or from before: it opens nothing and says nothing, and goes."""
    async with served() as (pages, browser):
        await begun(browser)
        secret = browser.client.cookies[COOKIE]
        pages.known.clear()
        said = {"key": new_secret(), "newest": "0", "csrf": csrf_of(secret), "words": "hello"}
        for method, path in (("GET", "/talk"), ("POST", "/talk"), ("GET", "/my-data.txt"), ("GET", "/")):
            browser.client.cookies.clear()
            response = await browser.client.request(
                method,
                path,
                data=said if method == "POST" else None,
                headers={**SAME_SITE, "cookie": f"{COOKIE}={secret}"},
            )
            assert f'{COOKIE}=""' in response.headers["set-cookie"]
            assert "Max-Age=0" in response.headers["set-cookie"]
        assert len(pages.taken) == 1


async def test_a_device_is_forgotten_by_a_post_of_its_own_page():
    """The bot is told that nobody is reached there, the cookie goes; a post without the mark only asks."""
    async with served() as (pages, browser):
        await begun(browser)
        await browser.client.post("/forget", data={"key": new_secret()}, headers=SAME_SITE)
        assert [one.kind for one in pages.taken] == [InboundKind.START]
        page = await browser.open("/forget")
        form = next(form for form in page.forms if form.action == "/forget")
        await browser.post(form)
        assert [one.kind for one in pages.taken] == [InboundKind.START, InboundKind.BLOCKED]
        assert COOKIE not in browser.client.cookies


async def test_too_much_is_refused_before_it_is_read():
    """A body beyond the limit is not taken, whatever length it claims to have."""
    async with served() as (pages, browser):
        await begun(browser)

        async def endless() -> AsyncIterator[bytes]:
            for _ in range(MAX_BODY // 10_000 + 2):
                yield b"words=" + b"a" * 9_994

        response = await browser.client.post("/talk", content=endless(), headers=SAME_SITE)
        assert response.status_code == 413
        assert words_of(pages) == []


@pytest.mark.parametrize("letter", ["a", "ب", "न", "🙂"])
async def test_as_many_letters_are_taken_in_every_script(letter):
    """What may be typed in Latin letters may be in all others, of which a form makes up to twelve bytes each."""
    async with served() as (pages, browser):
        await begun(browser)
        await browser.open("/talk")
        assert (await browser.type(letter * MOST_WORDS)).status == 200
        assert words_of(pages) == [letter * MOST_WORDS]
        assert (await browser.type(letter * (MOST_WORDS + 1))).status == 422


@pytest.mark.parametrize("body", [b"\xff\xfe", b"words=%ff", b"a=1&" * 500, b"", b"{}"])
async def test_what_is_no_form_is_refused(body):
    """Nothing is said by it, and the page stands."""
    async with served() as (pages, browser):
        await begun(browser)
        assert (await browser.client.post("/talk", content=body, headers=SAME_SITE)).status_code == 422
        assert len(pages.taken) == 1


async def test_who_asks_too_often_waits():
    """A device, a range and a link have their limits, each with how long to wait; nothing of it is looked up."""
    few = RequestLimits(
        device=RequestRate(3, 10.0),
        range=RequestRate(1000, 1.0),
        link=RequestRate(3, 20.0),
        unknown=RequestRate(2, 30.0),
    )
    async with served(limits=few) as (pages, browser):
        await begun(browser)
        found = [(await browser.client.get("/talk")).status_code for _ in range(4)]
        assert found[-1] == 429
        browser.client.cookies.clear()
        answers = [await browser.client.get(LINK) for _ in range(3)]
        assert answers[-1].status_code == 429
        assert 0 < int(answers[-1].headers["retry-after"]) <= 20
        tried = [(await browser.client.get(f"/c/guess-{number:08}")).status_code for number in range(4)]
        assert tried == [404, 404, 429, 429]
        assert "guess-00000003" not in pages.looked_at
    async with served(limits=RequestLimits(range=RequestRate(2, 10.0))) as (_, browser):
        assert [(await browser.client.get("/")).status_code for _ in range(3)] == [200, 200, 429]


async def test_behind_a_proxy_the_client_is_counted():
    """Clients of one proxy are counted apart, by what the proxy says last."""
    few = RequestLimits(range=RequestRate(1, 10.0))
    async with served(limits=few, behind_proxy=True) as (_, browser):
        told = [f"9.9.9.9, 10.0.{number}.1" for number in (1, 2, 1)]
        found = [
            (await browser.client.get("/", headers={"x-forwarded-for": one})).status_code for one in told
        ]
        assert found == [200, 200, 429]


@pytest.mark.parametrize("url", [OURS, "http://127.0.0.1:8080"])
async def test_every_answer_carries_what_guards_it(url):
    """Pages, redirections, refusals and files: no frame, no referrer, no copy, no sniffing; https stays https."""
    async with served(url) as (pages, browser):
        await begun(browser)
        pages.error = RuntimeError("the disk is full")
        form = next(form for form, one in browser.page.controls() if one.name == "words")
        answers = [
            await browser.client.get(LINK, follow_redirects=False),
            await browser.client.get("/", follow_redirects=False),
            await browser.client.get("/c/unknown-token"),
            await browser.client.post("/talk", headers={"sec-fetch-site": "cross-site"}),
            await browser.client.get("/my-data.txt"),
            (await browser.post(form, ("words", "It hurts"))).response,
        ]
        assert [one.status_code for one in answers] == [200, 303, 404, 403, 200, 503]
        for answer in answers:
            assert answer.headers["content-security-policy"].startswith("default-src 'none'")
            assert answer.headers["referrer-policy"] == "no-referrer"
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert ("strict-transport-security" in answer.headers) is url.startswith("https")


async def test_what_could_not_be_stored_is_not_acknowledged():
    """Whoever posted is told, and the same form can be sent again; before the bot takes messages, too."""
    async with served() as (pages, browser):
        page = await begun(browser)
        form = next(form for form, one in page.controls() if one.name == "words")
        pages.error = RuntimeError("the disk is full")
        assert (await browser.post(form, ("words", "It hurts"))).status == 503
        assert words_of(pages) == []
        pages.error = None
        assert (await browser.post(form, ("words", "It hurts"))).status == 200
        assert words_of(pages) == ["It hurts"]


async def test_an_answer_that_is_late_leaves_the_page_waiting():
    """After the patience of a post the page comes all the same, with a button that asks for it again."""
    async with served() as (pages, browser):
        page = await begun(browser)
        pages.settled = False
        form = next(form for form, one in page.controls() if one.name == "words")
        answered = await browser.post(form, ("words", "It hurts"))
        assert answered.status == 200
        assert 'id="wait"' in answered.response.text
        assert 'name="look"' in answered.response.text
        assert say(Sentence.PAGE_WAITING, "en") in answered.text
        assert words_of(pages) == ["It hurts"]


async def test_nothing_of_a_link_or_a_cookie_is_logged():
    """Neither when all goes well, nor when it does not."""
    with logged_lines("debug") as lines:
        async with served() as (pages, browser):
            await begun(browser)
            secret = browser.client.cookies[COOKIE]
            pages.error = RuntimeError(f"no place for {secret} of Good-token")
            form = next(form for form, one in browser.page.controls() if one.name == "words")
            await browser.post(form, ("words", "It hurts"))
        text = "\n".join(map(str, lines()))
    assert "page_not_made" in text
    for private in (secret, "Good-token", address_of(secret), "It hurts"):
        assert private not in text


async def test_asking_for_the_page_again_says_nothing_and_keeps_what_was_typed():
    """Also once the answer is there; without the device's mark it is a form like any other."""
    async with served() as (pages, browser):
        await begun(browser)
        for settled in (False, True):
            pages.settled = settled
            page = await browser.open("/talk")
            form = next(form for form, one in page.controls() if one.name == "words")
            answered = await browser.post(form, ("words", "<b>half a"), ("look", "1"))
            assert answered.status == 200
            assert ">\n&lt;b&gt;half a</textarea>" in answered.response.text
        forged = [(name, value) for name, value in form.hidden() if name != "csrf"]
        answered = await browser.send("/talk", [*forged, ("words", "half a"), ("look", "1")])
        assert answered.status == 422
        assert ">\nhalf a</textarea>" in answered.response.text
        assert words_of(pages) == []


@asynccontextmanager
async def routed_pages(url: str = OURS, **changes: object) -> AsyncIterator[tuple[FakePages, Browser]]:
    """The pages beside a webhook, as the bot serves them."""
    channel, pages = WebChannel(WebConfig(public_url=url, **changes)), FakePages()
    channel.pages = pages
    running = asyncio.create_task(channel.run(pages.receive))
    hook = Route("/hook", lambda _: PlainTextResponse("ok"), methods=["POST"])
    transport = httpx.ASGITransport(routed([*channel.routes(), hook], channel.unknown))
    async with httpx.AsyncClient(transport=transport, base_url=url) as client:
        await asyncio.sleep(0)
        yield pages, Browser(client)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


UNKNOWN_PATHS = (
    "/nothing-here",
    "/%3Cscript%3Ealert(1)%3C/script%3E",
    "/c",
    "/c/a/b",
    "/..%2f..%2fetc/passwd",
    "/talk/x",
    "/m/",
    "//evil.example/",
    "/page/other.css",
    "/\u202etxt.exe",
)


@pytest.mark.parametrize("path", UNKNOWN_PATHS)
async def test_where_nothing_is_a_page_says_so(path):
    """What happened and what to do, in the reader's language, guarded as all pages; the path itself is not shown."""
    async with routed_pages() as (_, browser):
        page = Page(await browser.client.get(f"{OURS}{path}", headers={"accept-language": "de-AT,de;q=0.9"}))
        assert page.status == 404
        assert say(Sentence.PAGE_NOT_FOUND, "de") in page.text
        assert say(Sentence.INVITATION_NEEDED, "de") in page.text
        assert '<html lang="de"' in page.response.text
        assert_guarded(page.response)
        for told in ("script>", "evil", "passwd", "nothing-here", "starlette", "uvicorn", "Traceback"):
            assert told not in page.response.text
        german = {one.split("=")[1] for one in re.findall(r'href="(\?language=\w+)"', page.response.text)}
        assert german == {"en", "de"}


def assert_guarded(response: httpx.Response) -> None:
    """It has the headers of every page."""
    for name, value in HEADERS.items():
        assert response.headers[name] == value
    assert "strict-transport-security" in response.headers


@pytest.mark.parametrize(("method", "path"), [("PUT", "/talk"), ("DELETE", "/c/Good-token"), ("POST", "/")])
async def test_what_no_page_takes_is_answered_by_a_page(method, path):
    """With the status that says so and what would be taken; a webhook that is misused answers in plain text."""
    async with routed_pages() as (pages, browser):
        answer = await browser.client.request(method, path, headers=SAME_SITE)
        assert answer.status_code == 405
        assert "GET" in answer.headers["allow"]
        assert say(Sentence.PAGE_NOT_FOUND, "en") in Page(answer).text
        assert_guarded(answer)
        assert pages.taken == []
        for one in ("/hook", "/page/reached"):
            answer = await browser.client.request("PATCH", one)
            assert answer.status_code == 405
            assert answer.headers["content-type"].startswith("text/plain")


async def test_who_is_known_is_led_back_from_where_nothing_is():
    """In the language of their conversation, unless they choose another one; nothing tells them to get a link."""
    async with routed_pages() as (_, browser):
        page = await browser.open(LINK)
        await browser.post(next(form for form in page.forms if form.method == "post"))
        found = await browser.client.get("/nothing", headers={"accept-language": "de"})
        assert '<a class="main" href="/talk#end">' in found.text
        assert say(Sentence.PAGE_FORGET_NO, "en") in Page(found).text
        assert say(Sentence.INVITATION_NEEDED, "en") not in Page(found).text
        found = await browser.client.get("/nothing?language=de")
        assert say(Sentence.PAGE_FORGET_NO, "de") in Page(found).text


async def test_a_slash_too_many_leads_to_the_page():
    """By its path alone: behind a proxy the bot does not know by which scheme and name it was reached."""
    async with routed_pages() as (_, browser):
        for path in ("/c/Good-token", "/talk", "/forget"):
            answer = await browser.client.get(f"{path}/")
            assert (answer.status_code, answer.headers["location"]) == (303, path)
            assert_guarded(answer)
        assert (await browser.client.get(f"{OURS}//talk/")).status_code == 404
        assert (await browser.client.post("/talk/", headers=SAME_SITE)).status_code == 404


async def test_unknown_paths_are_counted_as_all_requests():
    """Whoever asks for too many waits, by a page; from another page nothing can be posted there either."""
    async with routed_pages(limits=RequestLimits(range=RequestRate(2, 10.0))) as (_, browser):
        told = [await browser.client.get(f"/guess-{number}") for number in range(3)]
        assert [one.status_code for one in told] == [404, 404, 429]
        assert int(told[-1].headers["retry-after"]) >= 1
        assert say(Sentence.PAGE_TOO_MANY, "en") in Page(told[-1]).text
    async with routed_pages() as (_, browser):
        answer = await browser.client.post("/nothing", headers={"sec-fetch-site": "cross-site"})
        assert answer.status_code == 403


async def test_before_the_bot_knows_its_pages_it_says_so_by_a_page():
    """In the first of the reader's languages that it speaks, and when to try again."""
    channel = WebChannel(WebConfig(public_url=OURS))
    transport = httpx.ASGITransport(routed(channel.routes(), channel.unknown))
    async with httpx.AsyncClient(transport=transport, base_url=OURS) as client:
        for wish, language in (("sv,fr-CA;q=0.9,en;q=0.8", "fr"), ("", "en"), ("xx", "en")):
            for path in ("/talk", "/nothing"):
                answer = await client.get(path, headers={"accept-language": wish})
                assert answer.status_code == 503
                assert say(Sentence.PAGE_OUR_ERROR, language) in Page(answer).text
                assert int(answer.headers["retry-after"]) > 0
                assert_guarded(answer)
