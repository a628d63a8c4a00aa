"""Lago's objects from our records: the values every object is made of.

One file a resource extends this model. Money leaves as integer cents, exact decimals as strings,
instants as UTC seconds, and the inclusive end of a period as the last second of its last local
day. Serializers only read. Native records are read with narrow ``sudo`` because the technical
user of a service has no access to them; whoever calls has already proved whose they are.
"""

import uuid
from datetime import date, datetime, timedelta
from decimal import Decimal

from odoo import models

from ..engine import identifier, money
from .clock import midnight
from .gate import to_decimal


class BillingSerialize(models.AbstractModel):
    _name = "fusion.billing.serialize"
    _description = "Objects in Lago's shape"

    def _id(self, kind: str, record: models.BaseModel) -> str | None:
        """The UUID of a record, computed and reversible; null for none, and for one that is in
        memory only."""
        stored = record._origin
        return identifier.encode(kind, stored.id) if stored else None

    def _derived_id(self, parent: str, name: str) -> str:
        """A stable UUID for what is part of another object and has no row of its own."""
        return str(uuid.uuid5(uuid.UUID(parent), name))

    def _cents(self, amount: float | Decimal, currency: models.BaseModel) -> int:
        """An amount in the currency's minor unit: 12.3 CAD is 1230, 12 JPY is 12."""
        return money.to_cents(to_decimal(amount), currency.decimal_places)

    def _decimal(self, value: float | Decimal | int | str) -> str:
        """An exact decimal as Lago writes it: no exponent, at least one decimal.

        >>> self._decimal(Decimal("10")), self._decimal(Decimal("0.320"))
        ('10.0', '0.32')
        """
        text = money.plain(to_decimal(value))
        return text if "." in text else f"{text}.0"

    def _instant(self, value: datetime | bool | None, milliseconds: bool = False) -> str | None:
        """A naive UTC date-time as ``2022-04-29T08:59:51Z`` (or with ``.123``)."""
        if not value:
            return None
        text = value.strftime("%Y-%m-%dT%H:%M:%S")
        return f"{text}.{value.microsecond // 1000:03d}Z" if milliseconds else f"{text}Z"

    def _day(self, value: date | bool | None) -> str | None:
        return value.isoformat() if value else None

    def _starts(self, day: date | bool | None, tz: str) -> str | None:
        """The first second of a local day, in UTC."""
        return self._instant(midnight(day, tz)) if day else None

    def _ends(self, end: date | bool | None, tz: str) -> str | None:
        """The last second before the local day ``end`` (exclusive), in UTC."""
        return self._instant(midnight(end, tz) - timedelta(seconds=1)) if end else None

    def _zone(self, order: models.BaseModel) -> str:
        """The timezone that decides this order's local days.

        An invoice of ours may hold a line of an order that is no service's: the default's then.
        """
        services = self.env["fusion.billing.service"]
        zone = order.x_fc_tz or order.x_fc_service_id.sudo().timezone
        return zone or services.default_get(["timezone"])["timezone"]
