"""A signed link that signs a customer in to the portal, for twelve hours."""

from datetime import timedelta
from typing import Any

from odoo import Command, models
from odoo.tools import hash_sign, verify_hash_signed

from ..engine.errors import Invalid

SCOPE = "fusion_centralize_billing.portal_url"
LIFETIME = timedelta(hours=12)
PATH = "/billing/sign_in"
CARD = "card"
PAGES = {"": "/my", CARD: "/my/payment_method"}
# The app itself made the contact, or a person looked: nobody gets at another's account by
# sending their e-mail address or tax number.
TRUSTED = ("created", "link", "manual")


class BillingPortal(models.AbstractModel):
    """Make the link, and say whose account it opens."""

    _name = "fusion.billing.portal"
    _description = "Billing portal sign-in"

    def _url(self, link: models.BaseModel, page: str = "") -> str:
        """The address that signs this customer in.

        :param page: where it leads, one of `PAGES`
        :raises Invalid: ``base``: nobody may be signed in as this customer, see `_obstacle`
        """
        link_sudo = link.sudo()
        if code := self._obstacle(link_sudo):
            raise Invalid.field("base", code)
        values = [link_sudo.id, link_sudo.partner_id.id, page]
        token = hash_sign(self.sudo().env, SCOPE, values, expiration=LIFETIME)
        return f"{link_sudo.get_base_url()}{PATH}/{token}"

    def _signed(self, token: str) -> tuple[models.BaseModel, str]:
        """The customer (sudo) and the page of a token; no customer for one that is forged, expired,
        or of somebody who may not sign in any more."""
        links_sudo = self.env["fusion.billing.account.link"].sudo()
        try:
            values = verify_hash_signed(self.sudo().env, SCOPE, token)
            link_id, partner_id, page = values or (None, None, "")
        except (ValueError, TypeError):  # not even a token
            return links_sudo, ""
        link_sudo = links_sudo.browse(link_id).exists()
        # A customer that was moved to another contact needs a new link.
        if not link_sudo or link_sudo.partner_id.id != partner_id or self._obstacle(link_sudo):
            return links_sudo, ""
        return link_sudo, page

    def _user(self, link_sudo: models.BaseModel) -> models.BaseModel:
        """The portal user (sudo) of a customer, made on first use."""
        return self._users(link_sudo.partner_id)[:1] or self._make_user(link_sudo)

    def _obstacle(self, link_sudo: models.BaseModel) -> str | None:
        """Why nobody may be signed in as this customer, as a code; None where all is well."""
        if link_sudo.deleted_at or not link_sudo.service_id.active:
            return "customer_is_deleted"
        users_sudo = self._users(link_sudo.partner_id)
        if users_sudo.filtered(lambda user: not user.share):
            return "customer_is_an_employee"
        if users_sudo and not all(users_sudo.mapped("active")):
            return "portal_access_was_revoked"
        if link_sudo.state != "confirmed" or link_sudo.match_method not in TRUSTED:
            return "customer_must_be_confirmed"
        if link_sudo.match_method != "manual" and self._is_shared(link_sudo):
            return "customer_must_be_confirmed"
        return None

    def _is_shared(self, link_sudo: models.BaseModel) -> bool:
        """Whether another service bills the same account: the portal would show that as well."""
        account = link_sudo.partner_id.commercial_partner_id.id
        domain: list[Any] = [
            ("partner_id.commercial_partner_id", "=", account),
            ("service_id", "!=", link_sudo.service_id.id),
        ]
        return bool(link_sudo.search_count(domain, limit=1))

    def _users(self, partner_sudo: models.BaseModel) -> models.BaseModel:
        users_sudo = self.env["res.users"].sudo().with_context(active_test=False)
        return users_sudo.search([("partner_id", "=", partner_sudo.id)])

    def _make_user(self, link_sudo: models.BaseModel) -> models.BaseModel:
        """A portal user without a password: only such links sign in, until one is asked for."""
        partner_sudo, company_sudo = link_sudo.partner_id, link_sudo.service_id.company_id
        users_sudo = self.env["res.users"].sudo().with_context(no_reset_password=True)
        login = partner_sudo.email or ""
        known = users_sudo.with_context(active_test=False).search_count(
            [("login", "=ilike", login)], limit=1
        )
        if known or not login:
            login = f"billing-customer-{partner_sudo.id}"
        return users_sudo.create(
            {
                "partner_id": partner_sudo.id,
                "login": login,
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
                "company_id": company_sudo.id,
                "company_ids": [Command.set(company_sudo.ids)],
            }
        )
