"""`said db restore`: put a backup in the place of the database, without those who left since."""

from pathlib import Path

from bot.cli.common import count, print_json, say, when
from bot.cli.resources import settings_for
from bot.clock import SystemClock
from storage.database.address_keys import AddressKeys, key_path, load_key
from storage.database.connection import database_path
from storage.restore.place import RestoreReport, RestoreRequest
from storage.restore.place import restore as put_in_place
from storage.schema import JournalKind

_NOUNS = {
    JournalKind.STOP: "stop",
    JournalKind.ERASURE: "erasure",
    JournalKind.CONSENT: "consent taken back or refused",
    JournalKind.JOIN: "app joined",
    JournalKind.MOVE: "lost account closed",
    JournalKind.MAILS: "end of mails",
    JournalKind.MESSAGE: "message taken back",
    JournalKind.QUOTATION: "quotation withdrawn",
    JournalKind.HOLD: "absence",
    JournalKind.TEAM_HOLD: "hold by the team",
    JournalKind.SNOOZE: "hour chosen to go on",
    JournalKind.PAUSE: "conversation put off",
    JournalKind.PROGRAM_PAUSED: "programme paused",
    JournalKind.PROGRAM_RESUMED: "programme resumed",
    JournalKind.PROGRAM_CLOSED: "programme closed",
    JournalKind.PROGRAM_ARCHIVED: "programme put away",
    JournalKind.COORDINATOR: "coordinator removed",
    JournalKind.ROLES: "roles of a coordinator changed",
    JournalKind.SECOND_STEP: "second step set or taken away",
    JournalKind.INVITATION_REVOKED: "invitation revoked",
    JournalKind.INVITATION_EXTENDED: "invitation given another end",
    JournalKind.LABEL: "label of a link deleted",
}


def restore(
    backup: Path,
    journal: Path | None,
    journal_key_file: Path | None,
    anyway: bool,
    dry_run: bool,
    config: Path | None,
    database: str | None,
    as_json: bool,
) -> None:
    """Run `said db restore`; `bot.cli.system.commands` says what each option is."""
    settings = settings_for(config, database)
    path = database_path(settings.database)
    key_file = settings.key_file.expanduser() if settings.key_file else key_path(path)
    wanted = RestoreRequest(
        backup.expanduser(),
        path,
        AddressKeys(load_key(key_file)),
        SystemClock().now(),
        journal=None if journal is None else journal.expanduser(),
        journal_identity=None if journal_key_file is None else AddressKeys(load_key(journal_key_file, {})),
    )
    report = put_in_place(wanted, anyway=anyway, dry_run=dry_run)
    if as_json:
        print_json(_as_json(wanted, report, dry_run=dry_run))
    else:
        _tell(wanted, report, dry_run=dry_run)


def _as_json(wanted: RestoreRequest, report: RestoreReport, *, dry_run: bool) -> dict[str, object]:
    return {
        "file": str(wanted.database),
        "restored": not dry_run,
        "kept": None if report.kept is None else str(report.kept),
        "backup_until": report.backup_until,
        "journal_until": report.journal_until,
        "uncovered": report.uncovered,
        "replayed": {kind.value: report.replayed.done[kind] for kind in _NOUNS},
        "already": report.replayed.already,
        "unknown": report.replayed.unknown,
        "ended": report.ended,
    }


def _tell(wanted: RestoreRequest, report: RestoreReport, *, dry_run: bool) -> None:
    done = report.replayed.done
    for kind, noun in _NOUNS.items():
        if done[kind]:
            say(f"{noun}: {done[kind]:,}")
    if report.replayed.unknown:
        about = "of people, programmes or conversations that came after the backup"
        say(f"{count(report.replayed.unknown, 'line')} {about}: nothing to do")
    if report.uncovered is not None:
        say(f"Beware: {report.uncovered}.")
    if report.ended:
        say(f"sessions at the console, and links and codes that are good once, ended: {report.ended:,}")
    if dry_run:
        say(f"Nothing was changed. It is {_backup_of(report)}. {_journal_of(report)}".rstrip())
        return
    if report.kept is not None:
        say(f"What lay there is {report.kept}.")
    say(f"{wanted.database} is {_backup_of(report)}. {_journal_of(report)}Check it with `said db check`.")


def _backup_of(report: RestoreReport) -> str:
    """Say which backup it is; a new database knows of nothing yet."""
    if report.backup_until is None:
        return "a backup in which nothing happened yet"
    return f"the backup of {when(report.backup_until)} UTC"


def _journal_of(report: RestoreReport) -> str:
    """Say until when the journal tells who left, and nothing where there is none."""
    if report.journal_until is not None:
        return f"Its journal tells who left until {when(report.journal_until)} UTC. "
    return "" if report.uncovered is not None else "Its journal tells of nobody who left. "
