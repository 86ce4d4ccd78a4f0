"""Tell a member of the team who else has the same case or text open, before either presses anything.

It is noted when a page is made, and told when the next one is. It is kept in memory alone: a case for half an hour, the
latest few of a session; a text until the next one is shown in that session. Whose session is over has nothing open.
"""

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from storage.safety.text_signals import TextSource

KEPT: Final = timedelta(minutes=30)
"""How long a page counts as open that was not loaded again; a session without a page lasts little longer."""
MOST_CASES: Final = 5
"""Cases that one session has open: somebody may have several windows."""
MOST_SESSIONS: Final = 500

OpenThing = TextSource | int
"""What is open: a text, or the case of a number."""


@dataclass(frozen=True, slots=True)
class OpenPresence:
    """Who else has something open: their code, and since when."""

    session_id: int
    code: str
    since: datetime
    seen_at: datetime


class OpenPages:
    """What each session has open, the one that was used last at the end."""

    def __init__(self) -> None:
        self._opened: OrderedDict[int, dict[OpenThing, OpenPresence]] = OrderedDict()

    def note(self, thing: OpenThing, session_id: int, code: str, now: datetime) -> None:
        """Note that somebody is shown something."""
        mine = self._opened.pop(session_id, {})
        before = mine.pop(thing, None)
        since = now if before is None or _is_over(before, now) else before.since
        if isinstance(thing, TextSource):
            mine = _cases_alone(mine)
        mine[thing] = OpenPresence(session_id, code, since, now)
        cases = [one for one in mine if isinstance(one, int)]
        for one in cases[:-MOST_CASES]:
            del mine[one]
        self._opened[session_id] = mine
        while len(self._opened) > MOST_SESSIONS:
            self._opened.popitem(last=False)

    def others(self, thing: OpenThing, code: str, now: datetime) -> tuple[OpenPresence, ...]:
        """Return who else has something open, the first one first; one entry for each of them."""
        found: dict[str, OpenPresence] = {}
        for mine in self._opened.values():
            one = mine.get(thing)
            if one is None or one.code == code or _is_over(one, now):
                continue
            if one.code not in found or one.since < found[one.code].since:
                found[one.code] = one
        return tuple(sorted(found.values(), key=lambda one: (one.since, one.code)))

    def close_text(self, session_id: int) -> None:
        """Forget the text that a session has open."""
        if session_id in self._opened:
            self._opened[session_id] = _cases_alone(self._opened[session_id])

    def forget(self, session_ids: Collection[int]) -> None:
        """Forget all that sessions have open, which are over."""
        for number in session_ids:
            self._opened.pop(number, None)


def _is_over(one: OpenPresence, now: datetime) -> bool:
    return now - one.seen_at >= KEPT


def _cases_alone(mine: dict[OpenThing, OpenPresence]) -> dict[OpenThing, OpenPresence]:
    return {thing: one for thing, one in mine.items() if isinstance(thing, int)}
