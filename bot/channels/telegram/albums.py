"""Take an album, pictures or files sent together, as one message: nobody is asked for words that they gave.

Telegram hands an album over item by item, in any number of deliveries, and the words may stand under any of them (apps
put them under the last of several files). No item says how many there are. So items without words are held back for a
moment, until the words have come or nothing more comes.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from bot.channels.base import Inbound, InboundKind
from bot.channels.telegram.inbound import TelegramUpdate


@dataclass(slots=True)
class _Held:
    """The first item without words of an album, and how many have come."""

    inbound: Inbound
    items: int = 1


class AlbumFilter:
    """Holds back the items without words of each album, and lets one of them through if no words come.

    A politeness only, and kept in memory: a crash in that moment takes what would have been said to pictures without
    words, never words.
    """

    def __init__(self, remembered: int = 1000) -> None:
        self._settled: OrderedDict[str, None] = OrderedDict()
        self._held: dict[str, _Held] = {}
        self._remembered = remembered

    def let_through(self, received: Iterable[TelegramUpdate]) -> list[Inbound]:
        """Return what these updates bring that is to be stored now, in their order."""
        wanted = []
        for update in received:
            if update.inbound is None:
                continue
            album = None if update.album is None else f"{update.inbound.address} {update.album}"
            if album is not None and update.inbound.kind is InboundKind.MEDIA:
                self._hold(album, update.inbound)
                continue
            if album is not None:
                self._settle(album)
            wanted.append(update.inbound)
        return wanted

    def held(self) -> tuple[str, ...]:
        """Return the names of the albums that wait for their words."""
        return tuple(self._held)

    def items(self, album: str) -> int:
        """Count the items without words that have come of an album; 0 where its words have come."""
        return self._held[album].items if album in self._held else 0

    def release(self, album: str) -> Inbound | None:
        """Give up waiting for the words of an album: return what stands for it, None where its words have come."""
        held = self._held.get(album)
        self._settle(album)
        return None if held is None else held.inbound

    def _hold(self, album: str, inbound: Inbound) -> None:
        if album in self._settled:
            return
        if album in self._held:
            self._held[album].items += 1
        else:
            self._held[album] = _Held(inbound)

    def _settle(self, album: str) -> None:
        """Remember an album whose words have come, or for which they were asked: its other items say nothing."""
        self._held.pop(album, None)
        self._settled[album] = None
        while len(self._settled) > self._remembered:
            self._settled.popitem(last=False)
