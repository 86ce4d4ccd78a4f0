"""The emulated Slack's `response_url`s: five answers to one tap or command, within half an hour.

https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
"""

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.emulators.slack.messages import Message

if TYPE_CHECKING:
    from tests.emulators.slack.person import Person

Json = dict[str, Any]

USES = 5
SECONDS = 30 * 60.0
METHOD = "response_url"
"""Its name in the plan of faults and among the calls."""


@dataclass(eq=False)
class ResponseUrl:
    """Where one tap or command may be answered. `message` is the one that was tapped; None for a command."""

    person: "Person"
    message: Message | None
    expires: float
    used: int = 0


@dataclass
class ResponseUrls:
    """All that were given out, by their last part."""

    given: dict[str, ResponseUrl] = field(default_factory=dict)

    def give(self, name: str, response: ResponseUrl) -> str:
        """Remember one, and return its path."""
        self.given[name] = response
        return f"/response/{name}"

    def take(self, name: str, now: float) -> ResponseUrl | str:
        """Use one once; Slack's word for why it may not be used comes back instead."""
        response = self.given.get(name)
        if response is None:
            return "no_such_url"
        if now > response.expires:
            return "expired_url"
        if response.used >= USES:
            return "used_url"
        response.used += 1
        return response


async def read_body(request: web.Request) -> Json | None:
    """The JSON of an answer; None where it is none."""
    try:
        body = json.loads(await request.read())
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def asks(body: Json, name: str) -> bool:
    """Whether a switch of an answer is on; Slack takes the word `true` too."""
    return body.get(name) in (True, "true")
