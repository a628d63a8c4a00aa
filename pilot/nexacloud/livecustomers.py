"""The customers of the two live services; some are NexaCloud users under the same mailbox."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Any

from pilot.nexacloud import dataset
from pilot.nexacloud.data import names, places
from pilot.nexacloud.data.services import MAPS, MAPS_CUSTOMERS, MEMBERS, MEMBERS_CUSTOMERS
from pilot.nexacloud.dice import Dice
from pilot.nexacloud.records import User


@dataclass(frozen=True, slots=True)
class LiveCustomer:
    """A customer of one service. `shared_with` is the NexaCloud user of the same mailbox."""

    service: str
    external_id: str
    name: str
    email: str
    address_line1: str
    city: str
    province: str
    postal_code: str
    timezone: str
    shared_with: str | None

    def payload(self) -> dict[str, Any]:
        """Return the body of ``POST /customers``, without its root key."""
        return {
            "external_id": self.external_id,
            "name": self.name,
            "email": self.email,
            "address_line1": self.address_line1,
            "city": self.city,
            "state": self.province,
            "zipcode": self.postal_code,
            "country": "CA",
            "currency": "CAD",
            "timezone": self.timezone,
        }


def live_customers() -> list[LiveCustomer]:
    """Return the twelve customers of NexaMaps and the eight of NexaMembers."""
    wanted = [(MAPS.code, MAPS_CUSTOMERS), (MEMBERS.code, MEMBERS_CUSTOMERS)]
    return [
        _shared(service, number, code[1:]) if code.startswith("=") else _own(service, number, code)
        for service, codes in wanted
        for number, code in enumerate(codes, start=1)
    ]


def _shared(service: str, number: int, province: str) -> LiveCustomer:
    user = _nexacloud_user(province)
    return LiveCustomer(
        service=service,
        external_id=f"{service}-cust-{number:03d}",
        name=user.company_name or user.full_name or user.email,
        email=user.email,
        address_line1=user.address_line1 or "",
        city=user.city or "",
        province=province,
        postal_code=user.postal_code or "",
        timezone=user.zone,
        shared_with=str(user.id),
    )


def _nexacloud_user(province: str) -> User:
    """Return the first user there who is alone on the mailbox and is billed in CAD on 1 April."""
    seed = dataset.build()
    in_cad = {plan.id for plan in seed.plans if plan.currency == "CAD"}
    billed = {
        contract.user_id
        for contract in seed.subscriptions
        if contract.status == "active"
        and contract.plan_id in in_cad
        and contract.current_period_end == date(2026, 4, 1)
    }
    mailboxes = [user.email.lower() for user in seed.users]
    return next(
        user
        for user in seed.users
        if user.province == province
        and user.id in billed
        and mailboxes.count(user.email.lower()) == 1
    )


def _own(service: str, number: int, province: str) -> LiveCustomer:
    dice = Dice("live", service, number)
    city = dice.pick(places.CITIES[province])
    french = province == "QC"
    given = dice.pick(names.FRENCH_GIVEN if french else names.ENGLISH_GIVEN)
    family = dice.pick(names.FRENCH_FAMILY if french else names.ENGLISH_FAMILY)
    local = unicodedata.normalize("NFKD", f"{given}.{family}").encode("ascii", "ignore").decode()
    letter = dice.pick(places.POSTAL_LETTERS)
    return LiveCustomer(
        service=service,
        external_id=f"{service}-cust-{number:03d}",
        name=f"{given} {family}",
        email=f"{local.lower().replace(chr(39), '')}@{service}.example.com",
        address_line1=f"{dice.between(1, 900)} {dice.pick(places.ENGLISH_STREETS)}",
        city=city.name,
        province=province,
        postal_code=f"{city.postal_area} {dice.below(10)}{letter}{dice.below(10)}",
        timezone=city.timezone,
        shared_with=None,
    )
