"""The page on writing scripts shows what works."""

import re
from pathlib import Path

import pytest

from flows.check.run import check_flow_text

PAGE = (Path(__file__).parents[2] / "docs" / "howto" / "write-a-script.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


def test_the_first_example_checks_clean() -> None:
    """Who copies the file from the page begins without a problem."""
    assert check_flow_text(BLOCKS[0]) == ()


def test_the_problem_shown_is_the_one_that_comes() -> None:
    """The line that the page prints is what `said check` says of that slip."""
    shown = next(line.strip() for line in PAGE.splitlines() if line.startswith("    visit.yaml:"))
    broken = BLOCKS[0].replace("low_label: very bad", "low_lable: very bad")
    assert shown in [str(problem) for problem in check_flow_text(broken, "visit.yaml")]


PICKED = """\
  - key: picked
    kind: select_one
    counted: false
    text: What will you do?
    choices: [{code: ask, label: Ask}, {code: own, label: My own}]

"""
"""What was picked before: the page shows the step that keeps it."""
WHO = """\
  - key: who
    kind: select_one
    counted: false
    text: Which fits you best?
    choices: [{code: patient, label: A patient, about: self}, {code: carer, label: A carer, about: other}]

"""
"""Whom the words of a question depend on."""


@pytest.mark.parametrize("block", [block for block in BLOCKS[1:] if block.startswith("  - key")])
def test_each_further_step_fits_into_the_example(block: str) -> None:
    """The steps that are shown one by one can be put before the end of the first example."""
    if "kind: do" in block:
        asked = "".join(f"  - {{key: {key}, kind: text, text: What?}}\n" for key in ("what", "plan", "sure"))
        clinicians = BLOCKS[0].replace("[patient]", "[hcp]")
        script = clinicians.replace("  - key: thanks", asked + block + "\n  - key: thanks").replace(
            "3 questions", "some"
        )
    else:
        more = len(re.findall(r"kind: (?:text|scale|number)", block))
        for name, asked in (("picked", PICKED), ("who", WHO)):
            block = asked + block if re.search(rf"question: {name}|when: {name} ==", block) else block
        script = BLOCKS[0].replace("  - key: thanks", block + "\n  - key: thanks")
        script = script.replace("3 questions", f"{3 + more} questions")
    assert check_flow_text(script) == ()
