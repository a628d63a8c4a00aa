"""NexaCloud databases drawn from a seed: the same seed gives the same rows, to the byte.

Three shapes: ``clean``; ``renamed`` (other names, further columns, text ids, other time zones);
``dirty`` (what ten years of forms and scripts leave behind). The server keeps no constraint, as
little as an app's that has been migrated twice.
"""

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from psycopg2 import extras, sql

from ..importers.mapping import TABLES

PROVINCES = ("ON", "QC", "BC", "AB", "MB", "SK", "NS", "NB", "NL", "PE")
ZONES = ("America/Toronto", "America/Vancouver", "America/St_Johns", "Asia/Tokyo", None)
FIRST = ("Ann", "Zoé", "Luc", "Mei", "Omar", "Élodie", "Raj", "Ivan", "Noor", "Tom")
LAST = ("Roy", "Tremblay", "Singh", "Nguyễn", "O'Neil", "Côté", "MacDonald", "Li")
STATES = ("active",) * 7 + ("past_due", "trialing", "cancelled")
LETTERS = "ABCEGHJKLMNPRSTVXY"
TIERS = [
    {"up_to": 50, "unit_price": "0", "flat_price": "0"},
    {"up_to": None, "unit_price": "0.08", "flat_price": "0"},
]
# (code, interval, price in cents, currency)
PLANS = (
    ("starter", "month", 900, "CAD"),
    ("pro", "month", 2900, "CAD"),
    ("team", "month", 9900, "USD"),
    ("pro-year", "year", 29000, "CAD"),
)
TYPES = {
    "price_cents": "integer", "pay_in_advance": "boolean", "included_bandwidth_gb": "numeric",
    "overage_bandwidth_price": "numeric(12,6)", "included_build_minutes": "numeric",
    "overage_build_price": "numeric(12,6)", "storage_tiers": "jsonb", "is_public": "boolean",
    "is_active": "boolean", "started_at": "timestamptz", "trial_ends_at": "timestamptz",
    "current_period_start": "date", "current_period_end": "date", "cancelled_at": "timestamptz",
    "created_at": "timestamptz", "deleted_at": "timestamptz", "coupon_percent_off": "numeric",
    "coupon_amount_off_cents": "integer", "coupon_ends_at": "date",
}  # fmt: skip
# The renamed shape, in the words of the setting.
RENAMED = {
    "users": {
        "table": "crm.accounts",
        "columns": {"full_name": "display_name", "province": "region", "phone": None},
    },
    "plans": {"table": "tariffs", "columns": {"price_cents": "amount", "description": None}},
    "subscriptions": {"columns": {"user_id": "account", "current_period_end": "renews_on"}},
    "deployments": {"columns": {"size": None}},
}


@dataclass
class Made:
    """Rows by entity in our column names; ``refused``: id → the field its reason must name."""

    shape: str
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def mapping(self) -> str:
        """The setting that this shape needs."""
        return json.dumps(RENAMED) if self.shape == "renamed" else ""

    def load(self, connection: Any) -> None:
        """Create the tables in an app's database and fill them."""
        with connection.cursor() as cursor:
            for entity in TABLES:
                self._table(cursor, entity)

    def _table(self, cursor: Any, entity: str) -> None:
        other = RENAMED.get(entity, {}) if self.shape == "renamed" else {}
        parts = other.get("table", entity).split(".")
        name = sql.Identifier(*parts)
        names = {ours: ours for ours in TABLES[entity]} | other.get("columns", {})
        names = {ours: theirs for ours, theirs in names.items() if theirs}
        types = [
            sql.SQL("{} {}").format(sql.Identifier(theirs), sql.SQL(TYPES.get(ours, "text")))
            for ours, theirs in names.items()
        ]
        if other:
            types.append(sql.SQL("legacy_flags bytea DEFAULT '\\x00ff'"))
        for part in parts[:-1]:
            cursor.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(part)))
        cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(name))
        cursor.execute(sql.SQL("CREATE TABLE {} ({})").format(name, sql.SQL(", ").join(types)))
        columns = sql.SQL(", ").join(map(sql.Identifier, names.values()))
        statement = sql.SQL("INSERT INTO {} ({}) VALUES %s").format(name, columns)
        values = [[row.get(ours) for ours in names] for row in self.rows[entity]]
        extras.execute_values(cursor, statement.as_string(cursor), values, page_size=1000)


def make(seed: int, users: int, shape: str = "clean") -> Made:
    """Draw a database of so many users in one of the three shapes."""
    rng = Random(f"{seed} {shape}")
    made = Made(shape)
    made.rows = {"plans": _plans(), "users": [], "subscriptions": [], "deployments": []}
    for number in range(users):
        user = _user(rng, number, shape)
        made.rows["users"].append(user)
        if rng.random() < 0.85:
            subscription = _subscription(rng, user, shape)
            made.rows["subscriptions"].append(subscription)
            made.rows["deployments"] += [
                _deployment(rng, subscription, shape) for _n in range(rng.choice((0, 1, 1, 3)))
            ]
    # What a form without a check lets through is in every real database.
    for number in range(0, users - 1, 50):
        twin = made.rows["users"][number + 1]
        twin["email"] = f"{made.rows['users'][number]['email'].upper()} "
    for number in range(7, users, 40):
        made.rows["users"][number]["province"] = None
    for row in made.rows["subscriptions"]:
        if row["status"] == "cancelled":
            made.refused[row["id"]] = "Cancelled"
    if shape == "dirty":
        _dirty(rng, made)
    return made


def _id(rng: Random, shape: str, prefix: str) -> str:
    bits = rng.getrandbits(128)
    return f"{prefix}_{bits:x}" if shape == "renamed" else str(UUID(int=bits))


def _user(rng: Random, number: int, shape: str) -> dict[str, Any]:
    first, last = rng.choice(FIRST), rng.choice(LAST)
    draw, digit = lambda: rng.choice(LETTERS), lambda: rng.randrange(10)
    return {
        "id": _id(rng, shape, "usr"),
        "email": f"user{number}@example{number % 97}.ca",
        "full_name": f"{first} {last}",
        "company_name": f"{last} {number} Inc." if rng.random() < 0.3 else None,
        "phone": f"+1 416 555 {number % 10000:04}",
        "address_line1": f"{rng.randrange(1, 900)} King St",
        "city": "Toronto",
        "province": rng.choice(PROVINCES),
        "postal_code": f"{draw()}{digit()}{draw()} {digit()}{draw()}{digit()}",
        "country": "CA",
        "timezone": rng.choice(ZONES),
        "locale": rng.choice(("en", "fr", None)),
        "stripe_customer_id": f"cus_{number}",
        "is_active": True,
        "created_at": _instant(rng, shape, datetime(2024, 1, 1, tzinfo=UTC), number),
    }


def _instant(rng: Random, shape: str, start: datetime, minutes: int) -> datetime:
    moment = start + timedelta(minutes=minutes)
    zone = rng.choice(ZONES[:4])
    return moment.astimezone(ZoneInfo(zone)) if shape == "renamed" else moment


def _plans() -> list[dict[str, Any]]:
    return [
        {
            "id": str(number),
            "code": code,
            "name": code.title(),
            "interval": interval,
            "price_cents": cents,
            "currency": currency,
            "pay_in_advance": True,
            "included_bandwidth_gb": 250,
            "overage_bandwidth_price": "0.08",
            "included_build_minutes": 1000,
            "overage_build_price": "0.008" if code != "starter" else None,
            "storage_tiers": json.dumps(TIERS),
            "is_public": True,
            "created_at": datetime(2023, 1, number, tzinfo=UTC),
        }
        for number, (code, interval, cents, currency) in enumerate(PLANS, 1)
    ]


def _subscription(rng: Random, user: dict[str, Any], shape: str) -> dict[str, Any]:
    number, status, day = rng.randrange(len(PLANS)), rng.choice(STATES), rng.randrange(1, 28)
    yearly = PLANS[number][1] == "year"
    row = {
        "id": _id(rng, shape, "sub"),
        "user_id": user["id"],
        "plan_id": str(number + 1),
        "status": status,
        "started_at": _instant(rng, shape, datetime(2025, 3, day, 17, tzinfo=UTC), 0),
        "current_period_start": date(2026, 3, day),
        "current_period_end": date(2027, 3, day) if yearly else date(2026, 4, day),
        "created_at": datetime(2025, 3, day, 17, tzinfo=UTC),
    }
    if status == "trialing":
        row["trial_ends_at"] = datetime(2026, 4, day, 17, tzinfo=UTC)
    elif status == "cancelled":
        row["cancelled_at"] = datetime(2026, 3, day, 18, tzinfo=UTC)
    elif rng.random() < 0.1:
        row |= {"coupon_code": "WELCOME", "coupon_percent_off": rng.choice((10, 25, 50))}
    elif rng.random() < 0.03:
        row |= {"coupon_code": "FIVE", "coupon_amount_off_cents": 500}
    return row


def _deployment(rng: Random, subscription: dict[str, Any], shape: str) -> dict[str, Any]:
    return {
        "id": _id(rng, shape, "dep"),
        "subscription_id": subscription["id"],
        "name": f"app-{rng.randrange(10**6)}",
        "region": rng.choice(("yul", "yyz", "yvr")),
        "size": rng.choice("SML"),
        "status": "running",
        "created_at": datetime(2025, 4, 1, tzinfo=UTC),
    }


def _dirty(rng: Random, made: Made) -> None:
    """Spoil rows; each user and each subscription at most once."""
    _spoil_users(made)
    made.rows["plans"] += [
        made.rows["plans"][0] | {"id": "91", "code": "coins", "currency": "ZZZ"},
        made.rows["plans"][0] | {"id": "92", "code": "weekly", "interval": "week"},
        made.rows["plans"][0] | {"id": "93", "code": "rebate", "price_cents": -100},
    ]
    made.refused |= {"coins": "currency", "weekly": "interval", "rebate": "price_cents"}
    _spoil_subscriptions(rng, made)
    for row in made.rows["subscriptions"]:
        if row["user_id"] in made.refused:
            made.refused.setdefault(row["id"], "user_id")
    orphan = {"id": _id(rng, "dirty", "dep"), "subscription_id": "nobody's", "name": None}
    made.rows["deployments"].append(orphan)


def _spoil_users(made: Made) -> None:
    users = iter(made.rows["users"][2:])
    next(users)["full_name"] = "Ã‰lodie CÃ´tÃ©"  # UTF-8 read as Latin-1, stored again
    next(users)["full_name"] = "Tom\x07\x1b Roy\u200b"
    next(users)["full_name"] = "   "
    next(users)["address_line1"] = "1 rue\u0085de l'Église\r\n\tapp. 3"
    next(users)["country"] = "ZZ"
    next(users)["timezone"] = "Mars/Olympus"
    for email in (None, "  "):
        user = next(users)
        user["email"] = email
        made.refused[user["id"]] = "email"


def _spoil_subscriptions(rng: Random, made: Made) -> None:
    spoilt = {
        "current_period_end": {"current_period_end": date(2026, 1, 1)},
        "started_at": {"started_at": None},
        "status": {"status": "frozen"},
        "trial_ends_at": {"status": "trialing", "trial_ends_at": None},
        "user_id": {"user_id": str(UUID(int=rng.getrandbits(128)))},
        "plan_id": {"plan_id": "91"},
        "coupon": {"coupon_code": "BOTH", "coupon_percent_off": 5, "coupon_amount_off_cents": 5},
        "current_period_start": {"current_period_start": date(2026, 3, 31)},
    }
    taken = (
        row
        for row in made.rows["subscriptions"]
        if row["status"] == "active" and row["user_id"] not in made.refused
    )
    for name, values in spoilt.items():
        row = next(taken)
        row |= values
        made.refused[row["id"]] = name
    undated = next(row for row in made.rows["subscriptions"] if row["status"] == "cancelled")
    undated["cancelled_at"] = None
