"""`said safety flag`: a case for an answer, or a remark, that the rules missed."""

import re
from datetime import datetime
from pathlib import Path

from bot.cli.common import console, say, when
from bot.cli.resources import now as time_now
from bot.cli.resources import opened
from bot.cli.safety.shared import clock_text
from bot.errors import UsageError
from bot.settings.settings import Settings
from bot.team import alerts
from bot.turn_context import TurnContext
from storage.conversations import outbox
from storage.database.connection import Database
from storage.people import coordinators
from storage.people.coordinators import CoordinatorRecord
from storage.safety import manual_flags
from storage.schema import SafetyKind


def flag(
    code: str,
    by: str,
    answer: str | None,
    remark: int | None,
    kind: SafetyKind,
    config: Path | None,
    database: str | None,
) -> None:
    """Run `said safety flag`; `bot.cli.safety.commands` says what each option is."""
    now = time_now()
    found_by_hand = _flag_of(code, answer, remark, kind)
    with opened(config, database) as (settings, found):
        flagged = open_case(found, settings, found_by_hand, by, now)
    tell(flagged, now)


def open_case(
    found: Database, settings: Settings, flag: manual_flags.ManualFlag, by: str, now: datetime
) -> manual_flags.FlaggedCase:
    """Open a case for flagged words, or add them to the open one, and alert the team but for `by`, a code.

    Raises:
        StorageError: there is no such coordinator, or there are no such words.
    """
    return found.write_now(
        lambda connection: open_case_in(
            TurnContext(connection, now), settings, flag, by=coordinators.by_code(connection, by)
        )
    )


def open_case_in(
    turn: TurnContext, settings: Settings, flag: manual_flags.ManualFlag, *, by: CoordinatorRecord
) -> manual_flags.FlaggedCase:
    """Do what `open_case` does in a transaction of the caller: nothing of it stands unless all does.

    Raises:
        StorageError: there are no such words.
    """
    flagged = manual_flags.flag_words(turn.connection, flag, by=by, now=turn.now)
    alerts.of_case(turn, settings.localizations_now(), flagged.case.id, is_new=flagged.is_new, apart_from=by)
    outbox.queue(turn.connection, turn.writes.outbox)
    return flagged


def tell(flagged: manual_flags.FlaggedCase, now: datetime) -> None:
    """Print what became of flagged words: their case, and its clock."""
    case = flagged.case
    what = "is open" if flagged.is_new else "was open; it has these words too"
    say(f"Safety case {case.id} {what}: stored {when(case.opened_at)}, due {when(case.due_at)} UTC.")
    console().print(clock_text(case, now))


def _flag_of(code: str, answer: str | None, remark: int | None, kind: SafetyKind) -> manual_flags.ManualFlag:
    """Read which words are flagged: an answer by its number, or a remark, `r12` or by its option.

    Raises:
        UsageError: neither, both, or no number.
    """
    named = re.fullmatch(r"(r?)(\d{1,18})", answer or "", re.IGNORECASE)
    if (answer is None) == (remark is None) or (answer is not None and named is None):
        raise UsageError(
            "name an answer or a remark by its number", f"said safety flag {code} 4711, or {code} --remark 12"
        )
    if named is None:
        return manual_flags.ManualFlag(code, remark or 0, kind, is_remark=True)
    return manual_flags.ManualFlag(code, int(named[2]), kind, is_remark=bool(named[1]))
