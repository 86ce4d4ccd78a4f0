"""Links made in the console: shown once, as asked for, and by nobody twice; and the file for letters."""

import pytest

from bot.console.pages.made_links import MOST_CODES
from flows.script.model import Role
from storage.follow_up import cosignatures
from storage.schema import TeamRole
from tests.support import fresh
from tests.support.console import console
from tests.support.console_attacks import load_program
from tests.support.turn_world import make_world, texts

FIELDS = (
    ("program", "myeloma"),
    ("conversation", "hcp/hcp_commitment"),
    ("source", "Grand round"),
    ("until", "2026-03-31"),
)


@pytest.fixture
async def team(tmp_path):
    world = make_world(tmp_path)
    async with console(world) as made:
        yield made
    world.database.close()


async def form_of(browser):
    page = await browser.open("/team/invitations/new")
    return next(one for one in page.forms if one.action.endswith("/new"))


def tokens_of(page) -> str:
    return next(value for one in page.forms for name, value in one.hidden() if name == "tokens")


async def test_links_are_made_and_shown_once(team):
    """Each lets one person in; the page has a code for each, and the same form makes no more."""
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    form = await form_of(browser)
    page = await browser.post(form, *FIELDS, ("count", "2"))
    assert "Made: 2 links" in page.text
    assert page.response.text.count("<svg") == 2
    assert "viewBox" in page.response.text
    assert (await browser.post(form, *FIELDS, ("count", "2"))).status == 409
    first, second = tokens_of(page).split()
    assert first not in (await browser.open("/team/invitations")).response.text
    for name, token in (("ann", first), ("bob", second)):
        assert "This takes about 5 minutes" in texts(await team.world.someone(name).start(token))[0]
    states = team.world.rows("SELECT role, flow, source, uses, max_uses FROM invitation")
    assert states == [("hcp", "hcp_commitment", "Grand round", 1, 1)] * 2
    audited = team.world.rows("SELECT details FROM audit_event WHERE details LIKE '%invitations made%'")
    assert len(audited) == 1
    assert not any(token in audited[0][0] for token in (first, second))


async def test_the_file_has_labels_from_the_database(team):
    """What would be a formula is a text in it; its links are those of the page; the label is kept sealed."""
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    page = await browser.post(await form_of(browser), *FIELDS, ("count", "1"), ("label", "=Bed 7"))
    assert "=Bed 7" in page.text
    token = tokens_of(page)
    page = await browser.press("Save labels")
    assert "attachment" in page.response.headers["content-disposition"]
    assert page.response.text.startswith("\ufeff")
    assert f'"\'=Bed 7","","/said start {token}"' in page.response.text
    (sealed,) = team.world.rows("SELECT label_sealed FROM invitation")[0]
    assert b"Bed 7" not in sealed
    assert team.world.rows("SELECT count(*) FROM audit_event WHERE kind = 'export'") == [(1,)]


@pytest.mark.parametrize("tokens", ["", "x" * 32, "x " * 10_001, "\x00"])
async def test_no_file_of_links_that_are_not_there(team, tokens):
    """A form that was changed gets nothing."""
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    form = await form_of(browser)
    page = await browser.send("/team/invitations/mail-merge", [*form.hidden(), ("tokens", tokens)])
    assert page.status in (400, 404)


@pytest.mark.parametrize(
    ("field", "told"),
    [
        (("program", ""), "No programme"),
        (("conversation", "patient/hcp_commitment"), "is not for the role"),
        (("conversation", "hcp/nothing"), "There is no flow"),
        (("conversation", "doctor/hcp_commitment"), "No conversation"),
        (("source", ""), "where these people come from"),
        (("source", "x" * 201), "too long"),
        (("source", "a\u202eb"), "cannot be seen"),
        (("until", "2026-03-01"), "is over"),
        (("count", "0"), "no number"),
        (("count", "501"), "too many"),
        (("count", "٣"), "no number"),
        (("label", "Ann\x00"), "cannot be seen"),
        (("language", "xx"), "is not offered"),
        (("activity", "nothing"), "has no activity"),
        (("max_uses", "3"), "group link"),
    ],
    ids=lambda value: str(value)[:24] if isinstance(value, tuple) else None,
)
async def test_what_is_wrong_is_told_and_the_form_stays_filled(team, field, told):
    """Nothing is made; what was typed stands there still."""
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    form = await form_of(browser)
    given = dict([*FIELDS, ("count", "1"), field])
    page = await browser.post(form, *given.items())
    assert page.status == 400
    assert told in page.text
    assert "Nothing was made." in page.text
    assert team.world.rows("SELECT count(*) FROM invitation") == [(0,)]
    if field[0] != "source":
        assert 'value="Grand round"' in page.response.text


async def test_a_label_is_for_one_link(team):
    """Several links of one label would name nobody."""
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    page = await browser.post(await form_of(browser), *FIELDS, ("count", "2"), ("label", "Ann"))
    assert (page.status, "for one link" in page.text) == (400, True)


async def test_many_links_have_no_codes(team):
    """A page of hundreds of codes would hold up conversations; the links are there, and the file."""
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    page = await browser.post(await form_of(browser), *FIELDS, ("count", str(MOST_CODES + 1)))
    assert "<svg" not in page.response.text
    assert len(tokens_of(page).split()) == MOST_CODES + 1


async def test_what_the_bot_makes_meanwhile_is_nobodys_concern(team):
    """A link of its own for whoever co-signs, or the team's to another program, does not void a form."""
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    form = await form_of(browser)
    program, _ = fresh.program()
    other = load_program(team.world, program.model_copy(update={"program": "other", "title": "Other"}))
    team.world.token(cosignatures.COSIGN, role=Role.PATIENT, source=cosignatures.SUBMISSION)
    team.world.token("small", program_id=other, activity_id=None)
    page = await browser.post(form, *FIELDS, ("count", "1"))
    assert page.response.text.count("<svg") == 1
    form = await form_of(browser)
    team.world.token("small", source="Grand round")
    page = await browser.post(form, *FIELDS, ("count", "1"))
    assert (page.status, "look at the list first" in page.text) == (409, True)


async def test_a_form_without_a_sensible_number_makes_nothing_twice(team):
    """As if it were from before all links: it makes some only where there are none yet."""
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    fields = [one for one in (await form_of(browser)).hidden() if one[0] != "newest"]
    for newest, status in (("x" * 20, 200), ("", 409), ("-1", 409), ("9" * 30, 409), ("\u0661", 409)):
        given = [*fields, ("newest", newest), *FIELDS, ("count", "1")]
        assert (await browser.send("/team/invitations/new", given)).status == status, newest
    assert team.world.rows("SELECT count(*) FROM invitation") == [(1,)]
