"""Set up logs: one JSON object a line, without anybody's words, an address or a token.

Two fences. Our own events may carry only fields whose names stand in `ALLOWED`, and only short plain
values. Libraries that write request URLs (which hold Telegram's token) or payloads may log from WARNING
on only, and what they say there is passed through `scrub`.
"""

import json
import logging
import re
import sys
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, TextIO

import structlog

from flows.text.terminal_text import escaped_json
from storage.private_files import make_private_file, make_private_folder

ALLOWED = frozenset(
    """event level timestamp logger action activity anchor attempts batch channel code conversation count duration_ms
    error flow follow_up inbox invitation kind mode outbox participant port program reason retry_after_s
    retry_seconds status timer turns version where""".split()  # noqa: SIM905 - words read better so
)
"""Names of fields that may be logged: numbers of rows and codes, never what was said or where somebody is."""

NOISY = (
    "httpx",
    "httpcore",
    "telegram",
    "slack_bolt",
    "slack_sdk",
    "aiohttp",
    "uvicorn.access",
    "urllib3",
    "apscheduler.scheduler",
)
"""Libraries whose INFO and DEBUG lines hold URLs with tokens, or payloads, or tell of each tick."""

SILENT = ("apscheduler.executors",)
"""Loggers that say nothing: what they run tells of itself what goes wrong, and its end at a stop is no error."""

LONGEST = 300
"""Characters of one value; a person's words are longer than a reason, and an error's text may quote them."""

_SECRETS = re.compile(
    r"\d{6,}:[A-Za-z0-9_-]{30,}"  # Telegram's token, also inside a URL
    r"|xox[a-z]-[A-Za-z0-9-]+|xapp-[A-Za-z0-9-]+"  # Slack's tokens
    r"|\b(?:telegram|slack|terminal|web):[A-Za-z0-9:_-]+"  # an address
)
Event = MutableMapping[str, Any]


def scrub(text: str) -> str:
    """Replace tokens and addresses in a text by `[removed]`, and cut it to `LONGEST` letters, with `...` if longer."""
    clean = _SECRETS.sub("[removed]", text)
    return clean if len(clean) <= LONGEST else f"{clean[:LONGEST]}..."


def keep_allowed(_logger: Any, _method: str, event: Event) -> Event:
    """Return a log event with its fields in `ALLOWED` only, their texts scrubbed.

    The field `dropped` names those that were left out. Takes what structlog gives a processor.
    """
    kept: Event = {}
    dropped = []
    for name, value in event.items():
        if name not in ALLOWED:
            dropped.append(name)
        elif value is None or isinstance(value, bool | int | float):
            kept[name] = value
        else:
            kept[name] = scrub(str(value))
    if dropped:
        kept["dropped"] = ", ".join(sorted(dropped))
    return kept


def _error_kind(_logger: Any, _method: str, event: Event) -> Event:
    """Replace an exception in an event by its type and place, since its text may quote what somebody wrote."""
    info = event.pop("exc_info", None)
    error = (
        info[1] if isinstance(info, tuple) else info if isinstance(info, BaseException) else sys.exc_info()[1]
    )
    if info and error is not None:
        event["error"] = type(error).__name__
        frame = error.__traceback__
        while frame is not None and frame.tb_next is not None:
            frame = frame.tb_next
        if frame is not None:
            event["where"] = f"{Path(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno}"
    return event


def _as_json(event: Event, **options: Any) -> str:
    """Return an event as JSON on one line, with what could drive a terminal escaped."""
    return escaped_json(json.dumps(event, ensure_ascii=False, **options))


def configure(level: str = "info", file: Path | None = None, stream: TextIO | None = None) -> None:
    """Set up logging for the whole process, for structlog and the standard library alike.

    Lines from `level` on go to `file` if one is given, else to `stream`, else to standard error. Handlers that were
    set before are removed.
    """
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _error_kind,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = _handler(file, stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                keep_allowed,
                structlog.processors.JSONRenderer(_as_json),
            ],
        )
    )
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    for name in NOISY:
        library = logging.getLogger(name)
        library.setLevel(max(logging.WARNING, root.level))
        library.propagate = True  # uvicorn cuts its own off
    for name in SILENT:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def _handler(file: Path | None, stream: TextIO | None) -> logging.Handler:
    if file is None:
        return logging.StreamHandler(stream or sys.stderr)
    make_private_folder(file.parent)
    if not file.exists():
        make_private_file(file)
    return logging.FileHandler(file, encoding="utf-8")
