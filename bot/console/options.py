"""What the console is made with."""

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class ConsoleConfig:
    """Where browsers see the console, such as `https://team.example.org`, and whether a proxy of ours names clients."""

    public_url: str
    behind_proxy: bool = False

    @property
    def secure(self) -> bool:
        """Return whether it is reached over https alone."""
        return self.public_url.startswith("https://")

    @property
    def host(self) -> str:
        """Return the host name that browsers call it by: any other may be a page of somebody else that leads here."""
        return urlsplit(self.public_url).hostname or ""
