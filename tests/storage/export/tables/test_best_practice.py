"""The exemplars of an export: what a team submitted, what may be published of it, and what its partner said."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.schedule.redactions import BackgroundRedaction
from storage.export.tables.best_practice import exemplars
from storage.export.tables.table import ExportSelection
from storage.schema import ANSWER
from tests.support.cosigning_world import CHANGES, partner, team, token_in
from tests.support.export_rows import NOW
from tests.support.follow_on_world import DAILY, Story


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    made = Story(tmp_path, **DAILY)
    yield made
    made.world.database.close()


def rows(story: Story) -> list[dict[str, Any]]:
    """The table as an export writes it."""

    def read(connection: Any) -> list[dict[str, Any]]:
        table = exemplars(connection, ExportSelection())
        found = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
        assert len(found) == table.total
        return found

    return story.world.database.read_now(read)


async def test_one_row_a_submission(story: Story) -> None:
    """Planner and faculty follow from what was ticked, GRIPP2's rows from the words, and identifiers are out."""
    _, said = await team(story)
    await partner(story, token_in(said), CHANGES)
    [row] = rows(story)
    assert (row["publish"], row["name_team"], row["team"]) == (1, 1, "The webinar team")
    assert (row["did"], row["planner"], row["faculty"], row["partners"]) == ("planned; taught", 1, 1, "few")
    assert row["found_prepared_paid"] == row["gripp2_methods"] == "Through a group; ask [email]"
    assert (row["gripp2_aim"], row["gripp2_results"]) == (None, "We took out half of the slides")
    assert (row["gripp2_discussion"], row["gripp2_reflections"]) == (
        "It would have been about drugs alone",
        "We asked too late",
    )
    assert (row["partner_read"], row["cosign"], row["partner_named"]) == ("not_yet", "changes", "partner")
    assert row["cosign_changes"] == "We were {four}: ring [phone]"
    assert row["redacted"] == 1
    summary = row["public_summary"].split("\n")
    assert summary[0] == "The team's name: The webinar team"
    assert "What patients did: Sat on the planning group; Taught or told their story" in summary
    assert "ann@example.org" not in row["public_summary"]


async def test_the_kept_form_is_read(story: Story) -> None:
    """What the background has redacted leaves as on the fly, and is not redacted anew."""
    await team(story)
    before = rows(story)
    work = BackgroundRedaction(story.world.database)
    while await work.step(NOW):
        pass
    assert rows(story) == before
    kept = ANSWER.update().where(ANSWER.c.question_key == "f5")
    form = '{"value": "kept form", "raw": "kept form"}'
    story.world.database.write_now(lambda c: c.execute(kept.values(redaction=form)))
    [row] = rows(story)
    assert (row["changed"], row["gripp2_results"]) == ("kept form", "kept form")


async def test_what_may_not_be_published_is_not_in_the_summary(story: Story) -> None:
    """Not public, named or not: the row is there for the team inside, flagged, with no summary and no name."""
    await team(story, May_we_publish="no, keep it inside")
    await team(story, name="eva", May_we_name="no, leave the name out", What_did_not="nothing to tell")
    inside, nameless = rows(story)
    assert (inside["publish"], inside["team"], inside["public_summary"]) == (0, None, None)
    assert inside["changed"] == "We took out half of the slides"
    assert (nameless["publish"], nameless["name_team"], nameless["team"]) == (1, 0, None)
    assert "webinar team" not in nameless["public_summary"]
    assert (nameless["not_well"], nameless["gripp2_reflections"]) == ("none", None)
    assert "did not go well" not in nameless["public_summary"]


async def test_who_leaves_takes_the_permission_along(story: Story) -> None:
    """After a stop nothing of it may be published; after a deletion the row is gone."""
    eve, _ = await team(story)
    eva, _ = await team(story, name="eva")
    await eve.say("stop")
    await eva.say("delete my data")
    await eva.say("yes")
    [row] = rows(story)
    assert (row["publish"], row["name_team"], row["public_summary"]) == (0, 0, None)


async def test_what_was_left_out_is_empty(story: Story) -> None:
    """A skipped question is neither yes nor no; words that no choice fits stand as they came."""
    await team(story, What_did_patients="skip", How_many="skip", Which_three="skip")
    [row] = rows(story)
    assert (row["did"], row["planner"], row["faculty"], row["partners"], row["tips"]) == (None,) * 5
