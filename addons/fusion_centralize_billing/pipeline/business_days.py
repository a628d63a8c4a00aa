"""Public holidays by country and province, from the `holidays` library. Plain functions."""

from datetime import date
from functools import lru_cache

import holidays

from odoo import models

from ..engine.dunning import BusinessDay, business_days


def is_open_for(partner: models.BaseModel) -> BusinessDay:
    """What a business day is where the partner is; without an address, where their company is.

    A province that the library does not know has its country's holidays, a country that it does not
    know has none; weekends are Saturday and Sunday everywhere.
    """
    country = partner.country_id or partner.env.company.country_id
    state = (
        partner.state_id if partner.state_id.country_id == country else partner.state_id.browse()
    )
    closed = {}

    def is_open(day: date) -> bool:
        if day.year not in closed:
            closed[day.year] = business_days(_holidays(country.code, state.code, day.year))
        return closed[day.year](day)

    return is_open


@lru_cache(maxsize=256)
def _holidays(country: str | bool, state: str | bool, year: int) -> frozenset[date]:
    """The public holidays of a year.

    >>> date(2026, 6, 24) in _holidays("CA", "QC", 2026), date(2026, 6, 24) in _holidays(
    ...     "CA", "ON", 2026
    ... )
    (True, False)
    """
    known = holidays.list_supported_countries()
    if country not in known:
        return frozenset()
    subdivision = state if state in known[country] else None
    return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=year))
