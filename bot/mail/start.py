"""Begin to look after what mails lead to, where mails go out; elsewhere nothing that they need is loaded."""

from collections.abc import Mapping
from functools import partial

from bot.channels.base import Channel
from bot.clock import Clock
from bot.delivery.results import ContactEnded, tell_nobody
from flows.heavy_packages import load
from flows.i18n.localized_flow import Localizations
from storage.database.connection import Database
from storage.database.wakeups import Wakeups


def look_after_mails(
    channels: Mapping[str, Channel],
    database: Database,
    clock: Clock,
    localizations: Localizations,
    wakeups: Wakeups,
) -> ContactEnded:
    """Have the e-mail channel among some channels, and the pages, ask a mail desk; without that channel do nothing.

    Return what is to be told of each message whose address its platform refused.
    """
    if "email" not in channels:
        return tell_nobody
    desk = load("bot.mail.desk")
    make = partial(desk.MailDesk, database, clock, localizations, wakeups=wakeups)
    told: ContactEnded = desk.open_mail_desk(channels, make)
    return told
