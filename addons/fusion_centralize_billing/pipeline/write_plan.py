"""Plans written by an app: a recurring plan, its product, its price in a pricelist, its charges."""

from typing import Any

from odoo import models

from ..engine.errors import Invalid
from ..engine.money import from_cents
from ..schemas.plan import INTERVALS

# Once somebody subscribes, Lago ignores these; so do we.
FIXED = ("code", "interval", "amount_currency", "pay_in_advance", "trial_period")


class BillingCataloguePlan(models.AbstractModel):
    _inherit = "fusion.billing.catalogue"

    def _create_plan(self, service: models.BaseModel, values: dict[str, Any]) -> models.BaseModel:
        """A new plan (sudo) that bills as soon as somebody subscribes to it.

        :param values: all keys of Lago's ``plan``
        :raises Invalid: ``code`` ``value_already_exist``; what charges raise
        """
        self._check_plan_code(service, values["code"])
        service_sudo = service.sudo()
        currency = self._currency_named(values["amount_currency"])
        helper = self.env["fusion.billing.import.catalogue"].sudo()
        name = values["invoice_display_name"] or values["name"]
        product_sudo = helper._product(service_sudo, name, recurring=True)
        plan_sudo = self._plans(service).create(
            self._plan_vals(values, currency)
            | {
                "company_id": service_sudo.company_id.id,
                "x_fc_service_id": service_sudo.id,
                "x_fc_product_id": product_sudo.id,
            }
        )
        self._set_price(plan_sudo, currency, values["amount_cents"])
        self._replace_charges(plan_sudo, values["charges"] or [])
        self._tell_plan(plan_sudo, "plan.created")
        return plan_sudo

    def _update_plan(
        self, plan_sudo: models.BaseModel, values: dict[str, Any], sent: set[str]
    ) -> models.BaseModel:
        """Change a plan (sudo) and what runs on it: the next bill has the new fee, as in Lago.

        :param values: all keys of Lago's ``plan``, as they should be
        :param sent: the keys the caller named; without ``charges`` these stay as they are
        """
        with self._cascading(plan_sudo, values["cascade_updates"]):
            self._change_plan_values(plan_sudo, values, sent)
        self._tell_plan(plan_sudo, "plan.updated")
        return plan_sudo

    def _change_plan_values(
        self, plan_sudo: models.BaseModel, values: dict[str, Any], sent: set[str]
    ) -> None:
        subscribed = self._is_subscribed(plan_sudo)
        present = self.env["fusion.billing.serialize"]._plan(plan_sudo)
        if subscribed:
            values = values | {name: present[name] for name in FIXED}
        elif values["code"] != plan_sudo.x_fc_code:
            self._check_plan_code(plan_sudo.x_fc_service_id, values["code"])
            self._charges(plan_sudo).write({"plan_code": values["code"]})
        currency = self._currency_named(values["amount_currency"])
        if "invoice_display_name" in sent:
            name = values["invoice_display_name"] or values["name"]
            self._rename_product(plan_sudo, name, values["cascade_updates"])
        plan_sudo.write(self._plan_vals(values, currency))
        self._set_price(plan_sudo, currency, values["amount_cents"])
        if currency.name != present["amount_currency"]:
            self._charges(plan_sudo).write({"currency_id": currency.id})
        if "charges" in sent:
            self._replace_charges(plan_sudo, values["charges"] or [])

    def _delete_plan(self, plan_sudo: models.BaseModel) -> None:
        """Take a plan away: as in Lago, what runs on it ends now and is billed.

        A plan nobody ever subscribed to leaves nothing behind; another one is archived.
        """
        if not plan_sudo.x_fc_parent_id:
            self._tell_plan(plan_sudo, "plan.deleted")
        for child_sudo in self._overrides_of(plan_sudo).filtered("active"):
            self._delete_plan(child_sudo)
        subscribe = self.env["fusion.billing.subscribe"]
        now = plan_sudo.x_fc_service_id._now()
        orders_sudo = self.env["sale.order"].sudo()
        for order_sudo in orders_sudo.search([("x_fc_next_plan_id", "=", plan_sudo.id)]):
            subscribe._call_off_change(order_sudo)
        if not plan_sudo.exists():
            return  # it was to be somebody's, and went with that
        for order_sudo in self._running(plan_sudo):
            if subscribe._status(order_sudo, now) == "pending":
                subscribe._cancel(order_sudo, now)
            else:
                subscribe._terminate(order_sudo, now)
        if self._is_subscribed(plan_sudo, ever=True) or self._overrides_of(plan_sudo):
            plan_sudo.active = False
        else:
            self._erase_plan(plan_sudo)

    def _erase_plan(self, plan_sudo: models.BaseModel) -> None:
        """Remove a plan that nobody ever had, and its product if nothing else is sold as that."""
        product_sudo = plan_sudo.x_fc_product_id
        self._charges(plan_sudo).unlink()
        plan_sudo.x_fc_price_ids.unlink()
        plan_sudo.unlink()
        if not self._plans_with(product_sudo):
            product_sudo.active = False

    # ------------------------------------------------------------------- details
    def _plans(self, service: models.BaseModel) -> models.BaseModel:
        company_sudo = service.sudo().company_id
        return self.env["sale.subscription.plan"].sudo().with_company(company_sudo)

    def _check_plan_code(self, service: models.BaseModel, code: str) -> None:
        domain = [("x_fc_service_id", "=", service.id), ("x_fc_code", "=", code)]
        if self._plans(service).with_context(active_test=False).search_count(domain, limit=1):
            raise Invalid.field("code", "value_already_exist")

    def _is_subscribed(self, plan_sudo: models.BaseModel, ever: bool = False) -> bool:
        """Whether somebody has this plan; ``ever`` counts those who called it off."""
        domain = [("plan_id", "in", (plan_sudo | self._overrides_of(plan_sudo)).ids)]
        if not ever:
            domain.append(("state", "!=", "cancel"))
        return bool(self.env["sale.order"].sudo().search_count(domain, limit=1))

    def _overrides_of(self, plan_sudo: models.BaseModel) -> models.BaseModel:
        """The plans (sudo) that are this one at a customer's own prices, archived ones too."""
        plans_sudo = plan_sudo.with_context(active_test=False)
        return plans_sudo.search([("x_fc_parent_id", "=", plan_sudo.id)])

    def _plans_with(self, product_sudo: models.BaseModel) -> int:
        plans_sudo = self.env["sale.subscription.plan"].sudo().with_context(active_test=False)
        services_sudo = self.env["fusion.billing.service"].sudo()
        return plans_sudo.search_count(
            [("x_fc_product_id", "=", product_sudo.id)]
        ) + services_sudo.search_count([("product_id", "=", product_sudo.id)])

    def _rename_product(
        self, plan_sudo: models.BaseModel, name: str, cascades: bool | None
    ) -> None:
        """Only where nothing else is sold under that name; a cascade takes overrides along."""
        product_sudo = plan_sudo.x_fc_product_id
        if product_sudo.name == name:
            return
        along = self._overrides_of(plan_sudo) if cascades else plan_sudo.browse()
        sharing = along.filtered(lambda plan: plan.x_fc_product_id == product_sudo)
        if not product_sudo or self._plans_with(product_sudo) > 1 + len(sharing):
            raise Invalid.field("invoice_display_name", "product_is_shared")
        product_sudo.name = name

    def _plan_vals(self, values: dict[str, Any], currency: models.BaseModel) -> dict[str, Any]:
        unit, value = INTERVALS.get(values["interval"], (None, None))
        commitment = values["minimum_commitment"] or {}
        cents = commitment.get("amount_cents") or 0
        vals = {
            "name": values["name"],
            "x_fc_code": values["code"],
            "x_fc_description": values["description"] or False,
            "x_fc_trial_days": int(values["trial_period"] or 0),
            "bill_end_period": not values["pay_in_advance"],
            "x_fc_minimum_commitment": float(from_cents(cents, currency.decimal_places)),
            "x_fc_commitment_name": commitment.get("invoice_display_name") or False,
            "x_fc_commitment_currency_id": currency.id,
            "x_fc_metadata": values["metadata"] or False,
        }
        return vals | ({"billing_period_unit": unit, "billing_period_value": value} if unit else {})

    def _currency_named(self, code: str) -> models.BaseModel:
        """The currency (sudo), put to use if it was not."""
        return self.env["fusion.billing.import.catalogue"].sudo()._currency(code)[0]

    def _currency_of(self, plan_sudo: models.BaseModel) -> models.BaseModel:
        """The currency that the API shows a plan in."""
        item_sudo = self.env["fusion.billing.subscribe"]._price_item(plan_sudo)
        return item_sudo.currency_id or plan_sudo.x_fc_service_id.company_id.currency_id

    def _set_price(
        self, plan_sudo: models.BaseModel, currency: models.BaseModel, cents: int
    ) -> None:
        """The recurring fee in a currency; what runs at the old fee goes on at the new one."""
        price = float(from_cents(cents, currency.decimal_places))
        item_sudo = self.env["fusion.billing.subscribe"]._price_item(plan_sudo)
        if item_sudo and item_sudo.currency_id == currency:
            before = item_sudo.fixed_price
            if before != price:
                item_sudo.fixed_price = price
                self._reprice(plan_sudo, currency, before, price)
            return
        item_sudo.unlink()  # nobody has subscribed: the currency of a plan in use is fixed
        product_sudo = plan_sudo.x_fc_product_id or plan_sudo.x_fc_service_id.product_id
        helper = self.env["fusion.billing.import.catalogue"].sudo()
        pricelist_sudo = helper._pricelist(plan_sudo.x_fc_service_id, currency)
        self.env["product.pricelist.item"].sudo().create(
            {
                "pricelist_id": pricelist_sudo.id,
                "plan_id": plan_sudo.id,
                "applied_on": "0_product_variant",
                "product_tmpl_id": product_sudo.product_tmpl_id.id,
                "product_id": product_sudo.id,
                "compute_price": "fixed",
                "fixed_price": price,
            }
        )

    def _reprice(self, plan_sudo, currency, before: float, price: float) -> None:
        """Subscriptions at the list price follow it; a price agreed with somebody stays."""
        product_sudo = plan_sudo.x_fc_product_id or plan_sudo.x_fc_service_id.product_id
        lines_sudo = self._running(plan_sudo).order_line.filtered(
            lambda line: (
                line.product_id == product_sudo
                and line.currency_id == currency
                and not line.currency_id.compare_amounts(line.price_unit, before)
            )
        )
        lines_sudo.write({"price_unit": price})
