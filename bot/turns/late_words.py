"""Keep words that no conversation takes as remarks, so that people read them.

Words of somebody at risk whose script is halted, an edit of what was no answer, words under a question of a talk that
was cut off: they belong to a conversation of their author, under its consent, and are kept for as long as its other
words. Refused is only what there is no consent to keep.
"""

from collections.abc import Sequence
from typing import Final

from bot.channels.base import InboundKind
from bot.conversations.conversations import Conversations
from bot.conversations.inbound_turn import InboundTurn
from bot.turns.named_messages import RECENT
from flows.engine.effects import Outcome
from flows.engine.events import Remarked
from flows.inquiries.reading import is_for_people
from flows.parsing.commands import asks_to_start
from flows.parsing.substance import has_substance
from flows.script.roles import Purpose
from storage.conversations.conversations import ConversationRecord, ended_conversations
from storage.programs import consents

WORDS: Final = frozenset({InboundKind.TEXT, InboundKind.FORM, InboundKind.EDIT})
"""What holds words of a participant."""
_LEFT: Final = frozenset({Outcome.DECLINED, Outcome.WITHDRAWN})
"""After these nothing more is kept in a conversation."""


def keep_outside(
    conversations: Conversations, turn: InboundTurn, named: ConversationRecord | None = None
) -> bool:
    """Keep words that nothing else takes as a remark, so that people read them; return whether they are kept.

    They belong to the conversation that they name, whose own consent decides; else to the open one; else to the one
    that began last, which may have been cut off or be halted for somebody at risk. To that one too while the open one,
    of the same program, is not agreed to yet. Not words that say nothing or are for the bot alone, nor those of
    somebody who has left.
    """
    if turn.pending.participant is None or turn.message.kind not in WORDS or not turn.participant.active:
        return False
    text = turn.message.text
    language = conversations.languages.outside(turn.connection, turn.pending)
    if (
        not is_for_people(text, language)
        or asks_to_start(text, language)
        or not has_substance(text, language)
    ):
        return False
    mine = _that_keeps(conversations, turn, named)
    if mine is None:
        return False
    kept = len(turn.writes.remarks)
    remark = Remarked(text, turn.message.message_id, language if mine.ended else None)
    conversations.play(turn, mine, remark, address_id=turn.address_id)
    return len(turn.writes.remarks) > kept


def is_kept_elsewhere(conversations: Conversations, turn: InboundTurn, named: ConversationRecord) -> bool:
    """Return whether a conversation that has ended may keep no words any more, and a later one keeps them for it."""
    if turn.message.kind not in WORDS or not named.ended or not named.state:
        return False
    if _if_agreed(conversations, turn, named) is not None:
        return False
    return _agreed_after(conversations, turn, named) is not None


def _that_keeps(
    conversations: Conversations, turn: InboundTurn, named: ConversationRecord | None
) -> ConversationRecord | None:
    """Return the conversation that may keep words as a remark, see `keep_outside`; None where none may."""
    if named is not None and named.state:
        return _if_agreed(conversations, turn, named) or _agreed_after(conversations, turn, named)
    here = turn.conversation if turn.conversation is not None and turn.conversation.state else None
    if here is not None and conversations.may_keep_words(turn.connection, here):
        return here
    ended = ended_conversations(turn.connection, turn.participant.id, RECENT)
    latest = next((one for one in ended if one.state), None)
    if latest is None or (here is not None and here.program_id != latest.program_id):
        return None
    return _if_agreed(conversations, turn, latest) or _agreed_since(conversations, turn, ended, latest)


def _agreed_since(
    conversations: Conversations,
    turn: InboundTurn,
    ended: Sequence[ConversationRecord],
    latest: ConversationRecord,
) -> ConversationRecord | None:
    """Return an earlier conversation that keeps words where a no to the latest was taken back since; else None.

    Whoever takes back their yes to one of them says no to all of them; whoever undoes that does so in that one.
    """
    if latest.outcome in _LEFT:
        return None
    who, flow = turn.participant.id, latest.flow
    if not consents.has_consent(turn.connection, who, latest.program_id, Purpose.TAKE_PART, (flow,)):
        return None
    mine = (one for one in ended if one.state and one.program_id == latest.program_id)
    return next((one for one in mine if _if_agreed(conversations, turn, one) is not None), None)


def _agreed_after(
    conversations: Conversations, turn: InboundTurn, named: ConversationRecord
) -> ConversationRecord | None:
    """Return the newest later conversation of the same program that may keep words; None where none may.

    None as well where `named` was left: its participant stopped, or took their consent back.
    """
    if named.outcome in _LEFT:
        return None
    here = () if turn.conversation is None else (turn.conversation,)
    of_program = (
        one
        for one in (*here, *ended_conversations(turn.connection, turn.participant.id, RECENT))
        if one.state and one.program_id == named.program_id and one.id > named.id
    )
    return next((one for one in of_program if _if_agreed(conversations, turn, one) is not None), None)


def _if_agreed(
    conversations: Conversations, turn: InboundTurn, one: ConversationRecord
) -> ConversationRecord | None:
    """Return a conversation whose participant takes part in it, so that it may keep words; else None."""
    may_keep = one.outcome not in _LEFT and conversations.may_keep_words(turn.connection, one)
    return one if may_keep else None
