"""A plan at other prices for one customer: a plan of its own, to the app still the one it is of."""

import uuid
from typing import Any

from odoo import models

from ..engine.errors import Invalid, NotFound

# No code of an app's own has this sign in it: `NewId` refuses it.
MARK = "#"
PLAN_KEYS = ("amount_cents", "name", "description", "trial_period", "minimum_commitment")
CHARGE_KEYS = ("invoice_display_name", "min_amount_cents", "properties", "filters")


class BillingCatalogueOverride(models.AbstractModel):
    _inherit = "fusion.billing.catalogue"

    def _override(
        self, plan_sudo: models.BaseModel, link: models.BaseModel, overrides: dict[str, Any]
    ) -> models.BaseModel:
        """A copy of the plan (sudo) that differs in what was sent; later changes of the plan do
        not reach it.

        :param overrides: the keys of Lago's ``plan_overrides`` that were sent
        :raises NotFound: ``charge``: none of the plan's
        :raises Invalid: ``amount_currency``; what prices raise
        """
        subscribe, service = self.env["fusion.billing.subscribe"], plan_sudo.x_fc_service_id
        currency = subscribe._item_for(service, link, plan_sudo).currency_id
        charges_sudo = self._charges_of(plan_sudo)
        foreign = charges_sudo.currency_id - currency
        if foreign or overrides.get("amount_currency") not in (None, currency.name):
            raise Invalid.field("amount_currency", "currencies_does_not_match")
        values = self.env["fusion.billing.serialize"]._plan(plan_sudo, currency)
        sent = {name: overrides[name] for name in PLAN_KEYS if overrides.get(name) is not None}
        values = {"metadata": None, "minimum_commitment": None} | values | sent
        values["code"] = f"{plan_sudo.x_fc_code}{MARK}{uuid.uuid4().hex[:12]}"
        child_sudo = self._plans(service).create(
            self._plan_vals(values, currency)
            | {
                "company_id": plan_sudo.company_id.id,
                "billing_period_unit": plan_sudo.billing_period_unit,
                "billing_period_value": plan_sudo.billing_period_value,
                "x_fc_service_id": service.id,
                "x_fc_parent_id": plan_sudo.id,
                "x_fc_product_id": self._override_product(plan_sudo, overrides).id,
            }
        )
        self._set_price(child_sudo, currency, values["amount_cents"])
        self._override_charges(charges_sudo, child_sudo, overrides.get("charges") or [])
        return child_sudo

    def _check_cascade(self, plan_sudo: models.BaseModel, values: dict[str, Any]) -> None:
        """Agreed prices do not follow the plan's: say so to who asks for it, and has any.

        :raises Invalid: ``cascade_updates: not_supported``
        """
        if values.get("cascade_updates") and self._overrides_of(plan_sudo).filtered("active"):
            raise Invalid.field("cascade_updates", "not_supported")

    def _override_product(self, plan_sudo: models.BaseModel, overrides: dict[str, Any]):
        """The plan's own, or one that stands on invoices under the other name."""
        name = overrides.get("invoice_display_name")
        if not name:
            return plan_sudo.x_fc_product_id
        helper = self.env["fusion.billing.import.catalogue"].sudo()
        return helper._product(plan_sudo.x_fc_service_id.sudo(), name, recurring=True)

    def _override_charges(
        self,
        charges_sudo: models.BaseModel,
        child_sudo: models.BaseModel,
        overrides: list[dict[str, Any]],
    ) -> None:
        """Every charge of the plan, as it is or as it was sent."""
        serialize = self.env["fusion.billing.serialize"]
        wanted = {own["id"]: own for own in overrides}
        if set(wanted) - {serialize._id("charge", charge) for charge in charges_sudo}:
            raise NotFound("charge")
        for charge in charges_sudo:
            values = serialize._charge(charge)
            values["billable_metric_id"] = values["lago_billable_metric_id"]
            own = wanted.get(values["lago_id"], {})
            values |= {name: own[name] for name in CHARGE_KEYS if own.get(name) is not None}
            made = self._write_charge(child_sudo, None, values, charge.sequence)
            made.parent_id = charge
