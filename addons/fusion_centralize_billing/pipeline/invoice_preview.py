"""The next invoice of subscriptions there are, or of one that could be. Writes nothing."""

from collections.abc import Mapping
from typing import Any, NoReturn
from uuid import uuid4

from odoo import api, models
from odoo.fields import Domain

from ..engine.errors import Invalid, NotFound


class _Undone(Exception):
    """Ends a savepoint whose writes were only made to look at."""

    def __init__(self, shown: dict[str, Any]) -> None:
        super().__init__()
        self.shown = shown


class BillingInvoicePreview(models.AbstractModel):
    """Asks `fusion.billing.preview` on behalf of an app, and answers in Lago's shape."""

    _name = "fusion.billing.invoice.preview"
    _description = "Invoice Preview over the API"

    @api.model
    def _of_running(
        self, service: models.BaseModel, external_ids: list[str], customer_id: str | None
    ) -> dict[str, Any]:
        """The next invoice of these active subscriptions: of those that are due first.

        :param customer_id: whose they must be, if it is said
        :raise NotFound: ``subscription`` for one that is not active or another customer's
        :raise Invalid: ``external_ids: currencies_does_not_match``
        """
        subscribe = self.env["fusion.billing.subscribe"]
        domain = subscribe._domain(service, ["active"])
        domain &= Domain("x_fc_external_id", "in", external_ids)
        if customer_id is not None:
            domain &= Domain("x_fc_link_id.external_id", "=", customer_id)
        orders_sudo = self.env["sale.order"].sudo().search(domain, order="id")
        if set(orders_sudo.mapped("x_fc_external_id")) != set(external_ids):
            raise NotFound("subscription")
        if len(orders_sudo.x_fc_link_id) > 1 or len(orders_sudo.currency_id) > 1:
            raise Invalid.field("external_ids", "currencies_does_not_match")
        previews = [self.env["fusion.billing.preview"]._preview(order) for order in orders_sudo]
        first = min(preview.day for preview in previews)
        return self.env["fusion.billing.serialize"]._invoice_preview(
            [preview for preview in previews if preview.day == first]
        )

    @api.model
    def _of_new(
        self,
        service: models.BaseModel,
        customer: Mapping[str, Any],
        plan_code: str,
        values: Mapping[str, Any],
    ) -> dict[str, Any]:
        """The first invoice of a subscription that nobody has yet.

        It is really begun, for a customer who may be new as well, and all of that is taken back:
        product, price, currency, taxes and dates are those it would have.

        :param customer: checked keys of a customer; without ``external_id`` it is somebody new
        :param values: ``billing_time``, ``subscription_at``
        :raise NotFound: ``plan``
        """
        try:
            with self.env.cr.savepoint():
                self._look(service, dict(customer), plan_code, dict(values))
        except _Undone as undone:
            return undone.shown

    def _look(
        self,
        service: models.BaseModel,
        customer: dict[str, Any],
        plan_code: str,
        values: dict[str, Any],
    ) -> NoReturn:
        subscribe = self.env["fusion.billing.subscribe"]
        subscribe._plan(service, plan_code)
        external_id = customer.pop("external_id", None) or str(uuid4())
        link = self.env["fusion.billing.customer"]._upsert(service, external_id, customer)
        order = subscribe._create(service, link, plan_code, str(uuid4()), values)
        preview = self.env["fusion.billing.preview"]._preview(order)
        raise _Undone(self.env["fusion.billing.serialize"]._invoice_preview([preview]))
