"""What two or three cuts tell when one is taken from another."""

from collections import Counter
from collections.abc import Mapping
from random import Random

import pytest

from flows.script.roles import Role
from storage.export.small_cells import CellTree, HiddenMark, suppress_small_cells, total
from storage.export.statistics import CommitmentCount
from storage.outcomes.cut_changes import KnownCut, counted_roles, small_change
from storage.outcomes.supporters import Cells

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


SPRING = {"commitments__spring": 60, "commitments__spring__full": 20, "commitments__spring__dropped": 8}


@pytest.mark.parametrize("joined", [0, 1, 4, 5, 30])
def test_reports_on_an_activity_that_is_over_are_shown(joined: int):
    """Ten more did it, of the same sixty: whoever joined is not among them, and that none dropped it is no news."""
    before = cut((0, 99), is_open=True, **SPRING)
    later = {**SPRING, "commitments__spring__full": 30}
    assert small_change(cut((0, 99 + joined), **later), [before]) is None
    few = {**SPRING, "commitments__spring__full": 23}
    found = small_change(cut((0, 99 + joined), **few), [before])
    assert found is not None
    assert found.places == ("commitments/spring/full", "commitments/spring/...")


def test_newcomers_are_looked_for_where_a_root_rose():
    """Of thirty who joined somebody is in autumn, where nobody of them dropped it; spring is over, and fell."""
    autumn = {"commitments__autumn": 40, "commitments__autumn__full": 10, "commitments__autumn__dropped": 9}
    before = cut((0, 99), is_open=True, **SPRING, **autumn)
    fewer = {**SPRING, "commitments__spring": 55, "commitments__spring__full": 15}
    more = {**autumn, "commitments__autumn": 70, "commitments__autumn__full": 30}
    found = small_change(cut((0, 129), **fewer, **more), [before])
    assert found is not None
    assert found.places == ("commitments/autumn/dropped",)
    assert (
        small_change(cut((0, 129), **fewer, **{**more, "commitments__autumn__dropped": 14}), [before]) is None
    )


def test_where_a_root_is_hidden_newcomers_may_be_in():
    """Nothing tells that they are not."""
    before = cut((0, 99), is_open=True, commitments__x__full=20, commitments__x__dropped=8)
    found = small_change(cut((0, 129), commitments__x__full=30, commitments__x__dropped=8), [before])
    assert found is not None
    assert found.places == ("commitments/x/dropped",)


def test_ratings_of_a_theme_that_nobody_new_raised_are_shown():
    """Each theme is a tree: who raised it before was asked again since."""
    pain = {"better__pain": 30, "better__pain__told": 12, "better__pain__told__not_better": 6}
    before = cut((0, 99), is_open=True, **pain, better__sleep=20)
    later = {**pain, "better__pain__told": 20}
    assert small_change(cut((0, 119), **later, better__sleep=30), [before]) is None


def test_a_group_between_two_days_is_not_in_an_activity_whose_root_stayed():
    """That nobody of it is in spring is told where others are in autumn; the parts of spring are the same people's."""
    before = cut((0, B), **SPRING, commitments__autumn=30)
    later = {**SPRING, "commitments__spring__full": 30}
    found = small_change(cut((0, C), **later, commitments__autumn=50), [before])
    assert found is not None
    assert found.places == ("commitments/spring",)
    assert small_change(cut((0, C), **later, commitments__autumn=30), [before]) is None


def test_what_was_hidden_in_a_rest_that_stayed_is_told():
    """Ten came and did it; the other ten are those of before, of whom six are shown now. Not where they moved."""
    before = cut(c__x=30, c__x__full=20)
    found = small_change(cut(c__x=40, c__x__full=30, c__x__partial=6), [before])
    assert found is not None
    assert found.places == ("c/x/...",)
    assert small_change(cut(c__x=30, c__x__full=25, c__x__partial=5), [before]) is None
    shown = {"c__x": 30, "c__x__told": 22, "c__x__none": 8}
    assert small_change(cut(**shown, c__x__told__full=20), [cut(**shown)]) is not None


@pytest.mark.parametrize(
    ("place", "roles"),
    [
        ("people/hcp/hcp_commitment/finished", {Role.HCP}),
        ("people/carer/patient_interview", {Role.CARER}),
        ("commitments/spring/responded", {Role.HCP, Role.EDUCATOR}),
        ("commitments/", {Role.HCP, Role.EDUCATOR}),
        ("barriers/time", {Role.HCP, Role.EDUCATOR}),
        ("better/pain/told", {Role.PATIENT, Role.CARER}),
        ("people/nobody/x", set(Role)),
        ("new", set(Role)),
    ],
)
def test_a_place_tells_whom_it_counts(place: str, roles: set[Role]):
    """By roles; where nothing is known anybody may be in."""
    assert counted_roles(place) == roles


STATES = ("full", "partial", "dropped", "no_answer")
States = dict[int, str | None]
"""What became of each one's commitment; None for whoever has none."""


def tree_of(states: Mapping[int, str | None]) -> CellTree:
    """The commitments of an activity, with whose they are."""
    cells = {
        name: CellTree(
            name, CommitmentCount({person: 1 for person, state in states.items() if state == name})
        )
        for name in STATES
    }
    return total("due", total("responded", *(cells[name] for name in STATES[:3])), cells["no_answer"])


def known_of(states: Mapping[int, str | None]) -> Cells:
    """What a supporter's cut tells of an activity."""
    tree, known = tree_of(states), {}
    shown = suppress_small_cells(tree)

    def keep(place: str, node: CellTree) -> None:
        if not isinstance(shown[node.name], HiddenMark):
            known[place] = node.cell.n, node.cell.people, 1
        for part in node.parts:
            keep(f"{place}/{part.name}", part)

    keep("commitments/spring", tree)
    return known


def in_place(place: str, states: Mapping[int, str | None]) -> frozenset[int]:
    """Who is in a cell."""
    last = place.rpartition("/")[2]
    wanted = {"spring": STATES, "responded": STATES[:3]}.get(last, (last,))
    return frozenset(person for person, state in states.items() if state in wanted)


def moved_on(chance: Random, states: States, come: int) -> States:
    """The same people later, some of whom reported meanwhile, with so many newcomers."""
    share = chance.choice((0, 0, 0.1, 0.5))
    later = {p: chance.choice(STATES) if s and chance.random() < share else s for p, s in states.items()}
    kinds = chance.choices((None, *STATES), k=chance.randint(1, 3))
    return later | {len(states) + p: chance.choice(kinds) for p in range(come)}


@pytest.mark.parametrize("seed", range(400))
def test_no_few_are_told_by_an_activity_counted_twice(seed: int):
    """What changed is of five people or more, and newcomers who alone changed anything are five in each cell told.

    The second cut is compared as `storage.outcomes.cuts` does: in the row of those whom it may count.
    """
    chance = Random(seed)
    states = moved_on(chance, {}, chance.randint(20, 60))
    later = moved_on(chance, states, chance.choice((0, 1, 4, 6, 20)))
    before = KnownCut(0, len(states), known_of(states), is_open=True)
    if small_change(KnownCut(0, len(later), known_of(later)), [before]) is not None:
        return
    stayed = all(later[person] == state for person, state in states.items())
    for place in before.cells.keys() & known_of(later).keys():
        then, now = in_place(place, states), in_place(place, later)
        if len(then) != len(now):
            assert len(then ^ now) >= 5, place
        if stayed and in_place("spring", later) != in_place("spring", states):
            assert len(now - then) >= 5, place


def test_some_activities_that_are_counted_twice_are_shown_and_some_are_not():
    """In all kinds: with newcomers in it, with newcomers beside it, and with nobody new."""
    found = Counter[tuple[str, bool]]()
    for seed in range(400):
        chance = Random(seed)
        states = moved_on(chance, {}, chance.randint(20, 60))
        later = moved_on(chance, states, chance.choice((0, 1, 4, 6, 20)))
        before = KnownCut(0, len(states), known_of(states), is_open=True)
        came = {state for person, state in later.items() if person not in states}
        kind = "nobody new" if not came else "beside it" if came == {None} else "in it"
        if before.cells and known_of(later) and later != states:
            found[kind, small_change(KnownCut(0, len(later), known_of(later)), [before]) is None] += 1
    assert all(
        found[kind, told] >= 3 for kind in ("nobody new", "beside it", "in it") for told in (True, False)
    ), found
