"""Answer one message: from its inbox row to what is to be written, by the way that `routing` finds for it."""

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import replace as replace_event
from datetime import datetime, timedelta
from typing import assert_never

import structlog
from msgspec.structs import replace
from sqlalchemy import Connection

from bot.channels.base import InboundKind
from bot.conversations import requests, safety
from bot.conversations.conversations import Conversations
from bot.conversations.inbound_turn import InboundTurn
from bot.conversations.messages import from_payload, says_nothing
from bot.conversations.requests import Requester
from bot.conversations.sight import OutcomePending
from bot.delivery.rows import sentence_row
from bot.errors import describe
from bot.mail.code_needed import CodeNeeded
from bot.turns import menu_commands, team_commands
from bot.turns.address_news import learn, news_of
from bot.turns.announced import announced_of, take_back_announced, take_up_announced
from bot.turns.corrections import (
    away_until,
    decides_on_change,
    latest_ended,
    may_be_corrected,
    play_correction,
    remark_after_end,
)
from bot.turns.invitations import InvitationOpener
from bot.turns.late_words import WORDS, is_kept_elsewhere, keep_outside
from bot.turns.mail_links import answer_instead, hold_back, writer_of
from bot.turns.missed import tell_missed
from bot.turns.named_messages import (
    conversation_answered_by,
    mark_deleted,
    route_of_reaction,
    route_of_words,
    was_written_before_end,
)
from bot.turns.returned import expired_lately, take_up_expired
from bot.turns.routing import (
    Begin,
    Blocked,
    Decide,
    DeletedMessage,
    Grant,
    Help,
    Join,
    Mentioned,
    MenuCommand,
    MessageReaction,
    Nothing,
    Play,
    PlayEdit,
    PlayOther,
    Route,
    StopAll,
    Tell,
    Unasked,
    Unblocked,
    for_their_own,
    is_of_house,
    route,
)
from flows.engine.effects import Outcome, RequestKind
from flows.engine.events import Edited, Event, Replied, Sight
from flows.i18n.say import Sentence, say
from flows.parsing.commands import GlobalWord
from flows.parsing.link_codes import InvitationMention
from flows.schedule.contact_policy import ContactReason
from storage.conversations import outbox
from storage.conversations.conversations import (
    ConversationRecord,
    conversations_at,
    find_conversation,
    open_conversation,
)
from storage.conversations.inbox import PendingTurn
from storage.conversations.writes import CommitStage, TapAnswer, Writes
from storage.database.statements import Row, savepoint
from storage.people import participants
from storage.reports import operators
from storage.schema import AddressStatus

_log = structlog.get_logger(__name__)

SORRY_EVERY = timedelta(hours=1)
"""Whoever hears that something went wrong hears it so often at most, however much goes wrong."""
_TAPS = frozenset({InboundKind.TAP, InboundKind.PICKS, InboundKind.DATE})
"""What is answered on the screen when its turn is over."""


@dataclass(frozen=True, slots=True)
class TurnDispatcher:
    """Turns one message at a time into what is to be written, inside the caller's transaction.

    `conversations` plays what belongs to one; `invitations` opens links. `toasts` says of an inbox row whether a toast
    would still reach whoever tapped.
    """

    conversations: Conversations
    invitations: InvitationOpener
    toasts: Callable[[PendingTurn], bool] = lambda _: False

    def answer(self, connection: Connection, pending: PendingTurn, now: datetime) -> Writes:
        """Answer one inbox row, and return what is still to be written: replies, state, the mark that it is handled.

        Where it must wait for the outcome of a sending, the row is postponed and nothing else is written. Raises
        whatever the turn raises; the caller then writes what `put_aside` returns instead.
        """
        try:
            return self._answer(connection, pending, now)
        except OutcomePending as pending_outcome:
            return Writes(postponed=[{"of": pending.inbox_id, "until": pending_outcome.until}])
        except CodeNeeded as needed:
            turn = InboundTurn.of(connection, pending, now)
            with savepoint(connection):
                answer_instead(turn, self.conversations, ends_mails=needed.ends_mails)
            turn.writes.handled.append(handled_row(pending, None, turn.now))
            return turn.writes

    def _answer(self, connection: Connection, pending: PendingTurn, now: datetime) -> Writes:
        turn = InboundTurn.of(connection, pending, now)
        news = news_of(turn)
        is_tap = turn.message.kind in _TAPS
        turn.toasts = is_tap and self.toasts(pending)
        requests.keep_deletion_last(turn, self._language)
        tell_missed(turn, news, self._language)
        if team_commands.answer(turn, self.conversations):
            conversation = None
        else:
            where = route_of_words(turn, self._route(turn))
            hold_back(turn, where)
            take_back_announced(turn, where)
            if isinstance(where, Play):  # it reads only, so that it needs no savepoint
                conversation = where.conversation
                self.conversations.play(turn, conversation, where.event, address_id=turn.address_id)
            else:
                with savepoint(connection):  # what fails halfway leaves nothing, and the batch goes on
                    self._follow(turn, where)
                conversation = turn.conversation
        if news:
            turn.during_commit(CommitStage.ADDRESS, learn, pending, news)
        turn.writes.handled.append(handled_row(pending, conversation.id if conversation else None, turn.now))
        turn.writes.taps += [TapAnswer(pending.channel, pending.external_id, turn.toast)] if is_tap else []
        return turn.writes

    def put_aside(self, connection: Connection, pending: PendingTurn, error: str, now: datetime) -> Writes:
        """Return what is to be written for an inbox row whose turn raised, so that the row is not tried again.

        That is its mark as handled, with `error` as text, and an apology to whoever wrote, at most one an hour
        (`SORRY_EVERY`); none where only the platform told us something.
        """
        writes = Writes(handled=[handled_row(pending, None, now, error)])
        address_id = pending.address_id
        if self._helped(connection, pending, writes, now):
            return writes
        lately = operators.has_put_aside_message(connection, address_id=address_id, since=now - SORRY_EVERY)
        if not lately and not says_nothing(pending.payload):
            language = self.conversations.languages.outside(connection, pending)
            writes.outbox.append(sentence_row(Sentence.PUT_ASIDE, language, address_id, now))
        return writes

    def _helped(self, connection: Connection, pending: PendingTurn, writes: Writes, now: datetime) -> bool:
        """Respond to words of concern whose turn raised, by adding to `writes`; False where there are none.

        Where the response raises too, as it may for the same reason, there is none.
        """
        try:
            with savepoint(connection):
                message = from_payload(pending.payload)
                turn = InboundTurn(connection, now, pending=pending, message=message, handled_at=now)
                helped = self._respond_to_concern(turn)
        # Any error, for the turn raised already, and may raise again: the row is put aside in any case.
        except Exception as error:  # noqa: BLE001
            _log.error("concern_not_answered", inbox=pending.inbox_id, error=describe(error))
            return False
        if helped:
            writes.add(turn.writes)
        return helped

    def _follow(self, turn: InboundTurn, where: Route) -> None:  # noqa: PLR0912 - one case a route
        match where:
            case Play(conversation, event):
                self._play(turn, conversation, event)
            case PlayOther(conversation_id, event):
                self._play_other(turn, conversation_id, event)
            case PlayEdit(event):
                self._edit(turn, event)
            case Unasked(event):
                self._unasked(turn, event)
            case Begin(token):
                self.invitations.open(turn, token)
            case StopAll():
                menu_commands.stop(turn, self._language(turn))
            case Help():
                menu_commands.carry_out(turn, self.conversations, self._language(turn), GlobalWord.HELP)
            case MenuCommand(command):
                menu_commands.carry_out(turn, self.conversations, self._language(turn), command)
            case Grant(wish):
                self._grant(turn, wish)
            case Join(code):
                self._join(turn, code)
            case Decide():
                self._decide(turn)
            case Tell(sentence):
                self._reply_outside(turn, sentence)
            case Blocked() | Unblocked() | MessageReaction() | DeletedMessage() | Nothing():
                self._note(turn, where)
            case _:
                assert_never(where)

    def _route(self, turn: InboundTurn) -> Route:
        """Return where the turn's message goes, an invitation in it looked up; words of concern go before a code."""
        known = (turn.message, writer_of(turn), turn.pending.conversations)
        where = route(*known)
        if isinstance(where, Begin | Join) and turn.message.kind in WORDS and safety.is_of_concern(turn):
            return for_their_own(*known)
        if not isinstance(where, Mentioned):
            return where
        return Begin(where.mention.token) if self._opens(turn, where.mention) else where.otherwise

    def _opens(self, turn: InboundTurn, mention: InvitationMention) -> bool:
        """Return whether an invitation that somebody wrote is opened, or refused in words: else they are mere words.

        One that there is, unless words of concern stand beside it, which come first. One that there is not, where it is
        all that they wrote and looks like no word, or where nobody knows them.
        """
        if self.invitations.knows(turn, mention.token):
            return mention.alone or not safety.is_of_concern(turn)
        is_certain = turn.pending.participant is None or (mention.alone and mention.certain)
        return is_certain and not safety.is_of_concern(turn)

    def _play(self, turn: InboundTurn, conversation: ConversationRecord, event: Event) -> None:
        self.conversations.play(turn, conversation, event, address_id=turn.address_id)

    def _play_other(self, turn: InboundTurn, conversation_id: int, event: Event) -> None:
        """Play a button of another conversation: it must be the participant's own, and have begun.

        Whether somebody else has a conversation of that number is not to be told from the answer.
        """
        conversation = find_conversation(turn.connection, conversation_id)
        if conversation is None or conversation.participant_id != turn.participant.id:
            self._reply_outside(turn, Sentence.BUTTON_UNKNOWN)
        elif not conversation.state:
            ended = Sentence.CONVERSATION_ENDED if turn.conversation else menu_commands.nothing_open(turn)
            self._reply_outside(turn, ended)
        elif is_kept_elsewhere(self.conversations, turn, conversation) and self._keep_outside(
            turn, conversation
        ):
            return
        elif conversation.outcome is Outcome.EXPIRED and turn.conversation is None:
            self._play(turn, self.conversations.reopen(turn, conversation), event)
        elif may_be_corrected(conversation):
            play_correction(self.conversations, turn, conversation, event)
        else:
            self._reply_outside(turn, Sentence.CONVERSATION_ENDED, conversation)

    def _edit(self, turn: InboundTurn, event: Edited) -> None:
        """Play an edited message to the conversation whose answer it was: the open one, or one that ended lately.

        In one that ran out no answer changes: the new words change the remark that the message was, or are a new one. A
        message that was no answer changes nothing: its words are a remark where they tell something, else nothing is
        said.
        """
        known = conversation_answered_by(turn, event.message_id)
        if known is None or is_kept_elsewhere(self.conversations, turn, known):
            self._keep_outside(turn, known)
        elif not known.ended or may_be_corrected(known):
            play_correction(self.conversations, turn, known, event)
        elif not remark_after_end(self.conversations, turn, known, Replied(event.text, event.message_id)):
            self._reply_outside(turn, Sentence.CONVERSATION_ENDED, known)

    def _keep_outside(self, turn: InboundTurn, named: ConversationRecord | None) -> bool:
        return self._respond_to_concern(turn) or keep_outside(self.conversations, turn, named)

    def _unasked(self, turn: InboundTurn, event: Event) -> None:
        """Take words while nothing is open: a language or absence, whenever written, a yes or no to a change, more."""
        wanted = menu_commands.wanted_language(event)
        if wanted is not None:
            if not menu_commands.set_language(turn, self.conversations, wanted):
                self._tell(turn, Sentence.LANGUAGE_NOT_YET)
            return
        until = away_until(turn, event, self._language(turn))
        if until is not None:
            menu_commands.hold(turn, self._language(turn), until)
            self._respond_to_concern(turn)
            return
        if isinstance(event, Replied) and decides_on_change(self.conversations, turn, event):
            return
        if announced_of(turn) is not None:
            if not self._respond_to_concern(turn):
                if not menu_commands.take_beside(turn, self.conversations, self._language(turn), event):
                    self._say(turn, Sentence.NOT_KEPT)
                take_up_announced(turn)
            return
        latest = latest_ended(turn)
        if latest is not None and isinstance(event, Replied) and was_written_before_end(turn, latest):
            self._play(turn, latest, replace_event(event, sight=Sight.BEFORE))
        else:
            self._late_words(turn, latest, event)

    def _late_words(self, turn: InboundTurn, latest: ConversationRecord | None, event: Event) -> None:
        """Answer what was asked of the bot; then ask whether to go on what ran out, else keep a remark."""
        expired, language = expired_lately(turn), self._language(turn)
        is_answered = menu_commands.answer_inquiry(turn, self.conversations, language, greets=expired is None)
        if expired is not None:
            take_up_expired(self.conversations, turn, expired, event, is_answered=is_answered)
        elif is_answered:
            keep_outside(self.conversations, turn)
        elif latest is None or not remark_after_end(self.conversations, turn, latest, event):
            self._reply_outside(turn, menu_commands.nothing_open(turn))

    def _reply_outside(
        self, turn: InboundTurn, sentence: Sentence, named: ConversationRecord | None = None
    ) -> None:
        """Reply to a message that no conversation accepts: with a safety response, if one is due, instead.

        Its words are kept as a remark where they may be: of the conversation that they name, else of another. What is
        said of a button that means nothing is its toast, where there can be one.
        """
        language, is_idle = self._language(turn), sentence is Sentence.STOPPED_BEFORE
        if self._respond_to_concern(turn):
            return
        count, is_kept = len(turn.writes.outbox), keep_outside(self.conversations, turn, named)
        if is_kept and len(turn.writes.outbox) > count:
            return
        if is_idle and menu_commands.answer_inquiry(turn, self.conversations, language):
            return
        if turn.toasts and sentence in menu_commands.OF_BUTTONS:
            turn.toast = say(sentence, self._language(turn))
        else:
            if not is_kept and menu_commands.are_lost(turn, sentence, language):
                self._say(turn, Sentence.NOT_KEPT)
            self._tell(turn, sentence)

    def _respond_to_concern(self, turn: InboundTurn) -> bool:
        """Respond to words of concern, whatever else they were; False where there are none."""
        if turn.message.kind not in WORDS:
            return False
        return safety.respond_outside(turn, self._language(turn), self.conversations.localizations)

    def _grant(self, turn: InboundTurn, wish: RequestKind) -> None:
        """Grant what can be had at any time, while nothing is open."""
        language, words = self._language(turn), turn.message.text
        requester = Requester(turn.participant.id, turn.address_id, language, words=words)
        self.conversations.requests.grant(turn, wish, requester)

    def _join(self, turn: InboundTurn, code: str) -> None:
        """Join this address to the participant whose code was written; their conversation goes on here."""
        joined = self.conversations.requests.link(turn, code, self._language(turn))
        theirs = conversations_at(turn.connection, turn.address_id) if joined else turn.pending.conversations
        conversation = open_conversation(theirs)
        if conversation is not None and conversation.state:
            self.conversations.show_again(turn, conversation, address_id=turn.address_id)

    def _decide(self, turn: InboundTurn) -> None:
        """Take the answer to 'Shall I delete all?'. Whatever is neither yes nor no leaves all as it is.

        A reply that quotes another question, or stands in its thread, is about that one.
        """
        language = self._language(turn)
        undecided = replace(turn.participant, erasure_asked_at=None)
        otherwise = route(turn.message, undecided, turn.pending.conversations)
        plain = otherwise.otherwise if isinstance(otherwise, Mentioned) else otherwise
        named = route_of_words(turn, plain)
        if named is not plain:
            self._follow(turn, named)
            return
        sight = requests.sight_of_deletion(turn)
        if sight is not Sight.SEEN:
            self._decide_later(turn, plain, sight)
            return
        if requests.ask_for_words(turn, language):
            return
        decision = requests.read_decision(turn, language)
        if decision is True:
            requests.erase(turn, language)
            return
        is_repeated = turn.participant.erasure_asked_at is None
        participants.update(turn.connection, undecided.id, {"erasure_asked_at": None})
        turn.pending.participant = undecided
        if decision is False or is_of_house(turn.message):
            (self._reply_outside if is_repeated else self._tell)(turn, Sentence.DELETE_KEPT)
        else:
            self._follow(turn, self._route(turn))

    def _decide_later(self, turn: InboundTurn, otherwise: Route, sight: Sight) -> None:
        """Take no yes or no that was written before the question whether all is to be deleted could be seen.

        All other words go where they would have gone without that question (`otherwise`), which stays.
        """
        language = self._language(turn)
        if requests.read_decision(turn, language) is None:
            self._follow(turn, otherwise)
        elif sight is Sight.UNREAD:
            requests.ask_whether_sure(turn, Requester(turn.participant.id, turn.address_id, language))

    def _note(
        self, turn: InboundTurn, where: Blocked | Unblocked | MessageReaction | DeletedMessage | Nothing
    ) -> None:
        """Note what says nothing: a block, an unblock (the open question is shown again), a mark on a message."""
        match where:
            case MessageReaction():
                self._follow(turn, route_of_reaction(turn))
            case DeletedMessage():
                mark_deleted(turn)
            case Blocked():
                outbox.stop_contact(
                    turn.connection,
                    turn.address_id,
                    status=AddressStatus.BLOCKED,
                    reason=ContactReason.BLOCKED,
                    now=turn.now,
                )
            case Unblocked():  # the address is active again, as after any message: see `address_news`
                if turn.conversation is not None:
                    self._tell(turn, Sentence.REOPENED)
            case Nothing():
                self._respond_to_concern(turn)
            case _:
                assert_never(where)

    def _tell(self, turn: InboundTurn, sentence: Sentence) -> None:
        """Say one sentence, and ask the open question again if there is one."""
        self._say(turn, sentence)
        if turn.conversation is not None:
            self.conversations.show_again(turn, turn.conversation, address_id=turn.address_id)

    def _say(self, turn: InboundTurn, sentence: Sentence, **fields: object) -> None:
        turn.say(sentence, self._language(turn), **fields)

    def _language(self, turn: InboundTurn) -> str:
        return self.conversations.languages.outside(turn.connection, turn.pending)


def handled_row(
    pending: PendingTurn, conversation_id: int | None, now: datetime, error: str | None = None
) -> Row:
    """Return the values that mark an inbox row as handled at `now`.

    `conversation_id` is the conversation that the message went to, None for none; `error` says why the row was put
    aside, None where it was answered.
    """
    return {"of": pending.inbox_id, "at": now, "conversation": conversation_id, "problem": error}
