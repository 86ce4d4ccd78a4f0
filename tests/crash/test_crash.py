"""Nothing a person said is lost and nothing is asked twice by accident, however often the bot is killed."""

from pathlib import Path

import pytest

from tests.crash.__main__ import table
from tests.crash.lives import Plan
from tests.crash.load import crash
from tests.crash.web_load import crash_pages

# By itself it takes three minutes; a machine on which four others work gives it a fifth of that.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_800)]


async def test_fifty_kills_under_load_lose_nothing_and_repeat_only_what_is_marked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """
    A `said run` under load is killed at 50 moments and restarted. Every update that Telegram saw confirmed is
    stored once and answered; every reply is kept once, under the question that was seen; nobody's questions
    come out of order; a message comes twice only where its row says that it may have.
    """
    outcome = await crash(Plan(kills=50, people=30, seed=1), tmp_path)
    with capsys.disabled():
        print(f"\n{table(outcome)}")
    assert outcome.audit.problems == []
    assert sum(outcome.kills.values()) == 50


async def test_kills_between_webhook_posts_lose_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same promises where Telegram posts its updates, and 200 is what acknowledges them."""
    outcome = await crash(Plan(kills=10, people=12, seed=2, webhook=True), tmp_path)
    with capsys.disabled():
        print(f"\n{table(outcome)}")
    assert outcome.audit.problems == []
    assert sum(outcome.kills.values()) == 10


async def test_kills_between_form_posts_lose_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """
    The same promises in browsers, where a form is posted until a page answers. One that was answered is stored once,
    also where it was posted again; every page shows each message once, and all that was said, in its order.
    """
    outcome = await crash_pages(Plan(kills=20, people=10, seed=3, pages=True), tmp_path)
    with capsys.disabled():
        print(f"\n{table(outcome)}")
    assert outcome.audit.problems == []
    assert sum(outcome.kills.values()) == 20
