"""Options of the whole test run."""

import os

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes says nothing of what it promises, and machines are shared.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-transcripts",
        action="store_true",
        help="write what was said into tests/transcripts, to be reviewed as a diff",
    )


def pytest_configure() -> None:
    """No test reaches another host, so none goes through a proxy."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]
