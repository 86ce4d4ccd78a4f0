"""Promises of bench/safety.py: each text counts as what it is, intervals are right, and what is sealed stays so."""

import pytest

from bench.common import wilson
from bench.safety_figures import EVERY, Measure, alarms_of, rows_of
from bench.safety_texts import (
    SEALED,
    MeasuredText,
    OrdinaryAnswer,
    OrdinaryTalk,
    Told,
    ordinary_talks,
    own_texts,
    public_texts,
)
from flows.safety.reading import ReadingClass, SignalLevel
from flows.script.roles import QuestionTopic

EVENT = "since the new tablets i have a rash"
CARE = "a text that only the second reader hears"


def second(text, *, risk, event, hinted):
    noticed = (ReadingClass.RISK, SignalLevel.CARE) if risk and text == CARE else None
    return noticed, False


@pytest.fixture(scope="module")
def measure():
    return Measure((), second)


def talk(part, *texts):
    return OrdinaryTalk(part, "en", tuple(OrdinaryAnswer(text, QuestionTopic.CARE) for text in texts))


def test_the_interval_is_wilsons():
    """As published for 81 of 263 (Newcombe 1998, doi 10.1002/(SICI)1097-0258(19980430)17:8<857): 25.5 to 36.6."""
    assert wilson(81, 263) == "30.8 (25.5-36.6)"
    assert wilson(0, 0) == "-"


def test_sealed_answers_are_left_out_and_never_shown(measure):
    """They are read where they are asked for, and even then no text of theirs is in the figures."""
    assert not [one for one in ordinary_talks(sealed=False) if one.part.endswith(SEALED)]
    parts = {one.part for one in ordinary_talks(sealed=True)}
    halves = (
        "open",
        "sealed",
        "second_sealed",
        "third_open",
        "fourth_open",
        "fifth_sealed",
        "sixth_open",
        "sixth_sealed",
    )
    assert parts == {f"{who}_{half}" for who in ("patients", "clinicians") for half in halves}
    both = alarms_of([talk("patients_open", EVENT), talk(f"patients{SEALED}", EVENT)], measure)
    assert [len(one.texts) for one in both.values()] == [0, 0, 1, 0]
    assert list(both) == [EVERY, "patients", "patients_open", "patients_sealed"]


def test_a_talk_is_stopped_once_and_by_each_of_its_causes(measure):
    """A talk with two alarms counts once; the words of care of the second reader stop it as questions do."""
    alarms = alarms_of([talk("patients_open", EVENT, CARE, "fine"), talk("patients_open", "fine")], measure)[
        EVERY
    ]
    assert (alarms.talks, alarms.stopped_talks, alarms.stopped_answers, alarms.answers) == (2, 1, 2, 4)
    assert alarms.by_cause == {"case questions": 1, "upset menu": 0, "crisis help": 0, "words of care": 1}
    assert (alarms.ahead, alarms.as_risk) == (2, 1)


def test_what_is_doubted_is_not_read_ahead_whoever_wrote_it():
    """The bot takes a weak hit back in a clinician's answer too, where the second reader looks for no event."""
    doubting = Measure((), lambda text, *, risk, event, hinted: (None, True))
    for part in ("patients_open", "clinicians_open"):
        assert alarms_of([talk(part, "a rash")], doubting)[part].ahead == 0
        assert alarms_of([talk(part, EVENT)], doubting)[part].ahead == 1


def test_events_count_twice_and_short_ones_apart(measure):
    """Each event is read with the question unknown and known; one that is long is in no row of short ones."""
    long = f"{EVENT} on both of my arms, and nobody whom i asked about it knew why"
    texts = [MeasuredText(text, "en", "ours", Told.EVENT) for text in (EVENT, long)]
    rows = {(row.group, row.question): row for row in rows_of(texts, measure)}
    assert {key: row.texts for key, row in rows.items()} == {
        ("ours", "medicine"): 2,
        ("ours", "not known"): 2,
        ("ours, short", "medicine"): 1,
        ("ours, short", "not known"): 1,
    }
    assert rows["ours", "medicine"].found["rules"] == 2


def test_what_the_second_reader_was_trained_on_is_marked(tmp_path, measure):
    """Our met parts and the public training files are; never-met parts and files of others are not."""
    assert {(one.group, one.trained) for one in own_texts(("unmet_4", "blind_6"))} == {
        ("met", True),
        ("never met", False),
    }
    table = "source,language,label,text\nforum,en,adverse_event,rash\nforum,en,praise,nice\n"
    for name in ("psytar_half.csv", "others.csv"):
        (tmp_path / name).write_text(table, encoding="utf-8")
    found = list(public_texts(tmp_path, whole=False))
    assert [(one.text, one.told, one.trained) for one in found] == [
        ("rash", Told.EVENT, False),
        ("rash", Told.EVENT, True),
    ]
    marked = [row.cells(has_second=True)[-1].endswith("*") for row in rows_of(found[1:], measure)]
    assert marked == [True] * len(marked) != []
