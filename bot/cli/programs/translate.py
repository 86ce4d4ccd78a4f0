"""`said translate`: write templates of the scripts, bring translations up to date, and say how far they are."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import typer

from bot.cli.common import print_json, print_table, say
from bot.console.languages.extraction import console_domain
from bot.errors import UsageError
from flows.formats.po_files import is_language
from flows.i18n import sync
from flows.i18n.catalogs import SHIPPED, languages_in, translation_path
from flows.i18n.extraction import TranslationDomain, domains, flow_domain
from flows.i18n.localized_program import program_domain
from flows.i18n.sync import TranslationReport
from flows.program.loader import is_program_file, load_program, program_paths
from flows.script.loader import library, load_flow


def extract(scripts: list[Path] | None) -> None:
    """Run `said translate extract`; `bot.cli.programs.commands` says what each option is."""
    paths = [path for domains, folder in _domains(scripts) for path in sync.extract(domains, folder)]
    _say_written(paths, "template")


def update(scripts: list[Path] | None, language: list[str] | None, folder: Path | None) -> None:
    """Run `said translate update`; `bot.cli.programs.commands` says what each option is."""
    for code in language or ():
        if not is_language(code):
            raise UsageError(f"there is no language {code!r}", "write a code such as es or pt-BR")
    paths = [
        path
        for domains, place, languages in _places(scripts, language, folder)
        for path in sync.update(domains, place, languages)
    ]
    _say_written(paths, "translation")


def report(
    scripts: list[Path] | None, language: list[str] | None, folder: Path | None, as_json: bool
) -> None:
    """Run `said translate report`; `bot.cli.programs.commands` says what each option is."""
    reports = [
        each
        for domains, place, languages in _places(scripts, language, folder)
        for each in sync.report(domains, place, languages)
    ]
    if as_json:
        print_json([asdict(each) for each in reports])
    else:
        _print(reports)
    raise typer.Exit(1 if any(each.differences for each in reports) else 0)


def _places(
    scripts: Sequence[Path] | None, languages: Sequence[str] | None, own: Path | None
) -> list[tuple[tuple[TranslationDomain, ...], Path, tuple[str, ...]]]:
    """Find what is translated, with the folder of its translations and the languages, none for all that it has.

    In a folder of one's `own` only the files that are there count: what else is shipped is not copied there.

    Raises:
        UsageError: the files are in more than one folder, or the folder is not there.
    """
    chosen = tuple(languages or ())
    if own is None:
        return [(found, folder, chosen) for found, folder in _domains(scripts)]
    if not own.is_dir():
        raise UsageError(f"{own} is no folder", "name the folder that languages.folder in the settings names")
    every = [one for found, _ in _domains(scripts) for one in found]
    return [
        (tuple(one for one in every if translation_path(own, language, one.name).exists()), own, (language,))
        for language in chosen or languages_in(own)
    ]


def _domains(files: Sequence[Path] | None) -> list[tuple[tuple[TranslationDomain, ...], Path]]:
    """Find what is translated, by the folder where its translations are.

    Raises:
        UsageError: the files are in more than one folder.
    """
    if not files:
        shipped = tuple(map(_domain, program_paths()))
        sentences = (*domains(library().values()), console_domain())
        return [(sentences, SHIPPED), (shipped, _beside(program_paths()[0]))]
    folders = set(map(_beside, files))
    if len(folders) > 1:
        raise UsageError("the files are in more than one folder", "name those of one folder at a time")
    return [(tuple(map(_domain, files)), folders.pop())]


def _domain(file: Path) -> TranslationDomain:
    """List what there is to translate of a script or of a program file."""
    return program_domain(load_program(file)) if is_program_file(file) else flow_domain(load_flow(file))


def _beside(file: Path) -> Path:
    return file.parent / "translations"


def _say_written(paths: Sequence[Path], what: str) -> None:
    for path in paths:
        say(path)
    files = "file" if len(paths) == 1 else "files"
    say(f"{len(paths)} {what} {files} written" if paths else f"No {what} has changed.", err=True)


def _print(reports: Sequence[TranslationReport]) -> None:
    rows = [
        (
            each.language,
            each.name,
            each.status or "missing",
            f"{each.translated}/{each.strings}",
            f"{100 * each.translated // max(1, each.strings)} %",
            len(each.fuzzy),
            len(each.stale),
            len(each.differences),
        )
        for each in reports
    ]
    print_table(
        ("Language", "File", "Status", "Translated", "", "Fuzzy", "Stale", "Placeholders differ"), rows
    )
    for each in reports:
        for stale in each.stale:
            say(f"{each.language}/{each.name}.po: {stale} is stale; run `said translate update`")
        for differs in each.differences:
            say(f"{each.language}/{each.name}.po:{differs.line}: {differs}")
