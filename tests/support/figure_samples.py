"""Figures for tests: with few and many themes, hostile labels, nobody, one person."""

import random
from collections import Counter
from xml.etree import ElementTree as ET

from storage.export.measures.measure import Figure
from storage.outcomes.figures.loop_data import ENDINGS
from storage.outcomes.figures.model import (
    BarrierDots,
    BarrierFigure,
    CutBar,
    CutFigure,
    FunnelFigure,
    FunnelStep,
    LoopFigure,
    LoopPath,
    LoopPlace,
    OutcomesFigure,
    ResponseFigure,
    ResponseSeries,
    StatusBand,
    StatusFigure,
    WaveBar,
)
from storage.outcomes.figures.wording import ending_labels

HOSTILE = (
    "<script>alert(1)</script> & \"q\" 'x' ]]>",
    r"$x_1^2$ costs $5 \frac{a}{b}",
    "مرحبا بالعالم (تعب) 123",
    "👩‍👩‍👧‍👦🧬 emoji 👍🏽 family",
    "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen" * 2,
    "a\x00b\x1b[31m\u202eevil\ud800 tail",
    "very " * 60,
    "多发性骨髓瘤患者的支持与沟通需求调查",
    "",
)
"""What somebody may write into a label."""
LABELS = ending_labels()


def loop(themes: int, commitments: int, names: tuple[str, ...] = ()) -> LoopFigure:
    """A loop with so many themes and commitments, the same each time."""
    chance = random.Random(themes * 1000 + commitments)
    found: Counter[tuple[int, int, int, str]] = Counter()
    for _ in range(commitments):
        theme = chance.randrange(themes)
        found[theme, theme % max(1, themes * 2 // 3), chance.randrange(9), chance.choice(ENDINGS)] += 1
    known = names or tuple(f"Theme {number}" for number in range(themes))
    paths = tuple(
        LoopPath(
            LoopPlace(f"t{theme}", known[theme % len(known)]),
            LoopPlace(f"o{objective}", f"Objective {objective}, in some more words than a column holds"),
            LoopPlace(f"k{kind}", f"Type {kind}"),
            LoopPlace(ending, LABELS[ending]),
            n,
        )
        for (theme, objective, kind, ending), n in sorted(found.items())
    )
    return LoopFigure(paths, tuple(LoopPlace(code, LABELS[code]) for code in ENDINGS), commitments)


def statuses(most: int, responders: int) -> StatusFigure:
    """Three waves with up to so many commitments in a band."""
    chance = random.Random(most)
    codes = [code for code in ENDINGS if code != "not_due"]
    return StatusFigure(
        tuple(
            WaveBar(
                wave,
                tuple(StatusBand(code, LABELS[code], chance.randint(0, most)) for code in codes),
                responders,
                2,
            )
            for wave in ("30 days", "60 days", "Newest report of each")
        )
    )


def funnel(*people: int | None) -> FunnelFigure:
    """A funnel with so many people in its steps."""
    return FunnelFigure(
        tuple(
            FunnelStep(f"Step {place}", n, None if n is None else Figure(n, 100, n), "who came")
            for place, n in enumerate(people)
        )
    )


def cut(*labels: str) -> CutFigure:
    """A supporter's figure with a bar of each label, the last one without bands."""
    bands = (StatusBand("finished", "Finished", 12), StatusBand("not_finished", "Opened, not finished", 7))
    *drawn, hidden = labels
    bars = (*(CutBar(label, "19 opened", bands, 40) for label in drawn), CutBar(hidden, "hidden", (), 40))
    return CutFigure(
        "From link to end", "People.", bars, ("people", "opened"), tuple((one, 19) for one in labels)
    )


HOSTILE_FIGURES: tuple[OutcomesFigure, ...] = (
    FunnelFigure(tuple(FunnelStep(label, 9, Figure(9, 10, 9), label) for label in HOSTILE)),
    StatusFigure((WaveBar(HOSTILE[0], (StatusBand("full", HOSTILE[1], 5),), 5),)),
    BarrierFigure(tuple(BarrierDots(label, 3, 1200) for label in HOSTILE), 9),
    loop(len(HOSTILE), 60, HOSTILE),
    ResponseFigure(tuple(ResponseSeries(label, 9, (0, 1, 1, 13)) for label in HOSTILE)),
    cut(*HOSTILE),
)
FIGURES: dict[str, OutcomesFigure] = {
    "funnel": funnel(240, 161, 96, 4),
    "unknown start": funnel(None, 12, 3),
    "statuses": statuses(12, 40),
    "statuses of few": statuses(1, 1),
    "barriers": BarrierFigure(
        (BarrierDots("Time", 7, 12), BarrierDots("Skill", 3, 3), BarrierDots("None met", 1, 0)), 40
    ),
    "one barrier": BarrierFigure((BarrierDots("Time", 1, 0),), 1),
    "loop of 3": loop(3, 12),
    "loop of 12": loop(12, 140),
    "loop of 30": loop(30, 400),
    "loop of one": loop(1, 1),
    "response": ResponseFigure(
        (ResponseSeries("30 days", 10, (0, 0, 3, 9, 20)), ResponseSeries("60 days", 4, ()))
    ),
    "one answer": ResponseFigure((ResponseSeries("30 days", 1, (3,)),)),
    "cut": cut("Clinicians, hcp commitment", "Patients, patient interview", "Carers, patient interview"),
}
EMPTY: dict[str, OutcomesFigure] = {
    "funnel": FunnelFigure(()),
    "statuses": StatusFigure(()),
    "barriers": BarrierFigure((), 0),
    "loop": LoopFigure((), (), 0),
    "response": ResponseFigure((ResponseSeries("30 days", 4, ()),)),
    "cut": CutFigure("Barriers met", "Clinicians.", (), ("barrier", "met"), ()),
}


def texts(svg: str) -> list[str]:
    """The words of a figure, line by line, without its title and description."""
    return [one.text or "" for one in ET.fromstring(svg).iter() if one.tag.rpartition("}")[2] == "text"]
