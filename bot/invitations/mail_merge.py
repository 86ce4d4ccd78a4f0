"""Write invitations as a table for letters and mails: a label and its links in each row, nothing a spreadsheet runs."""

import csv
import io
from collections.abc import Iterable
from typing import Final

from bot.invitations.links import InvitationLinks
from storage.export.formats.spreadsheet_safety import neutral

COLUMNS: Final = ("label", "telegram", "slack", "terminal", "web")


def mail_merge(made: Iterable[tuple[str, InvitationLinks]]) -> bytes:
    """Return the table as CSV in UTF-8 with its mark, which Excel needs; '' where there is no link of a kind."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    for label, one in made:
        writer.writerow(
            (neutral(label), one.telegram or "", neutral(one.slack), neutral(one.terminal), one.web or "")
        )
    return text.getvalue().encode("utf-8-sig")
