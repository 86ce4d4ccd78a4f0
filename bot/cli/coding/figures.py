"""`said code agreement`, `people` and `saturation`: the figures of coding."""

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from bot.cli.coding.shared import program_of
from bot.cli.common import count, print_json, print_table, say
from bot.cli.resources import opened
from flows.coding.agreement import Agreement
from storage.coding import figures
from storage.coding.figures import CodePeople, CodingProgress, PairAgreement


def agreement(program: str | None, config: Path | None, database: str | None, as_json: bool) -> None:
    """Run `said code agreement`; `bot.cli.coding.commands` says what each option is."""
    with opened(config, database) as (_, found):
        pairs = found.read_now(lambda c: figures.agreement_of_pairs(c, program_of(c, program)))
    if as_json:
        print_json([_pair_as_json(one) for one in pairs])
        return
    if not pairs:
        say("No excerpt was coded by two yet.")
    for one in pairs:
        texts = count(one.table.texts, "excerpt")
        say(f"{one.first} and {one.second}: {texts} coded by both, {one.open} to be settled.")
        print_table(
            ("code", "both", f"only {one.first}", f"only {one.second}", "neither", "same", "kappa"),
            [_cells(each) for each in (*one.table.codes, one.table.overall)],
        )


def people(program: str | None, config: Path | None, database: str | None, as_json: bool) -> None:
    """Run `said code people`; `bot.cli.coding.commands` says what each option is."""
    with opened(config, database) as (_, found):
        rows, so_far = found.read_now(partial(_people, program=program))
    if as_json:
        print_json({"codes": [asdict(one) for one in rows], "progress": asdict(so_far)})
        return
    print_table(
        ("code", "label", "patients and carers", "clinicians (commitments)", "excerpts"),
        [(one.code, one.label, one.people, one.clinicians, one.excerpts) for one in rows],
        paged=True,
    )
    say(
        f"Excerpts coded by two: {so_far.by_two}, of which {so_far.open} to be settled; by one: {so_far.by_one};"
        f" by nobody: {so_far.by_nobody}. Only what two coded is counted."
    )


def saturation(program: str | None, config: Path | None, database: str | None, as_json: bool) -> None:
    """Run `said code saturation`; `bot.cli.coding.commands` says what each option is."""
    with opened(config, database) as (_, found):
        told = found.read_now(lambda c: figures.saturation_of(c, program_of(c, program)))
    if as_json:
        print_json({**asdict(told), "since": told.since})
        return
    print_table(
        ("interview", "talk", "new codes", "codes known"),
        [(one.place, one.interview, ", ".join(one.new), one.known) for one in told.curve],
        paged=True,
    )
    if told.last_new is None:
        say("No interview has brought a code yet.")
        return
    since = count(told.since, "interview")
    say(
        f"The last new code came with interview {told.last_new} of {len(told.curve)}; {since} since brought none."
        " That is a hint, and no proof."
    )


def _people(connection: Connection, *, program: str | None) -> tuple[tuple[CodePeople, ...], CodingProgress]:
    number = program_of(connection, program)
    return figures.people_by_code(connection, number), figures.progress(connection, number)


def _cells(one: Agreement) -> tuple[object, ...]:
    share = "" if one.share is None else f"{one.share:.0%}"
    kappa = "not defined" if one.kappa is None else f"{one.kappa:.2f}"
    name = "all together" if one.code is None else one.code
    return (name, one.both, one.first_only, one.second_only, one.neither, share, kappa)


def _pair_as_json(one: PairAgreement) -> dict[str, Any]:
    def told(each: Agreement) -> dict[str, Any]:
        return {**asdict(each), "decisions": each.decisions, "share": each.share}

    about = {"first": one.first, "second": one.second, "excerpts": one.table.texts, "open": one.open}
    return {**about, "overall": told(one.table.overall), "codes": [told(each) for each in one.table.codes]}
