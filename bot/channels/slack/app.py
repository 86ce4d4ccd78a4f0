"""Make the Bolt app that receives: what is not stored it does not acknowledge, and all else it does."""

import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels.slack.labels import words
from bot.channels.slack.options import SlackConfig
from bot.channels.slack.ordering import NotStored

log = structlog.get_logger(__name__)

Body = dict[str, Any]
Ack = Callable[..., Awaitable[Any]]

ANY = re.compile(".*", re.DOTALL)
"""Matches every name of an action, a form, an event or a command."""

_TOKEN = re.compile(r"(xox[a-z]-|xapp-|ticket=)[^\s\"'&]+")


class _TokenFilter(logging.Filter):
    """Keeps tokens and participants' words out of the libraries' log lines: no traceback, no token, no ticket."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact a record in place, and let it pass."""
        record.msg, record.args = _TOKEN.sub(r"\1...", record.getMessage()), ()
        record.exc_info = record.exc_text = None
        return True


def library_logger() -> logging.Logger:
    """Return the logger for slack_sdk and Bolt. They write whole payloads at DEBUG, so they are never asked to."""
    library = logging.getLogger("bot.channels.slack.app.library")
    library.setLevel(logging.WARNING)
    if not library.filters:
        library.addFilter(_TokenFilter())
    return library


def make_app(config: SlackConfig, logger: logging.Logger) -> AsyncApp:
    """Make the app without any listener. It answers when its listener has ended: not before all is stored."""

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        # Bolt's own authorisation calls auth.test, and when that fails it answers 200: an event would be lost.
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=config.bot_token)

    app = AsyncApp(
        name="said",
        logger=logger,
        client=AsyncWebClient(base_url=config.api_url, retry_handlers=[], logger=logger),
        authorize=authorize,
        signing_secret=config.signing_secret or "",
        process_before_response=True,
        raise_error_for_unhandled_request=True,  # so that `_answer_failure` acknowledges it
    )
    app.error(_answer_failure)
    return app


def acknowledge_others(app: AsyncApp) -> None:
    """Acknowledge whatever has no listener: to be called after all listeners were added."""
    app.command(ANY)(_explain_command)
    app.options(ANY)(_offer_nothing)
    app.event(ANY)(_ignored)


async def _ignored() -> None:
    """Acknowledge events that we did not ask for, so that Slack does not switch the subscription off."""


async def _explain_command(ack: Ack) -> None:
    """Answer a command that is not ours, which somebody has set to our address, with how ours is used."""
    await ack(text=words(None).command_help)


async def _offer_nothing(ack: Ack) -> None:
    """Answer a list that asks us for its entries with none: ours come with their message."""
    await ack(options=[])


async def _answer_failure(error: Exception, body: Body) -> BoltResponse | None:
    """Answer what could not be handled, and log it without its words.

    What was not stored is not acknowledged: Bolt answers 500 (or nothing, in Socket Mode), and Slack sends it again.
    Anything else would fail in the same way each time, and Slack switches a subscription off whose deliveries fail; so
    it is acknowledged.
    """
    kind = str(body.get("type"))
    match error:
        case NotStored():
            log.error(
                "slack_delivery_not_stored", channel="slack", error=type(error.__cause__ or error).__name__
            )
            return None
        case BoltUnhandledRequestError() if kind == "app_rate_limited":
            log.warning("slack_holds_events_back", channel="slack", reason="more than 30,000 in an hour")
        case BoltUnhandledRequestError():
            log.info("slack_delivery_unknown", channel="slack", kind=kind)
        case _:
            log.error("slack_delivery_not_read", channel="slack", kind=kind, error=type(error).__name__)
    return BoltResponse(status=200, body="")
