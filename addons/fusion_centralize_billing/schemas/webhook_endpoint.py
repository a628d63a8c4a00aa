"""POST and PUT /webhook_endpoints: Lago's webhook endpoint."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, ValidationInfo

from .base import Required, Text, WireModel, refuse

ALL = ["*"]


def _address(value: str) -> str:
    if not value.lower().startswith(("http://", "https://")):
        raise refuse("value_is_invalid")
    return value


def _known(value: list[str] | None, info: ValidationInfo) -> list[str] | None:
    """None and ``["*"]`` are all of them."""
    if value is None or value == ALL:
        return None
    known = (info.context or {})["known_types"]
    if set(value) - set(known):
        raise refuse("value_is_invalid")
    return list(dict.fromkeys(value))


def _jwt_if_unset(value: object) -> object:
    return value or "jwt"


class WebhookEndpointChange(WireModel):
    """The body of a PUT: what is not sent stays as it is."""

    webhook_url: Annotated[Required, AfterValidator(_address)] = ""
    signature_algo: Annotated[Literal["jwt", "hmac"], BeforeValidator(_jwt_if_unset)] = "jwt"
    name: Text = None
    event_types: Annotated[list[str] | None, AfterValidator(_known)] = None


class WebhookEndpointIn(WebhookEndpointChange):
    """The body of a POST."""

    webhook_url: Annotated[Required, AfterValidator(_address)]
