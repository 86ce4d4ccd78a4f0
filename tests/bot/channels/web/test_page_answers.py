"""What several routes answer: links that open nothing, with the words that were posted there."""

import pytest

from bot.channels.request_limits import RequestLimits, RequestRate
from bot.channels.web.port import CONFIRM_PATH, MAIL_PATH, UNSUBSCRIBE_PATH
from tests.support.mail_pages import TOKEN, mail_pages_served

OVER = "This link is not good any more."
WORDS = "a long </textarea>\nstory"


@pytest.mark.parametrize("ended", [False, True])
async def test_words_at_a_link_that_ended_are_shown_again(ended: bool) -> None:
    """Whether the next mail ended it, or its reader ended mails: to whoever posted them, and on no other page."""
    async with mail_pages_served("en") as (door, browser):
        if ended:
            door.ended.append(TOKEN)
        else:
            door.is_good = False
        page = await browser.send(
            f"{MAIL_PATH}{TOKEN}", [("key", "k" * 43), ("newest", "0"), ("words", WORDS)]
        )
        assert page.status == 410
        assert "readonly>\na long &lt;/textarea&gt;\nstory</textarea>" in page.response.text
        assert "story" not in (await browser.open(f"{MAIL_PATH}{TOKEN}")).response.text
        assert "textarea" not in browser.page.response.text


async def test_only_links_that_never_were_count_as_tries() -> None:
    """Whoever opens dead links of ours, as all behind one address may, locks nobody out; guesses do."""
    few = RequestLimits(unknown=RequestRate(2, 60.0))
    async with mail_pages_served("en", few) as (door, browser):
        door.is_good = False
        for _ in range(5):
            for path in (MAIL_PATH, UNSUBSCRIBE_PATH):
                page = await browser.open(f"{path}{TOKEN}")
                assert (page.status, OVER in page.text) == (410, True)
        guesses = [await browser.open(f"{CONFIRM_PATH}{number}{TOKEN[1:]}") for number in range(3)]
        assert [one.status for one in guesses] == [410, 410, 429]
