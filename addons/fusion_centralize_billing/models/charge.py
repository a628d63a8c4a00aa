"""The price of one metric on one plan."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine import errors
from ..engine.charge import Charge
from ..pipeline.gate import to_decimal
from .charge_price import PROPERTIES

MODELS = [
    ("quota", "Included quota, then per unit"),
    ("standard", "Per unit"),
    ("graduated", "Graduated tiers"),
    ("volume", "Volume tiers"),
    ("package", "Per package"),
    ("percentage", "Percentage of the value"),
    ("graduated_percentage", "Graduated percentage"),
    ("dynamic", "As the app says per event"),
]


class BillingCharge(models.Model):
    """Plan + metric → pricing model, quota and prices.

    ``plan_code`` is what the app calls the plan. ``plan_id`` stays empty until go-live, and a
    charge without it never rates: the second of the three shadow locks.
    """

    _name = "fusion.billing.charge"
    _inherit = ["fusion.billing.price"]
    _description = "Billing Charge"
    _order = "service_id, plan_code, sequence, id"

    name = fields.Char(
        required=True,
        translate=True,
        help="Shown on the invoice line in the customer's language, e.g. “Bandwidth”.",
    )
    code = fields.Char(required=True, help="Tells two charges on one metric apart.")
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    plan_code = fields.Char(required=True, index=True, help="What the app calls the plan.")
    service_id = fields.Many2one(
        "fusion.billing.service", required=True, ondelete="restrict", index=True
    )
    plan_id = fields.Many2one(
        "sale.subscription.plan",
        ondelete="restrict",
        copy=False,
        index=True,
        help="Set by go-live. Empty = this charge never bills.",
    )
    metric_id = fields.Many2one(
        "fusion.billing.metric",
        required=True,
        ondelete="restrict",
        index=True,
        domain="[('service_id', '=', service_id)]",
    )
    parent_id = fields.Many2one(
        "fusion.billing.charge",
        string="Overrides",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        help="The plan's charge that this one stands for, at one customer's prices.",
    )
    metric_recurring = fields.Boolean(related="metric_id.recurring")
    tier_ids = fields.One2many("fusion.billing.charge.tier", "charge_id", string="Tiers", copy=True)
    filter_ids = fields.One2many(
        "fusion.billing.charge.filter",
        "charge_id",
        string="Filters",
        copy=True,
        help="Usage whose properties have certain values, at its own price and on its own line.",
    )
    pricing_group_keys = fields.Char(
        string="One Line Per",
        help="Event properties, separated by commas: each value gets its own line and its own "
        "tiers, e.g. “region, server”.",
    )
    prorated = fields.Boolean(
        help="Units of a carried-over metric are weighted by the days they were in place."
    )
    min_amount = fields.Monetary(
        string="Minimum",
        help="What the charge costs at least in a full period: a line of its own brings it up.",
    )
    cap_amount = fields.Monetary(
        string="Cap",
        help="What the charge costs at most in a full period: a line of its own gives the rest "
        "back. 0 = no cap.",
    )
    currency_id = fields.Many2one(
        "res.currency", required=True, default=lambda self: self.env.company.currency_id
    )
    model = fields.Selection(MODELS, string="Pricing", required=True, default="quota")
    price_summary = fields.Char(
        string="Price", compute="_compute_price_summary", help="The price in one line."
    )

    _charge_uniq = models.UniqueIndex(
        "(service_id, plan_code, metric_id, code)",
        "This plan already has a charge with this code on this metric.",
    )

    @api.depends(
        "model",
        "metric_id.unit",
        "tier_ids",
        "filter_ids",
        *sorted({name for names in PROPERTIES.values() for name in names}),
    )
    def _compute_price_summary(self) -> None:
        for charge in self:
            unit = charge.metric_id.unit or self.env._("unit")
            text = charge._price_text(charge.model, unit)
            if charge.filter_ids:
                count = len(charge.filter_ids)
                text = self.env._("%(price)s; %(count)s filters", price=text, count=count)
            charge.price_summary = text

    @api.constrains(
        "code",
        "model",
        "tier_ids",
        "filter_ids",
        "currency_id",
        "metric_id",
        "prorated",
        "min_amount",
        "cap_amount",
        *sorted({name for names in PROPERTIES.values() for name in names}),
    )
    def _check_engine(self) -> None:
        """The engine decides what a valid price is; its codes name the wrong fields."""
        for charge in self:
            try:
                terms = charge._to_engine()
                if terms.prorated and not charge.metric_id._to_engine().can_be_prorated:
                    code = "invalid_billable_metric_or_charge_model"
                    raise errors.Invalid.field("prorated", code)
            except errors.Invalid as error:
                raise ValidationError(
                    self.env._("%(charge)s: %(problem)s", charge=charge.display_name, problem=error)
                ) from error

    @api.constrains("service_id", "metric_id", "plan_id")
    def _check_service(self) -> None:
        """A charge, its metric and its plan belong to one service."""
        for charge in self:
            owners = charge.metric_id.service_id | charge.plan_id.x_fc_service_id
            if owners - charge.service_id:
                raise ValidationError(
                    self.env._(
                        "“%(charge)s” mixes services: its metric and plan must belong to "
                        "%(service)s.",
                        charge=charge.name,
                        service=charge.service_id.name,
                    )
                )

    def _rename(self, name: str) -> None:
        """Take over an app's name for it; a new one holds in every language, until translated."""
        self.ensure_one()
        source = self.with_context(lang=None)
        if source.name == name:
            return
        source.name = name
        languages = [code for code, _name in self.env["res.lang"].get_installed()]
        self.update_field_translations("name", dict.fromkeys(languages, name))

    def _named_like(self, other: models.BaseModel) -> None:
        """Take over what another charge is called, in every language."""
        self.ensure_one()
        names = {
            code: other.with_context(lang=code).name
            for code, _name in self.env["res.lang"].get_installed()
        }
        self.update_field_translations("name", names)

    def _group_keys(self) -> tuple[str, ...]:
        """``"region, server"`` as names; each once."""
        self.ensure_one()
        names = (name.strip() for name in (self.pricing_group_keys or "").split(","))
        return tuple(dict.fromkeys(name for name in names if name))

    def _to_engine(self) -> Charge:
        """The charge as the engine knows it: exact numbers, no record.

        :raise engine.errors.Invalid: naming every wrong field
        """
        self.ensure_one()
        return Charge.build(
            self.model,
            self.code,
            self.metric_id.code,
            self._properties(self.model),
            filters=[own._to_engine() for own in self.filter_ids.sorted("sequence")],
            pricing_group_keys=self._group_keys(),
            min_amount=to_decimal(self.min_amount),
            cap_amount=to_decimal(self.cap_amount) or None,
            name=self.name,
            unit=self.metric_id.unit or "",
            currency=self.currency_id.name,
            prorated=self.prorated,
        )
