"""Check program files: names that refer to something, days in order, numbers for an emergency."""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from flows.check.readability import GRADE, grade
from flows.check.texts import LABEL
from flows.errors import Problem
from flows.formats.yaml_source import ValuePath, YamlSource
from flows.problem_codes import ProblemCode
from flows.program.loader import ProgramSource
from flows.program.model import ActivityFile, ProgramFile
from flows.program.safety import DEFAULT, SOLICITED_PAGE
from flows.script.code_lists import code_lists, codes_of
from flows.script.loader import library_names
from flows.text.suggest import did_you_mean, listed

RESERVED = frozenset({"own"})
"""Codes that the shipped scripts use beside the suggestions."""

ANSWER = 500
"""The most characters of an answer to what people ask the bot."""
HELP = 200
"""The most characters of a line that helps against a barrier."""
_CALLABLE = re.compile(r"[+0-9][0-9 ()-]*")

FoundProblem = tuple[ProblemCode, ValuePath, str, str]
"""A problem before it has a line and a column."""


def check(read: ProgramSource, flows: Iterable[str] = ()) -> tuple[Problem, ...]:
    """Return all problems of a program file that was read, in the order of the file; empty when it is clean.

    `flows` are the names of scripts that the file may name beside the shipped ones.
    """
    problems = list(read.source.problems)
    if read.program is not None:
        known = {*library_names(), *flows}
        found = (*_duplicates(read.program), *_references(read.program, known), *_schedule(read.program))
        for code, path, message, remedy in (
            *found,
            *_emergency(read.program),
            *_help_lines(read.program),
            *_labels(read.program),
            *_answers(read.program),
            *_barrier_help(read.program),
            *_plain_words(read.program),
            *_medicine(read.program),
        ):
            problems.append(_problem(read.source, code, path, message, remedy))
    return tuple(sorted(set(problems)))


def _problem(source: YamlSource, code: ProblemCode, path: ValuePath, message: str, remedy: str) -> Problem:
    """Make a problem at a value of the file."""
    place = source.place(path)
    return Problem(source.file, place.line, place.column, code, message, remedy)


def _duplicates(program: ProgramFile) -> Iterator[FoundProblem]:
    """Report codes and slugs that are used twice, or are reserved."""
    yield from _twice([theme.code for theme in program.themes], ("themes",), "code")
    yield from _twice([activity.slug for activity in program.activities], ("activities",), "slug")
    yield from _twice([product.code for product in program.products], ("products",), "code")
    yield from _twice([change.code for change in program.changes], ("changes",), "code")
    taken = [activity.slug for activity in program.activities]
    yield from _twice(
        [*taken, *(review.slug for review in program.reviews)], ("reviews",), "slug", len(taken)
    )
    for number, activity in enumerate(program.activities):
        path: ValuePath = ("activities", number)
        yield from _twice(
            [objective.code for objective in activity.objectives], (*path, "objectives"), "code"
        )
        yield from _twice(
            [suggestion.code for suggestion in activity.suggestions], (*path, "suggestions"), "code"
        )
        for place, suggestion in enumerate(activity.suggestions):
            if suggestion.code in RESERVED:
                message = f"the code '{suggestion.code}' is taken by the shipped scripts"
                yield (
                    ProblemCode.PROGRAM_DUPLICATE,
                    (*path, "suggestions", place, "code"),
                    message,
                    "choose another code",
                )


def _twice(names: list[str], path: ValuePath, key: str, first: int = 0) -> Iterator[FoundProblem]:
    """Report names that come a second time; those before `first` stand elsewhere in the file."""
    for place, name in enumerate(names[first:]):
        if name in names[: first + place]:
            message = f"the {key} '{name}' is used twice"
            yield ProblemCode.PROGRAM_DUPLICATE, (*path, place, key), message, "give each one of its own"


def _references(program: ProgramFile, flows: set[str]) -> Iterator[FoundProblem]:
    """Report themes and scripts that are named and do not exist."""
    themes = [theme.code for theme in program.themes]
    for number, activity in enumerate(program.activities):
        yield from _activity_references(activity, ("activities", number), themes)
    named: list[tuple[ValuePath, str]] = [
        (("follow_ups", role.value), flow) for role, flow in program.follow_ups.items()
    ]
    for place, entry in enumerate(program.follow_on or ()):
        named += [(("follow_on", place, "flow"), entry.flow), (("follow_on", place, "after"), entry.after)]
    for path, flow in named:
        if flow not in flows:
            remedy = did_you_mean(flow, flows) or f"name one of {listed(sorted(flows))}"
            yield ProblemCode.PROGRAM_FLOW, path, f"there is no script '{flow}'", remedy
    for place, change in enumerate(program.changes):
        if change.theme is not None and change.theme not in themes:
            remedy = did_you_mean(change.theme, themes) or f"name one of {listed(themes)}"
            where: ValuePath = ("changes", place, "theme")
            yield ProblemCode.PROGRAM_REFERENCE, where, f"there is no theme '{change.theme}'", remedy


def _activity_references(
    activity: ActivityFile, path: ValuePath, themes: list[str]
) -> Iterator[FoundProblem]:
    """Report themes, objectives and types of change that an activity names and that do not exist."""
    objectives = [objective.code for objective in activity.objectives]
    types = [code.code for code in codes_of(code_lists()["change_types"])]
    named: list[tuple[ValuePath, str, str | None, list[str]]] = []
    for place, objective in enumerate(activity.objectives):
        named.append(((*path, "objectives", place), "theme", objective.theme, themes))
    for place, suggestion in enumerate(activity.suggestions):
        where = (*path, "suggestions", place)
        named.append((where, "theme", suggestion.theme, themes))
        named.append((where, "objective", suggestion.objective, objectives))
        named.append((where, "type", suggestion.type, types))
    for where, key, name, known in named:
        if name is not None and name not in known:
            remedy = did_you_mean(name, known) or f"name one of {listed(known)}"
            yield ProblemCode.PROGRAM_REFERENCE, (*where, key), f"there is no {key} '{name}'", remedy


def _schedule(program: ProgramFile) -> Iterator[FoundProblem]:
    """Report days that are not in rising order, and reminders after the wave is closed."""
    schedule = program.schedule
    days = (("waves", schedule.waves), ("reminders", schedule.reminders))
    for key, values in (*days, ("interview_reminder_hours", schedule.interview_reminder_hours)):
        if any(second <= first for first, second in pairwise(values)):
            message = f"'{key}' is not in rising order"
            yield (
                ProblemCode.PROGRAM_SCHEDULE,
                ("schedule", key),
                message,
                "write the earliest first, each once",
            )
    if schedule.reminders and max(schedule.reminders) >= schedule.close_after:
        last, closed = max(schedule.reminders), schedule.close_after
        message = f"a reminder after {last} days comes when the wave is closed ({closed})"
        yield (
            ProblemCode.PROGRAM_SCHEDULE,
            ("schedule", "reminders"),
            message,
            "remind earlier or close later",
        )


def _emergency(program: ProgramFile) -> Iterator[FoundProblem]:
    """Report emergency numbers that are missing, or cannot be called, and unknown countries."""
    if "default" not in program.emergency_numbers:
        message = "there is no emergency number for people whose country is not known"
        yield (
            ProblemCode.PROGRAM_EMERGENCY,
            ("emergency_numbers",),
            message,
            'add `default:`, for example "112"',
        )
    for country, number in program.emergency_numbers.items():
        if country != "default" and not re.fullmatch(r"[A-Z]{2}", country):
            message = f"'{country}' is not a country code"
            remedy = "write two capitals such as GB or US"
            yield ProblemCode.PROGRAM_EMERGENCY, ("emergency_numbers", country), message, remedy
        if not _CALLABLE.fullmatch(number):
            message = f"'{number}' is not a number to call"
            yield ProblemCode.PROGRAM_EMERGENCY, ("emergency_numbers", country), message, "write digits"


def _help_lines(program: ProgramFile) -> Iterator[FoundProblem]:
    """Report help lines that cannot be called, and unknown countries."""
    countries = program.crisis.countries if program.crisis is not None else {}
    for country, lines in countries.items():
        path: ValuePath = ("crisis", "countries", country)
        for place, line in enumerate(lines):
            if not _CALLABLE.fullmatch(line.phone):
                message = f"'{line.phone}' is not a number to call"
                yield ProblemCode.PROGRAM_EMERGENCY, (*path, place, "phone"), message, "write digits"
        if country != DEFAULT and not re.fullmatch(r"[A-Z]{2}", country):
            message = f"'{country}' is not a country code"
            remedy = "write two capitals such as GB or US, or 'default'"
            yield ProblemCode.PROGRAM_EMERGENCY, path, message, remedy


def _labels(program: ProgramFile) -> Iterator[FoundProblem]:
    """Report suggestions that are too long for a button."""
    for number, activity in enumerate(program.activities):
        for place, suggestion in enumerate(activity.suggestions):
            for key, label in (("label", suggestion.label), ("patient_label", suggestion.patient_label)):
                if label is not None and len(label) > LABEL:
                    message = f"the label has {len(label)} characters; at most {LABEL} fit on a button"
                    path = ("activities", number, "suggestions", place, key)
                    yield ProblemCode.PROGRAM_LABEL, path, message, "shorten it"


def _answers(program: ProgramFile) -> Iterator[FoundProblem]:
    """Report answers to people's questions that are too long for a message in a chat, or hold braces."""
    for key, text in () if program.answers is None else program.answers.given.items():
        where: ValuePath = ("answers", key)
        if len(text) > ANSWER:
            message = f"the answer has {len(text)} characters; at most {ANSWER} are read in a chat"
            yield ProblemCode.PROGRAM_ANSWER, where, message, "shorten it"
        if "{" in text or "}" in text:
            message = "placeholders are not filled in here, so that braces are shown as they are"
            yield ProblemCode.PROGRAM_ANSWER, where, message, "write the words themselves"


def _barrier_help(program: ProgramFile) -> Iterator[FoundProblem]:
    """Report help against what is no barrier, and help that is not one line without placeholders."""
    known = [
        one.code for one in codes_of(code_lists()["barriers"]) if not one.exclusive and one.code != "other"
    ]
    for code, text in (program.help or {}).items():
        where: ValuePath = ("help", code)
        if code not in known:
            remedy = did_you_mean(code, known) or f"name one of {listed(known)}"
            yield ProblemCode.PROGRAM_HELP, where, f"there is no barrier '{code}'", remedy
        if not text.strip() or "\n" in text.strip() or len(text) > HELP:
            message = f"the help is not one line of at most {HELP} characters"
            yield ProblemCode.PROGRAM_HELP, where, message, "write one short sentence"
        if "{" in text or "}" in text:
            message = "placeholders are not filled in here, so that braces are shown as they are"
            yield ProblemCode.PROGRAM_HELP, where, message, "write the words themselves"


def _medicine(program: ProgramFile) -> Iterator[FoundProblem]:
    """Report a file that leaves open whether patients are asked about their medicine."""
    if program.lacks_word_on_medicine:
        message = "it is not said whether patients are asked about their medicine"
        remedy = f"add `ask_about_medicine: yes` or `no`; what it means: {SOLICITED_PAGE}"
        yield ProblemCode.PROGRAM_MEDICINE, ("program",), message, remedy


def _plain_words(program: ProgramFile) -> Iterator[FoundProblem]:
    """Report texts for patients that are harder than scripts for patients may be; English only."""
    if not program.language.startswith("en"):
        return
    shown: list[tuple[ValuePath, str]] = [
        (("changes", place, "text"), change.text) for place, change in enumerate(program.changes)
    ]
    shown += [
        (("answers", key), text) for key, text in (program.answers.given if program.answers else {}).items()
    ]
    for path, text in shown:
        reached = grade(text)
        if reached > GRADE:
            message = f"reads at grade {reached:.1f}; patients' texts stay at {GRADE:.0f}"
            yield ProblemCode.READING_GRADE, path, message, "use shorter words and shorter sentences"
