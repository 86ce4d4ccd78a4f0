"""What two or three cuts tell when one is taken from another."""

import pytest

from storage.outcomes.cut_changes import KnownCut, small_change

A, B, C, D = 10, 40, 70, 100
"""Places in the row of all who joined."""
EVERYBODY = (0, D)
Stretch = tuple[int, int]


def cut(
    span: Stretch = EVERYBODY, each: int = 1, is_open: bool = False, **cells: int | tuple[int, int]
) -> KnownCut:
    """A cut with cells by their places, `__` for a slash: numbers of people, or (commitments, people)."""
    known = {}
    for name, found in cells.items():
        n, people = found if isinstance(found, tuple) else (found, found)
        known[name.replace("__", "/")] = n, people, each
    return KnownCut(*span, known, is_open)


@pytest.mark.parametrize(
    ("later", "refused"), [(20, False), (21, True), (24, True), (25, False), (16, True), (15, False)]
)
def test_one_to_four_people_more_or_fewer_are_told(later: int, refused: bool):
    """The same cell at two times; none more, or five and more, is nothing of a few."""
    found = small_change(cut(people__hcp=later), [cut(people__hcp=20)])
    assert (found is not None) is refused
    if found is not None:
        assert (found.cuts, found.places) == ((0,), ("people/hcp",))


@pytest.mark.parametrize(
    ("later", "refused"),
    [((32, 21), True), ((35, 22), True), ((43, 22), False), ((36, 25), False), ((30, 24), False)],
)
def test_commitments_are_counted_by_people(later: tuple[int, int], refused: bool):
    """Five commitments more may be of two people; thirteen are of five at least, where one has up to three."""
    found = small_change(cut(each=3, commitments__x=later), [cut(each=3, commitments__x=(30, 20))])
    assert (found is not None) is refused


def test_what_remains_of_a_total_is_told():
    """Two hidden cells are together what the shown ones leave: it may not change by a few either."""
    before = cut(c__x=30, c__x__full=20)
    assert small_change(cut(c__x=41, c__x__full=28), [before]) is not None  # the rest: 10, then 13
    assert small_change(cut(c__x=40, c__x__full=30), [before]) is None
    assert small_change(cut(c__x=45, c__x__full=30), [before]) is None


def test_a_rest_is_found_below_hidden_totals():
    """What is known deeper down is taken away as well."""
    before = cut(c__x=40, c__x__told__full=20)
    found = small_change(cut(c__x=50, c__x__told__full=28), [before])
    assert found is not None
    assert found.places == ("c/x/...",)


def test_other_parts_of_the_same_total_are_told():
    """A table that did not change may not show now what it hid then."""
    before = cut(c__x=30, c__x__full=20)
    assert small_change(cut(c__x=30, c__x__full=20, c__x__partial=6), [before]) is not None
    assert small_change(before, [before]) is None


@pytest.mark.parametrize(
    ("span", "refused"),
    [
        ((A, C), True),  # who joined from B to C are three
        ((0, B), True),  # before A, three
        ((C, D), False),  # neither nested nor the same people
        ((B, D), False),  # side by side: nothing is taken away
        ((25, D), False),  # they overlap, and share no end
    ],
)
def test_spans_that_share_an_end_are_subtracted(span: Stretch, refused: bool):
    """Whoever is left between the two ends is a group, and a small one is told."""
    found = small_change(cut(span, people__hcp=23), [cut((A, B), people__hcp=20)])
    assert (found is not None) is refused


def test_nobody_in_a_group_is_a_small_number():
    """Of ten who joined later none raised it: that says something of all ten."""
    before = cut((A, B), people__patient=20, themes__pain=12)
    assert small_change(cut((A, C), people__patient=30, themes__pain=19), [before]) is None
    more = cut((A, C), people__patient=30, themes__pain=19, themes__sleep=8)
    with_sleep = cut((A, B), people__patient=20, themes__pain=12, themes__sleep=8)
    found = small_change(more, [with_sleep])
    assert found is not None
    assert found.places == ("themes/sleep",)


def test_a_span_without_its_two_parts_is_what_changed():
    """Whole minus first half minus second half are the same people at two times."""
    halves = [cut((A, B), people__hcp=20), cut((B, C), people__hcp=20)]
    assert small_change(cut((A, C), people__hcp=40), halves) is None
    found = small_change(cut((A, C), people__hcp=42), halves)
    assert found is not None
    assert found.cuts == (0, 1)


def test_what_only_one_of_them_shows_tells_nothing_by_subtraction():
    """A cell that was hidden then and is shown now, of a total that changed by many."""
    assert small_change(cut(c__x=60, c__x__full=20), [cut(c__x=30)]) is None
    assert small_change(cut(people__hcp=20), []) is None


@pytest.mark.parametrize(
    ("earlier", "span", "refused"),
    [
        ((0, 32), (0, 30), True),  # the last two
        ((0, 30), (2, 32), True),  # two went out, two came in
        ((0, 40), (5, 45), False),  # five and five
        ((0, 60), (20, 40), False),  # who is left counts alike, and is twenty
    ],
)
def test_a_few_between_two_ends_are_told(earlier: Stretch, span: Stretch, refused: bool):
    """Whatever the days are: what differs is theirs, however large it is."""
    before = cut(earlier, people__hcp=50, people__hcp__finished=25)
    found = small_change(cut(span, people__hcp=30, people__hcp__finished=10), [before])
    assert (found is not None) is refused


def test_whoever_is_outside_of_a_nested_span_is_a_group():
    """Of those before and after it three raised it."""
    assert small_change(cut((20, 40), themes__pain=9), [cut((0, 60), themes__pain=12)]) is not None


def test_newcomers_are_a_group():
    """Six opened their links and none finished: that says something of all six. Another role tells nothing of them."""
    before = cut((0, 94), is_open=True, people__hcp__x=30, people__hcp__x__finished=20, people__patient__x=9)
    none = cut(people__hcp__x=36, people__hcp__x__finished=20, people__patient__x=9)
    found = small_change(none, [before])
    assert found is not None
    assert found.places == ("people/hcp/x/finished",)
    some = cut(people__hcp__x=36, people__hcp__x__finished=25, people__patient__x=9)
    assert small_change(some._replace(cells={**some.cells, "people/hcp/x/finished": (26, 26, 1)}), [before])
    more = cut(people__hcp__x=41, people__hcp__x__finished=25, people__patient__x=9)
    assert small_change(more, [before]) is None


def test_a_rest_of_nobody_is_told_of_a_group():
    """Ten commitments more, all of them in full: so none of the group has another status."""
    before = cut((0, 80), c__x=40, c__x__full=20)
    assert small_change(cut(c__x=50, c__x__full=30), [before]) is not None
    whole = cut((0, 80), c__x=40, c__x__full=20, c__x__other=20)
    assert small_change(cut(c__x=60, c__x__full=30, c__x__other=30), [whole]) is None


def test_a_cut_that_only_adds_tells_nothing():
    """A cut beside itself and one that did not change: what it hides is no news."""
    same = {"c__x": 30, "c__x__full": 20}
    assert small_change(cut(each=3, **same), [cut(each=3, **same), cut(each=3, **same)]) is None
    later = {"c__x": 60, "c__x__full": 50}
    known = [cut(each=3, **same), cut(each=3, **later)]
    assert small_change(cut(each=3, **later), known) is None
