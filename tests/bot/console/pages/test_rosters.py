"""A list of people in the console: looked at first, made once it was confirmed, all of it or nothing."""

import re

import pytest

from storage.schema import TeamRole
from tests.support.console import console
from tests.support.turn_world import IDENTITY, make_world
from tests.support.web_browser import SAME_SITE, Page

FIELDS = {"program": "myeloma", "conversation": "patient/patient_interview", "source": "Ward 3"}


@pytest.fixture
async def team(tmp_path):
    world = make_world(tmp_path)
    async with console(world) as made:
        yield made
    world.database.close()


async def choose(browser, content: bytes, **fields: str) -> Page:
    """Choose a file in the form, and send it."""
    page = await browser.open("/team/invitations/roster")
    form = next(one for one in page.forms if one.action.endswith("/roster"))
    return await send(browser, form, {**FIELDS, **fields}, {"file": ("people.csv", content, "text/csv")})


async def send(browser, form, fields: dict[str, str], files=None) -> Page:
    response = await browser.client.post(
        form.action,
        data={**dict(form.hidden()), **fields},
        files=files or {"none": ("", b"")},
        headers=SAME_SITE,
    )
    browser.page = Page(response)
    return browser.page


def made(team) -> list[tuple]:
    rows = team.world.rows("SELECT label_sealed, role, language, source FROM invitation ORDER BY id")
    return [(IDENTITY.open(label), *rest) for label, *rest in rows]


async def test_a_list_makes_a_link_for_each_line(team):
    """Only after it was confirmed; what a line says itself goes before the form; the same form makes no more."""
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    content = 'Label;role;source\n"=Ann; the ""first""";;\nBob & <b>;carer;Ward 4\n'.encode("utf-16")
    page = await choose(browser, content)
    assert "2 links would be made" in page.text
    assert "Bob &amp; &lt;b&gt;" in page.response.text
    assert made(team) == []
    form = next(one for one in page.forms if one.action.endswith("/confirm"))
    page = await send(browser, form, {})
    assert "Made: 2 links" in page.text
    assert made(team) == [
        ('=Ann; the "first"', "patient", None, "Ward 3"),
        ("Bob & <b>", "carer", None, "Ward 4"),
    ]
    page = await browser.press("Save labels")
    assert '"\'=Ann; the ""first"""' in page.response.text
    assert (await send(browser, form, {})).status == 409
    assert len(made(team)) == 2
    views = team.world.rows(
        "SELECT count(*) FROM audit_event WHERE kind = 'view' AND details LIKE '%labels%'"
    )
    assert views == [(2,)]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "the file is empty"),
        (b"name\nAnn\n", "Line 1"),
        (b"label,role\nAnn,hcp\n", "Line 2: flow 'patient_interview' is not for the role 'hcp'"),
        (b"label,language\nAnn,\nBob,xx\n", "Line 3"),
        (b'label\n"Ann\n', "Line 2: a quotation mark"),
        ("label\nJosé\n".encode("latin-1"), "Line 2: the file is not in UTF-8"),
        (b"label\nAnn\n<script>alert(1)</script>,x\n", "Line 3"),
    ],
)
async def test_what_is_wrong_is_told_by_line(team, content, told):
    """The page names each line, escaped, and nothing is made."""
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    page = await choose(browser, content)
    assert page.status == 400
    assert told in page.text
    assert "<script>alert" not in page.response.text
    assert made(team) == []


async def test_what_is_wrong_with_all_is_told_once(team):
    """A programme that does not offer a language is no problem of each line."""
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    page = await choose(browser, b"label\nAnn\nBob\n", language="xx")
    assert len(re.findall("is not offered", page.text)) == 1


async def test_a_file_of_fifty_megabytes_is_refused(team):
    """It is not read to its end."""
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    page = await choose(browser, bytes(50_000_000))
    assert page.status == 413
    assert "Nothing was changed." in page.text


async def test_a_list_that_was_changed_between_is_read_anew(team):
    """The form of the second page is no more to be trusted than the first: what is bad in it makes nothing."""
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    page = await choose(browser, b"label\nAnn\n")
    form = next(one for one in page.forms if one.action.endswith("/confirm"))
    for text in ("", "label\nAnn\nAnn\n", 'label\n"', "label,email\nAnn,x\n"):
        assert (await send(browser, form, {"text": text})).status == 400
    assert made(team) == []


async def test_a_long_list_is_made_at_once(team):
    """Ten thousand people: the first ones are shown, the file has all."""
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    content = b"label\n" + b"".join(b"Person %d\n" % one for one in range(10_000))
    page = await choose(browser, content)
    assert "10000 links would be made" in page.text
    form = next(one for one in page.forms if one.action.endswith("/confirm"))
    await send(browser, form, {})
    assert team.world.rows("SELECT count(*) FROM invitation") == [(10_000,)]
    page = await browser.press("Save labels")
    assert len(page.response.text.splitlines()) == 10_001
