"""Small programs for supporters' cuts: made by hand and at random, and how all their numbers hang together."""

from collections.abc import Iterable, Mapping
from random import Random
from typing import Any

from storage.export.funnel import LATEST, WaveFunnel
from storage.export.measures.barriers import ASKED_OF
from storage.export.small_cells import HiddenMark
from storage.export.statistics import STATUSES, CommitmentStanding, WaveStanding, count_funnel
from storage.outcomes.supporter_counts import CareAnswers, FlowPeople, SupporterCounts, ThemeCounts
from storage.outcomes.supporters import SupporterView
from tests.support.whole_numbers import Condition

MOST = 40
"""More people than there are in any of these programs, for numbers that are not shown at all."""
NOBODY = SupporterCounts((), (), frozenset(), {}, frozenset(), ())


def people(count: int, first: int = 1) -> frozenset[int]:
    return frozenset(range(first, first + count))


def activity(*standings: CommitmentStanding, name: str = "spring") -> WaveFunnel:
    return WaveFunnel("mm", name, LATEST, count_funnel(standings))


def reported(status: str, count: int, first: int, each: int = 1) -> list[CommitmentStanding]:
    """Commitments of so many people, each with as many."""
    return [
        CommitmentStanding(person, WaveStanding.RESPONDED, status)
        for person in range(first, first + count)
        for _ in range(each)
    ]


def silent(count: int, first: int) -> list[CommitmentStanding]:
    return [CommitmentStanding(person, WaveStanding.NO_RESPONSE) for person in range(first, first + count)]


def theme(name: str, raised: frozenset[int], told: int = 0, better: int = 0) -> ThemeCounts:
    asked = frozenset(sorted(raised)[:told])
    judged = CareAnswers(asked, frozenset(sorted(asked)[:better]))
    return ThemeCounts(name, name.title(), 1, 2, raised, judged, judged)


def rows(view: SupporterView, name: str) -> list[Any]:
    [found] = [one for one in view.tables if one.table.name == name]
    return list(found.rows)


def full_house() -> list[CommitmentStanding]:
    """Five people of each status, and six who did not answer."""
    told = [reported(status, 5, 10 * place) for place, status in enumerate(STATUSES)]
    return [*(one for some in told for one in some), *silent(6, 1000)]


def made_by(wave: WaveFunnel) -> Mapping[int, int]:
    """How many commitments each person has."""
    found: dict[int, int] = {}
    for cell in wave.funnel.places.values():
        for person, n in cell.who.items():
            found[person] = found.get(person, 0) + n
    return found


def random_counts(chance: Random, size: int) -> SupporterCounts:
    """A small program: clinicians with commitments, reports and barriers, patients with themes and later ratings."""
    hcps, patients = people(size), people(size, 1000)
    standings, met, asked = [], dict[str, set[int]](time=set(), cost=set()), set()
    finished = set()
    kinds = chance.choices(("full", "partial", "dropped", "already"), k=3)
    for person in sorted(hcps):
        if chance.random() < 0.8:
            finished.add(person)
        for _ in range(chance.choice((0, 1, 1, 2))):
            if chance.random() < 0.3:
                standings.append(CommitmentStanding(person, WaveStanding.NO_RESPONSE))
                continue
            status = chance.choice(kinds)
            standings.append(CommitmentStanding(person, WaveStanding.RESPONDED, status))
            if status in ASKED_OF:
                asked.add(person)
                for code, share in (("time", 0.6), ("cost", 0.2)):
                    if chance.random() < share:
                        met[code].add(person)
    picks = {
        name: frozenset(p for p in patients if chance.random() < share) for name, share in THEMES.items()
    }
    picked = frozenset[int]().union(*picks.values())
    themes = tuple(
        theme(name, raised, chance.randint(0, len(raised)), chance.randint(0, size // 2))
        for name, raised in picks.items()
    )
    return SupporterCounts(
        (
            FlowPeople("hcp", "hcp_commitment", hcps, frozenset(finished)),
            FlowPeople(
                "patient",
                "patient_interview",
                patients,
                frozenset(chance.sample(sorted(patients), size // 2)),
            ),
        ),
        (activity(*standings),) if standings else (),
        frozenset(asked),
        {code: frozenset(who) for code, who in met.items() if who},
        picked,
        themes,
    )


THEMES = {"pain": 0.9, "sleep": 0.5, "cost": 0.15}


def truth(counts: SupporterCounts) -> dict[str, int]:
    """Each number that there is, whether it is shown or not."""
    found: dict[str, int] = {"picked": len(counts.picked)}
    for one in counts.came_in:
        found[f"opened {one.role}"], found[f"finished {one.role}"] = len(one.opened), len(one.finished)
    for wave in counts.commitments:
        found |= {status: wave.funnel.statuses[status].n for status in STATUSES}
        found |= {"due": wave.funnel.due, "responded": wave.funnel.responded}
        found["no_answer"] = wave.funnel.due - wave.funnel.responded
    for code in ("time", "cost"):
        found[f"met {code}"] = len(counts.met.get(code, ()))
    for one_theme in counts.themes:
        found[f"raised {one_theme.theme}"] = len(one_theme.raised)
        found[f"told {one_theme.theme}"] = len(one_theme.rated.told)
        found[f"better {one_theme.theme}"] = len(one_theme.rated.better)
    return found


def seen_numbers(view: SupporterView) -> dict[str, Any]:
    """Each number of all tables of a cut, or the mark in its place; what is not shown at all is not there."""
    seen: dict[str, Any] = {}
    for role, _, opened, finished, _ in rows(view, "response.links"):
        seen |= {f"opened {role}": opened, f"finished {role}": finished}
    for _, due, responded, *_ in rows(view, "response.implemented"):
        seen |= {"due": due, "responded": responded}
    seen |= {status: n for _, status, n, *_ in rows(view, "response.statuses")}
    if (
        "commitments/spring/no_answer" in view.cells
    ):  # what is due and did not respond: it is no column of these tables
        seen["no_answer"] = view.cells["commitments/spring/no_answer"][0]
    seen |= {f"met {code}": n for code, n in rows(view, "response.barriers")}
    for name, _, raised, _, _, better, _ in rows(view, "loop.themes"):
        seen[f"raised {name}"] = raised
        if better is not None:
            seen |= {f"told {name}": better.of, f"better {name}": better.n}
    return seen


def known_ranges(seen: Mapping[str, Any], names: Iterable[str], each: int) -> dict[str, tuple[int, int]]:
    """Between what and what a reader sees each number to lie, by what is seen of it."""
    of_commitments = {*STATUSES, "due", "responded", "no_answer"}
    found = {}
    for name in names:
        most = each if name in of_commitments else 1
        match seen.get(name):
            case HiddenMark.SMALL:
                found[name] = 0, 4 * most
            case HiddenMark.COVER:
                found[name] = 5, MOST * most
            case None:
                found[name] = 0, MOST * most
            case known:
                found[name] = known, known
    return found


def most_each(counts: SupporterCounts) -> int:
    """How many commitments one person has at most."""
    return max((n for wave in counts.commitments for n in made_by(wave).values()), default=1)


def conditions(names: Mapping[str, int], each: int) -> list[Condition]:
    """How the numbers of all tables hang together, for a reader who knows it."""
    found: list[Condition] = []

    def at_most(one: str, other: str, times: int = 1) -> None:
        found.append(({one: 1, other: -times}, -(10**6), 0))

    for role in ("hcp", "patient"):
        at_most(f"finished {role}", f"opened {role}")
    at_most("picked", "opened patient")
    for name in THEMES:
        at_most(f"raised {name}", "picked")
        at_most(f"told {name}", f"raised {name}")
        at_most(f"better {name}", f"told {name}")
    if "due" in names:
        found.append(({"due": 1, "responded": -1, "no_answer": -1}, 0, 0))
        found.append(({"responded": 1, **dict.fromkeys(STATUSES, -1)}, 0, 0))
        at_most("due", "opened hcp", each)
        asked_of = dict.fromkeys((status.value for status in ASKED_OF), -1)
        found.extend(({f"met {code}": 1, **asked_of}, -(10**6), 0) for code in ("time", "cost"))
    return found
