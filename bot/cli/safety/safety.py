"""`said safety`: the queue of safety cases, what is done about each, and samples of what the rules passed over."""

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from bot.cli.common import (
    ConfigOption,
    DatabaseOption,
    JsonOption,
    console,
    opened,
    print_json,
    print_table,
    when,
)
from storage.safety.case_workflow import CaseAction
from storage.schema import SafetyKind

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from storage.database.connection import Database
    from storage.safety.cases import Case

group = typer.Typer(no_args_is_help=True, help="Safety cases: look, do, sample, reconcile.")

NumberArgument = Annotated[int, typer.Argument(metavar="NUMBER", help="Which, as `said safety list` has it.")]
ByOption = Annotated[
    str, typer.Option("--by", metavar="CODE", help="Which coordinator does it, see `said coordinator list`.")
]
ReasonOption = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept with the case.")]
_STYLES = {"OVERDUE": "bold red", "due soon": "red", "half": "yellow"}
"""Colours for those who see them; the words beside say the same."""


def register(app: typer.Typer) -> None:
    """Add `said safety`."""
    app.add_typer(group, name="safety")


@group.command("list")
def list_cases(
    every: Annotated[bool, typer.Option("--all", help="Settled ones too.")] = False,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the cases, the one that is due first above the others: codes, states and clocks, nobody's words."""
    from storage.people import coordinators
    from storage.safety import cases as safety_cases
    from storage.schema import SafetyStatus

    now = _now()
    with opened(config, database) as (_, found):
        cases = found.read_now(lambda c: safety_cases.list_cases(c, only_open=not every))
        sent = found.read_now(lambda c: safety_cases.list_cases(c, status=SafetyStatus.SENT))
        heard = found.read_now(coordinators.anyone_hears_alerts)
    if as_json:
        print_json({"alerts_heard": heard, "cases": [_as_json(case, now) for case in cases]})
        return
    print_table(
        ("case", "kind", "who", "programme", "state", "owner", "stored (UTC)", "due (UTC)", "clock"),
        [
            (
                *(case.id, _plain(case.kind), case.participant, case.program, _plain(case.status)),
                *(case.owner or "nobody", when(case.opened_at), when(case.due_at), _clock(case, now)),
            )
            for case in cases
        ],
        paged=True,
    )
    if sent and not every:
        typer.echo(f"Sent, receipt not confirmed yet: {', '.join(str(case.id) for case in sent)}", err=True)
    _warn(heard=heard)


@group.command("show")
def show(
    number: NumberArgument,
    by: Annotated[
        str | None, typer.Option("--by", metavar="CODE", help="Which coordinator looks; kept in the trail.")
    ] = None,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one case with what was said, without what may tell who somebody is. That it was looked at is kept."""
    from storage.safety.case_text import read_case_text

    now = _now()
    with opened(config, database) as (_, found):
        case = _case(found, number)
        said = found.write_now(lambda c: read_case_text(c, case, by=by, now=now))
    if as_json:
        print_json({**_as_json(case, now), "text": said.text, "answers": said.answers})
        return
    print_table(("", ""), [*_facts(case, now), ("said", said.text or "(the words are gone)")])
    print_table(("asked", "answered"), list(said.answers.items()))


def _facts(case: "Case", now: datetime) -> list[tuple[str, object]]:
    hand = "" if case.flagged_at is None else f"{when(case.flagged_at)} by {case.flagged_by}"
    known: list[tuple[str, object]] = [
        ("case", case.id),
        ("kind", _plain(case.kind)),
        ("state", _plain(case.status)),
        ("owner", case.owner or "nobody"),
        ("who", f"{case.participant} ({case.program})"),
        ("stored (UTC)", when(case.opened_at)),
        ("found by hand (UTC)", hand or "no"),
        ("due (UTC)", when(case.due_at)),
        ("clock", _clock(case, now)),
        ("known", ", ".join(case.elements) or "nothing yet"),
        ("product", ", ".join(case.products) or "not known"),
        ("reason", case.reason or ""),
    ]
    if case.first_word is not None:
        known.append(("second person", f"wanted: {case.first_word} says that it is no event"))
    return known


@group.command("review")
def review(
    number: NumberArgument, by: ByOption, config: ConfigOption = None, database: DatabaseOption = None
) -> None:
    """Somebody looks after a case: it is being looked at, and it is theirs."""
    _do(number, CaseAction.REVIEW, by, "", config, database)


@group.command("sent")
def sent(
    number: NumberArgument, by: ByOption, config: ConfigOption = None, database: DatabaseOption = None
) -> None:
    """The report has been passed on. From now on it is kept, whatever the person has deleted."""
    _do(number, CaseAction.SENT, by, "", config, database)


@group.command("acknowledged")
def acknowledged(
    number: NumberArgument, by: ByOption, config: ConfigOption = None, database: DatabaseOption = None
) -> None:
    """Whoever the report was passed on to has confirmed that they have it."""
    _do(number, CaseAction.ACKNOWLEDGED, by, "", config, database)


@group.command("not-event")
def not_event(
    number: NumberArgument,
    by: ByOption,
    reason: ReasonOption,
    config: ConfigOption = None,
    database: DatabaseOption = None,
) -> None:
    """It is no event. Open until a second coordinator says the same, each with a reason."""
    _do(number, CaseAction.NOT_EVENT, by, reason, config, database)


@group.command("clear")
def clear(
    number: NumberArgument,
    by: ByOption,
    reason: ReasonOption,
    config: ConfigOption = None,
    database: DatabaseOption = None,
) -> None:
    """Somebody saw to a person at risk. What was held for them, reminders too, goes on."""
    _do(number, CaseAction.CLEAR, by, reason, config, database)


def _do(number: int, what: CaseAction, by: str, reason: str, config: Any, database: Any) -> None:
    from bot.app import all_flows
    from bot.clock import SystemClock
    from bot.turns.runtime import Runtime
    from storage.people import coordinators
    from storage.safety import case_workflow
    from storage.schema import SafetyStatus

    now = _now()
    with opened(config, database) as (settings, found):
        case = _case(found, number)

        def work(connection: "Connection") -> case_workflow.CaseActionResult:
            who = coordinators.by_code(connection, by)
            done = case_workflow.act_on_case(
                connection, case, case_workflow.CaseDecision(what, who, now, reason)
            )
            if done.status is SafetyStatus.CLEARED:
                runtime = Runtime(
                    found,
                    all_flows(settings),
                    SystemClock(),
                    found.identity,
                    localizations=settings.localizations_now(),
                )
                runtime.begin_waiting(connection, case.participant_id, now=now)
            return done

        done = found.write_now(work)
    typer.echo(f"Safety case {number} is now: {_plain(done.status)}.")
    if what is CaseAction.NOT_EVENT and done.first is None:
        typer.echo("A second coordinator must say the same; until then it is open.")


@group.command("flag")
def flag(
    code: Annotated[str, typer.Argument(metavar="CODE", help="Whose answer.")],
    answer: Annotated[
        int, typer.Argument(metavar="ANSWER", help="Its number, from `said safety sample` or an export.")
    ],
    by: ByOption,
    kind: Annotated[SafetyKind, typer.Option("--kind", help="What it tells of.")] = SafetyKind.ADVERSE_EVENT,
    config: ConfigOption = None,
    database: DatabaseOption = None,
) -> None:
    """Open a case for an answer that the rules missed. Its clock runs from when the answer was stored."""
    from bot.team import alerts
    from storage.conversations import outbox
    from storage.people import coordinators
    from storage.safety import manual_flags

    now = _now()
    with opened(config, database) as (settings, found):

        def work(connection: "Connection") -> manual_flags.FlaggedCase:
            who = coordinators.by_code(connection, by)
            flagged = manual_flags.flag_answer(
                connection, manual_flags.ManualFlag(code, answer, kind), by=who, now=now
            )
            rows = alerts.of_case(
                connection,
                settings.localizations_now(),
                flagged.case.id,
                now,
                is_new=flagged.is_new,
                apart_from=who,
            )
            outbox.queue(connection, rows)
            return flagged

        flagged = found.write_now(work)
    case = flagged.case
    what = "is open" if flagged.is_new else "was open; it has these words too"
    typer.echo(f"Safety case {case.id} {what}: stored {when(case.opened_at)}, due {when(case.due_at)} UTC.")
    console().print(_clock(case, now))


@group.command("sample")
def sample(
    by: ByOption,
    share: Annotated[
        int, typer.Option("--share", min=1, max=100, help="Per cent of the words that were not flagged.")
    ] = 10,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="To draw the same ones again; else one is chosen.")
    ] = None,
    program: Annotated[str | None, typer.Option("--program", help="Of this programme only.")] = None,
    again: Annotated[
        int | None, typer.Option("--again", metavar="SAMPLE", help="Show this one, and draw none.")
    ] = None,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Draw words that the rules found nothing in, and show them for somebody to look at. It is kept who did."""
    from secrets import randbelow

    from storage.people import coordinators
    from storage.safety import samples

    now = _now()
    chosen = randbelow(1_000_000) if seed is None else seed
    with opened(config, database) as (_, found):

        def work(connection: "Connection") -> tuple[int, tuple[samples.SampledText, ...]]:
            who = coordinators.by_code(connection, by)
            number = again
            if number is None:
                number = samples.draw(connection, samples.SamplePlan(chosen, share, program), by=who, now=now)
            return number, samples.show_texts(connection, number, by=who, now=now)

        number, looks = found.write_now(work)
    if as_json:
        print_json({"sample": number, "texts": [asdict(look) for look in looks]})
        return
    print_table(
        ("answer", "who", "asked", "said", "stored (UTC)", "looked at"),
        [
            (look.answer, look.participant, look.question, look.text, when(look.stored_at), _seen(look))
            for look in looks
        ],
        paged=True,
    )
    typer.echo(
        f"Sample {number}. If there is something in one: said safety flag WHO ANSWER --by {by}."
        f" Then: said safety looked {number} --by {by}",
        err=True,
    )


def _seen(look: Any) -> str:
    if look.looked_at is None:
        return "not yet"
    return f"{'flagged' if look.found else 'nothing'} ({look.looked_by})"


@group.command("looked")
def looked(
    number: Annotated[int, typer.Argument(metavar="SAMPLE", help="Which, see `said safety samples`.")],
    by: ByOption,
    config: ConfigOption = None,
    database: DatabaseOption = None,
) -> None:
    """Say that all of a sample was looked at, and that there was nothing in what was not flagged."""
    from storage.people import coordinators
    from storage.safety import samples

    now = _now()
    with opened(config, database) as (_, found):
        marked = found.write_now(
            lambda c: samples.mark_looked_at(c, number, by=coordinators.by_code(c, by), now=now)
        )
    typer.echo(f"Looked at, nothing found: {marked}.")


@group.command("samples")
def list_samples(
    config: ConfigOption = None, database: DatabaseOption = None, as_json: JsonOption = False
) -> None:
    """List the samples: how much was drawn of how much, looked at, and flagged."""
    from storage.safety import samples

    with opened(config, database) as (_, found):
        rows = found.read_now(samples.list_samples)
    if as_json:
        print_json([asdict(row) for row in rows])
        return
    names = ("sample", "drawn (UTC)", "by", "programme", "seed", "share")
    print_table(
        (*names, "of", "drawn", "looked at", "flagged", "deleted unseen"),
        [
            (
                *(r.id, when(r.drawn_at), r.drawn_by, r.program or "all", r.seed, f"{r.share} %"),
                *(r.population, r.drawn, r.looked, r.found, r.gone),
            )
            for r in rows
        ],
    )


@group.command("reconcile")
def reconcile(
    program: Annotated[str | None, typer.Option("--program", help="This programme only.")] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DATE", help="Stored on this day or later (UTC).")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help="Stored before this day (UTC).")
    ] = None,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Count the cases of each programme by kind and state, zeros included: what the sponsor compares with theirs."""
    from bot.cli.common import moment
    from storage.export.tables import safety
    from storage.export.tables.table import ExportSelection

    selection = ExportSelection(program, moment("--since", since), moment("--until", until))
    with opened(config, database) as (_, found):
        rows = found.read_now(lambda c: safety.safety_case_counts(c, selection, _now()))
    if as_json:
        print_json([row._asdict() for row in rows])
        return
    print_table(safety.COUNT_COLUMNS, rows)


def _now() -> datetime:
    from bot.clock import SystemClock

    return SystemClock().now()


def _case(found: "Database", number: int) -> "Case":
    from bot.errors import UsageError
    from storage.safety import cases as safety_cases

    case = found.read_now(lambda c: safety_cases.find(c, number))
    if case is None:
        raise UsageError(f"there is no safety case {number}", "see `said safety list --all`")
    return case


def _as_json(case: "Case", now: datetime) -> dict[str, Any]:
    """A case without words: what was answered to our questions is shown by `said safety show` alone."""
    fields = asdict(case)
    fields.pop("details")
    return {**fields, "clock": _clock(case, now).plain}


def _clock(case: "Case", now: datetime) -> Text:
    from bot.team.messages import clock_of

    words = clock_of(case, now, "en")
    style = next((style for start, style in _STYLES.items() if words.startswith(start)), "")
    return Text(words, style=style)


def _plain(code: Any) -> str:
    return str(code.value).replace("_", " ")


def _warn(*, heard: bool) -> None:
    from bot.team import alerts

    if not heard:
        typer.echo(f"WARNING: {alerts.NOBODY}; {alerts.NOBODY_REMEDY}", err=True)
