"""`said safety list`: the queue of safety cases."""

from pathlib import Path

from bot.cli.common import print_json, print_table, say, when
from bot.cli.resources import now as time_now
from bot.cli.resources import opened
from bot.cli.safety.shared import case_as_json, clock_text, plain, words_source
from bot.team import unheard
from storage.people import coordinators
from storage.safety import cases as safety_cases
from storage.schema import SafetyStatus


def list_cases(every: bool, config: Path | None, database: str | None, as_json: bool) -> None:
    """Run `said safety list`; `bot.cli.safety.commands` says what each option is."""
    now = time_now()
    with opened(config, database) as (_, found):
        cases = found.read_now(lambda c: safety_cases.list_cases(c, only_open=not every))
        sent = found.read_now(lambda c: safety_cases.list_cases(c, status=SafetyStatus.SENT))
        heard = found.read_now(coordinators.anyone_hears_alerts)
    if as_json:
        print_json({"alerts_heard": heard, "cases": [case_as_json(case, now) for case in cases]})
        return
    print_table(
        ("case", "kind", "who", "programme", "state", "owner", "stored (UTC)", "due (UTC)", "clock", "words"),
        [
            (
                *(case.id, plain(case.kind), case.participant, case.program, plain(case.status)),
                *(case.owner or "nobody", when(case.opened_at), when(case.due_at), clock_text(case, now)),
                words_source(case),
            )
            for case in cases
        ],
        paged=True,
    )
    if sent and not every:
        say(f"Sent, receipt not confirmed yet: {', '.join(str(case.id) for case in sent)}", err=True)
    _warn(heard=heard)


def _warn(*, heard: bool) -> None:
    if not heard:
        say(f"WARNING: {unheard.NOBODY}; {unheard.NOBODY_REMEDY}", err=True)
