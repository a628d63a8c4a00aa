"""What the app sells: metrics, plans with their price, charges. Charges stay in shadow."""

from decimal import Decimal

from odoo import Command, models

from .. import engine
from ..importers.errors import RowError
from ..importers.values import ChargeValue, MetricValue, PlanValue
from .import_report import ImportReport
from .upsert import ROW_ERRORS, changes, message_of, upsert

KEPT = "The service is live: what the app changed (%s) is kept as it is here."


class BillingImportCatalogue(models.AbstractModel):
    """Upserts by code. Of a live service nothing that bills is changed behind its back."""

    _name = "fusion.billing.import.catalogue"
    _description = "Catalogue import"

    def _metrics(
        self, service_sudo: models.BaseModel, values: tuple[MetricValue, ...], report: ImportReport
    ) -> dict[str, models.BaseModel]:
        """Write the metrics with a product each; code → record."""
        model = self.env["fusion.billing.metric"].with_context(active_test=False)
        known = {
            metric.code: metric for metric in model.search([("service_id", "=", service_sudo.id)])
        }
        found = {}
        for value in values:
            metric = known.get(value.code, model)
            vals = {
                "service_id": service_sudo.id,
                "code": value.code,
                "name": value.name,
                "unit": value.unit,
                "aggregation": value.aggregation,
                "field_name": value.field_name,
            }
            if not metric.product_id:
                vals["product_id"] = self._product(service_sudo, value.name).id
            found[value.code], outcome = upsert(model, metric, vals)
            report.add("metrics", value.code, outcome)
        return found

    def _plans(
        self,
        service_sudo: models.BaseModel,
        values: list[PlanValue],
        metrics: dict[str, models.BaseModel],
        report: ImportReport,
    ) -> dict[object, models.BaseModel]:
        """Write plans, prices and charges; the app's own plan id → record."""
        found = {}
        for value in values:
            try:
                with self.env.cr.savepoint():
                    found[value.source_id] = self._plan(service_sudo, value, report)
            except (RowError, *ROW_ERRORS) as error:
                report.add("plans", value.code, "failed", message_of(error))
                continue
            self._charges(service_sudo, value, metrics, report)
        return found

    # --------------------------------------------------------------------- plans
    def _plan(
        self, service_sudo: models.BaseModel, value: PlanValue, report: ImportReport
    ) -> models.BaseModel:
        currency, note = self._currency(value.currency)
        model = self.env["sale.subscription.plan"].with_context(active_test=False)
        plan = model.search(
            [("x_fc_service_id", "=", service_sudo.id), ("x_fc_code", "=", value.code)], limit=1
        )
        vals = {
            "name": value.name,
            "company_id": service_sudo.company_id.id,
            "billing_period_value": 1,
            "billing_period_unit": value.interval_unit,
            "bill_end_period": not value.pay_in_advance,
            "x_fc_service_id": service_sudo.id,
            "x_fc_code": value.code,
            "x_fc_description": value.description,
        }
        if plan and service_sudo.mode == "live" and (kept := changes(plan, vals)):
            report.add("plans", value.code, "skipped", KEPT % ", ".join(kept), "warning")
            return plan
        if not plan.x_fc_product_id:
            product = self._product(service_sudo, value.name, recurring=True)
            vals["x_fc_product_id"] = product.id
        plan, outcome = upsert(model, plan, vals)
        price = engine.from_cents(value.price_minor, currency.decimal_places)
        priced = self._price(service_sudo, plan, currency, price)
        if priced != "unchanged" and outcome == "unchanged":
            outcome = "updated" if priced != "kept" else "skipped"
            note = note or (KEPT % "price" if priced == "kept" else "The price changed.")
        report.add("plans", value.code, outcome, note, "warning" if note else "")
        return plan

    def _price(
        self,
        service_sudo: models.BaseModel,
        plan: models.BaseModel,
        currency: models.BaseModel,
        price: Decimal,
    ) -> str:
        """Write the recurring price into the pricelist of its currency: the outcome, or kept."""
        pricelist = self._pricelist(service_sudo, currency)
        product = plan.x_fc_product_id
        model = self.env["product.pricelist.item"]
        item = model.search(
            [
                ("pricelist_id", "=", pricelist.id),
                ("plan_id", "=", plan.id),
                ("product_id", "=", product.id),
            ],
            limit=1,
        )
        vals = {
            "pricelist_id": pricelist.id,
            "plan_id": plan.id,
            "applied_on": "0_product_variant",
            "product_tmpl_id": product.product_tmpl_id.id,
            "product_id": product.id,
            "compute_price": "fixed",
            "fixed_price": float(price),
        }
        if item and service_sudo.mode == "live" and changes(item, vals):
            return "kept"
        return upsert(model, item, vals)[1]

    def _pricelist(
        self, service_sudo: models.BaseModel, currency: models.BaseModel
    ) -> models.BaseModel:
        """“NexaCloud CAD”: the service's pricelist in a currency, made when there is none."""
        pricelists = self.env["product.pricelist"]
        vals = {
            "name": f"{service_sudo.name} {currency.name}",
            "currency_id": currency.id,
            "company_id": service_sudo.company_id.id,
        }
        domain = [(name, "=", value) for name, value in vals.items()]
        return pricelists.search(domain, limit=1) or pricelists.create(vals)

    def _currency(self, code: str) -> tuple[models.BaseModel, str]:
        """The currency, activated if need be, and a note if it was."""
        currency = (
            self.env["res.currency"]
            .with_context(active_test=False)
            .search([("name", "=", code)], limit=1)
        )
        if not currency:
            raise RowError(f"There is no currency {code}.")
        if currency.active:
            return currency, ""
        currency.active = True
        return currency, f"Currency {code} was activated: make sure that it has exchange rates."

    def _currencies(
        self, plans: dict[object, models.BaseModel], values: list[PlanValue]
    ) -> dict[int, models.BaseModel]:
        """Plan → the currency that the app bills it in. ``plans``: by the app's own id."""
        codes = {value.source_id: value.currency for value in values}
        domain = [("name", "in", list(codes.values()))]
        found = self.env["res.currency"].search(domain).grouped("name")
        return {plan.id: found[codes[own]] for own, plan in plans.items() if codes[own] in found}

    def _product(
        self, service_sudo: models.BaseModel, name: str, recurring: bool = False
    ) -> models.BaseModel:
        """A service product taxed like the company's other sales, so fiscal positions map it."""
        return self.env["product.product"].create(
            {
                "name": name,
                "type": "service",
                "invoice_policy": "order",
                "recurring_invoice": recurring,
                "list_price": 0.0,
                "company_id": service_sudo.company_id.id,
                "taxes_id": [Command.set(service_sudo.company_id.account_sale_tax_id.ids)],
            }
        )

    # ------------------------------------------------------------------- charges
    def _charges(
        self,
        service_sudo: models.BaseModel,
        plan_value: PlanValue,
        metrics: dict[str, models.BaseModel],
        report: ImportReport,
    ) -> None:
        model = self.env["fusion.billing.charge"].with_context(active_test=False)
        domain = [("service_id", "=", service_sudo.id), ("plan_code", "=", plan_value.code)]
        known = {charge.code: charge for charge in model.search(domain)}
        for code, reason in plan_value.uncharged.items():
            self._retire(known.get(code, model), f"{plan_value.code}/{code}", reason, report)
        for sequence, value in enumerate(plan_value.charges, start=1):
            vals = self._prepare_charge(service_sudo, plan_value, value, metrics)
            vals["sequence"] = sequence * 10
            name = f"{plan_value.code}/{value.code}"
            try:
                with self.env.cr.savepoint():
                    outcome, reason = self._charge(known.get(value.code, model), vals, value)
            except ROW_ERRORS as error:
                report.add("charges", name, "failed", message_of(error))
                continue
            report.add("charges", name, outcome, reason, "warning" if reason else "")

    def _prepare_charge(
        self,
        service_sudo: models.BaseModel,
        plan_value: PlanValue,
        value: ChargeValue,
        metrics: dict[str, models.BaseModel],
    ) -> dict[str, object]:
        """Values of the charge. No ``plan_id``: that is what keeps it in shadow."""
        currency = self.env["res.currency"].search([("name", "=", plan_value.currency)], limit=1)
        return {
            "service_id": service_sudo.id,
            "plan_code": plan_value.code,
            "metric_id": metrics[value.metric_code].id,
            "code": value.code,
            "name": value.name,
            "active": True,
            "model": value.model,
            "currency_id": currency.id,
            "included_quantity": float(value.included_quantity),
            "unit_price": float(value.unit_price),
        }

    def _charge(
        self, charge: models.BaseModel, vals: dict[str, object], value: ChargeValue
    ) -> tuple[str, str]:
        """Write one charge with its tiers; returns the outcome and why nothing was written."""
        different = changes(charge.with_context(lang=None), vals) if charge else vals
        wanted = [
            (float(tier.up_to), float(tier.unit_price), float(tier.flat_price))
            for tier in value.tiers
        ]
        present = [(tier.up_to, tier.unit_price, tier.flat_price) for tier in charge.tier_ids]
        if wanted != present:
            different = different | {"tier_ids": [Command.clear(), *_tiers(wanted)]}
        if not different:
            return "unchanged", ""
        if charge.plan_id:
            return "skipped", KEPT % ", ".join(different)
        if charge:
            charge._rename(different.pop("name", charge.with_context(lang=None).name))
            charge.write(different)
            return "updated", ""
        charge.create(different)
        return "created", ""

    def _retire(
        self, charge: models.BaseModel, name: str, reason: str, report: ImportReport
    ) -> None:
        """No charge for what the app never charges; one that was imported before is archived."""
        if charge.active and charge.plan_id:
            report.add("charges", name, "skipped", f"{reason} {KEPT % 'active'}", "warning")
        elif charge.active:
            charge.active = False
            report.add("charges", name, "updated", f"{reason} The charge was archived.")
        else:
            report.add("charges", name, "skipped", reason)


def _tiers(rows: list[tuple[float, float, float]]) -> list:
    names = ("up_to", "unit_price", "flat_price")
    return [
        Command.create(dict(zip(names, row, strict=True)) | {"sequence": place * 10})
        for place, row in enumerate(rows, start=1)
    ]
