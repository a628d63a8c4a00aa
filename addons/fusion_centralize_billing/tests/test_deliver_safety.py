import logging
import socket
import threading
from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.tests import tagged

from ..pipeline import outbound
from ..pipeline.outbound import is_public, post
from .test_deliver import NOW, DeliverCase

NOBODY = "http://127.0.0.1:9"  # the discard port: nothing listens there


@tagged("post_install", "-at_install")
class TestDeliverFairness(DeliverCase):
    """Services do not wait for each other."""

    def test_an_app_that_does_not_answer_yet_delays_no_other(self):
        maps = self.make_service("maps")
        fast = self.listen(maps)
        everything = threading.Event()
        fast.received = _Until(3, everything)
        # The slow app answers once the other one has all of its webhooks, and not before.
        self.receiver.received = _After(everything)
        slow = self.emit()
        quick = self.emit(maps) + self.emit(maps) + self.emit(maps)
        self.assertEqual(self.deliver._deliver(), 4)
        self.assertEqual(quick.mapped("state"), ["delivered"] * 3)
        self.assertEqual(slow.state, "delivered")
        self.assertTrue(self.receiver.received.in_time)

    def test_a_dead_service_costs_one_try_and_the_others_get_everything(self):
        maps = self.make_service("maps")
        alive = self.listen(maps)
        self.service.webhook_url = NOBODY
        dead = self.emit() + self.emit() + self.emit()
        for _ in range(3):
            self.emit(maps)
        self.assertEqual(self.deliver._deliver(), 4)
        self.assertEqual(len(alive.received), 3)
        self.assertEqual(dead.delivery_ids.sorted("sequence").mapped("attempts"), [1, 0, 0])
        self.assertEqual(dead[0].delivery_ids.last_error, "The connection failed or was cut")

    def test_who_just_cost_a_timeout_comes_last_in_the_next_run(self):
        maps = self.make_service("maps", webhook_url=self.receiver.url)
        self.service.webhook_url = NOBODY
        self.emit()
        self.emit()
        self.deliver._deliver()
        self.emit(maps)
        self.env["fusion.billing.outbox"]._publish()
        self.assertEqual(
            self.deliver._due_endpoints(), [maps.endpoint_ids.id, self.service.endpoint_ids.id]
        )

    def test_a_refused_webhook_does_not_hold_up_the_next_of_its_service(self):
        self.receiver.answer(422, 200)
        refused, fine = self.emit(), self.emit()
        self.deliver._deliver()
        self.assertEqual((refused.state, fine.state), ("pending", "delivered"))

    def test_the_limit_of_a_run_is_kept_and_the_rest_follows(self):
        webhooks = self.env["fusion.billing.webhook"].concat(*(self.emit() for _ in range(5)))
        self.assertEqual(self.deliver._deliver(limit=2), 2)
        self.assertEqual(webhooks.mapped("state").count("delivered"), 2)
        self.assertEqual(self.deliver._deliver(), 3)
        numbers = [int(r.headers["x-fusion-sequence"]) for r in self.receiver.received]
        self.assertEqual(numbers, [1, 2, 3, 4, 5])


@tagged("post_install", "-at_install")
class TestDeliverSafety(DeliverCase):
    """What never happens."""

    def test_a_redirect_is_a_failure_and_is_not_followed(self):
        target = self.listen(self.make_service("maps"))
        self.receiver.answer(302, Location=target.url)
        webhook = self.emit()
        self.deliver._deliver()
        self.assertEqual(webhook.delivery_ids.last_error, "HTTP 302: redirects are not followed")
        self.assertEqual((webhook.state, target.received), ("pending", []))

    def test_only_lagos_four_statuses_confirm(self):
        for status, state in ((201, "delivered"), (202, "delivered"), (203, "pending")):
            self.receiver.answer(status)
            webhook = self.emit()
            self.deliver._deliver()
            self.assertEqual((webhook.state, webhook.delivery_ids.last_status), (state, status))

    def test_a_private_address_is_refused_unless_allowed(self):
        self.allow_private("")
        webhook = self.emit()
        self.deliver._deliver()
        self.assertEqual(webhook.delivery_ids.last_error, "Refused: 127.0.0.1 is a private address")
        self.assertEqual((webhook.state, self.receiver.received), ("pending", []))

    def test_a_public_name_that_leads_to_a_private_peer_is_cut_before_a_byte_is_sent(self):
        self.allow_private("")
        public = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", 80))]
        self.emit()
        # The first look at the name says public; the connection then ends on this machine.
        with (
            patch.object(outbound.socket, "getaddrinfo", return_value=public),
            patch.object(outbound.HTTPConnection, "_new_conn", lambda _self: self._connected()),
        ):
            self.deliver._deliver()
        webhook = self.service.webhook_ids[:1]
        self.assertEqual(webhook.delivery_ids.last_error, "Refused: 127.0.0.1 is a private address")
        self.assertEqual(self.receiver.received, [])

    def _connected(self) -> socket.socket:
        host, _, port = self.receiver.url.split("/")[2].partition(":")
        sock = socket.socket()
        sock.connect((host, int(port)))
        return sock

    def test_private_ranges_in_every_disguise_are_known(self):
        private = (
            *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
            *("100.64.0.1", "0.0.0.0", "224.0.0.1", "::1", "fe80::1%eth0", "fc00::1"),
            *("::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"),
        )
        self.assertEqual([address for address in private if is_public(address)], [])
        self.assertTrue(is_public("8.8.8.8") and is_public("2606:4700::1111"))

    def test_only_http_and_https_are_addresses(self):
        for url in ("file:///etc/passwd", "ftp://127.0.0.1/", "//127.0.0.1", "http://[::1", "x"):
            outcome = post(url, b"{}", {}, allow_private=True)
            self.assertEqual(outcome.status, 0, url)
            self.assertIn("address", outcome.error)

    def test_without_a_secret_nothing_leaves(self):
        self.service.webhook_secret = False
        webhook = self.emit()
        self.deliver._deliver()
        self.assertEqual(webhook.delivery_ids.last_error, "webhook_secret: value_is_mandatory")
        self.assertEqual(self.receiver.received, [])

    def test_a_service_without_an_address_waits_and_then_gets_everything(self):
        self.service.webhook_url = False
        webhooks = self.emit() + self.emit()
        self.assertEqual(self.deliver._deliver(), 0)
        self.service.webhook_url = self.receiver.url
        self.assertEqual(self.deliver._deliver(), 2)
        self.assertEqual(webhooks.mapped("state"), ["delivered", "delivered"])

    def test_an_answer_that_never_ends_is_cut_at_the_deadline(self):
        silent = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(silent.close)
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        with patch.object(outbound, "TIMEOUT", 0.2):
            outcome = post(url, b"{}", {}, allow_private=True)
        self.assertEqual(outcome.status, 0)
        self.assertIn(outcome.error, ("No answer within 0 s", "The connection failed or was cut"))

    def test_no_secret_or_address_with_a_token_reaches_the_log_or_the_error(self):
        self.service.webhook_url = f"{NOBODY}/hook?token=s3cret"
        webhook = self.emit()
        with self.assertLogs(level=logging.DEBUG) as logs:
            logging.getLogger("odoo.addons.fusion_centralize_billing").debug("begin")
            self.deliver._deliver()
        ours = [line for line in logs.output if "fusion_centralize_billing" in line]
        self.assertNotIn("s3cret", "".join(ours) + webhook.delivery_ids.last_error)
        self.assertNotIn(self.service.webhook_secret, "".join(logs.output))

    def test_the_cron_delivers_and_commits_each_webhook(self):
        webhooks = self.emit() + self.emit()
        commits = []
        cron = type(self.env["ir.cron"])
        with patch.object(
            cron,
            "_commit_progress",
            lambda _self, processed=0, remaining=None: commits.append(processed) or 10.0,
        ):
            self.deliver.with_context(ir_cron_progress_id=1)._cron_deliver()
        self.assertEqual(webhooks.mapped("state"), ["delivered", "delivered"])
        self.assertEqual(commits, [0, 0, 2, 0], "what is claimed, and what came of it")

    def test_a_run_that_is_out_of_time_stops_after_the_batch_it_has(self):
        webhooks = self.env["fusion.billing.webhook"].concat(*(self.emit() for _ in range(12)))
        cron = type(self.env["ir.cron"])
        with patch.object(cron, "_commit_progress", lambda *_args, **_kwargs: 0.0):
            self.deliver.with_context(ir_cron_progress_id=1)._cron_deliver()
        self.assertEqual(webhooks.mapped("state").count("delivered"), 10)
        with freeze_time(NOW + timedelta(minutes=1)):
            self.assertEqual(self.deliver._deliver(), 2)


class _Until(list):
    """Received requests that set an event once there are enough of them."""

    def __init__(self, enough: int, reached: threading.Event) -> None:
        super().__init__()
        self.enough, self.reached = enough, reached

    def append(self, request) -> None:
        super().append(request)
        if len(self) >= self.enough:
            self.reached.set()


class _After(list):
    """Received requests that are answered after an event."""

    def __init__(self, event: threading.Event) -> None:
        super().__init__()
        self.event = event

    def append(self, request) -> None:
        super().append(request)
        self.in_time = self.event.wait(10)
