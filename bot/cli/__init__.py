"""Run the command `said`: `main` runs what was typed, and shows errors. `root` has the table of commands.

Each command is a module, imported when it is run (`lazy`), in the folder of its subject: `people`, `programs`,
`data`, `safety`, `system`. `common` and `resources` hold what they share.

Exit codes: 0 all went well, 1 something is wrong (the message says what to do), 2 the command was used
wrongly.
"""

import atexit
import errno
import gc
import os
import sqlite3
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import assert_never

from bot.cli.root import app
from bot.errors import BotError, UsageError
from flows.errors import FlowError, ScriptError
from flows.text.terminal_text import visible
from storage.errors import StorageError

__all__ = ["main"]

PROBLEM = 1
WRONG_USE = 2
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
"""What the system says where a disk is full, or nobody may write more to it."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command that was typed, and leave the process with its exit code.

    `arguments` are the words after `said`; None means those that the process was started with. Errors are one line
    each, on standard error.
    """
    # Python's last collection would walk through all that was imported, and free it object by object, a quarter of the
    # time of a short command. What is open is closed by then; the memory goes back with the process.
    atexit.register(gc.freeze)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # the name of a file need not be text
    try:
        app(None if arguments is None else list(arguments))
    except ScriptError as error:
        _complain(*(str(problem) for problem in error.problems))
        sys.exit(PROBLEM)
    except UsageError as error:
        _complain(str(error))
        sys.exit(WRONG_USE)
    except (BotError, FlowError, StorageError) as error:
        _complain(str(error))
        sys.exit(PROBLEM)
    except sqlite3.Error as error:
        _complain(_of_database(error))
        sys.exit(PROBLEM)
    except BrokenPipeError:
        # The reader (`head`, a pager) went away: nothing is wrong, and the exit must not complain about it
        # either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except (OSError, OverflowError, RecursionError, UnicodeError) as error:
        _complain(_mendable(error))
        sys.exit(PROBLEM)
    except Exception as error:
        cause = getattr(error, "orig", None)  # of SQLAlchemy's errors: it is not loaded for their name alone
        if not isinstance(cause, sqlite3.Error):
            raise
        _complain(_of_database(cause))
        sys.exit(PROBLEM)


def _mendable(error: OSError | OverflowError | RecursionError | UnicodeError) -> str:
    """Return what is wrong, and what to do, of an error that a word or a file of whoever typed the command causes."""
    match error:
        case OSError() if error.errno in NO_ROOM:
            where = error.filename or "what was to be written"
            return f"{where}: the disk is full; make room, then try again"
        case OSError(filename=str() | os.PathLike() as name):
            return f"{os.fspath(name)}: {error.strerror}; name another path, or change that one"
        case OSError():
            return f"{error.strerror or error}; name another path"
        case OverflowError():
            return f"a number is too great; at most {2**63 - 1} is taken"
        case RecursionError():
            return "what was given is nested too deeply; take some levels out"
        case UnicodeError():
            return "what was given is no text in UTF-8; type it anew"
        case _:
            assert_never(error)


def _of_database(error: sqlite3.Error) -> str:
    """Put an error of SQLite that nobody expected into a line: its name, and never the statement with its values."""
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    return f"the database refused what was asked of it ({name}); run `said db check`, and report this line"


def _complain(*lines: str) -> None:
    for line in lines:
        sys.stderr.write(f"said: {visible(' '.join(line.split()))}\n")
