"""Turn Slack's payloads into `Inbound`s: pure functions of what Slack sent, without network or clock.

A payload that is nobody's reply (our own message, a link that unfolded, a shape that Slack does not document) becomes
None or an empty tuple; no payload raises. What is written in the room is read by `messages`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial

from bot.channels.base import Inbound, InboundKind, read_button
from bot.channels.slack.payloads.emoji_names import put_emoji
from bot.channels.slack.payloads.fields import (
    CHANNEL,
    Payload,
    address,
    items,
    sent_at,
    short_name,
    user_of,
    within,
    word,
)
from bot.channels.slack.payloads.messages import from_message, from_reaction, plain
from flows.parsing.commands import GlobalWord, global_word
from flows.parsing.link_codes import invitation_in, link_code

__all__ = [
    "CHANNEL",
    "Payload",
    "SlackProfile",
    "address",
    "from_actions",
    "from_command",
    "from_message",
    "from_profile",
    "from_reaction",
    "from_submission",
    "plain",
    "read_profile",
    "sent_at",
    "user_of",
    "write_request",
]

TAP = "tap"
SELECT = "select"
PICKS = "picks"
DONE = "done"
DAY = "day"
WRITE = "write"
HOME_START = "home:start"
HOME_CODE = "home:code"
HOME_GO_ON = "home:go_on"
HOME_STOP = "home:stop"
HOME_DATA = "home:my_data"
HOME_HELP = "home:help"
HOME_BLOCK = "code"
WRITE_VIEW = "write"
WRITE_BLOCK = "answer"
WRITE_TEXT = "text"

_TEAM = frozenset({"due", "stuck", "why", "pause", "safety"})
"""What coordinators ask; whether somebody is one is not known here."""


@dataclass(frozen=True, slots=True)
class SlackProfile:
    """What Slack says of a user: `locale` such as en-GB, `timezone` an IANA name, None where it says nothing.

    `updated` is Slack's time of the profile's last change; it tells one version from the next.
    """

    user: str
    locale: str | None
    timezone: str | None
    updated: str


def from_command(body: Payload) -> Inbound | None:
    """Return what was typed after `/said`: `start CODE`, a word that works everywhere (`stop`), or one of the team's.

    An invitation's link or code, or a code that joins another app, may also stand there alone. The team's words (`due`,
    `why` and so on) are taken whoever types them. None comes back for `help` and for anything else, which are to be
    answered by the command's help.
    """
    text, user, trigger = (
        put_emoji(plain(word(body, "text")).strip()),
        word(body, "user_id"),
        word(body, "trigger_id"),
    )
    if not user or not trigger:
        return None
    make = partial(Inbound, address=address(body, user), external_id=f"command:{trigger}")
    known = global_word(text, "en")
    if known is not None:
        return None if known is GlobalWord.HELP else make(kind=InboundKind.TEXT, text=text)
    verb, _, token = text.partition(" ")
    if verb.casefold() in _TEAM:
        return make(kind=InboundKind.TEXT, text=text)
    if verb.casefold() == "start":
        return make(kind=InboundKind.START, text=token.strip().strip("`"))
    if link_code(text) is not None:
        return make(kind=InboundKind.TEXT, text=text)
    return make(kind=InboundKind.START, text=text) if invitation_in(text) is not None else None


def from_actions(body: Payload) -> tuple[Inbound, ...]:
    """Read what was tapped in a message or on the Home tab: buttons, list entries and dates, Done and Start among them.

    A change of a checkbox alone says nothing yet: Done reads all that are ticked.
    """
    if not word(body, "user", "id"):
        return ()
    return tuple(inbound for action in items(body, "actions") if (inbound := _from_action(body, action)))


def _from_action(body: Payload, action: Payload) -> Inbound | None:
    family, _, question = word(action, "action_id").partition(":")
    user = word(body, "user", "id")
    tapped = f"{action.get('action_ts')}:{action.get('action_id')}"
    make = partial(
        Inbound,
        address=address(body, user),
        external_id=f"action:{short_name(user)}:{tapped}",
        message_id=word(body, "message", "ts") or None,
    )
    match family:
        case "home":
            return _on_home_tab(make, question, _home_code(body))
        case "tap" | "select":
            chosen = word(action, "value") or word(action, "selected_option", "value")
            return make(kind=InboundKind.TAP, button=chosen) if chosen else None
        case "done":
            return make(kind=InboundKind.PICKS, button=question, options=_picked(body, question))
        case "day" if day := _day(word(action, "selected_date")):
            return make(kind=InboundKind.DATE, button=question, day=day)
        case _:
            return None


def _on_home_tab(make: Callable[..., Inbound], asked: str, code: str) -> Inbound | None:
    """Read a button of the Home tab: it asks for what the same command asks for in the chat, in any language."""
    if asked == HOME_START.partition(":")[2]:
        return make(kind=InboundKind.START, text=code)
    if asked == HOME_GO_ON.partition(":")[2]:
        return make(kind=InboundKind.START)
    commands = {one.partition(":")[2] for one in (HOME_STOP, HOME_DATA, HOME_HELP)}
    return make(kind=InboundKind.TEXT, text=f"/{asked}") if asked in commands else None


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def _home_code(body: Payload) -> str:
    return put_emoji(word(body, "view", "state", "values", HOME_BLOCK, HOME_CODE, "value").strip())


def _picked(body: Payload, question: str) -> tuple[int, ...]:
    """Return the places of what is ticked under a question, in the order of the list."""
    values = within(body, "state", "values")
    states = (within(values, block, f"{PICKS}:{question}") for block in values)
    buttons = (
        read_button(word(option, "value")) for state in states for option in items(state, "selected_options")
    )
    return tuple(sorted({button[2] for button in buttons if button and button[2] is not None}))


def write_request(body: Payload) -> str | None:
    """Return the payload that names the question whose Write button was tapped; None when none was."""
    for action in items(body, "actions"):
        family, _, question = word(action, "action_id").partition(":")
        if family == WRITE:
            return question
    return None


def from_submission(body: Payload) -> Inbound | None:
    """Read a filled-in form for a long text; None if the form is not ours or empty.

    One that Slack sends twice has the same view and hash, so it is the same delivery.
    """
    view, user = within(body, "view"), word(body, "user", "id")
    text = put_emoji(word(view, "state", "values", WRITE_BLOCK, WRITE_TEXT, "value"))
    if view.get("callback_id") != WRITE_VIEW or not text or not user:
        return None
    return Inbound(
        address=address(body, user),
        external_id=f"view:{view.get('id')}:{view.get('hash')}",
        kind=InboundKind.FORM,
        text=text,
        button=word(view, "private_metadata") or None,
    )


def read_profile(user: Payload) -> SlackProfile:
    """Make a profile out of Slack's user object, as users.info and the event user_change have it."""
    return SlackProfile(
        user=word(user, "id"),
        locale=word(user, "locale") or None,
        timezone=word(user, "tz") or None,
        updated=str(user.get("updated") or ""),
    )


def from_profile(where: str, profile: SlackProfile) -> Inbound:
    """Turn the profile of the user at an address (`where`) into an `Inbound`.

    The same version of a profile is one delivery, however we learnt of it.
    """
    return Inbound(
        address=where,
        external_id=f"profile:{short_name(profile.user)}:{profile.updated}",
        kind=InboundKind.PROFILE,
        locale=profile.locale,
        timezone=profile.timezone,
    )
