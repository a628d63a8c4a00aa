"""Seed the users: all thirteen provinces and territories, and the odd ones real tables have."""

from __future__ import annotations

import dataclasses
import unicodedata
from datetime import UTC, datetime, timedelta
from uuid import UUID

from pilot.nexacloud.data import names, places
from pilot.nexacloud.dice import Dice
from pilot.nexacloud.records import HOME_TIMEZONE, User

_FIRST_SIGN_UP = datetime(2024, 2, 1, 13, tzinfo=UTC)
_SIGN_UP_DAYS = 700  # the last one signs up in January 2026


def users() -> list[User]:
    """Return every user, oldest sign-up first, ending with the two odd ones."""
    seen: set[str] = set()
    people = [
        _user(province, number, seen)
        for province, count in places.USERS_BY_PROVINCE.items()
        for number in range(count)
    ]
    people.sort(key=lambda user: (user.created_at, user.id))
    return [*people, _without_province(), _second_account_of(_shared_mailbox(people))]


def _user(province: str, number: int, seen: set[str]) -> User:
    dice = Dice("user", province, number)
    french = province == "QC" and dice.chance(80) or province == "NB" and dice.chance(40)
    full_name = _full_name(dice, french)
    company = _company(dice, french) if dice.chance(60) else None
    city = dice.pick(places.CITIES[province])
    created = _FIRST_SIGN_UP + timedelta(
        days=dice.below(_SIGN_UP_DAYS), minutes=dice.below(600), seconds=dice.below(60)
    )
    return User(
        id=dice.uuid(),
        email=_email(dice, full_name, seen),
        full_name=full_name,
        company_name=company,
        phone=f"+1 {city.area_code}-555-01{dice.below(100):02d}" if dice.chance(70) else None,
        address_line1=_street(dice, french),
        address_line2=dice.pick(places.FRENCH_UNITS if french else places.UNITS)
        if company and dice.chance(50)
        else None,
        city=city.name,
        province=province,
        postal_code=_postal_code(dice, city.postal_area),
        country="CA",
        tax_number=_business_number(dice) if company and dice.chance(40) else None,
        # Only those who live where the company is may have left the time zone empty.
        timezone=None if city.timezone == HOME_TIMEZONE and dice.chance(15) else city.timezone,
        locale="fr_CA" if french else "en_CA",
        stripe_customer_id=f"cus_{dice.uuid().hex[:14]}" if dice.chance(75) else None,
        is_active=not dice.chance(4),
        created_at=created,
    )


def _full_name(dice: Dice, french: bool) -> str:
    if french:
        return f"{dice.pick(names.FRENCH_GIVEN)} {dice.pick(names.FRENCH_FAMILY)}"
    return f"{dice.pick(names.ENGLISH_GIVEN)} {dice.pick(names.ENGLISH_FAMILY)}"


def _company(dice: Dice, french: bool) -> str:
    if french:
        return f"{dice.pick(names.FRENCH_FIRMS)} {dice.pick(names.FRENCH_FIRM_FORMS)}"
    return f"{dice.pick(names.ENGLISH_FIRMS)} {dice.pick(names.FIRM_FORMS)}"


def _email(dice: Dice, full_name: str, seen: set[str]) -> str:
    plain = unicodedata.normalize("NFKD", full_name).encode("ascii", "ignore").decode().lower()
    local = plain.replace("'", "").replace(" ", ".")
    domain = dice.pick(["example.ca", "example.com", "mail.example.org", "courriel.example.net"])
    email, suffix = f"{local}@{domain}", 1
    while email in seen:
        suffix += 1
        email = f"{local}{suffix}@{domain}"
    seen.add(email)
    return email


def _street(dice: Dice, french: bool) -> str:
    number = dice.between(1, 2400)
    if french:
        return f"{number}, {dice.pick(places.FRENCH_STREETS)}"
    return f"{number} {dice.pick(places.ENGLISH_STREETS)}"


def _postal_code(dice: Dice, area: str) -> str:
    return f"{area} {dice.below(10)}{dice.pick(places.POSTAL_LETTERS)}{dice.below(10)}"


def _business_number(dice: Dice) -> str:
    """Return a GST registration whose ninth digit is the right check digit (Luhn)."""
    digits = [dice.between(1, 9), *(dice.below(10) for _ in range(7))]
    doubled = [digit * 2 if place % 2 else digit for place, digit in enumerate(digits)]
    total = sum(sum(divmod(value, 10)) for value in doubled)
    return "".join(map(str, digits)) + f"{-total % 10}RT0001"


def _without_province() -> User:
    """Return the user whom sign-up never asked for an address: cannot be taxed, so not billed."""
    return User(
        id=UUID("0b5c1f7e-6a0e-4d1b-9a55-3f0f5a2d7c01"), email="jordan.lee@example.com",
        full_name="Jordan Lee", company_name=None, phone=None, address_line1=None,
        address_line2=None, city=None, province=None, postal_code=None, country="CA",
        tax_number=None, timezone="America/Toronto", locale="en_CA", stripe_customer_id=None,
        is_active=True, created_at=datetime(2026, 1, 19, 16, 4, 11, tzinfo=UTC),
    )  # fmt: skip


def _shared_mailbox(people: list[User]) -> User:
    return next(
        user for user in people
        if user.province == "ON" and user.company_name and user.is_active and user.timezone
    )  # fmt: skip


def _second_account_of(user: User) -> User:
    """Return a second sign-up of the same person: same mailbox in another case, same address."""
    local, _, domain = user.email.partition("@")
    return dataclasses.replace(
        user,
        id=UUID("c2f4a6d8-1b3e-4f57-8a9c-6d0e2b4f8a02"),
        email=f"{local.title()}@{domain.title()}",
        phone=None,
        tax_number=None,
        stripe_customer_id=None,
        created_at=datetime(2026, 1, 22, 15, 30, tzinfo=UTC),
    )
