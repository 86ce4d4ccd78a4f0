"""Read what Telegram says of the bot and of its webhook, for `said doctor`."""

from datetime import datetime, timedelta

from telegram import Bot, User, WebhookInfo
from telegram.error import InvalidToken, TelegramError

from bot.channels.base import Diagnosis, FindingLevel
from bot.channels.telegram.errors import TOKEN_REMEDY, UNREADABLE, reason_of
from bot.channels.telegram.inbound import ALLOWED_UPDATES

OTHER_SERVER_REMEDY = (
    "see that telegram.api_url is the address of a Bot API server, and that no proxy answers in its place"
)
MANY_WAITING = 100
"""Updates. More than one poll takes: somebody is behind."""
RECENT = timedelta(hours=1)
"""An error of the webhook older than this has mended itself."""


async def look(bot: Bot, wanted_url: str | None, now: datetime) -> list[Diagnosis]:
    """Ask Telegram about the bot and its webhook, and return what is good and bad; nothing is raised.

    `wanted_url` is the webhook that the settings want; None means that updates are to be polled.
    """
    findings: list[Diagnosis] = []
    try:
        findings += bot_findings(await bot.get_me())
        findings += webhook_findings(await bot.get_webhook_info(), wanted_url, now)
    except InvalidToken:
        findings.append(Diagnosis(FindingLevel.ERROR, "Telegram refuses the token", TOKEN_REMEDY))
    except TelegramError as error:
        text = f"Telegram cannot be reached: {reason_of(error)}"
        remedy = "check the network, the proxy and telegram.api_url"
        findings.append(Diagnosis(FindingLevel.ERROR, text, remedy))
    except UNREADABLE as error:
        text = f"Telegram gives {reason_of(error)}"
        findings.append(Diagnosis(FindingLevel.ERROR, text, OTHER_SERVER_REMEDY))
    return findings


def bot_findings(me: User) -> list[Diagnosis]:
    """Return what is good and bad about the bot, by getMe's answer: its token, and whether groups may add it."""
    name = f"@{me.username}" if me.username else f"bot {me.id}"
    findings = [Diagnosis(FindingLevel.OK, f"the token is good: {name}")]
    if me.can_join_groups:
        findings.append(
            Diagnosis(
                FindingLevel.WARN,
                "the bot can be added to groups, where it stays silent",
                "send /setjoingroups to @BotFather and choose Disable",
            )
        )
    return findings


def webhook_findings(info: WebhookInfo, wanted_url: str | None, now: datetime) -> list[Diagnosis]:
    """Return what is good and bad about how updates come, by getWebhookInfo's answer.

    `wanted_url` is the webhook that the settings want; None means that updates are to be polled.
    """
    return [_address(info, wanted_url), *_deliveries(info, now), *_waiting(info)]


def _address(info: WebhookInfo, wanted_url: str | None) -> Diagnosis:
    if wanted_url is None and info.url:
        return Diagnosis(
            FindingLevel.WARN,
            "a webhook is set, though updates are to be polled",
            "run `said run`, which takes it away, unless another program needs it",
        )
    if wanted_url is None:
        return Diagnosis(FindingLevel.OK, "updates come by long polling")
    if info.url != wanted_url:
        return Diagnosis(
            FindingLevel.WARN,
            "Telegram posts updates elsewhere or nowhere",
            "run `said run`, which sets the webhook, and check telegram.webhook_url",
        )
    missing = set(ALLOWED_UPDATES) - set(info.allowed_updates)
    if missing:
        names = ", ".join(sorted(missing))
        return Diagnosis(
            FindingLevel.WARN, f"the webhook leaves out {names}", "run `said run`, which sets it anew"
        )
    return Diagnosis(FindingLevel.OK, "updates come to the webhook")


def _deliveries(info: WebhookInfo, now: datetime) -> list[Diagnosis]:
    if info.last_error_date is None or now - info.last_error_date > RECENT:
        return []
    remedy = "see that the address is reachable from outside, with a valid certificate and the same secret"
    return [Diagnosis(FindingLevel.ERROR, f"Telegram could not deliver: {info.last_error_message}", remedy)]


def _waiting(info: WebhookInfo) -> list[Diagnosis]:
    if info.pending_update_count <= MANY_WAITING:
        return []
    text = f"{info.pending_update_count} updates wait at Telegram, which keeps them for a day"
    return [Diagnosis(FindingLevel.WARN, text, "see that `said run` is up")]
