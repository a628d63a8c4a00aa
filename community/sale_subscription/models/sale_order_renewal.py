import datetime

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .period import is_boundary
from .sale_order_period import ONE_DAY


class SaleOrder(models.Model):
    """A renewal takes over where its parent contract stops: no day twice, none left out."""

    _inherit = "sale.order"

    def _start_subscription(self) -> None:
        for order in self.filtered(lambda o: o.subscription_state == "2_renewal"):
            order._take_over_contract()
        return super()._start_subscription()

    def _take_over_contract(self) -> None:
        """Start on the parent's first day that is not invoiced; the parent ends the day before.

        The parent may have been invoiced since the quotation was made, so the dates are read now.
        In arrears that day lies one period before the date of the next invoice, which stays.
        """
        self.ensure_one()
        parent_sudo = self._lock_parent_contract()
        if refusal := self.sudo()._get_child_refusal():
            raise UserError(refusal)
        due = parent_sudo.next_invoice_date
        start = parent_sudo._get_invoicing_period()[0]
        if self.end_date and self.end_date < start:
            raise UserError(
                self.env._(
                    "The renewal would end before it starts: contract %(order)s is invoiced until"
                    " %(date)s.",
                    order=parent_sudo.name,
                    date=format_date(self.env, start - ONE_DAY),
                )
            )
        parent_sudo.write({"subscription_state": "5_renewed", "end_date": start - ONE_DAY})
        self.write({"start_date": start, "next_invoice_date": due})
        if self.plan_id != parent_sudo.plan_id:
            self.next_invoice_date = self._get_due_date(start)
        parent_sudo.message_post(
            body=self.env._(
                "Renewed by %(order)s from %(date)s on.",
                order=self._get_html_link(),
                date=format_date(self.env, start),
            )
        )

    def _get_billing_anchor(self) -> datetime.date:
        """Count from the first contract where its boundaries go on: 31 Jan, renewed on 28 Feb, is
        due on 31 Mar."""
        anchor = super()._get_billing_anchor()
        if not self.subscription_id or self.subscription_state == "7_upsell":
            return anchor
        earlier = self.subscription_id.sudo()._get_billing_anchor()
        return earlier if is_boundary(earlier, self.plan_id.billing_period, anchor) else anchor
