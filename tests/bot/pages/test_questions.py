"""Which question waits on a page, whatever else is going on."""

from dataclasses import replace
from typing import cast

import pytest
from sqlalchemy import Connection

from bot.channels.base import HOUSE, InboundKind
from bot.channels.web.port import ConversationPage, OpenQuestion
from bot.pages.questions import as_open, asks_to_delete, open_questions, question_elsewhere
from flows.engine.effects import PromptKind
from flows.script.model import Role
from storage.conversations.conversations import (
    ConversationRecord,
    ParticipantRecord,
    open_conversation,
    unfinished_conversations,
)
from storage.conversations.page_history import KnownAddress, SentRow, find_address
from storage.people import participants
from storage.schema import OutboxKind, ParticipantStatus
from tests.support.page_readers import ADDRESS, Visitor, asked_on
from tests.support.page_rows import NOON, prompt, sent

SOMEBODY = ParticipantRecord(1, "P-1", Role.PATIENT, "en", None, ParticipantStatus.ACTIVE)


class Found:
    """What is on record of the visitor, and the questions that wait for them."""

    def __init__(self, connection: Connection, visitor: Visitor) -> None:
        identity = visitor.home.database.identity
        self.known = cast("KnownAddress", find_address(connection, identity.lookup(ADDRESS)))
        assert self.known.participant_id is not None
        self.participant = participants.find(connection, self.known.participant_id)
        waiting = unfinished_conversations(connection, self.known.participant_id)
        self.conversation: ConversationRecord | None = open_conversation(waiting)
        self.question, self.beside = open_questions(
            connection, self.known, self.participant, self.conversation
        )
        self.elsewhere = question_elsewhere(connection, self.conversation)


def found(visitor: Visitor) -> Found:
    return visitor.home.database.read_now(lambda connection: Found(connection, visitor))


def words_of(row: SentRow | None) -> str:
    """The words of a question as a page shows them; '' for none."""
    question = None if row is None else as_open(row, "UTC", None, (), elsewhere=False)
    return "" if question is None else question.prompt.whole_text


async def begun(visitor: Visitor) -> ConversationPage:
    token = visitor.home.token("patient_interview", Role.PATIENT)
    return await visitor.do(InboundKind.START, text=token)


async def test_the_newest_question_of_the_conversation_waits(visitor: Visitor):
    """The one whose answer would go on: after each answer another one, and never two of the same message."""
    page = await begun(visitor)
    seen = []
    for _ in range(4):
        here = found(visitor)
        assert here.question is not None
        assert here.question.conversation_id == asked_on(page).conversation
        assert here.question.ask == asked_on(page).prompt.ask
        assert here.question.id not in {row.id for row in here.beside}
        assert here.elsewhere == here.question
        seen.append(here.question.id)
        page = await visitor.answer(page)
    assert seen == sorted(set(seen))


async def test_a_question_of_the_bot_s_own_comes_before_the_script_s(visitor: Visitor):
    """While it is asked when to come back, that is what waits, here and elsewhere; the script's comes after it."""
    page = await visitor.answer(await begun(visitor))
    script = found(visitor).question
    await visitor.write(page, "later")
    aside = found(visitor)
    assert aside.question is not None
    assert script is not None
    assert aside.question.ask != script.ask
    assert aside.elsewhere == aside.question


async def test_whether_all_is_to_be_deleted_comes_before_all_else(visitor: Visitor):
    """It stands in no conversation; the question of the conversation keeps its buttons beside it."""
    page = await visitor.answer(await begun(visitor))
    script = found(visitor).question
    assert not asks_to_delete(found(visitor).participant)
    await visitor.write(page, "delete my data")
    here = found(visitor)
    assert asks_to_delete(here.participant)
    assert here.question is not None
    assert here.question.conversation_id is None
    assert script in here.beside


async def test_nothing_waits_for_nobody_and_after_a_stop(visitor: Visitor):
    """Not for an address that is nobody's, nor for whoever stopped."""
    page = await visitor.answer(await begun(visitor))
    here = found(visitor)

    def of_nobody(connection: Connection) -> tuple[SentRow | None, list[SentRow]]:
        return open_questions(connection, here.known, None, here.conversation)

    assert visitor.home.database.read_now(of_nobody) == (None, [])
    await visitor.write(page, "stop")
    after = found(visitor)
    assert (after.question, after.elsewhere) == (None, None)


async def test_a_question_that_stands_elsewhere_is_not_this_page_s(visitor: Visitor):
    """At an address that showed nothing the conversation's question is found elsewhere alone; no one else's is."""
    await visitor.answer(await begun(visitor))
    here = found(visitor)
    other = here.known._replace(id=here.known.id + 1)
    stranger = None if here.conversation is None else _of(here.conversation, 99)

    def look(connection: Connection) -> tuple[SentRow | None, SentRow | None]:
        question, _ = open_questions(connection, other, here.participant, here.conversation)
        return question, question_elsewhere(connection, stranger)

    assert visitor.home.database.read_now(look) == (None, None)
    assert words_of(here.elsewhere) == words_of(here.question) != ""


def _of(conversation: ConversationRecord, participant: int) -> ConversationRecord:
    return ConversationRecord(
        **{
            name: participant if name == "participant_id" else getattr(conversation, name)
            for name in conversation.__struct_fields__
        }
    )


@pytest.mark.parametrize("kind", PromptKind)
@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_message_is_shown_as_the_question_that_it_is(kind: PromptKind, elsewhere: bool):
    """Under the number of its message, which it has only where it was sent; outside any conversation by the house's."""
    row = sent(prompt(kind), message_id="4711")
    shown = as_open(row, "Europe/Berlin", None, (), elsewhere=elsewhere)
    number = 0 if elsewhere else 4711
    whole = OpenQuestion(prompt=prompt(kind), number=number, conversation=7, elsewhere=elsewhere)
    assert shown is not None
    assert replace(shown, at=None) == whole
    assert shown.at == NOON
    assert f"{shown.at:%H:%M}" == "13:00"
    outside = as_open(row._replace(conversation_id=None), "UTC", None, (), elsewhere=elsewhere)
    assert outside is not None
    assert outside.conversation == HOUSE


@pytest.mark.parametrize("kind", OutboxKind)
def test_help_that_asks_is_marked(kind: OutboxKind):
    """So that its numbers can be called; other questions lead nowhere."""
    shown = as_open(sent(prompt(), kind=kind), "UTC", None, (), elsewhere=False)
    assert shown is not None
    assert shown.is_help is (kind is OutboxKind.HELP)


def test_a_question_without_its_words_is_none():
    """What is past its retention is not asked any more."""
    assert as_open(sent("", ask=1), "UTC", None, (), elsewhere=False) is None


def test_who_asked_for_deletion_is_asked_at_every_address():
    """Whether it waits is said by the person's row, not by a page's."""
    assert not asks_to_delete(None)
    assert not asks_to_delete(SOMEBODY)
