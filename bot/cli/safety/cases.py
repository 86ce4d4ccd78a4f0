"""`said safety list` and `show`: the queue of safety cases, and one case with its words."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.cli.common import print_json, print_table, say, when
from bot.cli.resources import now as time_now
from bot.cli.resources import opened
from bot.cli.safety.shared import case_of, clock_text, plain
from bot.team import messages
from storage.people import coordinators
from storage.safety import cases as safety_cases
from storage.safety.case_text import read_case_text
from storage.safety.cases import Case
from storage.schema import SafetyStatus


def list_cases(every: bool, config: Path | None, database: str | None, as_json: bool) -> None:
    """Run `said safety list`; `bot.cli.safety.commands` says what each option is."""
    now = time_now()
    with opened(config, database) as (_, found):
        cases = found.read_now(lambda c: safety_cases.list_cases(c, only_open=not every))
        sent = found.read_now(lambda c: safety_cases.list_cases(c, status=SafetyStatus.SENT))
        heard = found.read_now(coordinators.anyone_hears_alerts)
    if as_json:
        print_json({"alerts_heard": heard, "cases": [_as_json(case, now) for case in cases]})
        return
    print_table(
        ("case", "kind", "who", "programme", "state", "owner", "stored (UTC)", "due (UTC)", "clock", "words"),
        [
            (
                *(case.id, plain(case.kind), case.participant, case.program, plain(case.status)),
                *(case.owner or "nobody", when(case.opened_at), when(case.due_at), clock_text(case, now)),
                _source(case),
            )
            for case in cases
        ],
        paged=True,
    )
    if sent and not every:
        say(f"Sent, receipt not confirmed yet: {', '.join(str(case.id) for case in sent)}", err=True)
    _warn(heard=heard)


def show(number: int, by: str | None, config: Path | None, database: str | None, as_json: bool) -> None:
    """Run `said safety show`; `bot.cli.safety.commands` says what each option is."""
    now = time_now()
    with opened(config, database) as (_, found):
        case = case_of(found, number)
        said = found.write_now(lambda c: read_case_text(c, case, by=by, now=now))
    if as_json:
        print_json({**_as_json(case, now), "text": said.text, "answers": said.answers})
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
        ("words", _source(case)),
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


def _source(case: Case) -> str:
    """Say where the words of a case are kept: in answers and remarks, or with the case alone."""
    names = {"answer_id": "answer", "remark_id": "remark"}
    named = [f"{names[key]} {number}" for key, numbers in case.sources.items() for number in numbers]
    return ", ".join(named) or "with the case"


def _as_json(case: Case, now: datetime) -> dict[str, Any]:
    """Return a case as JSON without words: what was answered to our questions is shown by `said safety show` alone."""
    fields = asdict(case)
    fields.pop("details")
    return {**fields, "solicited": case.is_solicited, "clock": clock_text(case, now).plain}


def _warn(*, heard: bool) -> None:
    if not heard:
        say(f"WARNING: {messages.NOBODY}; {messages.NOBODY_REMEDY}", err=True)
