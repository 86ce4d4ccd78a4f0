"""Make the links of an invitation, and the QR codes that hold them."""

from dataclasses import dataclass
from pathlib import Path

import segno

from bot.channel_policy import start_command, web_link
from storage.private_files import make_private_file, make_private_folder


@dataclass(frozen=True, slots=True)
class InvitationLinks:
    """An invitation as people get it: its token, links, and what to type in Slack and in the terminal.

    `telegram` is None where the bot's user name is not known, `web` where there are no pages.
    """

    token: str
    telegram: str | None
    slack: str
    terminal: str
    web: str | None = None

    @property
    def scanned(self) -> str:
        """Return what the QR code holds: the Telegram link, else the page's, else the command to type in Slack."""
        return self.telegram or self.web or self.slack


def invitation_links(name: str | None, token: str, web_url: str | None = None) -> InvitationLinks:
    """Write an invitation's token as links, and as what to type in Slack and in the terminal.

    `name` is the Telegram bot's user name, `web_url` where the pages are; None if there is none, and then no link.
    """
    return InvitationLinks(
        token=token,
        telegram=None if name is None else f"https://t.me/{name}?start={token}",
        slack=start_command("slack", token),
        terminal=start_command("terminal", token),
        web=None if web_url is None else web_link(web_url, token),
    )


def write_codes(folder: Path, links: list[InvitationLinks]) -> None:
    """Write a QR code as PNG and SVG for each invitation into a folder, numbered in the order of the list.

    The folder is made if it is not there. Whoever has a code is let in by it, so the files are for their owner alone.
    """
    make_private_folder(folder)
    width = len(str(len(links)))
    for number, one in enumerate(links, 1):
        code = segno.make(one.scanned, micro=False)
        for kind in ("png", "svg"):
            file = folder / f"invitation-{number:0{width}}.{kind}"
            make_private_file(file)
            code.save(str(file), scale=8)
