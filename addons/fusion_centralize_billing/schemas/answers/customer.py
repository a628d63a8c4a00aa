"""Customers, and the links they are given."""

from typing import Literal

from .base import AnswerModel, Empty, Id, Instant


class AddressAnswer(AnswerModel):
    """Where goods go."""

    address_line1: str | None
    address_line2: str | None
    city: str | None
    zipcode: str | None
    state: str | None
    country: str | None


class ConfigurationAnswer(AnswerModel):
    """How the app wants its customer billed: kept, and given back."""

    invoice_grace_period: int | None
    payment_provider: str | None
    payment_provider_code: str | None
    provider_customer_id: str | None
    sync: bool | None
    sync_with_provider: bool | None
    document_locale: str | None
    subscription_invoice_issuing_date_anchor: str | None
    subscription_invoice_issuing_date_adjustment: str | None
    provider_payment_methods: list[str]


class CustomerMetadata(AnswerModel):
    """A key and value of the app's own."""

    lago_id: Id
    key: str | None
    value: str | None
    display_in_invoice: bool
    created_at: Instant


class CustomerBrief(AnswerModel):
    """A customer as lists have it: what this service sent, never what another one knows."""

    lago_id: Id
    external_id: str
    sequential_id: int
    slug: str
    name: str | None
    firstname: str | None
    lastname: str | None
    email: str | None
    legal_name: str | None
    legal_number: str | None
    phone: str | None
    url: str | None
    logo_url: str | None
    address_line1: str | None
    address_line2: str | None
    city: str | None
    state: str | None
    zipcode: str | None
    country: str | None
    currency: str | None
    timezone: str | None
    tax_identification_number: str | None
    external_salesforce_id: str | None
    customer_type: Literal["company", "individual"] | None
    net_payment_term: int | None
    account_type: Literal["customer", "partner"]
    billing_entity_code: str
    applicable_timezone: str
    finalize_zero_amount_invoice: Literal["inherit", "skip", "finalize"]
    skip_invoice_custom_sections: bool
    shipping_address: AddressAnswer
    billing_configuration: ConfigurationAnswer
    metadata: list[CustomerMetadata]
    created_at: Instant
    updated_at: Instant
    taxes: Empty
    integration_customers: Empty


class CustomerAnswer(CustomerBrief):
    """A customer."""

    applicable_invoice_custom_sections: Empty
    error_details: Empty


class PortalAnswer(AnswerModel):
    """A link that signs the customer in."""

    portal_url: str


class CheckoutAnswer(AnswerModel):
    """A link that leads the customer to where a card is saved."""

    lago_customer_id: Id
    external_customer_id: str
    payment_provider: str
    payment_provider_code: str
    checkout_url: str
