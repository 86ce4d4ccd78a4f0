"""Packages that are slow to import are loaded at their first use."""

import subprocess
import sys

import pytest

from flows.heavy_packages import PackageMissing, load


def test_a_missing_package_is_named_with_its_remedy():
    """Whoever lacks a package reads its name and how to install it."""
    with pytest.raises(
        PackageMissing, match="no_such_package is missing; install it: pip install no_such_package"
    ):
        load("no_such_package.part")


def test_a_module_inside_a_package_is_loaded_by_its_full_name():
    """`dateparser.date` gives that module, and the same one every time."""
    assert load("dateparser.date").__name__ == "dateparser.date"
    assert load("dateparser.date") is load("dateparser.date")


def test_the_engine_starts_without_the_heavy_packages():
    """Importing the engine imports none of the packages that are slow to import."""
    heavy = ("dateparser", "holidays", "num2words", "textstat")
    code = f"import flows.engine.advance, sys; print([name for name in {heavy} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
