"""Promises of flows/coding/saturation.py: the figures are those of a case that was reckoned by hand."""

from flows.coding.saturation import CodedInterview, SaturationPoint, saturation


def test_a_case_reckoned_by_hand():
    """Six interviews; the fourth brings the last new code, and two come after it."""
    codes = [{"body"}, {"body", "cost"}, set(), {"worry", "body"}, {"cost"}, {"worry"}]
    told = saturation(
        [CodedInterview(10 + place, frozenset(each)) for place, each in enumerate(codes, start=1)]
    )
    assert told.curve == (
        SaturationPoint(1, 11, ("body",), 1),
        SaturationPoint(2, 12, ("cost",), 2),
        SaturationPoint(3, 13, (), 2),
        SaturationPoint(4, 14, ("worry",), 3),
        SaturationPoint(5, 15, (), 3),
        SaturationPoint(6, 16, (), 3),
    )
    assert (told.last_new, told.since) == (4, 2)


def test_nothing_coded():
    """Without interviews, and without a code in any, there is no last new code."""
    assert saturation([]).last_new is None
    told = saturation([CodedInterview(1, frozenset())])
    assert (told.last_new, told.since, len(told.curve)) == (None, 1, 1)
