import datetime
from fractions import Fraction

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .period import boundary_after, boundary_before, is_boundary
from .sale_order_period import ONE_DAY

NO_DAY = datetime.timedelta()


class SaleOrder(models.Model):
    """An upsell adds to a running contract, and bills what is left of the invoiced period itself.

    On its confirmation the quantities move into the contract, which bills them from its next
    invoice on. The upsell bills ``[start_date, next_invoice_date)``: both dates are frozen then.
    A contract in arrears has not invoiced the open period, so there the contract bills all of it,
    with a line of its own that begins on the upsell's start date, and the upsell bills nothing.
    """

    _inherit = "sale.order"

    def _action_confirm(self):
        res = super()._action_confirm()
        for order in self.filtered(lambda o: o.subscription_state == "7_upsell"):
            order._extend_contract()
        return res

    def _get_child_refusal(self) -> str | bool:
        error = super()._get_child_refusal()
        if error or self.subscription_state != "7_upsell":
            return error
        parent = self.subscription_id
        start = self.start_date or self._get_billing_today()
        if any(line.product_uom_qty < 0 for line in self.order_line.filtered("recurring_invoice")):
            return self.env._("An upsell only adds: its quantities cannot be negative.")
        if self.plan_id != parent.plan_id:
            return self.env._("An upsell has the recurring plan of its contract.")
        # In arrears the open period is billed at its end, so the day it is due is too late.
        latest = parent.next_invoice_date - (ONE_DAY if parent.plan_id.bill_end_period else NO_DAY)
        if start > latest:
            return self.env._(
                "Invoice contract %(order)s first: an upsell can start on %(date)s at the latest.",
                order=parent.name,
                date=format_date(self.env, latest),
            )
        return False

    def _extend_contract(self) -> None:
        self.ensure_one()
        parent_sudo = self._lock_parent_contract()
        if refusal := self.sudo()._get_child_refusal():
            raise UserError(refusal)
        arrears = parent_sudo.plan_id.bill_end_period
        earliest = parent_sudo._get_invoicing_period()[0] if arrears else parent_sudo.start_date
        self.write(
            {
                "start_date": max(self.start_date or self._get_billing_today(), earliest),
                "next_invoice_date": parent_sudo.next_invoice_date,
            }
        )
        locked = parent_sudo.locked
        parent_sudo.locked = False
        lines = self.sudo().with_context(recurring_log_later=True).order_line
        for line in lines.filtered(
            lambda line: line.recurring_invoice and line.product_uom_qty > 0
        ):
            line._merge_into_contract(parent_sudo)
        parent_sudo.locked = locked
        parent_sudo._log_recurring_changes()

    def _action_cancel(self):
        merged = self.filtered(lambda o: o.subscription_state == "7_upsell" and o.state == "sale")
        if merged:
            raise UserError(
                self.env._(
                    "%(upsell)s is part of contract %(order)s: change the quantities there.",
                    upsell=merged[0].name,
                    order=merged[0].subscription_id.name,
                )
            )
        return super()._action_cancel()


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    upsell_line_ids = fields.One2many("sale.order.line", "parent_line_id")

    # === INTO THE CONTRACT === #

    def _merge_into_contract(self, contract) -> None:
        """Add to the contract's line of the same price and taxes, or make one of its own."""
        self.ensure_one()
        if not self._is_mergeable(self.parent_line_id):
            quantity_too = self._get_renew_upsell_values("2_renewal")
            values = quantity_too | {"order_id": contract.id, "parent_line_id": False}
            self.parent_line_id = self.create(values)
            return
        line = self.parent_line_id
        line.write(
            {
                "product_uom_qty": line.product_uom_qty + self.product_uom_qty,
                # The price goes along: a new quantity would look up the pricelist again.
                "price_unit": line.price_unit,
                "discount": line.discount,
            }
        )

    def _is_mergeable(self, parent_line) -> bool:
        return (
            not self.order_id.plan_id.bill_end_period
            and parent_line.order_id == self.order_id.subscription_id
            and parent_line.product_id == self.product_id
            and parent_line.product_uom_id == self.product_uom_id
            and parent_line.price_unit == self.price_unit
            and parent_line.discount == self.discount
            and parent_line.tax_ids == self.tax_ids
        )

    # === WHAT THE UPSELL BILLS === #

    @api.depends("order_id.subscription_state", "order_id.start_date", "order_id.next_invoice_date")
    def _compute_qty_to_invoice(self):
        res = super()._compute_qty_to_invoice()
        for line in self.filtered(lambda line: line._is_upsell() and line.state == "sale"):
            if line.order_id.plan_id.bill_end_period or not line._get_upsell_ratio():
                line.qty_to_invoice = 0.0
        return res

    def _is_upsell(self) -> bool:
        return self.recurring_invoice and self.order_id.subscription_state == "7_upsell"

    def _get_invoice_line_parameters(self) -> tuple[datetime.date, datetime.date, Fraction, int]:
        self.ensure_one()
        order = self.order_id
        if self._is_upsell():
            start, stop = order.start_date, order.next_invoice_date - ONE_DAY
            return start, stop, self._get_upsell_ratio(), (stop - start).days + 1
        if not order.plan_id.bill_end_period:
            return super()._get_invoice_line_parameters()
        return self._get_arrears_parameters(*super()._get_invoice_line_parameters())

    def _get_arrears_parameters(self, start, stop, ratio, days):
        """A line that an upsell added is billed from the day of the upsell on."""
        upsell = self.upsell_line_ids.filtered(
            lambda line: line._is_upsell() and line.state == "sale" and line.product_uom_qty > 0
        )
        began = max((line.order_id.start_date for line in upsell), default=start)
        if began <= start:
            return start, stop, ratio, days
        left = (stop - began).days + 1
        if self._is_prorated():
            ratio *= Fraction(left, days)
        return began, stop, ratio, left

    def _is_prorated(self) -> bool:
        """What an upsell adds is charged by the day if it is a service, and whole if it is not."""
        return self.product_id.type == "service" and self.product_id.allow_prorated_price

    def _get_upsell_ratio(self) -> Fraction:
        """Parts of the contract's periods between the upsell's start and the next invoice.

        Counted from that invoice backwards: 10 to 31 January of a monthly contract is 22/31. With
        February invoiced ahead it is 22/31 + 1. What is not prorated counts each part as whole.
        """
        order = self.order_id
        contract = order.subscription_id.sudo()
        anchor, step = contract._get_billing_anchor(), contract.plan_id.billing_period
        prorated = self._is_prorated()
        end, ratio = order.next_invoice_date, Fraction(0)
        while order.start_date and end and order.start_date < end:
            if is_boundary(anchor, step, end):
                start, full_end = boundary_before(anchor, step, end), end
            elif contract.end_date and end == contract.end_date + ONE_DAY:
                start = boundary_before(anchor, step, end)
                full_end = boundary_after(anchor, step, start)
            else:  # a date that somebody wrote by hand: a whole period of its own
                start, full_end = end - step, end
            part = Fraction((end - max(start, order.start_date)).days, (full_end - start).days)
            ratio += part if prorated else 1
            end = start
        return ratio
