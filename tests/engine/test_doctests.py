"""Every number in a docstring and in docs/rating.md is true."""

import doctest
import importlib
import pkgutil
from pathlib import Path

import engine
import pytest

DOCUMENT = Path(__file__).parents[2] / "docs" / "rating.md"
MODULES = sorted(module.name for module in pkgutil.walk_packages(engine.__path__, "engine."))


@pytest.mark.parametrize("name", MODULES)
def test_docstrings_of_module_hold(name):
    results = doctest.testmod(
        importlib.import_module(name), optionflags=doctest.IGNORE_EXCEPTION_DETAIL
    )
    assert results.failed == 0


def test_every_formula_shows_a_number():
    for name in [name for name in MODULES if name.startswith("engine.pricing.")]:
        examples = doctest.DocTestFinder().find(importlib.import_module(name))
        assert sum(len(test.examples) for test in examples) > 0, name


def test_the_rating_document_holds():
    results = doctest.testfile(str(DOCUMENT), module_relative=False)
    assert results.failed == 0
    assert results.attempted > 20
