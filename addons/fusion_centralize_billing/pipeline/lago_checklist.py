"""Can Lago be switched off? Every point by a query, here or in Lago, and each with its reason."""

from datetime import timedelta
from typing import Any

from odoo import models

from ..importers.errors import SourceError
from ..importers.lago import Lago

QUIET_DAYS = "fusion_billing.lago_quiet_days"
SHOWN = 5


class BillingLagoChecklist(models.AbstractModel):
    """Asks and answers; changes nothing, here or there."""

    _name = "fusion.billing.lago.checklist"
    _description = "Lago checklist"

    def _points(self, service: models.BaseModel) -> list[dict[str, Any]]:
        """``[{"point": question, "ok": bool, "reason": sentence}]``, in a fixed order."""
        service_sudo = service.sudo().with_company(service.sudo().company_id)
        stage_sudo = self.with_env(service_sudo.env)
        points = stage_sudo._here(service_sudo)
        try:
            source = self.env["fusion.billing.import.lago"]._source()
            points = stage_sudo._there(service_sudo, source) + points
        except SourceError as error:
            question = self.env._("Lago can be asked")
            points.insert(0, _point(question, False, " ".join(error.problems)))
        return points

    # ------------------------------------------------------------------- in Lago
    def _there(self, service_sudo: models.BaseModel, source: Lago) -> list[dict[str, Any]]:
        return [
            self._services_live(service_sudo, source),
            self._customers_linked(service_sudo, source),
            self._invoices_paid(source),
            self._events_end(service_sudo, source),
        ]

    def _services_live(self, service_sudo: models.BaseModel, source: Lago) -> dict[str, Any]:
        """Every subscription that Lago still bills is confirmed here."""
        running = {
            str(row.get("external_id"))
            for row in source.rows("subscriptions")
            if row.get("status") in ("active", "pending")
        }
        live = set(self._live(service_sudo).mapped("x_fc_external_id"))
        missing = running - live
        return self._none_of(
            self.env._("Every active service of Lago is live here"),
            missing,
            self.env._("%(count)s are live.", count=len(running)),
            self.env._("Not live here: %s"),
        )

    def _customers_linked(self, service_sudo: models.BaseModel, source: Lago) -> dict[str, Any]:
        domain = [("service_id", "=", service_sudo.id), ("state", "!=", "rejected")]
        links = self.env["fusion.billing.account.link"].search(domain)
        there = {str(row.get("external_id")) for row in source.rows("customers")}
        return self._none_of(
            self.env._("Every customer of Lago is linked to a contact"),
            there - set(links.mapped("external_id")),
            self.env._("%(count)s are linked.", count=len(there)),
            self.env._("Without a link: %s"),
        )

    def _invoices_paid(self, source: Lago) -> dict[str, Any]:
        unpaid = {
            str(row.get("number") or row.get("lago_id"))
            for row in source.rows("invoices")
            if int(row.get("total_due_amount_cents") or 0) > 0
        }
        drafts = {str(row["lago_id"]) for row in source.pages("invoices", [("status", "draft")])}
        return self._none_of(
            self.env._("No invoice of Lago is open"),
            unpaid | drafts,
            self.env._("All are paid, and none is a draft."),
            self.env._("Unpaid or draft: %s"),
        )

    def _events_end(self, service_sudo: models.BaseModel, source: Lago) -> dict[str, Any]:
        """Events arrive here and, for some days, no longer there."""
        question = self.env._("Events come here and no longer to Lago")
        since = service_sudo._now() - timedelta(days=self._setting(QUIET_DAYS, 7))
        query = [("timestamp_from", f"{since:%Y-%m-%dT%H:%M:%SZ}")]
        there = next(source.pages("events", query), None)
        if there:
            when = there.get("timestamp")
            return _point(question, False, self.env._("Lago got one at %s.", when))
        domain = [("service_id", "=", service_sudo.id), ("received_at", ">=", since)]
        here = self.env["fusion.billing.usage.push"].search_count(domain, limit=1)
        if not here:
            return _point(question, False, self.env._("None came here since %s.", since.date()))
        reason = self.env._("Lago got none since %s, and this system did.", since.date())
        return _point(question, True, reason)

    # ---------------------------------------------------------------------- here
    def _here(self, service_sudo: models.BaseModel) -> list[dict[str, Any]]:
        return [
            self._credits_decided(service_sudo),
            self._webhooks_set(service_sudo),
            self._periods_clean(service_sudo),
            self._differences_explained(service_sudo),
        ]

    def _credits_decided(self, service_sudo: models.BaseModel) -> dict[str, Any]:
        domain = [("service_id", "=", service_sudo.id), ("decision", "=", "pending")]
        waiting = self.env["fusion.billing.lago.record"].search(domain)
        return self._none_of(
            self.env._("Every coupon and wallet is decided about"),
            {f"{record.name} ({record.value})" for record in waiting},
            self.env._("None waits."),
            self.env._("To decide: %s"),
        )

    def _webhooks_set(self, service_sudo: models.BaseModel) -> dict[str, Any]:
        domain = [("service_id", "=", service_sudo.id), ("active", "=", True)]
        endpoints = self.env["fusion.billing.webhook.endpoint"].search(domain)
        failing = endpoints.filtered("failing_since")
        question = self.env._("The app hears webhooks of this system")
        if not endpoints:
            return _point(question, False, self.env._("No endpoint is enabled."))
        if failing:
            return _point(question, False, self.env._("Failing: %s", failing[0].url))
        return _point(question, True, ", ".join(endpoints.mapped("url")))

    def _periods_clean(self, service_sudo: models.BaseModel) -> dict[str, Any]:
        """Every live subscription was proved: by its cut-over, or by enough signed periods."""
        wanted = service_sudo.clean_periods_required
        question = self.env._("%(count)s periods in a row are reconciled", count=wanted)
        orders = self._live(service_sudo)
        clean = self.env["fusion.billing.reconcile"]._clean_periods(orders)
        short = {
            str(order.x_fc_external_id)
            for order in orders
            if not order.x_fc_cutover_id and clean[order.id] < wanted
        }
        if not orders:
            return _point(question, False, self.env._("No subscription is live."))
        return self._none_of(
            question,
            short,
            self.env._("All %(count)s live subscriptions.", count=len(orders)),
            self.env._("Fewer for: %s"),
        )

    def _differences_explained(self, service_sudo: models.BaseModel) -> dict[str, Any]:
        """Of all that was compared, also of subscriptions that exist on one side only."""
        question = self.env._("No difference is unexplained")
        own = [("service_id", "=", service_sudo.id)]
        compared = self.env["fusion.billing.reconciliation"].search(own)
        if not compared:
            return _point(question, False, self.env._("Nothing was compared yet."))
        found = compared.filtered(
            lambda row: row.difference_class != "match" and row.state == "open"
        )
        return self._none_of(
            question,
            {f"{row.external_subscription_id} {row.period_start}" for row in found},
            self.env._("%(count)s comparisons match or are explained.", count=len(compared)),
            self.env._("Unexplained: %s"),
        )

    def _live(self, service_sudo: models.BaseModel) -> models.BaseModel:
        domain = [("x_fc_service_id", "=", service_sudo.id), ("state", "=", "sale")]
        return self.env["sale.order"].search([*domain, ("x_fc_terminated_at", "=", False)])

    # ------------------------------------------------------------------- details
    def _setting(self, name: str, default: int) -> int:
        value = self.env["ir.config_parameter"].sudo().get_param(name) or ""
        return int(value) if value.isdecimal() else default

    def _none_of(self, question: str, found: set[str], good: str, bad: str) -> dict[str, Any]:
        """Good when nothing was found; else the first few by name and how many there are."""
        if not found:
            return _point(question, True, good)
        names = ", ".join(sorted(found)[:SHOWN])
        if len(found) > SHOWN:
            names = self.env._("%(names)s and %(more)s more", names=names, more=len(found) - SHOWN)
        return _point(question, False, bad % names)


def _point(question: str, ok: bool, reason: str) -> dict[str, Any]:
    return {"point": question, "ok": ok, "reason": reason}
