"""The demo's own check can fail: one cent, one tax, one invoice too many or too few."""

import copy
import json
from decimal import Decimal

import pytest

from tools.fusion_cli.demo import check
from tools.fusion_cli.errors import Failed

EXPECTED = {
    "service": "nexacloud",
    "external_customer_id": "user-1",
    "external_subscription_id": "sub-1",
    "plan_code": "developer",
    "province": "ON",
    "currency": "CAD",
    "invoice_date": "2026-04-01",
    "lines": [
        {"kind": "base", "quantity": "1", "amount": "29.00"},
        {"kind": "bandwidth_gb", "quantity": "10", "amount": "0.00"},
        {"kind": "storage_gb", "quantity": "59", "amount": "0.72"},
    ],
    "untaxed": "29.72",
    "taxes": {"HST": "3.86"},
    "tax": "3.86",
    "total": "33.58",
}
KEY = ("nexacloud", "sub-1", "2026-04-01")
FOUND = {
    "subscription": "sub-1",
    "currency": "CAD",
    "lines": {"base": Decimal("29.00"), "storage_gb": Decimal("0.72")},
    "taxes": {"HST": Decimal("3.86")},
    "untaxed": Decimal("29.72"),
    "tax": Decimal("3.86"),
    "total": Decimal("33.58"),
}


@pytest.fixture
def expected_file(tmp_path):
    path = tmp_path / "expected.json"
    path.write_text(json.dumps([EXPECTED]), encoding="utf-8")
    return path


def test_equal_figures_are_counted_and_a_zero_line_may_be_missing(expected_file):
    assert check.compare({KEY: FOUND}, expected_file) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("total", Decimal("33.59")),
        ("tax", Decimal("3.85")),
        ("currency", "USD"),
        ("taxes", {"GST": Decimal("3.86")}),
        ("lines", {"base": Decimal("29.72")}),
    ],
)
def test_any_other_figure_fails_and_is_named(expected_file, capsys, name, value):
    changed = copy.deepcopy(FOUND) | {name: value}

    with pytest.raises(Failed, match="1 differences"):
        check.compare({KEY: changed}, expected_file)

    assert f"{name} is" in capsys.readouterr().out


def test_a_missing_invoice_fails(expected_file, capsys):
    with pytest.raises(Failed):
        check.compare({}, expected_file)

    assert "missing in Odoo" in capsys.readouterr().out


def test_an_invoice_nobody_expected_fails(expected_file, capsys):
    other = ("nexacloud", "sub-2", "2026-04-01")

    with pytest.raises(Failed):
        check.compare({KEY: FOUND, other: FOUND}, expected_file)

    assert "not expected" in capsys.readouterr().out
