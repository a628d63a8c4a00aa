"""Files and functions stay small."""

from . import rules_size, sources


def test_no_file_is_too_long():
    sources.assert_holds(rules_size.file_too_long, sources.python())


def test_no_function_is_too_long():
    sources.assert_holds(rules_size.function_too_long, sources.python())


def test_a_file_of_301_lines_is_seen_and_one_of_300_is_not():
    rule = rules_size.file_too_long

    assert list(rule(sources.planted("x = 1\n" * 301))) == [
        "addons/fusion_centralize_billing/models/planted.py: 301 lines, 300 allowed"
    ]
    assert list(rule(sources.planted("x = 1\n" * 300))) == []


def test_a_function_of_41_lines_is_seen_and_its_docstring_does_not_count():
    body = "    x = 1\n" * 39

    assert list(rules_size.function_too_long(sources.planted(f"def f():\n{body}"))) == []
    documented = f'def f():\n    """One.\n\n    Two.\n    """\n{body}'
    assert list(rules_size.function_too_long(sources.planted(documented))) == []
    assert list(rules_size.function_too_long(sources.planted(f"def f():\n{body}    y = 2\n")))


def test_an_exception_names_an_existing_file_and_a_reason():
    paths = {source.path for source in sources.python()}

    assert [path for path in rules_size.LONGER if path not in paths] == []
    assert all(reason for _, reason in rules_size.LONGER.values())
