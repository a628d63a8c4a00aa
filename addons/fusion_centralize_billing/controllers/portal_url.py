"""Links that sign a customer in to the portal, for twelve hours: to their pages, to their card."""

from typing import Any

from odoo import fields, models
from odoo.http import Controller, request, route

from ..pipeline.portal_url import CARD, LIFETIME, PAGES, PATH
from ..schemas.answers.customer import CheckoutAnswer, PortalAnswer
from ..schemas.declared import One
from .wire import billing_route, customer_link

UNTIL = "fc_portal_until"


class PortalUrlController(Controller):
    @billing_route(
        "/customers/<string:external_id>/portal_url",
        resource="customer",
        answer=One("customer", PortalAnswer),
        statuses=(422,),
    )
    def portal_url(self, external_id: str) -> dict[str, Any]:
        """A link to the customer's own portal pages, good for twelve hours.

        → 200 ``{"customer": {"portal_url": …}}``. 422 ``base`` ``customer_must_be_confirmed``
        where another service bills the same account, or the contact was found rather than made,
        until a person confirmed the match; ``customer_is_an_employee``;
        ``portal_access_was_revoked``.
        """
        url = request.env["fusion.billing.portal"]._url(customer_link(external_id))
        return {"customer": {"portal_url": url}}

    @billing_route(
        "/customers/<string:external_id>/checkout_url",
        resource="customer",
        methods=("POST",),
        answer=One("customer", CheckoutAnswer),
    )
    def checkout_url(self, external_id: str) -> dict[str, Any]:
        """A link to the page where the customer saves a card: it pays what runs from then on.

        No body → 200 ``{"customer": {"lago_customer_id", "external_customer_id",
        "payment_provider", "payment_provider_code", "checkout_url"}}``. 422 ``base``
        ``no_linked_payment_provider`` where no provider saves cards, and as for ``portal_url``.
        """
        link = customer_link(external_id)
        return {"customer": request.env["fusion.billing.portal"]._checkout(link)}

    @route(f"{PATH}/<string:token>", type="http", auth="public", methods=["GET"], sitemap=False)
    def sign_in(self, token: str):
        """Start a session of the customer's portal user and go to their pages."""
        portal = request.env["fusion.billing.portal"]
        link_sudo, page = portal._signed(token)
        if not link_sudo:
            return request.redirect("/web/login")
        user_sudo = portal._user(link_sudo)
        if page == CARD:
            portal._await_card(link_sudo)
        session = request.session
        session.logout(keep_db=True)
        session["pre_login"], session["pre_uid"] = user_sudo.login, user_sudo.id
        # Whoever set up a second factor is asked for it.
        target = user_sudo.with_user(user_sudo)._mfa_url()
        if not target:
            session.finalize(request.env)
        session[UNTIL] = (fields.Datetime.now() + LIFETIME).timestamp()
        answer = request.redirect(target or PAGES.get(page, "/my"))
        answer.headers["Referrer-Policy"] = "no-referrer"
        answer.headers["Cache-Control"] = "no-store"
        return answer


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _authenticate(cls, endpoint):
        """A session that began with such a link ends after twelve hours, in use or not."""
        until = request.session.get(UNTIL)
        if until and request.session.uid and until < fields.Datetime.now().timestamp():
            request.session.logout(keep_db=True)
            request.update_env(user=None)
        return super()._authenticate(endpoint)
