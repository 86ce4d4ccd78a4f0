"""`said code show`, `add`, `list` and `settle`: what a coder does without the terminal's questions."""

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from bot.cli.coding.shared import codes_in_words, given_codes, program_of, source_of, why_proposed
from bot.cli.common import count, print_json, print_table, say
from bot.cli.resources import now as time_now
from bot.cli.resources import opened
from flows.coding.codebook import Codebook
from flows.coding.proposals import CodedExample, by_code, proposed_by_likeness, proposed_by_rules
from flows.heavy_packages import PackageMissing
from storage.coding import codebooks, codings, excerpts, settlements
from storage.coding.codings import NewCoding, VisibleCodes
from storage.coding.excerpts import CodedText
from storage.coding.texts import ExcerptSource
from storage.database import audit
from storage.people import coordinators
from storage.schema import AuditKind


def show(
    source: str, by: str, program: str | None, config: Path | None, database: str | None, as_json: bool
) -> None:
    """Run `said code show`; `bot.cli.coding.commands` says what each option is."""
    named = source_of(source)
    with opened(config, database) as (_, found):
        codebook, shown = found.write_now(partial(_show, source=named, by=by, program=program))
    told = [(one, *_proposed(codebook, one, known)) for one, known in shown]
    if as_json:
        print_json([_as_json(one, suggested, note) for one, suggested, note in told])
        return
    for one, suggested, note in told:
        print_table(("", ""), [*facts(one), ("suggested, no coding", suggested_in_words(suggested)), *note])


def add(  # noqa: PLR0917 - the options of a command
    source: str,
    by: str,
    codes: list[str] | None,
    none: bool,
    passage: str | None,
    program: str | None,
    config: Path | None,
    database: str | None,
    as_json: bool,
) -> None:
    """Run `said code add`; `bot.cli.coding.commands` says what each option is."""
    new = NewCoding(source_of(source), given_codes(codes, none=none), passage)

    def work(connection: Connection) -> int:
        who, number = coordinators.by_code(connection, by), program_of(connection, program)
        return codings.code(connection, number, new, by=who, now=time_now())

    with opened(config, database) as (_, found):
        excerpt = found.write_now(work)
    if as_json:
        print_json({"excerpt": excerpt, "source": str(new.source), "codes": sorted(new.codes)})
        return
    say(f"Excerpt {excerpt} ({new.source}) has your codes: {codes_in_words(new.codes)}.")


def list_codings(
    by: str,
    waiting: bool,
    only_open: bool,
    program: str | None,
    config: Path | None,
    database: str | None,
    as_json: bool,
) -> None:
    """Run `said code list`; `bot.cli.coding.commands` says what each option is."""
    with opened(config, database) as (_, found):
        ahead, coded = found.write_now(partial(_list, by=by, program=program))
    ahead, coded = ([] if only_open else ahead), ([] if waiting else coded)
    coded = [one for one in coded if one.is_open or not only_open]
    if as_json:
        rows = [_waiting_as_json(one) for one in ahead] + [_visible_as_json(one) for one in coded]
        print_json(rows)
        return
    print_table(
        ("excerpt", "of", "stands", "your codes", "other's codes", "codes that hold", "words"),
        [
            *(
                (
                    one.excerpt,
                    one.source,
                    _standing(one),
                    codes_in_words(one.own.codes) if one.own else "",
                    "; ".join(f"{each.coder}: {codes_in_words(each.codes)}" for each in one.others),
                    codes_in_words(one.final),
                    one.words,
                )
                for one in coded
            ),
            *((one.id, str(one.text.source), "waits for you", "", "", "", one.words) for one in ahead),
        ],
        paged=True,
    )
    if not only_open:
        say(f"{count(len(ahead), 'excerpt')} waiting for you.")


def settle(  # noqa: PLR0917 - the options of a command
    excerpt: int,
    by: str,
    why: str,
    codes: list[str] | None,
    none: bool,
    program: str | None,
    config: Path | None,
    database: str | None,
    as_json: bool,
) -> None:
    """Run `said code settle`; `bot.cli.coding.commands` says what each option is."""
    hold = given_codes(codes, none=none)

    def work(connection: Connection) -> None:
        who, number = coordinators.by_code(connection, by), program_of(connection, program)
        settlements.settle(connection, number, excerpt, (hold, why), by=(who, time_now()))

    with opened(config, database) as (_, found):
        found.write_now(work)
    if as_json:
        print_json({"excerpt": excerpt, "codes": sorted(hold), "reason": why.strip()})
        return
    say(f"Excerpt {excerpt} is settled: {codes_in_words(hold)}.")


def facts(one: CodedText) -> list[tuple[str, object]]:
    """Return the lines in which an excerpt is shown to a coder: nothing of who said it but the role."""
    text = one.text
    where = f"{text.flow}, {text.question}" if text.question else text.flow
    lines: list[tuple[str, object]] = [("of", f"{text.source}, {text.role.value}, {where}")]
    if text.asked:
        lines.append(("asked", text.asked))
    lines.append(("words" if one.is_whole else "passage", one.words))
    return lines


def suggested_in_words(found: dict[str, Any]) -> str:
    """Write what is suggested, with what stands behind it; a dash where nothing is."""
    return "; ".join(f"{code} ({why_proposed(each)})" for code, each in found.items()) or "-"


def suggest(
    codebook: Codebook, words: str, known: tuple[CodedExample, ...]
) -> tuple[dict[str, Any], str | None]:
    """Return what is suggested for words, by code; and a line where likeness cannot be asked, else None."""
    by_rules = proposed_by_rules(codebook, words)
    try:
        return by_code((*by_rules, *proposed_by_likeness(words, known, codebook.names))), None
    except PackageMissing:
        return by_code(by_rules), NO_LIKENESS


NO_LIKENESS = (
    "nothing is suggested by likeness: scikit-learn is not installed; run `pip install scikit-learn`"
)


def _proposed(
    codebook: Codebook, one: CodedText, known: tuple[CodedExample, ...]
) -> tuple[dict[str, Any], list[tuple[str, object]]]:
    found, note = suggest(codebook, one.words, known)
    return found, [] if note is None else [("", note)]


def _show(
    connection: Connection, *, source: ExcerptSource, by: str, program: str | None
) -> tuple[Codebook, list[tuple[CodedText, tuple[CodedExample, ...]]]]:
    """Return the codebook, and the excerpts of some words, each with what likeness may learn from; audit the view."""
    who, number = coordinators.by_code(connection, by), program_of(connection, program)
    codebook = codebooks.required(connection, number).codebook
    every = excerpts.coded_texts(connection, number)
    shown = excerpts.find(connection, number, source)
    for one in shown:
        excerpts.show(connection, one, by=who, now=time_now())
    return codebook, [(one, codings.examples_in(every, who, one.id)) for one in shown]


def _list(
    connection: Connection, *, by: str, program: str | None
) -> tuple[list[CodedText], list[VisibleCodes]]:
    """Return what waits for a coder, and what was coded as far as they may see it; audit that it was shown."""
    who, number = coordinators.by_code(connection, by), program_of(connection, program)
    audit.record(connection, AuditKind.VIEW, participant_id=None, now=time_now(), what="codings", by=who.code)
    ahead = list(excerpts.waiting(connection, number, who))
    behind = {one.id for one in ahead}
    coded = [one for one in codings.visible(connection, number, who) if one.excerpt not in behind]
    return ahead, coded


def _standing(one: VisibleCodes) -> str:
    """Say in a word how far an excerpt is."""
    if one.settled is not None:
        return f"settled by {one.settled.by}: {one.settled.reason}"
    if one.final is None:
        return "waits for the other coder"
    return "to be settled" if one.is_open else "both the same"


def _waiting_as_json(one: CodedText) -> dict[str, Any]:
    return {"excerpt": one.id, "source": str(one.text.source), "stands": "waiting", "words": one.words}


def _visible_as_json(one: VisibleCodes) -> dict[str, Any]:
    return {
        "excerpt": one.excerpt,
        "source": one.source,
        "stands": "settled"
        if one.settled
        else "one"
        if one.final is None
        else "open"
        if one.is_open
        else "same",
        "words": one.words,
        "own": None if one.own is None else sorted(one.own.codes),
        "others": {each.coder: sorted(each.codes) for each in one.others},
        "final": None if one.final is None else sorted(one.final),
        "settled": None
        if one.settled is None
        else {**asdict(one.settled), "codes": sorted(one.settled.codes)},
    }


def _as_json(one: CodedText, suggested: dict[str, Any], note: list[tuple[str, object]]) -> dict[str, Any]:
    proposals = [asdict(each) for found in suggested.values() for each in found]
    notes = [str(line) for _, line in note]
    text = one.text
    about = {"excerpt": one.id, "source": str(text.source), "role": text.role, "flow": text.flow}
    asked = {"question": text.question, "asked": text.asked, "language": text.language}
    return about | asked | {"words": one.words, "suggested_not_coded": proposals, "notes": notes}
