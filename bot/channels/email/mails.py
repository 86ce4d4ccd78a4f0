"""Write the mails: plain text and HTML, in the language of whoever gets them. Pure: nothing is sent here.

What stands in the subject, the sender and the first words, which a locked screen shows, is always the same few
sentences (`flows.i18n.mail_messages`): nobody's words, no condition, no program's title, no role.
"""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from html import escape
from typing import Any, Final

from babel import Locale

from bot.channels.email.options import EmailConfig
from bot.channels.email.port import MailTokens
from flows.engine.effects import Prompt
from flows.i18n.say_in_mail import MailSentence, say_in_mail
from flows.text.templates import babel_name

ENDS_MAILS: Final = "List-Unsubscribe"
"""The field with the ways by which a mail program ends mails."""


class _MailPolicy(EmailPolicy):
    """How header fields are written: as by the library's policy, but for the ways that end mails.

    That would write an address longer than a line in encoded words (RFC 2047), which mail programs take for no address.
    """

    def fold(self, name: str, value: Any) -> str:
        """Return a field in lines; of the ways that end mails each has a line of its own, whatever its length."""
        if name.lower() != ENDS_MAILS.lower():
            return str(super().fold(name, value))
        return f"{name}: {str(value).replace('>, <', f'>,{self.linesep} <')}{self.linesep}"

    def fold_binary(self, name: str, value: Any) -> bytes:
        """Return the same in bytes."""
        if name.lower() != ENDS_MAILS.lower():
            return bytes(super().fold_binary(name, value))
        return self.fold(name, value).encode("ascii")


_POLICY: Final = _MailPolicy(linesep="\r\n")


@dataclass(frozen=True, slots=True)
class MailText:
    """What one mail says. `link` has the words of its button and where it leads; None for a mail without one.

    `lines` stand below the button, and last of all, beyond what a preview shows, the `question`; '' for none.
    """

    subject: str
    text: str
    link: tuple[str, str] | None = None
    question: str = ""
    lines: tuple[str, ...] = ()
    language: str = "en"


@dataclass(frozen=True, slots=True)
class MailHead:
    """To whom a mail goes and when, and how it is named; `ends_mails` are the fields by which mails are ended."""

    to: str
    at: datetime
    name: str
    ends_mails: tuple[tuple[str, str], ...] = ()


def waiting_text(
    prompt: Prompt, tokens: MailTokens, config: EmailConfig, *, shows_question: bool = False
) -> MailText:
    """Write that something waits: a question, or words that ask nothing. With `shows_question` these follow, last."""
    language = prompt.language
    asks = prompt.ask is not None
    lines = [MailSentence.LINK_IS_YOURS, MailSentence.NO_REPLIES]
    ends = unsubscribe_link(tokens, config)
    return MailText(
        subject=say_in_mail(
            MailSentence.QUESTION_SUBJECT if asks else MailSentence.MESSAGE_SUBJECT, language
        ),
        text=say_in_mail(MailSentence.QUESTION_TEXT if asks else MailSentence.MESSAGE_TEXT, language),
        link=(say_in_mail(MailSentence.OPEN, language), f"{config.public_url}/m/{tokens.question}"),
        question=prompt.whole_text if shows_question else "",
        lines=(
            *(say_in_mail(line, language) for line in lines),
            f"{say_in_mail(MailSentence.NO_MORE, language)} {ends}",
        ),
        language=language,
    )


def invitation_text(link: str, tokens: MailTokens, language: str, config: EmailConfig) -> MailText:
    """Write to somebody who takes no part yet that they are invited; `link` is where they read what to, and begin."""
    lines = (MailSentence.INVITED_LINK, MailSentence.INVITED_IGNORE, MailSentence.NO_REPLIES)
    ends = f"{say_in_mail(MailSentence.NO_MORE, language)} {unsubscribe_link(tokens, config)}"
    return MailText(
        subject=say_in_mail(MailSentence.INVITED_SUBJECT, language),
        text=say_in_mail(MailSentence.INVITED_TEXT, language),
        link=(say_in_mail(MailSentence.OPEN, language), link),
        lines=(*(say_in_mail(line, language) for line in lines), ends),
        language=language,
    )


def confirmation_text(token: str, language: str, config: EmailConfig) -> MailText:
    """Write that an address is to be confirmed by the link in the mail."""
    return MailText(
        subject=say_in_mail(MailSentence.CONFIRM_SUBJECT, language),
        text=say_in_mail(MailSentence.CONFIRM_TEXT, language),
        link=(say_in_mail(MailSentence.CONFIRM, language), f"{config.public_url}/e/{token}"),
        lines=tuple(
            say_in_mail(line, language) for line in (MailSentence.CONFIRM_IGNORE, MailSentence.NO_REPLIES)
        ),
        language=language,
    )


def taken_text(language: str) -> MailText:
    """Write that an address cannot be confirmed by whoever gave it just now: it is somebody's who takes part."""
    return MailText(
        subject=say_in_mail(MailSentence.ASK_LABEL, language),
        text=say_in_mail(MailSentence.ADDRESS_TAKEN, language),
        lines=(say_in_mail(MailSentence.NO_REPLIES, language),),
        language=language,
    )


def code_text(code: str, language: str) -> MailText:
    """Write a code; it stands in no subject, which a locked screen shows."""
    return MailText(
        subject=say_in_mail(MailSentence.CODE_SUBJECT, language),
        text=say_in_mail(MailSentence.CODE_TEXT, language, code=code),
        lines=(say_in_mail(MailSentence.CODE_IGNORE, language),),
        language=language,
    )


def unsubscribe_link(tokens: MailTokens, config: EmailConfig) -> str:
    """Return where mails are ended by hand: the page."""
    return f"{config.public_url}/u/{tokens.unsubscribe}"


def unsubscribe_fields(tokens: MailTokens, config: EmailConfig) -> tuple[tuple[str, str], ...]:
    """Return the header fields by which a mail program ends mails: with one click where links lead to https (RFC 8058).

    Without https a mail to `unsubscribe` alone, whose subject is the token; none where there is no such mailbox.
    """
    by_mail = f"<mailto:{config.unsubscribe}?subject={tokens.unsubscribe}>" if config.unsubscribe else ""
    if not config.has_https:
        return ((ENDS_MAILS, by_mail),) if by_mail else ()
    ways = ", ".join(way for way in (f"<{unsubscribe_link(tokens, config)}>", by_mail) if way)
    return ((ENDS_MAILS, ways), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))


def compose(text: MailText, head: MailHead, config: EmailConfig) -> EmailMessage:
    """Put a mail together: header fields, plain text, and the same in HTML.

    Raises:
        ValueError: the address or the sender's name would break a header field; nothing of the kind is ever put in.
    """
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = in_header(config.sender, config.sender_name)
    mail["To"] = in_header(head.to)
    mail["Subject"] = text.subject
    mail["Date"] = format_datetime(head.at)
    mail["Message-ID"] = f"<{head.name}@{config.domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    for name, value in head.ends_mails:
        mail[name] = value
    mail.set_content(_plain(text), cte="quoted-printable")
    mail.add_alternative(_html(text), subtype="html", cte="quoted-printable")
    mail["Content-Language"] = text.language  # last: fields of this family move into the parts
    return mail


def in_header(mailbox: str, name: str = "") -> Address:
    """Return a mailbox, with the name beside it, as a header takes it.

    Raises:
        ValueError: it is no address, or the name holds a line break.
    """
    return Address(display_name=name, addr_spec=mailbox)


def _plain(text: MailText) -> str:
    link = () if text.link is None else (text.link[1],)
    question = (text.question,) if text.question else ()
    return "\n\n".join((text.text, *link, *text.lines, *question)) + "\n"


def _html(text: MailText) -> str:
    direction = "rtl" if Locale.parse(babel_name(text.language)).text_direction == "rtl" else "ltr"
    parts = [f"<p>{escape(text.text)}</p>"]
    if text.link is not None:
        label, address = map(escape, text.link)
        parts.append(
            f'<p><a href="{address}" style="display:inline-block;padding:14px 24px;background:#14507a;'
            f'color:#ffffff;border-radius:6px;text-decoration:none">{label}</a></p>'
        )
    parts += (f'<p style="font-size:14px">{escape(line)}</p>' for line in text.lines)
    if text.question:
        shown = escape(text.question).replace("\n", "<br>")
        parts.append(f"<blockquote>{shown}</blockquote>")
    return (
        f'<!doctype html><html lang="{escape(text.language)}" dir="{direction}"><head><meta charset="utf-8">'
        f"<title>{escape(text.subject)}</title></head>"
        '<body style="font-family:sans-serif;font-size:18px;line-height:1.5">'
        + "".join(parts)
        + "</body></html>"
    )
