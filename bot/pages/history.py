"""Turn the rows of both sides at an address into the messages of a page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

import msgspec
from sqlalchemy import Connection

from bot.channels.base import HOUSE, InboundKind, button_payload, read_button
from bot.channels.web.port import (
    CONVERSATION_PATH,
    DATA_PATH,
    PageAuthor,
    PageButton,
    PageMessage,
)
from bot.conversations.messages import Message, from_payload
from bot.pages.sent_rows import number_at, number_of, prompt_of
from flows.engine.effects import Prompt, PromptKind
from flows.schedule.local_time import local
from storage.conversations import page_history
from storage.conversations.page_history import InboundEntry, SentRow
from storage.schema import OutboxKind

OLDER: Final = f"{CONVERSATION_PATH}?before="
ON_A_PAGE: Final = 60
"""Messages of both sides."""
_BY_A_TAP: Final = frozenset(
    {PromptKind.SELECT_ONE, PromptKind.SCALE, PromptKind.NUMBER, PromptKind.CONSENT, PromptKind.CONFIRM}
)
"""What is asked with buttons of which one tap is the answer."""


class HistoryEntry(NamedTuple):
    """A message of the history in its place: when it was said, and its number where that is the same moment."""

    at: datetime
    number: int
    message: PageMessage


@dataclass(frozen=True, slots=True)
class HistoryMessages:
    """Turns rows of both sides at an address into messages of a page. `sent` are those of ours that are at hand."""

    connection: Connection
    address_id: int
    participant_id: int | None
    zone: str
    sent: Sequence[SentRow]

    def ours(self, question: SentRow | None, beside: Sequence[SentRow]) -> Iterator[HistoryEntry]:
        """Yield our messages, but for that of the open question; those `beside` it keep their buttons."""
        tappable = {row.id for row in beside}
        for row in self.sent:
            prompt = prompt_of(row)
            if prompt is None or row == question or not prompt.whole_text:
                continue
            message = PageMessage(
                name=f"m{row.id}",
                author=PageAuthor.BOT,
                text=prompt.whole_text,
                at=local(row.sent_at, self.zone),
                language=prompt.language,
                is_help=row.kind is OutboxKind.HELP,
                buttons=_buttons(row, prompt) if row.id in tappable else (),
                file=DATA_PATH if row.kind is OutboxKind.DOCUMENT else "",
            )
            yield HistoryEntry(row.sent_at, number_of(row.message_id), message)

    def theirs(self, said: Sequence[InboundEntry]) -> Iterator[HistoryEntry]:
        """Yield what somebody said, as it stood on the buttons where they tapped."""
        for row in said:
            message = message_of(row)
            if message is None:
                continue
            text = self._words(message)
            day = message.day if message.kind is InboundKind.DATE else None
            if text or day is not None:
                at = local(row.received_at, self.zone)
                shown = PageMessage(name=f"p{row.id}", author=PageAuthor.PERSON, text=text, day=day, at=at)
                yield HistoryEntry(row.received_at, message.order or 0, shown)

    def _words(self, message: Message) -> str:
        match message.kind:
            case InboundKind.TEXT | InboundKind.FORM | InboundKind.EDIT:
                return message.text
            case InboundKind.TAP | InboundKind.PICKS:
                return ", ".join(self._labels(message))
            case _:
                return ""

    def _labels(self, message: Message) -> list[str]:
        """Return what stood on the buttons that were tapped, or beside the boxes that were ticked."""
        button = read_button(message.button or "")
        if button is None:
            return []
        conversation_id, ask, option = button
        prompt = self._asked(None if conversation_id == HOUSE else conversation_id, ask)
        if prompt is None:
            return []
        places = message.options if option is None else (option,)
        return [prompt.options[place].label for place in places if place < len(prompt.options)]

    def _asked(self, conversation_id: int | None, ask: int) -> Prompt | None:
        at_hand = (row for row in self.sent if (row.conversation_id, row.ask) == (conversation_id, ask))
        row = next(at_hand, None) or page_history.question_sent(
            self.connection, self.address_id, conversation_id, ask
        )
        if row is None and conversation_id is not None and self.participant_id is not None:
            row = page_history.question_of(self.connection, self.participant_id, conversation_id, ask)
        return None if row is None else prompt_of(row)


def message_of(row: InboundEntry) -> Message | None:
    """Return what came in; None where its time is over, and its words are gone."""
    try:
        return from_payload(row.payload)
    except msgspec.MsgspecError:
        return None


def messages_of(said: Sequence[InboundEntry]) -> Iterator[Message]:
    """Yield what can still be read of what came in, in its order."""
    return (message for message in map(message_of, said) if message is not None)


def newest_of(entries: Sequence[HistoryEntry]) -> tuple[Sequence[HistoryEntry], str | None]:
    """Return the newest entries that fit on a page, and the address of the page with what stands above them.

    What was said at the same moment as the first of them stands on the same page.
    """
    if len(entries) <= ON_A_PAGE:
        return entries, None
    first = entries[-ON_A_PAGE].at
    shown = [entry for entry in entries if entry.at >= first]
    return shown, f"{OLDER}{number_at(first)}" if len(shown) < len(entries) else None


def _buttons(row: SentRow, prompt: Prompt) -> tuple[PageButton, ...]:
    """Return the buttons of a question that one tap answers; none for others, which have more to fill in."""
    if row.conversation_id is None or row.ask is None or prompt.kind not in _BY_A_TAP:
        return ()
    return tuple(
        PageButton(option.label, button_payload(row.conversation_id, row.ask, place))
        for place, option in enumerate(prompt.options)
    )
