"""What the emulated Slack knows: people, messages' times, files, forms that may be opened, and what was called."""

import itertools
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.emulators.slack.emoji import escape
from tests.emulators.slack.history import Pages
from tests.emulators.slack.messages import Message
from tests.emulators.slack.person import Person
from tests.emulators.slack.responses import ResponseUrls

Json = dict[str, Any]

BOT = "U0BOT"
BOT_ID = "B0001"
SCOPES = (
    "chat:write",
    "commands",
    "files:write",
    "im:history",
    "im:write",
    "reactions:read",
    "users:read",
)
TRIGGER_SECONDS = 3.0


class Refusal(Exception):
    """An `ok: false`, with Slack's word for it."""

    def __init__(self, error: str, *, status: int = 200, **details: Any) -> None:
        super().__init__(error)
        self.body = {"ok": False, "error": error, **details}
        self.headers: dict[str, str] = {}
        self.status = status


class TooMany(Refusal):
    """429."""

    def __init__(self, seconds: float) -> None:
        super().__init__("ratelimited")
        self.status = 429
        self.headers = {"Retry-After": str(math.ceil(seconds))}


@dataclass(frozen=True)
class Call:
    """One call of the Web API, for assertions."""

    method: str
    arguments: Json
    answer: Json


@dataclass
class Trigger:
    person: Person
    expires: float
    used: bool = False


class Workspace:
    """A workspace with one app installed, as its parts see it."""

    def __init__(self, *, port: int, team: str, paced: bool, scopes: tuple[str, ...]) -> None:
        """Take what `SlackEmulator` takes under the same names."""
        self.bot_token, self.app_token = "xoxb-emulated-bot", "xapp-emulated-app"
        self.team, self.paced, self.scopes = team, paced, scopes
        self.people: dict[str, Person] = {}
        self.calls: list[Call] = []
        self.files: dict[str, bytes | None] = {}
        """What was uploaded, by the file's id; None until its bytes have come."""
        self.messages_tab = True
        self.edit_window_closed = False
        self.revoked = False
        self.now: Callable[[], float] = time.monotonic
        self.clock: Callable[[], float] = time.time
        """What time messages are given, in seconds since 1970; every message gets a later one than those before it."""
        self.responses = ResponseUrls()
        self.pages = Pages()
        self._port = port
        self._numbers = itertools.count(1)
        self._born = int(time.time())  # names are not given twice, even to a database that outlives us
        self._newest_ts = 0
        self._triggers: dict[str, Trigger] = {}
        self._tickets: set[str] = set()
        self._last_post: dict[str, float] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def next_number(self) -> int:
        return next(self._numbers)

    def next_ts(self) -> str:
        """A message's name: its time, later than that of every other message of either side."""
        self._newest_ts = max(self._newest_ts + 1, int(self.clock() * 1_000_000))
        return f"{self._newest_ts // 1_000_000}.{self._newest_ts % 1_000_000:06}"

    def room_of(self, person: Person) -> str:
        person.room = person.room or f"D{self.next_number():04}"
        return person.room

    def trigger(self, person: Person) -> str:
        name = f"{self._born}.trigger.{self.next_number()}"
        self._triggers[name] = Trigger(person, self.now() + TRIGGER_SECONDS)
        return name

    def user_object(self, person: Person, *, locale: bool = True) -> Json:
        user = {
            "id": person.id,
            "team_id": self.team,
            "name": person.name,
            "deleted": person.deleted,
            "tz": person.timezone,
            "tz_label": person.timezone,
            "tz_offset": 0,
            "is_bot": False,
            "updated": person.updated,
        }
        return user | ({"locale": person.locale} if locale else {})

    def message_object(self, message: Message) -> Json:
        """A message as the Web API and the payloads of taps show it."""
        thread = {"thread_ts": message.thread} if message.thread else {}
        if not message.from_bot:
            return message.event | thread
        return thread | {
            "type": "message",
            "user": message.author,
            "bot_id": BOT_ID,
            "ts": message.ts,
            "text": escape(message.text),
            "team": self.team,
            "blocks": message.blocks,
        }
