"""Reading in the console: the riskiest first, shown whole and escaped, read with one press, and everything audited."""

import pytest
import sqlalchemy as sa

from flows.script.model import Role
from storage.programs import programs
from storage.safety import reading
from storage.schema import TeamRole
from storage.team.roles import GivenRole
from tests.support.console import console
from tests.support.turn_world import make_world

HOSTILE = '<script>alert(1)</script> "quoted" \u202egnirts {{ 7*7 }}'


@pytest.fixture
async def team(tmp_path):
    world = make_world(tmp_path)
    async with console(world) as made:
        yield made
    world.database.close()


async def writes(team, words: str, name: str = "ann") -> None:
    """A patient writes these words in a talk."""
    person = team.world.someone(name)
    await person.start(team.world.token("small", role=Role.PATIENT))
    await person.say("red")
    await person.say(words)


def load_another(team) -> None:
    """Another program is loaded beside that of the world."""
    another = team.world.database.read_now(lambda c: programs.program_file(c, team.world.program_id))
    another = another.model_copy(update={"program": "other-program"})
    team.world.database.write_now(lambda c: programs.load(c, another, "h", team.world.clock.now()))


async def test_a_text_is_read_by_one_press_once_it_was_shown(team):
    """It is shown whole; pressed, it is read by this member, and the page says that nothing is left."""
    await writes(team, "They never ask what I can manage at home.")
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    page = await browser.open("/team/reading")
    assert "They never ask what I can manage at home." in page.text
    shown = team.world.rows("SELECT count(*) FROM reading WHERE shown_at IS NOT NULL AND read_at IS NULL")
    assert shown == [(1,)]
    page = await browser.press("Read")
    assert "Marked as read." in page.text
    assert "All is read." in page.text
    assert team.world.rows("SELECT count(*) FROM reading WHERE read_at IS NOT NULL") == [(1,)]
    kinds = team.world.rows("SELECT count(*) FROM audit_event WHERE kind = 'view' AND details LIKE '%CORA%'")
    assert kinds[0][0] >= 2


async def test_words_are_shown_as_words(team):
    """Markup, templates and signs that turn the direction are shown, and do nothing."""
    await writes(team, HOSTILE)
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    page = await browser.open("/team/reading")
    body = page.response.text
    assert "<script>alert" not in body
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in body
    assert "{{ 7*7 }}" in body
    assert "\u202e" not in body


async def test_later_puts_a_text_off_and_the_next_one_comes(team):
    """What is put off stays unread; the next text is shown instead."""
    await writes(team, "First words of somebody.", "ann")
    await writes(team, "Other words of another.", "bob")
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    page = await browser.open("/team/reading")
    first = "First words" in page.text
    later = page.response.text.split('href="/team/reading?later=')[1].split('"')[0]
    page = await browser.open(f"/team/reading?later={later}")
    assert ("Other words" in page.text) == first
    assert team.world.rows("SELECT count(*) FROM reading WHERE read_at IS NOT NULL") == [(0,)]


async def test_a_case_is_opened_from_a_text(team):
    """Its clock runs, the others are told, and the text is read."""
    await writes(team, "The new tablets made my hands shake badly.")
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    await browser.open("/team/reading")
    if "Case: adverse event" in " ".join(browser.page.labels("", "kind")):
        page = await browser.press("Case: adverse event")
        assert "A safety case is open" in page.text
    assert team.world.rows("SELECT count(*) FROM safety_case") == [(1,)]


async def test_words_of_another_program_are_not_shown(team):
    """A coordinator of one program reads nothing of another, whatever they type into the address or a form."""
    await writes(team, "Only for those of myeloma.")
    browser = await team.member("CORA", GivenRole(TeamRole.SAFETY, "myeloma"))
    assert "Only for those of myeloma." in (await browser.open("/team/reading")).text
    mark = dict(browser.page.forms[0].hidden())["mark"]
    load_another(team)
    team.enrol("CORA", GivenRole(TeamRole.SAFETY, "other-program"))
    page = await browser.open("/team/reading")
    assert "Only for those" not in page.text
    answered = await browser.client.post("/team/reading/read", data={"mark": mark, "text": "1"})
    assert answered.status_code in (403, 404)
    assert team.world.rows("SELECT count(*) FROM reading WHERE read_at IS NOT NULL") == [(0,)]


async def test_the_same_words_are_found_before_anything_is_written(team, monkeypatch):
    """A page with two hundred texts that others have read meanwhile writes once; pressed, the others are read, too."""
    for name in ("ann", "bob", "cat"):
        await writes(team, "They never call me back.", name)
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    database, wrote = team.world.database, []
    whole, write = reading._same_words, database.write

    async def counted(work):
        wrote.append(work)
        return await write(work)

    def by_a_reader(connection, texts):
        assert connection.execute(sa.text("PRAGMA query_only")).scalar() == 1
        return whole(connection, texts)

    monkeypatch.setattr(reading, "_same_words", by_a_reader)
    monkeypatch.setattr(database, "write", counted)
    page = await browser.open("/team/reading")
    assert len(wrote) == 1
    await browser.press("Read, and 2 more with the same words")
    assert len(wrote) == 2
    assert team.world.rows("SELECT count(*) FROM reading WHERE read_at IS NOT NULL") == [(3,)]
    page = await browser.open("/team/reading")
    assert "All is read." in page.text


async def test_texts_are_chosen_by_what_was_noticed_in_them(team):
    """Of one kind alone: the choice stays while one reads, and a kind of which nothing is unread says so."""
    await writes(team, "They never ask what I can manage at home.", "ann")
    await writes(team, "The new tablets made my hands shake badly.", "bob")
    browser = await team.member("CORA", TeamRole.COORDINATOR, TeamRole.SAFETY)
    page = await browser.open("/team/reading?noticed=event")
    assert "my hands shake" in page.text
    assert "2 unread" in page.text
    page = await browser.press("Read")
    assert "noticed=event" in str(page.response.url)
    assert "Nothing of this kind is unread." in page.text
    page = await browser.open("/team/reading?noticed=plain")
    assert "what I can manage" in page.text
    assert "what I can manage" in (await browser.open("/team/reading?noticed=nonsense")).text


async def test_it_is_seen_who_has_read_what_and_when(team):
    """In the list of what was read, by kind, without words; and beside the sentence in the talk, as it waits too."""
    await writes(team, "They never ask what I can manage at home.", "ann")
    await writes(team, "Nobody called me back.", "bob")
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    page = await browser.open("/team/reading/done")
    assert "Nothing of this kind was read yet." in page.text
    await browser.open("/team/reading")
    await browser.press("Read")
    page = await browser.open("/team/reading/done?noticed=plain")
    assert "CORA" in page.text
    assert "manage at home" not in page.text
    assert "CORA" not in (await browser.open("/team/reading/done?noticed=event")).text.partition("Read by")[2]
    people = team.world.rows(
        "SELECT p.code, c.id FROM conversation c JOIN participant p ON p.id = c.participant_id ORDER BY c.id"
    )
    read, unread = [await browser.open(f"/team/people/{code}/talks/{number}") for code, number in people]
    assert "read by CORA, " in read.text
    assert "nobody has read this yet" not in read.text
    assert "nobody has read this yet" in unread.text
    assert "read by" not in unread.text


async def test_what_was_read_of_another_program_is_not_listed(team):
    """Whoever has a role in one program sees nothing of who has read what in another."""
    await writes(team, "Only for those of myeloma.")
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    await browser.open("/team/reading")
    await browser.press("Read")
    load_another(team)
    other = await team.member("DORA", GivenRole(TeamRole.SAFETY, "other-program"))
    page = await other.open("/team/reading/done")
    assert "CORA" not in page.text
    assert "CORA" in (await browser.open("/team/reading/done")).text.partition("Read by")[2]
