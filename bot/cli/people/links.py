"""Make the links of an invitation, and the QR codes that hold them."""

from dataclasses import dataclass
from pathlib import Path

import segno

from bot.channel_policy import start_command


@dataclass(frozen=True, slots=True)
class InvitationLinks:
    """An invitation as people get it: the same token for each way in."""

    token: str
    telegram: str | None
    slack: str
    terminal: str

    @property
    def scanned(self) -> str:
        """Return what the QR code says: the link where there is one, else the command to type."""
        return self.telegram or self.slack


def invitation_links(name: str | None, token: str) -> InvitationLinks:
    """Write a token as a link for each way in. `name` is the Telegram bot's user name; None if it is not known."""
    return InvitationLinks(
        token=token,
        telegram=None if name is None else f"https://t.me/{name}?start={token}",
        slack=start_command("slack", token),
        terminal=start_command("terminal", token),
    )


def write_codes(folder: Path, links: list[InvitationLinks]) -> None:
    """Write a PNG and an SVG for each link into a folder, numbered in the order of the list."""
    folder.mkdir(parents=True, exist_ok=True)
    width = len(str(len(links)))
    for number, one in enumerate(links, 1):
        code = segno.make(one.scanned, micro=False)
        for kind in ("png", "svg"):
            code.save(str(folder / f"invitation-{number:0{width}}.{kind}"), scale=8)
