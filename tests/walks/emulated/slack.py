"""Emulated Slack: the bot is connected by a socket, and people have direct messages with it."""

from datetime import timedelta

from bot.channels.base import InboundKind, Receive
from bot.channels.slack.channel import SlackChannel
from bot.clock import MovableClock
from flows.engine.events import MediaKind
from tests.emulators.faults import Fault, FaultPlan
from tests.emulators.slack import person as slack_person
from tests.emulators.slack.delivery import Delivery
from tests.emulators.slack.server import SlackEmulator
from tests.support import slack_channel
from tests.support.platforms.slack import SHORTLY
from tests.walks.emulated.platform import Emulated, EmulatedPhone
from tests.walks.evidence import Done, Evidence, Shown
from tests.walks.kinds import Noise

_PHOTO = "image/png"


class EmulatedSlack(Emulated):
    """Slack, and the bot connected by a socket."""

    name = "slack"
    sends_by = "chat.postMessage"

    def __init__(self, slack: SlackEmulator, evidence: Evidence, clock: MovableClock) -> None:
        channel = SlackChannel(slack_channel.config(slack, gather=SHORTLY))
        super().__init__(channel, evidence, clock)
        self.slack = slack
        self.deliveries: list[Delivery] = []
        slack.clock = lambda: clock.now().timestamp()
        slack.dispatcher.hold()

    @property
    def faults(self) -> FaultPlan:
        """See `Emulated`."""
        return self.slack.faults

    def _refuse(self) -> None:
        self.faults.add(self.sends_by, Fault.BLOCKED, error="invalid_blocks")

    def phone(self, person: int) -> "SlackPhone":
        """See `Playground`."""
        return SlackPhone(self, self.slack.person(f"Person {person}", id=f"U{1000 + person}"))

    async def hand_over(self, receive: Receive) -> None:
        """See `Playground`: until everything is acknowledged, which it is once it is stored."""
        if self.round < self.held_until:
            return
        self.slack.dispatcher.release()
        deliveries, self.deliveries = self.deliveries, []
        for delivery in deliveries:
            await delivery.settled()
        self.slack.dispatcher.hold()


class SlackPhone(EmulatedPhone):
    """A person's direct messages with the bot on Slack."""

    is_slack = True
    platform: EmulatedSlack

    def __init__(self, platform: EmulatedSlack, person: slack_person.Person) -> None:
        super().__init__(f"slack:{platform.slack.team}/{person.id}", platform)
        self.person = person

    def looks(self) -> list[tuple[str, str]]:
        """See `EmulatedPhone`."""
        return [(one.ts, one.all_shown) for one in self.person.messages if one.from_bot]

    def _sent(self, delivery: Delivery) -> None:
        self.platform.deliveries.append(delivery)

    async def start(self, token: str) -> None:
        """See `Phone`."""
        self._note(InboundKind.START, self.platform.slack.next_ts(), text=token)
        self._sent(await self.person.start(token))

    async def write(self, text: str, *, under: Shown | None = None, noise: Noise | None = None) -> Done:
        """See `Phone`."""
        if under is None:
            self._sent(await self.person.type(text))
        else:
            self._sent(await self.person.reply(text, under.message_id))
        ts, about = self.person.messages[-1].ts, None if under is None else under.message_id
        return self._note(InboundKind.TEXT, ts, text=text, under=about, noise=noise)

    async def tap(self, under: Shown, option: int, *, noise: Noise | None = None) -> None:
        """See `Phone`. A choice of a list of checkboxes is ticked, which Slack keeps to itself until Done."""
        label, message = under.prompt.options[option].label, self.person.find(under.message_id)
        if not message.element(label) and not message.former_element(label):
            return
        self._note(InboundKind.TAP, under.message_id, text=label, noise=noise)
        self._sent(await self.person.tap(label, message))

    async def forge(self, under: Shown, option: int, *, noise: Noise) -> bool:
        """See `Phone`."""
        theirs = self.platform.phones.get(under.address)
        if not isinstance(theirs, SlackPhone):
            return False
        label, message = under.prompt.options[option].label, theirs.person.find(under.message_id)
        if not message.element(label) and not message.former_element(label):
            return False
        self._note(InboundKind.TAP, under.message_id, text=label, noise=noise)
        self._sent(await self.person.tap(label, message))
        return True

    async def pick(self, under: Shown, options: tuple[int, ...], *, noise: Noise | None = None) -> None:
        """See `Phone`."""
        labels = [under.prompt.options[option].label for option in options]
        self._note(InboundKind.PICKS, under.message_id, text=", ".join(labels), noise=noise)
        message = self.person.find(under.message_id)
        for label in (*labels, under.prompt.options[-1].label):
            self._sent(await self.person.tap(label, message))

    async def pick_day(self, under: Shown, days: int, *, noise: Noise | None = None) -> None:
        """See `Phone`."""
        day = (self.evidence.now() + timedelta(days=days)).date()
        self._note(InboundKind.DATE, under.message_id, text=day.isoformat(), noise=noise)
        self._sent(await self.person.pick_date(day, self.person.find(under.message_id)))

    async def edit(self, written: Done, text: str, *, noise: Noise) -> None:
        """See `Phone`."""
        self._note(InboundKind.EDIT, written.message_id, text=text, under=written.message_id, noise=noise)
        self._sent(await self.person.edit(self.person.find(written.message_id), text))

    async def delete(self, written: Done, *, noise: Noise) -> None:
        """See `Phone`."""
        self._note(InboundKind.DELETED, written.message_id, under=written.message_id, noise=noise)
        self.written.remove(written)
        self._sent(await self.person.delete(self.person.find(written.message_id)))

    async def react(self, shown: Shown, emoji: str, *, noise: Noise) -> None:
        """See `Phone`."""
        self._note(InboundKind.REACTION, shown.message_id, text=emoji, under=shown.message_id, noise=noise)
        self._sent(await self.person.react(emoji, shown.message_id))

    async def media(self, kind: MediaKind, *, noise: Noise, caption: str = "", album: int = 1) -> None:
        """See `Phone`. Slack has no stickers."""
        self._sent(await self.person.send_file(_PHOTO, caption, [_PHOTO] * (album - 1)))
        said = InboundKind.TEXT if caption else InboundKind.MEDIA
        self._note(said, self.person.messages[-1].ts, text=caption or kind.value, noise=noise)

    async def again(self, written: Done, *, renamed: bool, noise: Noise) -> None:
        """See `Phone`. Slack's retries bear the first name, and some deliveries of one message another."""
        self.evidence.remark(self.address, f"delivered again: {written.text[:60]!r}")
        message = self.person.find(written.message_id)
        event = self.person._message_event(message)
        again = self.platform.slack.send_event(event, ts=message.ts)
        if not renamed:
            first = next(
                (one for one in self.platform.slack.dispatcher.deliveries if one.ts == message.ts), None
            )
            if first is not None and "event_id" in first.payload:
                again.payload["event_id"] = first.payload["event_id"]
        self._sent(again)
