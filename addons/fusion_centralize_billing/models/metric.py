"""What an app counts, and how a period's counts become one quantity."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine import errors
from ..engine.aggregation import Metric

AGGREGATIONS = [
    ("sum", "Sum of values"),
    ("count", "Number of events"),
    ("max", "Highest value"),
    ("last", "Last value"),
    ("unique", "Distinct values"),
    ("weighted", "Value weighted by time"),
]
# What stays in place until it is changed; a highest or last value has nothing to carry over.
CARRIED = ("sum", "unique", "weighted")


class BillingMetric(models.Model):
    """One counter of one service, e.g. ``bandwidth_gb`` summed in GB."""

    _name = "fusion.billing.metric"
    _description = "Billing Metric"
    _order = "service_id, code"

    name = fields.Char(required=True, help="Shown to customers, e.g. “Bandwidth”.")
    code = fields.Char(required=True, help="What events carry, e.g. “bandwidth_gb”.")
    active = fields.Boolean(default=True)
    description = fields.Text()
    unit = fields.Char(help="Unit of the quantity, e.g. “GB”.")
    service_id = fields.Many2one(
        "fusion.billing.service", required=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one(related="service_id.company_id")
    product_id = fields.Many2one(
        "product.product",
        help="Income account and tax of this metric's lines. Empty = the service's usage product.",
    )
    charge_ids = fields.One2many("fusion.billing.charge", "metric_id", string="Charges")
    aggregation = fields.Selection(AGGREGATIONS, required=True, default="sum")
    field_name = fields.Char(
        string="Event Property", help="Property of the event that holds the value."
    )
    recurring = fields.Boolean(
        string="Carried Over",
        help="The quantity is carried over to the next period instead of starting at zero.",
    )
    split_keys = fields.Json(
        readonly=True,
        help="Event properties that the charges of this metric tell apart, as a list of names.",
    )
    rounding_function = fields.Selection(
        [("none", "None"), ("round", "Half up"), ("ceil", "Up"), ("floor", "Down")],
        required=True,
        default="none",
        help="Applied to the period's quantity before pricing.",
    )
    rounding_precision = fields.Integer(
        default=0, help="Decimals kept by the rounding; negative rounds to tens, hundreds…"
    )

    _code_uniq = models.UniqueIndex(
        "(service_id, code)", "This service already has a metric with this code."
    )
    _field_name_required = models.Constraint(
        "CHECK (aggregation = 'count' OR COALESCE(field_name, '') <> '')",
        "Every aggregation but “Number of events” needs the event property that holds the value.",
    )

    @api.model_create_multi
    def create(self, vals_list: list[dict]) -> "BillingMetric":
        """Events that came before their metric count from now on."""
        metrics = super().create(vals_list)
        for service, own in metrics.grouped("service_id").items():
            self.env["fusion.billing.ingest"]._reexamine(service, codes=own.mapped("code"))
        return metrics

    @api.depends("name", "unit")
    def _compute_display_name(self) -> None:
        """“Bandwidth (GB)”: totals of two metrics are seen not to add up."""
        for metric in self:
            metric.display_name = f"{metric.name} ({metric.unit})" if metric.unit else metric.name

    @api.constrains("code", "aggregation", "recurring", "rounding_function", "rounding_precision")
    def _check_engine(self) -> None:
        """The engine decides what a valid metric is; its codes name the wrong fields."""
        for metric in self:
            try:
                metric._to_engine()
                if metric.recurring and metric.aggregation not in CARRIED:
                    raise errors.Invalid.field("recurring", "not_compatible_with_aggregation_type")
            except errors.Invalid as error:
                raise ValidationError(
                    self.env._("%(metric)s: %(problem)s", metric=metric.display_name, problem=error)
                ) from error
            metric.with_context(active_test=False).charge_ids._check_engine()

    def _to_engine(self) -> Metric:
        """The metric as the engine knows it."""
        self.ensure_one()
        return Metric(
            code=self.code,
            aggregation=self.aggregation,
            name=self.name,
            unit=self.unit or "",
            rounding_function=self.rounding_function,
            rounding_precision=self.rounding_precision,
            recurring=self.recurring,
        )

    def _get_product(self):
        """Product of this metric's invoice lines; empty when neither is configured."""
        self.ensure_one()
        return self.product_id or self.service_id.usage_product_id
