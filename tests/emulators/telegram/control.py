"""What steering the emulated Telegram adds to `tests.emulators.control`.

POST /_control/act  also takes "language_code": "en"; "message" and "to" among "with" are numbers of messages
POST /_control/act  {"do": "burst" or "send_album" or "react", "with": {"each": ["one", "two"]}}
POST /_control/set  also takes "limits": true, "revoked": true and "again": [100001]
"""

from collections import Counter
from typing import Any

from tests.emulators.control import Json, Steering
from tests.emulators.telegram.person import Person, Shown
from tests.emulators.telegram.state import TelegramState


class TelegramSteering(Steering):
    """Telegram as another process steers it: updates confirmed and pending, taps answered, rate limits."""

    acts = frozenset(
        {
            "start",
            "type",
            "type_long",
            "burst",
            "reply",
            "reply_elsewhere",
            "forward",
            "edit",
            "delete",
            "react",
        }
        | {"tap", "double_tap", "send", "send_album", "send_voice", "send_photo", "send_sticker", "cause"}
        | {"block", "unblock"}
    )

    def __init__(self, state: TelegramState) -> None:
        super().__init__(state.faults)
        self._state = state

    def person(self, person_id: str, order: Json) -> Person:
        return self._state.person(int(person_id), order.get("language_code", "en"))

    async def act(self, person: Any, order: Json) -> Json:
        details = dict(order.get("with", {}))
        for name in details.keys() & {"message", "to"}:
            details[name] = person.message(details[name])
        done = await _do(person, order["do"], details)
        if isinstance(done, list) and all(isinstance(one, Shown) for one in done):
            return {"sent": [one.as_json() for one in done]}
        return done.as_json() if isinstance(done, Shown) else {"done": done}

    def log(self) -> Json:
        return {
            "confirmed": self._state.confirmed,
            "pending": list(self._state.pending),
            "calls": Counter(call.method for call in self._state.calls),
            "answered": self._state.answered,
            "toasts": {
                person.id: [toast.text for toast in person.toasts] for person in self._state.people.values()
            },
        }

    def change(self, wanted: Json) -> None:
        self._state.limits = wanted.get("limits", self._state.limits)
        self._state.revoked = wanted.get("revoked", self._state.revoked)
        for number in wanted.get("again", ()):
            self._state.deliver_again(number)
        super().change(wanted)
        self._state.wake()


async def _do(person: Person, name: str, details: Json) -> Any:
    """Act; what comes one by one stands in a list named `each`."""
    act, each = getattr(person, name), details.pop("each", ())
    return await (act(details.pop("message"), *each, **details) if name == "react" else act(*each, **details))
