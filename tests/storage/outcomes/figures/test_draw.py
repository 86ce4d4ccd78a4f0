"""Figures as text of a page: the same each time, named, in the page's colour, and harmless whatever a label says."""

import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from storage.outcomes.figures.draw import NARROW, NOTHING, STYLE, WIDE, draw, is_empty
from storage.outcomes.figures.labels import clean, width_of
from storage.outcomes.figures.model import FEW, OutcomesFigure, ResponseFigure, ResponseSeries
from tests.support.figure_samples import EMPTY, FIGURES, HOSTILE, HOSTILE_FIGURES, funnel, statuses, texts

pytest.importorskip("matplotlib", reason="matplotlib comes with the extra report")

ROOT = Path(__file__).parents[4]
WIDTHS = (NARROW, WIDE)
EVERY = [*FIGURES.values(), *EMPTY.values(), *HOSTILE_FIGURES]
IDS = [*FIGURES, *(f"no {name}" for name in EMPTY), *(f"hostile {n}" for n in range(len(HOSTILE_FIGURES)))]


def tag(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


@pytest.mark.parametrize("figure", EVERY, ids=IDS)
def test_a_figure_is_an_element_of_a_page(figure: OutcomesFigure) -> None:
    """It is named and described, in the colour of the page, and holds no style, no script and no link outwards."""
    for width in WIDTHS:
        svg = draw(figure, "t3-wide", width)
        root = ET.fromstring(svg)
        assert (tag(root), root.get("role"), root.get("width")) == ("svg", "img", str(width))
        assert root.get("aria-labelledby") == "t3-wide-title t3-wide-desc"
        title, description = root[0], root[1]
        assert (tag(title), title.get("id"), title.text) == ("title", "t3-wide-title", clean(figure.title))
        assert (tag(description), description.text) == ("desc", clean(figure.description))
        names = {name for one in root.iter() for name in one.attrib}
        assert not [name for name in names if name.startswith("on") or name in {"style", "font-family"}]
        allowed = {"svg", "title", "desc", "g", "defs", "path", "text", "use", "pattern", "rect", "clipPath"}
        assert {tag(one) for one in root.iter()} <= allowed
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", svg)


@pytest.mark.parametrize("figure", FIGURES.values(), ids=FIGURES.keys())
def test_ids_are_of_the_figure_and_each_is_there(figure: OutcomesFigure) -> None:
    """Several figures stand on one page: every id begins with the name, once, and all that is referred to is there."""
    svg = draw(figure, "a", WIDE)
    ids = re.findall(r' id="([^"]*)"', svg)
    assert len(ids) == len(set(ids))
    assert all(one == "a" or one.startswith("a-") for one in ids)
    assert set(re.findall(r'(?:url\(|href=")#([^")]*)', svg)) <= set(ids)


@pytest.mark.parametrize("figure", FIGURES.values(), ids=FIGURES.keys())
def test_nothing_stands_beside_the_sheet(figure: OutcomesFigure) -> None:
    """Every line begins and ends on the sheet, as far as its letters tell."""
    for width in WIDTHS:
        root = ET.fromstring(draw(figure, "a", width))
        height = float(root.get("height", "0"))
        for one in (one for one in root.iter() if tag(one) == "text"):
            x, y, size = (float(one.get(name, "0")) for name in ("x", "y", "font-size"))
            wide = width_of(one.text or "", size)
            left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[one.get("text-anchor", "start")]
            assert left >= -0.5
            assert left + wide <= width + 0.5, one.text
            assert size <= y <= height


@pytest.mark.parametrize("figure", FIGURES.values(), ids=FIGURES.keys())
def test_letters_are_large_enough(figure: OutcomesFigure) -> None:
    """No letter is smaller than 12 pixels at the width that a figure is drawn for."""
    for width in WIDTHS:
        sizes = re.findall(r'font-size="([\d.]+)"', draw(figure, "a", width))
        assert sizes
        assert min(map(float, sizes)) >= 12


def test_the_same_figure_gives_the_same_bytes(tmp_path: Path) -> None:
    """In another process, with another seed of hashes, another time, and settings of matplotlib's user."""
    (tmp_path / "matplotlibrc").write_text(
        "font.size: 30\nsvg.fonttype: path\npath.sketch: 9, 9, 9\nsvg.hashsalt: x\naxes.facecolor: red\n"
    )
    code = (
        "import sys, hashlib; sys.path.insert(0, sys.argv[1])\n"
        "from tests.support.figure_samples import FIGURES\n"
        "from storage.outcomes.figures.draw import draw\n"
        "told = ''.join(draw(one, 'a', w) for n, one in FIGURES.items() if n != 'loop of 30' for w in (340, 700))\n"
        "print(hashlib.sha256(told.encode()).hexdigest())\n"
    )
    found = set()
    for seed, more in (("1", {}), ("2", {"MATPLOTLIBRC": str(tmp_path), "TZ": "Asia/Tokyo", "LC_ALL": "C"})):
        environment = {**os.environ, "PYTHONHASHSEED": seed, **more}
        done = subprocess.run(
            [sys.executable, "-c", code, str(ROOT)],
            capture_output=True,
            text=True,
            check=True,
            env=environment,
        )
        found.add(done.stdout)
    assert len(found) == 1


def test_drawing_leaves_the_settings_of_matplotlib_alone() -> None:
    """Whoever else draws in the process finds what they set."""
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    draw(FIGURES["barriers"], "a")
    assert dict(mpl.rcParams) == before


def test_drawing_says_nothing_of_its_own(tmp_path: Path) -> None:
    """Not even where there is no place for the list of fonts: whoever reads the output reads the program's."""
    nowhere = str(tmp_path / "file" / "home")
    (tmp_path / "file").write_text("")
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from tests.support.figure_samples import HOSTILE_FIGURES\n"
        "from storage.outcomes.figures.draw import draw\n"
        "draw(HOSTILE_FIGURES[2], 'a')\n"
    )
    environment = {**os.environ, "HOME": nowhere, "XDG_CACHE_HOME": nowhere, "XDG_CONFIG_HOME": nowhere}
    environment.pop("MPLCONFIGDIR", None)
    told = subprocess.run(
        [sys.executable, "-c", code, str(ROOT)], capture_output=True, text=True, check=True, env=environment
    )
    assert (told.stdout, told.stderr) == ("", "")


@pytest.mark.parametrize("figure", HOSTILE_FIGURES, ids=lambda one: type(one).__name__)
def test_labels_stay_words(figure: OutcomesFigure) -> None:
    """Brackets are escaped, dollars are no formula, controls and turned directions are gone."""
    for width in WIDTHS:
        svg = draw(figure, "a", width)
        assert "<script" not in svg
        assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\ud800-\udfff]", svg)
        joined = " ".join(texts(svg))
        assert "$x_1^2$" in joined.replace(" ", "") or "$x_1^2$" in joined


def test_words_from_right_to_left_move_nothing_beside_them() -> None:
    """They stand in an isolate, and the number before them outside of it."""
    found = texts(draw(HOSTILE_FIGURES[3], "a", WIDE))
    turned = [line for line in found if "مرحبا" in line]
    assert turned
    assert all(re.fullmatch("\\d+ \u2068[^\u2068\u2069]*\u2069", line) for line in turned)


@pytest.mark.parametrize("name", ["", "1a", 'a"b', "a b", "a>"])
def test_a_name_that_begins_no_id_is_refused(name: str) -> None:
    """A name that could leave its attribute is an error, and no figure."""
    with pytest.raises(ValueError, match="cannot begin an id"):
        draw(FIGURES["one answer"], name)


@pytest.mark.parametrize("figure", EMPTY.values(), ids=EMPTY.keys())
def test_nothing_to_show_is_said(figure: OutcomesFigure) -> None:
    """No empty axes: one sentence."""
    assert is_empty(figure)
    assert NOTHING in texts(draw(figure, "a"))


def test_few_people_are_said_to_be_few() -> None:
    """A wave of which fewer than five people told says so; with five it does not. So do shares of the funnel."""
    for responders, told in ((4, True), (5, False)):
        assert any(FEW in line for line in texts(draw(statuses(5, responders), "a"))) is told
    assert [FEW in line for line in texts(draw(funnel(4), "a")) if "who came" in line] == [True]
    series = ResponseFigure((ResponseSeries("A", 9, (1,) * 4), ResponseSeries("B", 9, (1,) * 5)))
    assert [FEW in line for line in texts(draw(series, "a")) if "of 9 answered" in line] == [True, False]
    assert [line for line in texts(draw(funnel(5), "a")) if "who came" in line] == ["5 of 100 who came: 5 %"]


def test_every_status_has_colour_and_pattern_of_its_own() -> None:
    """Whoever sees no colours tells them apart: by the pattern, or by the grey of those without any."""
    svg = draw(statuses(12, 40), "a")
    patterns = re.findall(r"<pattern .*?</pattern>", svg)
    drawn = {re.sub(r'(fill|stroke)="[^"]*"|id="[^"]*"', "", one) for one in patterns}
    assert len(patterns) == 11
    assert len(drawn) >= 8


def test_both_widths_have_one_style() -> None:
    """A page that holds both shows one of them: its style names the classes of both."""
    assert ".figure-narrow" in STYLE
    assert ".figure-wide" in STYLE
    assert all(len(label) < 400 for label in HOSTILE)
