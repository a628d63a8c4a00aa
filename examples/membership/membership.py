"""A club whose members pay once a year. Nothing is counted; the client is Lago's, from PyPI.

    pip install lago-python-client
    python3 membership.py join ann        a member from today on
    python3 membership.py portal ann      the link to her invoices and her card
    python3 membership.py cancel ann      ends it today; what she paid ahead comes back as credit

BILLING_URL and BILLING_KEY say where. Each command may be repeated.
"""

import os
import sys

from lago_python_client import Client
from lago_python_client.exceptions import LagoApiError
from lago_python_client.models import Customer, Plan, Subscription

MEMBERS = {
    "ann": Customer(
        external_id="ann",
        name="Ann Tremblay",
        email="ann@example.com",
        address_line1="5 Lake Rd",
        city="Halifax",
        state="NS",
        zipcode="B3H 1A1",
        country="CA",
    )
}
# 120.00 a year, ahead.
PLAN = Plan(
    name="Membership",
    code="membership",
    interval="yearly",
    amount_cents=12000,
    amount_currency="CAD",
    pay_in_advance=True,
)


def publish(client: Client) -> None:
    """Create the plan unless it is there."""
    try:
        client.plans.find(PLAN.code)
    except LagoApiError as error:
        if error.status_code != 404:
            raise
        client.plans.create(PLAN)


def join(client: Client, name: str) -> str:
    """Make somebody a member. The same id again is the same membership."""
    publish(client)
    client.customers.create(MEMBERS[name])
    membership = client.subscriptions.create(
        Subscription(
            external_customer_id=name,
            external_id=f"membership-{name}",
            plan_code=PLAN.code,
            billing_time="anniversary",
        )
    )
    return f"{name} is a member until {membership.current_billing_period_ending_at[:10]}"


def portal(client: Client, name: str) -> str:
    """Return a link that signs her in to her own pages for twelve hours."""
    return client.customers.portal_url(name)


def cancel(client: Client, name: str) -> str:
    """End the membership; ended already is fine."""
    try:
        client.subscriptions.destroy(f"membership-{name}")
    except LagoApiError as error:
        if error.status_code != 404:
            raise
        return f"{name} is no member"
    return f"{name} was a member until today"


def main(arguments: list[str]) -> None:
    """Do one command."""
    # The client appends api/v1/ to an address that ends with a slash.
    url = os.environ["BILLING_URL"].rstrip("/") + "/"
    client = Client(os.environ["BILLING_KEY"], api_url=url)
    commands = {"join": join, "portal": portal, "cancel": cancel}
    if len(arguments) != 2 or arguments[0] not in commands:
        sys.exit(__doc__)
    print(commands[arguments[0]](client, arguments[1]))


if __name__ == "__main__":
    main(sys.argv[1:])
