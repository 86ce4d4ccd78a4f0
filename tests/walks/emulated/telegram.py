"""Emulated Telegram: the bot polls it, and people have private chats."""

from datetime import timedelta
from typing import Any

from bot.channels.base import InboundKind, Receive, button_payload
from bot.channels.telegram.channel import TelegramChannel
from bot.clock import MovableClock
from flows.engine.events import MediaKind
from tests.emulators.faults import Fault, FaultPlan
from tests.emulators.telegram import person as telegram_person
from tests.emulators.telegram.server import TelegramEmulator
from tests.support import telegram_channel
from tests.walks.emulated.platform import Emulated, EmulatedPhone
from tests.walks.evidence import Done, Evidence, Shown
from tests.walks.kinds import Noise


class EmulatedTelegram(Emulated):
    """Telegram, and the bot polling it."""

    name = "telegram"
    sends_by = "sendMessage"

    def __init__(self, telegram: TelegramEmulator, evidence: Evidence, clock: MovableClock) -> None:
        options = telegram_channel.options(telegram)
        channel = TelegramChannel(
            options,
            sleep=telegram_channel.Waits(),
            now=clock.now,
            patience=telegram_channel.at_once,
        )
        super().__init__(channel, evidence, clock)
        self.telegram = telegram
        telegram.state.seconds = lambda: clock.now().timestamp()
        self._give = telegram.state.queue
        self._kept: list[dict[str, Any]] = []
        telegram.state.queue = self._kept.append  # type: ignore[method-assign]

    @property
    def faults(self) -> FaultPlan:
        """See `Emulated`."""
        return self.telegram.faults

    def _refuse(self) -> None:
        self.faults.add(self.sends_by, Fault.SERVER_ERROR, status=400, error="Bad Request: text is refused")

    def phone(self, person: int) -> "TelegramPhone":
        """See `Playground`."""
        return TelegramPhone(self, self.telegram.person(1000 + person))

    async def hand_over(self, receive: Receive) -> None:
        """See `Playground`: until the bot has confirmed every update, which it does once they are stored."""
        if self.round < self.held_until:
            return
        kept, self._kept[:] = list(self._kept), []
        for update in kept:
            self._give(update)
        state = self.telegram.state
        await self.telegram.wait_until(lambda: not state.pending and not state.again)

    def again(self, message_id: str) -> None:
        """Deliver the update with a message once more."""
        state = self.telegram.state
        for update in [*state.confirmed, *state.pending, *self._kept]:
            if str(update.get("message", {}).get("message_id")) == message_id:
                if update in state.confirmed:
                    state.deliver_again(update["update_id"])
                return


class TelegramPhone(EmulatedPhone):
    """A person's private chat on Telegram."""

    platform: EmulatedTelegram

    def __init__(self, platform: EmulatedTelegram, person: telegram_person.Person) -> None:
        super().__init__(f"telegram:{person.id}", platform)
        self.person = person

    def looks(self) -> list[tuple[str, str]]:
        """See `EmulatedPhone`."""
        return [(str(one.message_id), f"{one.text}\n{one.labels}") for one in self.person.from_bot]

    def _message(self, name: str) -> telegram_person.Shown:
        return self.person.message(int(name))

    async def start(self, token: str) -> None:
        """See `Phone`."""
        sent = await self.person.start(token)
        self._note(InboundKind.START, str(sent.message_id), text=token)

    async def write(self, text: str, *, under: Shown | None = None, noise: Noise | None = None) -> Done:
        """See `Phone`."""
        if under is None:
            parts = await self.person.type_long(text)
        else:
            parts = [await self.person.reply(text, self._message(under.message_id))]
        about = None if under is None else under.message_id
        for part in parts:
            done = self._note(
                InboundKind.TEXT, str(part.message_id), text=part.text, under=about, noise=noise
            )
        return done

    async def tap(self, under: Shown, option: int, *, noise: Noise | None = None) -> None:
        """See `Phone`. What a button carries is what stood on the screen, also where it has changed since."""
        place = under.places[option] if option < len(under.places) else option
        payload = button_payload(*(under.key or (0, 0)), place)
        self._note(InboundKind.TAP, under.message_id, under=payload, noise=noise)
        await self.person.tap_payload(payload, self._message(under.message_id))

    async def forge(self, under: Shown, option: int, *, noise: Noise) -> bool:
        """See `Phone`: the payload of somebody else's button, under a message of one's own."""
        payload = button_payload(*(under.key or (0, 0)), option)
        mine = self.person.from_bot
        if not mine:
            return False
        self._note(InboundKind.TAP, str(mine[-1].message_id), under=payload, noise=noise)
        await self.person.tap_payload(payload, mine[-1])
        return True

    async def pick(self, under: Shown, options: tuple[int, ...], *, noise: Noise | None = None) -> None:
        """See `Phone`."""
        for option in (*options, len(under.prompt.options) - 1):
            await self.tap(under, option, noise=noise)

    async def pick_day(self, under: Shown, days: int, *, noise: Noise | None = None) -> None:
        """See `Phone`."""
        await self.write((self.evidence.now() + timedelta(days=days)).date().isoformat(), noise=noise)

    async def edit(self, written: Done, text: str, *, noise: Noise) -> None:
        """See `Phone`."""
        self._note(InboundKind.EDIT, written.message_id, text=text, under=written.message_id, noise=noise)
        await self.person.edit(self._message(written.message_id), text)

    async def delete(self, written: Done, *, noise: Noise) -> None:
        """See `Phone`. Bots are not told."""
        await self.person.delete(self._message(written.message_id))

    async def react(self, shown: Shown, emoji: str, *, noise: Noise) -> None:
        """See `Phone`."""
        self._note(InboundKind.REACTION, shown.message_id, text=emoji, under=shown.message_id, noise=noise)
        await self.person.react(self._message(shown.message_id), emoji)

    async def media(self, kind: MediaKind, *, noise: Noise, caption: str = "", album: int = 1) -> None:
        """See `Phone`."""
        if album > 1:
            sent = (await self.person.send_album(caption or None, *[None] * (album - 1)))[0]
        elif kind is MediaKind.STICKER:
            sent = await self.person.send_sticker()
        else:
            sent = await self.person.send_photo(caption or None)
        said = InboundKind.TEXT if caption else InboundKind.MEDIA
        self._note(said, str(sent.message_id), text=caption or kind.value, noise=noise)

    async def again(self, written: Done, *, renamed: bool, noise: Noise) -> None:
        """See `Phone`. An update has one name."""
        self.evidence.remark(self.address, f"delivered again: {written.text[:60]!r}")
        self.platform.again(written.message_id)
