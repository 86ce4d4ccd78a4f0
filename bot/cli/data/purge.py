"""`said purge`: delete what has been kept for long enough."""

from functools import partial
from pathlib import Path

from bot.cli.common import print_json, print_table, progress_bar, say
from bot.cli.resources import opened
from bot.clock import SystemClock
from bot.schedule.retention import purge_now
from storage.privacy import retention


def purge(dry_run: bool, config: Path | None, database: str | None, as_json: bool) -> None:
    """Run `said purge`; `bot.cli.data.commands` says what each option is."""
    now = SystemClock().now()
    with opened(config, database) as (_, found), progress_bar() as bar:
        task = bar.add_task("what is past its time", total=None)
        due = found.read_now(partial(retention.due_erasures, now=now))
        if not dry_run:
            bar.update(task, description="rows", total=due.total)
            purge_now(found, due, now, lambda rows: bar.advance(task, rows))
    counts = due.counts()
    if as_json:
        print_json({"purged": not dry_run, "programs": counts})
        return
    kinds = [kind.value for kind in retention.RetentionKind]
    print_table(("program", *kinds), [(slug, *(of[kind] for kind in kinds)) for slug, of in counts.items()])
    say(f"{due.total} rows {'would go' if dry_run else 'went'}.", err=True)
