"""What the web channel is made with: what the settings say, as the channel takes it."""

from dataclasses import dataclass, field

from bot.channels.request_limits import RequestLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class WebConfig:
    """Where people reach the pages, and what they may ask.

    `public_url` is the origin that browsers see, such as `https://talk.example.org`, without a path. `behind_proxy`
    says that a proxy of ours names the client in X-Forwarded-For. `answer_seconds` is how long a post waits for its
    answer. `hosts` are the only names under which pages are given; empty where every name is good.
    """

    public_url: str
    behind_proxy: bool = False
    limits: RequestLimits = field(default_factory=RequestLimits)
    answer_seconds: float = 8.0
    hosts: frozenset[str] = frozenset()

    @property
    def secure(self) -> bool:
        """Whether the pages come over https alone."""
        return self.public_url.startswith("https://")
