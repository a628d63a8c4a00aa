"""Charges of a plan, written by an app: prices as Lago spells them into ours."""

from collections.abc import Sequence
from typing import Any

from odoo import Command, models

from ..engine.errors import Invalid, NotFound
from ..engine.filters import ALL_VALUES
from ..engine.identifier import decode_as
from ..engine.money import from_cents
from ..engine.pricing import PRORATABLE_MODELS
from ..schemas.prices import group_keys, read_prices
from .gate import to_decimal


class BillingCatalogueCharge(models.AbstractModel):
    _inherit = "fusion.billing.catalogue"

    def _charges_of(self, plan_sudo: models.BaseModel) -> models.BaseModel:
        """The charges (sudo) of a plan that are in use, in their order."""
        return self._charges(plan_sudo).filtered("active")

    def _find_charge(self, plan_sudo: models.BaseModel, code: str) -> models.BaseModel:
        """The plan's charge (sudo) with that code, or 404 ``charge_not_found``."""
        found = self._charges_of(plan_sudo).filtered(lambda charge: charge.code == code)
        if not found:
            raise NotFound("charge")
        return found[0]

    def _replace_charges(self, plan_sudo: models.BaseModel, wanted: Sequence[dict]) -> None:
        """Make the plan's charges these: known by ``id`` they change, without they are new, and
        what is not named is taken away.

        :raises NotFound: ``charge``, ``billable_metrics``
        :raises Invalid: as `_write_charge`
        """
        present = {charge.id: charge for charge in self._charges_of(plan_sudo)}
        kept = [self._known(present, values.get("id")) for values in wanted]
        named = [charge.id for charge in kept if charge]
        if len(named) != len(set(named)):
            raise Invalid({"charges": ["value_already_exist"]})
        for charge_id, charge in present.items():
            if charge_id not in named:
                self._delete_charge(charge)
        for place, (charge, values) in enumerate(zip(kept, wanted, strict=True), start=1):
            self._write_charge(plan_sudo, charge, values, place * 10)

    def _write_charge(
        self,
        plan_sudo: models.BaseModel,
        charge: models.BaseModel | None,
        values: dict[str, Any],
        sequence: int | None = None,
    ) -> models.BaseModel:
        """Create or change one charge (sudo).

        :param values: all keys of Lago's charge
        :raises NotFound: ``billable_metrics``: none of this service's
        :raises Invalid: ``properties``, ``code``, ``charge_model``, ``prorated``, ``values``
        """
        metric_sudo = self._metric_by_id(plan_sudo.x_fc_service_id, values["billable_metric_id"])
        if charge and charge.metric_id != metric_sudo and self._running(plan_sudo):
            raise Invalid({"billable_metric_id": ["not_editable_with_subscriptions"]})
        self._check_fits(metric_sudo, values)
        code = self._charge_code(plan_sudo, charge, metric_sudo, values.get("code"))
        charge = charge or self._archived(plan_sudo, metric_sudo, code)
        vals = self._charge_vals(plan_sudo, metric_sudo, values) | {"code": code}
        vals |= _prices(charge, vals["model"], values.get("properties"))
        vals["filter_ids"] = self._filter_commands(charge, metric_sudo, vals["model"], values)
        if sequence:
            vals["sequence"] = sequence
        if charge:
            charge._rename(vals.pop("name"))
            charge.write(vals)
            return charge
        return self.env["fusion.billing.charge"].sudo().create(vals)

    def _charge_vals(self, plan_sudo, metric_sudo, values: dict[str, Any]) -> dict[str, Any]:
        """Everything but the prices. In shadow there is no ``plan_id``: go-live sets it."""
        currency = self._currency_of(plan_sudo)
        exponent = currency.decimal_places
        vals = {
            "service_id": plan_sudo.x_fc_service_id.id,
            "plan_code": plan_sudo.x_fc_code,
            "metric_id": metric_sudo.id,
            "name": values.get("invoice_display_name") or metric_sudo.name,
            "active": True,
            "model": values["charge_model"],
            "prorated": bool(values.get("prorated")),
            "pricing_group_keys": ", ".join(group_keys(values.get("properties"))) or False,
            "currency_id": currency.id,
            "min_amount": float(from_cents(values.get("min_amount_cents") or 0, exponent)),
            "cap_amount": float(from_cents(values.get("cap_amount_cents") or 0, exponent)),
        }
        live = plan_sudo.x_fc_service_id.mode == "live"
        return vals | ({"plan_id": plan_sudo.id} if live else {})

    def _delete_charge(self, charge_sudo: models.BaseModel) -> None:
        """Take a charge away. It is archived: periods billed by it can still be corrected."""
        charge_sudo.active = False

    # ------------------------------------------------------------------- details
    def _charges(self, plan_sudo: models.BaseModel) -> models.BaseModel:
        """All charges (sudo) of a plan, archived ones too."""
        return (
            self.env["fusion.billing.charge"]
            .sudo()
            .with_context(active_test=False)
            .search(
                [
                    ("service_id", "=", plan_sudo.x_fc_service_id.id),
                    ("plan_code", "=", plan_sudo.x_fc_code),
                ]
            )
        )

    def _known(self, present: dict[int, Any], lago_id: str | None):
        if not lago_id:
            return None
        charge = present.get(decode_as("charge", lago_id))
        if not charge:
            raise NotFound("charge")
        return charge

    def _archived(self, plan_sudo, metric_sudo, code: str) -> models.BaseModel:
        """A charge that was taken away and comes back under its code: the index knows one."""
        return self._charges(plan_sudo).filtered(
            lambda old: not old.active and old.metric_id == metric_sudo and old.code == code
        )[:1]

    def _metric_by_id(self, service: models.BaseModel, lago_id: str) -> models.BaseModel:
        try:
            metric_id = decode_as("metric", lago_id)
        except NotFound:
            raise NotFound("billable_metrics") from None
        domain = [("id", "=", metric_id), ("service_id", "=", service.id), ("active", "=", True)]
        if metric_sudo := self._metrics(service).search(domain):
            return metric_sudo.with_context(active_test=True)
        raise NotFound("billable_metrics")

    def _check_fits(self, metric_sudo: models.BaseModel, values: dict[str, Any]) -> None:
        """Models that need a certain aggregation, and proration that needs something to weigh."""
        model = values["charge_model"]
        if model == "dynamic" and metric_sudo.aggregation != "sum":
            raise Invalid.field("charge_model", "invalid_aggregation_type_or_charge_model")
        fits = model in PRORATABLE_MODELS and metric_sudo._to_engine().can_be_prorated
        if values.get("prorated") and not fits:
            raise Invalid.field("prorated", "invalid_billable_metric_or_charge_model")
        least, most = values.get("min_amount_cents") or 0, values.get("cap_amount_cents")
        if most and most < least:
            raise Invalid.field("cap_amount_cents", "value_is_out_of_range")

    def _charge_code(self, plan_sudo, charge, metric_sudo, code: str | None) -> str:
        """The code sent, the one it has, or a free one after its metric; unique in the plan."""
        others = self._charges_of(plan_sudo) - (charge or self.env["fusion.billing.charge"])
        taken = set(others.mapped("code"))
        if code:
            if code in taken:
                raise Invalid.field("code", "value_already_exist")
            return code
        if charge:
            return charge.code
        names = (metric_sudo.code, *(f"{metric_sudo.code}_{n}" for n in range(2, len(taken) + 3)))
        return next(name for name in names if name not in taken)

    def _filter_commands(self, charge, metric_sudo, model: str, values: dict[str, Any]) -> list:
        """Filters are a set: those that match the same as before are changed, not made anew."""
        present = {filter_identity(own.values): own for own in charge.filter_ids} if charge else {}
        commands, wanted = [], set()
        for place, own in enumerate(values.get("filters") or [], start=1):
            check_filter(metric_sudo, own["values"])
            identity = filter_identity(own["values"])
            if identity in wanted:
                raise Invalid.field("values", "value_already_exist")
            wanted.add(identity)
            old = present.get(identity)
            vals = filter_vals(old, model, own) | {"sequence": place * 10}
            commands.append(Command.update(old.id, vals) if old else Command.create(vals))
        gone = [own for identity, own in present.items() if identity not in wanted]
        return [Command.delete(own.id) for own in gone] + commands


def filter_vals(
    record: models.BaseModel | None, model: str, values: dict[str, Any]
) -> dict[str, Any]:
    """Field values of a filter, from Lago's.

    :raises Invalid: ``properties``, with Lago's codes about prices
    """
    return {
        "name": values.get("invoice_display_name") or False,
        "values": values["values"],
    } | _prices(record, model, values.get("properties"))


def _prices(record: models.BaseModel | None, model: str, properties: Any) -> dict[str, Any]:
    """Field values of a price; tiers are written anew only where they differ."""
    prices = read_prices(model, properties)
    wanted = prices.pop("tiers", [])
    vals: dict[str, Any] = {name: float(value) for name, value in prices.items()}
    if "free_units_per_events" in vals:
        vals["free_units_per_events"] = int(vals["free_units_per_events"])
    names = ("up_to", "unit_price", "rate", "flat_price")
    rows = [{name: float(tier.get(name, 0)) for name in names} for tier in wanted]
    present = []
    if record:
        present = [
            {name: float(to_decimal(tier[name])) for name in names}
            for tier in record.tier_ids.sorted("sequence")
        ]
    if rows != present:
        made = [Command.create(row | {"sequence": n * 10}) for n, row in enumerate(rows, start=1)]
        vals["tier_ids"] = [Command.clear(), *made]
    return vals


def filter_identity(values: dict[str, list[str]]) -> tuple:
    """What two filters that match the same have in common."""
    return tuple(sorted((name, tuple(sorted(listed))) for name, listed in values.items()))


def check_filter(metric_sudo: models.BaseModel, values: dict[str, list[str]]) -> None:
    """Only what the metric declares, if it declares anything."""
    declared = {
        own["key"]: {*own["values"], ALL_VALUES} for own in metric_sudo.declared_filters or []
    }
    if declared and not all(
        set(listed) <= declared.get(name, set()) for name, listed in values.items()
    ):
        raise Invalid.field("values", "value_is_invalid")
