"""What keeps a subscription from being billed today, in words a person can act on."""

from datetime import date

from odoo import api, models

from .. import engine

# Odoo finds no fiscal position without them and taxes as for the company's own province.
STATES_NEEDED = ("CA",)


class BillingBillable(models.AbstractModel):
    """Looks before the run bills. A parked subscription is billed by the next run, once mended."""

    _name = "fusion.billing.billable"
    _description = "Obstacles to Billing"

    @api.model
    def _obstacle(self, order: models.BaseModel, day: date) -> str | None:
        """The first reason not to bill this order on ``day``, or nothing."""
        for look in self._looks():
            if reason := look(order, day):
                return reason
        return None

    def _looks(self) -> tuple:
        return (self._shadow, self._billed_by_app, self._no_plan, self._no_address, self._no_rate)

    def _shadow(self, order: models.BaseModel, day: date) -> str | None:
        service_sudo = order.x_fc_service_id.sudo()
        if service_sudo.mode == "live":
            return None
        return self.env._("%(service)s is in shadow mode.", service=service_sudo.name)

    def _billed_by_app(self, order: models.BaseModel, day: date) -> str | None:
        """Nobody is billed for a period by both: what the app billed after the cut-over counts."""
        if not order.x_fc_billed_from:
            return None
        found = order._fc_app_invoices_from(order.x_fc_billed_from)
        if not found or found[0].period_end > day:
            return None
        return self.env._(
            "The app billed invoice %(invoice)s for %(day)s although this subscription is billed "
            "here since %(since)s. Void it in the app, then delete it under Migration → App "
            "invoices.",
            invoice=found[0].external_invoice_id,
            day=found[0].period_end,
            since=order.x_fc_billed_from,
        )

    def _no_plan(self, order: models.BaseModel, day: date) -> str | None:
        if order.plan_id and order.start_date:
            return None
        return self.env._("The subscription has no plan or no start date.")

    def _no_address(self, order: models.BaseModel, day: date) -> str | None:
        """Taxes follow the place of delivery."""
        partner = order.partner_shipping_id or order.partner_id
        if not partner.country_id:
            return self.env._("%(name)s has no country.", name=partner.display_name)
        if partner.country_id.code in STATES_NEEDED and not partner.state_id:
            return self.env._("%(name)s has no province.", name=partner.display_name)
        return None

    def _no_rate(self, order: models.BaseModel, day: date) -> str | None:
        """Without a rate Odoo would book foreign money one to one."""
        currency, company = order.currency_id, order.company_id
        if currency == company.currency_id:
            return None
        rates_sudo = self.env["res.currency.rate"].sudo()
        known = rates_sudo.search_count(
            [
                ("currency_id", "=", currency.id),
                ("name", "<=", day),
                ("company_id", "in", [False, company.root_id.id]),
            ],
            limit=1,
        )
        if known:
            return None
        return self.env._(
            "There is no exchange rate for %(currency)s on or before %(day)s.",
            currency=currency.name,
            day=day,
        )

    @api.model
    def _skipped(self, order: models.BaseModel) -> str:
        """Why Odoo's own run leaves a due subscription alone."""
        if order.x_fc_service_state == "suspended":
            return self.env._("It is suspended, and its policy bills no fee during a suspension.")
        if order.payment_exception:
            return self.env._("The outcome of its last charge is unknown: clear it first.")
        if order.require_payment:
            return self.env._("It waits for the customer's own online payment.")
        return self.env._("It has a draft invoice: post or delete that first.")

    @api.model
    def _reason(self, error: Exception) -> str:
        """A sentence from whatever stopped one order."""
        if isinstance(error, engine.Invalid):
            return self.env._("The price cannot be computed: %(error)s", error=error)
        return str(error.args[0] if error.args else error) or type(error).__name__

    @api.model
    def _refresh_taxes(self, orders: models.BaseModel) -> None:
        """Follow a customer who moved: Odoo keeps the fiscal position of the first quotation."""
        positions = self.env["account.fiscal.position"]
        for order in orders:
            position = positions.with_company(order.company_id)._get_fiscal_position(
                order.partner_id, order.partner_shipping_id
            )
            if position != order.fiscal_position_id:
                order.fiscal_position_id = position
                order._recompute_taxes()
