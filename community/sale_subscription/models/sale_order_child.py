import datetime

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from .sale_order_lifecycle import RUNNING

# What a renewal or upsell quotation takes over from its contract as it is.
INHERITED = (
    "partner_id",
    "partner_invoice_id",
    "partner_shipping_id",
    "company_id",
    "user_id",
    "team_id",
    "pricelist_id",
    "plan_id",
    "fiscal_position_id",
    "payment_term_id",
    "journal_id",
    "client_order_ref",
    "require_payment",
    "require_signature",
    "note",
)


class SaleOrder(models.Model):
    """Quotations made from a running contract: what renewals and upsells have in common."""

    _inherit = "sale.order"

    has_invoiced_period = fields.Boolean(compute="_compute_has_invoiced_period")
    subscription_history_count = fields.Integer(compute="_compute_subscription_history_count")

    @api.depends("plan_id", "start_date", "next_invoice_date")
    def _compute_has_invoiced_period(self) -> None:
        """The first period is behind it, so that the contract may be renewed or extended."""
        for order in self:
            order.has_invoiced_period = bool(
                order.plan_id
                and order.start_date
                and order.next_invoice_date
                and order.next_invoice_date > order._get_due_date(order.start_date)
            )

    def _compute_subscription_history_count(self) -> None:
        for order in self:
            domain = order._get_subscription_chain_domain()
            order.subscription_history_count = self.search_count(domain) if domain else 0

    def _get_subscription_chain_domain(self) -> list:
        """The first contract of the chain and everything that was made from it."""
        self.ensure_one()
        origin = self.origin_order_id or self._origin
        return ["|", ("id", "=", origin.id), ("origin_order_id", "=", origin.id)] if origin else []

    def _get_contract(self):
        """The order whose periods this one bills: its parent for an upsell, else itself."""
        self.ensure_one()
        if self.subscription_state == "7_upsell":
            return self.subscription_id
        return self if self.is_subscription else self.browse()

    # === ACTIONS === #

    def prepare_upsell_order(self) -> dict:
        """A quotation that adds to this contract.

        :return: an act_window dict; ``res_id`` is the id of the quotation
        :raise UserError: the contract is not in progress, or its first period is not invoiced yet
        """
        self.ensure_one()
        return self._prepare_renew_upsell_order(
            "7_upsell",
            self.env._("This upsell quotation adds to contract %s.", self._get_html_link()),
        )

    def prepare_renewal_order(self) -> dict:
        """A quotation that takes over from this contract at its next period.

        :return: an act_window dict; ``res_id`` is the id of the quotation
        :raise UserError: the contract is not running, or its first period is not invoiced yet
        """
        self.ensure_one()
        return self._prepare_renew_upsell_order(
            "2_renewal",
            self.env._("This renewal quotation continues contract %s.", self._get_html_link()),
        )

    def _prepare_renew_upsell_order(self, subscription_state: str, message_body: str) -> dict:
        """Make the child quotation, and tell both chatters.

        :param subscription_state: ``2_renewal`` or ``7_upsell``
        :param message_body: note on the quotation
        """
        self.ensure_one()
        self._check_renew_upsell(subscription_state)
        order = self.create(self._prepare_upsell_renew_order_values(subscription_state))
        order.message_post(body=message_body)
        self.message_post(
            body=self.env._("Quotation %s was made from this contract.", order._get_html_link())
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": "sale.order",
            "res_id": order.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    def action_view_subscription_history(self) -> dict:
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Sales History"),
            "res_model": "sale.order",
            "view_mode": "list,form",
            "domain": self._get_subscription_chain_domain(),
            "context": {"create": False},
        }

    # === VALUES === #

    def _check_renew_upsell(self, subscription_state: str) -> None:
        self.ensure_one()
        allowed = RUNNING if subscription_state == "2_renewal" else ("3_progress",)
        if self.subscription_state not in allowed:
            raise UserError(
                self.env._(
                    "%(order)s is not in progress: only a running subscription can be renewed or"
                    " added to.",
                    order=self.name,
                )
            )
        if not self.has_invoiced_period:
            raise UserError(
                self.env._(
                    "The first period of %(order)s is not invoiced yet. Invoice it first, or change"
                    " the order itself.",
                    order=self.name,
                )
            )

    def _prepare_upsell_renew_order_values(self, subscription_state: str) -> dict:
        """Values of the child quotation; its lines come from `line._get_renew_upsell_values`."""
        self.ensure_one()
        renewal = subscription_state == "2_renewal"
        period_end = self.next_invoice_date
        lines = self.order_line.filtered("recurring_invoice")
        values = {name: self._fields[name].convert_to_write(self[name], self) for name in INHERITED}
        values |= {
            "subscription_state": subscription_state,
            "subscription_id": self.id,
            "origin_order_id": (self.origin_order_id or self).id,
            "origin": self.client_order_ref or self.name,
            "start_date": self._get_invoicing_period()[0] if renewal else False,
            "order_line": [
                Command.create(line._get_renew_upsell_values(subscription_state, period_end))
                for line in lines
            ],
        }
        if renewal:
            values |= {
                "payment_token_id": self.payment_token_id.id,
                "internal_note": self.internal_note,
            }
        return values

    # === CONFIRMATION === #

    def _confirmation_error_message(self):
        error = super()._confirmation_error_message()
        if error or not self.subscription_id:
            return error
        return self.sudo()._get_child_refusal()

    def _get_child_refusal(self) -> str | bool:
        """Why this renewal or upsell quotation cannot be confirmed now, or False."""
        self.ensure_one()
        if self.subscription_state not in ("2_renewal", "7_upsell"):
            return False
        parent = self.subscription_id
        allowed = RUNNING if self.subscription_state == "2_renewal" else ("3_progress",)
        if parent.subscription_state not in allowed:
            return self.env._(
                "Contract %(order)s is no longer in progress: it was closed, paused or renewed in"
                " the meantime.",
                order=parent.name,
            )
        if draft := parent._get_draft_invoice():
            return self.env._(
                "Contract %(order)s has a draft invoice (%(invoice)s). Post or delete it first.",
                order=parent.name,
                invoice=draft.display_name,
            )
        return False

    def _get_draft_invoice(self):
        """A draft that bills a period of this contract's own lines."""
        self.ensure_one()
        drafts = self.order_line.invoice_lines.filtered(
            lambda line: (
                line.subscription_id == self
                and line.deferred_end_date
                and line.parent_state == "draft"
                and line.move_id.move_type == "out_invoice"
            )
        )
        return drafts.move_id[:1]

    def _lock_parent_contract(self):
        """The parent, held against a billing run until the end of this transaction.

        Whoever confirms a quotation, the customer included, changes the contract it belongs to.
        """
        self.ensure_one()
        parent_sudo = self.subscription_id.sudo()
        parent_sudo.lock_for_update(allow_referencing=True)
        return parent_sudo


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _get_renew_upsell_values(
        self, subscription_state: str, period_end: datetime.date | None = None
    ) -> dict:
        """Values of the line of a child quotation that comes from this line.

        A renewal repeats the quantity; an upsell starts from 0: what is added.

        :param period_end: first day of the contract's next period; for overrides that mention it
        """
        self.ensure_one()
        return {
            "parent_line_id": self.id,
            "product_id": self.product_id.id,
            "name": self.name,
            "sequence": self.sequence,
            "product_uom_id": self.product_uom_id.id,
            "product_uom_qty": (self.product_uom_qty if subscription_state == "2_renewal" else 0.0),
            "price_unit": self.price_unit,
            "discount": self.discount,
            "tax_ids": [Command.set(self.tax_ids.ids)],
            "analytic_distribution": self.analytic_distribution,
        }

    # === AGREED PRICES === #

    def _compute_price_unit(self):
        return super(SaleOrderLine, self - self._with_agreed_price())._compute_price_unit()

    def _compute_discount(self):
        return super(SaleOrderLine, self - self._with_agreed_price())._compute_discount()

    def _with_agreed_price(self):
        """Lines that repeat a contract's keep its price and discount, whatever the quantity."""
        if self.env.context.get("force_price_recomputation"):
            return self.browse()
        return self.filtered(
            lambda line: (
                line.parent_line_id
                and line.product_id == line.parent_line_id.product_id
                and line.order_id.subscription_state in ("2_renewal", "7_upsell")
            )
        )
