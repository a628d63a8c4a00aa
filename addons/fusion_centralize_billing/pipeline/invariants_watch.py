"""Checks the book each day, keeps what does not hold, and calls a person once for what is new."""

import logging

from odoo import api, fields, models

from .invariants import Violation

_logger = logging.getLogger(__name__)

ACTIVITY = "mail.mail_activity_data_warning"
MANAGER = "fusion_centralize_billing.group_fusion_billing_manager"

Key = tuple[str, str, int]


class BillingInvariantsWatch(models.AbstractModel):
    _name = "fusion.billing.invariants.watch"
    _description = "Daily Check of the Book"

    @api.model
    def _cron_check(self) -> None:
        """Every active service, each committed by itself."""
        services = self.env["fusion.billing.service"].search([("active", "=", True)])
        cron = self.env["ir.cron"]
        left = cron._commit_progress(remaining=len(services))
        for service in services:
            if not left:
                return
            self._watch(service)
            left = cron._commit_progress(1)

    @api.model
    def _watch(self, service: models.BaseModel) -> tuple[int, int]:
        """Check one service. Repeatable: what is listed already calls nobody again.

        :return: how many findings are new (or back), and how many are gone
        """
        now = fields.Datetime.now()
        violations = {
            _key(each): each for each in self.env["fusion.billing.invariants"]._check(service)
        }
        findings = self.env["fusion.billing.invariant.finding"]
        known = {
            (row.rule, row.place, row.order_id.id or 0): row
            for row in findings.search([("service_id", "=", service.id)])
        }
        new = findings.browse()
        for key, violation in violations.items():
            row = known.get(key, findings)
            values = {"expected": violation.expected, "found": violation.found, "seen_at": now}
            if row.state != "open":
                values |= {"state": "open", "found_at": now, "closed_at": False}
            if row:
                new |= row.filtered(lambda row: row.state != "open")
                row.write(values)
            else:
                new |= findings.create(self._vals(service, key, values))
        gone = findings.union(
            *(row for key, row in known.items() if key not in violations and row.state == "open")
        )
        gone.write({"state": "closed", "closed_at": now})
        gone.activity_feedback([ACTIVITY])
        self._alarm(service, new)
        if new:
            _logger.info("%s: %s new broken invariants", service.code, len(new))
        return len(new), len(gone)

    def _vals(self, service: models.BaseModel, key: Key, values: dict) -> dict:
        rule, place, order_id = key
        owner = {"service_id": service.id, "order_id": order_id or False}
        return {**owner, "rule": rule, "place": place, **values}

    def _alarm(self, service: models.BaseModel, new: models.BaseModel) -> None:
        """One activity for all that is new, for a billing administrator of the company."""
        if not new:
            return
        users = self.env.ref(MANAGER).all_user_ids.filtered(
            lambda user: service.company_id in user.company_ids and user.active and not user.share
        )
        new[0].activity_schedule(
            ACTIVITY,
            user_id=(users[:1] or self.env.user).id,
            note=self.env._(
                "%(count)s things in the book of %(service)s do not add up. See Fusion Billing → "
                "Billing → Checks of the book.",
                count=len(new),
                service=service.name,
            ),
        )


def _key(violation: Violation) -> Key:
    return violation.rule, violation.where, violation.subscription_id or 0
