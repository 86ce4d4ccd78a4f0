"""Answers that were given and not taken: found again, and nobody else's, and not for longer than they are wanted."""

from datetime import timedelta

import pytest

from bot.channels.base import InboundKind, button_payload
from bot.channels.web.port import NO_DRAFT, AnswerDraft, ConversationPage
from bot.pages.drafts import draft_of
from flows.engine.effects import PromptKind
from flows.i18n.say import Sentence, say
from flows.script.model import Role
from storage.conversations.page_history import InboundEntry
from tests.support.page_readers import STORY, Visitor, asked_on
from tests.support.page_rows import NOON, came, prompt, sent


async def opened(
    visitor: Visitor, kind: PromptKind, flow: str = "patient_interview", role: Role = Role.PATIENT
) -> ConversationPage:
    """The page of somebody who went on until a question of a kind was asked."""
    page = await visitor.do(InboundKind.START, text=visitor.home.token(flow, role))
    return await visitor.until(page, kind)


async def many(visitor: Visitor) -> ConversationPage:
    """The page with boxes of which only some may be ticked."""
    page = await opened(visitor, PromptKind.SELECT_MANY)
    while asked_on(page).prompt.max_picks is None:
        page = await visitor.until(await visitor.answer(page), PromptKind.SELECT_MANY)
    return page


def picks_of(page: ConversationPage) -> frozenset[int] | None:
    return asked_on(page).draft.picks


async def test_more_ticks_than_may_be_stay(visitor: Visitor):
    """Those that were made last, until they are taken; it is said how many may be. They are not carried further."""
    page = await many(visitor)
    first = asked_on(page)
    most = first.prompt.max_picks
    assert most is not None
    assert first.draft == NO_DRAFT
    for places in (range(most + 1), range(1, most + 3)):
        page = await visitor.tick(page, *places)
        assert asked_on(page).prompt.ask == first.prompt.ask
        assert picks_of(page) == frozenset(places)
        assert page.messages[-1].text == say(Sentence.TOO_MANY_PICKS, "en", max=most)
    page = await visitor.tick(page, *range(1, most + 1))
    assert asked_on(page).prompt.ask != first.prompt.ask
    assert asked_on(page).draft == NO_DRAFT


async def test_ticks_stay_while_somebody_asks_something_else(visitor: Visitor):
    """The question is shown anew after help, and after words that were no answer; what was ticked still is."""
    page = await many(visitor)
    places = frozenset(range((asked_on(page).prompt.max_picks or 0) + 1))
    page = await visitor.tick(page, *places)
    shown = asked_on(page).number
    for words in ("help", "I ticked what matters most to me and my family at home"):
        page = await visitor.write(page, words)
        assert asked_on(page).number > shown
        assert picks_of(page) == places


async def test_no_ticks_are_a_draft_too(visitor: Visitor):
    """Whoever unticks all, where some must be, finds none ticked: not those of before."""
    page = await many(visitor)
    before = await visitor.tick(page, *range((asked_on(page).prompt.max_picks or 0) + 1))
    page = await visitor.tick(before)
    assert asked_on(page).prompt.ask == asked_on(before).prompt.ask
    assert picks_of(page) == frozenset()


async def test_a_question_put_again_shows_what_it_took(visitor: Visitor):
    """After a step back the boxes are those of the answer, which its own message shows."""
    page = await many(visitor)
    most = asked_on(page).prompt.max_picks
    assert most is not None
    page = await visitor.tick(page, *range(most + 1))
    page = await visitor.tick(page, 0)
    page = await visitor.write(page, "back")
    question = asked_on(page)
    assert question.prompt.kind is PromptKind.SELECT_MANY
    assert question.draft == NO_DRAFT
    assert [one.picked for one in question.prompt.options].count(True) == 1


async def test_a_day_out_of_bounds_stays(visitor: Visitor):
    """It stands in the field again until one is taken."""
    page = await opened(visitor, PromptKind.DATE, "hcp_commitment", Role.HCP)
    question = asked_on(page)
    assert question.prompt.earliest is not None
    day = question.prompt.earliest - timedelta(days=3)
    page = await visitor.pick_day(page, day)
    assert asked_on(page).prompt.ask == question.prompt.ask
    draft = asked_on(page).draft
    assert draft == AnswerDraft(
        question=f"{question.conversation:x}.{question.prompt.ask:x}", day=day.isoformat()
    )
    page = await visitor.pick_day(page, question.prompt.earliest + timedelta(days=1))
    assert asked_on(page).draft == NO_DRAFT


@pytest.mark.parametrize("words", ["999999", "zzz qqq"])
async def test_a_number_that_could_not_be_read_stays(visitor: Visitor, words: str):
    """So that a slip is put right, and not typed anew; once."""
    page = await opened(visitor, PromptKind.NUMBER)
    asked = asked_on(page).prompt.ask
    page = await visitor.write(page, words)
    assert asked_on(page).prompt.ask == asked
    assert asked_on(page).draft == AnswerDraft(words=words)
    page = await visitor.write(page, "help")
    assert asked_on(page).draft == NO_DRAFT


async def test_a_story_that_is_kept_is_not_asked_for_again(visitor: Visitor):
    """Where one tap would do, words that are kept for the team have found their place."""
    page = await opened(visitor, PromptKind.SELECT_ONE)
    page = await visitor.write(page, STORY)
    assert asked_on(page).draft == NO_DRAFT
    assert STORY in [one.text for one in page.messages]


@pytest.mark.parametrize("words", ["help", "my data", "language", "pause"])
async def test_what_was_understood_is_no_draft(visitor: Visitor, words: str):
    """A command is done, and does not stand there to be sent once more."""
    page = await opened(visitor, PromptKind.SELECT_ONE)
    page = await visitor.write(page, words)
    assert page.open_question is None or page.open_question.draft == NO_DRAFT


BOXES = sent(prompt(PromptKind.SELECT_MANY))
QUESTION = button_payload(7, 1)


@pytest.mark.parametrize(
    ("button", "minutes", "picks"),
    [
        (QUESTION, 1, frozenset({1})),
        (QUESTION, 0, frozenset({1})),
        (QUESTION, -1, None),
        (button_payload(7, 2), 1, None),
        (button_payload(8, 1), 1, None),
        (button_payload(7, 1, 1), 1, None),
    ],
)
def test_of_a_question_put_again_what_came_since_counts(
    button: str, minutes: int, picks: frozenset[int] | None
):
    """Its message shows what it took before; ticks of other questions, and taps, are none of its ticks."""
    said = came(InboundKind.PICKS, button=button, options=(1,), at=NOON + timedelta(minutes=minutes))
    assert draft_of(BOXES, PromptKind.SELECT_MANY, None, [said]).picks == picks


def test_the_newest_ticks_count_and_what_lost_its_words_does_not():
    """Rows come the newest first; one that was purged is passed over."""
    rows = [
        InboundEntry(4, "", NOON),
        came(InboundKind.TEXT, 3, text="x"),
        came(InboundKind.PICKS, 2, button=QUESTION, options=(0, 1)),
        came(InboundKind.PICKS, 1, button=QUESTION, options=(0,)),
    ]
    found = draft_of(BOXES, PromptKind.SELECT_MANY, None, rows)
    assert found == AnswerDraft(question=QUESTION, picks=frozenset({0, 1}))
    assert draft_of(BOXES, PromptKind.SELECT_ONE, None, rows) == NO_DRAFT
    assert draft_of(BOXES._replace(ask=None), PromptKind.SELECT_MANY, None, rows) == NO_DRAFT
    assert draft_of(BOXES, PromptKind.SELECT_MANY, None, []) == NO_DRAFT
