"""Starts `said run` again and again without paying for its imports each time.

Reads a line from standard input, forks, and in the child runs the command as the shell would; prints the
child's number, and when it has ended how. One child at a time. The parent has imported the program and read
what is shipped with it, and done nothing else: no thread, no file, no connection is shared.
"""

import os
import sys

from bot.cli import main
from bot.turns.loading import settle
from flows.script.loader import library


def run_child(log: str) -> None:
    """The command in this process, which ends here."""
    for descriptor, path, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, log, os.O_WRONLY | os.O_APPEND | os.O_CREAT),
        (2, log, os.O_WRONLY | os.O_APPEND | os.O_CREAT),
    ):
        os.dup2(os.open(path, flags, 0o600), descriptor)
    code = 1
    try:
        main(["run"])
    except SystemExit as left:
        code = int(left.code or 0)
    finally:
        sys.stderr.flush()
        os._exit(code)


def serve(log: str) -> None:
    """A child for each line, until there are no more."""
    # What `said run` imports only once it has begun:
    import bot.channels.telegram.channel
    import bot.channels.web.channel
    import bot.cli.system.run  # noqa: F401

    library()
    settle()
    while sys.stdin.readline():
        child = os.fork()
        if child == 0:
            run_child(log)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    serve(sys.argv[1])
