"""What codes are called in figures."""

from storage.export.funnel import AFTER_START, LATEST
from storage.outcomes.figures.loop_data import ENDINGS
from storage.outcomes.figures.palette import ENDINGS as FILLS
from storage.outcomes.figures.wording import (
    ending_labels,
    list_labels,
    program_settings,
    wave_label,
    wave_place,
)
from tests.support.planned_changes import PROGRAM, SETTINGS, changes


def test_every_ending_has_words_and_a_fill() -> None:
    """No status and no standing is drawn without a label, a colour and a pattern of its own."""
    labels = ending_labels()
    assert set(labels) == set(ENDINGS) == set(FILLS)
    assert len(set(labels.values())) == len(labels)
    assert len({(fill.colour, fill.pattern) for fill in FILLS.values()}) == len(FILLS)


def test_waves_stand_in_their_order() -> None:
    """Days as numbers, then the one after a late start, then the newest reports."""
    waves = [LATEST, "100", AFTER_START, "30"]
    assert sorted(waves, key=wave_place) == ["30", "100", AFTER_START, LATEST]
    assert wave_label("30") == "30 days"


def test_a_program_may_call_a_code_otherwise() -> None:
    """The program's own list goes before the shipped one, code by code; a list that nobody knows is empty."""
    with changes() as rows:
        assert program_settings(rows.connection, PROGRAM) == SETTINGS
        assert program_settings(rows.connection, "other") == {}
    labels = list_labels(SETTINGS, "change_types")
    assert (labels["treat"], labels["diagnose"]) == ("Treating", "Diagnosis")
    assert list_labels({}, "no_such_list") == {}
