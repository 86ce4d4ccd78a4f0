"""How Slack is reached: what the settings say, as the channel takes it."""

from dataclasses import dataclass, field
from datetime import timedelta

API = "https://slack.com/api/"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackConfig:
    """The app's secrets and where Slack is. Nothing here shows a secret when printed.

    With an `app_token` (xapp-...) the channel opens a Socket Mode connection; with a `signing_secret` it
    takes signed HTTP requests at `routes()`. `gather` is how long a message waits before it is stored, in case Slack
    hands over a later one first. `former_names` is for how long after the start a message may come again that was
    stored under the name that the previous version gave it. `history_pace` is the time between two questions for what
    was missed: 50 a minute are allowed to an app that its own workspace made (Slack's tier 3).
    """

    bot_token: str = field(repr=False)
    app_token: str | None = field(default=None, repr=False)
    signing_secret: str | None = field(default=None, repr=False)
    api_url: str = API
    timeout: timedelta = timedelta(seconds=30)
    gather: timedelta = timedelta(milliseconds=30)
    former_names: timedelta = timedelta(minutes=10)
    history_pace: timedelta = timedelta(seconds=1.2)
