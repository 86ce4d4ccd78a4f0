"""Quotations in the console: words that may be quoted are read, released and withdrawn, each with one press."""

import json
from datetime import timedelta

import pytest

from flows.script.model import Role
from flows.script.roles import Purpose
from storage.schema import CONSENT, TeamRole
from storage.team.roles import GivenRole
from tests.support.console import console
from tests.support.console_attacks import HOSTILE, Markup, another_program
from tests.support.turn_world import make_world

WORDS = "They explained it twice, and my daughter could ask her questions too."


@pytest.fixture
async def team(tmp_path):
    world = make_world(tmp_path)
    async with console(world) as made:
        yield made
    world.database.close()


async def permitted(team, words: str = WORDS, name: str = "ann", *, granted: bool = True) -> None:
    """A patient writes these words, and says yes to be quoted."""
    person = team.world.someone(name)
    await person.start(team.world.token("small", role=Role.PATIENT))
    await person.say("red")
    await person.say(words)
    decide(team, granted=granted)


def decide(team, *, granted: bool) -> None:
    """Whoever wrote last says whether they may be quoted."""
    world = team.world
    world.clock.move(timedelta(minutes=1))
    [(conversation, participant)] = world.rows(
        "SELECT id, participant_id FROM conversation ORDER BY id DESC LIMIT 1"
    )
    row = {
        "participant_id": participant, "program_id": world.program_id, "conversation_id": conversation,
        "purpose": Purpose.USE_WORDS, "granted": granted, "shown_text": "May we?", "text_hash": "0",
        "language": "en", "decided_at": world.clock.now(), "flow": "small",
    }  # fmt: skip
    world.database.write_now(lambda connection: connection.execute(CONSENT.insert().values(**row)))


async def test_words_are_released_and_withdrawn_by_one_press_each(team):
    """They are shown with their question, then stand among the released ones with who and when; all is audited."""
    await permitted(team)
    await permitted(team, "Nobody may see these words of mine.", "bob", granted=False)
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    page = await browser.open("/team/quotations")
    assert WORDS in page.text
    assert "Say something." in page.text
    assert "Nobody may see" not in page.text
    page = await browser.press("I have read it: release it")
    assert "Released: it may be shown" in page.text
    assert "Nothing waits to be released." in page.text
    assert team.world.rows("SELECT text, released_by FROM quotation") == [(WORDS, 1)]
    page = await browser.press("Withdraw quotation 1 again")
    assert "Withdrawn" in page.text
    assert team.world.rows("SELECT withdrawn_by, withdrawn_at IS NULL FROM quotation") == [(1, 0)]
    assert "release it" in page.text
    told = [
        json.loads(one) for (one,) in team.world.rows("SELECT details FROM audit_event WHERE kind = 'view'")
    ]
    shown = [one for one in told if one.get("what") == "quotations"]
    assert shown[0] | {"by": "CORA"} == shown[0]
    assert WORDS not in str(told)


async def test_a_passage_is_released_with_something_left_out(team):
    """Words may be left out, and nothing added; a text that is no passage is refused and changes nothing."""
    await permitted(team)
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    page = await browser.open("/team/quotations")
    form = next(form for form in page.forms if form.action.endswith("/release"))
    page = await browser.post(form, ("words", "They explained it once"), ("theme", ""))
    assert page.status == 409
    assert "no passage" in page.text
    page = await browser.post(
        form, ("words", "They explained it twice, […] her questions too."), ("theme", "")
    )
    assert page.status == 200
    assert team.world.rows("SELECT text FROM quotation") == [
        ("They explained it twice, […] her questions too.",)
    ]


async def test_who_takes_their_permission_back_is_not_quoted(team):
    """A released one is marked as not permitted, and words that waited wait no more."""
    await permitted(team)
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    await browser.open("/team/quotations")
    await browser.press("I have read it: release it")
    decide(team, granted=False)
    page = await browser.open("/team/quotations")
    assert "not permitted" in page.text
    await browser.press("Withdraw 1")
    page = await browser.open("/team/quotations")
    assert "Nothing waits to be released." in page.text


async def test_hostile_words_are_words_and_can_be_released_whole(team):
    """Markup and signs that turn the direction are shown as words; what is kept is what they wrote."""
    words = next(one for one in HOSTILE if "<" in one and len(one) < 2_000)
    await permitted(team, words)
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    page = await browser.open("/team/quotations")
    assert Markup(page.response.text).found == []
    form = next((form for form in page.forms if form.action.endswith("/release")), None)
    assert form is not None
    shown = next(one for one in form.controls if one.tag == "textarea")
    page = await browser.post(form, ("words", shown.label), ("theme", ""))
    assert Markup(page.response.text).found == []


async def test_another_program_sees_and_releases_nothing(team):
    """Nor does a role that hands nothing out."""
    await permitted(team)
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    await browser.open("/team/quotations")
    await browser.press("I have read it: release it")
    another_program(team.world)
    for roles in ((GivenRole(TeamRole.COORDINATOR, "elsewhere"),), (TeamRole.SAFETY,)):
        other = await team.member("OTTO", *roles)
        mark = dict(other.page.forms[0].hidden())["mark"]
        assert WORDS not in (await other.open("/team/quotations")).text
        for path, data in (
            ("release", {"source": "2", "words": WORDS}),
            ("1/withdraw", {}),
        ):
            answered = await other.client.post(f"/team/quotations/{path}", data={"mark": mark, **data})
            assert answered.status_code in (403, 404)
    assert team.world.rows("SELECT count(*) FROM quotation WHERE withdrawn_at IS NULL") == [(1,)]


async def test_more_than_a_page_is_gone_through_by_next(team):
    """The newest stands first; the next one is shown, with the rest below it."""
    for number in range(12):
        await permitted(team, f"Words that number {number} wrote about it.", f"p{number}")
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    page = await browser.open("/team/quotations")
    assert "There are more." in page.text
    assert "number 11 wrote" in page.text.split("Then these")[0]
    page = await browser.open("/team/quotations?skip=11")
    assert "number 0 wrote" in page.text
    assert "Nothing more waits." in (await browser.open("/team/quotations?skip=12")).text
