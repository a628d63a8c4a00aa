"""What holds for every route: keys, JSON, unknown paths, prefixes, no cookies."""

from odoo.tests import tagged

from .api_common import BASE, ApiCase

UNAUTHORIZED = (401, {"status": 401, "error": "Unauthorized"})


@tagged("post_install", "-at_install")
class TestApiProtocol(ApiCase):
    def test_health_needs_no_key_and_tells_no_secret(self) -> None:
        status, body = self.call("GET", "/health", key=None)
        self.assertEqual(status, 200)
        self.assertEqual(body, {"status": "ok", "version": body["version"], "database": "ok"})
        self.assertRegex(body["version"], r"^19\.0\.\d+\.\d+\.\d+$")

    def test_a_missing_wrong_or_revoked_key_is_401(self) -> None:
        self.assertEqual(self.call("GET", "/plans", key=None), UNAUTHORIZED)
        self.assertEqual(self.call("GET", "/plans", key="fbk_maps_wrong"), UNAUTHORIZED)
        self.assertEqual(self.call("GET", "/plans", key=None, Authorization="x"), UNAUTHORIZED)
        self.service.key_ids.action_revoke()
        self.assertEqual(self.call("GET", "/plans"), UNAUTHORIZED)

    def test_the_second_word_of_the_header_is_the_key_whatever_the_first_says(self) -> None:
        status, _body = self.call("GET", "/plans", key=None, Authorization=f"Token {self.key}")
        self.assertEqual(status, 200)

    def test_a_wrong_key_is_refused_before_the_body_is_looked_at(self) -> None:
        self.assertEqual(self.call("POST", "/events", key="no", raw=b"{"), UNAUTHORIZED)

    def test_a_read_only_key_reads_and_does_not_write(self) -> None:
        _key, read_only = self.env["fusion.billing.api.key"]._generate(
            self.service, "reader", scope="read"
        )
        self.assertEqual(self.call("GET", "/plans", key=read_only)[0], 200)
        status, body = self.call("POST", "/customers", {"customer": {}}, key=read_only)
        self.assertEqual((status, body["code"]), (403, "write_action_not_allowed_for_customer"))

    def test_the_request_runs_as_the_technical_user_of_the_service(self) -> None:
        self.customer()
        link = self.service.link_ids
        self.assertEqual(link.create_uid, self.service.user_id)

    def test_all_prefixes_and_doubled_slashes_reach_the_same_route(self) -> None:
        for base in (BASE, f"{BASE}/", f"{BASE}/api/v1", "/api/billing/api/v1"):
            with self.subTest(base=base):
                self.assertEqual(self.call("GET", "/plans", base=base)[0], 200)

    def test_unknown_paths_and_verbs_are_404_in_json(self) -> None:
        for method, path in (
            ("GET", "/nothing"),
            ("GET", "/nothing/at/all"),
            ("GET", "/"),
            ("PATCH", "/customers"),
            ("PATCH", "/events/batch"),
            ("OPTIONS", "/customers"),
            ("PATCH", "/plans/pro"),
        ):
            with self.subTest(method=method, path=path):
                self.assert_not_found(self.call(method, path), "resource_not_found")

    def test_what_is_not_json_is_400(self) -> None:
        for raw in (b"{", b"[1,", b'{"a":NaN}', b'{"a":1e999}', b'{"a":"\\u0000"}',
                    b'{"a":"\\ud800"}', b"[" * 100_000):  # fmt: skip
            with self.subTest(raw=raw[:12]):
                status, body = self.call("POST", "/customers", raw=raw)
                self.assertEqual(status, 400)
                self.assertEqual(set(body), {"status", "error"})

    def test_a_missing_or_empty_root_key_is_400_with_its_name(self) -> None:
        words = "BadRequest: param is missing or the value is empty or invalid"
        for path, root in (
            ("/customers", "customer"),
            ("/subscriptions", "subscription"),
            ("/events", "event"),
            ("/events/batch", "events"),
        ):
            for body in ({}, [], None, "text", 3):
                with self.subTest(path=path, body=body):
                    status, answer = self.call("POST", path, body)
                    self.assertEqual((status, answer["error"]), (400, f"{words}: {root}"))

    def test_a_nul_in_the_path_or_query_is_400(self) -> None:
        self.assertEqual(self.call("GET", "/plans/a%00b")[0], 400)
        self.assertEqual(self.call("GET", "/invoices?external_customer_id=%00")[0], 400)

    def test_an_error_inside_is_500_without_internals(self) -> None:
        model = type(self.env["fusion.billing.serialize"])
        self.patch(model, "_plan", lambda *args, **kwargs: 1 / 0)
        with self.assertLogs("odoo.http", "ERROR") as logs:
            answer = self.call("GET", "/plans")
        self.assertEqual(answer, (500, {"status": 500, "error": "Internal Server Error"}))
        self.assertNotIn(self.key, "".join(logs.output))

    def test_pages_are_counted_like_lago_counts_them(self) -> None:
        for number in range(3):
            self.make_plan(self.service, f"extra-{number}", 1.0)
        _status, body = self.call("GET", "/plans?page=2&per_page=3")
        self.assertEqual(len(body["plans"]), 1)
        self.assertEqual(
            body["meta"],
            {
                "current_page": 2,
                "next_page": None,
                "prev_page": 1,
                "total_pages": 2,
                "total_count": 4,
            },
        )
        _status, body = self.call("GET", "/invoices?page=0&per_page=x")
        self.assertEqual(
            body["meta"],
            {
                "current_page": 0,
                "next_page": None,
                "prev_page": None,
                "total_pages": 0,
                "total_count": 0,
            },
        )
