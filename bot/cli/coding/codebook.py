"""`said codebook`: load a version of a codebook, show it, and list the versions that there are."""

from functools import partial
from itertools import chain
from pathlib import Path

from sqlalchemy import Connection

from bot.cli.coding.shared import program_of
from bot.cli.common import count, print_json, print_table, say, when
from bot.cli.resources import now as time_now
from bot.cli.resources import opened
from bot.errors import UsageError
from flows.coding.codebook import Codebook, CodebookCode
from flows.coding.loader import load_codebook as load_file
from storage.coding import codebooks
from storage.coding.codebooks import KeptCodebook
from storage.people import coordinators
from storage.programs import programs


def load_codebook(file: Path, by: str, config: Path | None, database: str | None, as_json: bool) -> None:
    """Run `said codebook load`; `bot.cli.coding.groups` says what each option is."""
    codebook = load_file(file)

    def work(connection: Connection) -> bool:
        who = coordinators.by_code(connection, by)
        return codebooks.load(connection, codebook, by=who, now=time_now())

    with opened(config, database) as (_, found):
        new = found.write_now(work)
    if as_json:
        told = {"program": codebook.codebook, "version": codebook.version, "codes": len(codebook.codes)}
        print_json({**told, "changed": new})
        return
    what = "Loaded" if new else "Unchanged:"
    codes = count(len(codebook.codes), "code")
    say(f"{what} codebook of {codebook.codebook}, version {codebook.version} ({codes}).")


def show_codebook(
    program: str,
    version: str | None,
    language: str | None,
    config: Path | None,
    database: str | None,
    as_json: bool,
) -> None:
    """Run `said codebook show`; `bot.cli.coding.groups` says what each option is."""
    with opened(config, database) as (_, found):
        kept = found.read_now(partial(_find, program=program, version=version))
    if as_json:
        print_json(kept.codebook.model_dump(mode="json"))
        return
    codebook = kept.codebook
    say(f"Codebook of {codebook.codebook}, version {codebook.version}, loaded by {kept.loaded_by}.")
    print_table(
        ("code", "label", "part of", "definition", "include", "exclude", "example"),
        [
            (
                one.code,
                one.label_in(language),
                one.parent,
                one.definition,
                ", ".join(one.include),
                ", ".join(one.exclude),
                one.example,
            )
            for one in _by_family(codebook)
        ],
        paged=True,
    )


def list_codebooks(program: str | None, config: Path | None, database: str | None, as_json: bool) -> None:
    """Run `said codebook list`; `bot.cli.coding.groups` says what each option is."""
    with opened(config, database) as (_, found):
        kept = found.read_now(partial(_versions, program=program))
    rows = [
        (
            one.codebook.codebook,
            one.codebook.version,
            len(one.codebook.codes),
            one.loaded_by,
            one.loaded_at,
            in_use,
        )
        for one, in_use in kept
    ]
    names = ("program", "version", "codes", "loaded_by", "loaded_at", "in_use")
    if as_json:
        print_json([dict(zip(names, row, strict=True)) for row in rows])
        return
    print_table(
        ("program", "version", "codes", "by", "loaded (UTC)", "in use"),
        [(*row[:4], when(row[4]), "yes" if row[5] else "") for row in rows],
        paged=True,
    )


def _versions(connection: Connection, *, program: str | None) -> list[tuple[KeptCodebook, bool]]:
    """Return the versions of a program, or (None) of all, each with whether it is the one in use."""
    every = [one.id for one in programs.list_all(connection)]
    each = every if program is None else [program_of(connection, program)]
    kept = (enumerate(codebooks.versions(connection, number)) for number in each)
    return [(one, place == 0) for place, one in chain.from_iterable(kept)]


def _find(connection: Connection, *, program: str, version: str | None) -> KeptCodebook:
    number = program_of(connection, program)
    if version is None:
        return codebooks.required(connection, number)
    known = codebooks.versions(connection, number)
    kept = next((one for one in known if one.codebook.version == version), None)
    if kept is None:
        names = ", ".join(one.codebook.version for one in known) or "none"
        raise UsageError(f"there is no version {version!r}", f"there are: {names}")
    return kept


def _by_family(codebook: Codebook) -> list[CodebookCode]:
    """Return the codes in their order, what is part of a code behind it."""
    order = {name: place for place, name in enumerate(codebook.names)}
    return sorted(
        codebook.codes,
        key=lambda one: [order[name] for name in (*reversed(codebook.ancestors(one.code)), one.code)],
    )
