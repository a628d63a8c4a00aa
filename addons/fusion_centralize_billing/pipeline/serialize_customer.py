"""Lago's customer: what the app sent, given back, with the ids and dates we add.

Never the partner's own values: the partner may belong to another service as well, and a key
reads its own service's data only.
"""

from typing import Any

from odoo import models

ECHOED = (
    "name", "firstname", "lastname", "email", "legal_name", "legal_number", "phone", "url",
    "logo_url", "address_line1", "address_line2", "city", "state", "zipcode", "country",
    "currency", "timezone", "tax_identification_number", "external_salesforce_id",
    "customer_type", "net_payment_term",
)  # fmt: skip
SHIPPING = ("address_line1", "address_line2", "city", "zipcode", "state", "country")
CONFIGURATION = (
    "invoice_grace_period", "payment_provider", "payment_provider_code", "provider_customer_id",
    "sync", "sync_with_provider", "document_locale",
    "subscription_invoice_issuing_date_anchor", "subscription_invoice_issuing_date_adjustment",
)  # fmt: skip


class BillingSerializeCustomer(models.AbstractModel):
    _inherit = "fusion.billing.serialize"

    def _customer(self, link: models.BaseModel, full: bool = True) -> dict[str, Any]:
        """The customer of a link. ``full`` adds what Lago leaves out in lists."""
        sent = link.data or {}
        service = link.service_id
        customer = {
            "lago_id": self._id("customer", link),
            "external_id": link.external_id,
            "sequential_id": link.id,
            "slug": f"{service.code.upper()}-{link.id:03d}",
            **{key: sent.get(key) for key in ECHOED},
            "name": sent.get("name", link.external_name or None),
            "email": sent.get("email", link.external_email or None),
            "account_type": sent.get("account_type") or "customer",
            "billing_entity_code": service.code,
            "applicable_timezone": sent.get("timezone") or service.timezone,
            "finalize_zero_amount_invoice": sent.get("finalize_zero_amount_invoice") or "inherit",
            "skip_invoice_custom_sections": bool(sent.get("skip_invoice_custom_sections")),
            "shipping_address": _part(sent.get("shipping_address"), SHIPPING),
            "billing_configuration": self._billing_configuration(sent),
            "metadata": self._metadata(link, sent.get("metadata")),
            "created_at": self._instant(link.create_date),
            "updated_at": self._instant(link.write_date),
            "taxes": [],
            "integration_customers": [],
        }
        if full:
            customer |= {"applicable_invoice_custom_sections": [], "error_details": []}
        return customer

    def _billing_configuration(self, sent: dict[str, Any]) -> dict[str, Any]:
        values = sent.get("billing_configuration") or {}
        methods = values.get("provider_payment_methods") or []
        return _part(values, CONFIGURATION) | {"provider_payment_methods": methods}

    def _metadata(self, link: models.BaseModel, items: list | None) -> list[dict[str, Any]]:
        own_id = self._id("customer", link)
        return [
            {
                "lago_id": self._derived_id(own_id, f"metadata:{item.get('key')}"),
                "key": item.get("key"),
                "value": item.get("value"),
                "display_in_invoice": bool(item.get("display_in_invoice")),
                "created_at": self._instant(link.create_date),
            }
            for item in items or []
        ]


def _part(values: dict[str, Any] | None, keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: (values or {}).get(key) for key in keys}
