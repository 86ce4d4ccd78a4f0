"""A commitment comes back: one clinician's story on Telegram, from the link to the export."""

import csv
import json
from pathlib import Path

from storage.export.export import ExportDestination, export
from storage.export.options import ExportFormat
from storage.export.tables.table import ExportSelection
from tests.support.platforms.commitment import COMMITMENT, STATEMENT, THIRTY_DAYS_ON
from tests.support.platforms.drivers import COMMITTED_AT
from tests.support.platforms.telegram import telegram_driver


async def test_the_words_come_back_as_they_were(tmp_path: Path) -> None:
    """After thirty days the person reads their own words, byte for byte; what they report is exported with them."""
    async with telegram_driver(tmp_path, COMMITTED_AT) as driver:
        await driver.commit([COMMITMENT])
        await driver.house.pass_time(THIRTY_DAYS_ON)
        asked = driver.look()[-1].text
        assert asked.endswith(f'On 2 March 2026 you wrote:\n"\u2068{STATEMENT}\u2069"\nWhere is it now?')

        seen = await driver.tap("Partly", "")
        assert seen[-1].text == "With how many of your last 10 such patients did you do this?"
        while not seen[-1].text.startswith("Thank you."):
            seen = await driver.tap("Skip", "")
        assert seen[-1].text.startswith("Thank you. I'll look in again on 4 May 2026")

        driver.house.database.read_now(
            lambda c: export(c, ExportDestination(tmp_path / "out", ExportFormat.CSV), ExportSelection())
        )

    with (tmp_path / "out" / "commitments.csv").open(encoding="utf-8-sig", newline="") as file:
        first, *later = list(csv.DictReader(file))
    assert first["statement"] == STATEMENT
    assert (first["wave_days"], first["follow_up_status"]) == ("30", "answered")
    assert first["implementation"] == "partial"
    assert [row["wave_days"] for row in later] == ["60", "90"]
    lines = (tmp_path / "out" / "answers.jsonl").read_text(encoding="utf-8").splitlines()
    answers = {answer["question_key"]: answer for answer in map(json.loads, lines)}
    assert (answers["c4"]["raw"], answers["d1"]["value"]) == (STATEMENT, "partial")
