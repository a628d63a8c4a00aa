from odoo import http
from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager
from odoo.exceptions import AccessError, MissingError
from odoo.http import request

RUNNING = ("3_progress", "4_paused")
SHOWN = (*RUNNING, "5_renewed", "6_churn")


class SubscriptionPortal(CustomerPortal):
    """A customer's subscriptions: see them, choose their card, close them.

    A page may be opened with the access token of the order, as Odoo's order pages are. What changes
    something takes a signed-in customer of that very contract.
    """

    # === HOME === #

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "subscription_count" in counters:
            orders = request.env["sale.order"]
            values["subscription_count"] = (
                orders.search_count(self._prepare_subscriptions_domain())
                if orders.has_access("read")
                else 0
            )
        return values

    def _prepare_subscriptions_domain(self) -> list:
        partner = request.env.user.partner_id.commercial_partner_id
        return [
            ("partner_id", "child_of", [partner.id]),
            ("is_subscription", "=", True),
            ("subscription_state", "in", SHOWN),
        ]

    # === PAGES === #

    @http.route(
        ["/my/subscriptions", "/my/subscriptions/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        readonly=True,
    )
    def portal_my_subscriptions(self, page: int = 1, **_kwargs):
        """List of the customer's subscriptions, running ones first."""
        orders = request.env["sale.order"]
        domain = self._prepare_subscriptions_domain()
        total = orders.search_count(domain) if orders.has_access("read") else 0
        pager = portal_pager(
            url="/my/subscriptions", total=total, page=page, step=self._items_per_page
        )
        found = orders.browse()
        if total:
            found = orders.search(
                domain,
                order="subscription_state, next_invoice_date, id",
                limit=self._items_per_page,
                offset=pager["offset"],
            )
        request.session["my_subscriptions_history"] = found.ids[:100]
        values = self._prepare_portal_layout_values() | {
            "subscriptions": found.sudo(),  # for the names of their plans
            "page_name": "subscription",
            "default_url": "/my/subscriptions",
            "pager": pager,
        }
        return request.render("sale_subscription.portal_my_subscriptions", values)

    @http.route("/my/subscriptions/<int:order_id>", type="http", auth="public", website=True)
    def portal_subscription_page(
        self, order_id: int, access_token: str | None = None, message: str = "", **kwargs
    ):
        """One subscription. Somebody without access, and without its token, is sent to /my."""
        order_sudo = self._get_subscription(order_id, access_token)
        if not order_sudo:
            return request.redirect("/my")
        owner = self._is_customer_of(order_sudo)
        values = {
            "subscription": order_sudo,
            "page_name": "subscription",
            "message": message,
            "invoices": self._get_posted_invoices(order_sudo),
            "tokens": self._get_own_tokens(order_sudo) if owner else (),
            "can_pay_by_card": owner and order_sudo.subscription_state in RUNNING,
            "can_close": owner and self._is_closable(order_sudo),
            "close_reasons": self._get_close_reasons(),
        }
        values = self._get_page_view_values(
            order_sudo, access_token, values, "my_subscriptions_history", False, **kwargs
        )
        return request.render("sale_subscription.portal_subscription_page", values)

    # === ACTIONS === #

    @http.route(
        "/my/subscriptions/<int:order_id>/close",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def portal_subscription_close(self, order_id: int, close_reason_id: str = "", **_kwargs):
        """End the subscription with a reason from the list, if its plan lets customers do so."""
        order_sudo = self._get_own_subscription(order_id)
        if not order_sudo:
            return request.redirect("/my")
        reason = self._get_close_reasons().filtered(lambda r: str(r.id) == close_reason_id)
        if not reason or not self._is_closable(order_sudo):
            return request.redirect(f"/my/subscriptions/{order_id}?message=not_closed")
        order_sudo.set_close(close_reason_id=reason.id)
        order_sudo.message_post(
            body=request.env._("Closed on the portal. Reason: %s", reason.name),
            author_id=request.env.user.partner_id.id,
        )
        return request.redirect(f"/my/subscriptions/{order_id}?message=closed")

    @http.route(
        "/my/subscriptions/<int:order_id>/payment_method",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def portal_subscription_payment_method(self, order_id: int, token_id: str = "", **_kwargs):
        """Charge the coming invoices to one of the customer's own saved payment methods."""
        order_sudo = self._get_own_subscription(order_id)
        if not order_sudo:
            return request.redirect("/my")
        chosen = [token for token in self._get_own_tokens(order_sudo) if str(token.id) == token_id]
        if not chosen or order_sudo.subscription_state not in RUNNING:
            return request.redirect(f"/my/subscriptions/{order_id}?message=not_changed")
        order_sudo.payment_token_id = chosen[0]
        order_sudo.message_post(
            body=request.env._("Payment method chosen: %s", chosen[0].display_name),
            author_id=request.env.user.partner_id.id,
        )
        return request.redirect(f"/my/subscriptions/{order_id}?message=changed")

    # === WHOSE IT IS === #

    def _get_subscription(self, order_id: int, access_token: str | None = None):
        """The subscription that this visitor may see, as superuser, or an empty recordset."""
        try:
            order_sudo = self._document_check_access("sale.order", order_id, access_token)
        except (AccessError, MissingError):
            return request.env["sale.order"]
        shown = order_sudo.is_subscription and order_sudo.subscription_state in SHOWN
        return order_sudo if shown else order_sudo.browse()

    def _get_own_subscription(self, order_id: int):
        order_sudo = self._get_subscription(order_id)
        return (
            order_sudo if order_sudo and self._is_customer_of(order_sudo) else order_sudo.browse()
        )

    def _is_customer_of(self, order_sudo) -> bool:
        """An employee who may read the order is not its customer."""
        partner = request.env.user.partner_id.commercial_partner_id
        return order_sudo.partner_id.commercial_partner_id == partner

    def _is_closable(self, order_sudo) -> bool:
        return order_sudo.plan_id.user_closable and order_sudo.subscription_state in RUNNING

    def _get_close_reasons(self):
        reasons_sudo = request.env["sale.order.close.reason"].sudo()
        return reasons_sudo.search([], limit=100)

    def _get_own_tokens(self, order_sudo):
        tokens_sudo = request.env["payment.token"].sudo()
        partner = request.env.user.partner_id
        own = tokens_sudo._get_available_tokens([], partner.id, is_validation=True)
        companies = order_sudo.company_id.parent_ids
        return own.filtered(lambda token: token.company_id in companies)

    def _get_posted_invoices(self, order_sudo):
        orders_sudo = order_sudo | order_sudo.subscription_child_ids.filtered(
            lambda child: child.subscription_state == "7_upsell"
        )
        posted = orders_sudo.invoice_ids.filtered(lambda move: move.state == "posted")
        return posted.sorted(lambda move: (move.invoice_date, move.id), reverse=True)
