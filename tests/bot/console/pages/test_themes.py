"""Themes in the console: two code blind to each other, what differs is settled, and only in one's own programme."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.console.jobs import JobKind
from flows.coding.codebook import Codebook, CodebookCode
from flows.script.model import Purpose, Role
from storage.coding import codebooks
from storage.people import coordinators
from storage.programs import programs
from storage.schema import CONSENT, TeamRole
from storage.team.roles import GivenRole
from tests.support.console import Console, console
from tests.support.told_jobs import ToldJobs
from tests.support.turn_world import make_world
from tests.support.web_browser import Browser, Page

HOSTILE = '<script>alert(1)</script> "quoted" \u202egnirts {{ 7*7 }}'
TOLD: dict[JobKind, Any] = {
    JobKind.PEOPLE_BY_CODE: {
        "codes": [{"code": "body", "label": "<b>Body</b>", "people": 7, "clinicians": 2, "excerpts": 11}],
        "progress": {"by_nobody": 1234, "by_one": 3, "by_two": 12, "open": 1},
    },
    JobKind.SATURATION: {
        "curve": [{"place": 1, "interview": 9, "new": ["body"], "known": 1}],
        "last_new": 1,
        "since": 0,
    },
}


@pytest.fixture
async def team(tmp_path) -> AsyncIterator[Console]:
    world = make_world(tmp_path)
    jobs = ToldJobs(world.database.path, world.clock, tells=TOLD)
    async with jobs.working(), console(world, jobs=jobs) as made:
        yield made
    world.database.close()


async def writes(team: Console, words: str, name: str = "ann") -> None:
    """A patient who takes part writes these words."""
    person = team.world.someone(name)
    await person.start(team.world.token("small", role=Role.PATIENT))
    await person.say("red")
    await person.say(words)
    [row] = team.world.rows("SELECT max(id), max(participant_id) FROM conversation")
    now = team.world.clock.now()
    agreed = {"shown_text": "May we?", "text_hash": "x", "language": "en", "decided_at": now, "granted": True}
    whose = {"conversation_id": row[0], "participant_id": row[1], "program_id": team.world.program_id}
    team.world.database.write_now(
        lambda c: c.execute(CONSENT.insert().values(**whose, **agreed, purpose=Purpose.TAKE_PART))
    )


def load_codebook(team: Console, by: str) -> str:
    """Load a codebook of three codes; return the short name of the program."""
    now, number = team.world.clock.now(), team.world.program_id
    slug = team.world.database.read_now(lambda c: programs.program_file(c, number)).program
    codes = (
        CodebookCode(code="body", label="Body", definition="What is felt <i>in</i> the body."),
        CodebookCode(code="feet", label="Feet", parent="body"),
        CodebookCode(code="worry", label="Worry", include=("afraid", "worr*"), exclude=("not afraid",)),
    )
    book = Codebook(codebook=slug, version="1", codes=codes)
    team.world.database.write_now(lambda c: codebooks.load(c, book, by=coordinators.by_code(c, by), now=now))
    return slug


async def gives(browser: Browser, *codes: str, button: str = "", **typed: str) -> Page:
    """Post the form of the page with these codes ticked."""
    [form] = [one for one in browser.page.forms if one.named("code")]
    pressed = [("none", "yes")] if button == "none" else []
    return await browser.post(form, *(("code", one) for one in codes), *pressed, *typed.items())


async def test_two_code_blind_and_a_third_settles(team):
    """Nobody sees the other's codes before both have coded; what differs is settled with a reason, once."""
    anna = await team.member("ANNA", TeamRole.COORDINATOR)
    bert = await team.member("BERT", TeamRole.COORDINATOR)
    load_codebook(team, "ANNA")
    await writes(team, "My feet were numb for weeks.")
    page = await anna.open("/team/themes/code")
    assert "My feet were numb for weeks." in page.text
    assert "What is felt <i>in</i> the body." in page.text
    shown = "SELECT count(*) FROM audit_event WHERE kind = 'view' AND details LIKE '%ANNA%words%'"
    assert team.world.rows(shown) == [(1,)]
    page = await gives(anna, "feet")
    assert "Your codes are kept." in page.text
    assert "Nothing waits for your codes." in page.text
    page = await bert.open("/team/themes/code")
    assert "checked" not in page.response.text
    assert "ANNA" not in page.text
    assert "Nothing is to be settled." in (await bert.open("/team/themes/settle")).text
    await bert.open("/team/themes/code")
    await gives(bert, "worry", "body")
    cleo = await team.member("CLEO", TeamRole.COORDINATOR)
    page = await cleo.open("/team/themes/settle")
    given = page.text.split("What each gave")[1]
    assert all(one in given for one in ("ANNA Feet", "BERT Body Worry", "cannot be undone"))
    assert "say why" in (await gives(cleo, "feet")).text
    page = await gives(cleo, "feet", "worry", reason="Both are told <u>there</u>.")
    assert "It is settled. That cannot be undone" in page.text
    assert "Nothing is to be settled." in page.text
    kept = team.world.rows("SELECT codes, reason FROM coding_settlement")
    assert kept == [('["feet", "worry"]', "Both are told <u>there</u>.")]
    page = await bert.open("/team/themes/code?excerpt=1")
    assert "cannot be changed any more" in page.text


async def test_two_may_code_the_same_words_at_once(team):
    """Whoever is the second to post keeps their codes, though the words were new to both pages."""
    anna = await team.member("ANNA", TeamRole.COORDINATOR)
    bert = await team.member("BERT", TeamRole.COORDINATOR)
    load_codebook(team, "ANNA")
    await writes(team, "My feet were numb for weeks.")
    for browser in (anna, bert):
        await browser.open("/team/themes/code")
    for browser, code in ((anna, "feet"), (bert, "worry")):
        assert "Your codes are kept." in (await gives(browser, code)).text
    assert team.world.rows("SELECT count(*), count(DISTINCT excerpt_id) FROM coded_excerpt") == [(2, 1)]


@pytest.mark.parametrize(("words", "suggested"), [("I was afraid.", True), ("I was not afraid.", False)])
async def test_a_code_is_suggested_and_not_ticked(team, words, suggested):
    """The codebook's own words say which code may fit, beside the box; the coder ticks it, or not."""
    anna = await team.member("ANNA", TeamRole.COORDINATOR)
    load_codebook(team, "ANNA")
    await writes(team, words)
    page = await anna.open("/team/themes/code")
    assert ("Suggested: the words have “afraid”." in page.text) is suggested
    assert "checked" not in page.response.text


async def test_codes_can_be_changed_until_the_other_has_coded(team):
    """The own ones are ticked then; afterwards the page says why not, and keeps what was given."""
    anna = await team.member("ANNA", TeamRole.COORDINATOR)
    load_codebook(team, "ANNA")
    await writes(team, "Numb and afraid.")
    await anna.open("/team/themes/code")
    assert "say that no code fits" in (await gives(anna)).text
    page = await gives(anna, "feet", button="none")
    assert page.status == 422
    assert 'value="feet" checked' in page.response.text
    assert team.world.rows("SELECT count(*) FROM coded_excerpt") == [(0,)]
    await gives(anna, "feet")
    page = await anna.open("/team/themes/code?excerpt=1")
    assert 'value="feet" checked' in page.response.text
    bert = await team.member("BERT", TeamRole.COORDINATOR)
    assert "checked" not in (await bert.open("/team/themes/code?excerpt=1")).response.text
    await gives(anna, button="none")
    assert team.world.rows("SELECT count(*) FROM coding") == [(0,)]
    await anna.open("/team/themes/code?excerpt=1")
    mine = anna.page
    await bert.open("/team/themes/code")
    await gives(bert, "worry")
    anna.page = mine
    page = await gives(anna, "body")
    assert page.status == 409
    assert "both coders see each other's by now" in page.text
    page = await bert.open("/team/themes/code")
    assert "Nothing waits" in page.text


async def test_words_are_shown_as_words(team):
    """Markup, templates and signs that turn the direction are shown, and do nothing."""
    anna = await team.member("ANNA", TeamRole.COORDINATOR)
    bert = await team.member("BERT", TeamRole.COORDINATOR)
    load_codebook(team, "ANNA")
    await writes(team, HOSTILE)
    for browser, code in ((anna, "body"), (bert, "feet")):
        await browser.open("/team/themes/code")
        hostile_is_shown(browser.page)
        await gives(browser, code)
    hostile_is_shown(await bert.open("/team/themes/settle"))


def hostile_is_shown(page: Page) -> None:
    body = page.response.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in body
    assert "<script>alert" not in body
    assert "{{ 7*7 }}" in body
    assert "\u202e" not in body


async def test_later_puts_an_excerpt_off(team):
    """Another comes instead; what is put off waits on."""
    anna = await team.member("ANNA", TeamRole.COORDINATOR)
    load_codebook(team, "ANNA")
    await writes(team, "First words of somebody.", "ann")
    await writes(team, "Other words of another.", "bob")
    page = await anna.open("/team/themes/code")
    assert "First words" in page.text
    later = page.response.text.split("&amp;later=")[1].split('"')[0]
    page = await anna.open(f"/team/themes/code?later={later}")
    assert "Other words" in page.text
    page = await gives(anna, "body")
    assert "was put off in this browser" in page.text
    assert "First words" in (await anna.open("/team/themes/code")).text


async def test_another_program_is_neither_shown_nor_coded(team):
    """Nor is an excerpt of one coded by the number of words of the other, or settled, whatever a form says."""
    anna = await team.member("ANNA", TeamRole.COORDINATOR)
    slug = load_codebook(team, "ANNA")
    await writes(team, "Only for those of this programme.")
    await anna.open("/team/themes/code")
    await gives(anna, "body")
    first = team.world.database.read_now(lambda c: programs.program_file(c, team.world.program_id))
    other = first.model_copy(update={"program": "other_program"})
    now = team.world.clock.now()
    team.world.database.write_now(lambda c: programs.load(c, other, "h", now))
    book = Codebook(codebook="other_program", version="1", codes=(CodebookCode(code="body", label="Body"),))
    team.world.database.write_now(
        lambda c: codebooks.load(c, book, by=coordinators.by_code(c, "ANNA"), now=now)
    )
    dora = await team.member("DORA", GivenRole(TeamRole.COORDINATOR, "other_program"))
    mark = dict(dora.page.forms[0].hidden())["mark"]
    for path in ("", "/code", "/settle", "/settled", "/code?excerpt=1"):
        page = await dora.open(f"/team/themes{path}")
        assert page.status == 200
        assert "Only for those" not in page.text
        assert (await dora.open(f"/team/themes{path.split('?')[0]}?program={slug}")).status == 404
    [[answer]] = team.world.rows("SELECT answer_id FROM excerpt")
    before = [
        team.world.rows(f"SELECT count(*) FROM {one}") for one in ("coded_excerpt", "coding_settlement")
    ]
    for program in (slug, "other_program", "none"):
        for number in ("1", "", "9"):
            form = {"mark": mark, "program": program, "of": str(answer), "excerpt": number, "code": "body"}
            assert (await dora.client.post("/team/themes/code", data=form)).status_code == 404
            form["reason"] = "I say so."
            answered = await dora.client.post("/team/themes/settle", data=form)
            assert answered.status_code == (409 if program == "other_program" else 404)
        form = {"mark": mark, "program": program}
        answered = await dora.client.post("/team/themes/count", data=form)
        assert answered.status_code == (200 if program == "other_program" else 404)
    after = [team.world.rows(f"SELECT count(*) FROM {one}") for one in ("coded_excerpt", "coding_settlement")]
    assert after == before
    form = {"mark": mark, "program": "other_program", "of": "x1", "code": "body"}
    assert (await dora.client.post("/team/themes/code", data=form)).status_code == 400


async def test_a_code_that_is_none_is_refused(team):
    """A form that was made by hand keeps nothing."""
    anna = await team.member("ANNA", TeamRole.COORDINATOR)
    load_codebook(team, "ANNA")
    await writes(team, "Numb.")
    await anna.open("/team/themes/code")
    page = await gives(anna, "<b>cost</b>")
    assert page.status == 409
    assert "the codebook has no code" in page.text
    assert "<b>cost</b>" not in page.response.text


async def test_what_was_counted_is_shown(team):
    """Progress, people by code and saturation as `said code` tells them; what fails says so, and stops nothing."""
    anna = await team.member("ANNA", TeamRole.COORDINATOR)
    assert "no codebook yet" in (await anna.open("/team/themes")).text
    assert "no codebook yet" in (await anna.open("/team/themes/code")).text
    slug = load_codebook(team, "ANNA")
    page = await anna.open("/team/themes")
    assert page.response.headers["refresh"] == "2"
    await team.jobs.settle()
    page = await anna.open("/team/themes")
    assert "refresh" not in page.response.headers
    assert all(one in page.text for one in ("1,234", "<b>Body</b>", "interview 1 of 1", "it went wrong"))
    assert "<b>Body" not in page.response.text
    told = {tuple(one[3:7]) for one in team.jobs.asked}
    kinds = ("people", "agreement", "saturation")
    assert told == {("code", kind, "--program", slug) for kind in kinds}
    await anna.press("Count anew")
    await team.jobs.settle()
    assert len(team.jobs.asked) == 6


async def test_a_theme_shows_its_sentences_and_what_was_settled(team):
    """Each with who coded it and when, to one who codes not before they have; settled places keep both opinions."""
    anna = await team.member("ANNA", TeamRole.COORDINATOR)
    bert = await team.member("BERT", TeamRole.COORDINATOR)
    slug = load_codebook(team, "ANNA")
    await writes(team, "My feet were numb for weeks; ring 020 7946 0958.")
    page = await anna.open("/team/themes/settled")
    assert "Nothing was settled yet, among 0 excerpts that two have coded." in page.text
    await anna.open("/team/themes/code")
    await gives(anna, "feet")
    theme = f"/team/themes/sentences?program={slug}&code="
    page = await anna.open(f"{theme}body")
    assert "1 sentence." in page.text
    assert "My feet were numb for weeks" in page.text
    assert "020 7946" not in page.text
    assert "waits for the second coder; not counted yet" in page.text
    assert "numb for weeks" not in (await bert.open(f"{theme}feet")).text
    await bert.open("/team/themes/code")
    await gives(bert, "worry")
    page = await bert.open(f"{theme}worry")
    assert "BERT Worry Mon, 2 Mar 2026" in page.text
    assert "ANNA Feet Mon, 2 Mar 2026" in page.text
    assert "to be settled" in page.text
    await bert.open("/team/themes/settle")
    await gives(bert, "feet", reason="It is <u>the feet</u>.")
    page = await anna.open("/team/themes/settled")
    assert all(
        words in page.text
        for words in ("ANNA Feet", "BERT Worry", "Settled by BERT Feet", "1 of those settled")
    )
    assert "It is &lt;u&gt;the feet&lt;/u&gt;." in page.response.text
    assert (await anna.open(f"{theme}nothing")).status == 404
    [(shown,)] = team.world.rows(
        "SELECT count(*) FROM audit_event WHERE kind = 'view' AND details LIKE '%ANNA%' AND details LIKE '%settled%'"
    )
    assert shown == 1
