"""Read Slack's payloads, and whose they are. What is missing in one, or of another kind than documented, is empty."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

Payload = Mapping[str, Any]

CHANNEL = "slack"


def within(payload: Payload, *path: str) -> Payload:
    """Return the object at the end of a path of names, such as `view`, `state`; an empty one where there is none."""
    found: object = payload
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def word(payload: Payload, *path: str) -> str:
    """Return the text at the end of a path of names; '' where there is none."""
    found = within(payload, *path[:-1]).get(path[-1])
    return found if isinstance(found, str) else ""


def items(payload: Payload, name: str) -> Iterator[Payload]:
    """Return the objects of the list of that name, in order; none where there is no list."""
    found = payload.get(name)
    return (one for one in found if isinstance(one, Mapping)) if isinstance(found, list) else iter(())


def workspace(body: Payload) -> str:
    """Return the id under which the user of a payload is known: the workspace's, or the organisation's.

    It is that of the installation, wherever the event came from: `authorizations` names it, and for a form that was
    opened from a channel shared with another workspace `view.app_installed_team_id` does. In an organisation-wide
    installation `team_id` may be absent or change with the workspace that the user writes from, so the organisation's
    id stands there; "-" when Slack names neither.
    """
    installed = next(items(body, "authorizations"), {})
    team = (
        word(body, "view", "app_installed_team_id")
        or word(installed, "team_id")
        or word(body, "team_id")
        or word(body, "team", "id")
        or word(body, "user", "team_id")
    )
    organisation = (
        word(installed, "enterprise_id") or word(body, "enterprise_id") or word(body, "enterprise", "id")
    )
    wide = installed.get("is_enterprise_install", body.get("is_enterprise_install", False)) in (True, "true")
    return (organisation or team if wide else team or organisation) or "-"


def address(body: Payload, user: str) -> str:
    """Make a user's address, `slack:TEAM/USER`: TEAM is what `workspace` reads in the payload, USER the user's id."""
    return f"{CHANNEL}:{workspace(body)}/{user}"


def user_of(address: str) -> str:
    """Return Slack's id of the user in an address `slack:TEAM/USER`."""
    return address.rpartition("/")[2]


def short_name(whose: str) -> str:
    """Return what stands for Slack's id of a room or a user in the name of a delivery: 8 characters.

    It tells apart what has the same time, and names nobody: the room of a person's direct messages is theirs alone, and
    the names of deliveries are kept unsealed.
    """
    return hashlib.blake2s(whose.encode(errors="replace"), digest_size=4).hexdigest()


def bot_of(body: Payload) -> str:
    """Return the id of our own user; '' where the payload does not name it."""
    installed = next(items(body, "authorizations"), {})
    return word(installed, "user_id") if installed.get("is_bot") is True else ""


def sent_at(body: Payload) -> str:
    """Return when what a payload tells of happened, as Slack's own sortable timestamp; '' when Slack does not say."""
    event = within(body, "event")
    if event:
        return word(event, "event_ts") or word(event, "ts")
    return word(next(items(body, "actions"), {}), "action_ts")
