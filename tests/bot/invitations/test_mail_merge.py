"""The file for letters and mails: a row a link, and nothing in it that a spreadsheet runs."""

import csv
import io

import pytest

from bot.invitations.links import invitation_links
from bot.invitations.mail_merge import COLUMNS, mail_merge

TOKEN = "T" * 32


def rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("label", ["=1+1", "+43 1", "-5", "@x", "\uff1d1", " =1"])
def test_a_formula_is_a_text(label):
    """As in exports, an apostrophe stands before what a spreadsheet would run."""
    made = rows(mail_merge([(label, invitation_links("bot", TOKEN))]))
    assert made == [
        list(COLUMNS),
        [f"'{label}", f"https://t.me/bot?start={TOKEN}", f"/said start {TOKEN}", f"/start {TOKEN}", ""],
    ]


def test_quotes_and_commas_stay_in_their_cell():
    """A label cannot make another cell or row."""
    label = 'a","b\n"c'
    assert rows(mail_merge([(label, invitation_links(None, TOKEN, "https://x.example"))]))[1][0] == label
