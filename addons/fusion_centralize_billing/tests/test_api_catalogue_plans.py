"""/plans: an app writes what it sells, and it bills."""

from datetime import date

from odoo.tests import tagged

from .api_common import ApiCase

TEAM = {
    "name": "Team",
    "code": "team",
    "interval": "monthly",
    "amount_cents": 4999,
    "amount_currency": "CAD",
    "pay_in_advance": True,
    "charges": [],
}


@tagged("post_install", "-at_install")
class TestApiCataloguePlans(ApiCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        serialize = cls.env["fusion.billing.serialize"]
        cls.gb_id = serialize._id("metric", cls.bandwidth)
        cls.calls_id = serialize._id("metric", cls.calls)

    def write(self, method: str, path: str = "", key: str = "", **values):
        return self.call(method, f"/plans{path}", {"plan": values}, key=key)

    def made(self, **values) -> dict:
        values = TEAM | values
        status, body = self.write("POST", **values)
        self.assertEqual(status, 200, body)
        return body["plan"]

    def charge(self, **values) -> dict:
        return {"billable_metric_id": self.gb_id, "charge_model": "standard",
                "properties": {"amount": "0.0123"}} | values  # fmt: skip

    def refused(self, **values):
        return self.write("POST", name="X", code="x", interval="monthly", amount_cents=1,
                          amount_currency="CAD", pay_in_advance=True, **values)  # fmt: skip

    def test_a_plan_made_by_api_bills_to_the_cent(self) -> None:
        ranges = [
            {"from_value": 0, "to_value": 10, "per_unit_amount": "0", "flat_amount": "2"},
            {"from_value": 11, "to_value": None, "per_unit_amount": "0.055", "flat_amount": "0"},
        ]
        self.made(
            pay_in_advance=False,
            charges=[
                self.charge(),
                self.charge(
                    billable_metric_id=self.calls_id,
                    charge_model="graduated",
                    properties={"graduated_ranges": ranges},
                ),
            ],
        )
        self.customer()
        self.subscribe(plan_code="team")
        self.push("t-1", properties={"gb": "1234.5"}, timestamp=1773160000)
        for number in range(13):
            self.push(f"c-{number}", code="calls", timestamp=1773160000)
        self.env["fusion.billing.invoice"]._run(self.service, date(2026, 4, 10))
        _status, body = self.call("GET", "/invoices")
        # 49.99 + round(1234.5 × 0.0123 = 15.18435) + round(2 + 3 × 0.055 = 2.165)
        self.assertEqual(body["invoices"][0]["fees_amount_cents"], 4999 + 1518 + 217)

    def test_every_model_is_read_back_as_it_was_sent(self) -> None:
        flat = {"flat_amount": "1.5"}
        low, high = {"from_value": 0, "to_value": 100}, {"from_value": 100, "to_value": None}
        step = {"per_unit_amount": "0.5"} | flat
        sent = {
            "standard": {"amount": "12.5", "pricing_group_keys": ["region"]},
            "graduated": {"graduated_ranges": [low | step, high | step]},
            "volume": {"volume_ranges": [low | step, high | step]},
            "package": {"amount": "30", "package_size": 100, "free_units": 10},
            "percentage": {
                "rate": "2.9",
                "fixed_amount": "0.3",
                "free_units_per_events": 3,
                "free_units_per_total_aggregation": "50",
                "per_transaction_min_amount": "1",
                "per_transaction_max_amount": "20",
            },
            "graduated_percentage": {
                "graduated_percentage_ranges": [low | flat | {"rate": "1"},
                                                high | flat | {"rate": "0.5"}]
            },
            "dynamic": {},
        }  # fmt: skip
        plan = self.made(
            charges=[self.charge(charge_model=m, properties=p) for m, p in sent.items()]
        )
        read = {charge["charge_model"]: charge["properties"] for charge in plan["charges"]}
        self.assertEqual(read, sent)
        codes = [charge["code"] for charge in plan["charges"]]
        self.assertEqual(codes[:3], ["bandwidth", "bandwidth_2", "bandwidth_3"])

    def test_a_plan_shows_everything_that_was_sent(self) -> None:
        plan = self.made(
            interval="quarterly",
            amount_currency="usd",
            invoice_display_name="The team",
            description="For ten",
            metadata={"tier": "2"},
            minimum_commitment={"amount_cents": 100000, "invoice_display_name": "Least"},
            trial_period=14.0,
            charges=[
                self.charge(
                    code="traffic",
                    min_amount_cents="500",
                    invoice_display_name="Traffic",
                    filters=[{"values": {"region": ["ca", "us"]}, "properties": {"amount": "1"},
                              "invoice_display_name": "North"}],
                )
            ],
        )  # fmt: skip
        self.assertEqual((plan["interval"], plan["amount_currency"]), ("quarterly", "USD"))
        self.assertEqual((plan["amount_cents"], plan["metadata"]), (4999, {"tier": "2"}))
        self.assertEqual(plan["invoice_display_name"], "The team")
        self.assertEqual((plan["description"], plan["trial_period"]), ("For ten", 14.0))
        self.assertEqual(plan["minimum_commitment"]["amount_cents"], 100000)
        [charge] = plan["charges"]
        self.assertEqual((charge["code"], charge["min_amount_cents"]), ("traffic", 500))
        [own] = charge["filters"]
        self.assertEqual(own["values"], {"region": ["ca", "us"]})
        self.assertEqual((own["properties"], own["invoice_display_name"]),
                         ({"amount": "1"}, "North"))  # fmt: skip

    def test_wrong_fields_of_a_plan_are_named(self) -> None:
        self.assert_invalid(
            self.write("POST", name="", code="a?b", interval="daily", amount_cents=-1,
                       amount_currency="XXZ", trial_period="14.5", tax_codes=["hst"]),
            name=["value_is_mandatory"],
            code=["value_is_invalid"],
            interval=["value_is_invalid"],
            amount_cents=["value_is_out_of_range"],
            amount_currency=["value_is_invalid"],
            pay_in_advance=["value_is_mandatory"],
            trial_period=["value_is_invalid"],
            tax_codes=["not_supported"],
        )  # fmt: skip
        answer = self.write("POST", name="P", code="pro", interval="monthly", amount_cents=1,
                            amount_currency="CAD", pay_in_advance=True)  # fmt: skip
        self.assert_invalid(answer, code=["value_already_exist"])

    def test_prices_follow_lagos_rules_and_a_refused_plan_leaves_nothing(self) -> None:
        gap = [
            {"from_value": 0, "to_value": 5, "per_unit_amount": "1", "flat_amount": "0"},
            {"from_value": 9, "to_value": None, "per_unit_amount": "1", "flat_amount": "0"},
        ]
        for model, properties, code in (
            ("standard", {"amount": 5}, "invalid_amount"),
            ("standard", {}, "invalid_amount"),
            ("standard", {"amount": "-1"}, "invalid_amount"),
            ("standard", {"amount": "0.12345678901234567890"}, "invalid_amount"),
            ("graduated", {}, "missing_graduated_ranges"),
            ("graduated", {"graduated_ranges": gap}, "invalid_graduated_ranges"),
            ("volume", {"volume_ranges": gap[:1]}, "invalid_volume_ranges"),
            ("package", {"amount": "1", "package_size": "9"}, "invalid_package_size"),
            ("percentage", {"rate": 2}, "invalid_rate"),
        ):  # fmt: skip
            charge = self.charge(charge_model=model, properties=properties)
            status, body = self.refused(charges=[charge])
            self.assertEqual(status, 422)
            self.assertIn(code, body["error_details"]["properties"])
        self.assert_not_found(self.call("GET", "/plans/x"), "plan_not_found")
        self.assertFalse(self.env["product.product"].search([("name", "=", "X")]))

    def test_charges_that_do_not_fit_their_metric_are_refused(self) -> None:
        self.assert_invalid(
            self.refused(charges=[self.charge(prorated=True)]),
            prorated=["invalid_billable_metric_or_charge_model"],
        )
        dynamic = self.charge(billable_metric_id=self.calls_id, charge_model="dynamic")
        self.assert_invalid(
            self.refused(charges=[dynamic]),
            charge_model=["invalid_aggregation_type_or_charge_model"],
        )
        answer = self.refused(charges=[self.charge(pay_in_advance=True)])
        self.assert_invalid(answer, charges={"0": {"pay_in_advance": ["not_supported"]}})
        answer = self.refused(charges=[self.charge(billable_metric_id="nothing")])
        self.assert_not_found(answer, "billable_metrics_not_found")

    def test_charges_are_a_set_known_by_their_ids(self) -> None:
        plan = self.made(charges=[self.charge(), self.charge(billable_metric_id=self.calls_id)])
        first = plan["charges"][0]["lago_id"]
        status, body = self.write(
            "PUT", "/team",
            charges=[self.charge(id=first, properties={"amount": "7"}), self.charge(code="new")],
        )  # fmt: skip
        self.assertEqual(status, 200, body)
        charges = body["plan"]["charges"]
        self.assertEqual([c["code"] for c in charges], ["bandwidth", "new"])
        self.assertEqual(charges[0]["lago_id"], first)
        self.assertEqual(charges[0]["properties"], {"amount": "7"})
        status, body = self.write("PUT", "/team", name="Renamed")
        self.assertEqual((body["plan"]["name"], len(body["plan"]["charges"])), ("Renamed", 2))
        _status, body = self.write("PUT", "/team", charges=[])
        self.assertEqual(body["plan"]["charges"], [])
        stranger = self.env["fusion.billing.serialize"]._id("charge", self.plan.x_fc_charge_ids[0])
        answer = self.write("PUT", "/team", charges=[self.charge(id=stranger)])
        self.assert_not_found(answer, "charge_not_found")

    def test_a_new_fee_is_on_the_next_bill_of_who_pays_the_old_one(self) -> None:
        self.made()
        self.customer()
        self.subscribe(plan_code="team")
        self.subscribe("sub-2", plan_code="team")
        order = self.service.subscription_ids.filtered(lambda o: o.x_fc_external_id == "sub-2")
        order.order_line.price_unit = 40.0
        status, body = self.write("PUT", "/team", amount_cents=5999, interval="yearly")
        self.assertEqual((status, body["plan"]["interval"]), (200, "monthly"))
        fees = {
            sub["external_id"]: sub["plan_amount_cents"]
            for sub in self.call("GET", "/subscriptions")[1]["subscriptions"]
        }
        self.assertEqual(fees, {"sub-1": 5999, "sub-2": 4000})

    def test_a_plan_nobody_has_changes_wholly_and_is_deleted_for_good(self) -> None:
        self.made(charges=[self.charge()])
        status, body = self.write("PUT", "/team", code="crew", interval="yearly",
                                  amount_currency="USD", amount_cents=10)  # fmt: skip
        self.assertEqual(status, 200, body)
        plan = body["plan"]
        self.assertEqual((plan["code"], plan["interval"], plan["amount_currency"]),
                         ("crew", "yearly", "USD"))  # fmt: skip
        self.assertEqual(len(plan["charges"]), 1)
        status, body = self.call("DELETE", "/plans/crew")
        self.assertEqual((status, body["plan"]["code"]), (200, "crew"))
        self.assert_not_found(self.call("GET", "/plans/crew"), "plan_not_found")
        self.made(code="crew")

    def test_a_deleted_plan_ends_what_runs_on_it(self) -> None:
        self.made()
        self.customer()
        self.subscribe(plan_code="team")
        status, _body = self.call("DELETE", "/plans/team")
        self.assertEqual(status, 200)
        _status, body = self.call("GET", "/subscriptions?status[]=terminated")
        self.assertEqual([s["external_id"] for s in body["subscriptions"]], ["sub-1"])
        self.assert_not_found(self.call("GET", "/plans/team"), "plan_not_found")

    def test_charges_one_by_one(self) -> None:
        body = {"charge": self.charge(code="extra")}
        status, made = self.call("POST", "/plans/pro/charges", body)
        self.assertEqual((status, made["charge"]["code"]), (200, "extra"))
        again = self.call("POST", "/plans/pro/charges", body)
        self.assert_invalid(again, code=["value_already_exist"])
        status, listed = self.call("GET", "/plans/pro/charges?per_page=2")
        self.assertEqual((len(listed["charges"]), listed["meta"]["total_count"]), (2, 3))
        body = {"charge": {"properties": {"amount": "9"}}}
        status, changed = self.call("PUT", "/plans/pro/charges/extra", body)
        self.assertEqual((status, changed["charge"]["properties"]), (200, {"amount": "9"}))
        status, gone = self.call("DELETE", "/plans/pro/charges/extra")
        self.assertEqual((status, gone["charge"]["lago_id"]), (200, made["charge"]["lago_id"]))
        answer = self.call("GET", "/plans/pro/charges/extra")
        self.assert_not_found(answer, "charge_not_found")

    def test_another_services_plan_is_404_like_nothing(self) -> None:
        other, key = self.make_service("other")
        body = {"charge": self.charge()}
        for method, path, sent in (
            ("PUT", "", {"plan": {"name": "Stolen"}}),
            ("DELETE", "", None),
            ("GET", "/charges", None),
            ("POST", "/charges", body),
            ("GET", "/charges/bandwidth-over", None),
            ("PUT", "/charges/bandwidth-over", body),
            ("DELETE", "/charges/bandwidth-over", None),
        ):
            mine = self.call(method, f"/plans/pro{path}", sent, key=key)
            self.assert_not_found(mine, "plan_not_found")
            self.assertEqual(mine, self.call(method, f"/plans/nope{path}", sent, key=key))
        stolen = self.write("POST", key=key, name="T", code="t", interval="monthly",
                            amount_cents=1, amount_currency="CAD", pay_in_advance=True,
                            charges=[self.charge()])  # fmt: skip
        self.assert_not_found(stolen, "billable_metrics_not_found")
        self.assertEqual((self.plan.name, len(self.plan.x_fc_charge_ids)), ("Pro", 2))
        self.assertFalse(other.plan_ids)
