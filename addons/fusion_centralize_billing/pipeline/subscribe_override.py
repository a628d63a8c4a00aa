"""Own prices for a subscription that exists: on its next bill, as any change of a plan's price."""

from typing import Any

from odoo import Command, models

from ..engine.errors import Invalid


class BillingSubscribeOverride(models.AbstractModel):
    _inherit = "fusion.billing.subscribe"

    def _override_prices(self, order_sudo: models.BaseModel, overrides: dict[str, Any]) -> None:
        """Put a subscription (sudo) on a copy of its plan, or change the copy it is on.

        :param overrides: the keys of Lago's ``plan_overrides`` that were sent
        :raises NotFound: ``charge``: none of the plan's
        :raises Invalid: what prices raise; another name on invoices: the lines that run have one
        """
        present_sudo = order_sudo.plan_id
        name = overrides.get("invoice_display_name")
        if name and name != present_sudo.x_fc_product_id.name:
            raise Invalid.field("invoice_display_name", "not_supported")
        overrides = {key: own for key, own in overrides.items() if key != "invoice_display_name"}
        catalogue = self.env["fusion.billing.catalogue"]
        plan_sudo = catalogue._update_override(order_sudo, present_sudo, overrides)
        if plan_sudo == present_sudo:
            return
        product_sudo = present_sudo.x_fc_product_id or order_sudo.x_fc_service_id.product_id
        item_sudo = self._price_item(plan_sudo, order_sudo.currency_id)
        new = overrides.get("amount_cents") is not None
        # In one write: Odoo works prices out again where the plan is another.
        order_sudo.write(
            {
                "plan_id": plan_sudo.id,
                "order_line": [
                    Command.update(
                        line.id,
                        {
                            "price_unit": item_sudo.fixed_price
                            if new and line.product_id == product_sudo
                            else line.price_unit
                        },
                    )
                    for line in order_sudo.order_line
                    if not line.display_type
                ],
            }
        )

    def _update_change(self, order_sudo: models.BaseModel, values: dict[str, Any]) -> None:
        """Own prices for the plan that waits for the period's end.

        :param order_sudo: what runs until then
        :raises Invalid: ``not_supported``: name and end are those of what runs until then
        """
        wrong = [key for key in ("name", "ending_at", "subscription_at") if key in values]
        if wrong:
            raise Invalid({key: ["not_supported"] for key in wrong})
        if overrides := values.get("plan_overrides"):
            catalogue = self.env["fusion.billing.catalogue"]
            order_sudo.x_fc_next_plan_id = catalogue._update_override(
                order_sudo, order_sudo.x_fc_next_plan_id, overrides
            )
        self._announce(order_sudo, "subscription.updated")
