"""What a page shows of a conversation, read from the rows that turns and delivery leave."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection

from bot.channel_policy import ChannelPolicy
from bot.channels.base import Inbound, InboundKind
from bot.channels.web.port import (
    ConversationPage,
    FormMarks,
    InvitationPreview,
    NoticeKind,
    PageAuthor,
    PageNotice,
)
from bot.channels.web.rendering import invitation_page
from bot.channels.web.source import PageRequest
from bot.conversations.new_conversation import NewConversation
from bot.pages import history
from bot.pages.conversation_pages import ConversationPages
from flows.script.model import Role
from storage.people import invitation_changes, participants
from storage.people.invitation_changes import InvitationChange
from storage.programs import programs
from storage.schema import OUTBOX
from tests.support.page_readers import ADDRESS, Visitor

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
RAW = "SELECT raw FROM answer WHERE slot = 'c1' AND superseded_at IS NULL"
STRANGER = "web:" + "1" * 32


async def test_nobody_is_known_before_they_began(visitor):
    """No page, no data; nothing waits there, and no message has a number."""
    assert await visitor.pages.conversation(STRANGER) is None
    assert await visitor.pages.document(STRANGER) is None
    assert not await visitor.pages.knows(STRANGER)
    assert await visitor.pages.is_settled(STRANGER)
    assert await visitor.pages.newest_number(STRANGER) == 0


async def test_a_page_has_what_both_sides_said_and_the_question(visitor):
    """History in order, what was tapped by its label, and the open question apart, with the newest number."""
    page = await visitor.do(InboundKind.START, text=visitor.home.token("patient_interview", Role.PATIENT))
    assert page.messages == ()
    first = page.open_question
    assert first is not None
    page = await visitor.tap(page, 0)
    question = page.open_question
    assert question is not None
    assert [(one.author, one.text) for one in page.messages] == [
        (PageAuthor.BOT, first.prompt.whole_text),
        (PageAuthor.PERSON, first.prompt.options[0].label),
    ]
    assert page.newest == question.number > first.number
    assert len({one.name for one in page.messages}) == 2
    assert not page.waiting
    assert await visitor.pages.knows(ADDRESS)


def _asked_elsewhere(visitor: Visitor) -> None:
    """All that was sent to the page stands in another app of the same person instead."""
    identity = visitor.home.database.identity
    lookup, sealed = identity.lookup("telegram:1"), identity.seal("telegram:1")

    def move(connection: Connection) -> None:
        number = participants.add_address(
            connection, channel="telegram", lookup=lookup, sealed=sealed, now=NOW
        )
        participants.assign_address(connection, number, 1)
        connection.execute(OUTBOX.update().values(address_id=number, message_id="4711"))

    visitor.home.database.write_now(move)


async def test_what_was_asked_elsewhere_is_shown_here_too(visitor):
    """The open question of another app can be tapped on the page, which names no message; its label is in the history.

    Not where people in that role may not be served on the web, and never to anybody else.
    """
    page = await visitor.do(InboundKind.START, text=visitor.home.token("patient_interview", Role.PATIENT))
    first = page.open_question
    assert first is not None
    assert not first.elsewhere
    _asked_elsewhere(visitor)
    page = await visitor.page()
    assert page.open_question == replace(first, number=0, elsewhere=True)
    assert page.messages == ()
    closed = replace(visitor.pages, policy=ChannelPolicy({"web": frozenset()}))
    found = await closed.conversation(ADDRESS)
    assert found is not None
    assert found.open_question is None
    page = await visitor.tap(page, 0)
    assert page.open_question is not None
    assert not page.open_question.elsewhere
    assert [one.text for one in page.messages] == [first.prompt.options[0].label]
    button = f"{first.conversation:x}.{first.prompt.ask:x}.0"
    await visitor.home.runtime.receive(
        [Inbound(address=STRANGER, external_id="forged", kind=InboundKind.TAP, button=button, order=1)]
    )
    await visitor.home.settle()
    theirs = await visitor.pages.conversation(STRANGER)
    assert theirs is not None
    assert [one.text for one in theirs.messages if one.author is PageAuthor.PERSON] == []


async def test_while_an_answer_is_on_its_way_nothing_is_asked(visitor):
    """The page waits, from when the post is stored until the answer is sent."""
    page = await visitor.do(InboundKind.START, text=visitor.home.token("patient_interview", Role.PATIENT))
    said = Inbound(
        address=ADDRESS, external_id="x", kind=InboundKind.TEXT, text="help", order=page.newest + 1
    )
    await visitor.home.runtime.receive([said])
    for _ in range(2):
        page = await visitor.page()
        assert (page.waiting, page.open_question) == (True, None)
        assert not await visitor.pages.is_settled(ADDRESS)
        await visitor.home.runtime.drain()
    await visitor.home.delivery.drain()
    assert (await visitor.page()).open_question is not None
    assert await visitor.pages.is_settled(ADDRESS)


@pytest.mark.parametrize(
    ("chosen", "locale", "language"), [(None, "de-AT", "de"), ("fr", "de", "fr"), (None, "sv", "en")]
)
async def test_before_anything_was_said_the_page_speaks_to_its_reader(visitor, chosen, locale, language):
    """In what they chose or their browser asks for, while the first answer is on its way: not in English to all."""
    token = visitor.home.token("patient_interview", Role.PATIENT)
    start = Inbound(
        address=ADDRESS, external_id="x", kind=InboundKind.START, text=token, locale=locale, language=chosen
    )
    await visitor.home.runtime.receive([start])
    page = await visitor.page()
    assert (page.waiting, page.language) == (True, language)


async def test_a_long_history_has_pages_of_its_own(visitor, monkeypatch):
    """The newest stand first; a link leads to what was before, until there is no more, and nothing is left out."""
    monkeypatch.setattr(history, "ON_A_PAGE", 4)
    page = await visitor.do(InboundKind.START, text=visitor.home.token("patient_interview", Role.PATIENT))
    for _ in range(5):
        page = await visitor.tap(page, 0)
    seen = [one.name for one in page.messages]
    while page.older is not None:
        page = await visitor.page(int(page.older.rpartition("=")[2]))
        assert page.open_question is not None
        seen = [one.name for one in page.messages] + seen
    assert len(seen) == len(set(seen)) == 10


async def test_ticks_days_and_words_are_shown_as_they_were_said(visitor):
    """Labels of what was ticked, a day as it is written, and words as they were typed."""
    page = await visitor.do(InboundKind.START, text=visitor.home.token("patient_interview", Role.PATIENT))
    page = await visitor.do(
        InboundKind.TEXT, text="<b>what is this</b>", order=page.newest + 1, message_id="1"
    )
    assert "<b>what is this</b>" in [one.text for one in page.messages]


async def test_whether_all_is_to_be_deleted_is_the_open_question(visitor):
    """It stands below all else, its buttons belong to no conversation, and the last message stays to be read."""
    page = await visitor.do(InboundKind.START, text=visitor.home.token("patient_interview", Role.PATIENT))
    page = await visitor.do(InboundKind.TEXT, text="delete my data", order=page.newest + 1, message_id="1")
    assert page.open_question is not None
    assert page.open_question.conversation == 0
    page = await visitor.tap(page, 0)
    assert page.open_question is None
    assert [one.author for one in page.messages] == [PageAuthor.BOT]
    assert await visitor.pages.document(ADDRESS) is None
    await visitor.home.pass_time(visitor.home.clock.now() + timedelta(minutes=1))
    assert not await visitor.pages.knows(ADDRESS)


async def ended(visitor: Visitor) -> tuple[ConversationPage, ConversationPage]:
    """The page that asks somebody's role, and the last page of a conversation that came to its end."""
    page = await visitor.do(InboundKind.START, text=visitor.home.token("hcp_commitment", Role.HCP))
    role = await visitor.tap(await visitor.tap(page, 0), 0)
    page = await visitor.tap(await visitor.tap(role, 1), 2)
    assert page.open_question is not None
    page = await visitor.tap(page, len(page.open_question.prompt.options) - 2)
    assert visitor.home.rows("SELECT outcome FROM conversation") == [("not_relevant",)]
    assert page.open_question is None
    return role, page


async def test_what_an_ended_conversation_asks_has_its_buttons(visitor):
    """Whether to change an answer is the open question where nothing else is, and then stands above what else is."""
    role, _ = await ended(visitor)
    page = await visitor.tap(role, 0)
    asked = page.open_question
    assert asked is not None
    assert [one.label for one in asked.prompt.options] == ["Change it", "Keep it"]
    [of] = visitor.home.rows("SELECT participant_id, address_id, program_id, activity_id FROM conversation")
    begun, now = NewConversation(*of, "hcp_commitment"), visitor.home.clock.now()
    await visitor.home.database.write(lambda c: visitor.home.runtime.begin(c, begun, now=now))
    await visitor.home.settle()
    page = await visitor.page()
    assert page.open_question is not None
    assert page.open_question.conversation != asked.conversation
    [above] = [one for one in page.messages if one.buttons]
    assert above.text == asked.prompt.whole_text
    assert [one.label for one in above.buttons] == ["Change it", "Keep it"]
    page = await visitor.do(InboundKind.TAP, button=above.buttons[0].payload, order=page.newest + 1)
    assert visitor.home.rows(RAW) == [("Physician",)]
    assert above.name not in [one.name for one in page.messages if one.buttons]


async def test_a_change_can_be_undone_where_it_was_made(visitor):
    """The button stands under the newest message that tells of a change, whichever way it went."""
    role, _ = await ended(visitor)
    page = await visitor.tap(await visitor.tap(role, 0), 0)
    undone = []
    for raw in ("Physician", "Nurse", "Physician"):
        assert visitor.home.rows(RAW) == [(raw,)]
        [told] = [one for one in page.messages if one.buttons]
        assert [one.label for one in told.buttons] == ["Undo"]
        undone.append(told.name)
        page = await visitor.do(InboundKind.TAP, button=told.buttons[0].payload, order=page.newest + 1)
    assert len(set(undone)) == 3


async def test_a_link_says_what_it_is_for_and_whether_it_is_good(visitor):
    """In the language that it names, unless another one was chosen; to whoever used it, that it goes on."""
    wish, chosen = PageRequest(("es", "en")), PageRequest(("es", "en"), is_chosen=True)
    visitor.home.language = "en"
    token = visitor.home.token("patient_interview", Role.PATIENT)
    found = await visitor.pages.invitation(token, None, wish)
    assert isinstance(found, InvitationPreview)
    assert (found.language, found.begun, found.title) == ("en", False, "")
    other = await visitor.pages.invitation(token, None, chosen)
    assert other.language in ("es", "en")
    await visitor.do(InboundKind.START, text=token)
    mine = await visitor.pages.invitation(token, ADDRESS, wish)
    assert isinstance(mine, InvitationPreview)
    assert mine.begun
    used = await visitor.pages.invitation(token, STRANGER, wish)
    assert isinstance(used, PageNotice)
    assert used.kind is NoticeKind.LINK_USED
    for unknown in ("Token-that-is-not", "team-that-is-not"):
        refused = await visitor.pages.invitation(unknown, None, wish)
        assert isinstance(refused, PageNotice)
        assert refused.kind is NoticeKind.LINK_UNKNOWN


async def test_a_link_names_what_its_program_allows(visitor):
    """Whom to ask and the minutes that the script promises always; team and title where the file says so, in the
    language of the page. Nothing else of the program, as of its condition, and nothing of the role."""
    token = visitor.home.token("patient_interview", Role.PATIENT)
    unsaid = await visitor.pages.invitation(token, None, PageRequest(("en",)))
    assert (unsaid.contact, unsaid.minutes) == ("team@example.org", 9)
    assert (unsaid.team, unsaid.title) == ("", "")
    html = invitation_page(unsaid, FormMarks(key="k" * 43))
    assert "It takes about 9 minutes." in html
    assert "team@example.org" in html
    assert "myeloma" not in html.lower()
    assert "patient" not in html.lower()
    read = visitor.home.database.read_now
    [(program_id,)] = visitor.home.rows("SELECT id FROM program")
    file = read(lambda c: programs.program_file(c, program_id))
    named = file.model_copy(update={"invitation_names": ("team",), "team": "the Learning Team"})
    version, now = programs.program_hash(named), visitor.home.clock.now()
    visitor.home.database.write_now(lambda c: programs.load(c, named, version, now))
    said = await visitor.pages.invitation(token, None, PageRequest(("en",)))
    assert (said.team, said.title) == ("the Learning Team", "")
    assert "the Learning Team would like to hear from you." in invitation_page(said, FormMarks(key="k" * 43))


async def test_pages_of_no_conversation_speak_the_language_of_their_reader(visitor):
    """That in which they were spoken to last, at whatever address; of nobody nothing is known."""
    assert await visitor.pages.language_at(STRANGER) is None
    visitor.home.language = "de"
    await visitor.do(InboundKind.START, text=visitor.home.token("patient_interview", Role.PATIENT))
    assert await visitor.pages.language_at(ADDRESS) == "de"
    [(number,)] = visitor.home.rows("SELECT id FROM address")
    blocked = {"status": "blocked"}
    visitor.home.database.write_now(lambda c: participants.update_address(c, number, blocked))
    assert await visitor.pages.language_at(ADDRESS) == "de"


async def test_the_page_of_a_link_that_was_revoked_says_that_it_is_too_old(visitor):
    """To whoever is new, as that of an expired one does."""
    token, wish = visitor.home.token("patient_interview", Role.PATIENT), PageRequest()
    change = InvitationChange(visitor.home.clock.now())
    visitor.home.database.write_now(lambda c: invitation_changes.revoke(c, [1], change))
    gone = await visitor.pages.invitation(token, STRANGER, wish)
    assert isinstance(gone, PageNotice)
    assert gone.kind is NoticeKind.LINK_EXPIRED


async def test_who_may_not_be_served_on_the_web_is_told_so(visitor):
    """With whom to ask; a link to a script that is gone is not ready."""
    token = visitor.home.token("patient_interview", Role.PATIENT)
    closed = ConversationPages(
        visitor.home.database, visitor.home.runtime, visitor.home.clock, ChannelPolicy({"web": frozenset()})
    )
    found = await closed.invitation(token, None, PageRequest())
    assert isinstance(found, PageNotice)
    assert (found.kind, bool(found.contact)) == (NoticeKind.REFUSED_HERE, True)
    gone = await visitor.pages.invitation(visitor.home.token("gone", Role.PATIENT), None, PageRequest())
    assert isinstance(gone, PageNotice)
    assert gone.kind is NoticeKind.NOT_READY


async def test_a_device_that_was_forgotten_is_not_known(visitor):
    """Nobody is reached there, and nothing is shown."""
    await visitor.do(InboundKind.START, text=visitor.home.token("patient_interview", Role.PATIENT))
    await visitor.home.runtime.receive([Inbound(address=ADDRESS, external_id="x", kind=InboundKind.BLOCKED)])
    await visitor.home.settle()
    assert await visitor.pages.conversation(ADDRESS) is None
    assert not await visitor.pages.knows(ADDRESS)
