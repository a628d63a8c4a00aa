"""From a customer or a subscription to its story."""

from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    def action_fc_story(self) -> dict:
        """The story of this customer, with that of the company it belongs to."""
        self.ensure_one()
        customer = self.commercial_partner_id
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "fusion_centralize_billing.action_story"
        )
        return action | {
            "name": self.env._("Story: %(name)s", name=customer.display_name),
            "domain": [("partner_id", "=", customer.id)],
        }


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def action_fc_story(self) -> dict:
        """The story of this subscription, of those it renewed and of their invoices.

        The customer stays in the domain: it is what the indexes find.
        """
        self.ensure_one()
        chain = self.env["fusion.billing.enforce"]._chain(self)
        action = self.partner_id.action_fc_story()
        return action | {
            "name": self.env._("Story: %(name)s", name=self.name),
            "domain": [
                *action["domain"],
                "|",
                "|",
                ("order_id", "in", chain.ids),
                ("move_id", "in", chain.invoice_ids.ids),
                ("kind", "=", "card"),
            ],
        }


class AccountPayment(models.Model):
    _inherit = "account.payment"

    _x_fc_partner_idx = models.Index("(partner_id)")
