"""A change of a plan that reaches the plans of customers with prices of their own.

Asked for with ``cascade_updates``. What of such a plan still is as the plan's was follows the
plan; what was agreed with the customer stays. Plans that nobody is on any more stay as they were
billed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from odoo import models

from .write_charge import filter_identity

PLAN_TERMS = ("name", "description", "amount_cents", "minimum_commitment", "metadata")
CHARGE_TERMS = ("invoice_display_name", "code", "prorated", "min_amount_cents",
                "cap_amount_cents", "lago_billable_metric_id")  # fmt: skip
COMMITMENT_TERMS = ("amount_cents", "invoice_display_name")
FILTER_TERMS = ("invoice_display_name", "properties")

Values = dict[str, Any]


class BillingCatalogueCascade(models.AbstractModel):
    _inherit = "fusion.billing.catalogue"

    @contextmanager
    def _cascading(self, plan_sudo: models.BaseModel, wanted: bool | None) -> Iterator[None]:
        """Whatever the block changes of the plan (sudo) or its charges, its overrides follow.

        :param wanted: ``cascade_updates`` as it was sent
        :raises Invalid: what writing a charge raises, for an override
        """
        children_sudo = self._overrides_in_use(plan_sudo) if wanted else plan_sudo.browse()
        before = {child: self._terms(plan_sudo, child) for child in children_sudo}
        yield
        for child_sudo, old in before.items():
            new = self._terms(plan_sudo, child_sudo)
            self._follow_plan(child_sudo, old, new)
            self._follow_charges(plan_sudo, child_sudo, old["charges"], new["charges"])

    def _overrides_in_use(self, plan_sudo: models.BaseModel) -> models.BaseModel:
        """The plan's overrides (sudo) that somebody is on, or is to be on."""
        children_sudo = self._overrides_of(plan_sudo)
        domain = [("x_fc_next_plan_id", "in", children_sudo.ids)]
        waited_for = self.env["sale.order"].sudo().search(domain).x_fc_next_plan_id
        return (self._running(children_sudo).plan_id & children_sudo) | waited_for

    def _terms(self, plan_sudo: models.BaseModel, child_sudo: models.BaseModel) -> Values:
        """The plan as the API shows it, in the currency of the override."""
        values = self.env["fusion.billing.serialize"]._plan(
            plan_sudo, self._currency_of(child_sudo)
        )
        commitment = values.get("minimum_commitment")
        values["minimum_commitment"] = commitment and _of(COMMITMENT_TERMS, commitment)
        return {"metadata": None} | values

    def _follow_plan(self, child_sudo: models.BaseModel, old: Values, new: Values) -> None:
        currency = self._currency_of(child_sudo)
        values = self._terms(child_sudo, child_sudo) | {"code": child_sudo.x_fc_code}
        if new["amount_currency"] != currency.name:
            # The plan has no price in this customer's currency: nothing to follow.
            new = new | _of(("amount_cents", "minimum_commitment"), old)
        if followed := _followed(PLAN_TERMS, values, old, new):
            child_sudo.write(self._plan_vals(values | followed, currency))
            self._set_price(child_sudo, currency, (values | followed)["amount_cents"])

    def _follow_charges(
        self,
        plan_sudo: models.BaseModel,
        child_sudo: models.BaseModel,
        old: list[Values],
        new: list[Values],
    ) -> None:
        serialize = self.env["fusion.billing.serialize"]
        before, after = ({own["lago_id"]: own for own in charges} for charges in (old, new))
        own_sudo = {
            serialize._id("charge", own.parent_id): own for own in self._charges_of(child_sudo)
        }
        for lago_id in before.keys() - after.keys():
            charge = own_sudo.pop(lago_id, None)
            if charge and not _differs(serialize._charge(charge), before[lago_id]):
                self._delete_charge(charge)
        parents_sudo = {serialize._id("charge", own): own for own in self._charges_of(plan_sudo)}
        for lago_id, values in after.items():
            was, charge = before.get(lago_id), own_sudo.get(lago_id)
            if was is None and not charge:
                self._add_override_charge(child_sudo, parents_sudo[lago_id], values)
            elif was and charge and was != values:
                present = serialize._charge(charge)
                if merged := _merged(present, was, values):
                    self._write_charge(child_sudo, charge, _writable(present | merged))

    def _add_override_charge(
        self, child_sudo: models.BaseModel, parent_sudo: models.BaseModel, values: Values
    ) -> None:
        """A charge the plan has from now on, unless one agreed on has its code."""
        if parent_sudo.code in self._charges_of(child_sudo).mapped("code"):
            return
        made = self._write_charge(child_sudo, None, _writable(values), parent_sudo.sequence)
        made.parent_id = parent_sudo


def _of(names: tuple[str, ...], values: Values) -> Values:
    return {name: values[name] for name in names}


def _followed(names: tuple[str, ...], own: Values, old: Values, new: Values) -> Values:
    """What changed and was the same before."""
    return {name: new[name] for name in names if old[name] != new[name] and own[name] == old[name]}


def _writable(values: Values) -> Values:
    """A charge as it is shown, as it is sent."""
    return values | {"billable_metric_id": values["lago_billable_metric_id"]}


def _by_values(filters: list[Values]) -> dict[tuple, Values]:
    return {filter_identity(own["values"]): own for own in filters}


def _prices(charge: Values) -> tuple:
    """What means something only under the charge's model."""
    filters = {
        identity: _of(FILTER_TERMS, own) for identity, own in _by_values(charge["filters"]).items()
    }
    return charge["charge_model"], charge["properties"], filters


def _differs(own: Values, old: Values) -> bool:
    """Whether a charge is another than the plan's, in anything that was agreed."""
    return _of(CHARGE_TERMS, own) != _of(CHARGE_TERMS, old) or _prices(own) != _prices(old)


def _merged(own: Values, old: Values, new: Values) -> Values:
    """What of an overridden charge changes with the plan's."""
    changed = _followed(CHARGE_TERMS, own, old, new)
    if own["charge_model"] != new["charge_model"] or old["charge_model"] != new["charge_model"]:
        if _prices(own) == _prices(old):
            changed |= _of(("charge_model", "properties", "filters"), new)
        return changed
    changed |= _followed(("properties",), own, old, new)
    filters = _merged_filters(own["filters"], old["filters"], new["filters"])
    return changed | ({"filters": filters} if filters != own["filters"] else {})


def _merged_filters(own: list[Values], old: list[Values], new: list[Values]) -> list[Values]:
    """Filters one by one, each known by what it matches."""
    present, before, after = _by_values(own), _by_values(old), _by_values(new)
    kept = []
    for identity, values in present.items():
        was = before.get(identity)
        if was is None or _of(FILTER_TERMS, values) != _of(FILTER_TERMS, was):
            kept.append(values)
        elif identity in after:
            kept.append(after[identity])
    added = [
        values
        for identity, values in after.items()
        if identity not in present and identity not in before
    ]
    return kept + added
