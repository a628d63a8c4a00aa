"""NexaMaps: tiles served are counted by the hour, pushed when convenient, sealed at month's end.

    python3 app.py setup              the metric, the plan, two customers
    python3 app.py count 2026-03      a month of traffic (here: made up, the same each time)
    python3 app.py push               everything that the billing system does not have yet
    python3 app.py seal 2026-03       close the month, with its count and its sum

BILLING_URL and BILLING_KEY say where, COUNTERS is the file (counters.sqlite). Each command may be
killed at any moment and run again.
"""

from __future__ import annotations

import os
import sys
from datetime import datetime, timedelta

from billing import Billing, Refused
from counters import Counters

METRIC = "tiles"
CUSTOMERS = {"cartographe": ("Cartographe inc.", "QC"), "hikers": ("Hikers of Ontario", "ON")}


def setup(billing: Billing) -> None:
    """Create what is sold and to whom; what is there already is left alone."""
    once(billing, "/billable_metrics", "billable_metric", code=METRIC, name="Map tiles",
         aggregation_type="sum_agg", field_name="tiles")  # fmt: skip
    metric = billing.call("GET", f"/billable_metrics/{METRIC}", {})["billable_metric"]
    # A package of 1,000 tiles is 0.25; the first 100,000 tiles of a month are free.
    price = {"amount": "0.25", "package_size": 1000, "free_units": 100_000}
    charge = {"billable_metric_id": metric["lago_id"], "charge_model": "package"}
    once(billing, "/plans", "plan", code="maps", name="Maps", interval="monthly",
         amount_cents=1500, amount_currency="CAD", pay_in_advance=True,
         charges=[charge | {"properties": price}])  # fmt: skip
    for customer, (name, province) in CUSTOMERS.items():
        address = {"city": "Ottawa", "state": province, "zipcode": "K1A 0A9", "country": "CA"}
        values = {"external_id": customer, "name": name, **address}
        billing.call("POST", "/customers", {"customer": values})
        subscription = {
            "external_id": f"maps-{customer}",
            "external_customer_id": customer,
            "plan_code": "maps",
            "subscription_at": "2026-03-01T05:00:00Z",
        }
        billing.call("POST", "/subscriptions", {"subscription": subscription})


def once(billing: Billing, path: str, root: str, **values: object) -> None:
    """Create something, unless its code is taken: then it is ours of an earlier run."""
    try:
        billing.call("POST", path, {root: values})
    except Refused as refused:
        if "value_already_exist" not in str(refused):
            raise


def count(counters: Counters, month: str) -> None:
    """Count a month of hours. The hours are local: a bucket is an hour of the customer's clock."""
    hour = datetime.fromisoformat(f"{month}-01T00")
    while f"{hour:%Y-%m}" == month:
        counters.add(
            (f"maps-{customer}", METRIC, f"{hour:%Y-%m-%dT%H}", served(place, hour))
            for place, customer in enumerate(CUSTOMERS, 1)
        )
        hour += timedelta(hours=1)


def served(place: int, hour: datetime) -> int:
    """Return how many tiles somebody looked at in an hour: busy by day, quiet at night."""
    return place * (1000 * (1 + hour.hour) + hour.day)


def push(counters: Counters, billing: Billing) -> None:
    """Push in batches; note each batch only once it was confirmed."""
    statuses: dict[str, int] = {}
    for batch in counters.unconfirmed():
        answer = billing.call("PUT", "/usage/batch", {"usages": [one.wire() for one in batch]})
        for usage in answer["usages"]:
            status = usage["disposition"]["status"]
            statuses[status] = statuses.get(status, 0) + 1
        counters.confirm(batch)
        print(f"pushed {statuses}", flush=True)


def seal(counters: Counters, billing: Billing, month: str) -> None:
    """Tell what the month holds: the bill waits until both sides have the same."""
    start = datetime.fromisoformat(f"{month}-01")
    end = (start + timedelta(days=32)).replace(day=1)
    for subscription, metric, buckets, total in counters.month(month):
        sealed = billing.call("PUT", "/usage/seals", {"seal": {
            "external_subscription_id": subscription, "code": metric,
            "start": f"{start:%Y-%m-%d}", "end": f"{end:%Y-%m-%d}",
            "count": buckets, "sum": total,
        }})["seal"]  # fmt: skip
        print(f"{subscription}: {total} tiles in {buckets} hours, {sealed['state']}")


def main(arguments: list[str]) -> None:
    """Do one command."""
    billing = Billing(os.environ["BILLING_URL"], os.environ["BILLING_KEY"])
    counters = Counters(os.environ.get("COUNTERS", "counters.sqlite"))
    match arguments:
        case ["setup"]:
            setup(billing)
        case ["count", month]:
            count(counters, month)
        case ["push"]:
            push(counters, billing)
        case ["seal", month]:
            seal(counters, billing, month)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
