"""Find what the pages of conversations show: what was said at an address, and the question that waits there.

Nothing is kept for them: a page is made from the rows of the inbox and the outbox each time that it is asked for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final, NamedTuple

import msgspec
from sqlalchemy import Connection

from bot.channel_policy import ChannelPolicy
from bot.channels.base import HOUSE, InboundKind, button_payload, read_button
from bot.channels.web.port import (
    CONVERSATION_PATH,
    DATA_PATH,
    ConversationPage,
    InvitationPreview,
    NoticeKind,
    OpenQuestion,
    PageAuthor,
    PageButton,
    PageMessage,
    PageNotice,
)
from bot.channels.web.source import PageRequest
from bot.clock import Clock
from bot.conversations.messages import Message, from_payload
from bot.conversations.requests import ASK_DELETE
from bot.turns.corrections import changeable
from bot.turns.runtime import Runtime
from flows.engine.effects import Prompt, PromptKind
from flows.engine.kept_changes import undo_of
from flows.engine.state import decode_state
from flows.i18n.localized_flow import Localizations
from flows.parsing.vocabulary import languages
from flows.schedule.local_time import known_zone, local
from flows.script.reconsent import may_be_opened
from storage.conversations import page_history
from storage.conversations.conversations import (
    ConversationRecord,
    ParticipantRecord,
    open_conversation,
    unfinished_conversations,
)
from storage.conversations.page_history import InboundEntry, KnownAddress, SentRow
from storage.database.connection import Database
from storage.people import coordinators, invitations, mail_addresses, participants
from storage.people.invitations import InvitationLook, InvitationProblem
from storage.people.mail_addresses import MailOffer
from storage.privacy import subject_access
from storage.programs import programs
from storage.schema import AddressStatus, OutboxKind

WEB: Final = "web"
OLDER: Final = f"{CONVERSATION_PATH}?before="
ON_A_PAGE: Final = 60
"""Messages of both sides."""
FALLBACK: Final = "en"

_BY_A_TAP: Final = frozenset(
    {PromptKind.SELECT_ONE, PromptKind.SCALE, PromptKind.NUMBER, PromptKind.CONSENT, PromptKind.CONFIRM}
)
"""What is asked with buttons of which one tap is the answer."""

_PROBLEMS: Final = {
    InvitationProblem.UNKNOWN: NoticeKind.LINK_UNKNOWN,
    InvitationProblem.USED: NoticeKind.LINK_USED,
    InvitationProblem.FULL: NoticeKind.LINK_USED,
    InvitationProblem.EXPIRED: NoticeKind.LINK_EXPIRED,
}
_decode_prompt = msgspec.json.Decoder(Prompt).decode
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class _Entry(NamedTuple):
    """A message of the history in its place: when it was said, and its number where that is the same moment."""

    at: datetime
    number: int
    message: PageMessage


@dataclass(frozen=True, slots=True)
class ConversationPages:
    """Finds what the web channel's pages show, by reading alone. `runtime` knows the flows and their languages."""

    database: Database
    runtime: Runtime
    clock: Clock
    policy: ChannelPolicy
    mails: bool = False
    """Whether mails go out, so that addresses for them may be given."""

    def language(self, wish: PageRequest) -> str:
        """Return the language of a page that belongs to no conversation: the first wish that can be served."""
        return self._localizations.spoken(wish.languages)

    def languages(self) -> tuple[str, ...]:
        """Return the languages that the bot's own sentences are offered in."""
        return tuple(code for code in languages() if self._localizations.spoken((code,)) == code)

    @property
    def _localizations(self) -> Localizations:
        return self.runtime.localizations

    async def knows(self, address: str) -> bool:
        """Return whether a device is on record, and was not forgotten."""
        return await self.database.read(partial(self._known, address=address)) is not None

    async def is_settled(self, address: str) -> bool:
        """Return whether all that a device sent was answered, and the answers can be read."""
        return await self.database.read(partial(self._is_settled, address=address))

    async def newest_number(self, address: str) -> int:
        """Return the number of the newest message that was sent to a device; 0 for none."""
        return await self.database.read(partial(self._newest_number, address=address))

    async def conversation(self, address: str, before: int | None = None) -> ConversationPage | None:
        """Return what a device's page shows; None where the device is not known.

        `before` is a moment in microseconds since 1970: the history above it is shown, and the question of now.
        """
        return await self.database.read(partial(self._page, address=address, before=before))

    async def invitation(
        self, token: str, address: str | None, wish: PageRequest
    ) -> InvitationPreview | PageNotice:
        """Return what the page of a link shows, or why it opens nothing."""
        return await self.database.read(partial(self._preview, token=token, address=address, wish=wish))

    async def document(self, address: str) -> str | None:
        """Return all that whoever uses a device told us, as text; None where nobody is known there."""
        return await self.database.read(partial(self._document, address=address))

    # Reading

    def _known(self, connection: Connection, address: str) -> KnownAddress | None:
        found = page_history.find_address(connection, self.database.identity.lookup(address))
        return None if found is None or found.status is not AddressStatus.ACTIVE else found

    def _is_settled(self, connection: Connection, address: str) -> bool:
        found = page_history.find_address(connection, self.database.identity.lookup(address))
        return found is None or page_history.is_settled(connection, found.id, self.clock.now())

    def _newest_number(self, connection: Connection, address: str) -> int:
        found = page_history.find_address(connection, self.database.identity.lookup(address))
        return 0 if found is None else self._newest(connection, found.id)

    def _newest(self, connection: Connection, address_id: int) -> int:
        newest = page_history.sent_to(connection, address_id, None, 1)
        return max((_number(row.message_id) for row in newest), default=0)

    def _document(self, connection: Connection, address: str) -> str | None:
        known = self._known(connection, address)
        if known is None or known.participant_id is None:
            return None
        participant = participants.get(connection, known.participant_id)
        language = self._localizations.spoken(
            (participant.language, invitations.language_of(connection, participant.id))
        )
        opens = self.database.identity.open
        return subject_access.participant_data_text(
            connection, participant.id, language, self._localizations, opens
        )

    def _page(self, connection: Connection, address: str, before: int | None) -> ConversationPage | None:
        known = self._known(connection, address)
        if known is None:
            return None
        participant = (
            None if known.participant_id is None else participants.find(connection, known.participant_id)
        )
        conversation = (
            None
            if participant is None or not participant.active
            else open_conversation(unfinished_conversations(connection, participant.id))
        )
        moment = None if before is None else _EPOCH + before * _MICROSECOND
        sent = page_history.sent_to(connection, known.id, moment, ON_A_PAGE + 1)
        said = page_history.said_at(connection, known.id, moment, ON_A_PAGE + 1)
        question, beside = _open_questions(connection, known, participant, conversation)
        elsewhere = question is None and self._shows_all(address, participant)
        if elsewhere:
            question = _question_elsewhere(connection, conversation)
        is_waiting = not page_history.is_settled(connection, known.id, self.clock.now())
        zone = known_zone(participant.timezone if participant is not None else None, "UTC")
        reader = _HistoryReader(connection, known.id, known.participant_id, zone, sent)
        offer = self._offer(connection, address, participant)
        entries = sorted(
            [*reader.ours(question, beside), *reader.theirs(said)],
            key=lambda entry: (entry.at, entry.number),
        )
        shown, older = _newest_of(entries)
        return ConversationPage(
            language=_language(question, sent, conversation),
            languages=self._languages_for(connection, conversation),
            messages=tuple(entry.message for entry in shown),
            open_question=None
            if question is None or is_waiting
            else _as_open(question, zone, elsewhere=elsewhere),
            waiting=is_waiting,
            older=older,
            newest=self._newest(connection, known.id),
            gives_address=offer.may_give,
            asks_address=offer.is_asked,
        )

    def _shows_all(self, address: str, participant: ParticipantRecord | None) -> bool:
        """Return whether a page shows what is asked at other addresses of its reader: not by the link of a mail."""
        is_device = address.startswith(f"{WEB}:")
        return is_device and participant is not None and self.policy.allows(participant.role, WEB)

    def _offer(
        self, connection: Connection, address: str, participant: ParticipantRecord | None
    ) -> MailOffer:
        """Return whether whoever is on a page may give an e-mail address there: not by the link of a mail."""
        if not self.mails or participant is None or not address.startswith(f"{WEB}:"):
            return MailOffer()
        return mail_addresses.offer_of(connection, participant.id)

    def _languages_for(
        self, connection: Connection, conversation: ConversationRecord | None
    ) -> tuple[str, ...]:
        if conversation is None or not conversation.state:
            return self.languages()
        return self.runtime.languages_of(connection, conversation)

    def _preview(
        self, connection: Connection, token: str, address: str | None, wish: PageRequest
    ) -> InvitationPreview | PageNotice:
        token_hash = self.database.identity.token_hash(token)
        if token.startswith(coordinators.PREFIX):
            if coordinators.has_link(connection, token_hash):
                return self._as_preview(token, wish)
            return self._refused(NoticeKind.LINK_UNKNOWN, wish)
        known = None if address is None else self._known(connection, address)
        who = None if known is None else known.participant_id
        seen = invitations.look_at(
            connection, token_hash=token_hash, participant_id=who, now=self.clock.now()
        )
        if seen is None:
            return self._refused(NoticeKind.LINK_UNKNOWN, wish)
        if seen.problem is not None:
            return self._refused(_PROBLEMS[seen.problem], wish)
        return self._of_program(connection, token, seen, wish)

    def _of_program(
        self, connection: Connection, token: str, seen: InvitationLook, wish: PageRequest
    ) -> InvitationPreview | PageNotice:
        """Return what a good link shows, in the language that it names unless another one is wished for."""
        program = programs.program_file(connection, seen.program_id)
        first = (*wish.languages[:1], seen.language) if wish.is_chosen else (seen.language,)
        wish = PageRequest((*(one for one in first if one), *wish.languages, program.language))
        flow = self.runtime.flows.get(seen.flow)
        if not self.policy.allows(seen.role, WEB):
            return self._refused(NoticeKind.REFUSED_HERE, wish, program.contact)
        if flow is None or not may_be_opened(flow):
            return self._refused(NoticeKind.NOT_READY, wish, program.contact)
        return self._as_preview(token, wish, begun=seen.again)

    def _as_preview(self, token: str, wish: PageRequest, *, begun: bool = False) -> InvitationPreview:
        language = self.language(wish)
        return InvitationPreview(token=token, language=language, languages=self.languages(), begun=begun)

    def _refused(self, kind: NoticeKind, wish: PageRequest, contact: str = "") -> PageNotice:
        language = self.language(wish)
        return PageNotice(kind=kind, language=language, languages=self.languages(), contact=contact)


@dataclass(frozen=True, slots=True)
class _HistoryReader:
    """Turns rows of both sides at an address into messages of a page. `sent` are those of ours that are at hand."""

    connection: Connection
    address_id: int
    participant_id: int | None
    zone: str
    sent: Sequence[SentRow]

    def ours(self, question: SentRow | None, beside: Sequence[SentRow]) -> Iterator[_Entry]:
        """Yield our messages, but for that of the open question; those `beside` it keep their buttons."""
        tappable = {row.id for row in beside}
        for row in self.sent:
            prompt = _prompt(row)
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
            yield _Entry(row.sent_at, _number(row.message_id), message)

    def theirs(self, said: Sequence[InboundEntry]) -> Iterator[_Entry]:
        """Yield what somebody said, as it stood on the buttons where they tapped."""
        for row in said:
            try:
                message = from_payload(row.payload)
            except msgspec.MsgspecError:  # its time is over, and its words are gone
                continue
            text = self._words(message)
            if text:
                at = local(row.received_at, self.zone)
                shown = PageMessage(name=f"p{row.id}", author=PageAuthor.PERSON, text=text, at=at)
                yield _Entry(row.received_at, message.order or 0, shown)

    def _words(self, message: Message) -> str:
        match message.kind:
            case InboundKind.TEXT | InboundKind.FORM | InboundKind.EDIT:
                return message.text
            case InboundKind.TAP | InboundKind.PICKS:
                return ", ".join(self._labels(message))
            case InboundKind.DATE:
                return "" if message.day is None else message.day.isoformat()
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
        return None if row is None else _prompt(row)


def _open_questions(
    connection: Connection,
    known: KnownAddress,
    participant: ParticipantRecord | None,
    conversation: ConversationRecord | None,
) -> tuple[SentRow | None, list[SentRow]]:
    """Return the message of the question that waits at an address, and those beside it whose buttons do something.

    That question is None where none waits, or it stands elsewhere. Beside it may be those that ended conversations ask,
    such as whether to change an answer, and what undoes the last change of one.
    """
    if participant is None:
        return None, []
    ended = changeable(connection, participant.id) if participant.active else []
    asked, undoes = (
        [(one.id, state.aside) for one, state in ended],
        [(one.id, undo_of(state)) for one, state in ended],
    )
    if conversation is not None and conversation.state:
        state = decode_state(conversation.state)
        asked.insert(0, (conversation.id, _ask_of(conversation)))
        undoes.append((conversation.id, undo_of(state)))
    found = [_sent(connection, known, *place) for place in asked]
    if participant.erasure_asked_at is not None:
        found.insert(0, page_history.question_sent(connection, known.id, None, ASK_DELETE))
    beside = [*found[1:], *(_sent(connection, known, *place) for place in undoes)]
    return next(iter(found), None), [row for row in beside if row is not None]


def _sent(
    connection: Connection, known: KnownAddress, conversation_id: int, ask: int | None
) -> SentRow | None:
    """Return the message that showed a question at an address; None where none did, or no question is meant."""
    return None if ask is None else page_history.question_sent(connection, known.id, conversation_id, ask)


def _question_elsewhere(connection: Connection, conversation: ConversationRecord | None) -> SentRow | None:
    """Return the message that asked what is open at another address of the participant; None where nothing is."""
    ask = None if conversation is None else _ask_of(conversation)
    if conversation is None or ask is None:
        return None
    return page_history.question_of(connection, conversation.participant_id, conversation.id, ask)


def _ask_of(conversation: ConversationRecord) -> int | None:
    """Return the number of a conversation's open question; None where none is."""
    if not conversation.state:
        return None
    state = decode_state(conversation.state)
    return state.open if state.aside is None else state.aside


def _buttons(row: SentRow, prompt: Prompt) -> tuple[PageButton, ...]:
    """Return the buttons of a question that one tap answers; none for others, which have more to fill in."""
    if row.conversation_id is None or row.ask is None or prompt.kind not in _BY_A_TAP:
        return ()
    return tuple(
        PageButton(option.label, button_payload(row.conversation_id, row.ask, place))
        for place, option in enumerate(prompt.options)
    )


def _as_open(row: SentRow, zone: str, *, elsewhere: bool) -> OpenQuestion | None:
    prompt = _prompt(row)
    if prompt is None:
        return None
    conversation = HOUSE if row.conversation_id is None else row.conversation_id
    return OpenQuestion(
        prompt=prompt,
        number=0 if elsewhere else _number(row.message_id),
        conversation=conversation,
        at=local(row.sent_at, zone),
        is_help=row.kind is OutboxKind.HELP,
        elsewhere=elsewhere,
    )


def _language(
    question: SentRow | None, sent: Sequence[SentRow], conversation: ConversationRecord | None
) -> str:
    """Return the language of a page: that of the open question, else of the newest message."""
    rows = [*([] if question is None else [question]), *sent[:1]]
    prompt = next((found for found in map(_prompt, rows) if found is not None), None)
    if prompt is not None:
        return prompt.language
    return (
        FALLBACK
        if conversation is None or not conversation.state
        else decode_state(conversation.state).language
    )


def _newest_of(entries: Sequence[_Entry]) -> tuple[Sequence[_Entry], str | None]:
    """Return the newest entries that fit on a page, and the address of the page with what stands above them.

    What was said at the same moment as the first of them stands on the same page.
    """
    if len(entries) <= ON_A_PAGE:
        return entries, None
    first = entries[-ON_A_PAGE].at
    shown = [entry for entry in entries if entry.at >= first]
    return shown, f"{OLDER}{(first - _EPOCH) // _MICROSECOND}" if len(shown) < len(entries) else None


def _prompt(row: SentRow) -> Prompt | None:
    """Return the prompt of a message; None where its words are gone."""
    try:
        return _decode_prompt(row.payload)
    except msgspec.MsgspecError:
        return None


def _number(message_id: str | None) -> int:
    """Return the number of a message by its name; 0 where that is no number of ours."""
    return (
        int(message_id) if message_id is not None and message_id.isascii() and message_id.isdecimal() else 0
    )
