"""A world for tests of delivery: an outbox, a channel in memory, and a clock that a wait moves on."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import sqlalchemy as sa

from bot.clock import MovableClock
from bot.delivery.rate_limits import NO_LIMIT, ChannelRates
from bot.delivery.results import ContactEnded, tell_nobody
from bot.delivery.sender import Delivery, DeliveryOptions, clock_sleep
from flows.engine.effects import Prompt, Trace
from storage.conversations import outbox
from storage.database.connection import Database
from storage.schema import ADDRESS, AddressStatus, Lane, OutboxKind
from tests.support.fake_channel import FakeChannel
from tests.support.wave_world import IDENTITY, MONDAY, World, make_world


@dataclass
class Post:
    """An outbox and what carries it away."""

    world: World
    channels: dict[str, FakeChannel]
    delivery: Delivery
    alerts: list[tuple[str, str]]
    pace: ChannelRates
    addresses: dict[str, int] = field(default_factory=dict)

    @property
    def channel(self) -> FakeChannel:
        return next(iter(self.channels.values()))

    @property
    def clock(self) -> MovableClock:
        return self.world.clock

    def address(self, name: str, channel: str = "fake") -> int:
        if name not in self.addresses:
            person = self.world.person(consent=None)
            self.addresses[name] = self.world.address(person.id, f"{channel}:{name}", channel)
        return self.addresses[name]

    def queue(self, name: str, *texts: str, channel: str = "fake", **more: Any) -> None:
        """Messages for an address, in order, with these `options` as buttons."""
        options = more.pop("options", ())
        rows = [
            {
                "address_id": self.address(name, channel),
                "payload": msgspec.json.encode(Prompt(text, ask=more.get("ask"), options=options)).decode(),
                "created_at": self.clock.now(),
                **more,
            }
            for text in texts
        ]
        self.world.database.write_now(lambda c: outbox.queue(c, rows))

    def crowd(self, number: int, lane: Lane, channel: str = "fake", workspace: str = "") -> None:
        """So many people have a message waiting in a lane, each at an address of their own; `workspace` such as T1/."""
        names = [f"{workspace}{lane}{one}" for one in range(number)]
        people = [
            (name, IDENTITY.lookup(f"{channel}:{name}"), IDENTITY.seal(f"{channel}:{name}")) for name in names
        ]
        shared_workspace = IDENTITY.workspace(f"{channel}:{workspace}")
        shared = {
            "channel": channel,
            "workspace": shared_workspace,
            "status": AddressStatus.ACTIVE,
            "next_seq": 1,
            "created_at": self.clock.now(),
        }

        def work(connection: sa.Connection) -> None:
            for name, lookup, sealed in people:
                made = ADDRESS.insert().values(lookup=lookup, sealed=sealed, **shared).returning(ADDRESS.c.id)
                self.addresses[name] = int(connection.execute(made).scalar_one())
            rows = [
                {
                    "address_id": self.addresses[name],
                    "payload": msgspec.json.encode(Prompt(f"{workspace}{lane} {one}")).decode(),
                    "created_at": self.clock.now(),
                    "lane": lane,
                }
                for one, name in enumerate(names)
            ]
            outbox.queue(connection, rows)

        self.world.database.write_now(work)

    def refresh(self, name: str, text: str, *, conversation: int, ask: int) -> None:
        self.queue(name, text, kind=OutboxKind.REFRESH, conversation_id=conversation, ask=ask)

    def trace(self, name: str, *chosen: str, conversation: int, ask: int) -> None:
        """What was chosen, to be shown under a question."""
        row = {
            "address_id": self.address(name),
            "conversation_id": conversation,
            "kind": OutboxKind.EDIT,
            "ask": ask,
            "payload": msgspec.json.encode(Trace(chosen, change=True)).decode(),
            "created_at": self.clock.now(),
        }
        self.world.database.write_now(lambda c: outbox.queue(c, [row]))

    def traces_left(self) -> int:
        """How many traces the outbox still holds."""
        return len(self.world.rows("SELECT id FROM outbox WHERE kind = 'edit'"))

    def states(self) -> list[tuple[str, str | None]]:
        """Status and reason of every row, in order."""
        return [(row[0], row[1]) for row in self.world.rows("SELECT status, reason FROM outbox ORDER BY id")]

    def column(self, name: str) -> list[Any]:
        return self.world.column(f"SELECT {name} FROM outbox ORDER BY id")

    def restart(self) -> None:
        """A new process on the same rows: nothing in memory is left."""
        path = self.world.database.path
        self.world.database.close()
        self.world.database = Database.open(path, identity=IDENTITY)
        self.delivery = make_delivery(self)

    def execute(self, statement: str) -> None:
        self.world.database.write_now(lambda c: c.execute(sa.text(statement)))


def make_delivery(post: Post, contact_ended: ContactEnded = tell_nobody) -> Delivery:
    return Delivery(
        post.world.database,
        post.channels,
        post.clock,
        DeliveryOptions(
            rates=dict.fromkeys(post.channels, post.pace),
            rng=Random(7),
            sleep=clock_sleep(post.clock),
            alert=lambda channel, reason: post.alerts.append((channel, reason)),
            contact_ended=contact_ended,
        ),
    )


def make_post(
    folder: Path,
    *,
    pace: ChannelRates = NO_LIMIT,
    edits: bool = False,
    names: Sequence[str] = ("fake", "other"),
) -> Post:
    """An empty outbox with two channels, `fake` and `other`, or others, which show traces or do not."""
    world = make_world(folder, start=MONDAY)
    channels = {name: FakeChannel(world.clock.now, name) for name in names}
    for channel in channels.values():
        channel.edits = edits
    post = Post(world, channels, None, [], pace)  # type: ignore[arg-type]
    post.delivery = make_delivery(post)
    return post
