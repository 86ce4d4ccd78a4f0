"""Who takes part in two programs, before the team of one of them: it sees and does what is of its own alone."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from bot.console import registry
from bot.console.pages import people, person
from bot.console.permissions import OF_ROLE, Permission
from flows.script.model import Role
from storage.enums import ParticipantStatus
from storage.schema import TeamRole
from storage.team.roles import GivenRole
from tests.support import fresh
from tests.support.console import Console, console
from tests.support.console_attacks import another_place, load_program, two_programs
from tests.support.web_browser import Browser

HERE, THERE = "elsewhere", "myeloma"
MINE, OTHERS = "Herewords are told here", "Therewords are told there"
WHOLE = {
    "pause": [("days", "7")],
    "set": [("timezone", "Europe/Vienna")],
    "move": [],
    "erase": [("step", "ask")],
}
"""What touches the person as a whole, with a form that would do it."""
OF_ONE = {"resend": []}
"""What touches one conversation, and so one program."""


@dataclass
class InBoth:
    """A team, and somebody who came in to both programs: their code, and the numbers of their conversations."""

    team: Console
    code: str
    there: int
    here: int

    @property
    def page(self) -> str:
        return f"/team/people/{self.code}"

    async def of(self, name: str, *programs: str | None, role: TeamRole = TeamRole.COORDINATOR) -> Browser:
        """Somebody who has a role in these programs; None is in all."""
        return await self.team.member(name, *(GivenRole(role, one) for one in programs))


@pytest.fixture
async def both(tmp_path) -> AsyncIterator[InBoth]:
    world, _ = await two_programs(tmp_path)
    known = {code for (code,) in world.rows("SELECT code FROM participant")}
    [(second,)] = world.rows(f"SELECT id FROM program WHERE slug = '{HERE}'")
    cam = world.someone("cam")
    await cam.start(world.token("small", role=Role.PATIENT, source="There source"))
    for words in ("red", OTHERS, "3"):
        await cam.say(words)
    token = world.token("small", role=Role.PATIENT, program_id=second, activity_id=None, source="Here source")
    await cam.start(token)
    for words in ("red", MINE):
        await cam.say(words)
    [code] = {code for (code,) in world.rows("SELECT code FROM participant")} - known
    talks = world.rows("SELECT id FROM conversation ORDER BY id DESC LIMIT 2")
    async with console(world) as team:
        yield InBoth(team, code, talks[1][0], talks[0][0])
    world.database.close()


@pytest.mark.parametrize("role", [TeamRole.COORDINATOR, TeamRole.SAFETY, TeamRole.ADMIN])
async def test_the_page_of_a_person_tells_of_the_members_programs(both, role):
    """How they came in, their talks, what was sent and what is to come: of one's own programs alone."""
    page = (await (await both.of("HERE", HERE, role=role)).open(both.page)).response.text
    assert "Here source" in page
    assert f"talk {both.here} (small) began" in page
    told_of_others = ("There source", THERE, f"talk {both.there}", f"/talks/{both.there}")
    assert [one for one in told_of_others if one in page] == []
    assert "and others, of which nothing is shown here" in page
    page = (await (await both.of("ALL", None, role=role)).open(both.page)).response.text
    assert [one for one in told_of_others[:3] if one not in page] == []
    assert "and others, of which" not in page


async def test_a_talk_of_another_program_is_not_shown(both):
    """Neither it nor a link to it, though the person is of a program of the member's."""
    browser = await both.of("HERE", HERE)
    page = await browser.open(f"{both.page}/talks/{both.here}")
    assert (page.status, MINE in page.text, f"/talks/{both.there}" in page.response.text) == (
        200,
        True,
        False,
    )
    page = await browser.open(f"{both.page}/talks/{both.there}")
    assert (page.status, OTHERS in page.response.text) == (404, False)


@pytest.mark.parametrize("step", WHOLE)
async def test_what_touches_the_whole_person_needs_all_their_programs(both, step):
    """Refused to the team of one program, without a trace; done for somebody of both, or of all."""
    count = "SELECT count(*) FROM audit_event WHERE kind = 'settings'"
    for name, programs, is_done in (
        ("HERE", (HERE,), False),
        ("THERE", (THERE,), False),
        ("BOTH", (HERE, THERE), True),
    ):
        browser = await both.of(name, *programs)
        page = (await browser.open(both.page)).response.text
        assert (f'action="{both.page}/{step}"' in page) == is_done, name
        stands = ("stands", f"..{Role.PATIENT.value}.{ParticipantStatus.ACTIVE.value}")
        before = both.team.world.rows(count)
        answered = await browser.send(both.page + f"/{step}", [_mark(browser), stands, *WHOLE[step]])
        assert answered.status == (200 if is_done else 403), (name, answered.text)
        assert (both.team.world.rows(count) == before) == (not is_done), name


async def test_a_question_is_sent_again_by_the_team_of_its_program(both):
    """The question that is open is that of the later program: the team of the other one cannot have it sent."""
    sent = "SELECT count(*) FROM contact WHERE reason = 'resent'"
    other = await both.of("THERE", THERE)
    assert "Send the open question again" not in (await other.open(both.page)).response.text
    assert (await other.send(f"{both.page}/resend", [_mark(other)])).status == 403
    assert both.team.world.rows(sent) == [(0,)]
    mine = await both.of("HERE", HERE)
    assert "Send the open question again" in (await mine.open(both.page)).response.text
    assert "programme of others" not in (await mine.send(f"{both.page}/resend", [_mark(mine)])).text


async def test_the_list_counts_what_goes_on_in_its_program(both):
    """Talks of another program are neither counted nor filtered by: of the two of this person one is shown."""
    browser = await both.of("HERE", HERE)
    line = _line((await browser.open("/team/people")).response.text, both.code)
    assert '<td class="number">1</td>' in line
    everywhere = await both.of("ALL", None)
    line = _line((await everywhere.open("/team/people")).response.text, both.code)
    assert '<td class="number">2</td>' in line
    for name, program, is_open in (("THERE", THERE, False), ("HERE", HERE, True)):
        browser = await both.of(name, program)
        assert (both.code in (await browser.open("/team/people?state=waiting")).response.text) == is_open


async def test_every_page_of_a_person_is_held_to_the_rule(both):
    """A page or form below a person's that no test here names fails: it would not have been thought of."""
    below = {page.path.removeprefix(f"{people.PATH}/{{code}}") for page in person.PAGES}
    assert below == {"", "/talks/{number:int}", *(f"/{one}" for one in (*WHOLE, *OF_ONE))}
    assert {page.path for page in registry.PAGES if "people/{code}" in page.path} == {
        page.path for page in person.PAGES
    }


@pytest.mark.parametrize("role", TeamRole)
async def test_who_is_of_neither_program_finds_nobody(both, role):
    """Not by their code, not by the number of a talk: it is as if there were nobody of it."""
    program, _ = fresh.program()
    load_program(both.team.world, program.model_copy(update={"program": "third", "title": "Third"}))
    browser = await both.of("EVE", "third", role=role)
    sees, reads = (one in OF_ROLE[role] for one in (Permission.SEE_PEOPLE, Permission.READ_WORDS))
    async with another_place(both.team, browser, 80) as client:
        assert (await client.get(both.page)).status_code == (404 if sees else 403)
        assert (await client.get(f"{both.page}/talks/{both.here}")).status_code == (404 if reads else 403)


def _mark(browser: Browser) -> tuple[str, str]:
    return next(one for form in browser.page.forms for one in form.hidden() if one[0] == "mark")


def _line(page: str, code: str) -> str:
    """The line of a person in the list."""
    return page.split(f'/team/people/{code}"')[1].split("</tr>", maxsplit=1)[0]
