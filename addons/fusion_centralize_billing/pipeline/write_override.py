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
        """A copy of the plan (sudo) that differs in what was sent; later changes of the plan
        reach it where they are to (`write_follow`).

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
        values = {"metadata": None, "minimum_commitment": None} | values
        values |= _sent(PLAN_KEYS, overrides)
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

    def _update_override(
        self, order_sudo: models.BaseModel, plan_sudo: models.BaseModel, overrides: dict[str, Any]
    ) -> models.BaseModel:
        """The plan (sudo) of a subscription at other prices from its next bill on.

        One that is overridden already changes in place, in the keys that were sent; else the
        copy is made that the subscription is to have.

        :raises NotFound: ``charge``: none of the plan's
        :raises Invalid: as `_override`
        """
        link = order_sudo.x_fc_link_id
        if not plan_sudo.x_fc_parent_id:
            return self._override(plan_sudo, link, overrides)
        currency = self._currency_of(plan_sudo)
        if overrides.get("amount_currency") not in (None, currency.name):
            raise Invalid.field("amount_currency", "currencies_does_not_match")
        values = self._terms(plan_sudo, plan_sudo) | {"code": plan_sudo.x_fc_code}
        values |= _sent(PLAN_KEYS, overrides)
        plan_sudo.write(self._plan_vals(values, currency))
        self._set_price(plan_sudo, currency, values["amount_cents"])
        serialize = self.env["fusion.billing.serialize"]
        own_sudo = {
            serialize._id("charge", known): charge
            for charge in self._charges_of(plan_sudo)
            for known in (charge, charge.parent_id)
        }
        for own in overrides.get("charges") or []:
            charge_sudo = own_sudo.get(own["id"])
            if not charge_sudo:
                raise NotFound("charge")
            values = serialize._charge(charge_sudo) | _sent(CHARGE_KEYS, own)
            values["billable_metric_id"] = values["lago_billable_metric_id"]
            self._write_charge(plan_sudo, charge_sudo, values)
        return plan_sudo

    def _forget_override(self, plan_sudo: models.BaseModel) -> None:
        """Remove a copy (sudo) that was to be somebody's plan, and never was."""
        waits = [("x_fc_next_plan_id", "=", plan_sudo.id)]
        if (
            plan_sudo.x_fc_parent_id
            and not self._is_subscribed(plan_sudo, ever=True)
            and not self.env["sale.order"].sudo().search_count(waits, limit=1)
        ):
            self._erase_plan(plan_sudo)

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
            values |= _sent(CHARGE_KEYS, own)
            made = self._write_charge(child_sudo, None, values, charge.sequence)
            made.parent_id = charge
            if made.name == charge.name:
                made._named_like(charge)


def _sent(names: tuple[str, ...], values: dict[str, Any]) -> dict[str, Any]:
    """The keys that were sent with something in them."""
    return {name: values[name] for name in names if values.get(name) is not None}
