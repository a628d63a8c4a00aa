import importlib.util
from pathlib import Path

from odoo.tests import tagged

from .test_deliver import DeliverCase

SCRIPT = Path(__file__).parents[1] / "migrations" / "19.0.1.2.0" / "post-webhook.py"
OLD = """
ALTER TABLE fusion_billing_service ADD COLUMN webhook_url varchar;
ALTER TABLE fusion_billing_webhook
    ADD COLUMN state varchar, ADD COLUMN url varchar, ADD COLUMN attempts int4,
    ADD COLUMN next_attempt_at timestamp, ADD COLUMN delivered_at timestamp,
    ADD COLUMN last_status int4, ADD COLUMN last_error varchar"""
ROW = """
INSERT INTO fusion_billing_webhook
       (service_id, event_uuid, webhook_type, object_type, payload, sequence, state, attempts)
VALUES (%s, %s, 'a.b', 'a', '{}', %s, %s, %s)"""


@tagged("post_install", "-at_install")
class TestWebhookMigration(DeliverCase):
    """A database with one address a service, as it was before there were endpoints."""

    def migrate(self) -> None:
        spec = importlib.util.spec_from_file_location("post_webhook", SCRIPT)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.migrate(self.env.cr, "19.0.1.1.0")
        self.env.invalidate_all()

    def test_addresses_become_main_endpoints_and_nothing_is_told_twice(self):
        url, cr = self.receiver.url, self.env.cr
        self.service.webhook_url = False
        silent = self.make_service("silent")
        self.env.flush_all()
        cr.execute(OLD)
        update = "UPDATE fusion_billing_service SET webhook_url = %s WHERE id = %s"
        cr.execute(update, (url, self.service.id))
        for number, state in enumerate(("delivered", "failed", "pending"), 1):
            cr.execute(ROW, (self.service.id, f"old-{state}", number, state, 2))
        cr.execute(ROW, (self.service.id, "old-new", None, "pending", 0))
        cr.execute(ROW, (silent.id, "old-silent", 1, "pending", 0))

        self.migrate()
        self.migrate()

        endpoint = self.service.endpoint_ids
        self.assertRecordValues(
            endpoint, [{"url": url, "main": True, "signature_algo": "hmac", "active": True}]
        )
        self.assertEqual(self.service.webhook_url, url)
        webhooks = self.service.webhook_ids.sorted("id")
        states = ["delivered", "failed", "pending", "pending"]
        self.assertEqual(webhooks.mapped("state"), states)
        self.assertEqual(webhooks.delivery_ids.mapped("attempts"), [2, 2, 2])
        self.assertEqual(self.deliver._deliver(), 2)
        told = [request.headers["webhook-id"] for request in self.receiver.received]
        self.assertEqual(told, ["old-pending", "old-new"])
        self.assertEqual(silent.webhook_ids.state, "pending")
