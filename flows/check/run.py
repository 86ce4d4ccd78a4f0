"""Find everything that is wrong with a script or a program file. Nothing is printed here."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from flows.check import (
    bounds,
    choices,
    conditions,
    consent,
    effects,
    length,
    programs,
    promises,
    reachability,
    readability,
    texts,
)
from flows.check.outline import Outline
from flows.check.translations import check_translations
from flows.coding.loader import codebook_source, is_codebook
from flows.errors import Problem
from flows.formats.yaml_source import YamlSource, parse_source, read_source
from flows.i18n.catalogs import CONSOLE, SHIPPED
from flows.i18n.extraction import console_domain, domains, flow_domain
from flows.i18n.localized_program import FOLDER, program_domain
from flows.i18n.sync import template_path
from flows.program.loader import PROGRAMS, ProgramSource, is_program, program_paths, program_source
from flows.program.model import ProgramFile
from flows.script.loader import FlowSource, flow_source, library_paths
from flows.script.model import Flow

RULES = (
    *reachability.RULES,
    *conditions.RULES,
    *texts.RULES,
    *length.RULES,
    *readability.RULES,
    *choices.RULES,
    *bounds.RULES,
    *effects.RULES,
    *consent.RULES,
)
WHOLE_RULES = (
    *reachability.WHOLE_RULES,
    *length.WHOLE_RULES,
    *promises.WHOLE_RULES,
    *consent.WHOLE_RULES,
)
"""Rules about the script as a whole; held back while a step of it cannot be read."""

SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def check_flow(read: FlowSource) -> tuple[Problem, ...]:
    """Return all problems of a script that was read, in the order of the file; empty when it is clean."""
    problems = list(read.source.problems)
    if read.flow is not None:
        outline = Outline(read.flow, read.source, read.lists, read.stand_ins or frozenset())
        for rule in (*RULES, *WHOLE_RULES) if read.stand_ins is None else RULES:
            problems.extend(rule(outline))
    return tuple(sorted(set(problems)))


def check_flow_text(text: str, file: str = "<text>") -> tuple[Problem, ...]:
    """Return all problems of a script given as a text, in the order of the text; empty when it is clean.

    `file` is the name under which they are told.
    """
    return check_flow(flow_source(parse_source(text, file)))


def check_program_text(text: str, file: str = "<text>", flows: Iterable[str] = ()) -> tuple[Problem, ...]:
    """Return all problems of a program file given as a text, in the order of the text; empty when it is clean.

    `file` is the name under which they are told. `flows` are the names of scripts that it may name beside the shipped
    ones.
    """
    return programs.check(program_source(parse_source(text, file)), flows)


def check_files(paths: Iterable[Path | str] = ()) -> list[Problem]:
    """Return all problems of these files and their translations; without paths, of every shipped script and program.

    A program file is told from a script by its key `program:`, a codebook by `codebook:`. Translations are looked for
    in a folder beside each file.
    """
    paths = tuple(paths)
    sources = [read_source(path) for path in paths or (*library_paths(), *program_paths())]
    problems = list(_problems_of_codebooks(sources))
    sources = [source for source in sources if not is_codebook(source)]
    scripts = [flow_source(source) for source in sources if not is_program(source)]
    program_sources = [program_source(source) for source in sources if is_program(source)]
    problems += [*_problems_of_scripts(scripts), *_problems_of_programs(program_sources, scripts)]
    return problems + _translations(scripts, program_sources, tuple(map(Path, paths)))


def _problems_of_codebooks(sources: Iterable[YamlSource]) -> Iterator[Problem]:
    """Yield what is wrong in each codebook among some files."""
    for source in sources:
        if is_codebook(source):
            yield from sorted(codebook_source(source).source.problems)


def _problems_of_scripts(scripts: Iterable[FlowSource]) -> Iterator[Problem]:
    """Yield what is wrong in each script."""
    for script in scripts:
        yield from check_flow(script)


def _problems_of_programs(
    sources: Iterable[ProgramSource], scripts: Iterable[FlowSource]
) -> Iterator[Problem]:
    """Yield what is wrong in each program file, which may name the scripts that are checked with it."""
    names = [script.flow.flow for script in scripts if script.flow is not None]
    for source in sources:
        yield from programs.check(source, names)


def _translations(
    scripts: Iterable[FlowSource], program_sources: Iterable[ProgramSource], paths: Sequence[Path]
) -> list[Problem]:
    """Return the problems of translations: the shipped ones, or those in the folders beside one's own files."""
    flows = [script.flow for script in scripts if script.flow is not None and script.stand_ins is None]
    own = [program_domain(each.program) for each in program_sources if each.program is not None]
    if not paths:
        pages = console_domain(template_path(SHIPPED, CONSOLE))
        sentences = (*domains(flows), *(() if pages is None else (pages,)))
        return check_translations(sentences) + check_translations(own, PROGRAMS / FOLDER)
    beside = {path.parent / FOLDER for path in paths}
    return [
        problem
        for folder in sorted(beside)
        for problem in check_translations((*map(flow_domain, flows), *own), folder)
    ]


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a script, by which editors complete and check what an author writes."""
    return _schema(Flow, "A script of Said & Done")


def program_json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a program file, by which editors complete and check what an author writes."""
    return _schema(ProgramFile, "A programme file of Said & Done")


def _schema(model: type[Flow | ProgramFile], title: str) -> dict[str, Any]:
    """Return the JSON Schema of a model under a title."""
    schema: Mapping[str, Any] = model.model_json_schema(by_alias=True)
    return {"$schema": SCHEMA_DIALECT, **schema, "title": title}
