"""Options of the whole test run."""

import gc
import os
import sys
from collections.abc import Iterator
from importlib.util import find_spec

import pytest
from hypothesis import HealthCheck, settings

from tests.support import databases, scheduling
from tests.support.log_lines import logging_as_before, reset_log_levels

# How long an example takes says nothing of what it promises, and machines are shared.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

GARBAGE_THRESHOLDS = (20_000, 20, 20)
"""When Python looks for garbage: much less often than it does by itself, for a test lives a second."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-transcripts",
        action="store_true",
        help="write what was said into tests/transcripts, to be reviewed as a diff",
    )


def pytest_configure() -> None:
    """
    No test reaches another host, so none goes through a proxy.

    What is not installed is not looked for again: httpcore asks for `sniffio` several times a request.
    """
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]
    if find_spec("sniffio") is None:
        sys.modules["sniffio"] = None  # type: ignore[assignment]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest tests run first, so that no worker begins one when the others are done."""
    items.sort(key=scheduling.place)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> scheduling.FilesFirst | None:
    """Tests that share a slow set-up run in one worker."""
    return scheduling.FilesFirst(config, log) if config.getvalue("dist") == "loadgroup" else None


def pytest_collection_finish() -> None:
    """What has been imported and collected stays to the end: the search for garbage leaves it out."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)


@pytest.fixture(scope="session", autouse=True)
def _databases_opened_quickly() -> Iterator[None]:
    """New databases are copies of one that was migrated once, and commits do not wait for the disk."""
    with databases.opened_quickly():
        yield


@pytest.fixture(autouse=True)
def _logs_as_they_were() -> Iterator[None]:
    """A command that sets up its log leaves the next test's alone."""
    reset_log_levels()
    with logging_as_before():
        yield


@pytest.fixture
def as_in_production() -> Iterator[None]:
    """In this test databases are migrated and written to as in production."""
    with databases.opened_as_in_production():
        yield
