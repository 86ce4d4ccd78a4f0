"""Ann, who answers in her browser and is asked by mail, and somebody who has the link of that mail."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from bot.channels.presence import PagePresence
from bot.conversations.flow_registry import FlowRegistry
from bot.delivery.rows import message_row
from bot.mail.desk import MailDesk
from flows.i18n.localized_flow import Localizations
from storage.conversations import outbox
from storage.conversations.conversations import find_conversation
from storage.schema import ADDRESS, AddressStatus
from tests.support.turn_world import IDENTITY, Shown, Someone, World, flows, make_world

MAILBOX: Final = "email:ann@example.org"
CODE: Final = "123456"
NEEDED: Final = "need a code"
"""What is said where one is."""


class _Mails:
    """Sends nothing."""

    config = None
    presence = PagePresence()

    async def send_text(self, *_: Any) -> None:
        """Take a mail."""


def deliver(world: World, address_id: int) -> None:
    """All that waits for an address is sent there."""
    now = world.clock.now()
    waits = "SELECT id FROM outbox WHERE address_id = :of AND status = 'queued' ORDER BY id"
    for (number,) in world.rows(waits, of=address_id):
        world.database.write_now(
            lambda c, number=number: outbox.mark_sent(c, number, message_id=str(number), now=now)
        )


class Bearer(Someone):
    """Whoever has the link of a mail: what is said at its address stands on the page at once."""

    def look(self) -> list[Shown]:
        [(address,)] = self.world.rows("SELECT id FROM address WHERE channel = 'email'")
        deliver(self.world, address)
        return super().look()


@dataclass
class Town:
    """Ann in her browser, who has said 'red', and is asked by mail to say something."""

    world: World
    ann: Someone
    mail: Bearer
    first: Shown
    """The question that is answered."""

    def desk(self) -> MailDesk:
        """What looks after the mails; its code is always the same."""
        return MailDesk(
            self.world.database,
            self.world.clock,
            self.world.runtime.localizations,
            _Mails(),  # type: ignore[arg-type]
            wakeups=self.world.runtime.wakeups,
            make_code=lambda: CODE,
        )

    async def with_code(self) -> Someone:
        """Whoever had a code sent, and wrote it on the page: in a browser of theirs by now."""
        desk = self.desk()
        assert await desk.codes.send(MAILBOX, "en")
        assert await desk.codes.take(MAILBOX, CODE, ("web:other",)) == "web:other"
        return Someone(self.world, "web:other")

    def mail_the_question(self) -> None:
        """The question that is open is sent to the mailbox, as a wave that goes by a second way is."""
        [(address,)] = self.world.rows("SELECT id FROM address WHERE channel = 'email'")
        self.world.database.write_now(lambda c: _queue_question(c, address, self.world))
        deliver(self.world, address)

    def conversation_is_at(self) -> str:
        """The channel by which the conversation goes on."""
        query = "SELECT channel FROM address WHERE id = (SELECT address_id FROM conversation)"
        [(channel,)] = self.world.rows(query)
        return str(channel)


def _queue_question(connection: sa.Connection, address_id: int, world: World) -> None:
    number = connection.scalar(sa.text("SELECT id FROM conversation WHERE status = 'open'"))
    found = find_conversation(connection, number)
    assert found is not None
    registry = FlowRegistry(flows(), Localizations())
    prompt = registry.open_prompt(connection, found, world.clock.now())
    assert prompt is not None
    outbox.queue(connection, [message_row(prompt, address_id, found.id, world.clock.now())])


def add_mailbox(world: World) -> None:
    """The only participant has an e-mail address that they confirmed."""
    [(participant,)] = world.rows("SELECT id FROM participant")
    row = {
        "participant_id": participant,
        "channel": "email",
        "lookup": IDENTITY.lookup(MAILBOX),
        "sealed": IDENTITY.seal(MAILBOX),
        "status": AddressStatus.ACTIVE,
        "next_seq": 1,
        "created_at": world.clock.now(),
    }
    world.database.write_now(lambda c: c.execute(ADDRESS.insert().values(**row)))


async def town_in(folder: Path) -> Town:
    """Ann has said 'red' in her browser, and the next question is on it and was mailed, too."""
    world = make_world(folder)
    ann = Someone(world, "web:ann")
    [first] = [one for one in await ann.start(world.token("small")) if one.prompt.ask is not None]
    await ann.tap(first, 0)
    add_mailbox(world)
    town = Town(world, ann, Bearer(world, MAILBOX), first)
    town.mail_the_question()
    town.mail.look()
    return town
