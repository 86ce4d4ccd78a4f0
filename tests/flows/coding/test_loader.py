"""Promises of flows/coding/loader.py: every problem of a codebook has its place, its code and a remedy."""

import pytest

from flows.check.run import check_files
from flows.coding.loader import load_codebook, load_codebook_text
from flows.errors import ScriptError
from flows.problem_codes import ProblemCode

HEAD = 'codebook: mm\nversion: "1"\ncodes:\n'
BODY = "  - {code: body, label: Body, include: [numb*]}\n"
PROBLEMS = [
    (HEAD + BODY + "  - {code: body, label: Again}\n", ProblemCode.CODEBOOK_DUPLICATE, 5, "used twice"),
    (HEAD + BODY + "  - {code: feet, label: F, parent: bdoy}\n", ProblemCode.CODEBOOK_PARENT, 5, "'body'?"),
    (
        HEAD + "  - {code: a1, label: A, parent: b1}\n  - {code: b1, label: B, parent: a1}\n",
        ProblemCode.CODEBOOK_CYCLE,
        4,
        "part of itself",
    ),
    (HEAD + "  - {code: a1, label: A, parent: a1}\n", ProblemCode.CODEBOOK_CYCLE, 4, "part of itself"),
    (
        HEAD
        + "  - {code: a0, label: A}\n"
        + "".join(f"  - {{code: a{n}, label: A, parent: a{n - 1}}}\n" for n in range(1, 7)),
        ProblemCode.CODEBOOK_CYCLE,
        10,
        "5 at most",
    ),
    (HEAD + "  - {code: body, label: B, include: ['--']}\n", ProblemCode.CODEBOOK_WORDS, 4, "no letter"),
    (
        HEAD + "  - {code: body, label: B, include: [Numb], exclude: [numb]}\n",
        ProblemCode.CODEBOOK_WORDS,
        4,
        "too",
    ),
    *(
        (HEAD + BODY + f"  - {{code: '{name}', label: N}}\n", ProblemCode.CODEBOOK_TYPED, 5, "otherwise")
        for name in ("none", "list", "skip", "quit", "n", "l", "s", "q")
    ),
    (HEAD + "  - {code: Body, label: B}\n", ProblemCode.BAD_NAME, 4, ""),
    (HEAD + "  - {code: body, label: B, lable: B}\n", ProblemCode.UNKNOWN_KEY, 4, "label"),
    (HEAD + "  - {code: body}\n", ProblemCode.MISSING_KEY, 4, "label"),
    (HEAD.replace('"1"', "1") + BODY, ProblemCode.WRONG_TYPE, 2, ""),
    ('codebook: mm\nversion: "1"\ncodes: []\n', None, 3, ""),
    ("", ProblemCode.EMPTY, 1, ""),
    ("codebook: [", ProblemCode.SYNTAX, 1, ""),
]


@pytest.mark.parametrize(("text", "code", "line", "told"), PROBLEMS)
def test_a_problem_is_told_at_its_place(text: str, code: ProblemCode | None, line: int, told: str):
    """The line is that of the code that is wrong, and something is to be done about it."""
    with pytest.raises(ScriptError) as raised:
        load_codebook_text(text, "book.yaml")
    one = raised.value.problems[0]
    assert one.line == line
    assert code is None or one.code == code
    assert told in f"{one.message} {one.remedy}"
    assert one.remedy


def test_every_code_of_codebooks_is_shown():
    """No problem of codebooks is documented that nothing can show."""
    shown = {code for _, code, _, _ in PROBLEMS if code is not None and code.value.startswith("B")}
    assert shown == {code for code in ProblemCode if code.value.startswith("B")}


def test_too_many_codes_are_refused():
    """A codebook has 200 codes at most."""
    codes = "".join(f"  - {{code: c{number}, label: L}}\n" for number in range(201))
    with pytest.raises(ScriptError):
        load_codebook_text(HEAD + codes)


def test_a_file_is_loaded_and_checked(tmp_path):
    """`said check` tells a codebook from a script, and finds what loading would."""
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(HEAD + BODY, encoding="utf-8")
    bad.write_text(PROBLEMS[0][0], encoding="utf-8")
    assert load_codebook(good).names == ("body",)
    assert [(one.file, one.code) for one in check_files([good, bad])] == [
        (str(bad), ProblemCode.CODEBOOK_DUPLICATE)
    ]
