"""POST /customers: who an app's customers are."""

from typing import Any

from odoo.http import Controller, request

from ..schemas.answers.customer import CustomerAnswer
from ..schemas.base import validated
from ..schemas.customer import CustomerIn
from ..schemas.declared import One
from .wire import billing_route, knows, root


class CustomersController(Controller):
    @billing_route(
        "/customers",
        resource="customer",
        methods=("POST",),
        body=One("customer", CustomerIn),
        answer=One("customer", CustomerAnswer),
    )
    def upsert_customer(self) -> dict[str, Any]:
        """Create or change a customer by ``external_id``.

        ``{"customer": {…}}`` → 200 ``{"customer": {…}}``. 400 without root key, 422 with every
        wrong field.
        """
        values = validated(
            CustomerIn,
            root("customer"),
            is_country=knows("res.country", "code"),
            is_currency=knows("res.currency", "name"),
        ).sent()
        external_id = values.pop("external_id")
        link = request.env["fusion.billing.customer"]._upsert(
            request.fc_service, external_id, values
        )
        return {"customer": request.env["fusion.billing.serialize"]._customer(link)}
