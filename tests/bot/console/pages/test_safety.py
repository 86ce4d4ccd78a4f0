"""Safety cases in the console: the queue, a case with its words, its steps, and two people at one case."""

import pytest

from flows.script.model import Role
from storage.schema import TeamRole
from tests.support.console import console
from tests.support.turn_world import make_world


@pytest.fixture
async def team(tmp_path):
    world = make_world(tmp_path)
    async with console(world) as made:
        yield made
    world.database.close()


async def with_case(team) -> None:
    """Somebody writes what a coordinator opens a case for."""
    person = team.world.someone("ann")
    await person.start(team.world.token("small", role=Role.PATIENT))
    await person.say("red")
    await person.say("It went on for a while, and then it was over.")
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    await browser.open("/team/reading")
    await browser.press("Case: adverse event")


async def test_two_people_say_that_a_case_is_no_event(team):
    """The first word is kept and shown; only the second one, of somebody else, settles the case."""
    await with_case(team)
    first = await team.member("ANN", TeamRole.SAFETY)
    page = await first.open("/team/safety/1")
    assert "It went on for a while" in page.text
    form = next(form for form in page.forms if ("step", "not_event") in form.hidden())
    page = await first.post(form, ("reason", "no medicine in it"))
    assert "a second person is wanted" in page.text
    again = next(form for form in page.forms if ("step", "not_event") in form.hidden())
    await first.post(again, ("reason", "still none"))
    assert team.world.rows("SELECT status FROM safety_case") == [("reviewing",)]
    second = await team.member("BOB", TeamRole.SAFETY)
    page = await second.open("/team/safety/1")
    form = next(form for form in page.forms if ("step", "not_event") in form.hidden())
    await second.post(form, ("reason", "I agree"))
    assert team.world.rows("SELECT status FROM safety_case") == [("not_an_event",)]


async def test_who_acts_on_an_old_page_changes_nothing(team):
    """Two people see each other: the second press is refused, and names who changed the case."""
    await with_case(team)
    ann, bob = await team.member("ANN", TeamRole.SAFETY), await team.member("BOB", TeamRole.SAFETY)
    await ann.open("/team/safety/1")
    await bob.open("/team/safety/1")
    await ann.press("I look after it")
    page = await bob.press("I look after it")
    assert page.status == 409
    assert "ANN has changed this case" in page.text
    assert team.world.rows(
        "SELECT coordinator.code FROM safety_case JOIN coordinator ON coordinator.id = owner_id"
    ) == [("ANN",)]


async def test_a_coordinator_reads_a_case_and_decides_nothing(team):
    """Steps are for those who look after safety."""
    await with_case(team)
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    page = await browser.open("/team/safety/1")
    assert "What is to be done" not in page.text
    mark = dict(page.forms[0].hidden())["mark"]
    refused = await browser.client.post(
        "/team/safety/1/step", data={"mark": mark, "step": "sent", "stands": "new.."}
    )
    assert refused.status_code == 403


async def test_a_note_leaves_the_case_open(team):
    """It is kept with who and when, shown as words to whoever reads the case, and added by those who decide."""
    await with_case(team)
    ann = await team.member("ANN", TeamRole.SAFETY)
    await ann.open("/team/safety/1")
    page = await ann.post(
        next(form for form in ann.page.forms if form.action.endswith("/note")),
        ("note", "Called the ward; <b>they</b> call back."),
    )
    assert "The note is kept with the case" in page.text
    assert "Called the ward; &lt;b&gt;they&lt;/b&gt; call back." in page.response.text
    assert team.world.rows("SELECT status, owner_id FROM safety_case") == [("new", None)]
    assert team.world.rows('SELECT count(*) FROM audit_event WHERE details LIKE \'%"act":"note"%\'') == [(1,)]
    assert team.world.rows("SELECT count(*) FROM audit_event WHERE details LIKE '%ward%'") == [(0,)]
    reader = await (await team.member("BOB", TeamRole.COORDINATOR)).open("/team/safety/1")
    assert ("Called the ward" in reader.text, "Add a note" in reader.text) == (True, False)


async def test_the_page_of_a_person_leads_to_their_cases(team):
    """Number, kind and state, for those who may read them, and for nobody else."""
    await with_case(team)
    ((code,),) = team.world.rows("SELECT code FROM participant")
    page = await (await team.member("ANN", TeamRole.SAFETY)).open(f"/team/people/{code}")
    assert 'href="/team/safety/1"' in page.response.text
    assert "adverse event" in page.text
    page = await (await team.member("EVE", TeamRole.ADMIN)).open(f"/team/people/{code}")
    assert "/team/safety/1" not in page.response.text
