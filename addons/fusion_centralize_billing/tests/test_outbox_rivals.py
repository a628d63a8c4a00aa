"""Numbering and claiming with real rivals: own connections, real commits."""

from freezegun import freeze_time

from odoo import SUPERUSER_ID, api, fields
from odoo.modules.registry import Registry
from odoo.tests import tagged
from odoo.tests.common import BaseCase, get_db_name

from ..pipeline.deliver import ALLOW_PRIVATE, CLAIM
from .webhook_receiver import Receiver


@tagged("post_install", "-at_install")
class TestOutboxRivals(BaseCase):
    """Commits to the test database and removes what it made."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.registry = Registry(get_db_name())

    def setUp(self) -> None:
        super().setUp()
        self.receiver = Receiver()
        self.addCleanup(self.receiver.stop)
        with self.registry.cursor() as cr:
            env = self._env(cr)
            service = env["fusion.billing.service"].create(
                {"name": "Rivals", "code": "outbox-rivals", "webhook_url": self.receiver.url}
            )
            self.service_id, self.user_id = service.id, service.user_id.id
            self.allowed = env["ir.config_parameter"].get_param(ALLOW_PRIVATE)
            env["ir.config_parameter"].set_param(ALLOW_PRIVATE, "1")
        self.addCleanup(self._remove)

    def _remove(self) -> None:
        with self.registry.cursor() as cr:
            env = self._env(cr)
            env["ir.config_parameter"].set_param(ALLOW_PRIVATE, self.allowed)
            env["fusion.billing.service"].browse(self.service_id).unlink()  # webhooks cascade
            user = env["res.users"].with_context(active_test=False).browse(self.user_id)
            partner = user.partner_id
            user.unlink()
            partner.unlink()

    def _env(self, cr) -> api.Environment:
        return api.Environment(cr, SUPERUSER_ID, {})

    def _emit(self, cr, name: str):
        env = self._env(cr)
        service = env["fusion.billing.service"].browse(self.service_id)
        webhook = env["fusion.billing.outbox"]._emit(service, "a.b", "a", {"name": name})
        env.flush_all()
        return webhook

    def _publish(self) -> None:
        with self.registry.cursor() as cr:
            self._env(cr)["fusion.billing.outbox"]._publish()

    def _claim(self, cr, only: list[int] | None = None):
        env = self._env(cr)
        endpoint = env["fusion.billing.service"].browse(self.service_id).endpoint_ids
        return env["fusion.billing.deliver"]._claim(endpoint.id, 1, only)

    def _numbers(self) -> list[str]:
        """What a consumer that reads by sequence sees: names in order of their numbers."""
        with self.registry.cursor() as cr:
            cr.execute(
                """
                SELECT sequence, payload::jsonb #>> '{a,name}' FROM fusion_billing_webhook
                WHERE service_id = %s AND sequence > 0 ORDER BY sequence
                """,
                (self.service_id,),
            )
            return [f"{number} {name}" for number, name in cr.fetchall()]

    def test_a_commit_that_was_overtaken_gets_the_later_number(self):
        with self.registry.cursor() as slow:
            self._emit(slow, "slow")  # written first, so it has the smaller id
            with self.registry.cursor() as fast:
                self._emit(fast, "fast")
            self._publish()
            self.assertEqual(self._numbers(), ["1 fast"])
        self._publish()
        self.assertEqual(self._numbers(), ["1 fast", "2 slow"])

    def test_two_publishers_never_give_one_number_twice(self):
        with self.registry.cursor() as cr:
            self._emit(cr, "one")
        with self.registry.cursor() as first:
            self.assertEqual(self._env(first)["fusion.billing.outbox"]._publish(), 1)
            with self.registry.cursor() as cr:
                self._emit(cr, "two")
            with self.registry.cursor() as second:
                self.assertEqual(self._env(second)["fusion.billing.outbox"]._publish(), 0)
            self.assertEqual(self._numbers(), [])
        self.assertEqual(self._numbers(), ["1 one"])
        self._publish()
        self.assertEqual(self._numbers(), ["1 one", "2 two"])

    def test_a_row_that_one_worker_holds_is_skipped_by_the_other(self):
        with self.registry.cursor() as cr:
            self._emit(cr, "one")
            self._emit(cr, "two")
        self._publish()
        with self.registry.cursor() as first, self.registry.cursor() as second:
            held, free = (self._claim(cr) for cr in (first, second))
            self.assertEqual((held.sequence, free.sequence), (1, 2))
            self.assertFalse(self._claim(second, held.ids))
            first.rollback()
            second.rollback()

    def test_what_a_killed_worker_had_is_sent_once_its_claim_is_over(self):
        with self.registry.cursor() as cr:
            self._emit(cr, "one")
        self._publish()
        with self.registry.cursor() as killed:  # it committed its claim, posted, and died
            claimed = self._claim(killed)
            [parcel] = self._env(killed)["fusion.billing.deliver"]._parcels(claimed)
            self.assertEqual(parcel.send(allow_private=True).status, 200)
        with self.registry.cursor() as cr:
            deliver = self._env(cr)["fusion.billing.deliver"]
            self.assertEqual(deliver._deliver(), 0, "it may still be sending")
            with freeze_time(fields.Datetime.now() + CLAIM):
                self.assertEqual(deliver._deliver(), 1)
        first, second = self.receiver.received
        self.assertEqual(first.body, second.body)
        self.assertEqual(first.headers["webhook-id"], second.headers["webhook-id"])

    def test_the_real_cron_delivers_what_is_committed_and_nothing_else(self):
        with self.registry.cursor() as cr:
            self._emit(cr, "one")
            self._emit(cr, "two")
        with self.registry.cursor() as open_transaction:
            self._emit(open_transaction, "not yet")
            with self.registry.cursor() as cr:
                cron = self._env(cr).ref("fusion_centralize_billing.cron_deliver_webhooks")
                self.assertTrue(cron.method_direct_trigger())
            numbers = [request.headers["x-fusion-sequence"] for request in self.receiver.received]
            self.assertEqual(numbers, ["1", "2"])
            open_transaction.rollback()
        with self.registry.cursor() as cr:
            service = self._env(cr)["fusion.billing.service"].browse(self.service_id)
            self.assertEqual(service.webhook_ids.mapped("state"), ["delivered", "delivered"])
