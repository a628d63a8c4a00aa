"""POST /customers: Lago's customer, every key optional but ``external_id``."""

import re
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, ValidationInfo, WithJsonSchema

from .base import NewId, Text, WireModel, refuse

EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+")


def _email(value: str | None) -> str | None:
    # Lago lets several addresses stand in one field, divided by commas.
    if value and not all(EMAIL.fullmatch(part.strip()) for part in value.split(",")):
        raise refuse("invalid_email_format")
    return value


def _timezone(value: str | None) -> str | None:
    if not value:
        return None
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:  # unknown, malformed, a directory
        raise refuse("invalid_timezone") from error
    return value


def _country(value: str | None, info: ValidationInfo) -> str | None:
    if not value:
        return None
    code = value.upper()
    if not info.context["is_country"](code):
        raise refuse("not_a_valid_country_code")
    return code


def _currency(value: str | None, info: ValidationInfo) -> str | None:
    if not value:
        return None
    code = value.upper()
    if not info.context["is_currency"](code):
        raise refuse("value_is_invalid")
    return code


def _described(about: str, **more: Any) -> WithJsonSchema:
    return WithJsonSchema(
        {"anyOf": [{"type": "string", **more}, {"type": "null"}], "description": about}
    )


Country = Annotated[
    Text,
    AfterValidator(_country),
    _described("ISO 3166, two letters.", pattern="^([A-Za-z]{2})?$", examples=["CA"]),
]
Email = Annotated[
    Text,
    AfterValidator(_email),
    _described("One address, or several with commas between them.", maxLength=255),
]
Currency = Annotated[
    Text,
    AfterValidator(_currency),
    _described("ISO 4217.", pattern="^([A-Za-z]{3})?$", examples=["CAD"]),
]
Timezone = Annotated[
    Text,
    AfterValidator(_timezone),
    _described("A name of the IANA database.", examples=["America/Toronto"]),
]


class ShippingAddress(WireModel):
    """Where goods go; Lago keeps it apart from the billing address."""

    address_line1: Text = None
    address_line2: Text = None
    city: Text = None
    zipcode: Text = None
    state: Text = None
    country: Country = None


class BillingConfiguration(WireModel):
    """How a customer is billed in Lago; kept and given back, Odoo's own settings decide."""

    invoice_grace_period: Annotated[int, Field(ge=0)] | None = None
    payment_provider: Text = None
    payment_provider_code: Text = None
    provider_customer_id: Text = None
    sync: bool | None = None
    sync_with_provider: bool | None = None
    document_locale: Text = None
    provider_payment_methods: list[str] | None = None
    subscription_invoice_issuing_date_anchor: Text = None
    subscription_invoice_issuing_date_adjustment: Text = None


class Metadata(WireModel):
    """One key and value of the app's own."""

    id: Text = None
    key: Text = None
    value: Text = None
    display_in_invoice: bool | None = None


class CustomerIn(WireModel):
    """The body under ``customer``. Validation context: ``is_country``, ``is_currency``
    (code -> bool), because only the database knows which ones exist."""

    external_id: NewId
    name: Text = None
    firstname: Text = None
    lastname: Text = None
    email: Email = None
    legal_name: Text = None
    legal_number: Text = None
    phone: Text = None
    url: Text = None
    logo_url: Text = None
    address_line1: Text = None
    address_line2: Text = None
    city: Text = None
    state: Text = None
    zipcode: Text = None
    country: Country = None
    currency: Currency = None
    timezone: Timezone = None
    tax_identification_number: Text = None
    billing_entity_code: Text = None
    external_salesforce_id: Text = None
    customer_type: Literal["company", "individual"] | None = None
    account_type: Literal["customer", "partner"] | None = None
    net_payment_term: Annotated[int, Field(ge=0, le=3650)] | None = None
    finalize_zero_amount_invoice: Literal["inherit", "skip", "finalize"] | None = None
    tax_codes: list[str] | None = None
    skip_invoice_custom_sections: bool | None = None
    invoice_custom_section_codes: list[str] | None = None
    shipping_address: ShippingAddress | None = None
    billing_configuration: BillingConfiguration | None = None
    metadata: list[Metadata] | None = None
    integration_customers: list[dict[str, Any]] | None = None


class PreviewCustomerIn(CustomerIn):
    """A customer of an invoice that is only asked about: one there is, or no one yet."""

    external_id: NewId | None = None
