"""The unmodified npm lago-javascript-client creates, reads, changes, lists and errs.

Each resource has a script in ``javascript/``, run by Node against a running Odoo.
"""

import json
import re
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).with_name("javascript")
RESOURCES = sorted(path.stem for path in SCRIPTS.glob("*.mjs") if path.stem != "harness")
BILLED = ("credit-notes", "fees", "invoices", "payments")
NOW = "2026-03-10 15:30:00"
ADDRESS = {"country": "CA", "state": "ON", "city": "Toronto", "zipcode": "M5H 1A1"}
# A call of the client as its source has it: name, path, verb.
CALL = re.compile(r"(\w+): \([^()]*?params = \{\}\) => this\.request\(\{\s*path: `(.*?)`,"
                  r"\s*method: \"(\w+)\"", re.S)  # fmt: skip
GROUP = re.compile(r"^    (\w+) = \{(.*?)^    \};", re.S | re.M)


@pytest.fixture(scope="module")
def service(billing):
    """A service with the plan pro (20 CAD a month ahead, 1,000 GB, then 0.05) and four invoices."""
    service = billing.service("javascript", NOW)
    api = service.api
    metric = {"name": "Bandwidth", "code": "bandwidth", "aggregation_type": "sum_agg"}
    made = api.post("/billable_metrics", {"billable_metric": {**metric, "field_name": "gb"}})
    ranges = [
        {"from_value": 0, "to_value": 1000, "per_unit_amount": "0", "flat_amount": "0"},
        {"from_value": 1000, "to_value": None, "per_unit_amount": "0.05", "flat_amount": "0"},
    ]
    charge = {
        "billable_metric_id": made["billable_metric"]["lago_id"],
        "charge_model": "graduated",
        "properties": {"graduated_ranges": ranges},
    }
    plan = {"name": "Pro", "code": "pro", "interval": "monthly", "pay_in_advance": True}
    price = {"amount_cents": 2000, "amount_currency": "CAD", "charges": [charge]}
    api.post("/plans", {"plan": plan | price})
    for name in BILLED:
        customer = {"external_id": f"billed-{name}", "name": name, **ADDRESS}
        api.post("/customers", {"customer": customer})
        subscription = {"external_customer_id": f"billed-{name}", "external_id": name}
        values = {"plan_code": "pro", "billing_time": "anniversary", **subscription}
        api.post("/subscriptions", {"subscription": values})
    assert service.bill("2026-03-10") == len(BILLED)
    return service


@pytest.fixture(scope="module")
def run(service, javascript):
    """Run a resource's script, once; return the calls that it made."""
    folder = javascript.copy(SCRIPTS)
    keys = {"READ_ONLY_KEY": service.key(scope="read"), "LIMITED_KEY": service.key(limit=3)}
    env = service.environment() | keys
    called: dict[str, set[str]] = {}

    def once(resource: str) -> set[str]:
        if resource not in called:
            said = javascript.run(folder / f"{resource}.mjs", env=env)
            called[resource] = set(re.findall(r"called (\S+)", said))
        return called[resource]

    return once


@pytest.mark.parametrize("resource", RESOURCES)
def test_the_unmodified_client_drives(run, resource):
    run(resource)


def test_every_call_of_the_client_that_is_answered_here_is_driven(run, service, javascript):
    source = javascript.folder / "node_modules/lago-javascript-client/esm/openapi/client.js"
    calls = {
        (f"{group}.{name}", verb, re.sub(r"\$\{\w+\}", "none", path))
        for group, body in GROUP.findall(source.read_text("utf-8"))
        for name, path, verb in CALL.findall(body)
    }
    assert len(calls) > 200

    answered = {name for name, verb, path in calls if is_answered(service.api, verb, path)}

    driven = set().union(*map(run, RESOURCES))
    assert len(answered) > 50
    assert not answered - driven, f"not driven: {sorted(answered - driven)}"


def is_answered(api, verb: str, path: str) -> bool:
    """Tell whether there is such a route. Nothing has the id ``none``, and no body creates."""
    try:
        status, body = api.raw(verb, path, None if verb == "GET" else b"")
    except json.JSONDecodeError:
        return True  # a key, as text
    return not (status == 404 and body["code"] == "resource_not_found")
