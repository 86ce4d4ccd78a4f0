"""Grant what a participant may ask for at any time: a human being, their data, its end, another app."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, assert_never

import sqlalchemy as sa
from sqlalchemy import Connection

from bot.channel_policy import EVERYWHERE, ChannelPolicy
from bot.channels.base import HOUSE, InboundKind, read_button
from bot.conversations import safety
from bot.conversations.inbound_turn import InboundTurn
from bot.conversations.sight import WrittenWords, sight_of
from bot.delivery.rows import message_row, sentence_row
from bot.inquiries import KnownToBot, inquiry_answer
from bot.turn_context import TurnContext
from flows.engine.effects import AnswerInquiry, Option, Prompt, PromptKind, RequestKind
from flows.engine.events import Sight
from flows.i18n.say import Sentence, say
from flows.inquiries.inquiry import Inquiry
from flows.parsing.answers import ReadReply, read_yes_no, too_little
from flows.parsing.commands import GlobalWord, global_word
from flows.parsing.places import asked_clock, asked_zone
from flows.schedule.local_time import local
from flows.schedule.time_zones import city_of, zones_to_offer
from flows.script.roles import Purpose
from storage.conversations.showings import is_deletion_asked_last, showings_outside
from storage.conversations.writes import CommitStage
from storage.database import audit
from storage.database.address_keys import AddressKeys
from storage.database.statements import Row
from storage.follow_up import holds, planned_contacts
from storage.follow_up.planned_contacts import planned_in_all_programs
from storage.people import account_links, contact_requests, participants
from storage.people.account_links import LinkProblem, NewLinkCode
from storage.privacy import consent_withdrawal, erasure
from storage.programs import consents, programs
from storage.schema import CONVERSATION, AuditKind, OutboxKind

ASK_DELETE: Final = 1
"""The number of the question whether all is to be deleted, in the buttons of no conversation (`HOUSE`)."""
ANSWER_WITHIN: Final = timedelta(days=1)
"""A yes after this is no longer an answer to that question."""

_PROBLEMS: Final = {
    LinkProblem.WRONG: Sentence.LINK_WRONG,
    LinkProblem.TRIED_OUT: Sentence.LINK_TRIED_OUT,
    LinkProblem.TAKEN: Sentence.LINK_TAKEN,
    LinkProblem.SAME: Sentence.LINK_SAME,
}


@dataclass(frozen=True, slots=True)
class Requester:
    """The participant who asks for something, with the address and language to answer in, and their conversation.

    `conversation_id` is None where they ask outside a conversation.
    """

    participant_id: int
    address_id: int
    language: str
    conversation_id: int | None = None
    words: str = ""
    """What they wrote; '' where that is not known."""


@dataclass(frozen=True, slots=True)
class ParticipantRequests:
    """Grants what participants may ask for at any time.

    `keys` hash the codes that join another app, `pick` chooses one letter of a text at random for them, and `policy`
    says which roles may be served on which channel.
    """

    keys: AddressKeys
    pick: Callable[[str], str] = secrets.choice
    policy: ChannelPolicy = EVERYWHERE

    def grant(self, turn: TurnContext, wish: RequestKind, asker: Requester) -> None:
        """Do what a participant asks for, and queue the reply to them.

        Their data is sent as a file, consents are shown or taken back, a code for another app is made, a wish for a
        human is noted; deletion is only asked about here, see `read_decision` and `erase`.
        """
        match wish:
            case RequestKind.HUMAN:
                _ask_for_human(turn, asker)
            case RequestKind.MY_DATA:
                _send_document(turn, asker)
            case RequestKind.DELETE_MY_DATA:
                ask_whether_sure(turn, asker)
            case RequestKind.LINK:
                self._give_code(turn, asker)
            case RequestKind.MY_CHOICES:
                _show_consents(turn, asker)
            case RequestKind.NO_CONTACT:
                _take_back(turn, asker, Purpose.CONTACT_AGAIN)
            case RequestKind.NOT_MY_WORDS:
                _take_back(turn, asker, Purpose.USE_WORDS)
            case RequestKind.TIME_ZONE:
                _tell_zone(turn, asker)
            case _:
                assert_never(wish)

    def answer(self, turn: TurnContext, asked: AnswerInquiry, asker: Requester) -> None:
        """Queue the answer to what a participant asked of the bot itself; nothing where they never took part."""
        program_id = _program_of(turn.connection, asker)
        if program_id is None:
            return
        words = programs.program_words(turn.connection, program_id)
        participant = participants.get(turn.connection, asker.participant_id)
        asks_when = asked.inquiry is Inquiry.WHEN_AGAIN
        next_at = _next_contact(turn, participant.id) if asks_when else None
        zone = participant.zone(words.program.timezone)
        author = safety.MessageAuthor(participant.id, asker.address_id, program_id, asker.conversation_id)
        known = KnownToBot(
            safety.care_for(turn.connection, author, words.program).number,
            asked.progress,
            local(next_at, zone).date() if next_at else None,
            asker.conversation_id is not None,
            asks_when and _may_write_again(turn, participant.id),
        )
        prompt = Prompt(inquiry_answer(asked.inquiry, words, asker.language, known), language=asker.language)
        turn.writes.outbox.append(message_row(prompt, asker.address_id, asker.conversation_id, turn.now))

    def _give_code(self, turn: TurnContext, asker: Requester) -> None:
        """Say a code that joins another app to this participant."""
        code = account_links.make_code(
            turn.connection,
            NewLinkCode(asker.participant_id),
            code_hash=self._code_hash,
            pick=self.pick,
            now=turn.now,
        )
        _say(turn, asker, Sentence.LINK_CODE, code=code)

    def link(self, turn: InboundTurn, code: str, language: str) -> bool:
        """Join the address that wrote to the participant whose account-link code it wrote; return whether it did.

        The outcome is said in either case, in `language` or the one that the participant joined has chosen. False
        where the code cannot be used, or the participant's role may not be served on this channel.
        """
        claimed = account_links.claim_code(
            turn.connection,
            code_hash=self._code_hash(code),
            address_id=turn.address_id,
            person=turn.pending.participant,
            now=turn.now,
        )
        if isinstance(claimed, LinkProblem):
            turn.say(_PROBLEMS[claimed], language)
            return False
        if not self.policy.allows(claimed.person.role, turn.pending.channel):
            turn.say(Sentence.INVITATION_ROLE, language)
            return False
        account_links.join_address(
            turn.connection,
            claimed,
            address_id=turn.address_id,
            person=turn.pending.participant,
            now=turn.now,
        )
        channel, joined = turn.pending.channel, claimed.person
        audit.record(
            turn.connection, AuditKind.ENTERED, participant_id=joined.id, now=turn.now, linked=channel
        )
        turn.say(Sentence.LINK_DONE, joined.language or language)
        return True

    def _code_hash(self, code: str) -> bytes:
        return account_links.code_hash_of(self.keys, code)


def erase(turn: InboundTurn, language: str) -> None:
    """Delete all that is known of the participant who wrote, and queue the last message to them, which says so.

    A safety report that must be kept stays, and the message says that. The turn goes on without participant and
    conversations.
    """
    participant_id = turn.participant.id
    last, report = erasure.erase_participant(
        turn.connection,
        erasure.ErasureRequest(participant_id, turn.address_id, turn.pending.inbox_id),
        turn.now,
    )
    audit.record(
        turn.connection,
        AuditKind.DELETION,
        participant_id=participant_id,
        now=turn.now,
        report_kept=report,
    )
    turn.pending.address_id, turn.pending.participant = last, None
    turn.pending.conversations.clear()
    turn.say(Sentence.DELETED_BUT_REPORT if report else Sentence.DELETED, language)


def sight_of_deletion(turn: InboundTurn) -> Sight:
    """Return whether the writer of a message could have seen the question whether all is to be deleted.

    A tap names it. A question that is not on record counts as shown; one that is on record at another address of the
    participant only is shown where they write first, for a yes there was said to something else.

    Raises:
        OutcomePending: that cannot be said yet.
    """
    asked_at, order = turn.participant.erasure_asked_at, turn.message.order
    if turn.message.kind is not InboundKind.TEXT or asked_at is None:
        return Sight.SEEN
    waits = turn.conversation
    if waits is not None and not is_deletion_asked_last(
        turn.connection, waits.id, turn.address_id, ASK_DELETE
    ):
        return Sight.UNREAD  # what was asked last, by a reminder for instance, is what a yes is said to
    showings = showings_outside(turn.connection, turn.participant.id, ASK_DELETE, asked_at)
    if showings and all(one.address_id != turn.address_id for one in showings):
        return Sight.UNREAD
    if order is None:
        return Sight.SEEN
    words = WrittenWords(turn.address_id, order, turn.now, turn.message.written_at)
    return sight_of(showings, words, is_consent=True, now=turn.handled_at)


def read_decision(turn: InboundTurn, language: str) -> bool | None:
    """Read the turn's message as the answer to 'Shall I delete all?': True for yes, False for no.

    None where it is neither, where nothing was asked, or where it comes more than a day after (`ANSWER_WITHIN`).
    """
    message = turn.message
    if not _is_asked(turn):
        return None
    if message.kind is InboundKind.TAP:
        button = read_button(message.button or "")
        ours = button is not None and button[:2] == (HOUSE, ASK_DELETE)
        return button[2] == 0 if ours and button is not None else None
    if message.kind is not InboundKind.TEXT:
        return None
    if global_word(message.text, language) is GlobalWord.LEAVE:
        return False
    read = read_yes_no(message.text, **_labels(language), language=language)
    return read.value is True if isinstance(read, ReadReply) else None


def _labels(language: str) -> dict[str, str]:
    """Return the labels of yes and no under 'Shall I delete all?'."""
    return {"agree": say(Sentence.DELETE_YES, language), "decline": say(Sentence.DELETE_NO, language)}


def _is_asked(turn: InboundTurn) -> bool:
    """Return whether 'Shall I delete all?' was asked, and not so long ago that a yes means something else."""
    asked_at = turn.participant.erasure_asked_at
    return asked_at is not None and turn.now - asked_at <= ANSWER_WITHIN


def ask_for_words(turn: InboundTurn, language: str) -> bool:
    """Ask again whether to delete all, where the reply is too little to go by; return whether it is."""
    message = turn.message
    if not _is_asked(turn) or message.kind is not InboundKind.TEXT:
        return False
    seen = too_little(message.text, **_labels(language), language=language)
    if seen is None:
        return False
    asker = Requester(turn.participant.id, turn.address_id, language)
    _say(turn, asker, Sentence.EMOJI_ALONE, seen=seen)
    ask_whether_sure(turn, asker)
    return True


def _say(turn: TurnContext, asker: Requester, sentence: Sentence, **fields: object) -> None:
    row = sentence_row(sentence, asker.language, asker.address_id, turn.now, **fields)
    turn.writes.outbox.append(row)


def _ask_for_human(turn: TurnContext, asker: Requester) -> None:
    """Note that they want to speak to somebody, and name the program's contact."""
    program_id = _program_of(turn.connection, asker)
    contact_requests.add_request(
        turn.connection,
        participant_id=asker.participant_id,
        program_id=program_id,
        conversation_id=asker.conversation_id,
        now=turn.now,
    )
    contact = "…" if program_id is None else programs.program_file(turn.connection, program_id).contact
    _say(turn, asker, Sentence.HUMAN_TOLD, contact=contact)


def _show_consents(turn: TurnContext, asker: Requester) -> None:
    """Show what they have agreed to, word for word, and how to take one of it back."""
    standing = consents.current_grants(turn.connection, asker.participant_id)
    texts = [f"\N{BULLET} {one.shown_text}" for one in standing]
    if texts:
        _say(turn, asker, Sentence.CHOICES, given="\n".join(dict.fromkeys(texts)))
    else:
        _say(turn, asker, Sentence.CHOICES_NONE)


def _take_back(turn: TurnContext, asker: Requester, purpose: Purpose) -> None:
    """Take back one consent, in every program, and end what hangs on it."""
    standing = consents.current_grants(turn.connection, asker.participant_id)
    given = [one for one in standing if one.purpose is purpose]
    programs_of = {one.program_id for one in given}
    before = {number: _planned(turn, asker, number) for number in programs_of}
    for one in given:
        consent_withdrawal.withdraw_consent(
            turn.connection, asker.participant_id, one, words=asker.words, now=turn.now
        )
        audit.record(
            turn.connection,
            AuditKind.CONSENT,
            participant_id=asker.participant_id,
            now=turn.now,
            purpose=purpose.value,
            granted=False,
            language=one.language,
            text=one.text_hash,
        )
    _say(turn, asker, Sentence.CONSENT_TAKEN_BACK if given else Sentence.CHOICES_NONE)
    after = {number: _planned(turn, asker, number) for number in programs_of}
    changed = next((number for number in sorted(after) if after[number] != before[number]), None)
    if changed is not None:
        turn.writes.outbox.append(follow_up_row(turn, asker, changed, after[changed]))


def _next_contact(turn: TurnContext, participant_id: int) -> datetime | None:
    """Return when we write next of our own accord, not before a hold is over; None where nothing is planned."""
    planned = planned_in_all_programs(turn.connection, participant_id, turn.now)
    held = holds.contact_hold(turn.connection, participant_id) if planned else None
    return max(planned[0], held or planned[0]) if planned else None


def _may_write_again(turn: TurnContext, participant_id: int) -> bool:
    given = consents.current_grants(turn.connection, participant_id)
    return any(one.purpose is Purpose.CONTACT_AGAIN for one in given)


def _planned(turn: TurnContext, asker: Requester, program_id: int) -> tuple[datetime, ...]:
    return planned_contacts.planned_contacts(turn.connection, asker.participant_id, program_id, turn.now)


def follow_up_row(turn: TurnContext, asker: Requester, program_id: int, planned: Sequence[datetime]) -> Row:
    """Return the message that says when the next of some planned follow-ups comes, or that none does any more.

    The day is that of its timer, where the participant is.
    """
    if not planned:
        return sentence_row(Sentence.FOLLOW_UP_NONE, asker.language, asker.address_id, turn.now)
    participant = participants.get(turn.connection, asker.participant_id)
    zone = participant.zone(programs.program_file(turn.connection, program_id).timezone)
    day = local(planned[0], zone).date()
    return sentence_row(Sentence.FOLLOW_UP_ON, asker.language, asker.address_id, turn.now, when=day)


def _tell_zone(turn: TurnContext, asker: Requester) -> None:
    """Say by which time zone they are written to; where they name a place with the words, go by that from now on."""
    program_id = _program_of(turn.connection, asker)
    program = None if program_id is None else programs.program_file(turn.connection, program_id)
    clock, named = asked_clock(asker.words), asked_zone(asker.words)
    if clock is not None:
        near = zones_to_offer(() if program is None else tuple(program.whereabouts), turn.now)
        named = clock.zones(near, turn.now)
    if named:
        participants.update(turn.connection, asker.participant_id, {"timezone": named[0]})
        zone = named[0]
    else:
        default = "UTC" if program is None else program.timezone
        zone = participants.get(turn.connection, asker.participant_id).zone(default)
    fields = {"city": city_of(zone, asker.language), "time": f"{local(turn.now, zone):%H:%M}"}
    told = say(Sentence.ZONE_SET if named else Sentence.ZONE_NOW, asker.language, **fields)
    if clock is not None or len(named) != 1:  # also where the largest of several zones was taken
        told = f"{told}\n\n{say(Sentence.ZONE_HOW, asker.language)}"
    turn.writes.outbox.append(
        message_row(Prompt(told, language=asker.language), asker.address_id, None, turn.now)
    )


def _send_document(turn: TurnContext, asker: Requester) -> None:
    """Send all that is known of them, as a document that is made when it is sent."""
    participant_id, now = asker.participant_id, turn.now
    audit.record(turn.connection, AuditKind.EXPORT, participant_id=participant_id, now=now, to="themselves")
    row = sentence_row(Sentence.MY_DATA_HERE, asker.language, asker.address_id, turn.now)
    turn.writes.outbox.append({**row, "kind": OutboxKind.DOCUMENT})


def ask_whether_sure(turn: TurnContext, asker: Requester) -> None:
    """Ask whether all is to be deleted."""
    participants.update(turn.connection, asker.participant_id, {"erasure_asked_at": turn.now})
    language = asker.language
    options = tuple(Option(say(label, language)) for label in (Sentence.DELETE_YES, Sentence.DELETE_NO))
    prompt = Prompt(
        say(Sentence.DELETE_SURE, language),
        PromptKind.CONFIRM,
        ASK_DELETE,
        options=options,
        language=language,
    )
    turn.writes.outbox.append(message_row(prompt, asker.address_id, None, turn.now))


def keep_deletion_last(turn: InboundTurn, language_of: Callable[[InboundTurn], str]) -> None:
    """Have the commit ask once more whether to delete all, where that waits still and another question follows it.

    Else a yes to that one would delete all. It is not asked behind the link of a mail, where no yes deletes anything.
    """
    participant = None if turn.is_by_mail else turn.pending.participant
    if participant is not None and participant.erasure_asked_at is not None:
        asker = Requester(participant.id, turn.address_id, language_of(turn))
        turn.during_commit(CommitStage.RECHECK, _ask_last, asker)


def _ask_last(turn: TurnContext, asker: Requester) -> None:
    """Ask whether all is to be deleted, if that was asked, and a script's question is what is put last."""
    asked_at = participants.get(turn.connection, asker.participant_id).erasure_asked_at
    if asked_at is None or turn.now - asked_at > ANSWER_WITHIN:
        return
    queued = [row for row in turn.writes.outbox if row["address_id"] == asker.address_id]
    questions = [row for row in queued if row.get("kind", OutboxKind.MESSAGE) is OutboxKind.MESSAGE]
    last = next((row for row in reversed(questions) if row["ask"] is not None), None)
    if last is not None and last["conversation_id"] is not None:
        ask_whether_sure(turn, asker)


def _program_of(connection: Connection, asker: Requester) -> int | None:
    """Return the program of the conversation, else that of the participant's latest one; None for none."""
    mine = CONVERSATION.c.participant_id == asker.participant_id
    if asker.conversation_id is not None:
        mine = CONVERSATION.c.id == asker.conversation_id
    latest = sa.select(CONVERSATION.c.program_id).where(mine).order_by(CONVERSATION.c.id.desc()).limit(1)
    found: int | None = connection.scalar(latest)
    return found


def say_hold_stands(turn: TurnContext, asker: Requester, until: datetime) -> None:
    """Tell a participant who put a conversation off until `until` that an earlier hold of theirs lasts longer.

    And how to end that. Nothing is said where no hold does.
    """
    held = holds.held_until(turn.connection, asker.participant_id)
    if held is None or held <= until:
        return
    participant = participants.find(turn.connection, asker.participant_id)
    when = local(held, (participant.timezone if participant else None) or "UTC")
    _say(turn, asker, Sentence.HOLD_STANDS, when=when)
