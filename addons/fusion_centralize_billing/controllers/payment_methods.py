"""/customers/{id}/payment_methods: saved cards."""

from typing import Any

from odoo import models
from odoo.http import Controller, request

from ..schemas.answers.base import Meta
from ..schemas.answers.payment import SavedCard
from ..schemas.declared import PAGES, Many, One
from .wire import billing_route, customer_link, paginated

PATH = "/customers/<string:external_id>/payment_methods"
ANSWER = One("payment_method", SavedCard)


class PaymentMethodsController(Controller):
    @billing_route(
        PATH,
        resource="payment_method",
        query=PAGES,
        answer=Many("payment_methods", SavedCard, Meta),
        statuses=(422,),
    )
    def list_payment_methods(self, external_id: str) -> dict[str, Any]:
        """The customer's saved cards, newest first. 422 ``base`` as for ``portal_url``: cards
        belong to the account, and another service may bill the same one."""
        link = customer_link(external_id)
        tokens, meta = paginated(
            request.env["payment.token"].sudo(), _portal()._card_domain(link), "id desc"
        )
        cards = [_portal()._shown_card(link, token) for token in tokens]
        return {"payment_methods": cards, "meta": meta}

    @billing_route(
        f"{PATH}/<string:lago_id>/set_as_default",
        resource="payment_method",
        methods=("PUT",),
        answer=ANSWER,
    )
    def default_payment_method(self, external_id: str, lago_id: str) -> dict[str, Any]:
        """Charge the customer's subscriptions to this card from now on. 404
        ``payment_method_not_found``; 422 ``base: no_active_subscription``."""
        link = customer_link(external_id)
        token_sudo = _portal()._card(link, lago_id)
        _portal()._set_default(link, token_sudo)
        return {"payment_method": _portal()._shown_card(link, token_sudo)}

    @billing_route(
        f"{PATH}/<string:lago_id>",
        resource="payment_method",
        methods=("DELETE",),
        answer=ANSWER,
    )
    def delete_payment_method(self, external_id: str, lago_id: str) -> dict[str, Any]:
        """Forget a saved card: nothing is charged to it any more. 404
        ``payment_method_not_found``."""
        link = customer_link(external_id)
        token_sudo = _portal()._card(link, lago_id)
        card = _portal()._shown_card(link, token_sudo)
        token_sudo.active = False
        return {"payment_method": card}


def _portal() -> models.BaseModel:
    return request.env["fusion.billing.portal"]
