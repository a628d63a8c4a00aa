"""Deployments of the app → rows that people see on the subscription. They never bill."""

from typing import Any

from odoo import models

from .import_report import ImportReport
from .upsert import changes, create_each

NAMES = ("name", "region", "size", "status")


class BillingImportDeployments(models.AbstractModel):
    """Upserts by external id, in batches."""

    _name = "fusion.billing.import.deployments"
    _description = "Deployment import"

    def _write(
        self, service_sudo: models.BaseModel, rows: list[dict[str, Any]], report: ImportReport
    ) -> None:
        """Write one batch; one whose subscription was not imported is skipped, and counted."""
        subscription_ids = list({str(row["subscription_id"]) for row in rows})
        stage_sudo = self.env["fusion.billing.import.subscriptions"]
        orders = stage_sudo._orders(service_sudo, subscription_ids)
        model = self.env["fusion.billing.deployment"]
        domain = [("external_id", "in", [str(row["id"]) for row in rows])]
        known = {
            record.external_id: record
            for record in model.search([("service_id", "=", service_sudo.id), *domain])
        }
        new = []
        for row in rows:
            key, order = str(row["id"]), orders.get(str(row["subscription_id"]))
            if not order:
                report.add("deployments", key, "skipped")
                continue
            vals = {name: row[name] or False for name in NAMES} | {"order_id": order.id}
            if record := known.get(key):
                if different := changes(record, vals):
                    record.write(different)
                report.add("deployments", key, "updated" if different else "unchanged")
            else:
                new.append((key, vals | {"service_id": service_sudo.id, "external_id": key}))
        for key in create_each(
            model, new, lambda key, reason: report.add("deployments", key, "failed", reason)
        ):
            report.add("deployments", key, "created")
