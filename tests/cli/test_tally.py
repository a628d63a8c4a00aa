"""A run that shows nothing is a failure, whatever its exit code."""

import pytest

from tools.fusion_cli.tally import Tally, of_odoo, of_pytest

RESULT = "2026-01-01 00:00:00,000 1 INFO db odoo.tests.result: {} when loading database 'db'"


def odoo(text: str, code: int = 0) -> Tally:
    return of_odoo(RESULT.format(text), code)


def pytest_report(tmp_path, **counts: int):
    file = tmp_path / "report.xml"
    attributes = " ".join(f'{name}="{count}"' for name, count in counts.items())
    file.write_text(f"<testsuites><testsuite {attributes}/></testsuites>")
    return file


def test_odoos_failures_and_errors_are_counted():
    assert odoo("0 failed, 0 error(s) of 12 tests") == Tally(12, 0)
    assert odoo("1 failed, 2 error(s) of 12 tests", 1) == Tally(9, 3)


@pytest.mark.parametrize("log", ["", "odoo: error", RESULT.format("nothing was said")])
def test_an_odoo_run_without_a_result_is_a_failure(log):
    assert of_odoo(log, 0) == Tally(0, 1)


def test_an_odoo_run_without_tests_is_a_failure():
    assert odoo("0 failed, 0 error(s) of 0 tests") == Tally(0, 1)


def test_a_tour_that_was_skipped_is_a_failure_although_odoo_ends_with_0():
    skip = "2026-01-01 00:00:00,000 1 INFO db odoo.addons.x: skipped TestTour : no websocket-client"

    assert of_odoo(skip + "\n" + RESULT.format("0 failed, 0 error(s) of 2 tests"), 0) == Tally(1, 1)


def test_an_exit_code_alone_is_a_failure():
    assert odoo("0 failed, 0 error(s) of 12 tests", 1) == Tally(12, 1)


def test_pytests_counts_come_from_its_report(tmp_path):
    report = pytest_report(tmp_path, tests=10, failures=1, errors=2, skipped=0)

    assert of_pytest(report, 1) == Tally(7, 3)


def test_a_skipped_test_has_shown_nothing(tmp_path):
    report = pytest_report(tmp_path, tests=10, failures=0, errors=0, skipped=1)

    assert of_pytest(report, 0) == Tally(9, 1)


def test_a_pytest_run_without_a_report_is_a_failure(tmp_path):
    assert of_pytest(tmp_path / "none.xml", 2) == Tally(0, 1)
    assert of_pytest(tmp_path / "none.xml", 0) == Tally(0, 1)


def test_counts_add_up():
    assert str(Tally(1, 2) + Tally(3, 4)) == "4 passed, 6 failed"
