"""How Telegram is reached: what the settings say, as the channel takes it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class TelegramOptions:
    """How to reach Telegram; with `webhook_url` updates are posted to us, without it we ask for them.

    webhook_url     the full https address that leads to `webhook_path` here
    languages       returns those in which the bot speaks: each gets a command menu of its own. It is called in a
                    thread, once the bot listens, since it may have to read the translations
    connections     how many messages may be on their way at once
    webhook_check   how often is looked whether the webhook is still ours
    rebuild_after   without one good poll for this long, the client is thrown away and made anew
    typing          whether "is typing" is shown before a message
    """

    token: str = field(repr=False)
    api_url: str = "https://api.telegram.org"
    webhook_url: str | None = None
    webhook_secret: str = field(default="", repr=False)
    webhook_path: str = "/telegram"
    webhook_connections: int = 40
    webhook_check: timedelta = timedelta(minutes=5)
    poll_timeout: timedelta = timedelta(seconds=50)
    request_timeout: timedelta = timedelta(seconds=20)
    rebuild_after: timedelta = timedelta(minutes=5)
    longest_backoff: timedelta = timedelta(seconds=60)
    connections: int = 32
    languages: Callable[[], tuple[str, ...]] = tuple
    typing: bool = True
