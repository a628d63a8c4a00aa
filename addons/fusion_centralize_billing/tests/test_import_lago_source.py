"""How Lago is read: pages, faults of the moment, faults that stay, and a key nobody sees."""

from unittest.mock import patch

from odoo.tests import tagged

from ..importers import lago
from ..pipeline import import_lago
from .lago_case import LagoCase
from .lago_server import KEY


@tagged("post_install", "-at_install")
class TestLagoSource(LagoCase):
    def source(self) -> lago.Lago:
        return lago.Lago(self.lago.url, KEY)

    def test_every_page_is_read(self) -> None:
        codes = [row["external_id"] for row in self.source().rows("subscriptions")]
        self.assertEqual(codes, ["s1", "s2", "s3", "s4", "s5"])
        pages = [path for _method, path in self.lago.seen if path.endswith("/subscriptions")]
        self.assertEqual(len(pages), 3)

    def test_a_fault_of_the_moment_is_tried_again(self) -> None:
        self.lago.failures = [429, 500]
        self.assertEqual(len(list(self.source().rows("customers"))), 3)

    def test_a_broken_page_keeps_nothing_of_the_run(self) -> None:
        whole, self.lago.answer = self.lago.answer, self.broken
        self.whole = whole
        report = self.run_import()
        self.assertIn("has not the shape of a page", " ".join(report["problems"]))
        self.assertFalse(self.env["fusion.billing.account.link"].search(
            [("service_id", "=", self.service.id)]
        ))  # fmt: skip

    def broken(self, path: str, query: dict) -> tuple[int, dict]:
        status, answer = self.whole(path, query)
        if path.endswith("/subscriptions") and query.get("page") == ["2"]:
            return status, {"subscriptions": None}
        return status, answer

    def test_what_is_no_json_or_no_right_is_said_in_a_sentence(self) -> None:
        self.lago.failures = ["<html>"]
        self.assertIn("not JSON", self.run_import("test")["problems"][0])
        self.lago.failures = [403]
        self.assertIn("may not read", self.run_import("test")["problems"][0])
        self.lago.failures = [500] * 4
        self.assertIn("500", self.run_import("test")["problems"][0])

    def test_the_key_is_in_no_message(self) -> None:
        key = "secret\nkey"
        self.parameters.set_param(lago.KEY, key)
        with patch.object(import_lago, "_logger") as logger:
            report = self.run_import("test")
        self.assertIn("cannot be reached", report["problems"][0])
        logger.info.assert_called_once()
        self.assertNotIn("secret", str(report) + str(logger.mock_calls))

    def test_missing_settings_and_a_missing_client_are_named(self) -> None:
        self.parameters.set_param(lago.KEY, False)
        self.assertIn(lago.KEY, self.run_import("test")["problems"][0])
        self.parameters.set_param(lago.KEY, KEY)
        with patch.dict("sys.modules", {"lago_python_client.services": None}):
            self.assertIn("pip install", self.run_import("test")["problems"][0])

    def test_a_test_of_the_connection_counts_and_writes_nothing(self) -> None:
        report = self.run_import("test")
        self.assertEqual(report["tables"]["customers"], 3)
        self.assertEqual(report["tables"]["subscriptions"], 5)
        self.assertFalse(self.order("s1"))
