"""Lago's customer keys → values of ``res.partner``, for many customers with four queries."""

import unicodedata
from typing import Any

import pytz

from odoo import models
from odoo.fields import Domain

from ..engine.matching import Identity

TEXTS = {
    "email": "email",
    "phone": "phone",
    "address_line1": "street",
    "address_line2": "street2",
    "city": "city",
    "zipcode": "zip",
    "url": "website",
    "tax_identification_number": "vat",
}
NAMES = ("name", "firstname", "lastname", "legal_name")


class BillingPartnerValues(models.AbstractModel):
    """Reads countries, states and languages; writes nothing."""

    _name = "fusion.billing.partner.values"
    _description = "Partner values of app customers"

    def _prepare(self, rows: list[tuple[str, dict[str, Any], set[str]]]) -> list[dict[str, Any]]:
        """Return partner values, one dict a row, in the same order.

        :param rows: (external id, everything known, the keys to apply). A key that is not to be
            applied leaves the partner alone; one that is null clears it.
        """
        lookup = self._lookup([values for _external_id, values, _keys in rows])
        return [self._prepare_one(*row, lookup) for row in rows]

    def _prepare_one(
        self, external_id: str, values: dict[str, Any], keys: set[str], lookup: dict[str, Any]
    ) -> dict[str, Any]:
        vals = {ours: values.get(key) or False for key, ours in TEXTS.items() if key in keys}
        if keys.intersection(NAMES):
            vals["name"] = display_name(external_id, values)
        if "customer_type" in keys:
            vals["is_company"] = values["customer_type"] == "company"
        if keys & {"country", "state"}:
            country_id = lookup["countries"].get(_code(values.get("country")), False)
            state = lookup["states"].get((country_id, _code(values.get("state"))), False)
            vals |= {"country_id": country_id, "state_id": state}
        if "timezone" in keys:
            zone = values["timezone"]
            vals["x_fc_billing_tz"] = zone if zone in pytz.all_timezones_set else False
        if "billing_configuration" in keys:
            locale = (values["billing_configuration"] or {}).get("document_locale")
            if language := self._language(locale, lookup["languages"]):
                vals["lang"] = language
        return vals

    def _lookup(self, values_list: list[dict[str, Any]]) -> dict[str, Any]:
        codes = {_code(values.get("country")) for values in values_list} - {""}
        countries = self.env["res.country"].sudo().search([("code", "in", list(codes))])
        states: dict[tuple[int, str], int] = {}
        for state in (
            self.env["res.country.state"].sudo().search(Domain("country_id", "in", countries.ids))
        ):
            states[state.country_id.id, _code(state.name)] = state.id
            states[state.country_id.id, _code(state.code)] = state.id
        return {
            "countries": {country.code: country.id for country in countries},
            "states": states,
            "languages": [code for code, _name in self.env["res.lang"].get_installed()],
        }

    def _language(self, locale: str | None, installed: list[str]) -> str | None:
        """``fr``, ``fr-CA`` and ``fr_CA`` → the Canadian form if active, else any active one.

        An inactive language is left alone: documents then come in the company's.
        """
        if not locale:
            return None
        wanted = locale.replace("-", "_")
        prefix = wanted.partition("_")[0].lower()
        same = [code for code in installed if code.partition("_")[0] == prefix]
        ranked = [code for code in (wanted, f"{prefix}_CA") if code in same]
        return next(iter([*ranked, *same]), None)


def display_name(external_id: str, values: dict[str, Any]) -> str:
    """What to call the customer: its name, its parts, its legal name, its e-mail, its id."""
    parts = " ".join(filter(None, (values.get("firstname"), values.get("lastname"))))
    known = (values.get("name"), parts, values.get("legal_name"), values.get("email"))
    return next(filter(None, known), external_id)


def identity_of(external_id: str, values: dict[str, Any]) -> Identity:
    """The engine's view of an app customer."""
    return Identity(
        key=external_id,
        name=display_name(external_id, values),
        # Lago lets several addresses stand in one field; the first one is the customer's.
        email=(values.get("email") or "").partition(",")[0],
        vat=values.get("tax_identification_number") or "",
        street=values.get("address_line1") or "",
        zip=values.get("zipcode") or "",
    )


def _code(text: str | None) -> str:
    """Comparable form of a code or a name: “Québec” finds “Quebec”."""
    plain = unicodedata.normalize("NFKD", text or "")
    return "".join(char for char in plain if not unicodedata.combining(char)).strip().upper()
