"""What Telegram's servers know of one bot: people, messages, updates and who was told of them."""

import contextlib
import itertools
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.emulators.faults import FaultPlan
from tests.emulators.telegram.person import Bell, Person, Shown

BOT_ID = 7_000_000_001
NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
"""Updates that come only if they are asked for."""
OTHER_POLLER = (
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
)


class ApiError(Exception):
    """Telegram says no, in its own words."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


@dataclass(slots=True)
class Webhook:
    """Where updates are posted."""

    url: str
    secret: str | None
    max_connections: int
    last_error: str | None = None
    last_error_date: int | None = None
    attempts: int = 0


@dataclass(slots=True)
class Call:
    """A request of the bot, as it came."""

    method: str
    params: dict[str, Any]
    at: float


@dataclass
class TelegramState:
    """One bot. `limits` switches Telegram's rate limits on: 30 messages a second, one a second to a chat."""

    token: str
    limits: bool = False
    monotonic: Callable[[], float] = time.monotonic
    seconds: Callable[[], float] = time.time
    """The clock by which messages are dated, in seconds since 1970."""
    faults: FaultPlan = field(default_factory=FaultPlan)
    people: dict[int, Person] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    pending: deque[dict[str, Any]] = field(default_factory=deque)
    """Updates not confirmed yet."""
    again: deque[dict[str, Any]] = field(default_factory=deque)
    """Updates to be handed over once more, whether they were confirmed or not."""
    confirmed: list[dict[str, Any]] = field(default_factory=list)
    """Updates that the bot said it has, in order: it must have kept them."""
    handed_over: Counter[int] = field(default_factory=Counter)
    """How many polls brought an update, by its id."""
    allowed: frozenset[str] | None = None
    webhook: Webhook | None = None
    menus: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    """Command menus by language; '' for all whose language has none."""
    answered: list[str] = field(default_factory=list)
    """Taps that were acknowledged."""
    documents: dict[str, bytes] = field(default_factory=dict)
    revoked: bool = False
    stars: float = 0.0
    """What the bot may pay with."""
    paid_for: int = 0
    """Messages that cost something."""
    username: str = "said_and_done_bot"
    open_queries: dict[str, int] = field(default_factory=dict)
    """Taps that can be acknowledged still, and the number of who tapped."""

    def __post_init__(self) -> None:
        self._message_ids = itertools.count(1)
        self._update_ids = itertools.count(100_001)
        self._query_ids = itertools.count(4_000_000_000)
        self._albums = itertools.count(13_000_000_000_000_000)
        self.bell = Bell()
        self._poll = 0
        self._sends: deque[float] = deque()
        self._last_send: dict[int, float] = {}

    def person(self, person_id: int, language_code: str | None = "en") -> Person:
        """The person of that number; made when first named."""
        if person_id not in self.people:
            self.people[person_id] = Person(self, person_id, language_code)
        return self.people[person_id]

    def now(self) -> int:
        """The date of what happens now."""
        return int(self.seconds())

    # Updates

    def push(self, kind: str, body: dict[str, Any]) -> int | None:
        """A new update; None if the bot has not asked for its kind."""
        wanted = kind not in NOT_BY_DEFAULT if not self.allowed else kind in self.allowed
        if not wanted:
            return None
        return self.hand_over(kind, body)

    def hand_over(self, kind: str, body: Any) -> int:
        """A new update of any kind, also one that nobody has asked for or knows yet."""
        number = next(self._update_ids)
        self.queue({"update_id": number, kind: body})
        return number

    def queue(self, update: dict[str, Any]) -> None:
        """Hand an update over, also one that was handed over before or that nobody could have sent."""
        self.pending.append(update)
        self.wake()

    def deliver_again(self, update_id: int | None = None) -> None:
        """Hand an update over once more under its number, confirmed or not; the newest one where none is named."""
        known = [*self.confirmed, *self.pending]
        wanted = known[-1]["update_id"] if update_id is None else update_id
        self.again.append(next(update for update in known if update["update_id"] == wanted))
        self.wake()

    def wake(self) -> None:
        """Let whoever waits for something look again."""
        self.bell.ring()

    def confirm_before(self, offset: int) -> None:
        """Forget the updates before this number; a negative one keeps so many of the newest."""
        if offset < 0:
            while len(self.pending) > -offset:
                self.confirmed.append(self.pending.popleft())
            return
        kept: deque[dict[str, Any]] = deque()
        for update in self.pending:
            (kept if update["update_id"] >= offset else self.confirmed).append(update)
        self.pending = kept

    def confirm(self, update: dict[str, Any]) -> None:
        """The webhook took it; a second copy of it is nothing new."""
        if update in self.again:
            self.again.remove(update)
        elif update in self.pending:
            self.pending.remove(update)
            self.confirmed.append(update)
        self.wake()

    @property
    def waiting(self) -> list[dict[str, Any]]:
        """All that is to be handed over, in its order."""
        return [*self.again, *self.pending]

    async def poll(self, seconds: float, limit: int) -> list[dict[str, Any]]:
        """Wait up to so many seconds for updates. A later poll ends this one."""
        self._poll += 1
        mine = self._poll
        self.wake()
        with contextlib.suppress(TimeoutError):
            await self.bell.wait_until(lambda: self.waiting or mine != self._poll or self.revoked, seconds)
        if self.revoked:
            raise ApiError(401, "Unauthorized")
        if mine != self._poll:
            raise ApiError(409, OTHER_POLLER)
        batch = self.waiting[:limit]
        self.again.clear()
        self.handed_over.update(update["update_id"] for update in batch)
        return self.faults.deliveries(batch)

    def revoke(self) -> None:
        """The token is no longer good, at once."""
        self.revoked = True
        self.wake()

    # What people do

    def next_message_id(self) -> int:
        return next(self._message_ids)

    def user_payload(self, person: Person) -> dict[str, Any]:
        user = {"id": person.id, "is_bot": False, "first_name": f"Person {person.id}"}
        return user | ({"language_code": person.language_code} if person.language_code else {})

    def chat_payload(self, person: Person) -> dict[str, Any]:
        return {"id": person.id, "first_name": f"Person {person.id}", "type": "private"}

    def bot_payload(self) -> dict[str, Any]:
        return {"id": BOT_ID, "is_bot": True, "first_name": "Said & Done", "username": self.username}

    def message_payload(self, person: Person, message: Shown, content: dict[str, Any]) -> dict[str, Any]:
        """A message as updates and answers carry it."""
        body = {
            "message_id": message.message_id,
            "from": self.bot_payload() if message.from_bot else self.user_payload(person),
            "chat": self.chat_payload(person),
            "date": message.date,
            **content,
        }
        text = content.get("text", "")
        if text.startswith("/"):
            body["entities"] = [{"offset": 0, "length": len(text.split(" ")[0]), "type": "bot_command"}]
        if message.rows:
            body["reply_markup"] = {"inline_keyboard": message.rows}
        return body

    def tap(self, person: Person, under: Shown, payload: str) -> str:
        """A tap on a button of a message."""
        query_id = str(next(self._query_ids))
        self.open_queries[query_id] = person.id
        message = self.message_payload(person, under, {"text": under.text})
        query = {"id": query_id, "from": self.user_payload(person), "message": message, "chat_instance": "1"}
        self.push("callback_query", query | {"data": payload})
        return query_id

    def expire_queries(self) -> None:
        """Every tap so far is now too old to be acknowledged."""
        self.open_queries.clear()

    def next_album(self) -> str:
        return str(next(self._albums))

    def reaction(self, person: Person, message: Shown, before: list[str]) -> int | None:
        """The person changed the emoji on a message; None if the bot has not asked for such updates."""
        body = {
            "chat": self.chat_payload(person),
            "message_id": message.message_id,
            "user": self.user_payload(person),
            "date": self.now(),
            "old_reaction": [{"type": "emoji", "emoji": emoji} for emoji in before],
            "new_reaction": [{"type": "emoji", "emoji": emoji} for emoji in message.reactions],
        }
        return self.push("message_reaction", body)

    def membership(self, person: Person, old: str, new: str) -> None:
        """The person blocked or unblocked the bot."""
        bot = self.bot_payload()
        self.push(
            "my_chat_member",
            {
                "chat": self.chat_payload(person),
                "from": self.user_payload(person),
                "date": self.now(),
                "old_chat_member": {"user": bot, "status": old},
                "new_chat_member": {"user": bot, "status": new}
                | ({"until_date": 0} if new == "kicked" else {}),
            },
        )

    # What the bot sends

    def reachable(self, chat_id: int) -> Person:
        """The person of a chat that the bot may write to."""
        person = self.people.get(chat_id)
        if person is None:
            raise ApiError(400, "Bad Request: chat not found")
        if person.deactivated:
            raise ApiError(403, "Forbidden: user is deactivated")
        if person.blocked:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        if not person.started:
            raise ApiError(403, "Forbidden: bot can't initiate conversation with a user")
        return person

    def count_send(self, chat_id: int, *, paid: bool = False) -> None:
        """Telegram's rate limits, where they are on; beyond 30 a second a message that is paid for costs 0.1 Stars."""
        if not self.limits:
            return
        now = self.monotonic()
        while self._sends and self._sends[0] <= now - 1:
            self._sends.popleft()
        beyond = len(self._sends) >= 30
        if paid and beyond:
            if self.stars < 0.1:
                raise ApiError(400, "Bad Request: BALANCE_TOO_LOW")
            self.stars -= 0.1
            self.paid_for += 1
        most = 1000 if paid else 30
        if len(self._sends) >= most or self._last_send.get(chat_id, -1e9) > now - 1:
            raise ApiError(429, "Too Many Requests: retry after 1", retry_after=1)
        self._sends.append(now)
        self._last_send[chat_id] = now
