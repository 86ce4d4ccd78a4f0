"""systemd hears that the bot is ready, alive and stopping, where it listens; elsewhere nothing happens."""

import os
import socket

import pytest

from bot.health import service_manager


@pytest.mark.parametrize("is_abstract", [False, True])
def test_a_state_reaches_the_socket(is_abstract, tmp_path, monkeypatch):
    """By a path, or by a name of the kernel's own that begins with @."""
    address = f"@said-{os.getpid()}" if is_abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(f"\0{address[1:]}" if is_abstract else address)
        listener.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        service_manager.notify("READY=1")
        assert listener.recv(100) == b"READY=1"


@pytest.mark.parametrize("address", ["", "/nowhere/at/all", "relative", "@"])
def test_where_nobody_listens_nothing_is_raised(address, monkeypatch):
    """The bot needs no systemd."""
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    service_manager.notify("READY=1")


@pytest.mark.parametrize(
    ("microseconds", "process", "seconds"),
    [("120000000", "", 60), ("120000000", "1", None), ("", "", None), ("0", "", None), ("x", "", None)],
)
def test_how_often_the_watchdog_is_told(microseconds, process, seconds, monkeypatch):
    """Half of its time, and only by the process that is watched."""
    monkeypatch.setenv("WATCHDOG_USEC", microseconds)
    monkeypatch.setenv("WATCHDOG_PID", process)
    assert service_manager.watchdog_seconds() == seconds
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
    assert service_manager.watchdog_seconds() == (60 if microseconds == "120000000" else None)
