"""Generate the files that are made from the models: the page on scripts, and the JSON Schemas for editors.

`python -m flows.reference` writes them; a test fails when one of them is not what this would write.
"""

import json
from collections.abc import Iterator, Mapping
from enum import Enum
from inspect import cleandoc
from pathlib import Path
from types import UnionType
from typing import Any, ForwardRef, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from flows.check import length, readability, texts
from flows.check.effects import EFFECT_FIELDS, EFFECT_NEEDS
from flows.check.run import json_schema, program_json_schema
from flows.problem_codes import EXPLANATIONS
from flows.program.model import (
    ActivityFile,
    Change,
    FollowOn,
    InquiryAnswers,
    Objective,
    ProgramFile,
    Retention,
    ReviewFile,
    Schedule,
    Suggestion,
    ThemeFile,
    Window,
    shipped_follow_ons,
)
from flows.program.safety import BusinessCalendar, Crisis, HelpLine, ProductEntry
from flows.script.bounds import (
    MOST_CHARACTERS,
    MOST_MACROS,
    MOST_NESTED,
    MOST_NESTED_MACROS,
    MOST_PATTERNS,
    MOST_TIMES,
)
from flows.script.code_lists import code_lists, codes_of
from flows.script.conditions import FUNCTIONS, MOST_STEPS
from flows.script.facts import EVERY_ITEM, FACTS, ITEMS, PICK, PROBE
from flows.script.loader import LIBRARY
from flows.script.model import (
    Band,
    Choice,
    ConditionalText,
    Flow,
    ForEach,
    KeptPick,
    Limits,
    OwnWords,
    Probe,
    Promote,
    Question,
    Shortcut,
    Step,
    StepBase,
    UpTo,
    Wording,
)
from flows.script.validation import KINDS
from flows.text.suggest import listed

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "scripts.md"

PARTS: Mapping[str, type[BaseModel]] = {
    "A choice": Choice,
    "An item of `wordings`": Wording,
    "`promote`": Promote,
    "`own_words`": OwnWords,
    "`probe`": Probe,
    "`keeps_pick`": KeptPick,
    "A text with a condition": ConditionalText,
    "A band": Band,
    "A shortcut": Shortcut,
    "`repeat`, for each item": ForEach,
    "`repeat`, up to n times": UpTo,
    "`limits`": Limits,
}

PROGRAM_PARTS: Mapping[str, type[BaseModel]] = {
    "A theme": ThemeFile,
    "An activity": ActivityFile,
    "An objective": Objective,
    "A suggestion": Suggestion,
    "`schedule`": Schedule,
    "`window`": Window,
    "`retention`": Retention,
    "`follow_on`": FollowOn,
    "A change": Change,
    "A review": ReviewFile,
    "`answers`": InquiryAnswers,
    "A product": ProductEntry,
    "`crisis`": Crisis,
    "A help line": HelpLine,
    "`business_calendar`": BusinessCalendar,
    "Answers": InquiryAnswers,
}


def generated() -> dict[Path, str]:
    """Return the text that each generated file should hold, by the file's path."""
    return {
        PAGE: scripts_page(),
        LIBRARY / "flow.schema.json": _json(json_schema()),
        LIBRARY / "program.schema.json": _json(program_json_schema()),
    }


def _json(schema: dict[str, Any]) -> str:
    """Write a schema as JSON."""
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def scripts_page() -> str:
    """Return the reference page on scripts and program files, in Markdown."""
    return (
        "\n".join([*_head(), *_kinds(), *_language(), *_lists(), *_programs(), *_limits(), *_codes()]) + "\n"
    )


def _head() -> Iterator[str]:
    """Yield the lines on the keys of a script."""
    yield "# Scripts and programme files"
    yield ""
    yield "This page is made from the code by `python -m flows.reference`. How to write a script,"
    yield "step by step: [write-a-script](../howto/write-a-script.md)."
    yield ""
    yield "## A script"
    yield ""
    yield "YAML 1.2, UTF-8, one file a script. `said check FILE` reports every problem; `said check"
    yield "--schema` prints the JSON Schema. Put this on the first line, and an editor completes"
    yield "keys and marks mistakes:"
    yield ""
    yield "    # yaml-language-server: $schema=flow.schema.json"
    yield ""
    yield from _table(Flow)


def _kinds() -> Iterator[str]:
    """Yield the lines on the kinds of steps and their parts."""
    yield "## Steps"
    yield ""
    yield "Every step has these keys:"
    yield ""
    yield from _table(StepBase)
    yield "Every question (all kinds but `say`, `block`, `do` and `end`) also has these; a consent"
    yield "and a confirm are `required` and not `counted` unless they say so:"
    yield ""
    yield from _table(Question, without=StepBase)
    for kind, model in KINDS.items():
        yield f"### `{kind}`"
        yield ""
        yield cleandoc(model.__doc__ or "")
        yield ""
        yield from _table(model, without=Question if issubclass(model, Question) else StepBase)
    for title, model in PARTS.items():
        yield f"### {title}"
        yield ""
        yield cleandoc(model.__doc__ or "")
        yield ""
        yield from _table(model)
    yield "### The fields of each effect"
    yield ""
    yield "| Effect | Fields (**needed**) |"
    yield "|---|---|"
    for effect, fields in EFFECT_FIELDS.items():
        shown = (f"**`{name}`**" if name in EFFECT_NEEDS[effect] else f"`{name}`" for name in sorted(fields))
        yield f"| `{effect}` | {', '.join(shown) or 'none'} |"
    yield ""


def _language() -> Iterator[str]:
    """Yield the lines on conditions, placeholders and facts."""
    yield "## Conditions and placeholders"
    yield ""
    yield "A condition is written in [CEL](https://cel.dev): `c2 == 'will_change' && size(a6) > 0`."
    yield "It may name every answer that can have been given by then: a code, a list of codes"
    yield "(empty if there is none), a number, a date as `2026-04-01`, a text; `true` or `false`"
    yield "for a consent or a read-back; `null` for what was skipped or not asked. Inside a block"
    yield "an answer is that of the current item, outside of it the list of all rounds. A probe"
    yield "kept apart is answered under `<key>_more`. A condition that cannot be evaluated does not"
    yield "hold."
    yield ""
    yield f"Functions: {', '.join(f'`{name}`' for name in sorted(FUNCTIONS))}, and CEL's macros"
    yield "`all`, `exists`, `exists_one`, `filter`, `map`."
    yield ""
    yield f"A condition has at most {MOST_CHARACTERS:,} characters, {MOST_NESTED} brackets within brackets, and"
    yield f"{MOST_MACROS} macros, {MOST_NESTED_MACROS} of them within each other. One that takes more than"
    yield f"{MOST_STEPS:,} steps while it runs does not hold. The pattern of `matches` stands in quotes;"
    yield f"there are at most {MOST_PATTERNS} of them, and none repeats a part more than {MOST_TIMES} times, as"
    yield "`(a{10}){10}` does."
    yield ""
    yield "A placeholder in a text: `{a5}`, `{program.team}`, `{commitment.made_on:date}`,"
    yield "`{program.contact_again_weeks:weeks}` ('12 weeks', as the language counts them) or"
    yield "`{a6:label}` (the labels shown, instead of codes). `{{` and `}}` are braces. What a"
    yield "person wrote is put in byte for byte."
    yield ""
    yield "| Fact | Parts |"
    yield "|---|---|"
    for name, parts in FACTS.items():
        yield f"| `{name}` | {_names(parts)} |"
    for name, parts in ITEMS.items():
        yield f"| each of `{name}` | {_names(parts)} |"
    yield f"| each pick of a select_many | {_names(PICK)} |"
    yield f"| each item of any list | {_names(EVERY_ITEM)} |"
    yield "| `round`, in an `up_to` block | its number from 1 |"
    yield f"| in a probe's `when` | {_names(PROBE)} |"
    yield ""
    yield "`wave` and `commitments` are there in follow-ups, `schedule` in the talk before them;"
    yield "`earlier`, `baseline`, `behaviours`, `peers`, `changes`, `points` and `own_themes` in a talk that follows on"
    yield "another; `review` in a review and after it. `others` (and the figures of `own_themes`) tell of other people,"
    yield "from five on and in steps of at least 5, 10, 20 and 50: `raised` is what patients want to be better of what"
    yield "the activity's suggestions answer, `did` and `barriers` what people report after the same activity,"
    yield "`quotation` a patient's words on the theme of a commitment. What is not known is null or an empty list."
    yield ""


def _names(parts: frozenset[str]) -> str:
    """List the parts of a fact."""
    return ", ".join(f"`{part}`" for part in sorted(parts))


def _lists() -> Iterator[str]:
    """Yield the lines on the shipped lists of choices."""
    yield "## Shipped lists of choices"
    yield ""
    yield "`choices: NAME` takes a list from the script's own `lists:` or one of these. It is"
    yield "copied into the version of the script, so a later change of a list makes a new version."
    yield ""
    for name, a_list in code_lists().items():
        if a_list.offered:
            yield f"- `{name}` (version {a_list.version}): " + ", ".join(
                f"`{code.code}`" for code in codes_of(a_list)
            )
    yield ""


def _programs() -> Iterator[str]:
    """Yield the lines on program files."""
    yield "## A programme file"
    yield ""
    yield from _table(ProgramFile)
    for title, model in PROGRAM_PARTS.items():
        yield f"### {title}"
        yield ""
        yield cleandoc(model.__doc__ or "")
        yield ""
        yield from _table(model)
        if model is FollowOn:
            yield from _shipped_follow_ons()


def _shipped_follow_ons() -> Iterator[str]:
    """Yield what stands for `follow_on` where a file does not name it."""
    weeks = ProgramFile.model_fields["contact_again_weeks"].default
    yield "If the file has no `follow_on`, it is as if it said this, with its own `contact_again_weeks`:"
    yield ""
    yield "```yaml"
    yield "follow_on:"
    for entry in shipped_follow_ons(weeks):
        said = entry.model_dump(mode="json", exclude_defaults=True)
        shown = (f"{key}: {str(value).lower() if value is True else value}" for key, value in said.items())
        yield f"  - {{{', '.join(shown)}}}"
    yield "```"
    yield ""


def _limits() -> Iterator[str]:
    """Yield the lines on the limits of a script."""
    yield "## Limits"
    yield ""
    yield "The length of a talk is that of its longest way. A block over picks counts as often as"
    yield "can be picked, any other once: another round is the person's choice. A block's questions"
    yield "count once in 'n of m'."
    yield ""
    yield "| Limit | Value | Why |"
    yield "|---|---|---|"
    yield f"| counted questions | {Limits().questions} | people who know the number go on, up to about 12 |"
    yield f"| minutes | {Limits().minutes:g} | at {length.POINT_SECONDS} seconds a point |"
    yield f"| points, for patients | {length.MOST_POINTS} | Pew's cap, for 15 minutes |"
    yield f"| open questions, for patients | {length.MOST_OPEN} | each costs minutes |"
    yield f"| reading grade, for patients | {readability.GRADE:.0f} | Flesch-Kincaid, English |"
    in_consent = f"in a consent {readability.CONSENT_SENTENCES}"
    yield f"| sentences in a question, for patients | {readability.SENTENCES}, {in_consent} | one idea each |"
    yield f"| characters of a button | {texts.LABEL} | Slack cuts at 75 |"
    yield f"| buttons of a question | {texts.CHOICES}, to tick {texts.PICKS} | Slack |"
    units = listed(f"{name} {limit:,}" for name, limit in texts.TEXT_UNITS.items()).replace(" or ", ", ")
    yield f"| characters of a text | {units} | in UTF-16 units |"
    yield ""
    yield f"Points: an ordinary question 1, a select_many {length.PICKS_POINTS:g}, an open question"
    yield f"{length.OPEN_POINTS:g}, its probe {length.PROBE_POINTS:g}, and 1 for each"
    yield f"{length.WORDS_PER_POINT} words that are only said. Source of the cap and of ten seconds"
    yield "an ordinary question: Pew Research Center, 'How we keep our online surveys from running"
    yield "too long' (2022); the other weights are our own reckoning."
    yield ""


def _codes() -> Iterator[str]:
    """Yield the table of problem codes."""
    yield "## Problems"
    yield ""
    yield "Each is printed as `file:line:column CODE message, what to do`."
    yield ""
    yield "| Code | Problem | Why |"
    yield "|---|---|---|"
    for code, explained in EXPLANATIONS.items():
        yield f"| {code} | {explained.title} | {explained.why} |"


def _table(model: type[BaseModel], without: type[BaseModel] | None = None) -> Iterator[str]:
    """Yield a table of the keys of a model; `without` is a model whose keys are left out."""
    rows = [
        _row(f"`{info.alias or name}`", _type(info.annotation), _default(info), info.description or "")
        for name, info in model.model_fields.items()
        if name not in {"kind", "renews"} and (without is None or name not in without.model_fields)
    ]
    if not rows:
        return
    yield "| Key | Value | If absent | Meaning |"
    yield "|---|---|---|---|"
    yield from rows
    yield ""


def _row(*cells: str) -> str:
    """Return one row of a table."""
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _default(info: FieldInfo) -> str:
    """Return what a key is if it is absent, in an author's words."""
    if info.is_required():
        return "**required**"
    value = info.get_default(call_default_factory=True)
    if value is None or value in ((), {}, ""):
        return "none"
    if isinstance(value, BaseModel):
        return "as below"
    if isinstance(value, tuple):
        return f"`[{', '.join(str(item) for item in value)}]`"
    if isinstance(value, dict):
        return ", ".join(f"`{name}: {item}`" for name, item in value.items())
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


_TITLES = {model: title.strip("`").lower() for title, model in {**PARTS, **PROGRAM_PARTS}.items()}
_WORDS = {
    "str": "text",
    "int": "whole number",
    "float": "number",
    "bool": "true or false",
    "time": "time of day",
}


def _type(annotation: Any) -> str:
    """Return a type in an author's words."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if annotation == Step or isinstance(annotation, ForwardRef):
        words = "steps"
    elif origin is Literal:
        words = ", ".join(f"`{value}`" for value in arguments)
    elif origin in {Union, UnionType}:
        several = [_type(argument) for argument in arguments if argument is not type(None)]
        words = " or ".join(dict.fromkeys(several))
    elif origin is tuple:
        words = f"list of {_type(arguments[0])}"
    elif origin is dict:
        words = f"{_type(arguments[1])}, by name"
    elif arguments:
        words = _type(arguments[0])
    else:
        words = _plain_type(annotation)
    return words


def _plain_type(annotation: type) -> str:
    """Return a type without parameters in an author's words."""
    if issubclass(annotation, BaseModel):
        return f"keys, see {_TITLES[annotation]}"
    if issubclass(annotation, Enum):
        return ", ".join(f"`{member.value}`" for member in annotation)
    return _WORDS.get(annotation.__name__, annotation.__name__)


if __name__ == "__main__":
    for path, text in generated().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
