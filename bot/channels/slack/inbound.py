"""Turn Slack's payloads into `Inbound`s: pure functions of what Slack sent, without network or clock.

A payload that is nobody's reply (our own message, a deletion, a link that unfolded) becomes None or an empty tuple.
"""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from bot.channels.base import Inbound, InboundKind, read_button
from flows.engine.events import MediaKind
from flows.parsing.commands import GlobalWord, global_word

Payload = Mapping[str, Any]

CHANNEL = "slack"

TAP = "tap"
SELECT = "select"
PICKS = "picks"
DONE = "done"
DAY = "day"
WRITE = "write"
HOME_START = "home:start"
HOME_CODE = "home:code"
HOME_BLOCK = "code"
WRITE_VIEW = "write"
WRITE_BLOCK = "answer"
WRITE_TEXT = "text"

_SPOKEN = frozenset({None, "thread_broadcast", "me_message", "file_share"})
"""The subtypes of a message in which a person said something."""

_TEAM = frozenset({"due", "stuck", "why", "pause", "safety"})
"""What coordinators ask; whether somebody is one is not known here."""

_LINK = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")


@dataclass(frozen=True, slots=True)
class SlackProfile:
    """What Slack says of a user: `locale` such as en-GB, `timezone` an IANA name, None where it says nothing.

    `updated` is Slack's time of the profile's last change; it tells one version from the next.
    """

    user: str
    locale: str | None
    timezone: str | None
    updated: str


def plain(text: str) -> str:
    """Return a message's text from Slack as it was typed.

    Slack sends links as `<https://x.org|x.org>` and escapes `&`, `<` and `>`; both are undone. Mentions
    keep their name where Slack gives it, otherwise their id.
    """
    return html.unescape(_LINK.sub(_typed, text)) if "<" in text or "&" in text else text


def _typed(link: re.Match[str]) -> str:
    target, label = link.group(1), link.group(2)
    if target[0] == "#":
        return f"#{label or target[1:]}"
    if target[0] == "@":
        return f"@{label or target[1:]}"
    if target[0] == "!":
        return label or f"@{target[1:]}"
    return label or target


def workspace(body: Payload) -> str:
    """Return the id under which the user of a payload is known: the workspace's, or the organisation's.

    In an organisation-wide installation `team_id` may be absent or change with the workspace that the
    user writes from, so the organisation's id stands there; "-" when Slack names neither.
    """
    first: Payload = next(iter(body.get("authorizations") or ()), {})
    team = body.get("team_id") or (body.get("team") or {}).get("id") or first.get("team_id")
    organisation = (
        body.get("enterprise_id") or (body.get("enterprise") or {}).get("id") or first.get("enterprise_id")
    )
    wide = first.get("is_enterprise_install", body.get("is_enterprise_install", False)) in (True, "true")
    chosen = organisation or team if wide else team or organisation
    return str(chosen or "-")


def address(body: Payload, user: str) -> str:
    """Make a user's address, `slack:TEAM/USER`: TEAM is what `workspace` reads in the payload, USER the user's id."""
    return f"{CHANNEL}:{workspace(body)}/{user}"


def user_of(address: str) -> str:
    """Return Slack's id of the user in an address `slack:TEAM/USER`."""
    return address.rpartition("/")[2]


def sent_at(body: Payload) -> str:
    """Return when what a payload tells of happened, as Slack's own sortable timestamp; '' when Slack does not say."""
    event = body.get("event")
    if isinstance(event, Mapping):
        return str(event.get("event_ts") or event.get("ts") or "")
    return next((str(action.get("action_ts", "")) for action in body.get("actions") or ()), "")


def from_message(body: Payload) -> tuple[Inbound, ...]:
    """Read what a user wrote, edited or sent as a file, out of a `message` event in a direct message.

    Nothing comes of other rooms and of what nobody said. Words beside a file come after the file, so that both are
    answered.
    """
    event = body["event"]
    if event.get("channel_type") != "im":
        return ()
    if event.get("subtype") == "message_changed":
        return _from_edit(body, event)
    if event.get("subtype") not in _SPOKEN or event.get("bot_id") or not event.get("user"):
        return ()
    return tuple(_from_words(body, event))


def _from_words(body: Payload, event: Payload) -> Iterator[Inbound]:
    where, text, files = (
        address(body, event["user"]),
        plain(event.get("text") or ""),
        event.get("files") or (),
    )
    if files:
        yield Inbound(
            address=where,
            external_id=f"{body['event_id']}:file",
            kind=InboundKind.MEDIA,
            message_id=event["ts"],
            media=_media(files[0]),
        )
    if text or not files:
        yield Inbound(
            address=where,
            external_id=str(body["event_id"]),
            kind=InboundKind.TEXT,
            text=text,
            message_id=event["ts"],
        )


def _media(file: Payload) -> MediaKind:
    family = str(file.get("mimetype") or "").partition("/")[0]
    return {"audio": MediaKind.VOICE, "image": MediaKind.PHOTO}.get(family, MediaKind.OTHER)


def _from_edit(body: Payload, event: Payload) -> tuple[Inbound, ...]:
    """Read a user's edit.

    Slack sends the same event when a link unfolds: then the words are the same, and it is none.
    """
    new, old = event.get("message") or {}, event.get("previous_message") or {}
    if new.get("bot_id") or not new.get("user") or new.get("text") == old.get("text"):
        return ()
    edit = Inbound(
        address=address(body, new["user"]),
        external_id=str(body["event_id"]),
        kind=InboundKind.EDIT,
        text=plain(new.get("text") or ""),
        message_id=new["ts"],
    )
    return (edit,)


def from_command(body: Payload) -> Inbound | None:
    """Return what was typed after `/said`: `start CODE`, a word that works everywhere (`stop`), or one of the team's.

    The team's words (`due`, `why` and so on) are taken whoever types them. None comes back for `help` and for anything
    else, which are to be answered by the command's help.
    """
    text = str(body.get("text") or "").strip()
    make = partial(
        Inbound, address=address(body, body["user_id"]), external_id=f"command:{body['trigger_id']}"
    )
    word = global_word(text, "en")
    if word is not None:
        return None if word is GlobalWord.HELP else make(kind=InboundKind.TEXT, text=text)
    verb, _, token = text.partition(" ")
    if verb.casefold() in _TEAM:
        return make(kind=InboundKind.TEXT, text=text)
    if verb.casefold() != "start":
        return None
    return make(kind=InboundKind.START, text=token.strip().strip("`"))


def from_actions(body: Payload) -> tuple[Inbound, ...]:
    """Read what was tapped in a message or on the Home tab: buttons, list entries and dates, Done and Start among them.

    A change of a checkbox alone says nothing yet: Done reads all that are ticked.
    """
    return tuple(inbound for action in body.get("actions") or () if (inbound := _from_action(body, action)))


def _from_action(body: Payload, action: Payload) -> Inbound | None:
    family, _, question = str(action.get("action_id") or "").partition(":")
    user = body["user"]["id"]
    make = partial(
        Inbound,
        address=address(body, user),
        external_id=f"action:{user}:{action.get('action_ts')}:{action.get('action_id')}",
        message_id=(body.get("message") or {}).get("ts"),
    )
    match family:
        case "home" if action["action_id"] == HOME_START:
            return make(kind=InboundKind.START, text=_home_code(body))
        case "tap" | "select":
            chosen = action.get("value") or (action.get("selected_option") or {}).get("value")
            return make(kind=InboundKind.TAP, button=chosen) if chosen else None
        case "done":
            return make(kind=InboundKind.PICKS, button=question, options=_picked(body, question))
        case "day" if action.get("selected_date"):
            return make(
                kind=InboundKind.DATE, button=question, day=date.fromisoformat(action["selected_date"])
            )
        case _:
            return None


def _home_code(body: Payload) -> str:
    values = ((body.get("view") or {}).get("state") or {}).get("values") or {}
    return str((values.get(HOME_BLOCK, {}).get(HOME_CODE) or {}).get("value") or "").strip()


def _picked(body: Payload, question: str) -> tuple[int, ...]:
    """Return the places of what is ticked under a question, in the order of the list."""
    values = (body.get("state") or {}).get("values") or {}
    states = (
        state
        for block in values.values()
        for action_id, state in block.items()
        if action_id == f"{PICKS}:{question}"
    )
    buttons = (
        read_button(option["value"]) for state in states for option in state.get("selected_options") or ()
    )
    return tuple(sorted({button[2] for button in buttons if button and button[2] is not None}))


def write_request(body: Payload) -> str | None:
    """Return the payload that names the question whose Write button was tapped; None when none was."""
    for action in body.get("actions") or ():
        family, _, question = str(action.get("action_id") or "").partition(":")
        if family == WRITE:
            return question
    return None


def from_submission(body: Payload) -> Inbound | None:
    """Read a filled-in form for a long text; None if the form is not ours or empty.

    One that Slack sends twice has the same view and hash, so it is the same delivery.
    """
    view = body["view"]
    state = ((view.get("state") or {}).get("values") or {}).get(WRITE_BLOCK, {}).get(WRITE_TEXT) or {}
    if view.get("callback_id") != WRITE_VIEW or not state.get("value"):
        return None
    return Inbound(
        address=address(body, body["user"]["id"]),
        external_id=f"view:{view['id']}:{view.get('hash')}",
        kind=InboundKind.FORM,
        text=str(state["value"]),
        button=view.get("private_metadata") or None,
    )


def read_profile(user: Payload) -> SlackProfile:
    """Make a profile out of Slack's user object, as users.info and the event user_change have it."""
    return SlackProfile(
        user=str(user["id"]),
        locale=user.get("locale") or None,
        timezone=user.get("tz") or None,
        updated=str(user.get("updated") or ""),
    )


def from_profile(where: str, profile: SlackProfile) -> Inbound:
    """Turn the profile of the user at an address (`where`) into an `Inbound`.

    The same version of a profile is one delivery, however we learnt of it.
    """
    return Inbound(
        address=where,
        external_id=f"profile:{profile.user}:{profile.updated}",
        kind=InboundKind.PROFILE,
        locale=profile.locale,
        timezone=profile.timezone,
    )
