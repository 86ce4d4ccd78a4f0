"""Check Slack for `said doctor`: the tokens, the scopes, the way in, the Messages tab."""

from collections.abc import Iterator

from slack_sdk.web.async_client import AsyncWebClient

from bot.channels.base import Diagnosis, FindingLevel, SendError
from bot.channels.slack.errors import FAILURES, about_the_app

SCOPES = frozenset({"chat:write", "commands", "files:write", "im:history", "im:write", "users:read"})
"""What the bot token must be allowed. docs/slack-manifest.yaml asks for these and those of `WITHOUT`."""

WITHOUT = {"reactions:read": "whoever only puts an emoji on a question is not told how to answer it"}
"""Scopes that the bot works without, with what is missing then: an app from before a scope was added goes on."""

MANIFEST = "docs/slack-manifest.yaml"

_LATER = "Try again later; if it stays so, check the network, the proxy, and slack.api_url in the settings."


async def findings(bot: AsyncWebClient, app: AsyncWebClient | None, *, signed: bool) -> list[Diagnosis]:
    """Ask Slack whether the tokens are good and may do what we need, and return what was found, good and bad.

    Args:
        bot: A client with the bot token.
        app: A client with the app-level token; None where Socket Mode is not used.
        signed: Whether a signing secret is set: without one and without `app` there is no way in, an error.
    """
    return [*await _token(bot), *await _way_in(app, signed=signed), _messages_tab()]


async def _token(bot: AsyncWebClient) -> list[Diagnosis]:
    try:
        answer = await bot.auth_test()
    except FAILURES as error:
        return [_failure("The bot token", about_the_app(error))]
    user, team = answer.get("user"), answer.get("team")
    if not isinstance(user, str) or not isinstance(team, str):
        return [_not_slack("auth.test")]
    name = Diagnosis(FindingLevel.OK, f"Slack: the bot token works ({user} in {team}).")
    headers = {key.lower(): value for key, value in answer.headers.items()}
    return [name, *_scopes(headers.get("x-oauth-scopes"))]


def _scopes(header: str | None) -> Iterator[Diagnosis]:
    if header is None:
        text = "Slack: the answer does not tell the scopes of the bot token."
        yield Diagnosis(FindingLevel.WARN, text, f"Compare them with {MANIFEST} in the app's settings.")
        return
    granted = {scope.strip() for scope in header.split(",")} - {""}
    missing = sorted(SCOPES - granted)
    wanted = sorted(WITHOUT.keys() - granted)
    if missing:
        text = f"Slack: the bot token lacks the scopes {', '.join(missing)}."
        yield Diagnosis(FindingLevel.ERROR, text, f"Add them (see {MANIFEST}) and install the app again.")
    for scope in wanted:
        text = f"Slack: the bot token lacks the scope {scope}: {WITHOUT[scope]}."
        remedy = f"Add it and its event (see {MANIFEST}), and install the app again."
        yield Diagnosis(FindingLevel.WARN, text, remedy)
    if not missing and not wanted:
        yield Diagnosis(FindingLevel.OK, "Slack: the bot token has all its scopes.")


async def _way_in(app: AsyncWebClient | None, *, signed: bool) -> list[Diagnosis]:
    if app is None:
        return [_signed(signed=signed)]
    try:
        answer = await app.apps_connections_open(app_token=app.token or "")
    except FAILURES as error:
        return [_failure("The app-level token (Socket Mode)", about_the_app(error))]
    if not isinstance(answer.get("url"), str):
        return [_not_slack("apps.connections.open")]
    return [Diagnosis(FindingLevel.OK, "Slack: Socket Mode can be opened.")]


def _signed(*, signed: bool) -> Diagnosis:
    if signed:
        return Diagnosis(
            FindingLevel.OK, "Slack: requests are taken over HTTP and their signature is checked."
        )
    return Diagnosis(
        FindingLevel.ERROR,
        "Slack: there is no way in: neither an app-level token nor a signing secret is set.",
        "Set the app-level token (xapp-...) for Socket Mode, or the signing secret for HTTP.",
    )


def _messages_tab() -> Diagnosis:
    """Remind of the Messages tab: no method tells of it; a closed one shows at the first message."""
    return Diagnosis(
        FindingLevel.OK,
        f"Slack: the Messages tab cannot be asked for; it must be on for people to answer (see {MANIFEST}).",
    )


def _failure(what: str, error: SendError) -> Diagnosis:
    remedy = _LATER if error.retryable else "Copy the token again from the app's settings page."
    return Diagnosis(FindingLevel.ERROR, f"Slack: {what} was not accepted: {error.reason}.", remedy)


def _not_slack(method: str) -> Diagnosis:
    """Say that an answer was `ok` and told nothing: something between us and Slack has answered in its place."""
    return Diagnosis(FindingLevel.ERROR, f"Slack: {method} was answered without what Slack tells.", _LATER)
