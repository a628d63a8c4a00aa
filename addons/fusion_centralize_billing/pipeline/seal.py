"""Period seals: a service that uses them is billed for nothing that its app has not closed."""

from datetime import date
from decimal import Decimal
from typing import Any

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from .. import engine
from ..engine.errors import Invalid, NotFound
from .gate import to_decimal


class BillingSeal(models.AbstractModel):
    """Compares the app's count and sum with ours: when sealed, and again when billed."""

    _name = "fusion.billing.seal"
    _description = "Usage Seals"

    @api.model
    def _seal(self, service: models.BaseModel, values: dict[str, Any]) -> dict[str, Any]:
        """Seal, or seal anew, ``[start, end)`` of one metric; answer with what was counted here.

        :param values: ``external_subscription_id``, ``code``, ``start``, ``end``, ``count`` and
            ``sum``
        :raise NotFound: ``subscription``, ``billable_metric``
        :raise Invalid: ``end``: it is not after the start
        """
        order_sudo, metric_sudo = self._named(service, values)
        if values["end"] <= values["start"]:
            raise Invalid.field("end", "value_is_out_of_range")
        seals_sudo = self.env["fusion.billing.usage.seal"].sudo()
        key = {
            "subscription_id": order_sudo.id,
            "metric_id": metric_sudo.id,
            "start": values["start"],
        }
        seal_sudo = seals_sudo.search(Domain.AND(Domain(k, "=", v) for k, v in key.items()))
        told = {
            "end": values["end"],
            "count": values["count"],
            "sum": float(values["sum"]),
            "sealed_at": service._now(),
        }
        if seal_sudo:
            seal_sudo.write(told)
        else:
            # Two at once: the unique index lets one in, the request of the other starts over.
            seal_sudo = seals_sudo.create({**key, **told, "service_id": service.id})
            seal_sudo.flush_recordset()
        self._compare(seal_sudo)
        return self._answer(seal_sudo, values)

    @api.model
    def _obstacle(self, order: models.BaseModel, day: date) -> str | None:
        """Why this order cannot be billed on ``day``: the first metric not sealed, or nothing.

        Every metric priced on the plan has to be sealed for each closed period nobody billed yet.
        A period that waits is listed as a seal, and told once: to the app by ``period.held``, to
        the followers of the service by a message.
        """
        service_sudo = order.x_fc_service_id.sudo()
        if not service_sudo.uses_seals:
            return None
        metrics_sudo = self.env["fusion.billing.rate"]._charges(order).metric_id
        held_sudo = self.env["fusion.billing.usage.seal"].sudo()
        for period in self._closed(order, day):
            for metric_sudo in metrics_sudo:
                held_sudo |= self._waiting(order, metric_sudo, period)
        if not held_sudo:
            return None
        self._alarm(held_sudo)
        first = held_sudo[0]
        return self.env._(
            "%(metric)s of %(start)s to %(end)s is %(state)s: the app has to seal it.",
            metric=first.metric_id.name,
            start=first.start,
            end=first.end,
            state=dict(first._fields["state"]._description_selection(self.env))[
                first.state
            ].lower(),
        )

    def _waiting(
        self, order: models.BaseModel, metric_sudo: models.BaseModel, period: engine.Period
    ) -> models.BaseModel:
        """The seal (sudo) that keeps this metric and period from being billed, or nothing.

        Several seals may tile a period: what counts is that they cover it without a gap.
        """
        seals_sudo = self.env["fusion.billing.usage.seal"].sudo()
        own_sudo = seals_sudo.search(
            [
                ("subscription_id", "=", order.id),
                ("metric_id", "=", metric_sudo.id),
                ("start", "<", period.end),
                ("end", ">", period.start),
            ],
            order="start",
        )
        cursor = period.start
        for seal_sudo in own_sudo.filtered(lambda seal: seal.state != "missing"):
            self._compare(seal_sudo)
            if seal_sudo.state != "matched":
                return seal_sudo
            if seal_sudo.start <= cursor:
                cursor = max(cursor, seal_sudo.end)
        if cursor >= period.end:
            own_sudo.filtered(lambda seal: seal.state == "missing").unlink()
            return seals_sudo
        missing_sudo = own_sudo.filtered(lambda seal: seal.state == "missing")[:1]
        return missing_sudo or seals_sudo.create(
            {
                "service_id": order.x_fc_service_id.id,
                "subscription_id": order.id,
                "metric_id": metric_sudo.id,
                "start": cursor,
                "end": period.end,
            }
        )

    def _compare(self, seal_sudo: models.BaseModel) -> None:
        """Count again what is here, and say whether it is what the app sealed."""
        self.env["fusion.billing.usage"].flush_model()
        [(counted, total)] = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(sum(count), 0)::bigint, COALESCE(sum(total), 0)::text
                FROM fusion_billing_usage
                WHERE subscription_id = %s AND metric_id = %s AND day >= %s AND day < %s
                """,
                seal_sudo.subscription_id.id,
                seal_sudo.metric_id.id,
                seal_sudo.start,
                seal_sudo.end,
            )
        )
        agrees = (counted, Decimal(total)) == (seal_sudo.count, to_decimal(seal_sudo.sum))
        seal_sudo.write(
            {
                "counted": counted,
                "total": float(total),
                "state": "matched" if agrees else "mismatched",
            }
        )

    def _closed(self, order: models.BaseModel, day: date) -> list[engine.Period]:
        """Periods over on ``day`` that no invoice has claimed."""
        drafts = self.env["fusion.billing.draft"].with_context(billing_date=day)
        until = order.end_date and min(day, order.end_date) or day
        due = order.next_invoice_date
        until = min(due, until) if due else until
        return drafts._unclaimed(order, until)

    def _alarm(self, held_sudo: models.BaseModel) -> None:
        """Say once that a period waits."""
        for seal_sudo in held_sudo.filtered(lambda seal: not seal.held_since):
            service_sudo = seal_sudo.service_id
            seal_sudo.held_since = service_sudo._now()
            order_sudo = seal_sudo.subscription_id
            self.env["fusion.billing.outbox"]._emit(
                service_sudo,
                "period.held",
                "period",
                {
                    "external_subscription_id": order_sudo.x_fc_external_id,
                    "code": seal_sudo.metric_id.code,
                    "start": str(seal_sudo.start),
                    "end": str(seal_sudo.end),
                    "reason": "unsealed" if seal_sudo.state == "missing" else "mismatch",
                    "sealed": {"count": seal_sudo.count, "sum": str(to_decimal(seal_sudo.sum))},
                    "counted": {
                        "count": seal_sudo.counted,
                        "sum": str(to_decimal(seal_sudo.total)),
                    },
                },
            )
            service_sudo.message_post(
                body=self.env._(
                    "%(subscription)s is not billed: %(metric)s of %(start)s to %(end)s is "
                    "not sealed by the app, or not with what was counted here.",
                    subscription=order_sudo.display_name,
                    metric=seal_sudo.metric_id.name,
                    start=seal_sudo.start,
                    end=seal_sudo.end,
                ),
                subtype_xmlid="mail.mt_comment",
            )

    def _named(
        self, service: models.BaseModel, values: dict[str, Any]
    ) -> tuple[models.BaseModel, models.BaseModel]:
        """The subscription of the first day and the metric (both sudo), or 404."""
        external_id = values["external_subscription_id"]
        order_sudo = self.env["fusion.billing.subscribe"]._holder(
            service, external_id, values["start"]
        )
        metric_sudo = (
            self.env["fusion.billing.metric"]
            .sudo()
            .search([("service_id", "=", service.id), ("code", "=", values["code"])])
        )
        if not order_sudo:
            raise NotFound("subscription")
        if not metric_sudo:
            raise NotFound("billable_metric")
        return order_sudo, metric_sudo

    def _answer(self, seal_sudo: models.BaseModel, values: dict[str, Any]) -> dict[str, Any]:
        return {
            "external_subscription_id": values["external_subscription_id"],
            "code": values["code"],
            "start": str(seal_sudo.start),
            "end": str(seal_sudo.end),
            "count": seal_sudo.count,
            "sum": engine.plain(values["sum"]),
            "state": seal_sudo.state,
            "counted": {
                "count": seal_sudo.counted,
                "sum": engine.plain(to_decimal(seal_sudo.total)),
            },
        }


class BillingBillableSeals(models.AbstractModel):
    """An unsealed period is an obstacle like a missing address."""

    _inherit = "fusion.billing.billable"

    @api.model
    def _obstacle(self, order: models.BaseModel, day: date) -> str | None:
        return super()._obstacle(order, day) or self.env["fusion.billing.seal"]._obstacle(
            order, day
        )
