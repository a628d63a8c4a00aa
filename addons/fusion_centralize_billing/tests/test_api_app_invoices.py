"""What an app billed by itself, told over HTTP: exact, safe to repeat, its own service's alone."""

from datetime import date

from odoo.tests import tagged

from .api_common import ApiCase

LINES = [
    {"kind": "base", "code": "pro", "amount": "20.00"},
    {"kind": "usage", "code": "bandwidth", "quantity": 1250.5, "amount": "12.525"},
    {"kind": "tax", "code": "HST", "rate": "13", "amount": 4.23},
]


def invoice(number: str = "A-1", **values) -> dict:
    return {
        "external_invoice_id": number,
        "external_subscription_id": "sub-1",
        "period_start": "2026-03-01",
        "period_end": "2026-04-01",
        "currency": "CAD",
        "lines": LINES,
        **values,
    }


@tagged("post_install", "-at_install")
class TestApiAppInvoices(ApiCase):
    def tell(self, *items: dict, key: str = ""):
        body = {"app_invoice": items[0]} if len(items) == 1 else {"app_invoices": [*items]}
        return self.call("POST", "/app_invoices", body, key=key)

    def told(self, query: str = "", key: str = "") -> list[str]:
        status, body = self.call("GET", f"/app_invoices{query}", key=key)
        self.assertEqual((status, len(body["app_invoices"])), (200, body["meta"]["total_count"]))
        return [each["external_invoice_id"] for each in body["app_invoices"]]

    def test_an_invoice_is_recorded_exactly_and_books_nothing(self) -> None:
        self.env.cr.execute("SELECT count(*) FROM account_move")
        before = self.env.cr.fetchone()
        status, body = self.tell(invoice(issued_on="2026-04-01", external_customer_id="acme"))
        self.assertEqual(status, 200)
        empty = {"quantity": None, "unit_amount": None, "rate": None, "name": None}
        expected = {
            "external_invoice_id": "A-1",
            "external_subscription_id": "sub-1",
            "external_customer_id": "acme",
            "period_start": "2026-03-01",
            "period_end": "2026-04-01",
            "issued_on": "2026-04-01",
            "currency": "CAD",
            "untaxed": "32.525",
            "tax": "4.23",
            "total": "36.755",
            "source": "api",
            "lines": [
                empty | {"kind": "base", "code": "pro", "amount": "20"},
                empty | {"kind": "usage", "code": "bandwidth", "quantity": "1250.5",
                         "amount": "12.525"},
                empty | {"kind": "tax", "code": "HST", "rate": "13", "amount": "4.23"},
            ],
        }  # fmt: skip
        self.assertEqual(body["app_invoices"], [expected | {"outcome": "created"}])
        _status, body = self.call("GET", "/app_invoices")
        self.assertEqual(body["app_invoices"], [expected])
        self.env.cr.execute("SELECT count(*) FROM account_move")
        self.assertEqual(self.env.cr.fetchone(), before)

    def test_the_same_again_changes_nothing_and_other_content_replaces(self) -> None:
        items = [invoice("A-1"), invoice("A-2", period_start="2026-04-01", period_end="2026-05-01")]
        changed = [items[0], items[1] | {"lines": LINES[:1]}]
        for sent, expected in (
            (items, ["created", "created"]),
            (items, ["unchanged", "unchanged"]),
            (changed, ["unchanged", "updated"]),
        ):
            status, body = self.tell(*sent)
            outcomes = [each["outcome"] for each in body["app_invoices"]]
            self.assertEqual((status, outcomes), (200, expected))
        self.assertEqual(len(body["app_invoices"][1]["lines"]), 1)

    def test_a_period_that_was_signed_off_stays_and_the_answer_says_so(self) -> None:
        self.tell(invoice())
        stage = self.env["fusion.billing.reconcile"]
        stage._run(self.service, date(2026, 3, 1), date(2026, 4, 1))
        row = self.env["fusion.billing.reconciliation"].search(
            [("service_id", "=", self.service.id)]
        )
        row.note = "agreed"
        row.action_sign_off()
        other, new = invoice(lines=LINES[:1]), invoice("A-9", lines=LINES[:1])
        _status, body = self.tell(other, new)
        found = [(each["outcome"], each["untaxed"]) for each in body["app_invoices"]]
        self.assertEqual(found, [("signed_off", "32.525"), ("signed_off", "20")])
        self.assertEqual(self.told(), ["A-1"])

    def test_every_wrong_field_is_named_and_nothing_is_written(self) -> None:
        wrong_lines = [{"kind": "gift", "amount": "ten"}, {"kind": "base"}]
        wrong = invoice("", period_start="2026-13-01", lines=wrong_lines)
        lines = {
            "0": {"kind": ["value_is_invalid"], "amount": ["value_is_invalid"]},
            "1": {"amount": ["value_is_mandatory"]},
        }
        details = {
            "external_invoice_id": ["value_is_mandatory"],
            "period_start": ["invalid_date"],
            "lines": lines,
        }
        self.assert_invalid(self.tell(wrong), **details)
        self.assert_invalid(self.tell(invoice(), wrong), **{"1": details})
        late = {"currency": ["value_is_invalid"], "period_end": ["value_is_out_of_range"]}
        bad = invoice("A-2", currency="XQX", period_end="2026-03-01")
        self.assert_invalid(self.tell(bad), **late)
        self.assert_invalid(self.tell(invoice(), bad), **{"1": late})
        twice = {"1": {"external_invoice_id": ["value_already_exist"]}}
        self.assert_invalid(self.tell(invoice(), invoice()), **twice)
        self.assertEqual(self.told(), [])

    def test_without_an_invoice_or_with_too_many_it_is_refused(self) -> None:
        self.assertEqual(self.call("POST", "/app_invoices", {})[0], 400)
        self.assertEqual(self.call("POST", "/app_invoices", {"app_invoice": [1]})[0], 400)
        self.service.batch_limit = 1
        answer = self.tell(invoice(), invoice("A-2"))
        self.assert_invalid(answer, app_invoices=["too_many_items"])
        empty = self.call("POST", "/app_invoices", {"app_invoices": []})
        self.assert_invalid(empty, app_invoices=["value_is_mandatory"])

    def test_lists_are_filtered_and_hold_nothing_of_another_service(self) -> None:
        _other, key = self.make_service("other")
        april = {"period_start": "2026-04-01", "period_end": "2026-05-01"}
        self.tell(invoice(), invoice("A-2", **april),
                  invoice("A-3", external_subscription_id="sub-2"))  # fmt: skip
        self.assertEqual(self.told(), ["A-2", "A-3", "A-1"])
        self.assertEqual(self.told("?external_subscription_id=sub-2"), ["A-3"])
        self.assertEqual(self.told("?period_from=2026-04-01"), ["A-2"])
        self.assertEqual(self.told("?period_to=2026-04-01"), ["A-3", "A-1"])
        _status, body = self.call("GET", "/app_invoices?per_page=2&page=2")
        self.assertEqual(body["meta"]["total_pages"], 2)
        self.assertEqual(self.told(key=key), [])
        # The same ids from another service are other invoices.
        _status, body = self.tell(invoice(), key=key)
        self.assertEqual(body["app_invoices"][0]["outcome"], "created")
        self.assertEqual(len(self.told(key=key)), 1)
        self.assertEqual(len(self.told()), 3)

    def test_a_key_that_only_reads_may_read(self) -> None:
        key = self.service.generate_key("reader")
        self.service.key_ids.sorted("id")[-1].scope = "read"
        self.assertEqual(self.told(key=key), [])
        status, body = self.tell(invoice(), key=key)
        self.assertEqual((status, body["code"]), (403, "write_action_not_allowed_for_app_invoice"))
