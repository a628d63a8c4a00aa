"""/billable_metrics: an app writes what it counts."""

from odoo.tests import tagged

from .api_common import ApiCase


@tagged("post_install", "-at_install")
class TestApiCatalogueMetrics(ApiCase):
    def write(self, method: str, path: str = "", key: str = "", **values):
        body = {"billable_metric": values}
        return self.call(method, f"/billable_metrics{path}", body, key=key)

    def made(self, code: str = "storage", **values) -> dict:
        values = {"name": "Storage", "code": code, "aggregation_type": "sum_agg",
                  "field_name": "gb"} | values  # fmt: skip
        status, body = self.write("POST", **values)
        self.assertEqual(status, 200, body)
        return body["billable_metric"]

    def test_a_metric_is_made_with_every_key_of_lago(self) -> None:
        metric = self.made(
            description="At rest",
            recurring=True,
            rounding_function="ceil",
            rounding_precision="2",
            filters=[{"key": "region", "values": ["ca", "us"]}],
            unknown_key=1,
        )
        for name in ("lago_id", "created_at"):
            self.assertTrue(metric.pop(name))
        self.assertEqual(
            metric,
            {
                "name": "Storage",
                "code": "storage",
                "description": "At rest",
                "aggregation_type": "sum_agg",
                "field_name": "gb",
                "recurring": True,
                "weighted_interval": None,
                "expression": None,
                "rounding_function": "ceil",
                "rounding_precision": 2,
                "filters": [{"key": "region", "values": ["ca", "us"]}],
            },
        )

    def test_every_aggregation_of_lago_is_made_and_read_back(self) -> None:
        for word in ("count_agg", "sum_agg", "max_agg", "latest_agg", "unique_count_agg"):
            self.assertEqual(
                self.made(f"m-{word}", aggregation_type=word)["aggregation_type"], word
            )
        weighted = self.made("w", aggregation_type="weighted_sum_agg", weighted_interval="seconds")
        self.assertEqual(weighted["weighted_interval"], "seconds")
        _status, body = self.call("GET", "/billable_metrics/m-count_agg")
        self.assertIsNone(body["billable_metric"]["field_name"])

    def test_the_first_metric_of_a_bare_service_brings_a_taxed_product(self) -> None:
        bare, key = self.make_service("bare")
        values = {"name": "Calls", "aggregation_type": "count_agg"}
        self.assertEqual(self.write("POST", key=key, code="calls", **values)[0], 200)
        product = bare.usage_product_id
        self.assertEqual(product.taxes_id, self.env.company.account_sale_tax_id)
        self.assertEqual((product.name, product.recurring_invoice), ("Bare usage", False))
        self.assertEqual(self.write("POST", key=key, code="more", **values)[0], 200)
        self.assertEqual(bare.usage_product_id, product)

    def test_events_that_waited_for_the_metric_count_when_it_is_made(self) -> None:
        self.customer()
        self.subscribe()
        event = self.push("t-1", code="storage", properties={"gb": "7.5"})
        self.assertEqual(event["disposition"]["reason"], "unknown_metric")
        self.made()
        usage = self.env["fusion.billing.usage"].search([("service_id", "=", self.service.id)])
        self.assertRecordValues(usage, [{"total": 7.5}])

    def test_wrong_fields_are_named_with_lagos_codes(self) -> None:
        self.assert_invalid(
            self.write("POST", code="a/b", aggregation_type="custom_agg", rounding_precision=99),
            name=["value_is_mandatory"],
            code=["value_is_invalid"],
            aggregation_type=["value_is_invalid"],
            rounding_precision=["value_is_out_of_range"],
        )
        self.assert_invalid(
            self.write("POST", name="M", code="m", aggregation_type="max_agg", recurring=True),
            field_name=["value_is_mandatory"],
            recurring=["not_compatible_with_aggregation_type"],
        )
        self.assert_invalid(
            self.write("POST", name="M", code="m", aggregation_type="count_agg", expression="1"),
            expression=["not_supported"],
        )
        self.assert_invalid(
            self.write("POST", name="M", code="calls", aggregation_type="count_agg"),
            code=["value_already_exist"],
        )
        status, _body = self.call("POST", "/billable_metrics", {})
        self.assertEqual(status, 400)

    def test_the_list_has_pages_and_the_newest_first(self) -> None:
        self.made()
        status, body = self.call("GET", "/billable_metrics?per_page=2")
        self.assertEqual((status, len(body["billable_metrics"])), (200, 2))
        self.assertEqual(body["billable_metrics"][0]["code"], "storage")
        self.assertEqual((body["meta"]["total_count"], body["meta"]["next_page"]), (3, 2))

    def test_only_the_keys_that_are_sent_change_and_null_clears(self) -> None:
        self.made(description="At rest", rounding_function="ceil", rounding_precision=1)
        status, body = self.write("PUT", "/storage", name="Disk", rounding_function=None)
        self.assertEqual(status, 200, body)
        metric = body["billable_metric"]
        self.assertEqual((metric["name"], metric["description"]), ("Disk", "At rest"))
        self.assertIsNone(metric["rounding_function"])
        status, body = self.write("PUT", "/storage", code="disk", aggregation_type="max_agg")
        self.assertEqual(body["billable_metric"]["aggregation_type"], "max_agg")
        self.assert_not_found(
            self.call("GET", "/billable_metrics/storage"), "billable_metric_not_found"
        )
        self.assert_invalid(self.write("PUT", "/disk", code="calls"), code=["value_already_exist"])

    def test_on_a_plan_only_words_and_filters_change(self) -> None:
        status, body = self.write(
            "PUT", "/bandwidth", name="Traffic", code="x", aggregation_type="max_agg",
            filters=[{"key": "region", "values": ["ca"]}],
        )  # fmt: skip
        self.assertEqual(status, 200)
        metric = body["billable_metric"]
        self.assertEqual((metric["name"], metric["code"]), ("Traffic", "bandwidth"))
        self.assertEqual(metric["aggregation_type"], "sum_agg")
        self.assertEqual(metric["filters"], [{"key": "region", "values": ["ca"]}])

    def test_counted_usage_keeps_its_meaning(self) -> None:
        self.made()
        self.customer()
        self.subscribe()
        self.push("t-1", code="storage", properties={"gb": 3})
        self.assert_invalid(
            self.write("PUT", "/storage", aggregation_type="max_agg", field_name="mb"),
            aggregation_type=["metric_has_usage"],
            field_name=["metric_has_usage"],
        )
        status, body = self.write("PUT", "/storage", name="Disk", aggregation_type="sum_agg")
        self.assertEqual((status, body["billable_metric"]["name"]), (200, "Disk"))

    def test_a_metric_that_prices_a_running_subscription_stays(self) -> None:
        self.customer()
        self.subscribe()
        answer = self.call("DELETE", "/billable_metrics/bandwidth")
        self.assertEqual((answer[0], answer[1]["code"]), (405, "billable_metric_in_use"))
        self.assertTrue(self.bandwidth.active)

    def test_a_deleted_metric_is_gone_and_comes_back_with_its_usage(self) -> None:
        first = self.made()
        self.customer()
        self.subscribe()
        self.push("t-1", code="storage", properties={"gb": 3})
        status, body = self.call("DELETE", "/billable_metrics/storage")
        self.assertEqual((status, body["billable_metric"]["code"]), (200, "storage"))
        self.assert_not_found(
            self.call("GET", "/billable_metrics/storage"), "billable_metric_not_found"
        )
        late = self.push("t-2", code="storage", properties={"gb": 4})
        self.assertEqual(late["disposition"]["reason"], "unknown_metric")
        self.assert_invalid(
            self.write("POST", name="S", code="storage", aggregation_type="max_agg",
                       field_name="gb"),
            code=["value_already_exist"],
        )  # fmt: skip
        self.assertEqual(self.made()["lago_id"], first["lago_id"])
        usage = self.env["fusion.billing.usage"].search([("service_id", "=", self.service.id)])
        self.assertEqual(sum(usage.mapped("total")), 7.0)

    def test_a_metric_nobody_used_is_deleted_for_good(self) -> None:
        self.made()
        self.call("DELETE", "/billable_metrics/storage")
        metrics = self.env["fusion.billing.metric"].with_context(active_test=False)
        self.assertFalse(metrics.search([("code", "=", "storage")]))

    def test_another_services_metric_is_404_like_nothing(self) -> None:
        other, key = self.make_service("other")
        for method in ("GET", "DELETE"):
            mine = self.call(method, "/billable_metrics/bandwidth", key=key)
            self.assert_not_found(mine, "billable_metric_not_found")
        put = self.write("PUT", "/bandwidth", key=key, name="Stolen")
        self.assert_not_found(put, "billable_metric_not_found")
        self.assertEqual(self.call("GET", "/billable_metrics", key=key)[1]["billable_metrics"], [])
        self.assertEqual(self.bandwidth.name, "Bandwidth")
        self.assertFalse(other.metric_ids)
