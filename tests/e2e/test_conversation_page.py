"""The pages of the web channel in a browser: by taps and keys, with and without the script, read aloud, in the dark."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs

import pytest

from bot.channels.page_guards import PAGE_POLICY
from bot.channels.web.port import (
    AnswerDraft,
    ConversationPage,
    FormMarks,
    FormProblem,
    MailPage,
    PageAuthor,
    PageMessage,
)
from bot.channels.web.rendering import assets, conversation_page, mail_page
from flows.engine.effects import PromptKind
from flows.heavy_packages import load
from flows.i18n.say import Sentence, say
from tests.support.chromium import DESKTOP, LAUNCH, NEEDS_CHROMIUM, PHONE
from tests.support.web_pages import MARKS, asking, every_page, idle, in_distress

SAME_FORM = ("notice-link_needed", "notice-our_error")
"""Notices are all made by one template: the one with a way on, and one without, stand for all of them."""
HOST = "https://talk.example"
NARROW = (320, 640)
SMALLEST_TARGET, SMALLEST_ANSWER = 24, 44
"""CSS pixels: WCAG 2.2, 2.5.8 (AA) for all, 2.5.5 (AAA) for what answers."""
pytestmark = [*NEEDS_CHROMIUM, pytest.mark.timeout(1200)]

TARGETS = """() => [...document.querySelectorAll("a, button, summary, input, textarea")]
  .filter((one) => one.checkVisibility() && one.type !== "hidden" && !one.closest("p, .said") && !one.matches(".skip"))
  .map((one) => {
    const box = (one.closest("label") || one).getBoundingClientRect();
    const answers = one.closest(".answers, .words, .begin") !== null;
    return [one.outerHTML.slice(0, 120), box.width, box.height, answers];
  })"""
"""What can be tapped, with its size, and whether it answers. Links within words are as large as those."""


@dataclass
class FakeHost:
    """A host that serves the pages it was given, and remembers what was asked and posted.

    With `mute` the script has nothing in it: as without scripts, in a browser in which axe can still run. `status` is
    that of all pages.
    """

    pages: dict[str, str]
    answer: Callable[[dict[str, list[str]]], str | None] | None = None
    asked: list[str] = field(default_factory=list)
    posted: list[dict[str, list[str]]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    mute: bool = False
    status: int = 200

    def serve(self, route: Any) -> None:
        """Answer one request as the channel does; a post with what `answer` gives, which fails for None."""
        request = route.request
        self.asked.append(request.url)
        path = request.url.removeprefix(HOST).partition("#")[0].partition("?")[0]
        if path in assets():
            is_muted = self.mute and path.endswith(".js")
            route.fulfill(
                body=b"" if is_muted else assets()[path].content, content_type=assets()[path].media_type
            )
            return
        body: str | None = self.pages.get(path)
        if request.method == "POST":
            self.posted.append(parse_qs(request.post_data or "", keep_blank_values=True))
            body = self.answer(self.posted[-1]) if self.answer is not None else body
        if body is None:
            route.abort()
            return
        headers = {"content-type": "text/html; charset=utf-8", "content-security-policy": PAGE_POLICY}
        route.fulfill(body=body, headers=headers, status=self.status)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium without a window, as root without its sandbox."""
    with load("playwright.sync_api").sync_playwright() as driver:
        started = driver.chromium.launch(**LAUNCH)
        yield started
        started.close()


@dataclass
class Visit:
    """Somebody's browser at the host."""

    browser: Any
    host: FakeHost
    size: tuple[int, int] = PHONE
    scheme: str = "light"
    script: bool = True

    def __enter__(self) -> Any:
        wide, high = self.size
        self.context = self.browser.new_context(
            viewport={"width": wide, "height": high},
            color_scheme=self.scheme,
            java_script_enabled=self.script,
            reduced_motion="reduce",
        )
        self.context.set_default_timeout(60_000)
        self.context.route("**/*", self.host.serve)
        page = self.context.new_page()
        page.on("console", lambda one: self.host.complaints.append(one.text))
        page.on("pageerror", lambda one: self.host.complaints.append(str(one)))
        page.on("dialog", lambda one: self.host.complaints.append(one.message))
        return page

    def __exit__(self, *_: object) -> None:
        self.context.close()


def host_of(page: ConversationPage, answer: ConversationPage | None = None) -> FakeHost:
    """A host with the page of a conversation, and the page with which it answers what is posted."""
    made = None if answer is None else conversation_page(answer, FormMarks(key="k2"))
    return FakeHost({"/talk": conversation_page(page, MARKS)}, None if made is None else lambda _: made)


def next_page(kind: PromptKind = PromptKind.TEXT, language: str = "en") -> ConversationPage:
    """The page after an answer was given to the third question: the answer, words of thanks, the next question."""
    page = asking(kind, language)
    assert page.open_question is not None
    said = (
        PageMessage(name="5", author=PageAuthor.BOT, text="The question as it was", language=language),
        PageMessage(name="6", author=PageAuthor.PERSON, text="A little"),
        PageMessage(name="7", author=PageAuthor.BOT, text="Noted, thank you.", language=language),
    )
    question = replace(page.open_question, number=8)
    return replace(page, messages=(*page.messages, *said), open_question=question, newest=8)


def pages_to_look_at(language: str) -> dict[str, str]:
    """The pages that differ in form, by their paths."""
    return {
        f"/{name}": text
        for name, text in every_page(language).items()
        if name in SAME_FORM or not name.startswith("notice-")
    }


@pytest.mark.parametrize("language", ["en", "de", "ar"])
@pytest.mark.parametrize(("script", "size", "scheme"), [(True, PHONE, "light"), (False, DESKTOP, "dark")])
def test_a_screen_reader_stumbles_over_nothing(
    browser: Any, language: str, script: bool, size: tuple[int, int], scheme: str
):
    """On every page axe finds nothing serious, with all unfolded; nothing is asked elsewhere, nothing complained of."""
    pages = pages_to_look_at(language)
    host = FakeHost(pages, mute=not script)
    axe = load("axe_playwright_python.sync_playwright").Axe()
    with Visit(browser, host, size, scheme) as page:
        for path in pages:
            page.goto(HOST + path)
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            serious = [
                (path, one["id"], one["nodes"][0]["html"][:200])
                for one in axe.run(page).response["violations"]
                if one["impact"] in {"serious", "critical"}
            ]
            assert serious == []
    assert all(url.startswith(f"{HOST}/") for url in host.asked)
    assert host.complaints == []


@pytest.mark.parametrize("language", ["de", "ar"])
@pytest.mark.parametrize("size", [PHONE, NARROW])
def test_a_small_screen_shows_all_of_its_width(browser: Any, language: str, size: tuple[int, int]):
    """Nothing sticks out at the side, also at 400 % zoom (320 pixels), and all can be tapped with a thumb."""
    pages = pages_to_look_at(language)
    with Visit(browser, FakeHost(pages), size) as page:
        for path in pages:
            page.goto(HOST + path)
            assert page.evaluate("document.documentElement.scrollWidth") == size[0], path
            for html, wide, high, answers in page.evaluate(TARGETS):
                smallest = SMALLEST_ANSWER if answers else SMALLEST_TARGET
                assert high >= smallest, (path, html)
                assert wide >= (smallest if size == PHONE else SMALLEST_TARGET), (path, html)


def test_larger_letters_and_wider_lines_hide_nothing(browser: Any):
    """With letters of twice the size and the spacing of WCAG 1.4.12 nothing sticks out and no button is cut."""
    host = host_of(asking(PromptKind.SELECT_MANY, "de"))
    with Visit(browser, host) as page:
        page.goto(f"{HOST}/talk")
        page.evaluate(
            """document.adoptedStyleSheets = [Object.assign(new CSSStyleSheet(), {})];
            document.adoptedStyleSheets[0].replaceSync(`html { font-size: 200% !important }
              * { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }`)"""
        )
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE[0]
        cut = page.evaluate(
            """[...document.querySelectorAll("button, .choice, summary")].filter((one) => one.checkVisibility()
              && (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1))
              .map((one) => one.outerHTML)"""
        )
        assert cut == []


def test_a_tap_is_answered_in_the_page(browser: Any):
    """With the script the page stays: what is new is added and read aloud, and the question has the focus."""
    host = host_of(asking(PromptKind.SELECT_ONE, "en"), next_page())
    with Visit(browser, host) as page:
        page.goto(f"{HOST}/talk")
        page.evaluate("window.stays = true")
        page.get_by_role("button", name="A little").click()
        page.get_by_text("Noted, thank you.").wait_for()
        assert page.evaluate("window.stays") is True
        log = page.get_by_role("log")
        assert log.get_attribute("aria-live") == "polite"
        assert log.get_by_text("Noted, thank you.").count() == 1
        assert log.get_by_text("Thank you for telling me.").count() == 1
        page.wait_for_function("document.activeElement.id === 'question'")
        assert 0 <= page.get_by_text("Noted, thank you.").bounding_box()["y"] < PHONE[1]
        assert page.locator("#end").count() == 1
        assert page.locator("input[value='k2-words']").count() >= 1
    assert [one["tap"] for one in host.posted] == [["1.3.1"]]
    assert host.posted[0]["key"] == ["k7Qm-words"]
    assert host.posted[0]["about"] == ["5"]
    assert host.complaints == []


def test_without_the_script_a_tap_says_the_same(browser: Any):
    """The form itself is posted, with the same fields, and the page that answers is a whole one."""
    posted = []
    for script in (True, False):
        host = host_of(asking(PromptKind.SELECT_MANY, "en"), next_page())
        with Visit(browser, host, script=script) as page:
            page.goto(f"{HOST}/talk")
            page.get_by_label("Quite a lot").check()
            page.get_by_role("button", name="Done").click()
            page.get_by_text("Noted, thank you.").wait_for()
        posted.append(host.posted)
    assert posted[0][0].pop("zone")
    assert posted[0] == posted[1]
    assert posted[0][0]["pick"] == ["1", "2"]
    assert posted[0][0]["done"] == ["1.3"]


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_the_keyboard_alone_suffices(browser: Any, language: str, script: bool):
    """The first stop leads to the question; a step is marked by arrows and sent; words are typed and sent."""
    host = host_of(asking(PromptKind.SCALE, language), next_page(language=language))
    with Visit(browser, host, DESKTOP, script=script) as page:
        page.goto(f"{HOST}/talk")
        press = page.keyboard.press
        press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        press("Enter")
        press("Tab")
        assert page.evaluate("document.activeElement.type") == "radio"
        press("Space")
        press("ArrowDown")
        press("ArrowDown")
        press("Tab")
        outline = page.evaluate("getComputedStyle(document.activeElement).outline")
        assert "solid" in outline
        press("Enter")
        page.get_by_text("Noted, thank you.").wait_for()
        assert host.posted[0]["step"] == ["1.3.2"]
        page.locator("#words").focus()
        page.keyboard.type("stop asking")
        press("Tab")
        press("Enter")
        page.wait_for_function("true")
    assert host.posted[-1]["words"] == ["stop asking"]
    assert host.complaints == []


def test_every_stop_of_the_keyboard_can_be_seen(browser: Any):
    """Whatever has the focus has an outline, and each stop comes in the order in which it is read."""
    host = host_of(asking(PromptKind.SELECT_MANY, "en"))
    with Visit(browser, host) as page:
        page.goto(f"{HOST}/talk")
        tops = []
        for _ in range(22):
            page.keyboard.press("Tab")
            found = page.evaluate(
                """() => {
                  const one = document.activeElement, shown = one.closest(".choice") || one;
                  const top = shown.getBoundingClientRect().top + scrollY;
                  return [one.tagName, getComputedStyle(shown).outlineStyle, top];
                }"""
            )
            if found[0] == "BODY":
                break
            assert found[1] != "none", found
            tops.append(found[2])
    assert len(tops) > 12
    assert tops[1:] == sorted(tops[1:])


def test_help_is_in_the_page_that_answers(browser: Any):
    """Words of distress are answered by help at the top of what is seen, with a number to call; script or not."""
    for script in (True, False):
        host = host_of(asking(PromptKind.TEXT, "en"), in_distress("en"))
        with Visit(browser, host, script=script) as page:
            page.goto(f"{HOST}/talk")
            page.locator("#words").fill("I can not go on")
            page.get_by_role("button", name="Send").click()
            call = page.get_by_role("link", name="112")
            call.wait_for()
            assert call.get_attribute("href") == "tel:112"
            if script:
                page.wait_for_function("document.activeElement.id === 'question'")
                box = call.bounding_box()
                assert 0 <= box["y"] < PHONE[1]


@pytest.mark.parametrize("script", [True, False])
def test_what_is_typed_while_the_answer_is_on_its_way_stays(browser: Any, script: bool):
    """The page asks for itself by a button, with what was typed so far; the keyboard reaches it before the field."""

    def answered(posted: dict[str, list[str]]) -> str:
        draft = AnswerDraft(words=posted["words"][0])
        return conversation_page(next_page(), FormMarks(key="k2", draft=draft))

    host = FakeHost({"/talk": conversation_page(idle("en", waiting=True), MARKS)}, answered)
    with Visit(browser, host, script=script) as page:
        page.goto(f"{HOST}/talk#end")
        page.locator("#words").fill("One more thing")
        page.locator("#question").focus()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.get_by_text("Noted, thank you.").wait_for()
        assert page.locator("#words").input_value() == "One more thing"
        assert [(one["look"], one["words"]) for one in host.posted] == [(["1"], ["One more thing"])]


@pytest.mark.parametrize("typed", ["", "One more thing"])
def test_what_was_not_taken_comes_with_the_answer_that_was_awaited(browser: Any, typed: str):
    """It stands in the field once the page shows the answer by itself, unless something else was typed meanwhile."""
    host = host_of(idle("en", waiting=True))
    with Visit(browser, host) as page:
        page.goto(f"{HOST}/talk")
        page.locator("#words").fill(typed)
        marks = FormMarks(key="k2", draft=AnswerDraft(words="thre"))
        host.pages["/talk"] = conversation_page(next_page(PromptKind.NUMBER), marks)
        page.get_by_text("Noted, thank you.").wait_for()
        assert page.locator("#words").input_value() == (typed or "thre")


@pytest.mark.parametrize("script", [True, False])
def test_ticks_that_were_too_many_stay(browser: Any, script: bool):
    """The page that says so has them ticked, and they are posted again as they are put right."""
    question = asking(PromptKind.SELECT_MANY, "en")
    assert question.open_question is not None
    draft = AnswerDraft(question="1.3", picks=frozenset({0, 1, 2, 3}))
    again = replace(question, open_question=replace(question.open_question, draft=draft))
    keys = ["k2", "k3"]
    pages = iter([conversation_page(again, FormMarks(key=key)) for key in keys])
    host = FakeHost({"/talk": conversation_page(question, MARKS)}, lambda _: next(pages))
    with Visit(browser, host, script=script) as page:
        page.goto(f"{HOST}/talk")
        for box in page.get_by_role("checkbox").all():
            box.check()
        for key in keys:
            page.get_by_role("button", name="Done").click()
            page.locator(f"input[value='{key}-words']").wait_for(state="attached")
            assert page.locator("input[name=pick]:checked").count() == 4
            page.get_by_role("checkbox").first.uncheck()
    assert [one["pick"] for one in host.posted] == [["0", "1", "2", "3"], ["1", "2", "3"]]


def test_ticks_that_were_not_sent_stay_when_a_message_comes(browser: Any):
    """The question is still the same: its ticks stay, and what is posted then was written below the new message."""
    question = asking(PromptKind.SELECT_MANY, "en")
    host = host_of(question, next_page())
    with Visit(browser, host) as page:
        page.goto(f"{HOST}/talk")
        page.get_by_role("checkbox").nth(1).check()
        page.locator("#words").fill("half a")
        news = PageMessage(name="m77", author=PageAuthor.BOT, text="A word from the team.")
        later = replace(question, messages=(*question.messages, news), newest=question.newest + 1000)
        host.pages["/talk"] = conversation_page(later, FormMarks(key="k2"))
        page.evaluate("document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))")
        page.get_by_text("A word from the team.").wait_for()
        assert page.locator("#words").input_value() == "half a"
        page.get_by_role("button", name="Done").click()
        page.get_by_text("Noted, thank you.").wait_for()
        assert [(one["pick"], one["newest"]) for one in host.posted] == [(["1"], [str(later.newest)])]


def test_words_that_were_not_sent_stay_when_a_choice_is_tapped(browser: Any):
    """They go along with the tap, and stand in the field below the next question, to be sent or deleted."""
    host = host_of(asking(PromptKind.SELECT_ONE, "en"), next_page())
    host.answer = lambda posted: conversation_page(
        next_page(), replace(MARKS, draft=AnswerDraft(words=posted["words"][0]))
    )
    with Visit(browser, host) as page:
        page.goto(f"{HOST}/talk")
        page.locator("#words").fill("It depends")
        page.locator(".answers button").first.click()
        page.get_by_text("Noted, thank you.").wait_for()
        assert page.locator("#words").input_value() == "It depends"
        assert (host.posted[0]["words"], "say" in host.posted[0]) == (["It depends"], False)


def test_words_that_did_not_go_through_are_still_there(browser: Any):
    """Without a connection the page says so, keeps what was typed, and sends the same form again."""
    answers = [None, conversation_page(next_page(), MARKS)]
    host = FakeHost(
        {"/talk": conversation_page(asking(PromptKind.TEXT, "en"), MARKS)}, lambda _: answers.pop(0)
    )
    with Visit(browser, host) as page:
        page.goto(f"{HOST}/talk")
        page.locator("#words").fill("A long story")
        page.get_by_role("button", name="Send").click()
        page.get_by_text("That did not go through.").wait_for()
        assert page.locator("#words").input_value() == "A long story"
        page.get_by_role("button", name="Send").click()
        page.get_by_text("Noted, thank you.").wait_for()
        assert page.locator("#words").input_value() == ""
    assert host.posted[0] == host.posted[1]


@pytest.mark.parametrize("status", [413, 429, 502, 503])
def test_an_answer_that_is_no_page_of_ours_takes_nothing_away(browser: Any, status: int):
    """While the bot restarts behind its proxy, or too much came, the page stays with what was typed; it can be sent."""
    asked, after = (
        conversation_page(asking(PromptKind.TEXT, "en"), MARKS),
        conversation_page(next_page(), MARKS),
    )
    host = FakeHost({"/talk": asked}, lambda _: after if host.status == 200 else "<h1>Bad Gateway</h1>")
    with Visit(browser, host) as page:
        page.goto(f"{HOST}/talk")
        page.locator("#words").fill("A long story")
        host.status, host.pages["/talk"] = status, "<h1>Bad Gateway</h1>"
        page.get_by_role("button", name="Send").click()
        page.get_by_text("That did not go through.").wait_for()
        with page.expect_response("**/talk"):
            page.evaluate("document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))")
        page.wait_for_timeout(200)
        assert page.locator("#words").input_value() == "A long story"
        host.status = 200
        page.get_by_role("button", name="Send").click()
        page.get_by_text("Noted, thank you.").wait_for()
    assert host.posted[0] == host.posted[1]


def test_a_link_that_ended_takes_no_words_away(browser: Any):
    """Whoever comes back to its page keeps what they typed; once they send it the page that says so shows it again."""
    over = MailPage(
        language="en", title="This link is not good any more.", words=("Here they are:", "A long story")
    )
    asked = conversation_page(asking(PromptKind.TEXT, "en"), MARKS)
    host = FakeHost({"/talk": asked}, lambda _: mail_page(over, MARKS))
    with Visit(browser, host) as page:
        page.goto(f"{HOST}/talk")
        page.locator("#words").fill("A long story")
        host.status, host.pages["/talk"] = 410, mail_page(replace(over, words=None), MARKS)
        with page.expect_response("**/talk"):
            page.evaluate("document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))")
        page.wait_for_timeout(200)
        assert page.locator("#words").input_value() == "A long story"
        page.get_by_role("button", name="Send").click()
        page.get_by_text("This link is not good any more.").wait_for()
        assert page.get_by_label("Here they are:").input_value() == "A long story"


def test_a_field_that_is_wrong_gets_the_focus(browser: Any):
    """The text that says what is wrong belongs to the field, which has the focus and what was typed."""
    marks = FormMarks(key="k2", problem=FormProblem.TOO_LONG, draft=AnswerDraft(words="far too long"))
    wrong = conversation_page(asking(PromptKind.TEXT, "en"), marks)
    for script in (True, False):
        host = FakeHost({"/talk": conversation_page(asking(PromptKind.TEXT, "en"), MARKS)}, lambda _: wrong)
        with Visit(browser, host, script=script) as page:
            page.goto(f"{HOST}/talk")
            page.locator("#words").fill("far too long")
            page.get_by_role("button", name="Send").click()
            page.get_by_role("alert").wait_for()
            assert page.evaluate("document.activeElement.id") == "words"
            assert page.locator("#words").input_value() == "far too long"


def test_a_page_that_waits_shows_the_answer_by_itself(browser: Any):
    """The answer comes without a tap, and what is typed meanwhile stays."""
    host = host_of(idle("en", waiting=True))
    with Visit(browser, host) as page:
        page.goto(f"{HOST}/talk")
        page.locator("#words").fill("and also")
        host.pages["/talk"] = conversation_page(next_page(), FormMarks(key="k2"))
        page.get_by_text("Noted, thank you.").wait_for()
        assert page.locator("#words").input_value() == "and also"
        assert page.evaluate("document.activeElement.id") == "words"
    assert host.complaints == []


def test_another_language_turns_the_whole_page(browser: Any):
    """Choosing Arabic opens the page anew, from right to left."""
    arabic = conversation_page(next_page(language="ar"), MARKS)
    host = FakeHost({"/talk": conversation_page(asking(PromptKind.TEXT, "en"), MARKS)}, lambda _: arabic)
    with Visit(browser, host) as page:
        page.goto(f"{HOST}/talk")
        page.locator("summary", has_text="English").click()
        host.pages["/talk"] = arabic
        page.get_by_role("button", name="العربية").click()
        page.wait_for_selector("html[dir=rtl]")
    assert host.posted[0]["language"] == ["ar"]


def test_what_is_no_conversation_takes_the_place_of_the_page(browser: Any):
    """Where the device is known no more, or too much came, the page that says so is shown as it is."""
    forgotten = every_page("en")["notice-forgotten"]
    host = FakeHost({"/talk": conversation_page(asking(PromptKind.TEXT, "en"), MARKS)}, lambda _: forgotten)
    with Visit(browser, host) as page:
        page.goto(f"{HOST}/talk")
        page.get_by_role("button", name="Skip").click()
        page.get_by_role("heading", name=say(Sentence.PAGE_FORGOTTEN, "en")).wait_for()
        assert page.locator("#history").count() == 0
    assert host.complaints == []


def test_stop_is_asked_once_more(browser: Any):
    """A slip of the thumb ends nothing: the control unfolds what it means, and a second button does it."""
    host = host_of(asking(PromptKind.TEXT, "en"), next_page())
    with Visit(browser, host, script=False) as page:
        page.goto(f"{HOST}/talk")
        page.locator("summary", has_text="Stop").click()
        assert host.posted == []
        page.get_by_role("button", name="Stop for good").click()
        page.get_by_text("Noted, thank you.").wait_for()
    assert host.posted[0]["command"] == ["Stop"]


def test_light_dark_and_paper(browser: Any):
    """The page follows what its reader prefers; on paper it is black on white, with who said what and no buttons."""
    colours = {}
    for scheme in ("light", "dark"):
        with Visit(browser, host_of(asking(PromptKind.SELECT_ONE, "en")), scheme=scheme) as page:
            page.goto(f"{HOST}/talk")
            colours[scheme] = page.evaluate("getComputedStyle(document.body).backgroundColor")
            page.emulate_media(media="print")
            assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
            assert not page.locator("#words").is_visible()
            assert page.get_by_text("You:").is_visible()
    assert colours["light"] != colours["dark"]


def test_nothing_moves_for_whoever_wants_none(browser: Any):
    """With reduced motion there is no animation and no transition."""
    with Visit(browser, host_of(idle("en", waiting=True))) as page:
        page.goto(f"{HOST}/talk")
        assert page.evaluate("document.getAnimations().length") == 0
