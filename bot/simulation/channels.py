"""Spread synthetic people over the channels that there are, and give each an address as that channel has them."""

import hashlib
import random
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from bot.channel_policy import PROFILES, ChannelPolicy, DeploymentProfile
from bot.channels.email.mails import MailText
from bot.channels.email.options import EmailConfig
from bot.channels.presence import PagePresence
from bot.errors import UsageError
from flows.script.roles import Role
from storage.schema import ADDRESS

SIMULATED: Final = "simulated"
"""The channel of a simulation that names none."""
NAMES: Final = ("telegram", "slack", "web", "email")
"""The channels that may be named. People of `email` talk in a browser, and are written to by e-mail once they agreed
to that: they confirm an address at once."""
AND_MAIL: Final = "+email"
"""After a channel: its people give an e-mail address, too, once they agreed to be contacted again; what nobody answers
in their app goes there."""
WITH_MAIL: Final = (f"telegram{AND_MAIL}", f"slack{AND_MAIL}")
"""What may be named for people of two channels."""
BOT_NAME: Final = "simulated_bot"
"""What the bot of a simulation would be called on Telegram."""
MOST_SHARE: Final = 1_000_000
PAGES: Final = "https://talk.example.org"
"""Where the pages of a simulation would be."""
_CONFIRMS: Final = re.compile(r"/e/([A-Za-z0-9_-]+)")

ChannelShares = Mapping[str, float]
"""What share of the people is on a channel, by its name, or on two of them (`WITH_MAIL`); empty where none is named."""


def read_shares(text: str) -> ChannelShares:
    """
    Read shares of channels as they are typed, whatever they add up to; a channel without a number has the share 1.

    An empty text names none.

    >>> dict(read_shares("telegram=2, web, telegram+email=0.5"))
    {'telegram': 2.0, 'web': 1.0, 'telegram+email': 0.5}

    Raises:
        UsageError: a channel is unknown, named twice, or its share is no number above 0.
    """
    shares: dict[str, float] = {}
    for part in text.split(",") if text else ():
        name, _, number = part.strip().partition("=")
        share = _share(number or "1")
        if name not in (*NAMES, *WITH_MAIL) or name in shares or share is None:
            raise UsageError(
                f"--channels {text!r} can not be read at {part.strip()!r}",
                f"name each of {', '.join((*NAMES, *WITH_MAIL))} at most once, with its share:"
                " telegram=5,slack=2,web=2,email=1",
            )
        shares[name] = share
    return MappingProxyType(shares)


def _share(text: str) -> float | None:
    try:
        share = float(text)
    except ValueError:
        return None
    return share if 0 < share <= MOST_SHARE else None


def check_roles(shares: ChannelShares, counts: Mapping[Role, int]) -> None:
    """Check that there is a channel for each role of which there are people.

    Teams of educators bring patient partners along.

    Raises:
        UsageError: there is none: all of that role would be invited, and nobody could come in.
    """
    if not shares:
        return
    for role, count in counts.items():
        if count and not allowed(shares, role):
            raise _no_way_in(shares, role, f"--{_OPTIONS[role]} 0")
    if counts.get(Role.EDUCATOR) and not allowed(shares, Role.PATIENT):
        raise _no_way_in(
            shares, Role.PATIENT, f"--{_OPTIONS[Role.EDUCATOR]} 0, whose teams bring patients along"
        )


_OPTIONS: Final = {Role.PATIENT: "patients", Role.HCP: "hcps", Role.EDUCATOR: "educators"}
"""The option of the command that says how many people of a role are invited."""


def _no_way_in(shares: ChannelShares, role: Role, without: str) -> UsageError:
    named = ",".join(f"{name}={share:g}" for name, share in shares.items())
    others = [name for name in NAMES if policy_for({name: 1.0}).allows(role, name)]
    return UsageError(
        f"--channels {named} has no way in for the role {role.value!r}: the channel policy"
        f" {DeploymentProfile.HIPAA.value!r} serves it nowhere there",
        f"add one of {', '.join(others)}, as in --channels {named},{others[0]}=1, or ask for nobody: {without}",
    )


def policy_for(shares: ChannelShares) -> ChannelPolicy:
    """Return who may be served where, which is the default of the settings; without channels everybody everywhere."""
    if not shares:
        return ChannelPolicy()
    found = channels_of(shares)
    return ChannelPolicy(
        PROFILES[DeploymentProfile.HIPAA],
        telegram_bot=BOT_NAME if "telegram" in found else None,
        web_url=PAGES if "web" in found or "email" in found else None,
    )


def channels_of(shares: ChannelShares) -> frozenset[str]:
    """Return the channels on which there are people; who is written to by e-mail alone talks in a browser."""
    found = {channel for name in shares for channel in name.split("+")}
    return frozenset(found | ({"web"} if "email" in shares else set()))


def allowed(shares: ChannelShares, role: Role) -> ChannelShares:
    """Return the channels on which a role may be served, with their shares: of two, on that where they come in."""
    policy = policy_for(shares)
    return {name: share for name, share in shares.items() if policy.allows(role, first_of(name))}


def first_of(name: str) -> str:
    """Return the channel on which people come in, of those that are named for them."""
    return name.removesuffix(AND_MAIL)


def gives_mailbox(name: str) -> bool:
    """Return whether people of a channel, or of two, give an e-mail address."""
    return name == "email" or name.endswith(AND_MAIL)


def channel_of_person(shares: ChannelShares, role: Role, name: str, seed: int) -> str:
    """Return the channel of one person, or both: by the shares of those that serve the role, and nobody else's story.

    `name` is the person's own, such as `hcp-3`.
    """
    among = allowed(shares, role)
    if not among:
        return SIMULATED
    own = random.Random(f"{seed}/channel/{name}")  # noqa: S311 - synthetic people need no secrecy
    return own.choices(list(among), list(among.values()))[0]


def address_of_person(channel: str, name: str, seed: int) -> str:
    """Return the address of a person, as their channel has them; of those of `email` it is that of their browser."""
    digest = hashlib.sha256(f"{seed}/{name}".encode()).hexdigest()
    match first_of(channel):
        case "telegram":
            return f"telegram:{int(digest[:12], 16)}"
        case "slack":
            return f"slack:T0SIMULATED/U{digest[:10].upper()}"
        case "web" | "email":
            return f"web:{digest[:32]}"
        case _:
            return f"{channel}:{name}"


def mailbox_of_person(name: str) -> str:
    """Return the mailbox of a person."""
    return f"{name}@simulated.example.org"


class SimulatedMailbox:
    """Takes the mails by which addresses are confirmed, and keeps the token in each until it is read."""

    def __init__(self) -> None:
        self.config = EmailConfig(host="localhost", sender="bot@example.org", public_url=PAGES)
        self.presence = PagePresence()
        self._tokens: list[str] = []

    async def send_text(self, _mailbox: str, text: MailText, _name: str, /) -> None:
        """Take a mail."""
        self._tokens += [] if text.link is None else _CONFIRMS.findall(text.link[1])

    def read(self) -> list[str]:
        """Return the tokens that came since the last time."""
        tokens, self._tokens = self._tokens, []
        return tokens


def people_by_channel(connection: Connection) -> dict[str, int]:
    """Count the participants who can be written to, by channel; who has a browser and a mailbox counts at both."""
    query = sa.select(ADDRESS.c.channel, sa.func.count(ADDRESS.c.participant_id.distinct()))
    rows = connection.execute(query.group_by(ADDRESS.c.channel).order_by(ADDRESS.c.channel))
    return {channel: count for channel, count in rows if count}
