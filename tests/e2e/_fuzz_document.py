"""The OpenAPI document with the names of things that are there, so that requests reach them."""

import copy
from typing import Any

# Segment of the path -> what its parameter names.
SEGMENTS = {
    "customers": "customers",
    "subscriptions": "subscriptions",
    "plans": "plans",
    "charges": "charges",
    "billable_metrics": "metrics",
    "events": "events",
    "invoices": "invoices",
    "fees": "fees",
    "webhook_endpoints": "endpoints",
    "webhooks": "webhooks",
}
SPARE = {"customers": "customer", "subscriptions": "subscription", "plans": "plan"}
# Key of a query string or a body -> what it names.
KEYS = {
    "external_customer_id": "customers",
    "external_subscription_id": "subscriptions",
    "plan_code": "plans",
    "billable_metric_code": "metrics",
    "billable_metric_id": "metric_ids",
    "invoice_id": "invoices",
    "fee_id": "fees",
    "webhook_endpoint_id": "endpoints",
}
WORDS = {
    "email": ["billing@acme.example"],
    "timezone": ["America/Toronto", "Asia/Tokyo"],
    "country": ["CA"],
    "currency": ["CAD"],
    "amount_currency": ["CAD"],
}
BODIES = {
    "EventIn": {"code": "metrics"},
    "UsageIn": {"code": "metrics"},
    "CounterIn": {"code": "metrics"},
    "SealIn": {"code": "metrics"},
    "CustomerIn": {"external_id": "customers"},
}


def seeded(document: dict[str, Any], ids: dict[str, Any]) -> dict[str, Any]:
    """A copy in which ids are often those of `ids`; what is deleted is spare."""
    document = copy.deepcopy(document)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            known = _spared(ids) if method == "delete" and path.count("{") == 1 else ids
            for parameter in operation["parameters"]:
                _seed_parameter(parameter, path, known)
            # Repeated with another body it is a 422, and nothing behind it is reached.
            operation["parameters"] = [p for p in operation["parameters"] if p["in"] != "header"]
            if operation["responses"]["200"].get("x-may-be-empty"):
                del operation["responses"]["200"]["content"]
    for name, schema in document["components"]["schemas"].items():
        if name.endswith(("In", "Change", "Address")):
            own = KEYS | BODIES.get(name.removesuffix("Change"), {})
            named = {key: ids[kind] for key, kind in own.items()} | WORDS
            for key, value in schema.get("properties", {}).items():
                if key in named:
                    known = {"enum": named[key]}
                    schema["properties"][key] = {"anyOf": [known, known, known, value]}
    return document


def _spared(ids: dict[str, Any]) -> dict[str, Any]:
    return ids | {name: ids["spare"][kind] for name, kind in SPARE.items()}


def _seed_parameter(parameter: dict[str, Any], path: str, ids: dict[str, Any]) -> None:
    name = parameter["name"]
    if parameter["in"] == "path":
        segment = path.split(f"/{{{name}}}")[0].rsplit("/", 1)[-1]
        if segment in SEGMENTS:
            parameter["schema"] = {"enum": [*ids[SEGMENTS[segment]][:8], "nobody"]}
    elif name in KEYS:
        parameter["schema"] = {"enum": [*ids[KEYS[name]][:8], "nobody"]}
