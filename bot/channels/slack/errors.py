"""Turn Slack's refusals into our own errors, whose flags the sender reads; the table is data.

Slack answers most refusals with HTTP 200 and `ok: false`. Sources: the error tables of chat.postMessage,
chat.update and conversations.open, and what slack_sdk raises when they are met
(tests/bot/channels/slack/test_errors.py).
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackObjectFormationError

from bot.channels.base import (
    AddressGone,
    ChannelDown,
    ChannelRefused,
    MessageRejected,
    OutcomeUnknown,
    RateLimited,
    SendError,
)

REFUSALS: Mapping[str, type[SendError]] = {
    # Ours to wait for.
    "ratelimited": RateLimited,
    "rate_limited": RateLimited,
    "message_limit_exceeded": RateLimited,
    "internal_error": ChannelDown,
    "service_unavailable": ChannelDown,
    "request_timeout": ChannelDown,  # Slack got no whole request, so it stored nothing
    "team_added_to_org": ChannelDown,
    "fatal_error": OutcomeUnknown,  # "some aspect of the operation may have succeeded"
    # The operator's move.
    "token_revoked": ChannelRefused,
    "token_expired": ChannelRefused,
    "account_inactive": ChannelRefused,
    "invalid_auth": ChannelRefused,
    "not_authed": ChannelRefused,
    "app_uninstalled": ChannelRefused,
    "missing_scope": ChannelRefused,
    "not_allowed_token_type": ChannelRefused,
    "no_permission": ChannelRefused,
    "access_denied": ChannelRefused,
    "team_access_not_granted": ChannelRefused,
    "org_login_required": ChannelRefused,
    "ekm_access_denied": ChannelRefused,
    "team_not_found": ChannelRefused,
    "messages_tab_disabled": ChannelRefused,  # the app's setting: nobody is gone
    # Nobody is reached there.
    "user_disabled": AddressGone,
    "user_not_found": AddressGone,
    "user_not_visible": AddressGone,
    "users_not_found": AddressGone,
    "cannot_dm_bot": AddressGone,
    "channel_not_found": AddressGone,
    "is_archived": AddressGone,
    "not_in_channel": AddressGone,
    "restricted_action": AddressGone,  # a preference set for that person or room, not for the workspace
    # The message is at fault.
    "invalid_blocks": MessageRejected,
    "invalid_blocks_format": MessageRejected,
    "msg_too_long": MessageRejected,
    "msg_blocks_too_long": MessageRejected,
    "no_text": MessageRejected,
    "invalid_arguments": MessageRejected,
}
"""What is not named here is taken as the message's fault: it ends that message and never goes round."""

ADVICE: Mapping[str, str] = {
    "messages_tab_disabled": "turn on the app's Messages tab (App Home in the app's settings)",
    "missing_scope": "add the scopes of docs/slack-manifest.yaml and install the app again",
    "token_revoked": "install the app again and set the new bot token",
    "token_expired": "turn off token rotation, or set a fresh bot token",
    "invalid_auth": "set the bot token of the installed app",
    "not_authed": "set the bot token of the installed app",
    "account_inactive": "the bot's account or the workspace was switched off: install the app again",
    "app_uninstalled": "install the app again",
}
"""What the operator can do, where it is the operator's move."""

STALE_MESSAGE = frozenset({"edit_window_closed", "message_not_found", "cant_update_message"})
"""A message that can no longer be shown anew: nothing is lost by leaving it as it is."""

NO_THREAD = frozenset({"thread_not_found", "cannot_reply_to_message"})
"""Nothing can be written under a message: the person took it back, or it is of a kind that takes no replies."""

_SERVER_ERROR = 500
_GATEWAY_TIMEOUT = 504
_TOO_MANY = 429


def error_code(error: SlackApiError) -> str | None:
    """Return Slack's word for a refusal, such as `channel_not_found`; None when the answer's body was no JSON."""
    code = _data(error).get("error")
    return code if isinstance(code, str) else None


def from_api_error(error: SlackApiError) -> SendError:
    """Turn an answer of Slack's that was not `ok` into a `SendError`, whose class and flags say what to do.

    A refusal that we do not know is taken as the message's fault (`MessageRejected`).
    """
    status = _status(error.response)
    if status == _TOO_MANY:
        return RateLimited("ratelimited", retry_after=_retry_after(error.response))
    code = error_code(error)
    if code is None or status >= _SERVER_ERROR:
        unknown = status == _GATEWAY_TIMEOUT
        return (OutcomeUnknown if unknown else ChannelDown)(
            f"Slack answered HTTP {status}{f' {code}' if code else ''}"
        )
    advice = ADVICE.get(code)
    kind = REFUSALS.get(code, MessageRejected)
    details = "; ".join(_details(error)) if kind is MessageRejected else ""
    return kind("".join((code, f": {advice}" if advice else "", f": {details}" if details else "")))


def from_failure(error: Exception, *, repeatable: bool) -> SendError:
    """Turn whatever a call raised into a `SendError`: a refusal, no answer or not Slack's, a call that was not made.

    `repeatable` is True where the call changes nothing, or may be made twice without harm: then no answer means
    `ChannelDown`. Otherwise it means `OutcomeUnknown`, unless no connection was made.
    """
    if isinstance(error, SlackApiError):
        return from_api_error(error)
    if isinstance(error, SlackObjectFormationError):
        return MessageRejected(f"invalid_blocks: {error}")
    if isinstance(error, UNREADABLE) and not isinstance(error, aiohttp.ClientError):
        unread = f"an answer that is not Slack's ({type(error).__name__})"
        return ChannelDown(unread) if repeatable else OutcomeUnknown(unread)
    if repeatable or isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return ChannelDown(f"Slack could not be reached ({type(error).__name__})")
    return OutcomeUnknown(f"no answer from Slack ({type(error).__name__})")


def about_the_app(error: Exception) -> SendError:
    """Turn the failure of a call that concerns the app itself (auth.test, apps.connections.open) into a `SendError`.

    Whatever Slack refuses there and will refuse again is the operator's to settle: `ChannelRefused`. A failure that may
    pass stays what `from_failure` makes of it.
    """
    found = from_failure(error, repeatable=True)
    return found if found.retryable or found.stops_channel else ChannelRefused(found.reason)


UNREADABLE = (ValueError, TypeError, LookupError, AttributeError)
"""What Bolt and slack_sdk raise at a payload or an answer of another shape than they expect."""

FAILURES = (
    SlackApiError,
    SlackObjectFormationError,
    aiohttp.ClientError,
    TimeoutError,
    OSError,
    *UNREADABLE,
)
"""What a call of the web client raises when it fails, or when something else than Slack answers."""


def _data(error: SlackApiError) -> dict[str, Any]:
    """Return the answer's JSON object; empty where it is none, for whoever answers for Slack may say anything."""
    data = getattr(error.response, "data", None)
    return data if isinstance(data, dict) else {}


def _status(response: Any) -> int:
    """Return the HTTP status; slack_sdk hands over its own response, or aiohttp's when the body was unreadable."""
    return int(getattr(response, "status_code", None) or getattr(response, "status", None) or 0)


def _retry_after(response: Any) -> timedelta | None:
    value = next((v for k, v in dict(response.headers).items() if k.lower() == "retry-after"), "")
    return timedelta(seconds=int(value)) if value.isdigit() else None


def _details(error: SlackApiError) -> list[str]:
    """List what Slack says is wrong with the blocks. It names places and limits, and quotes nobody."""
    data = _data(error)
    metadata = data.get("response_metadata")
    found = (metadata.get("messages") if isinstance(metadata, dict) else None) or data.get("errors")
    return [str(message) for message in found] if isinstance(found, list) else []
