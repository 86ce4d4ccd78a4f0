import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot.channels.email.bounces import BounceKind, MailBounce
from bot.channels.email.channel import EmailChannel
from storage.programs import programs
from tests.support import fresh
from tests.support.mail_server import MailboxServer, html, plain
from tests.support.mailed_bot import (
    ANA,
    agrees_to_be_asked_again,
    begins_anew,
    bot_with_mail,
    code_in,
    confirms,
    eventually,
    gives_address,
    is_asked_by_mail,
    is_mailed,
    link_in,
    links_in,
    name_of,
)
from tests.support.web_bot import WebBot
from tests.support.web_browser import Browser

ONE_CLICK: tuple[dict[str, Any], ...] = (
    {"data": {"List-Unsubscribe": "One-Click"}},
    {"files": {"List-Unsubscribe": (None, "One-Click")}},  # multipart/form-data, which RFC 8058 prefers
    {"data": {"List-Unsubscribe": "One-Click"}, "headers": {"origin": "https://mail.example"}},
    {"data": {"List-Unsubscribe": "One-Click"}, "headers": {"sec-fetch-site": "cross-site"}},
    {"data": {}, "headers": {"cookie": "said_device=somebody-elses"}},
)
"""How mail programs, and services of mail, post that mails are to end."""
ASKS = "we need your e-mail address"


async def test_an_address_is_given_confirmed_and_written_to(tmp_path: Path) -> None:
    """The page asks, a mail is confirmed by its POST alone, and what the bot begins then comes as a neutral mail whose
    link, opened in another browser, takes the answer and shows what is said to it; nothing more is mailed meanwhile."""
    async with bot_with_mail(tmp_path) as (bot, box), bot.browser() as browser, bot.browser() as other:
        page = await gives_address(bot, browser)
        assert "We are sending a mail" in page.text
        await eventually(lambda: len(box.mails) == 1)
        assert box.recipients == [ANA]
        confirm = link_in(box, "e")
        for _ in range(2):  # a scanner opens it first
            await other.open(confirm)
        assert bot.rows("SELECT count(*) FROM address WHERE channel = 'email'") == [(0,)]
        assert "confirmed" in (await other.press("Confirm")).text
        assert bot.rows("SELECT count(*) FROM address WHERE channel = 'email'") == [(1,)]
        assert "confirmed" in (await other.open(confirm)).text
        assert bot.rows("SELECT count(*) FROM address_request WHERE ended_at IS NULL") == [(0,)]

        begins_anew(bot)
        await is_mailed(bot, box, 2)
        text = plain(box.mails[-1])
        assert "question" in text
        assert "myeloma" not in text.lower()
        question = link_in(box, "m")
        first = await other.open(question)
        assert first.status == 200
        assert first.labels("tap")
        answered = await other.press(first.labels("tap")[0])
        assert answered.status == 200
        assert answered.text != first.text
        said = "SELECT count(*) FROM inbox JOIN address ON address.id = address_id WHERE address.channel = 'email'"
        assert bot.rows(said) == [(1,)]
        assert len(box.mails) == 2
        begun = await other.open("/talk")
        assert "said_device" not in dict(other.client.cookies)
        assert begun.labels("tap") == []


def another_program(bot: WebBot, *, mails_show_question: bool) -> WebBot:
    """The bot with another program of the same scripts as its own, which says what mails show; loaded (again)."""
    program, words = fresh.program()
    schedule = program.schedule.model_copy(update={"mails_show_question": mails_show_question})
    other = program.model_copy(update={"program": "other", "schedule": schedule})
    version = programs.program_hash(other, words)
    loaded = bot.database.write_now(lambda c: programs.load(c, other, version, datetime.now(UTC), words))
    return replace(bot, program_id=loaded.program_id)


async def test_each_program_says_whether_its_mails_show_the_question(tmp_path: Path) -> None:
    """On one bot the mails of one program hold its question, at the end, and those of another never do; a program that
    is loaded anew without it shows none from then on. Subject, sender and first words are the same in all."""
    async with bot_with_mail(tmp_path) as (bot, box), bot.browser() as browser, bot.browser() as other:
        mails = bot.app.channels["email"]
        assert isinstance(mails, EmailChannel)
        mails.config = replace(mails.config, together=timedelta(0))
        await is_asked_by_mail(bot, box, browser, other)
        says_so = another_program(bot, mails_show_question=True)
        begins_anew(says_so)
        await is_mailed(bot, box, 3)
        begins_anew(bot)
        await is_mailed(bot, box, 4)
        begins_anew(another_program(bot, mails_show_question=False))
        await is_mailed(bot, box, 5)
        asked = box.mails[1:]
        for body in (plain, html):
            assert ["myeloma" in body(mail).lower() for mail in asked] == [False, True, False, False]
        assert len({(mail["Subject"], mail["From"], plain(mail).partition("\n")[0]) for mail in asked}) == 1
        shown = plain(asked[1])
        assert shown.index("/u/") < shown.lower().index("myeloma")


async def test_what_is_asked_elsewhere_is_answered_on_the_page(tmp_path: Path) -> None:
    """A question that went by mail alone stands on the page of the same person's browser, too, which says so; tapped
    there it is answered, and the next one follows there. A mail's own page shows nothing that was asked elsewhere."""
    async with bot_with_mail(tmp_path) as (bot, box), bot.browser() as browser, bot.browser() as other:
        await is_asked_by_mail(bot, box, browser, other)
        link = link_in(box, "m")
        page = await browser.open("/talk")
        assert "I asked you this elsewhere, too." in page.text
        label = page.labels("tap")[0]
        assert page.labels("tap") == (await other.open(link)).labels("tap")
        assert "elsewhere" not in other.page.text
        answered = await browser.press(label)
        assert answered.status == 200
        assert "elsewhere" not in answered.text
        assert f"You: {label}" in answered.text
        assert answered.labels("tap") != page.labels("tap")
        assert (await other.open(link)).labels("tap") == []
        joined = "inbox JOIN address ON address.id = address_id"
        said = f"SELECT address.channel FROM {joined} ORDER BY inbox.id DESC LIMIT 1"
        assert bot.rows(said) == [("web",)]
        assert len(box.mails) == 2


async def test_not_now_is_remembered(tmp_path: Path) -> None:
    """The page asks for an address once all is said; "Not now" there is not asked again until the next consent, and
    who thinks better of it still finds the way."""
    async with bot_with_mail(tmp_path) as (bot, box), bot.browser() as browser:
        await browser.open(f"/c/{bot.token()}")
        await browser.press("Begin")
        await eventually(lambda: bot.rows("SELECT count(*) FROM participant") == [(1,)])
        assert ASKS not in (await browser.open("/talk")).text
        agrees_to_be_asked_again(bot)
        assert ASKS not in (await browser.open("/talk")).text  # a question is open
        bot.database.write_now(lambda c: c.execute(sa.text("UPDATE conversation SET status = 'ended'")))
        assert ASKS in (await browser.open("/talk")).text
        await browser.press("Not now")
        assert browser.page.response.url.path == "/talk"
        for _ in range(2):
            assert ASKS not in (await browser.open("/talk")).text
        assert "Your e-mail address" in browser.page.text
        agrees_to_be_asked_again(bot)
        web, desk = bot.app.channels["web"], bot.app.channels["web"].mail  # type: ignore[attr-defined]
        web.mail = None  # type: ignore[attr-defined]
        assert (
            ASKS in (await browser.open("/talk")).text
        )  # which is read with the page, and asked of nobody else
        web.mail = desk  # type: ignore[attr-defined]
        await browser.open("/address")
        await browser.press("Not now")
        assert ASKS not in browser.page.text
        await browser.open("/address")
        form = next(form for form in browser.page.forms if form.named("words"))
        assert "We are sending a mail" in (await browser.post(form, ("words", ANA))).text
        await eventually(lambda: box.recipients == [ANA])
        agrees_to_be_asked_again(bot)
        assert ASKS not in (await browser.open("/talk")).text  # it waits to be confirmed


async def test_a_link_that_was_passed_on_shows_and_ends_nothing(tmp_path: Path) -> None:
    """My data, deletion and another app need a code, which goes to the confirmed address; with it all is there."""
    async with bot_with_mail(tmp_path) as (bot, box), bot.browser() as browser, bot.browser() as other:
        await is_asked_by_mail(bot, box, browser, other)
        question = link_in(box, "m")
        for words in ("my data", "delete my data", "link", "my choices", "back", "pause", "restart"):
            await other.open(question)
            assert "need a code" in (await other.type(words)).text, words
        assert bot.rows("SELECT count(*) FROM answer") == [(0,)]
        assert {"Back", "Pause", "Stop for good", "Change", "Undo"}.isdisjoint(
            control.label for _form, control in other.page.controls()
        )
        assert bot.rows("SELECT count(*) FROM link_code") == [(0,)]
        assert bot.rows("SELECT count(*) FROM outbox WHERE kind = 'document'") == [(0,)]
        await other.open(f"{question}/code")
        await other.press("Send me a code")
        await eventually(lambda: len(box.mails) == 3)
        found = re.search(r"\b\d{6}\b", plain(box.mails[-1]))
        assert found is not None
        wrong = "000000" if found.group() != "000000" else "111111"
        form = next(form for form in other.page.forms if form.named("words"))
        assert "not the code" in (await other.post(form, ("words", wrong))).text
        form = next(form for form in other.page.forms if form.named("words"))
        await other.post(form, ("words", found.group()))
        assert other.page.response.url.path == "/talk"
        shown = re.compile(r'id="m-([mp]\d+)"')
        here = set(shown.findall((await browser.open("/talk")).response.text))
        assert here
        assert here <= set(shown.findall(other.page.response.text))
        data = await other.client.get("/my-data.txt")
        assert f"E-mail address: {ANA}" in data.text


async def test_one_click_ends_mails_and_the_page_offers_to_stop(tmp_path: Path) -> None:
    """A mail program's POST, without a cookie, ends mails; looking does not. The page then offers to stop all of it."""
    async with bot_with_mail(tmp_path) as (bot, box), bot.browser() as browser, bot.browser() as other:
        await is_asked_by_mail(bot, box, browser, other)
        ends = link_in(box, "u")
        await other.open(ends)
        status = "SELECT status, reason FROM address WHERE channel = 'email'"
        assert bot.rows(status) == [("active", None)]
        for told in ONE_CLICK:  # each ends them, with a cookie or without, and again
            bot.database.write_now(lambda c: c.execute(sa.text("UPDATE address SET status = 'active'")))
            async with bot.browser() as program:
                answer = await program.client.post(ends, follow_redirects=False, **told)
            assert answer.status_code == 200
            assert "set-cookie" not in answer.headers
            assert bot.rows(status) == [("blocked", "unsubscribed")]
        unknown = await other.client.post(f"/u/{'x' * 43}", follow_redirects=False, **ONE_CLICK[0])
        assert unknown.status_code == 410
        gone = await other.open(link_in(box, "m"))
        assert (gone.status, gone.labels("tap")) == (410, [])
        await other.open(ends)
        await stops_with_code(bot, box, other)


async def stops_with_code(bot: WebBot, box: MailboxServer, other: Browser) -> None:
    """On the page that says that mails were ended somebody stops all, by a code from the one mail that they ask for."""
    assert "Stop all of it" in other.page.text
    mails = len(box.mails)
    await other.press("Stop all of it")
    await eventually(lambda: len(box.mails) == mails + 1)
    assert bot.rows("SELECT status FROM participant") == [("active",)]
    found = re.search(r"\b\d{6}\b", plain(box.mails[-1]))
    assert found is not None
    form = next(form for form in other.page.forms if form.named("words"))
    for code in ("12345", found.group()):
        assert bot.rows("SELECT status FROM participant") == [("active",)]
        await other.post(form, ("words", code))
    assert "stopped" in other.page.text
    assert bot.rows("SELECT status FROM participant") == [("withdrawn",)]
    assert bot.rows("SELECT status, reason FROM address WHERE channel = 'email'") == [
        ("blocked", "unsubscribed")
    ]
    assert len(box.mails) == mails + 1
    await other.open("/talk")
    assert other.page.status == 200


async def test_a_stop_on_the_page_of_a_mail_ends_mails_alone(tmp_path: Path) -> None:
    """Whoever holds a mail ends mails by it at once, and no more: the person goes on in their browser. The page says
    that mails have ended, and to whoever reads the mailbox it offers to stop all of it."""
    async with bot_with_mail(tmp_path) as (bot, box), bot.browser() as browser, bot.browser() as other:
        await is_asked_by_mail(bot, box, browser, other)
        question = link_in(box, "m")
        await other.open(question)
        await other.press("No more mails")
        assert "no more mails to this address" in other.page.text
        status = "SELECT status, reason FROM address WHERE channel = 'email'"
        assert bot.rows(status) == [("blocked", "unsubscribed")]
        assert bot.rows("SELECT status FROM participant") == [("active",)]
        assert bot.rows("SELECT count(*) FROM conversation WHERE status = 'open'") == [(1,)]
        page = await browser.open("/talk")
        assert page.labels("tap")
        assert (await other.open(question)).status == 410
        assert other.page.labels("tap") == []
        await stops_with_code(bot, box, other)


async def test_no_other_site_posts_a_code(tmp_path: Path) -> None:
    """One click may come from anywhere; a form that makes a browser somebody's comes from our own page alone."""
    async with bot_with_mail(tmp_path) as (bot, box), bot.browser() as browser, bot.browser() as other:
        await is_asked_by_mail(bot, box, browser, other)
        path = f"{link_in(box, 'u')}/code"
        foreign = {"sec-fetch-site": "cross-site", "origin": "https://elsewhere.example"}
        assert (await other.client.post(path, data={"command": "stop"}, headers=foreign)).status_code == 403
        assert len(box.mails) == 2


async def test_an_address_that_the_server_refuses_is_given_up(tmp_path: Path) -> None:
    """Refused for good at once, as nobody's, it is written to no more, and coordinators hear of it as of a bounce."""
    async with bot_with_mail(tmp_path) as (bot, box), bot.browser() as browser, bot.browser() as team:
        await team.open(f"/c/{bot.team_token()}")
        await team.press("Begin")
        await gives_address(bot, browser)
        await confirms(bot, box, browser)
        box.on_rcpt = "550 5.1.1 nobody here"
        begins_anew(bot)
        await bot.until("SELECT status FROM address WHERE channel = 'email'", "unreachable")
        [(reason,)] = bot.rows("SELECT reason FROM address WHERE channel = 'email'")
        assert reason == "the mail server answered 550 5.1.1"
        await bot.until("SELECT count(*) FROM outbox WHERE status IN ('queued', 'sending')", 0)
        assert "it came back" in (await team.open("/talk")).text
        assert len(box.mails) == 1


async def test_nothing_of_a_link_or_an_address_is_logged(tmp_path: Path, capfd: Any) -> None:
    """Neither the tokens of mails, their names and codes, nor the address stand in what the bot says while all of this
    goes on: mails are opened, answered, let a browser in, come back and are ended. No token is stored as it is."""
    async with bot_with_mail(tmp_path) as (bot, box), bot.browser() as browser, bot.browser() as other:
        await is_asked_by_mail(bot, box, browser, other)
        secrets = [path[3:] for mail in box.mails for path in links_in(mail)]
        secrets += [name_of(mail) for mail in box.mails]
        assert {path[:3] for mail in box.mails for path in links_in(mail)} == {"/e/", "/m/", "/u/"}
        question, ends = link_in(box, "m"), link_in(box, "u")
        await other.open(question)
        await other.type("skip")
        await other.open(f"{question}/code")
        await other.press("Send me a code")
        await eventually(lambda: len(box.mails) == 3)
        secrets.append(name_of(box.mails[-1]))
        code = code_in(box)
        await other.send(f"{question}/code", [("words", "000000" if code != "000000" else "111111")])
        await other.send(f"{question}/code", [("words", code)])
        assert other.page.response.url.path == "/talk"
        desk = bot.app.channels["web"].mail  # type: ignore[attr-defined]
        assert await desk.came_back([MailBounce(secrets[-2], BounceKind.COMPLAINED)]) == 1
        assert "no more mails to this address" in (await other.open(ends)).text
        await other.client.post(ends, **ONE_CLICK[0])
        await other.open(question)
        for unknown in (f"/m/{'x' * 43}", f"/u/{'x' * 43}/code", f"/e/{'x' * 43}"):
            await other.open(unknown)
        stored = (tmp_path / "said.sqlite").read_bytes() + (tmp_path / "said.sqlite-wal").read_bytes()
    told = "".join(capfd.readouterr()) + "".join(bot.said)
    assert len(secrets) >= 6
    for secret in (*secrets, code, ANA, "x" * 43):
        assert secret not in told
    for secret in (*secrets, ANA):
        assert secret.encode() not in stored
