"""An example of a schema, made of the schema: it cannot show what would not validate."""

from typing import Any

from .example_requests import REQUESTS

# What the values of the keys of this API look like; other keys take what their schema says.
BY_NAME = {
    "external_id": "acme",
    "external_customer_id": "acme",
    "external_subscription_id": "acme-hosting",
    "plan_code": "pro",
    "transaction_id": "7f5c-0001",
    "event_transaction_id": "7f5c-0001",
    "billable_metric_code": "bandwidth",
    "charge_code": "bandwidth",
    "code": "bandwidth",
    "name": "Acme Inc.",
    "email": "billing@acme.example",
    "address_line1": "1 King St",
    "city": "Toronto",
    "state": "ON",
    "zipcode": "M5H 1A1",
    "country": "CA",
    "currency": "CAD",
    "amount_currency": "CAD",
    "timezone": "America/Toronto",
    "applicable_timezone": "America/Toronto",
    "reference": "cheque 1042",
    "field_name": "gb",
    "webhook_url": "https://app.example/webhooks",
    "webhook_type": "invoice.created",
    "object_type": "invoice",
    "billing_entity_code": "maps",
    "slug": "MAPS-001",
    "url": "https://acme.example",
    "number": "INV/2026/00001",
    "key": "region",
    "sequence": 7,
    "interval": "monthly",
    "pay_in_advance": True,
}
# What an object of a kind calls itself.
BY_KIND = {
    "plan": {"name": "Pro", "code": "pro", "invoice_display_name": "Pro", "slug": "pro"},
    "metric": {"name": "Bandwidth", "code": "bandwidth"},
    "charge": {"invoice_display_name": "Bandwidth", "code": "bandwidth"},
    "subscription": {"name": "Hosting", "external_id": "acme-hosting"},
    "endpoint": {"name": "App"},
    "tax": {"tax_name": "HST 13%", "tax_code": "hst_13%", "tax_description": "HST"},
    "checkpoint": {"name": "mailer"},
}
DEPTH = 9


def example(schema: dict[str, Any], components: dict[str, Any], *, sent: bool) -> Any:
    """An instance. ``sent``: of a request, so that what is optional is left out."""
    return _of(schema, components, "", sent, 0)


def _of(schema: dict[str, Any], all_: dict[str, Any], name: str, sent: bool, depth: int) -> Any:
    if "$ref" in schema:
        component = schema["$ref"].rsplit("/", 1)[-1]
        if sent and component in REQUESTS:
            return REQUESTS[component]
        schema = all_[component]
    for key in ("const", "default") if not sent else ("const",):
        if schema.get(key) is not None:
            return schema[key]
    if "enum" in schema:
        return schema["enum"][0]
    if "examples" in schema:
        return schema["examples"][0]
    if options := schema.get("anyOf") or schema.get("oneOf"):
        return _of(_option(options), all_, name, sent, depth)
    return _plain(schema, all_, name, sent, depth)


def _option(options: list[dict[str, Any]]) -> dict[str, Any]:
    return next((each for each in options if each.get("type") != "null"), options[0])


def _plain(schema: dict[str, Any], all_: dict[str, Any], name: str, sent: bool, depth: int) -> Any:
    match schema.get("type"):
        case "object":
            return _object(schema, all_, sent, depth + 1)
        case "array":
            empty = schema.get("maxItems") == 0 or depth > DEPTH
            return [] if empty else [_of(schema.get("items", {}), all_, name, sent, depth + 1)]
        case "string":
            fits = isinstance(BY_NAME.get(name), str) and "pattern" not in schema
            return BY_NAME[name] if fits else "…"
        case "integer":
            low = max(schema.get("minimum", 0), schema.get("exclusiveMinimum", 0) + 1)
            return BY_NAME[name] if isinstance(BY_NAME.get(name), int) else low
        case "number":
            return 13.0
        case "boolean":
            return BY_NAME.get(name) is True
    return None


def _object(schema: dict[str, Any], all_: dict[str, Any], sent: bool, depth: int) -> Any:
    properties = schema.get("properties")
    if not properties:
        return {} if sent or not schema.get("minProperties") else {"region": "ca"}
    required = set(schema.get("required", ()))
    wanted = {
        key: value
        for key, value in properties.items()
        if key in required or (not sent and "default" not in value)
    }
    if sent and not wanted:
        wanted = dict(list(properties.items())[:1])
    found = {key: _of(value, all_, key, sent, depth) for key, value in wanted.items()}
    own = _names(schema.get("title", "").lower())
    return found | {key: name for key, name in own.items() if found.get(key)}


def _names(title: str) -> dict[str, str]:
    """The names of the first kind in BY_KIND that the title begins with."""
    return next(
        (own for kind, own in BY_KIND.items() if title.removeprefix("present").startswith(kind)),
        {},
    )
