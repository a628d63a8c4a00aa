"""OCA's accounting addons beside ours, as `./fusion serve --with-accounting` starts them.

What is read first is the sample that a person finds there; then the same is done again with other
figures, as an operator does it: over HTTP, signed in.
"""

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import openpyxl
import pytest

from tools.fusion_cli import databases, postgres
from tools.fusion_cli.demo.rpc import OdooSession

REPO = Path(os.environ.get("FUSION_REPO", Path(__file__).resolve().parents[2]))
SERVE = ("serve", "--with-accounting", "--fresh", "--database", "fusion_test_accounting")
# A line of its own: what prepares a cold start also says "database".
DATABASE = r"(?m)^  database +(\S+)"


class Started:
    """A running server, what it printed, and a signed-in administrator."""

    def __init__(self, said: str) -> None:
        self.said = said
        self.url = re.search(r"Odoo answers at (\S+)", said)[1]
        self.database = re.search(DATABASE, said)[1]
        self.log = Path(re.search(r"(?m)^  log +(\S.*)$", said)[1])
        self.odoo = OdooSession(self.url, self.database, "admin", "admin")

    def get(self, path: str) -> bytes:
        with self.odoo._opener.open(self.url + path, timeout=120) as answer:
            return answer.read()

    def invoice(self, amount: int, day: str, due: str) -> dict:
        """Post an invoice of a new customer, Ontario's HST on top, and return it."""
        odoo = self.odoo
        partner = odoo.create("res.partner", name=f"Customer {amount}", email="a@example.com")
        tax = odoo.ref("account.1_hst_sale_tax_13")
        line = {"name": "Hosting", "price_unit": amount, "tax_ids": [[6, 0, [tax]]]}
        move = odoo.create(
            "account.move",
            move_type="out_invoice",
            partner_id=partner,
            invoice_date=day,
            invoice_date_due=due,
            invoice_line_ids=[[0, 0, line]],
        )
        odoo.call("account.move", "action_post", [move])
        return self.read("account.move", move, "name", "amount_total", "partner_id")

    def read(self, model: str, record: int, *fields: str) -> dict:
        return self.odoo.read(model, [["id", "=", record]], list(fields))[0]

    def transfer(self, reference: str, amount: float) -> int:
        """Enter one line of a bank statement."""
        [bank] = self.odoo.search("account.journal", [["type", "=", "bank"]], limit=1)
        values = {"journal_id": bank, "date": "2026-05-04"}
        return self.odoo.create(
            "account.bank.statement.line", **values, payment_ref=reference, amount=amount
        )

    def letter(self, communication: int) -> str:
        path = "/report/html/account_credit_control.report_credit_control_summary/"
        return self.get(f"{path}{communication}").decode()

    def aged(self, day: str) -> dict[str, list[float]]:
        """Return the aged receivables as the spreadsheet says them: a row per customer."""
        wizard = self.odoo.create(
            "aged.partner.balance.report.wizard",
            date_at=day,
            account_ids=[[6, 0, self._receivables()]],
        )
        action = self.odoo.call(
            "aged.partner.balance.report.wizard", "button_export_xlsx", [wizard]
        )
        options = quote(json.dumps(action["data"]))
        context = quote(json.dumps(action["context"]))
        path = f"/report/xlsx/{action['report_name']}?options={options}&context={context}"
        sheet = openpyxl.load_workbook(io.BytesIO(self.get(path))).active
        return {
            str(row[0]): [round(float(cell), 2) for cell in row[1:8]]
            for row in sheet.iter_rows(values_only=True)
            if row[0] and all(isinstance(cell, int | float) for cell in row[1:8])
        }

    def _receivables(self) -> list[int]:
        return self.odoo.search("account.account", [["account_type", "=", "asset_receivable"]])


@pytest.fixture(scope="module")
def started() -> Iterator[Started]:
    """The command as a person types it, until its last line; its database goes afterwards."""
    process = subprocess.Popen(
        [sys.executable, REPO / "fusion", *SERVE], stdout=subprocess.PIPE, text=True
    )
    said = ""
    try:
        for line in process.stdout:
            said += line
            if "Ctrl-C stops it" in line:
                break
        assert "Odoo answers at" in said, said
        yield Started(said)
    finally:
        process.terminate()
        process.communicate(timeout=60)
    databases.drop(postgres.ensure(), re.search(DATABASE, said)[1])


def test_the_command_says_where_to_click_and_each_place_is_there(started):
    places = re.findall(r"/odoo/action-(\S+)", started.said)

    assert len(places) == 5
    for place in places:
        action = started.odoo._rpc("/web/action/load", {"action_id": place})
        assert action["type"].startswith("ir.actions."), place


def test_the_sample_has_a_statement_with_one_line_matched_and_one_to_match(started):
    lines = started.odoo.read(
        "account.bank.statement.line",
        [["statement_id.name", "=", "Sample: bank statement of 20 March 2026"]],
        ["amount", "is_reconciled"],
    )

    assert sorted((line["amount"], line["is_reconciled"]) for line in lines) == [
        (113.0, False),
        (226.0, True),
    ]


def test_the_sample_has_a_letter_about_the_overdue_invoice_only(started):
    [letter] = started.odoo.read(
        "credit.control.communication",
        [["partner_id.name", "=", "Sample: Maple Motors"]],
        ["report_date", "total_due"],
    )

    assert (letter["report_date"], letter["total_due"]) == ("2026-03-31", 1130.0)
    page = started.letter(letter["id"])
    assert "Maple Motors" in page
    assert "1,130.00" in page
    assert "339.00" not in page


def test_the_sample_is_aged_by_the_days_since_each_due_date(started):
    # 1130 was due on 14 February, 45 days before; 113 and 339 are due in April.
    rows = started.aged("2026-03-31")

    assert rows["Sample: Cedar Clinic"] == [113.0, 113.0, 0, 0, 0, 0, 0]
    assert rows["Sample: Maple Motors"] == [1469.0, 339.0, 0, 1130.0, 0, 0, 0]
    assert "Sample: Birch Bakery" not in rows


def test_a_transfer_that_names_its_invoice_pays_it(started):
    invoice = started.invoice(700, "2026-04-20", "2026-05-20")

    line = started.transfer(invoice["name"], invoice["amount_total"])

    assert started.read("account.bank.statement.line", line, "is_reconciled")["is_reconciled"]
    paid = started.read("account.move", invoice["id"], "payment_state", "amount_residual")
    assert (paid["payment_state"], paid["amount_residual"]) == ("paid", 0.0)


def test_a_transfer_without_a_name_waits_and_pays_nothing(started):
    invoice = started.invoice(810, "2026-04-20", "2026-05-20")

    line = started.transfer("Thank you", invoice["amount_total"])

    assert not started.read("account.bank.statement.line", line, "is_reconciled")["is_reconciled"]
    unpaid = started.read("account.move", invoice["id"], "payment_state")
    assert unpaid["payment_state"] == "not_paid"


def test_a_dunning_run_writes_a_letter_about_a_late_invoice_and_none_about_a_paid_one(started):
    odoo = started.odoo
    late = started.invoice(920, "2026-04-01", "2026-05-01")
    paid = started.invoice(930, "2026-04-01", "2026-05-01")
    started.transfer(paid["name"], paid["amount_total"])
    policy = odoo.ref("account_credit_control.credit_control_3_time")

    run = odoo.create("credit.control.run", date="2026-06-15", policy_ids=[[6, 0, [policy]]])
    odoo.call("credit.control.run", "generate_credit_lines", [run])
    lines = odoo.read("credit.control.line", [["run_id", "=", run]], ["invoice_id", "level"])

    found = {line["invoice_id"][0]: line for line in lines}
    assert paid["id"] not in found
    assert found[late["id"]]["level"] == 1
    printer = odoo.create("credit.control.printer", line_ids=[[6, 0, [found[late["id"]]["id"]]]])
    odoo.call("credit.control.printer", "print_lines", [printer])
    [line] = odoo.read(
        "credit.control.line", [["id", "=", found[late["id"]]["id"]]], ["communication_id", "state"]
    )
    assert line["state"] == "sent"
    page = started.letter(line["communication_id"][0])
    assert late["name"] in page
    assert "1,039.60" in page


def test_the_aged_total_is_the_sum_of_what_is_unpaid(started):
    started.invoice(1000, "2026-01-01", "2026-01-31")
    day = "2026-06-30"

    rows = started.aged(day)

    open_lines = started.odoo.read(
        "account.move.line",
        [
            ["account_id", "in", started._receivables()],
            ["parent_state", "=", "posted"],
            ["reconciled", "=", False],
        ],
        ["amount_residual"],
    )
    expected = round(sum(line["amount_residual"] for line in open_lines), 2)
    customers = {name: row for name, row in rows.items() if "Customer" in name or "Sample" in name}
    assert round(sum(row[0] for row in customers.values()), 2) == expected
    assert rows["Customer 1000"] == [1130.0, 0, 0, 0, 0, 0, 1130.0]
    for row in customers.values():
        assert round(sum(row[1:]), 2) == row[0]


def test_nothing_of_it_writes_a_warning_or_an_error(started):
    accounting = re.compile(r" (WARNING|ERROR|CRITICAL) .*(account_|credit_control|report_xlsx)")

    assert not accounting.findall(started.log.read_text(errors="replace"))
