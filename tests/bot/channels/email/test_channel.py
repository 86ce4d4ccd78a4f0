import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.channels.base import (
    HOUSE,
    AddressGone,
    ChannelDown,
    ChannelRefused,
    MessageRejected,
    Outbound,
    OutcomeUnknown,
    RateLimited,
)
from bot.channels.email.bounces import BounceKind, MailBounce
from bot.channels.email.channel import EmailChannel
from bot.channels.email.maildir import Mailbox
from bot.channels.email.options import EmailConfig
from bot.channels.email.port import MailTokens
from bot.channels.email.smtp import MOST_CONNECTIONS, MailServer
from bot.channels.presence import STAYS_SECONDS
from flows.engine.effects import Prompt, PromptKind
from tests.support.mail_server import MailboxServer, mail_server, plain, report_about

ANA = "email:ana@example.org"


class Seconds:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.value = 1000.0

    def __call__(self) -> float:
        return self.value


class Port:
    """A port that knows everybody, and counts its tokens."""

    def __init__(self) -> None:
        self.made = 0
        self.went: list[str] = []
        self.went_not: list[str] = []
        self.ended: list[str] = []
        self.came: list[MailBounce] = []
        self.fails = False
        self.name = ""
        self.shows: set[int] = set()

    async def shows_question(self, conversation: int, /) -> bool:
        return conversation in self.shows

    async def unsubscribe(self, token: str, /) -> bool:
        if self.fails:
            raise OSError("full")
        self.ended.append(token)
        return True

    async def came_back(self, bounces: Sequence[MailBounce], /) -> int:
        if self.fails:
            raise OSError("full")
        self.came += bounces
        return len(bounces)

    async def run(self) -> None:
        """Send nothing."""

    async def mailed(self, tokens: MailTokens, /) -> None:
        self.went.append(tokens.question)

    async def not_mailed(self, tokens: MailTokens, /) -> None:
        self.went_not.append(tokens.question)

    async def new_tokens(self, address: str, /) -> MailTokens | None:
        self.made += 1
        return (
            None
            if "nobody" in address
            else MailTokens(f"q{self.made}", f"u{self.made}", self.name or f"n{self.made}")
        )


def _channel(
    box: MailboxServer,
    seconds: Seconds | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    **more: object,
) -> EmailChannel:
    config = EmailConfig(
        host="127.0.0.1",
        port=box.port,
        tls="none",
        sender="talk@example.org",
        public_url="https://talk.example.org",
    )
    channel = EmailChannel(replace(config, **more), monotonic=seconds or Seconds(), sleep=sleep)  # type: ignore[arg-type]
    channel.port = Port()
    return channel


def _question(address: str = ANA, text: str = "How are you?") -> Outbound:
    return Outbound(address=address, prompt=Prompt(text, PromptKind.TEXT, ask=1))


async def test_a_question_becomes_a_mail_with_a_link() -> None:
    """The server gets one mail, from the settings' sender to the person alone, with the link of a new token."""
    async with mail_server() as box:
        name = await _channel(box).send(_question())
        assert box.recipients == ["ana@example.org"]
        assert box.senders == ["talk@example.org"]
        [mail] = box.mails
        assert "https://talk.example.org/m/q1" in plain(mail)
        assert "How are you" not in plain(mail)
        assert mail["Message-ID"] == "<n1@example.org>"
        assert name is not None
        assert name.isdecimal()


@pytest.mark.parametrize(("conversation", "is_shown"), [(7, True), (8, False), (HOUSE, False), (None, False)])
async def test_a_mail_holds_the_question_where_its_program_says_so(
    conversation: int | None, is_shown: bool
) -> None:
    """The port is asked by the message's conversation; what belongs to none shows no words."""
    async with mail_server() as box:
        channel = _channel(box)
        assert isinstance(channel.port, Port)
        channel.port.shows = {7}
        await channel.send(replace(_question(), conversation=conversation))
        [mail] = box.mails
        assert ("How are you?" in plain(mail)) is is_shown
        assert mail["Subject"] == "A question is waiting for you"


async def test_what_is_said_together_is_one_mail() -> None:
    """What follows within ten minutes goes with the mail before it, whose link shows all; later there is another."""
    async with mail_server() as box:
        seconds = Seconds()
        channel = _channel(box, seconds)
        names = [await channel.send(_question()) for _ in range(3)]
        assert len(box.mails) == 1
        assert sorted(names, key=lambda name: int(name or 0)) == names
        assert len(set(names)) == 3
        seconds.value += 601
        await channel.send(_question())
        assert len(box.mails) == 2


async def test_whoever_is_on_the_page_gets_no_mail() -> None:
    """What the page shows is not mailed while they are there, and the page is told of it; afterwards it is."""
    async with mail_server() as box:
        seconds = Seconds()
        channel = _channel(box, seconds)
        channel.presence.visit(ANA)
        told: list[str] = []
        channel.shown = told.append
        await channel.send(_question())
        assert box.mails == []
        assert told == [ANA]
        seconds.value += STAYS_SECONDS
        await channel.send(_question())
        assert len(box.mails) == 1


async def test_whoever_has_left_the_page_gets_a_mail_again() -> None:
    """Who answered by the link of a mail and left is told of what comes later, also within those ten minutes."""
    async with mail_server() as box:
        seconds = Seconds()
        channel = _channel(box, seconds)
        await channel.send(_question())
        channel.presence.visit(ANA)
        await channel.send(_question(text="Thank you."))
        seconds.value += STAYS_SECONDS
        await channel.send(_question(text="One more thing?"))
        assert len(box.mails) == 2


async def test_tokens_count_once_their_mail_has_gone() -> None:
    """What a server takes counts, what it refuses is forgotten, and what may have arrived is left as it is."""
    async with mail_server() as box:
        channel = _channel(box)
        port = channel.port
        assert isinstance(port, Port)
        box.on_data = "451 4.3.0 later"
        with pytest.raises(ChannelDown):
            await channel.send(_question())
        box.on_data, box.drops = None, True
        with pytest.raises(OutcomeUnknown):
            await channel.send(_question())
        box.drops = False
        await channel.send(_question())
        assert (port.went, port.went_not) == (["q3"], ["q1"])


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        ({"on_mail": "553 5.7.1 not yours"}, ChannelRefused),
        ({"on_rcpt": "550 5.1.1 nobody"}, AddressGone),
        ({"on_rcpt": "450 4.2.0 greylisted"}, ChannelDown),
        ({"on_data": "554 5.7.1 spam"}, MessageRejected),
        ({"on_data": "451 4.3.0 later"}, ChannelDown),
        ({"drops": True}, OutcomeUnknown),
    ],
)
async def test_a_real_server_refuses(answers: dict[str, object], kind: type[Exception]) -> None:
    """Refusals of a real server, at each command, and a connection lost after the text: each has its error."""
    async with mail_server() as box:
        for name, value in answers.items():
            setattr(box, name, value)
        channel = _channel(box)
        with pytest.raises(kind):
            await channel.send(_question())
        box.on_mail = box.on_rcpt = box.on_data = None
        box.drops = False
        await channel.send(_question())
        assert plain(box.mails[-1])


async def test_a_mail_that_waits_for_a_slow_server_is_known_not_to_have_gone() -> None:
    """While all connections are busy the next mail is put off, and is no mail that may have arrived."""
    async with mail_server() as box:
        box.answers.clear()
        channel = _channel(box)
        server = MailServer(channel.config, patience=0.2)
        under_way = [
            asyncio.create_task(server.hand_over("ana@example.org", b"Subject: a\n\nb"))
            for _ in range(MOST_CONNECTIONS)
        ]
        while len(box.mails) < MOST_CONNECTIONS:  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0.01)
        with pytest.raises(RateLimited):
            await server.hand_over("bob@example.org", b"Subject: a\n\nb")
        box.answers.set()
        await asyncio.gather(*under_way)
        await server.hand_over("bob@example.org", b"Subject: a\n\nb")
        assert box.recipients.count("bob@example.org") == 1


async def test_a_server_that_is_not_there_is_tried_again() -> None:
    """Where nobody listens, nothing was delivered."""
    async with mail_server() as box:
        pass
    with pytest.raises(ChannelDown):
        await _channel(box).send(_question())


async def test_a_login_is_made_and_its_refusal_stops_the_channel() -> None:
    """The server is logged in to with the settings' password; a wrong one is the operator's to mend."""
    async with mail_server(needs_login=True) as box:
        await _channel(box, user="talk", password="right").send(_question())
        assert box.logins == ["talk"]
        with pytest.raises(ChannelRefused, match=r"email\.password"):
            await _channel(box, user="talk", password="wrong").send(_question())
        with pytest.raises(ChannelRefused):
            await _channel(box).send(_question())


async def test_without_starttls_nothing_goes() -> None:
    """A server that offers no encryption where the settings want it gets no mail and no password."""
    async with mail_server() as box:
        with pytest.raises(ChannelRefused, match=r"email\.tls"):
            await _channel(box, tls="starttls").send(_question())
        assert box.mails == []


@pytest.mark.parametrize(
    "address", ["email:nobody@example.org", "email:a@b.org\r\nBcc: c@d.org", "telegram:1"]
)
async def test_nothing_goes_to_whom_nobody_knows(address: str) -> None:
    """An address that is not known, or that no mail can go to, is refused, and no mail leaves."""
    async with mail_server() as box:
        with pytest.raises(MessageRejected):
            await _channel(box).send(_question(address))
        assert box.mails == []


async def test_a_message_shown_anew_needs_no_mail() -> None:
    """Ticks that change are no news, and no file of answers goes by mail."""
    async with mail_server() as box:
        channel = _channel(box)
        again = replace(_question(), refresh=True, message_id="7")
        assert await channel.send(again) == "7"
        with pytest.raises(MessageRejected):
            await channel.send_document(ANA, "a.txt", "all of it", "yours")
        assert box.mails == []


async def test_mails_in_the_folder_are_read_once(tmp_path: Path) -> None:
    """A mail that asks for no more ends mails, any other is left alone; what could not be kept stays unread."""
    for name in ("new", "cur", "tmp"):
        (tmp_path / name).mkdir()
    token = "Token-0123456789012345678901234567890123456"
    (tmp_path / "new" / "1").write_bytes(f"Subject: {token}\n\n".encode())
    (tmp_path / "new" / "2").write_bytes(b"Subject: hello\n\n")
    async with mail_server() as box:
        channel = _channel(box, maildir=tmp_path)
        port = channel.port
        assert isinstance(port, Port)
        port.fails = True
        await channel.look_at(Mailbox(tmp_path))
        assert len(list((tmp_path / "new").iterdir())) == 2
        port.fails = False
        await channel.look_at(Mailbox(tmp_path))
        await channel.look_at(Mailbox(tmp_path))
        assert port.ended == [token]
        assert len(list((tmp_path / "cur").iterdir())) == 2


async def test_a_mail_that_cannot_be_put_away_stops_nothing(tmp_path: Path) -> None:
    """What a mail says is kept, the folder is looked at again, and the channel goes on."""
    (tmp_path / "new").mkdir()  # and no `cur`
    token = "Token-0123456789012345678901234567890123456"
    (tmp_path / "new" / "1").write_bytes(f"Subject: {token}\n\n".encode())
    async with mail_server() as box:
        channel = _channel(box, maildir=tmp_path)
        port = channel.port
        assert isinstance(port, Port)
        await channel.look_at(Mailbox(tmp_path))
        assert port.ended == [token]


@pytest.mark.parametrize(
    ("kind", "is_read_as"),
    [("delivery-status", BounceKind.BOUNCED), ("feedback-report", BounceKind.COMPLAINED)],
)
async def test_what_comes_back_to_the_folder_is_told_once(
    tmp_path: Path, kind: str, is_read_as: BounceKind
) -> None:
    """The report about the very mail that went out, with that mail in it; it stays unread until it was kept."""
    for name in ("new", "cur", "tmp"):
        (tmp_path / name).mkdir()
    async with mail_server() as box:
        channel = _channel(box, maildir=tmp_path)
        port = channel.port
        assert isinstance(port, Port)
        port.name = "n" * 43
        await channel.send(_question())
        (tmp_path / "new" / "1").write_bytes(report_about(box.mails[-1], kind))
        port.fails = True
        await channel.look_at(Mailbox(tmp_path))
        port.fails = False
        for _ in range(2):
            await channel.look_at(Mailbox(tmp_path))
        assert port.came == [MailBounce("n" * 43, is_read_as)]


async def _at_once(_seconds: float) -> None:
    """Wait for nothing."""


async def test_doctor_sends_a_mail_and_reads_it_where_it_arrives(tmp_path: Path) -> None:
    """The mail carries both fields and a link that opens nothing; where it arrives, its signature is read."""
    (tmp_path / "cur").mkdir()
    (tmp_path / "new").mkdir()
    async with mail_server() as box:
        channel = _channel(box, maildir=tmp_path, operator="op@example.org", sleep=_at_once)
        box.delivers_to = tmp_path / "new"
        found = [one.text for one in await channel.check()]
        assert box.recipients == ["op@example.org"]
        assert box.mails[0]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert any("takes mails" in text for text in found)
        assert any("no DKIM signature" in text for text in found)
        box.delivers_to = None
        found = [f"{one.text} {one.remedy}" for one in await channel.check()]
        assert any("said doctor --mail FILE" in text for text in found)
    found = [one.text for one in await channel.check()]
    assert any("could not be reached" in text for text in found)
