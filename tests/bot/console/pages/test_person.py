"""A person's page in the console: what was said, and what can be done for them, by whom."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from flows.script.model import Role
from storage.programs import programs
from storage.schema import TeamRole
from storage.team.roles import GivenRole
from tests.support.console import console
from tests.support.turn_world import COLOUR, SURE, WORDS, Someone, make_world, texts

HOSTILE = '<script>alert(1)</script> "quoted" \u202egnirts {{ 7*7 }} call +43 664 1234567'


@pytest.fixture
async def team(tmp_path):
    world = make_world(tmp_path)
    async with console(world) as made:
        yield made
    world.database.close()


async def comes(team, *said: str, name: str = "ann", role: Role = Role.HCP):
    """Somebody comes in, and says these things; they, and their code."""
    person = team.world.someone(name)
    await person.start(team.world.token("small", role=role))
    for words in said:
        await person.say(words)
    return person, team.world.rows("SELECT code FROM participant ORDER BY id DESC LIMIT 1")[0][0]


def form_of(page, ending: str, **hidden: str):
    """The form of a page that posts there, with these fields that nobody sees."""
    return next(
        form
        for form in page.forms
        if form.action.endswith(ending) and set(hidden.items()) <= set(form.hidden())
    )


async def test_a_talk_is_shown_as_it_was_held(team):
    """Questions as they were shown and what was answered, in order; one entry says what was shown to whom."""
    _, code = await comes(team, "red", "It was a long way.")
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    page = await browser.open(f"/team/people/{code}")
    assert "It was a long way." not in page.text
    page = await browser.open(f"/team/people/{code}/talks/1")
    places = [page.text.index(words) for words in (COLOUR, "red", WORDS, "It was a long way.", SURE)]
    assert places == sorted(places)
    shown = team.world.rows("SELECT details FROM audit_event WHERE details LIKE '%\"conversation\"%CORA%'")
    shown += team.world.rows("SELECT details FROM audit_event WHERE details LIKE '%CORA%\"conversation\"%'")
    assert len(set(shown)) == 1
    assert '"answers":2' in shown[0][0]
    assert team.world.rows("SELECT count(*) FROM reading") == [(0,)]


async def test_hostile_words_are_shown_as_words(team):
    """Markup, templates and signs that turn the direction do nothing, and telephone numbers are taken out."""
    _, code = await comes(team, "red", HOSTILE)
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    body = (await browser.open(f"/team/people/{code}/talks/1")).response.text
    assert "<script>alert" not in body
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in body
    assert "{{ 7*7 }}" in body
    assert "\u202e" not in body
    assert "1234567" not in body


@pytest.mark.parametrize("role", [TeamRole.ADMIN, TeamRole.VIEWER, TeamRole.AUTHOR])
async def test_words_are_for_those_who_read(team, role):
    """Whoever may not read words gets no talk, and is not led to one."""
    _, code = await comes(team, "red", "It was a long way.")
    browser = await team.member("EVE", role)
    assert (await browser.open(f"/team/people/{code}/talks/1")).status == 403
    assert "/talks/1" not in (await browser.open(f"/team/people/{code}")).response.text


async def test_a_talk_is_that_of_the_person(team):
    """Under the code of somebody else there is none of that number."""
    await comes(team, "red", "Of Ann.")
    _, other = await comes(team, "blue", name="bob")
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    assert (await browser.open(f"/team/people/{other}/talks/1")).status == 404


async def test_a_zone_that_is_none_is_told_beside_its_field(team):
    """What was typed stands in the field still, with what is accepted beside it; nothing was changed."""
    _, code = await comes(team, "red")
    ann = await team.member("ANN", TeamRole.COORDINATOR)
    page = await ann.open(f"/team/people/{code}")
    page = await ann.post(form_of(page, "/set"), ("timezone", "Mars <b>"))
    body = page.response.text
    assert page.status == 409
    field = body[body.index('id="timezone"') : body.index("Set the zone")]
    assert 'value="Mars &lt;b&gt;"' in field
    assert 'aria-invalid="true" aria-describedby="zone-problem"' in field
    assert 'id="zone-problem" role="alert">Accepted are a city' in field
    assert team.world.rows("SELECT timezone FROM participant") == [(None,)]
    assert "It is set" in (await ann.post(form_of(page, "/set"), ("timezone", "Auckland"))).text


async def test_both_clocks_are_shown(team):
    """What time it is where they are, and when something goes next, by the reader's clock and by theirs."""
    _, code = await comes(team, "red")
    ann = await team.member("ANN", TeamRole.COORDINATOR)
    team.world.database.write_now(
        lambda c: c.execute(sa.text("UPDATE participant SET timezone = 'Pacific/Auckland'"))
    )
    assert team.world.clock.now() == datetime(2026, 3, 2, 9, tzinfo=UTC)
    page = await ann.open(f"/team/people/{code}")
    assert "Pacific/Auckland There it is now: Mon, 2 Mar, 22:00" in page.text
    [(due,)] = team.world.rows("SELECT min(due_at) FROM timer WHERE kind = 'interview_reminder'")
    assert due == "2026-03-03 09:00:00.000000"  # 22:00 there: too late
    to_come = "Where they are About What Why not yet "
    assert "There: Wed, 4 Mar, 12:00" in page.text
    assert f"{to_come}Tue, 3 Mar 2026, 23:00 UTC Wed, 4 Mar, 12:00 timer interview_reminder" in page.text
    page = await ann.post(form_of(page, "/pause"), ("days", "7"))
    assert "There: Tue, 10 Mar, 12:00" in page.text
    assert (
        "Mon, 9 Mar 2026, 23:00 UTC Tue, 10 Mar, 12:00 timer interview_reminder quiet until then" in page.text
    )
    assert "Held back by the team until Mon, 9 Mar 2026, 09:00 UTC in 7 days" in page.text
    assert "what waits goes on by itself the team wanted quiet for the person until later" in page.text


async def test_zone_and_language_are_set(team):
    """With an entry that says by whom; what there is not is refused, and so is an old page."""
    _, code = await comes(team, "red")
    ann, bob = await team.member("ANN", TeamRole.COORDINATOR), await team.member("BOB", TeamRole.COORDINATOR)
    page = await ann.open(f"/team/people/{code}")
    old = await bob.open(f"/team/people/{code}")
    page = await ann.post(form_of(page, "/set"), ("timezone", "Europe/Vienna"))
    assert "It is set" in page.text
    assert team.world.rows("SELECT timezone FROM participant") == [("Europe/Vienna",)]
    refused = await bob.post(form_of(old, "/set"), ("timezone", "Asia/Tokyo"))
    assert (refused.status, "Somebody has changed this person" in refused.text) == (409, True)
    page = await ann.open(f"/team/people/{code}")
    assert (await ann.post(form_of(page, "/set"), ("timezone", "Mars/Base"))).status == 409
    assert (await ann.post(form_of(page, "/set"), ("language", "tlh"))).status == 409
    assert "It is set" in (await ann.post(form_of(page, "/set"), ("timezone", "vienna"))).text
    await ann.post(form_of(page, "/set"), ("language", "en"))
    assert team.world.rows("SELECT timezone, language FROM participant") == [("Europe/Vienna", "en")]
    kept = team.world.rows("SELECT count(*) FROM audit_event WHERE details LIKE '%participant set%ANN%'")
    kept += team.world.rows("SELECT count(*) FROM audit_event WHERE details LIKE '%ANN%participant set%'")
    assert sum(number for (number,) in kept) == 3


async def test_a_role_is_put_right_while_nothing_was_said(team):
    """The talk in the wrong role ends, and a link of the right one is taken; afterwards it has to stay."""
    person, code = await comes(team, role=Role.PATIENT)
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    page = await browser.open(f"/team/people/{code}")
    assert "It is set" in (await browser.post(form_of(page, "/set"), ("role", "hcp"))).text
    assert team.world.rows("SELECT role FROM participant") == [("hcp",)]
    assert team.world.rows("SELECT status, outcome FROM conversation") == [("ended", "not_relevant")]
    shown = await person.start(team.world.token("small", role=Role.HCP))
    assert COLOUR in texts(shown)
    await person.say("red")
    page = await browser.open(f"/team/people/{code}")
    assert "would be read and counted" in page.text
    refused = await browser.post(form_of(page, "/set"), ("role", "patient"))
    assert refused.status == 409
    assert "delete my data" in refused.text
    assert team.world.rows("SELECT role FROM participant") == [("hcp",)]


async def test_the_open_question_is_sent_again(team):
    """Once an hour, three times in a week, by day where they are, and not while they are held back."""
    person, code = await comes(team, "red")
    team.world.clock.move(timedelta(hours=4))
    browser = await team.member("CORA", TeamRole.COORDINATOR)

    async def presses() -> str:
        await browser.open(f"/team/people/{code}")
        page = await browser.press("Send the open question again")
        return page.text

    assert "goes to them once more" in await presses()
    assert texts(person.look()) == [WORDS]
    assert "less than an hour ago" in await presses()
    assert not person.look()
    for _ in range(2):
        team.world.clock.move(timedelta(minutes=61))
        browser = await team.member("CORA", TeamRole.COORDINATOR)
        assert "goes to them once more" in await presses()
    team.world.clock.move(timedelta(minutes=61))
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    assert "three times within seven days" in await presses()
    team.world.clock.move(timedelta(days=8, hours=12))
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    assert "where they are" in await presses()
    await browser.open(f"/team/people/{code}")
    assert "had the open question sent once more" in browser.page.text


async def test_a_question_is_sent_again_only_where_one_is_open(team):
    """Not after the end, and not after a stop."""
    person, code = await comes(team, "red", "words", "5")
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    page = await browser.open(f"/team/people/{code}")
    assert "Send the open question again" not in page.text
    mark = form_of(page, "/pause").hidden()[0]
    refused = await browser.send(f"/team/people/{code}/resend", [mark])
    assert "no conversation of theirs is open" in refused.text
    await person.say("stop")
    refused = await browser.send(f"/team/people/{code}/resend", [mark])
    assert "takes part no more" in refused.text


async def test_who_lost_their_account_is_moved(team):
    """The code stands on the page once and in no address; written in another app, all goes on there, and the old
    account is a stranger's from then on.
    """
    person, code = await comes(team, "red", "It was a long way.")
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    await browser.open(f"/team/people/{code}")
    page = await browser.press("Make a code")
    said = page.response.text.split("<code>")[1].split("</code>")[0]
    assert said.split()[1] not in str(page.response.url)
    assert said.split()[1] not in (await browser.open(f"/team/people/{code}")).response.text
    new = Someone(team.world, "telegram:4711")
    shown = await new.say(said)
    assert any(one.startswith("Done.") for one in texts(shown))
    assert SURE in texts(shown)
    assert team.world.rows("SELECT count(*) FROM participant") == [(1,)]
    assert team.world.rows("SELECT channel FROM conversation") == [("telegram",)]
    assert team.world.rows("SELECT status, reason FROM address WHERE sealed = x''") == [
        ("unreachable", "moved")
    ]
    assert "link" in (await person.say("my data"))[0].text
    assert team.world.rows("SELECT count(*) FROM participant") == [(1,)]
    await new.say("5")
    assert team.world.rows("SELECT outcome FROM conversation") == [("completed",)]
    other = team.world.someone("thief")
    assert "too old" in (await other.say(said))[0].text
    moved = team.world.rows("SELECT count(*) FROM audit_event WHERE details LIKE '%\"moved\"%'")
    assert moved == [(1,)]
    page = await browser.open(f"/team/people/{code}/talks/1")
    assert "It was a long way." in page.text


async def test_a_code_is_good_for_a_day(team):
    """A later one ends it, and so does the day."""
    _, code = await comes(team, "red")
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    found = []
    for _ in range(2):
        await browser.open(f"/team/people/{code}")
        page = await browser.press("Make a code")
        found.append(page.response.text.split("<code>")[1].split("</code>")[0])
    new = team.world.someone("new")
    assert "too old" in (await new.say(found[0]))[0].text
    team.world.clock.move(timedelta(days=1, minutes=1))
    assert "too old" in (await new.say(found[1]))[0].text


async def test_two_people_are_needed_to_erase(team):
    """The first one cannot confirm; the second one writes the code, all is deleted, and the person is told."""
    person, code = await comes(team, "red", "It was a long way.")
    ann, bob = await team.member("ANN", TeamRole.COORDINATOR), await team.member("BOB", TeamRole.COORDINATOR)
    await ann.open(f"/team/people/{code}")
    page = await ann.press("Keep that they want it")
    assert "nothing is deleted yet" in page.text
    page = await ann.open(f"/team/people/{code}")
    assert "Delete everything" not in page.text
    forced = [*form_of(page, "/erase").hidden()[:1], ("step", "confirm"), ("sure", code)]
    assert (await ann.send(f"/team/people/{code}/erase", forced)).status == 409
    assert team.world.rows("SELECT count(*) FROM tombstone") == [(0,)]
    page = await bob.open(f"/team/people/{code}")
    confirm = form_of(page, "/erase", step="confirm")
    assert (await bob.post(confirm, ("sure", "P-OTHER"))).status == 400
    page = await bob.post(confirm, ("sure", code))
    assert "Everything of theirs was deleted" in page.text
    assert team.world.rows("SELECT count(*) FROM tombstone") == [(1,)]
    assert team.world.rows("SELECT count(*) FROM answer") == [(0,)]
    assert "last message" in person.look()[0].text
    kept = team.world.rows("SELECT details FROM audit_event WHERE kind = 'deletion'")
    assert '"asked_by":"ANN"' in kept[0][0]
    assert '"by":"BOB"' in kept[0][0]


async def test_what_a_deletion_does_is_said_above_its_button(team):
    """What goes, what stays, which files are not reached, and what becomes of a wish that nobody confirms."""
    _, code = await comes(team, "red")
    ann = await team.member("ANN", TeamRole.COORDINATOR)
    page = await ann.open(f"/team/people/{code}")
    told = ("safety report that was passed on", "Exports, reports and backups", "After 14 days the wish ends")
    places = [page.text.index(words) for words in (*told, "Keep that they want it")]
    assert places == sorted(places)


async def test_a_wish_is_taken_back_or_grows_old(team):
    """Nothing is deleted then, and it can be asked for again."""
    _, code = await comes(team, "red")
    ann = await team.member("ANN", TeamRole.COORDINATOR)
    await ann.open(f"/team/people/{code}")
    await ann.press("Keep that they want it")
    assert "Taken back" in (await ann.press("Take it back")).text
    await ann.open(f"/team/people/{code}")
    await ann.press("Keep that they want it")
    team.world.clock.move(timedelta(days=14, minutes=1))
    bob = await team.member("BOB", TeamRole.COORDINATOR)
    page = await bob.open(f"/team/people/{code}")
    assert "Delete everything" not in page.text
    fields = [*form_of(page, "/erase").hidden()[:1], ("step", "confirm"), ("sure", code)]
    assert (await bob.send(f"/team/people/{code}/erase", fields)).status == 409
    assert team.world.rows("SELECT count(*) FROM tombstone") == [(0,)]


async def test_who_is_in_two_programs_is_erased_by_somebody_of_both(team):
    """A coordinator of one of them sees the person, and neither deletes nor moves them."""
    person, code = await comes(team, "red")
    another = team.world.database.read_now(lambda c: programs.program_file(c, team.world.program_id))
    another = another.model_copy(update={"program": "other-program"})
    loaded = team.world.database.write_now(
        lambda c: programs.load(c, another, "another", team.world.clock.now())
    )
    await person.start(team.world.token("small", program_id=loaded.program_id, activity_id=None))
    browser = await team.member("CORA", GivenRole(TeamRole.COORDINATOR, "myeloma"))
    page = await browser.open(f"/team/people/{code}")
    assert "somebody of all their programmes" in page.text
    mark = next(one for form in page.forms for one in form.hidden() if one[0] == "mark")
    for step, fields in (("erase", [("step", "ask")]), ("move", [])):
        assert (await browser.send(f"/team/people/{code}/{step}", [mark, *fields])).status == 403
    assert team.world.rows("SELECT count(*) FROM requested_erasure") == [(0,)]


async def test_those_who_look_change_nothing(team):
    """Safety and admins see the page without what is for coordinators, whose forms refuse them."""
    _, code = await comes(team, "red")
    for role in (TeamRole.SAFETY, TeamRole.ADMIN):
        browser = await team.member("EVE", role)
        page = await browser.open(f"/team/people/{code}")
        assert "What can be done" not in page.text
        mark = next(one for form in page.forms for one in form.hidden() if one[0] == "mark")
        for step in ("pause", "set", "resend", "move", "erase"):
            assert (await browser.send(f"/team/people/{code}/{step}", [mark])).status == 403
