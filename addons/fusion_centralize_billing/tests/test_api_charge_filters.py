"""/plans/{code}/charges/{charge_code}/filters, by hand and with the unmodified client."""

from datetime import date, datetime
from unittest import skipUnless

from odoo.tests import tagged

from .api_billed_case import BilledCase
from .api_common import BASE

try:
    from lago_python_client import Client
    from lago_python_client.models import ChargeFilter
except ImportError:  # a test dependency only
    Client = None

PATH = "/plans/pro/charges/bandwidth-over/filters"
NOTHING = "1321c55a-da3a-8010-8000-0000ffffffff"


@tagged("post_install", "-at_install", "fc_filters")
class TestApiChargeFilters(BilledCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        charge = cls.env["fusion.billing.charge"].search([("code", "=", "bandwidth-over")])
        charge.write({"model": "standard", "unit_price": 0.05, "included_quantity": 0})

    def write(self, method: str, path: str = PATH, key: str = "", **values):
        return self.call(method, path, {"filter": values}, key=key)

    def made(self, region: str = "eu", amount: str = "0.1", **values) -> dict:
        status, body = self.write(
            "POST", values={"region": [region]}, properties={"amount": amount}, **values
        )
        self.assertEqual(status, 200, body)
        return body["filter"]

    def test_a_filter_is_made_read_changed_and_taken_away(self) -> None:
        eu = self.made(invoice_display_name="Europe")
        self.assertEqual(
            {name: value for name, value in eu.items() if name != "lago_id"},
            {
                "charge_code": "bandwidth-over",
                "invoice_display_name": "Europe",
                "properties": {"amount": "0.1"},
                "values": {"region": ["eu"]},
            },
        )
        us = self.made("us")
        body = self.ok("GET", PATH)
        self.assertEqual(body["filters"], [eu, us])
        self.assertEqual(body["meta"]["total_count"], 2)
        self.assertEqual(self.ok("GET", f"{PATH}?per_page=1&page=2")["filters"], [us])
        changed = self.write("PUT", f"{PATH}/{eu['lago_id']}", properties={"amount": "0.2"})[1]
        self.assertEqual(changed["filter"], eu | {"properties": {"amount": "0.2"}})
        self.assertEqual(self.ok("GET", f"{PATH}/{eu['lago_id']}"), changed)
        (charge, _calls) = self.ok("GET", "/plans/pro")["plan"]["charges"]
        self.assertEqual(charge["filters"], [changed["filter"], us])
        self.ok("DELETE", f"{PATH}/{eu['lago_id']}")
        self.assertEqual(self.ok("GET", PATH)["filters"], [us])
        gone = self.call("GET", f"{PATH}/{eu['lago_id']}")
        self.assert_not_found(gone, "charge_filter_not_found")
        self.assertEqual(len(self.told("plan.updated")), 4)

    def test_what_it_matches_may_change_and_its_fees_still_name_it(self) -> None:
        eu = self.made()
        self.push("t-eu", properties={"gb": "10", "region": "eu"})
        self.service.test_clock = datetime(2026, 5, 10, 15)
        self.bill(date(2026, 5, 10))

        def named() -> set:
            fees = self.ok("GET", "/fees?fee_type=charge")["fees"]
            return {fee["lago_charge_filter_id"] for fee in fees} - {None}

        self.assertEqual(named(), {eu["lago_id"]})
        changed = self.write("PUT", f"{PATH}/{eu['lago_id']}", values={"region": ["eu", "uk"]})[1]
        self.assertEqual(changed["filter"]["lago_id"], eu["lago_id"])
        self.assertEqual(named(), {eu["lago_id"]})
        self.assert_book_is_right()

    def test_a_filter_of_the_same_values_twice_is_refused(self) -> None:
        self.made()
        us = self.made("us")
        answer = self.write("POST", values={"region": ["eu"]}, properties={"amount": "1"})
        self.assert_invalid(answer, values=["value_already_exist"])
        answer = self.write("PUT", f"{PATH}/{us['lago_id']}", values={"region": "eu"})
        self.assert_invalid(answer, values=["value_already_exist"])

    def test_prices_and_values_are_checked_as_in_a_charge(self) -> None:
        answer = self.write("POST", values={"region": ["eu"]}, properties={"amount": 1})
        self.assert_invalid(answer, properties=["invalid_amount"])
        self.bandwidth.declared_filters = [{"key": "region", "values": ["eu"]}]
        answer = self.write("POST", values={"region": ["us"]}, properties={"amount": "1"})
        self.assert_invalid(answer, values=["value_is_invalid"])
        self.assertEqual(self.call("POST", PATH, {})[0], 400)

    def test_another_services_filters_are_404_like_nothing(self) -> None:
        eu = self.made()
        _other, key = self.make_service("other")
        for method, values in (("GET", None), ("PUT", {"filter": {"values": {"region": "x"}}}),
                               ("DELETE", None)):  # fmt: skip
            theirs = self.call(method, f"{PATH}/{eu['lago_id']}", values, key=key)
            self.assert_not_found(theirs, "plan_not_found")
            mine = self.call(method, f"{PATH}/{NOTHING}", values)
            self.assert_not_found(mine, "charge_filter_not_found")
        self.assert_not_found(self.call("GET", PATH, key=key), "plan_not_found")
        answer = self.write("POST", key=key, values={"region": "x"}, properties={"amount": "1"})
        self.assert_not_found(answer, "plan_not_found")
        answer = self.call("GET", "/plans/pro/charges/nothing/filters")
        self.assert_not_found(answer, "charge_not_found")
        calls = f"/plans/pro/charges/calls-over/filters/{eu['lago_id']}"
        self.assert_not_found(self.call("GET", calls), "charge_filter_not_found")

    @skipUnless(Client, "lago-python-client is not installed")
    def test_the_unmodified_client_writes_filters(self) -> None:
        self.env.flush_all()
        with self.allow_requests(all_requests=True):
            plans = Client(self.key, api_url=f"{self.base_url()}{BASE}/").plans
            where = ("pro", "bandwidth-over")
            eu = plans.create_charge_filter(
                *where, ChargeFilter(values={"region": ["eu"]}, properties={"amount": "3"})
            )
            shown = plans.find_charge_filter(*where, eu.lago_id)
            self.assertEqual(
                (shown.values, shown.properties), ({"region": ["eu"]}, {"amount": "3"})
            )
            changed = plans.update_charge_filter(
                *where, eu.lago_id, ChargeFilter(invoice_display_name="Europe")
            )
            self.assertEqual(changed.invoice_display_name, "Europe")
            listed = plans.find_all_charge_filters(*where)["filters"]
            self.assertEqual([own.lago_id for own in listed], [eu.lago_id])
            gone = plans.destroy_charge_filter(*where, eu.lago_id)
            self.assertEqual(gone.lago_id, eu.lago_id)
        self.env.invalidate_all()
        self.assertFalse(self.env["fusion.billing.charge.filter"].search([]))
