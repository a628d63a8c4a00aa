"""A small NexaCloud on the PostgreSQL server that Odoo uses, made and dropped by the test."""

import os
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import psycopg2
from psycopg2 import extensions, sql

from odoo.sql_db import connection_info_for
from odoo.tests import TransactionCase

SCHEMA = """
CREATE TABLE users (
    id uuid PRIMARY KEY, email text NOT NULL, full_name text, company_name text, phone text,
    address_line1 text, address_line2 text, city text, province char(2), postal_code text,
    country char(2) DEFAULT 'CA', tax_number text, timezone text, locale text,
    stripe_customer_id text, is_active boolean, created_at timestamptz);
CREATE TABLE plans (
    id serial PRIMARY KEY, code text UNIQUE, name text, description text, interval text,
    price_cents integer, currency char(3), pay_in_advance boolean, included_bandwidth_gb numeric,
    overage_bandwidth_price numeric(12,6), included_build_minutes numeric,
    overage_build_price numeric(12,6), storage_tiers jsonb, is_public boolean,
    created_at timestamptz);
CREATE TABLE subscriptions (
    id uuid PRIMARY KEY, user_id uuid REFERENCES users, plan_id int REFERENCES plans, status text,
    started_at timestamptz, trial_ends_at timestamptz, current_period_start date,
    current_period_end date, cancelled_at timestamptz, stripe_subscription_id text,
    created_at timestamptz, coupon_code text, coupon_percent_off numeric,
    coupon_amount_off_cents integer, coupon_ends_at date);
CREATE TABLE deployments (
    id uuid PRIMARY KEY, subscription_id uuid REFERENCES subscriptions, name text, region text,
    size text, status text, created_at timestamptz, deleted_at timestamptz);
"""
TIERS = (
    '[{"up_to": 50, "unit_price": "0", "flat_price": "0"},'
    ' {"up_to": null, "unit_price": "0.08", "flat_price": "0"}]'
)
PASSWORD = "only-for-this-test"


def uid(number: int) -> str:
    """The uuid with this number."""
    return str(UUID(int=number))


class NexacloudCase(TransactionCase):
    """An empty NexaCloud database per class, emptied before each test; a shadow service.

    Ann (user 1) in Toronto pays for ``pro``, in CAD, from 1 to 31 March 2026 (:meth:`seed`).
    """

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        _name, info = connection_info_for(cls.env.cr.dbname)
        cls.server = extensions.parse_dsn(info["dsn"]) if "dsn" in info else dict(info)
        cls.server.pop("database", None)
        cls.app_db = f"fc_nexacloud_{os.getpid()}"
        cls._admin(f'DROP DATABASE IF EXISTS "{cls.app_db}"', f'CREATE DATABASE "{cls.app_db}"')
        cls.addClassCleanup(cls._admin, f'DROP DATABASE IF EXISTS "{cls.app_db}" WITH (FORCE)')
        cls.app = psycopg2.connect(**cls.server | {"dbname": cls.app_db})
        cls.addClassCleanup(cls.app.close)
        cls.app.autocommit = True
        cls.service = cls.env["fusion.billing.service"].create(
            {
                "name": "NexaCloud",
                "code": f"nexa-{os.getpid()}",
                "clean_periods_required": 0,
            }
        )

    def setUp(self) -> None:
        super().setUp()
        self.sql("DROP TABLE IF EXISTS deployments, subscriptions, plans, users", SCHEMA)
        self.set_parameter("fusion_billing.nexacloud_dsn", self.dsn())
        self.set_parameter("fusion_billing.nexacloud_mapping", "")

    # ------------------------------------------------------------------ database
    @classmethod
    def _admin(cls, *statements: str) -> None:
        """Run statements that no transaction may hold, beside the app's database."""
        connection = psycopg2.connect(**cls.server | {"dbname": "postgres"})
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
        finally:
            connection.close()

    @classmethod
    def dsn(cls, **other: str) -> str:
        """libpq DSN of the app's database."""
        return extensions.make_dsn(**cls.server | {"dbname": cls.app_db} | other)

    def sql(self, *statements: str) -> None:
        """Run statements in the app's database, as its owner."""
        with self.app.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def insert(self, table: str, values: dict[str, Any]) -> None:
        statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, values)),
            sql.SQL(", ").join(sql.Placeholder() * len(values)),
        )
        with self.app.cursor() as cursor:
            cursor.execute(statement, list(values.values()))

    def set_parameter(self, name: str, value: str) -> None:
        self.env["ir.config_parameter"].set_param(name, value)

    # ---------------------------------------------------------------------- rows
    def add_user(self, number: int, **values: Any) -> str:
        self.insert(
            "users",
            {
                "id": uid(number),
                "email": f"user{number}@example.ca",
                "full_name": f"User {number}",
                "city": "Toronto",
                "province": "ON",
                "postal_code": f"M5V {number % 10}A1",
                "country": "CA",
                "timezone": "America/Toronto",
                "is_active": True,
                "created_at": datetime(2025, 1, 1, 12, number % 60, tzinfo=UTC),
                **values,
            },
        )
        return uid(number)

    def add_plan(self, number: int, code: str, **values: Any) -> int:
        self.insert(
            "plans",
            {
                "id": number,
                "code": code,
                "name": code.title(),
                "interval": "month",
                "price_cents": 2900,
                "currency": "CAD",
                "pay_in_advance": True,
                "included_bandwidth_gb": 250,
                "overage_bandwidth_price": "0.08",
                "included_build_minutes": 1000,
                "overage_build_price": "0.008",
                "storage_tiers": TIERS,
                "created_at": datetime(2025, 1, 1, tzinfo=UTC),
                **values,
            },
        )
        return number

    def add_subscription(self, number: int, user: int, plan: int = 1, **values: Any) -> str:
        self.insert(
            "subscriptions",
            {
                "id": uid(number),
                "user_id": uid(user),
                "plan_id": plan,
                "status": "active",
                "started_at": datetime(2025, 10, 1, 15, tzinfo=UTC),
                "current_period_start": date(2026, 3, 1),
                "current_period_end": date(2026, 4, 1),
                "created_at": datetime(2025, 10, 1, 15, tzinfo=UTC),
                **values,
            },
        )
        return uid(number)

    def seed(self) -> None:
        """One plan, one user, one subscription (number 101)."""
        self.add_plan(1, "pro")
        self.add_user(1, email="ann@example.ca", full_name="Ann Roy")
        self.add_subscription(101, user=1)

    # -------------------------------------------------------------------- import
    def run_import(self, mode: str = "run") -> dict[str, Any]:
        return self.service.import_nexacloud(mode)

    def order(self, number: int = 101):
        """The order of a subscription, whatever its state."""
        return self.env["sale.order"].search(
            [("x_fc_service_id", "=", self.service.id), ("x_fc_external_id", "=", uid(number))],
            order="id desc",
            limit=1,
        )

    def link(self, number: int = 1):
        """The link of a user."""
        return self.env["fusion.billing.account.link"].search(
            [("service_id", "=", self.service.id), ("external_id", "=", uid(number))]
        )

    def reasons(self, report: dict[str, Any], external_id: str) -> str:
        """What the report says about one row."""
        return " ".join(
            line["reason"] for line in report["lines"] if line["external_id"] == external_id
        )
