"""Send messages through Telegram: in parts where they are long, refreshed where they stand, and files."""

import contextlib
from collections.abc import Callable

from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    LinkPreviewOptions,
)
from telegram.constants import ChatAction
from telegram.error import TelegramError

from bot.channels.base import MessageRejected, Outbound, OutcomeUnknown
from bot.channels.telegram.errors import UNREADABLE, as_send_error, checked, is_quiet_edit
from bot.channels.telegram.inbound import SCHEME
from bot.channels.telegram.outbound import ButtonRows, MessagePart, to_parts, trace_rows
from flows.engine.effects import PromptKind

MOST_REMEMBERED = 1000
"""Messages that are out in part; a bound for memory, never reached in practice."""
_ODD_ANSWER = "Telegram's answer cannot be read"
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class TelegramSender:
    """Sends messages and files to private chats of a Telegram bot.

    `bot` returns the bot and is called for each message, since the channel may make it anew. `typing` says whether
    "is typing" is shown first.
    """

    def __init__(self, bot: Callable[[], Bot], *, typing: bool) -> None:
        self._bot = bot
        self._typing = typing
        self._partly_sent: dict[Outbound, list[int]] = {}

    async def send(self, message: Outbound) -> str | None:
        """Send one message, or show it anew where it stands, and return Telegram's id of its last part.

        What is longer than a message goes out in parts. If a later part fails for now, the next try goes on
        with it (as long as this process lives). None comes back for a message to show anew that has no `message_id`.

        Raises:
            SendError: with flags that say what to do.
        """
        chat_id = chat_id_of(message.address)
        if message.refresh:
            try:
                return await self._refresh(chat_id, message)
            except UNREADABLE as error:
                raise OutcomeUnknown(_ODD_ANSWER) from error
        parts = to_parts(message)
        sent = self._partly_sent.pop(message, [])
        if self._typing and not sent:
            with contextlib.suppress(TelegramError):
                await self._bot().send_chat_action(chat_id, ChatAction.TYPING)
        try:
            for part in parts[len(sent) :]:
                sent.append(await self._send_part(chat_id, part, paid=message.paid and not sent))
        except TelegramError as error:
            problem = await checked(error, self._bot().get_me)
            if sent and problem.retryable:
                self._remember(message, sent)
            raise problem from error
        return str(sent[-1])

    async def send_document(self, address: str, name: str, content: str, caption: str, /) -> str | None:
        """Send a text file with the words `caption` beside it, and return Telegram's id of the message.

        Captions may have 1024 letters, and ours are shorter.

        Raises:
            SendError: with flags that say what to do.
        """
        chat_id = chat_id_of(address)
        try:
            sent = await self._bot().send_document(
                chat_id, InputFile(content.encode(), filename=name), caption=caption
            )
            return str(sent.message_id)
        except TelegramError as error:
            raise as_send_error(error) from error
        except UNREADABLE as error:
            raise OutcomeUnknown(_ODD_ANSWER) from error

    async def _send_part(self, chat_id: int, part: MessagePart, *, paid: bool) -> int:
        """Send one part. Only the first one of a message is paid for: it is counted as one."""
        try:
            sent = await self._bot().send_message(
                chat_id,
                part.text,
                reply_markup=keyboard(part.rows),
                link_preview_options=_NO_PREVIEW,
                allow_paid_broadcast=True if paid else None,
            )
            return int(sent.message_id)
        except UNREADABLE as error:
            raise TelegramError(_ODD_ANSWER) from error

    def _remember(self, message: Outbound, sent: list[int]) -> None:
        while len(self._partly_sent) >= MOST_REMEMBERED:
            del self._partly_sent[next(iter(self._partly_sent))]
        self._partly_sent[message] = sent

    async def _refresh(self, chat_id: int, message: Outbound) -> str | None:
        """Show a message anew where it stands. Toggles and traces change its buttons alone: its text stays."""
        if message.message_id is None:
            return None
        part = to_parts(message)[-1]
        try:
            if message.trace is not None or message.prompt.kind is PromptKind.SELECT_MANY:
                rows = part.rows if message.trace is None else trace_rows(message, message.trace)
                await self._bot().edit_message_reply_markup(
                    chat_id, int(message.message_id), reply_markup=keyboard(rows)
                )
            else:
                await self._bot().edit_message_text(
                    part.text,
                    chat_id,
                    int(message.message_id),
                    reply_markup=keyboard(part.rows),
                    link_preview_options=_NO_PREVIEW,
                )
        except TelegramError as error:
            if not is_quiet_edit(error):
                raise await checked(error, self._bot().get_me) from error
        return message.message_id


def chat_id_of(address: str) -> int:
    """Return the number of the chat that an address such as `telegram:1234` names.

    Raises:
        MessageRejected: the address is not one of Telegram's.
    """
    scheme, _, number = address.partition(":")
    if scheme != SCHEME or not number.lstrip("-").isdigit():
        raise MessageRejected(f"the address is not one of {SCHEME}")
    return int(number)


def keyboard(rows: ButtonRows) -> InlineKeyboardMarkup | None:
    """Turn rows of buttons into the keyboard that Telegram shows under a message; None where there are no rows."""
    if not rows:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(button.label, callback_data=button.payload) for button in row] for row in rows]
    )
