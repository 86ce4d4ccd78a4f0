"""Tell systemd that the bot is ready, alive, and stopping, by the protocol of sd_notify(3).

A datagram to a socket that the environment names: a dozen lines, for which no package is needed.
"""

import os
import socket
from contextlib import suppress

_SOCKET = "NOTIFY_SOCKET"
_WATCHDOG_MICROSECONDS = "WATCHDOG_USEC"
_WATCHDOG_PROCESS = "WATCHDOG_PID"


def notify(state: str) -> None:
    """Tell the service manager a state such as `READY=1`; nothing where none listens, or it cannot be told."""
    address = os.environ.get(_SOCKET, "")
    if not address.startswith(("/", "@")):
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.setblocking(False)
        channel.sendto(state.encode(), f"\0{address[1:]}" if address.startswith("@") else address)


def watchdog_seconds() -> float | None:
    """Return how often the service manager is to be told that the bot is alive: half of its time; None if it is not."""
    of_process = os.environ.get(_WATCHDOG_PROCESS, "")
    if of_process and of_process != str(os.getpid()):
        return None
    text = os.environ.get(_WATCHDOG_MICROSECONDS, "")
    return int(text) / 2_000_000 if text.isascii() and text.isdecimal() and int(text) else None
