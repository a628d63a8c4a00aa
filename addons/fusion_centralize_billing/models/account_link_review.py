"""The review queue: an app's customer beside the contacts it may be, and what a person decides."""

from typing import Any

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine import matching
from ..pipeline.identity_match import NewCustomer

# Label, key of what the app sent, field of the contact.
COMPARED = (
    ("Name", "name", "name"),
    ("Tax number", "tax_identification_number", "vat"),
    ("E-mail", "email", "email"),
    ("Phone", "phone", "phone"),
    ("Street", "address_line1", "street"),
    ("City", "city", "city"),
    ("Province", "state", "state_id.code"),
    ("Postal code", "zipcode", "zip"),
    ("Country", "country", "country_id.code"),
)


class BillingAccountLink(models.Model):
    """A person attaches, makes a new contact, or rejects; drafts follow at once."""

    _inherit = "fusion.billing.account.link"

    candidate_ids = fields.Many2many(
        "res.partner", "fusion_billing_link_candidate", "link_id", "partner_id",
        string="May Be", help="Contacts that share a tax number, an e-mail, or name and address.",
    )  # fmt: skip
    comparison = fields.Html(compute="_compute_comparison")

    @api.model_create_multi
    def create(self, vals_list: list[dict]):
        """A key may not read contacts; the candidates it met are kept for people all the same."""
        found = [vals.get("candidate_ids") for vals in vals_list]
        links = super().create(
            [{k: v for k, v in vals.items() if k != "candidate_ids"} for vals in vals_list]
        )
        for link_sudo, candidates in zip(links.sudo(), found, strict=True):
            if candidates:
                link_sudo.candidate_ids = candidates
        return links

    @api.depends("data", "partner_id", "candidate_ids")
    def _compute_comparison(self) -> None:
        for link in self:
            # The queue's readers may see their customers' links, not every contact.
            partners_sudo = link.partner_id.sudo() | link.candidate_ids.sudo()
            link.comparison = link._compare(partners_sudo)

    def _compare(self, partners_sudo: models.BaseModel) -> Markup:
        """A table: what the app says, the contact now linked, each candidate; equal is marked."""
        data = self.data or {}
        heads = [self.env._("In the app")]
        heads += [
            self.env._("%s (now linked)", partner_sudo.display_name)
            if partner_sudo == self.partner_id
            else partner_sudo.display_name
            for partner_sudo in partners_sudo
        ]
        body = Markup()
        for label, key, path in COMPARED:
            said = str(data.get(key) or "")
            cells = [Markup("<td>%s</td>") % said]
            for partner_sudo in partners_sudo:
                value = str(partner_sudo.mapped(path)[:1] and partner_sudo.mapped(path)[0] or "")
                equal = said and _plain(said) == _plain(value)
                colour = "text-success fw-bold" if equal else ""
                cells.append(Markup('<td class="%s">%s</td>') % (colour, value))
            body += Markup("<tr><th>%s</th>%s</tr>") % (label, Markup().join(cells))
        head = Markup().join(Markup("<th>%s</th>") % name for name in heads)
        table = Markup('<table class="table table-sm"><tr><th></th>%s</tr>%s</table>')
        return table % (head, body)

    # ------------------------------------------------------------------- actions
    def action_look_again(self) -> None:
        """Search the contacts once more: they may have changed since the app sent the customer."""
        for link in self:
            new = NewCustomer.of(link.external_id, link.data or {})
            match = self.env["fusion.billing.identity.match"]
            found = match._candidates(link.service_id, [new.identity])
            hits = matching.decide(new.identity, found).candidates
            link.candidate_ids = [key for key in hits if key != link.partner_id.id]

    def action_new_contact(self) -> None:
        """It is none of them: a contact of its own, with what the app says."""
        self.ensure_one()
        new = NewCustomer.of(self.external_id, self.data or {})
        new.decision = matching.Decision(None, "created", 1.0)
        identity = self.env["fusion.billing.identity"]
        self._check_movable()
        self._attach(identity._partners(self.service_id, [new])[self.external_id])

    def _attach(self, partner: models.BaseModel) -> None:
        """Attach to this contact and move the drafts to it; its blanks are filled.

        A contact that the import had made for this link, and nothing else uses, is archived.

        :raise UserError: something of the linked contact is billed here already
        """
        self.ensure_one()
        self._check_movable()
        old_sudo = self.partner_id.sudo()
        left = self.match_method == "created" and partner != self.partner_id
        problem = self.env["fusion.billing.identity.match"]._address_problem
        self.write({"partner_id": partner.id, "match_method": "manual", "confidence": 1.0})
        data = self.data or {}
        prepare = self.env["fusion.billing.partner.values"]._prepare
        values = prepare([(self.external_id, data, set(data))])[0]
        self.env["fusion.billing.identity"]._write_partner(self, values)
        reason = problem(partner.sudo())
        self.write(
            {
                "state": "review" if reason else "confirmed",
                "review_reason": reason or False,
                "candidate_ids": [fields.Command.clear()],
            }
        )
        # A billing administrator need not be a salesperson; only this link's own drafts move.
        drafts_sudo = self.sudo().subscription_ids.filtered(lambda order: order.state == "draft")
        drafts_sudo.partner_id = partner.id
        if left and not self._is_used(old_sudo):
            old_sudo.active = False

    def _check_movable(self) -> None:
        if self.sudo().subscription_ids.filtered(lambda order: order.state == "sale"):
            raise UserError(
                self.env._(
                    "Subscriptions of this customer are live: their invoices belong to the "
                    "contact. Merge the two contacts instead; the link follows."
                )
            )

    def _is_used(self, partner_sudo: models.BaseModel) -> bool:
        mine = [("partner_id", "child_of", partner_sudo.id)]
        return bool(
            partner_sudo.x_fc_link_ids
            or partner_sudo.user_ids
            or partner_sudo.child_ids
            or self.env["sale.order"].sudo().search_count(mine, limit=1)
            or self.env["account.move"].sudo().search_count(mine, limit=1)
        )


class ResPartner(models.Model):
    _inherit = "res.partner"

    def action_fc_attach(self) -> dict[str, Any]:
        """Attach the customer link in the context (``fc_link_id``) to this contact."""
        self.ensure_one()
        link = self.env["fusion.billing.account.link"].browse(self.env.context["fc_link_id"])
        link.check_access("write")
        if self not in link.candidate_ids:
            raise UserError(self.env._("This contact is no candidate of that customer."))
        link._attach(self)
        return {"type": "ir.actions.client", "tag": "soft_reload"}


def _plain(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())
