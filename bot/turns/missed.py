"""Tell who can be reached again what they missed meanwhile, and have what is still within its time come."""

from collections.abc import Callable

from bot.conversations.inbound_turn import InboundTurn
from bot.turns.announced import decide_again
from flows.i18n.say import Sentence
from flows.parsing.commands import GlobalWord, global_word
from flows.schedule.local_time import local
from storage.conversations import outbox
from storage.database.statements import Row
from storage.follow_up import missed_contacts
from storage.schema import AddressStatus


def tell_missed(turn: InboundTurn, news: Row, language: Callable[[InboundTurn], str]) -> None:
    """Say before all else what fell due while a participant could not be reached, if their address is open again.

    `news` is what their message tells of the address. Where help is comes whoever they are; what else was queued there
    when it closed is decided on again. Nothing more is said to who has left, nor to who leaves by this very message.
    """
    if news.get("status") is not AddressStatus.ACTIVE:
        return
    outbox.take_up_help(turn.connection, turn.address_id, turn.now)
    participant = turn.pending.participant
    if participant is None or not participant.active:
        return
    decide_again(turn)
    missed = missed_contacts.take_up_missed(turn.connection, participant.id, turn.now)
    if global_word(turn.message.text, language(turn)) is GlobalWord.STOP:
        return
    if missed.next_at is not None:
        day = local(missed.next_at, participant.zone("UTC")).date()
        turn.say(Sentence.MISSED_COMES, language(turn), when=day)
    elif missed.over:
        turn.say(Sentence.MISSED_GONE, language(turn))
