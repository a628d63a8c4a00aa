"""An app that goes on billing what was cut over: a person is called at once."""

from datetime import date
from typing import Any

from odoo import api, models
from odoo.tools import plaintext2html

ACTIVITY = "fusion_centralize_billing.activity_app_bills"
MANAGER = "fusion_centralize_billing.group_fusion_billing_manager"
SHOWN = 10


class BillingAppAlarm(models.AbstractModel):
    """One open activity a service, however much the app bills and however often it tells of it.

    Besides that, ours of the same period is parked (`fusion.billing.billable`) and, should both
    stand, the daily check lists it.
    """

    _name = "fusion.billing.app.alarm"
    _description = "Alarm: an App Bills After Its Cut-over"

    @api.model
    def _look(self, invoices: models.BaseModel) -> None:
        """Mark those of these app invoices that came after a cut-over, and call for the new ones.

        An invoice that was marked before calls nobody again.
        """
        invoices_sudo = invoices.sudo().filtered(lambda invoice: not invoice.after_cutover)
        for service_sudo, own in invoices_sudo.grouped("service_id").items():
            since = self._billed_from(service_sudo, own.mapped("external_subscription_id"))
            new = own.filtered(
                lambda invoice, since=since: (
                    invoice.period_end >= since.get(invoice.external_subscription_id, date.max)
                )
            )
            new.after_cutover = True
            if new:
                self._call(service_sudo)

    @api.model
    def _settle(self, services: models.BaseModel) -> None:
        """Nothing of it is left: what called for it is done. Else it says what is left."""
        for service_sudo in services.sudo():
            if self._found(service_sudo):
                self._call(service_sudo, renew=True)
            else:
                service_sudo.activity_feedback([ACTIVITY])

    def _billed_from(self, service_sudo: models.BaseModel, names: list[str]) -> dict[str, date]:
        """The app's id → the first day it was billed here. A renewal goes on with its parent's."""
        domain = [
            ("x_fc_service_id", "=", service_sudo.id),
            ("x_fc_external_id", "in", names),
            ("x_fc_billed_from", "!=", False),
        ]
        orders_sudo = self.env["sale.order"].sudo()
        return dict(orders_sudo._read_group(domain, ["x_fc_external_id"], ["x_fc_billed_from:min"]))

    def _found(self, service_sudo: models.BaseModel) -> models.BaseModel:
        return (
            self.env["fusion.billing.app.invoice"]
            .sudo()
            .search(
                [("service_id", "=", service_sudo.id), ("after_cutover", "=", True)],
                order="id desc",
            )
        )

    def _call(self, service_sudo: models.BaseModel, renew: bool = False) -> None:
        """Open the activity, or bring the words of the open one up to date."""
        person_sudo = self._person(service_sudo)
        stage = self.with_context(lang=person_sudo.lang)
        note = plaintext2html(stage._words(service_sudo))
        if open_sudo := service_sudo.activity_search([ACTIVITY]):
            open_sudo.write({"note": note})
        elif not renew:
            values: dict[str, Any] = {"note": note, "user_id": person_sudo.id}
            service_sudo.activity_schedule(ACTIVITY, **values)

    def _person(self, service_sudo: models.BaseModel) -> models.BaseModel:
        """The service's responsible person, else a billing administrator of its company."""
        if service_sudo.responsible_id:
            return service_sudo.responsible_id
        users_sudo = self.env.ref(MANAGER).sudo().all_user_ids
        fit_sudo = users_sudo.filtered(
            lambda user: (
                service_sudo.company_id in user.company_ids and user.active and not user.share
            )
        )
        return fit_sudo[:1] or self.env.ref("base.user_admin").sudo()

    def _words(self, service_sudo: models.BaseModel) -> str:
        found_sudo = self._found(service_sudo)
        told = [
            self.env._(
                "%(service)s billed %(count)s invoices by itself for subscriptions that are billed "
                "here. Ours of the same periods are held. Void them in the app, then delete them "
                "under Fusion Billing → Migration → App invoices, filter After the cut-over.",
                service=service_sudo.name,
                count=len(found_sudo),
            )
        ]
        told += [
            self.env._(
                "%(invoice)s of %(subscription)s, due %(day)s",
                invoice=row.external_invoice_id,
                subscription=row.external_subscription_id,
                day=row.period_end,
            )
            for row in found_sudo[:SHOWN]
        ]
        if len(found_sudo) > SHOWN:
            told.append(self.env._("and %s more", len(found_sudo) - SHOWN))
        return "\n".join(told)
