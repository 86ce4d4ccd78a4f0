"""Promises of `bench/readers.py`, and of the readers on the public examples, where those are at hand."""

import json
from datetime import date

import pytest

from bench.readers import Example, Kind, Span, Verdict, data_folder, examples, verdict, verdicts, wilson

FOLDER = data_folder()
TODAY = date(2026, 2, 10)
FEWEST = {Kind.NUMBER: 900, Kind.ORDINAL: 200, Kind.YES_NO: 65, Kind.DATE: 1200, Kind.LENGTH: 35}
"""How many public examples are read as their value, less a few: what is asked again must not grow unseen."""


@pytest.mark.skipif(FOLDER is None, reason="the public examples are not here: PUBLIC_DATA names their folder")
def test_no_public_example_is_read_as_another_value():
    """Each is read as its value, said back with its date, or asked again: never another value in silence."""
    assert FOLDER is not None
    judged = verdicts(FOLDER)
    other = [
        f"{one.kind}: {one.language}: {one.text}" for one, found in judged.items() if found is Verdict.OTHER
    ]
    assert not other, "\n".join(other)
    agreed = [one.kind for one, found in judged.items() if found is Verdict.AGREE]
    assert {kind: agreed.count(kind) >= fewest for kind, fewest in FEWEST.items()} == dict.fromkeys(
        FEWEST, True
    )


@pytest.mark.parametrize(
    ("kind", "text", "means", "expected"),
    [
        (Kind.NUMBER, "two hundred", 200.0, Verdict.AGREE),
        (Kind.NUMBER, "two hundred", 2.0, Verdict.OTHER),
        (Kind.NUMBER, "banana", 2.0, Verdict.UNREAD),
        (Kind.NUMBER, "banana", None, Verdict.AGREE),
        (Kind.NUMBER, "two", None, Verdict.OTHER),
        (Kind.ORDINAL, "the third", 3.0, Verdict.AGREE),
        (Kind.YES_NO, "yes", True, Verdict.AGREE),
        (Kind.YES_NO, "yes", False, Verdict.OTHER),
        (Kind.YES_NO, "purple", False, Verdict.UNREAD),
        (Kind.LENGTH, "18 months", 1.5, Verdict.AGREE),
        (Kind.LENGTH, "18 months", 18.0, Verdict.OTHER),
    ],
)
def test_values_are_judged(kind, text, means, expected):
    """The value itself agrees, another does not, and what is asked again is neither."""
    assert verdict(Example("made up", kind, "en", text, means, today=TODAY)) is expected


@pytest.mark.parametrize(
    ("text", "day", "expected"),
    [
        ("1 March", "2026-03-01", Verdict.AGREE),
        ("1 March", "2026-03-02", Verdict.OTHER),
        ("next Sunday", "2026-02-22", Verdict.SAID_BACK),
        ("some day", "2026-02-22", Verdict.UNREAD),
        ("1 March", None, Verdict.OTHER),
        ("some day", None, Verdict.AGREE),
    ],
)
def test_days_are_judged(text, day, expected):
    """A wrong day that is said back is no silent one; where none is meant none may be read."""
    spans = () if day is None else (Span(date.fromisoformat(day), date.fromisoformat(day)),)
    assert verdict(Example("made up", Kind.DATE, "en", text, spans=spans, today=TODAY)) is expected


def test_both_kinds_of_files_are_read(tmp_path, monkeypatch):
    """Words and values of the two collections, each example once; the folder is the one that the variable names."""
    (tmp_path / "recognizers").mkdir()
    number = {"Input": "I saw two", "Results": [{"Text": "two", "Resolution": {"value": "2"}}]}
    day = {
        "Input": "on 1 March",
        "Context": {"ReferenceDateTime": "2026-02-10T00:00:00"},
        "Results": [
            {"Text": "1 March", "Value": {"FutureResolution": {"date": "2026-03-01"}, "PastResolution": {}}}
        ],
    }
    for model, entries in (
        ("Number_English_NumberModel", [number, number]),
        ("DateTime_English_DateParser", [day]),
    ):
        (tmp_path / "recognizers" / f"{model}.json").write_text(json.dumps(entries), encoding="utf-8")
    lines = [
        {"kind": "Duration", "language": "de", "text": "2 Jahre", "value": "(DurationData 2 Year)"},
        {"kind": "Time", "language": "fr", "text": "mars", "value": "(datetime (2013, 3, 0, 0, 0, 0) Month)"},
    ]
    (tmp_path / "duckling_examples.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    monkeypatch.setenv("PUBLIC_DATA", str(tmp_path))
    assert data_folder() == tmp_path
    march = Span(date(2026, 3, 1), date(2026, 3, 1))
    assert list(examples(tmp_path)) == [
        Example("Recognizers", Kind.DATE, "en", "1 March", spans=(march,), today=TODAY),
        Example("Recognizers", Kind.SENTENCE, "en", "on 1 March", spans=(march,), today=TODAY),
        Example("Recognizers", Kind.NUMBER, "en", "two", 2.0),
        Example("duckling", Kind.LENGTH, "de", "2 Jahre", 2.0),
        Example("duckling", Kind.DATE, "fr", "mars", spans=(Span(date(2013, 3, 1), date(2013, 3, 31)),)),
    ]
    assert set(verdicts(tmp_path).values()) == {Verdict.AGREE}


def test_an_interval_of_few():
    """Wilson's interval of no case in ten reaches 28 %, and never below nought."""
    low, high = wilson(0, 10)
    assert low == pytest.approx(0, abs=1e-9)
    assert high == pytest.approx(0.278, abs=0.001)
