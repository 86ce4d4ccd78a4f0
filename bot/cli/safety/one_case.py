"""`said safety show`: one safety case with its words."""

from datetime import datetime
from pathlib import Path

from bot.cli.common import print_json, print_table, when
from bot.cli.resources import now as time_now
from bot.cli.resources import opened
from bot.cli.safety.shared import case_as_json, case_of, clock_text, plain, words_source
from storage.safety.case_text import read_case_text
from storage.safety.cases import Case


def show(number: int, by: str | None, config: Path | None, database: str | None, as_json: bool) -> None:
    """Run `said safety show`; `bot.cli.safety.commands` says what each option is."""
    now = time_now()
    with opened(config, database) as (_, found):
        case = case_of(found, number)
        said = found.write_now(lambda c: read_case_text(c, case, by=by, now=now))
    if as_json:
        print_json({**case_as_json(case, now), "text": said.text, "answers": said.answers})
        return
    print_table(("", ""), [*_facts(case, now), ("said", said.text or "(the words are gone)")])
    print_table(("asked", "answered"), list(said.answers.items()))


def _facts(case: Case, now: datetime) -> list[tuple[str, object]]:
    hand = "" if case.flagged_at is None else f"{when(case.flagged_at)} by {case.flagged_by}"
    known: list[tuple[str, object]] = [
        ("case", case.id),
        ("kind", plain(case.kind)),
        ("state", plain(case.status)),
        ("owner", case.owner or "nobody"),
        ("who", f"{case.participant} ({case.program})"),
        ("words", words_source(case)),
        ("stored (UTC)", when(case.opened_at)),
        ("found by hand (UTC)", hand or "no"),
        ("solicited", "yes: a question asked for it" if case.is_solicited else "no"),
        ("due (UTC)", when(case.due_at)),
        ("clock", clock_text(case, now)),
        ("known", ", ".join(case.elements) or "nothing yet"),
        ("product", ", ".join(case.products) or "not known"),
        ("reason", case.reason or ""),
    ]
    if case.first_word is not None:
        known.append(("second person", f"wanted: {case.first_word} says that it is no event"))
    return known
