"""Change the code a little, again and again, and see whether a test notices.

The mutants are mutmut's (`pip install mutmut`; no dependency of ours): one small change in one function each, such as
`<` for `<=`, an argument left out, `None` for a value. They are tried on a copy of this checkout, each against those
of the subject's tests that run the changed function, until the first one fails. What no test notices has survived:
it is printed as a diff, and wants a test or a reason (docs/benchmarks.md). Where a sample is drawn, the same seed
draws the same mutants of the same code, and a larger sample holds the smaller one.
"""

import argparse
import contextlib
import json
import os
import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.common import fresh_folder, show, show_json

HERE = Path(__file__).parents[1]
NOTICED = ("killed", "timeout", "segfault")


@dataclass(frozen=True, slots=True)
class Subject:
    """What is changed, by file, and the tests that are to notice it."""

    files: Sequence[str]
    tests: Sequence[str]


SUBJECTS: Mapping[str, Subject] = {
    "outbox": Subject(
        ["storage/conversations/outbox.py"],
        [
            "tests/storage/conversations/test_outbox.py",
            "tests/storage/conversations/test_writes.py",
        ],
    ),
    "delivery": Subject(
        ["bot/delivery/sender.py"],
        [
            "tests/bot/delivery/test_sender.py",
            "tests/bot/delivery/test_results.py",
            "tests/bot/delivery/test_traces.py",
            "tests/bot/delivery/test_lines.py",
        ],
    ),
    "timers": Subject(
        ["storage/follow_up/timers.py", "bot/schedule/timers.py"],
        [
            "tests/storage/follow_up/test_timers.py",
            "tests/bot/schedule/test_timers.py",
            "tests/bot/schedule/test_reminders.py",
        ],
    ),
    "commit": Subject(
        ["storage/conversations/writes.py", "bot/turns/runtime.py"],
        [
            "tests/storage/conversations/test_writes.py",
            "tests/bot/turns/test_runtime.py",
            "tests/bot/turns/test_own_accord.py",
            "tests/bot/turns/test_waiting.py",
            "tests/bot/turns/test_home_tab.py",
        ],
    ),
}
PACKAGES = ("bot", "flows", "storage")
BESIDE = ("bench", "docs", "config.example.toml", "training")
"""What some tests read."""


def main() -> None:
    """Try the mutants of each subject named, and print how many of them were noticed, and the diffs of the others."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("subjects", nargs="+", choices=SUBJECTS, help="what is changed")
    parser.add_argument("--sample", type=int, help="try only so many mutants a subject, drawn at random")
    parser.add_argument("--seed", type=int, default=1, help="of the drawing (default 1)")
    parser.add_argument("--folder", type=Path, help="keep the copy here, and begin with what was kept")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    wanted = parser.parse_args()
    rows = []
    for name in wanted.subjects:
        with contextlib.ExitStack() as stack:
            folder = (wanted.folder and wanted.folder / name) or stack.enter_context(fresh_folder(None))
            rows.append({"subject": name, **tried(SUBJECTS[name], folder, wanted.sample, wanted.seed)})
    if wanted.json:
        show_json({"mutants": rows})
        return
    figures = ("subject", "made", "tried", "noticed", "survived", "no tests")
    show("Mutants", figures, [[str(row.get(one, 0)) for one in figures] for row in rows])
    for row in rows:
        print(*row["diffs"], sep="\n")


def tried(subject: Subject, folder: Path, sample: int | None, seed: int) -> dict[str, object]:
    """Try mutants of one subject in a copy of the checkout; return figures, and the diffs of the survivors."""
    copy_checkout(folder)
    lines = {
        "source_paths": PACKAGES,
        "only_mutate": subject.files,
        "pytest_add_cli_args_test_selection": subject.tests,
        "also_copy": BESIDE,
    }
    text = "".join(f"{key}=\n" + "".join(f"    {one}\n" for one in lines[key]) for key in lines)
    (folder / "setup.cfg").write_text(f"[mutmut]\n{text}", encoding="utf-8")
    made = mutmut(folder, _NAMES, *subject.files).split()
    random.Random(seed).shuffle(made)
    drawn = made[:sample]
    run = [sys.executable, "-m", "mutmut", "run", "--max-children", "1", *drawn]
    with (folder / "mutmut.log").open("w", encoding="utf-8") as log:
        subprocess.run(run, cwd=folder, env=_environment(), stdout=log, stderr=subprocess.STDOUT, check=True)
    found = json.loads(mutmut(folder, _FOUND, json.dumps(drawn)))
    counts = Counter(found["status"].values())
    noticed = sum(counts[one] for one in NOTICED)
    return {"made": len(made), "tried": len(drawn), "noticed": noticed, **counts, "diffs": found["diffs"]}


def copy_checkout(folder: Path) -> None:
    """Copy the files that Git knows of, those that have changed since an earlier copy."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=HERE, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        source, target = HERE / name, folder / name
        if source.exists() and not (target.exists() and target.read_bytes() == source.read_bytes()):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)


def mutmut(folder: Path, program: str, *words: str) -> str:
    """Return what a program that imports mutmut prints; it reads its settings from the current folder."""
    call = [sys.executable, "-c", program, *words]
    return subprocess.run(
        call, cwd=folder, env=_environment(), stdout=subprocess.PIPE, text=True, check=True
    ).stdout


def _environment() -> dict[str, str]:
    """Return an environment in which the copy is imported, not this checkout, and compiled once."""
    left_out = {"PYTHONPATH", "PYTHONDONTWRITEBYTECODE"}
    return {name: value for name, value in os.environ.items() if name not in left_out}


_NAMES = """
import sys
from pathlib import Path
from mutmut.mutation.file_mutation import mutate_file_contents
from mutmut.utils.format_utils import get_mutant_name
for path in sys.argv[1:]:
    for name in mutate_file_contents(path, Path(path).read_text()).mutant_names:
        print(get_mutant_name(Path(path), name))
"""
_FOUND = """
import json, sys
from mutmut.__main__ import find_mutant, get_diff_for_mutant, status_by_exit_code
names = json.loads(sys.argv[1])
status, diffs = {}, []
for name in names:
    mutant = find_mutant(name)
    status[name] = status_by_exit_code[mutant.exit_code_by_key[name]]
    if status[name] not in ("killed", "timeout", "segfault"):
        diffs.append(f"# {name}: {status[name]}\\n{get_diff_for_mutant(name, path=mutant.path)}")
print(json.dumps({"status": status, "diffs": diffs}))
"""

if __name__ == "__main__":
    main()
