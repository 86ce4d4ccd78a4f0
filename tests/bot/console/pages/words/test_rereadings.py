"""Words that were read with doubt, in the console: one after the other, set or left with one press, and audited."""

import json

import pytest

from flows.script.model import Role
from storage.schema import TeamRole
from storage.team.roles import GivenRole
from tests.support.console import console
from tests.support.console_attacks import Markup, another_program
from tests.support.turn_world import make_world

DOUBT = "maybe blue"


@pytest.fixture
async def team(tmp_path):
    world = make_world(tmp_path)
    async with console(world) as made:
        yield made
    world.database.close()


async def doubted(team, *lines: str, name: str = "ann") -> None:
    """A patient answers the question for a colour in words that do not name it."""
    person = team.world.someone(name)
    await person.start(team.world.token("small", role=Role.PATIENT))
    for line in lines or (DOUBT,):
        await person.say(line)


async def test_a_reading_is_put_right_by_one_press(team):
    """The words and how they were read are shown; what is set stands beside the answer, with who and when."""
    await doubted(team)
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    page = await browser.open("/team/rereading")
    for shown in (DOUBT, "Which colour?", "Understood as", "Blue", "which name no choice: 1."):
        assert shown in page.text, shown
    page = await browser.press("Green 3")
    assert "Kept beside the answer" in page.text
    assert "Nothing waits." in page.text
    assert team.world.rows("SELECT value FROM rereading") == [('"green"',)]
    assert team.world.rows("SELECT value, raw FROM answer") == [('"blue"', DOUBT)]
    page = await browser.open("/team/rereading?text=1")
    assert "Said by CORA" in page.text
    page = await browser.press("Leave it as it is")
    assert "Left as it was read" in page.text
    assert "left as it was read" in page.text
    assert team.world.rows("SELECT value FROM rereading") == [('"green"',), (None,)]
    told = [
        json.loads(one)
        for (one,) in team.world.rows("SELECT details FROM audit_event WHERE kind IN ('view', 'rereading')")
    ]
    assert [one.get("what") for one in told if one.get("by") == "CORA"] == [
        "uncertain",
        None,
        "uncertain",
        None,
    ]
    assert DOUBT not in str(told)


async def test_remarks_come_after_answers_and_later_puts_off(team):
    """Answers wait before remarks; one kind alone can be shown, and what is put off is passed over."""
    await doubted(team, "purple is what I like, honestly", "red")
    await doubted(team, name="bob")
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    page = await browser.open("/team/rereading")
    assert DOUBT in page.text
    number = page.response.text.split("later=")[1].split('"')[0]
    page = await browser.open(f"/team/rereading?later={number}")
    assert "purple is what I like" in page.text
    assert "The answer beside it" in page.text
    assert "purple is what I like" in (await browser.open("/team/rereading?kind=remark")).text
    page = await browser.open("/team/rereading?kind=nonsense&later=<b>")
    assert DOUBT in page.text


async def test_what_is_no_choice_or_was_not_shown_is_refused(team):
    """A choice that the question does not have, a text that the member has not seen, and nothing at all."""
    await doubted(team)
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    mark = dict(browser.page.forms[0].hidden())["mark"]
    for fields, status in (
        ({"text": "1", "choice": "green"}, 409),
        ({"text": "1"}, 400),
        ({"text": "x"}, 400),
        ({"text": "c1", "leave": "yes"}, 400),
        ({"text": "99", "leave": "yes"}, 404),
    ):
        answered = await browser.client.post("/team/rereading", data={"mark": mark, **fields})
        assert answered.status_code == status, fields
    await browser.open("/team/rereading")
    answered = await browser.client.post(
        "/team/rereading", data={"mark": mark, "text": "1", "choice": "<script>"}
    )
    assert answered.status_code == 409
    assert Markup(answered.text).found == []
    assert (await browser.open("/team/rereading?text=99")).status == 404
    assert team.world.rows("SELECT * FROM rereading") == []


async def test_only_coordinators_of_its_program_put_right(team):
    """Who reads for safety alone, or is of another program, does not get the page or its words."""
    await doubted(team)
    safety = await team.member("SAM", TeamRole.SAFETY)
    assert (await safety.open("/team/rereading")).status == 403
    another_program(team.world)
    other = await team.member("OTTO", GivenRole(TeamRole.COORDINATOR, "elsewhere"))
    for address in ("/team/rereading", "/team/rereading?text=1", "/team/rereading?program=myeloma"):
        page = await other.open(address)
        assert DOUBT not in page.text
    assert team.world.rows("SELECT count(*) FROM reading") == [(0,)]


async def test_two_at_one_text_see_each_other(team):
    """As in Reading: the second one is told before they press."""
    await doubted(team)
    anna = await team.member("ANNA", TeamRole.COORDINATOR)
    bert = await team.member("BERT", TeamRole.COORDINATOR)
    await anna.open("/team/rereading")
    assert "ANNA has this open, too, since" in (await bert.open("/team/rereading")).text
