import json
import uuid

from odoo.tests import tagged

from ..engine import decode
from ..pipeline.outbox import LOCK_SPACE
from .common import BillingCase


@tagged("post_install", "-at_install")
class TestOutbox(BillingCase):
    """What is written, and how it is numbered."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.outbox = cls.env["fusion.billing.outbox"]
        cls.env["fusion.billing.webhook"].search([("state", "=", "pending")]).unlink()

    def emit(self, service=None, **payload):
        return self.outbox._emit(service or self.service, "invoice.created", "invoice", payload)

    def test_the_payload_is_lagos_envelope_as_frozen_text(self):
        webhook = self.emit(number="INV/1", name="Zoé <b>")
        organization = json.loads(webhook.payload)["organization_id"]
        self.assertEqual(
            webhook.payload,
            '{"webhook_type":"invoice.created","object_type":"invoice",'
            f'"organization_id":"{organization}","invoice":{{"number":"INV/1","name":"Zoé <b>"}}}}',
        )
        self.assertEqual(decode(organization), ("service", self.service.id))

    def test_a_new_webhook_is_pending_unnumbered_and_has_its_own_id(self):
        one, other = self.emit(), self.emit()
        self.assertRecordValues(
            one + other, [{"state": "pending", "sequence": 0, "routed": False}] * 2
        )
        self.assertEqual(uuid.UUID(one.event_uuid).version, 4)
        self.assertNotEqual(one.event_uuid, other.event_uuid)

    def test_a_payload_that_is_no_json_is_refused_before_anything_is_written(self):
        before = self.env["fusion.billing.webhook"].search_count([])
        with self.assertRaises(ValueError):
            self.emit(value=float("nan"))
        with self.assertRaises(TypeError):
            self.emit(value=object())
        self.assertEqual(self.env["fusion.billing.webhook"].search_count([]), before)

    def test_a_change_that_rolls_back_leaves_no_webhook(self):
        before = self.env["fusion.billing.webhook"].search_count([])
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            self.emit()
            _ = 1 / 0
        self.assertEqual(self.env["fusion.billing.webhook"].search_count([]), before)

    def test_each_service_counts_from_one_without_gaps_in_order_of_writing(self):
        other = self.make_service("maps")
        mine = self.emit() + self.emit()
        theirs = self.emit(other)
        self.assertEqual(self.outbox._publish(), 3)
        self.assertEqual((mine.mapped("sequence"), theirs.sequence), ([1, 2], 1))
        later = self.emit()
        self.assertEqual(self.outbox._publish(), 1)
        self.assertEqual(later.sequence, 3)

    def test_publishing_again_numbers_nothing(self):
        self.emit()
        self.outbox._publish()
        self.assertEqual(self.outbox._publish(), 0)

    def test_a_service_that_another_worker_numbers_is_left_to_it(self):
        webhook = self.emit()
        self.env.flush_all()
        with self.registry._db.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", (LOCK_SPACE, self.service.id))
            self.assertEqual(self.outbox._publish(), 0)
            self.assertEqual(webhook.sequence, 0)
            cursor.rollback()
        self.assertEqual(self.outbox._publish(), 1)

    def test_one_transaction_wakes_the_delivery_once(self):
        cron = self.env.ref("fusion_centralize_billing.cron_deliver_webhooks")
        triggers = self.env["ir.cron.trigger"]
        self.env.cr.precommit.clear()
        before = triggers.search_count([("cron_id", "=", cron.id)])
        for _ in range(3):
            self.emit()
        self.assertEqual(triggers.search_count([("cron_id", "=", cron.id)]), before)
        self.env.cr.precommit.run()
        self.assertEqual(triggers.search_count([("cron_id", "=", cron.id)]), before + 1)
        self.emit()
        self.env.cr.precommit.run()
        self.assertEqual(triggers.search_count([("cron_id", "=", cron.id)]), before + 2)

    def test_the_technical_user_of_the_service_may_emit_for_it(self):
        service = self.service.with_user(self.service.user_id)
        webhook = service.env["fusion.billing.outbox"]._emit(service, "a.b", "a", {})
        self.assertEqual(webhook.service_id, self.service)
