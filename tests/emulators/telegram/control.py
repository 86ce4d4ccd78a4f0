"""What steering the emulated Telegram adds to `tests.emulators.control`.

POST /_control/act  also takes "language_code": "en"
POST /_control/set  also takes "limits": true and "revoked": true
"""

from collections import Counter
from typing import Any

from tests.emulators.control import Json, Steering
from tests.emulators.telegram.person import Person, Shown
from tests.emulators.telegram.state import TelegramState


class TelegramSteering(Steering):
    """Telegram as another process steers it: updates confirmed and pending, taps answered, rate limits."""

    acts = frozenset({"start", "type", "tap", "send_voice", "send_photo", "send_sticker", "block", "unblock"})

    def __init__(self, state: TelegramState) -> None:
        super().__init__(state.faults)
        self._state = state

    def person(self, person_id: str, order: Json) -> Person:
        return self._state.person(int(person_id), order.get("language_code", "en"))

    async def act(self, person: Any, order: Json) -> Json:
        done = await getattr(person, order["do"])(**order.get("with", {}))
        return done.as_json() if isinstance(done, Shown) else {"done": done}

    def log(self) -> Json:
        return {
            "confirmed": self._state.confirmed,
            "pending": list(self._state.pending),
            "calls": Counter(call.method for call in self._state.calls),
            "answered": self._state.answered,
        }

    def change(self, wanted: Json) -> None:
        self._state.limits = wanted.get("limits", self._state.limits)
        self._state.revoked = wanted.get("revoked", self._state.revoked)
        super().change(wanted)
        self._state.wake()
