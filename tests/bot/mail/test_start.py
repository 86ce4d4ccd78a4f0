"""Whether what mails lead to is looked after."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from bot.clock import SystemClock
from bot.delivery.results import tell_nobody
from bot.mail.start import look_after_mails
from flows.i18n.localized_flow import Localizations

ROOT = Path(__file__).parents[3]
UNNEEDED = ("aiosmtplib", "apscheduler", "regex", "bot.mail.desk")
"""What a bot needs that sends mails, ticks by itself, or counts the words of an answer."""


def test_without_mails_nobody_is_told_of_refused_addresses() -> None:
    """There is no desk, and nothing is asked of the database."""
    unused: Any = None
    assert look_after_mails({}, unused, SystemClock(), Localizations(), unused) is tell_nobody


def test_the_bot_is_imported_without_what_mails_and_ticks_need() -> None:
    """A try in the terminal begins sooner: what only mails, ticks and long answers need is loaded when it is needed."""
    looks = f"import sys, bot.cli.system.run; print([one for one in {UNNEEDED} if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", looks], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
