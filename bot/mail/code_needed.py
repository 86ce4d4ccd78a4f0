"""Say that a code is needed to whoever came by the link of a mail, which may have been passed on."""

from typing import Final

from sqlalchemy import Connection

from bot.delivery.rows import message_row
from bot.turn_context import TurnContext
from flows.engine.effects import Prompt, RequestKind
from flows.i18n.say_in_mail import MailSentence, say_in_mail
from storage.people import participants

NEEDS_CODE: Final = frozenset(
    {RequestKind.MY_DATA, RequestKind.DELETE_MY_DATA, RequestKind.LINK, RequestKind.MY_CHOICES}
)
"""What shows what somebody said before, ends all of it, or lets another app in."""


def asked_for_code(turn: TurnContext, wish: RequestKind, address_id: int, language: str) -> bool:
    """Say that a code is needed for a wish, and where it is asked for; return False, and say nothing, where none is."""
    if wish not in NEEDS_CODE or not _came_by_mail(turn.connection, address_id):
        return False
    title = say_in_mail(MailSentence.CODE_TITLE, language)
    text = say_in_mail(MailSentence.CODE_NEEDED, language, title=title)
    turn.writes.outbox.append(message_row(Prompt(text, language=language), address_id, None, turn.now))
    return True


def _came_by_mail(connection: Connection, address_id: int) -> bool:
    """Return whether what is written from an address comes from the page behind the link of a mail."""
    channel, _locale = participants.apps_at(connection, [address_id]).get(address_id, ("", None))
    return channel == "email"
