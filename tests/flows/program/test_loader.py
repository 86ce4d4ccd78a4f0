"""Files -> flows: whatever a file holds, the answer is a flow or problems with places, never a traceback."""

from pathlib import Path

import pytest

from flows.check.run import check_files, check_flow_text, check_program_text
from flows.errors import ScriptError
from flows.formats.yaml_source import MAX_BYTES, parse_source, read_source
from flows.problem_codes import ProblemCode
from flows.program.loader import load_program
from flows.script.loader import library, load_flow, load_flow_text
from flows.script.model import SelectOne

SCRIPT = "flow: a\ntitle: A\nlanguage: en\naudience: [hcp]\nsteps:\n"
STEP = "  - {key: s, kind: say, text: Hi}\n"


@pytest.mark.parametrize(
    ("text", "place", "code"),
    [
        ("", "1:1", ProblemCode.EMPTY),
        ("# only a comment\n", "1:1", ProblemCode.EMPTY),
        ("- a\n- b\n", "1:1", ProblemCode.NOT_A_MAPPING),
        ("just words\n", "1:1", ProblemCode.NOT_A_MAPPING),
        ("flow: a\nsteps:\n\t- x\n", "3:1", ProblemCode.TAB),
        ("flow: [a\n", "2:1", ProblemCode.SYNTAX),
        ("flow: 'a\n", "2:1", ProblemCode.SYNTAX),
        ("title: Hello: you\n", "1:13", ProblemCode.SYNTAX),
        ("flow: a\n---\nflow: b\n", "2:1", ProblemCode.SYNTAX),
        ("flow: *nobody\n", "1:7", ProblemCode.SYNTAX),
        ("flow: a\ntitle: \x07bell\n", "2:8", ProblemCode.SYNTAX),
        ("flow: a\nflow: b\n", "2:1", ProblemCode.DUPLICATE_KEY),
        ("flow: !!python/object/apply:os.system [ls]\n", "1:7", ProblemCode.BAD_TAG),
        ("flow: !mine x\n", "1:7", ProblemCode.BAD_TAG),
        ("? [a, b]\n: c\n", "1:3", ProblemCode.WRONG_TYPE),
        ("a: " + "[" * 5000, "1:1", ProblemCode.TOO_DEEP),
        ("a: &a [*a]\n", "1:4", ProblemCode.TOO_DEEP),
        ("a: " + "x" * MAX_BYTES, "1:1", ProblemCode.TOO_LARGE),
    ],
)
def test_what_is_no_script_gives_a_problem_at_its_place(text: str, place: str, code: ProblemCode) -> None:
    """A file that cannot be read says where and why, whatever is in it."""
    problems = parse_source(text, "f.yaml").problems
    assert [str(problem).split(" ")[:2] for problem in problems][:1] == [[f"f.yaml:{place}", code.value]]
    with pytest.raises(ScriptError):
        load_flow_text(text)


def test_aliases_that_multiply_are_stopped() -> None:
    """A small file that would unfold to millions of values is refused."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert [problem.code for problem in parse_source("\n".join(lines), "f").problems] == [
        ProblemCode.TOO_MANY_NODES
    ]


def test_aliases_within_reason_work() -> None:
    """An author may say once what several questions share."""
    choices = "[{code: x, label: X}, {code: y, label: Y}]"
    flow = load_flow_text(
        SCRIPT
        + f"  - {{key: a, kind: select_one, text: Which?, choices: &xy {choices}}}\n"
        + "  - {key: b, kind: select_one, text: And now?, choices: *xy}\n"
    )
    assert flow.steps[0].choices == flow.steps[1].choices


def test_a_file_that_is_not_there_or_not_utf_8(tmp_path: Path) -> None:
    """A missing file, a folder and another encoding are problems like any other."""
    latin = tmp_path / "latin.yaml"
    latin.write_bytes(b"flow: a\ntitle: caf\xe9\n")
    too_long = tmp_path / "long.yaml"
    too_long.write_bytes(b"#" * (MAX_BYTES + 1))
    cases = {
        tmp_path / "none.yaml": "1:1 F001",
        tmp_path: "1:1 F001",
        latin: "2:11 F002",
        too_long: "1:1 F004",
    }
    for path, wanted in cases.items():
        assert str(read_source(path).problems[0]).startswith(f"{path}:{wanted}")
        with pytest.raises(ScriptError):
            load_flow(path)


def test_a_byte_order_mark_and_windows_lines_are_fine() -> None:
    """What Windows editors add changes nothing, and places still fit."""
    text = (SCRIPT + STEP).replace("\n", "\r\n")
    assert load_flow_text("\ufeff" + text).hash == load_flow_text(SCRIPT + STEP).hash
    broken = check_flow_text(text.replace("text: Hi", "txt: Hi"))
    assert [
        (problem.line, problem.column) for problem in broken if problem.code == ProblemCode.UNKNOWN_KEY
    ] == [(6, 25)]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("12:30", "12:30"),
        ("2026-04-01", "2026-04-01"),
        ("~", None),
        ("true", True),
        ("0o17", "0o17"),
        ("1_000", "1_000"),
        ("'5'", "5"),
        ("5", 5),
        ("-.5", -0.5),
        ("1e3", 1000.0),
    ],
)
def test_scalars_are_read_as_yaml_1_2_reads_them(written: str, value: object) -> None:
    """'no' is a word and 12:30 is no number of seconds: nothing surprises an author."""
    assert parse_source(f"a: {written}", "f").value == {"a": value}


def test_the_hash_covers_named_lists_and_nothing_else() -> None:
    """A version is what people are shown: a comment does not change it, a label in a shared list does."""
    step = "  - {key: a, kind: select_one, text: Which?, choices: mine}\n"
    own = "lists:\n  mine: [{code: x, label: X}, {code: y, label: Y}]\n"
    flow = load_flow_text(SCRIPT + step + own)
    assert flow.hash == load_flow_text("# hello\n" + SCRIPT + step + own).hash
    assert flow.hash != load_flow_text(SCRIPT + step + own.replace("label: Y", "label: Z")).hash
    assert isinstance(flow.steps[0], SelectOne)
    assert [choice.label for choice in flow.steps[0].choices if not isinstance(choice, str)] == ["X", "Y"]


def test_a_scripts_own_list_comes_before_a_shipped_one() -> None:
    """An author can say 'statuses' in words of their own."""
    own = "lists: {statuses: [{code: x, label: X}, {code: y, label: Y}]}\n"
    flow = load_flow_text(SCRIPT + "  - {key: a, kind: select_one, text: Which?, choices: statuses}\n" + own)
    assert flow.steps[0].choices[0].code == "x"


PROGRAM = """\
program: p
title: P
team: T
contact: c@example.org
condition: flu
emergency_numbers: {default: "112"}
ask_about_medicine: no
"""

ACTIVITY = """\
themes: [{code: t, label: T}]
activities:
  - slug: a
    title: A
    objectives: [{code: o, text: O, theme: t}]
    suggestions:
      - {code: s, label: S, type: treat, theme: t, objective: o}
"""


@pytest.mark.parametrize(
    ("text", "at", "code"),
    [
        (PROGRAM.replace("team:", "taem:"), "taem:", ProblemCode.UNKNOWN_KEY),
        (PROGRAM + "timezone: Europe/Viena\n", "Europe/Viena", ProblemCode.BAD_VALUE),
        (PROGRAM + "schedule: {waves: [30, 60], close_afer: 3}\n", "close_afer", ProblemCode.UNKNOWN_KEY),
        (PROGRAM + "schedule: {window: {strat: '10:00'}}\n", "strat", ProblemCode.UNKNOWN_KEY),
        (PROGRAM + "schedule: {mails_show_question: now and then}\n", "now and", ProblemCode.WRONG_TYPE),
        (PROGRAM + "schedule: {window: {start: noon}}\n", "noon", ProblemCode.WRONG_TYPE),
        (PROGRAM + "schedule: {window: {start: 2.5}}\n", "{start", ProblemCode.BAD_VALUE),
        (
            PROGRAM + "themes: [{code: t, label: T}, {code: t, label: U}]\n",
            "t, label: U",
            ProblemCode.PROGRAM_DUPLICATE,
        ),
        (PROGRAM + ACTIVITY.replace("code: s,", "code: own,"), "own", ProblemCode.PROGRAM_DUPLICATE),
        (
            PROGRAM + ACTIVITY.replace("theme: t, o", "theme: u, o"),
            "u, objective",
            ProblemCode.PROGRAM_REFERENCE,
        ),
        (PROGRAM + ACTIVITY.replace("objective: o", "objective: oo"), "oo}", ProblemCode.PROGRAM_REFERENCE),
        (PROGRAM + ACTIVITY.replace("type: treat", "type: traet"), "traet", ProblemCode.PROGRAM_REFERENCE),
        (PROGRAM + "schedule: {waves: [60, 30]}\n", "[60", ProblemCode.PROGRAM_SCHEDULE),
        (
            PROGRAM + "follow_on: [{flow: nothing_such, after: hcp_commitment, days: 3}]\n",
            "nothing_such",
            ProblemCode.PROGRAM_FLOW,
        ),
        (
            PROGRAM + "changes: [{code: c, text: We did it., on: 2026-04-01, theme: no_such}]\n",
            "no_such",
            ProblemCode.PROGRAM_REFERENCE,
        ),
        (
            PROGRAM + "reviews: [{slug: a, title: A, version: v}, {slug: a, title: B, version: v}]\n",
            "a, title: B",
            ProblemCode.PROGRAM_DUPLICATE,
        ),
        (PROGRAM + "schedule: {reminders: [3, 20]}\n", "[3, 20", ProblemCode.PROGRAM_SCHEDULE),
        (PROGRAM + "schedule: {window: {start: '19:00', end: '12:00'}}\n", "{start", ProblemCode.BAD_VALUE),
        (PROGRAM.replace("default:", "GB:"), '{GB: "112"}', ProblemCode.PROGRAM_EMERGENCY),
        (PROGRAM.replace('"112"}', '"112", Britain: "999"}'), '"999"', ProblemCode.PROGRAM_EMERGENCY),
        (PROGRAM.replace('"112"', "call us"), "call us", ProblemCode.PROGRAM_EMERGENCY),
        (PROGRAM + "follow_ups: {hcp: hcp_folow_up}\n", "hcp_folow_up", ProblemCode.PROGRAM_FLOW),
        (PROGRAM + ACTIVITY.replace("label: S", f"label: {'s' * 65}"), "sss", ProblemCode.PROGRAM_LABEL),
        (PROGRAM + "answers: {why: 'We are {program.team}.'}\n", "'We are", ProblemCode.PROGRAM_ANSWER),
        (PROGRAM + f"answers: {{why: '{'We ask you. ' * 50}'}}\n", "'We ask", ProblemCode.PROGRAM_ANSWER),
        (PROGRAM + "help: {tme: A note helps.}\n", "A note", ProblemCode.PROGRAM_HELP),
        (PROGRAM + "help: {none: A note helps.}\n", "A note", ProblemCode.PROGRAM_HELP),
        (PROGRAM + f"help: {{time: '{'A note helps. ' * 20}'}}\n", "'A note", ProblemCode.PROGRAM_HELP),
        (PROGRAM + "help: {time: 'Ask {program.team}.'}\n", "'Ask", ProblemCode.PROGRAM_HELP),
        (PROGRAM.replace("ask_about_medicine: no\n", ""), "p\n", ProblemCode.PROGRAM_MEDICINE),
        (
            PROGRAM.replace("medicine: no", "medicine: yes") + "safety_profile: none\n",
            "yes",
            ProblemCode.BAD_VALUE,
        ),
    ],
)
def test_program_files_are_checked_in_the_same_way(text: str, at: str, code: ProblemCode) -> None:
    """A coordinator's mistake has its place, its code and its remedy too, and is told once."""
    offset = text.index(at)
    place = (text[:offset].count("\n") + 1, offset - text.rfind("\n", 0, offset))
    problems = check_program_text(text, "p.yaml")
    assert [(problem.line, problem.column) for problem in problems if problem.code == code] == [place], (
        problems
    )
    assert {problem.code for problem in problems} - {ProblemCode.MISSING_KEY} == {code}


def test_every_program_code_is_shown() -> None:
    """The table above leaves no code of program files out."""
    cases = test_program_files_are_checked_in_the_same_way.pytestmark[0].args[1]
    assert {code for code in ProblemCode if code.value.startswith("P")} <= {case[2] for case in cases}


def test_a_program_may_name_a_script_that_is_checked_with_it(tmp_path: Path) -> None:
    """Own scripts are known when they are given beside the program."""
    script, program = tmp_path / "mine.yaml", tmp_path / "program.yaml"
    script.write_text(SCRIPT.replace("flow: a", "flow: mine") + STEP)
    program.write_text(PROGRAM + "follow_ups: {hcp: mine}\n")
    assert check_files([program, script]) == []
    assert [problem.code for problem in check_files([program])] == [ProblemCode.PROGRAM_FLOW]
    assert load_program(program).follow_ups == {"hcp": "mine"}


def test_a_broken_program_is_not_loaded(tmp_path: Path) -> None:
    """Nothing is half done: a file with a problem raises with all of them."""
    path = tmp_path / "program.yaml"
    path.write_text(PROGRAM.replace("team:", "taem:"))
    with pytest.raises(ScriptError) as caught:
        load_program(path)
    assert [problem.code for problem in caught.value.problems] == [
        ProblemCode.MISSING_KEY,
        ProblemCode.UNKNOWN_KEY,
    ]
    assert "did you mean 'team'?" in str(caught.value)


def test_a_text_that_a_comma_cuts_is_to_be_quoted(tmp_path: Path) -> None:
    """Within braces a comma ends a text: the error shows the whole of it in quotes, at each piece that was cut off."""
    path = tmp_path / "program.yaml"
    one = "{code: plan, label: Give a plan, in writing, at once}"
    path.write_text(PROGRAM + f"activities: [{{slug: a, title: A, suggestions: [{one}]}}]\n")
    with pytest.raises(ScriptError) as caught:
        load_program(path)
    told = [problem.remedy for problem in caught.value.problems]
    assert (
        told
        == ['put it in quotes, since a comma ends a text here: label: "Give a plan, in writing, at once"'] * 2
    )
    path.write_text(PROGRAM + "activities: [{slug: a, title: A, extra: }]\n")
    with pytest.raises(ScriptError, match=r"did you mean|take it out"):
        load_program(path)


def test_the_library_is_read_once() -> None:
    """A turn can ask for a flow without reading a file."""
    assert library() is library()
    assert set(library()) >= {"patient_interview", "hcp_commitment", "hcp_follow_up"}
