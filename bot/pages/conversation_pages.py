"""Find what the pages of conversations show: what was said at an address, and the question that waits there.

Nothing is kept for them: a page is made from the rows of the inbox and the outbox each time that it is asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from sqlalchemy import Connection

from bot.channel_policy import ChannelPolicy
from bot.channels.web.port import (
    ConversationPage,
    InvitationPreview,
    NoticeKind,
    PageNotice,
)
from bot.channels.web.source import PageRequest
from bot.clock import Clock
from bot.pages import history
from bot.pages.history import HistoryMessages, messages_of, newest_of
from bot.pages.questions import as_open, asks_to_delete, open_questions, question_elsewhere
from bot.pages.sent_rows import moment_of, number_of, prompt_of
from bot.turns.runtime import Runtime
from flows.check.promises import promised_minutes
from flows.engine.state import decode_state
from flows.i18n.localized_flow import Localizations
from flows.parsing.vocabulary import languages
from flows.schedule.local_time import known_zone
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
from storage.people import account_links, coordinators, invitations, mail_addresses, participants
from storage.people.invitations import InvitationLook, InvitationProblem
from storage.people.mail_addresses import MailOffer
from storage.privacy import subject_access
from storage.programs import programs
from storage.schema import AddressStatus

WEB: Final = "web"

_PROBLEMS: Final = {
    InvitationProblem.UNKNOWN: NoticeKind.LINK_UNKNOWN,
    InvitationProblem.USED: NoticeKind.LINK_USED,
    InvitationProblem.FULL: NoticeKind.LINK_USED,
    InvitationProblem.EXPIRED: NoticeKind.LINK_EXPIRED,
    InvitationProblem.REVOKED: NoticeKind.LINK_EXPIRED,
}


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

    async def language_at(self, address: str) -> str | None:
        """Return the language in which somebody is spoken to at an address; None where nobody is known there."""
        return await self.database.read(partial(self._language_at, address=address))

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

    async def takes_code(self, code: str) -> bool:
        """Return whether an account-link code is good for somebody who may be served on the web."""
        hashed = account_links.code_hash_of(self.database.identity, code)
        role = await self.database.read(
            partial(account_links.role_of_code, code_hash=hashed, now=self.clock.now())
        )
        return role is not None and self.policy.allows(role, WEB)

    async def document(self, address: str) -> str | None:
        """Return all that whoever uses a device told us, as text; None where nobody is known there."""
        return await self.database.read(partial(self._document, address=address))

    # Reading

    def _known(self, connection: Connection, address: str) -> KnownAddress | None:
        found = page_history.find_address(connection, self.database.identity.lookup(address))
        return None if found is None or found.status is not AddressStatus.ACTIVE else found

    def _language_at(self, connection: Connection, address: str) -> str | None:
        found = page_history.find_address(connection, self.database.identity.lookup(address))
        participant = (
            None
            if found is None or found.participant_id is None
            else participants.find(connection, found.participant_id)
        )
        if found is None or participant is None:
            return None
        conversation = open_conversation(unfinished_conversations(connection, participant.id))
        places = (found.id, *page_history.read_by_pages(connection, participant.id))
        sent = page_history.sent_to(connection, places, None, 1)
        return _language(None, sent, conversation) or self._wished(connection, participant, ())

    def _is_settled(self, connection: Connection, address: str) -> bool:
        found = page_history.find_address(connection, self.database.identity.lookup(address))
        return found is None or page_history.is_settled(connection, found.id, self.clock.now())

    def _newest_number(self, connection: Connection, address: str) -> int:
        found = page_history.find_address(connection, self.database.identity.lookup(address))
        return 0 if found is None else self._newest(connection, found.id)

    def _newest(self, connection: Connection, address_id: int) -> int:
        newest = page_history.sent_to(connection, (address_id,), None, 1)
        return max((number_of(row.message_id) for row in newest), default=0)

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
        moment = None if before is None else moment_of(before)
        shows_all = self._shows_all(address, participant)
        places = self._places(connection, known, shows_all=shows_all)
        sent = page_history.sent_to(connection, places, moment, history.ON_A_PAGE + 1)
        said = page_history.said_at(connection, places, moment, history.ON_A_PAGE + 1)
        question, beside = open_questions(connection, known, participant, conversation)
        elsewhere = question is None and shows_all and not asks_to_delete(participant)
        if elsewhere:
            question = question_elsewhere(connection, conversation)
        is_waiting = not page_history.is_settled(connection, known.id, self.clock.now())
        zone = known_zone(participant.timezone if participant is not None else None, "UTC")
        reader = HistoryMessages(connection, known.id, known.participant_id, zone, sent)
        offer = self._offer(connection, address, participant)
        entries = sorted(
            [*reader.ours(question, beside), *reader.theirs(said)],
            key=lambda entry: (entry.at, entry.number),
        )
        shown, older = newest_of(entries)
        return ConversationPage(
            language=_language(question, sent, conversation) or self._wished(connection, participant, said),
            languages=self._languages_for(connection, conversation),
            messages=tuple(entry.message for entry in shown),
            open_question=None
            if question is None or is_waiting
            else as_open(question, zone, conversation, said, elsewhere=elsewhere),
            waiting=is_waiting,
            older=older,
            newest=self._newest(connection, known.id),
            gives_address=offer.may_give,
            asks_address=offer.is_asked,
        )

    def _wished(
        self, connection: Connection, participant: ParticipantRecord | None, said: Sequence[InboundEntry]
    ) -> str:
        """Return the language of a page on which nothing was said yet: its reader's, else that of their browser."""
        known: list[str | None] = []
        if participant is not None:
            known += [participant.language, invitations.language_of(connection, participant.id)]
        for message in messages_of(said):
            known += [message.language, message.locale]
        return self._localizations.spoken(tuple(known))

    def _shows_all(self, address: str, participant: ParticipantRecord | None) -> bool:
        """Return whether a page shows what was said at other addresses of its reader: not by the link of a mail."""
        is_device = address.startswith(f"{WEB}:")
        return is_device and participant is not None and self.policy.allows(participant.role, WEB)

    def _places(self, connection: Connection, known: KnownAddress, *, shows_all: bool) -> Sequence[int]:
        """Return the addresses of which a page shows what was said: its own, and with `shows_all` other pages too."""
        if not shows_all or known.participant_id is None:
            return (known.id,)
        others = page_history.read_by_pages(connection, known.participant_id)
        return tuple({known.id: None} | dict.fromkeys(others))

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
        """Return what a good link shows, in the language that it names unless another one is wished for.

        Whoever holds the link sees it: of the program that is whom to ask, how long it takes, and the names that its
        file allows to be told.
        """
        program = programs.program_file(connection, seen.program_id)
        first = (*wish.languages[:1], seen.language) if wish.is_chosen else (seen.language,)
        wish = PageRequest((*(one for one in first if one), *wish.languages, program.language))
        flow = self.runtime.flows.get(seen.flow)
        if not self.policy.allows(seen.role, WEB):
            return self._refused(NoticeKind.REFUSED_HERE, wish, program.contact)
        if flow is None or not may_be_opened(flow):
            return self._refused(NoticeKind.NOT_READY, wish, program.contact)
        preview = self._as_preview(token, wish, begun=seen.again)
        words = programs.program_words(connection, seen.program_id).in_language(preview.language)
        return replace(
            preview,
            title=words.title if "title" in program.invitation_names else "",
            team=words.team if "team" in program.invitation_names else "",
            contact=program.contact,
            minutes=promised_minutes(flow),
        )

    def _as_preview(self, token: str, wish: PageRequest, *, begun: bool = False) -> InvitationPreview:
        language = self.language(wish)
        return InvitationPreview(token=token, language=language, languages=self.languages(), begun=begun)

    def _refused(self, kind: NoticeKind, wish: PageRequest, contact: str = "") -> PageNotice:
        language = self.language(wish)
        return PageNotice(kind=kind, language=language, languages=self.languages(), contact=contact)


def _language(
    question: SentRow | None, sent: Sequence[SentRow], conversation: ConversationRecord | None
) -> str | None:
    """Return the language of a page: that of the open question, else of the newest message; None before either."""
    rows = [*([] if question is None else [question]), *sent[:1]]
    prompt = next((found for found in map(prompt_of, rows) if found is not None), None)
    if prompt is not None:
        return prompt.language
    return (
        None if conversation is None or not conversation.state else decode_state(conversation.state).language
    )
