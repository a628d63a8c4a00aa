"""The repository does not depend on where it was made."""

import pytest

from . import sources
from .rules_words import forbidden_word


def test_no_file_names_a_registry_or_a_workplace():
    sources.assert_holds(forbidden_word, sources.texts())


@pytest.mark.parametrize(
    "text",
    [
        "see https://" + "pypi" + ".org/simple",
        "URIs: http://" + "deb.debian" + ".org/debian",
        "cd " + "/wo" + "rk/main",
        '"' + "/tmp" + '/boot"',
    ],
)
def test_a_planted_word_is_seen(text):
    assert list(forbidden_word(sources.planted(text, "README.md")))


def test_ordinary_words_are_left_alone():
    text = "a workflow, a network/worker, PyPI, Debian, docs/work.md, ./work/x"

    assert list(forbidden_word(sources.planted(text, "README.md"))) == []
