"""Rate limits over HTTP: so many requests a key, then 429 until the window ends."""

from datetime import datetime, timedelta
from unittest import skipUnless

from freezegun import freeze_time

from odoo.exceptions import ConcurrencyError
from odoo.service import model as odoo_model
from odoo.tests import tagged

from ..controllers.dispatcher import BillingDispatcher
from ..models import rate_window
from .api_common import BASE, ApiCase

try:
    from lago_python_client import Client
    from lago_python_client.exceptions import LagoRateLimitError
except ImportError:  # a test dependency only: an installation without it runs all other tests
    Client = None

START = datetime(2026, 3, 10, 15, 30, 0)
REFUSED = {"status": 429, "error": "Too Many Requests", "code": "too_many_requests"}


@tagged("post_install", "-at_install")
class TestApiRateLimit(ApiCase):
    def setUp(self) -> None:
        super().setUp()
        self.service.rate_limit = 3
        self.service.flush_recordset()

    def ask(self, path: str = "/plans", *, key: str = "", at: float = 0, **options):
        """The answer ``at`` seconds into the first window."""
        headers = {"Authorization": f"Bearer {key or self.key}"}
        self.env.flush_all()
        with freeze_time(START + timedelta(seconds=at)):
            answer = self.url_open(f"{BASE}{path}", headers=headers, **options)
        self.env.invalidate_all()
        return answer

    def told(self, answer) -> tuple:
        names = ("limit", "remaining", "reset")
        rate = tuple(answer.headers.get(f"x-ratelimit-{name}") for name in names)
        return answer.status_code, *rate, answer.headers.get("Retry-After")

    def test_the_request_after_the_last_is_429_until_the_window_ends(self) -> None:
        for remaining in ("2", "1", "0"):
            self.assertEqual(self.told(self.ask(at=1)), (200, "3", remaining, "9", None))
        refused = self.ask(at=7.4)
        self.assertEqual(self.told(refused), (429, "3", "0", "3", "3"))
        self.assertEqual(refused.json(), REFUSED)
        self.assertEqual(self.told(self.ask(at=9.9)), (429, "3", "0", "1", "1"))
        self.assertEqual(self.told(self.ask(at=10)), (200, "3", "2", "10", None))

    def test_requests_that_fail_count_and_say_where_the_key_stands(self) -> None:
        self.assertEqual(self.told(self.ask("/plans/none")), (404, "3", "2", "10", None))
        self.assertEqual(self.told(self.ask("/fees/none")), (404, "3", "1", "10", None))
        wrong = self.ask("/customers", data=b"{", method="POST")
        self.assertEqual(self.told(wrong), (400, "3", "0", "10", None))

    def test_a_write_that_is_refused_writes_nothing(self) -> None:
        for _turn in range(3):
            self.ask()
        body = b'{"customer": {"external_id": "late"}}'
        self.assertEqual(self.ask("/customers", data=body, method="POST").status_code, 429)
        self.assertFalse(self.service.link_ids)
        again = self.ask("/customers", data=body, method="POST", at=10)
        self.assertEqual(again.status_code, 200)

    def test_a_key_may_have_a_limit_of_its_own_and_another_key_counts_for_itself(self) -> None:
        key, plaintext = self.env["fusion.billing.api.key"]._generate(self.service, "agent")
        key.write({"own_rate_limit": True, "rate_limit": 1})
        self.assertEqual(self.told(self.ask(key=plaintext))[:3], (200, "1", "0"))
        self.assertEqual(self.ask(key=plaintext).status_code, 429)
        self.assertEqual(self.told(self.ask())[:3], (200, "3", "2"))
        key.rate_limit = 0
        self.assertEqual(self.told(self.ask(key=plaintext)), (200, None, None, None, None))

    def test_without_a_limit_nothing_is_counted_and_nothing_said(self) -> None:
        self.service.rate_limit = 0
        self.assertEqual(self.told(self.ask()), (200, None, None, None, None))
        self.env.cr.execute(
            "SELECT count(*) FROM fusion_billing_rate_window WHERE key_id = %s",
            [self.service.key_ids.id],
        )
        self.assertEqual(self.env.cr.fetchone(), (0,))

    def test_a_wrong_key_is_not_counted(self) -> None:
        self.assertEqual(self.told(self.ask(key="wrong")), (401, None, None, None, None))

    def test_a_request_that_odoo_tries_again_counts_once(self) -> None:
        plain, tries = BillingDispatcher._perform, []

        def perform(dispatcher, *args):
            tries.append(1)
            if len(tries) == 1:
                raise ConcurrencyError("a rival was faster")
            return plain(dispatcher, *args)

        self.patch(BillingDispatcher, "_perform", perform)
        self.patch(odoo_model.random, "uniform", lambda _least, _most: 0.0)
        self.assertEqual(self.told(self.ask())[:3], (200, "3", "2"))
        self.assertEqual(len(tries), 2)

    def test_a_clock_that_is_behind_counts_in_the_window_that_has_begun(self) -> None:
        key = self.service.key_ids
        with freeze_time(START + timedelta(seconds=10)):
            first = self.count(key)
        with freeze_time(START + timedelta(seconds=9)):
            second = self.count(key)
        self.assertEqual((first.requests, second.requests), (1, 2))
        self.assertEqual((first.reset, second.reset), (10, 11))

    def count(self, key) -> rate_window.Rate:
        with self.registry.cursor() as cr:
            return rate_window.count(cr, key.id, 3)

    @skipUnless(Client, "lago-python-client is not installed")
    def test_lagos_client_reads_where_it_stands_and_the_refusal(self) -> None:
        seen = []
        client = Client(
            self.key,
            api_url=f"{self.base_url()}{BASE}/",
            max_retries=0,
            on_rate_limit_info=seen.append,
        )
        self.env.flush_all()
        with freeze_time(START), self.allow_requests(all_requests=True):
            for _turn in range(3):
                client.plans.find_all()
            with self.assertRaises(LagoRateLimitError) as refused:
                client.plans.find_all()
        self.assertEqual([(info.limit, info.remaining) for info in seen], [(3, 2), (3, 1), (3, 0)])
        error = refused.exception
        self.assertEqual((error.limit, error.remaining, error.reset), (3, 0, 10))
