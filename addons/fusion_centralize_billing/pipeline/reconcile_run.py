"""The dual run: app's and our invoices of past periods, line by line. Bills nothing."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

from odoo import Command, api, models

from ..engine import Finding, Pair, Period, plain, reconcile
from ..engine.reconcile import BilledLine
from .gate import to_decimal

Key = tuple[str, date]  # the app's subscription id and the period's end


class BillingReconcile(models.AbstractModel):
    """Compares and records. Decides nothing: a person explains and signs."""

    _name = "fusion.billing.reconcile"
    _description = "Billing Reconciliation Stage"

    @api.model
    def _run(self, service: models.BaseModel, start: date, end: date) -> dict[str, int]:
        """Compare every period that lies within ``[start, end)``, and record what was found.

        :return: ``{class: rows, "compared": all of them, "written": how many changed}``

        Repeatable: the same figures write nothing, a signed row is never written, other figures
        reopen an explained one. Differences that a rule explains come as explained.
        """
        service.ensure_one()
        pairs, orders = self._pairs(service, start, end)
        findings = {
            key: reconcile(
                pair,
                self._near(pairs, key),
                tax_tolerance=to_decimal(service.reconcile_tax_tolerance),
            )
            for key, pair in pairs.items()
        }
        rows = {}
        for key, found in findings.items():
            if any(each.app or each.our for each in found):
                rows[key] = self._row(service, key, pairs[key], found, orders.get(key[0]))
        return self._keep(service, rows)

    # ------------------------------------------------------------------ both sides
    def _pairs(self, service: models.BaseModel, start: date, end: date) -> tuple:
        """``{key: Pair}``, and the subscription by the app's id."""
        sides = self.env["fusion.billing.reconcile.sides"]
        invoices_sudo = self.env["fusion.billing.app.invoice"].sudo()
        found = invoices_sudo.search(
            [
                ("service_id", "=", service.id),
                ("period_start", ">=", start),
                ("period_end", "<=", end),
            ],
            order="period_end, id",
        )
        billed = found.grouped(lambda row: (row.external_subscription_id, row.period_end))
        orders = self._orders(service)
        periods: dict[Key, Period] = {
            key: Period(rows[0].period_start, key[1]) for key, rows in billed.items()
        }
        for external_id, order in orders.items():
            if order.x_fc_billed_from:
                # Cut over: what the app had billed before was compared before, and is no longer
                # our due; what it bills after that is looked at because it says so itself.
                for key in [key for key in periods if key[0] == external_id]:
                    if key[1] < order.x_fc_billed_from:
                        del periods[key]
                continue
            for period in self._periods(order, start, end):
                periods.setdefault((external_id, period.end), period)
        none = invoices_sudo.browse()
        pairs = {}
        for key, period in sorted(periods.items()):
            order, own = orders.get(key[0]), billed.get(key, none)
            our = sides._our(order, period) if order else None
            pairs[key] = Pair(sides._app(own) if own else None, our)
        return pairs, orders

    def _orders(self, service: models.BaseModel) -> dict[str, models.BaseModel]:
        """Subscriptions by the app's id; of one that was used again the living one."""
        orders_sudo = self.env["sale.order"].sudo()
        found = orders_sudo.search(
            [
                ("x_fc_service_id", "=", service.id),
                ("x_fc_external_id", "!=", False),
                ("plan_id", "!=", False),
                ("start_date", "!=", False),
                ("state", "!=", "cancel"),
            ],
            order="id",
        )
        ended = found.filtered("x_fc_terminated_at")
        return {order.x_fc_external_id: order for order in (*ended, *(found - ended))}

    def _periods(self, order: models.BaseModel, start: date, end: date) -> list[Period]:
        """The subscription's own whole periods within ``[start, end)``."""
        stage = self.env["fusion.billing.draft"]
        periods, day = [], max(start, order.start_date)
        while day < end:
            full = stage._period(order, day)
            period = Period(max(full.start, order.start_date), full.end)
            if period.start >= start and period.end <= end:
                periods.append(period)
            day = full.end
        return periods

    def _near(self, pairs: Mapping[Key, Pair], key: Key) -> list[Pair]:
        ends = [end for external_id, end in pairs if external_id == key[0]]
        at = ends.index(key[1])
        return [pairs[key[0], end] for end in (*ends[max(at - 1, 0) : at], *ends[at + 1 : at + 2])]

    # ------------------------------------------------------------------ recording
    def _row(
        self,
        service: models.BaseModel,
        key: Key,
        pair: Pair,
        findings: list[Finding],
        order: models.BaseModel | None,
    ) -> dict[str, Any]:
        told = pair.app or pair.our
        lines = [self._line(each) for each in findings]
        differing = [each for each in findings if each.difference_class != "match"]
        worst = max(differing, key=lambda each: abs(each.difference), default=None)
        currency = self.env["res.currency"].with_context(active_test=False)
        sides = {"app": pair.app, "our": pair.our}
        return {
            "service_id": service.id,
            "external_subscription_id": key[0],
            "subscription_id": order.id if order else False,
            "link_id": order.x_fc_link_id.id if order else False,
            "partner_id": order.partner_id.id if order else False,
            "period_start": told.period.start,
            "period_end": told.period.end,
            "currency_id": currency.search([("name", "=", told.currency)], limit=1).id,
            **{
                f"{name}_amount": float(side.untaxed) if side else 0.0
                for name, side in sides.items()
            },
            **{f"{name}_tax": float(side.tax) if side else 0.0 for name, side in sides.items()},
            "difference_class": worst.difference_class if worst else "match",
            "lines": lines,
        }

    def _line(self, finding: Finding) -> dict[str, Any]:
        values: dict[str, Any] = {
            "kind": finding.kind,
            "code": finding.code,
            "difference": float(finding.difference),
            "difference_class": finding.difference_class,
            "evidence": finding.evidence,
        }
        sides: dict[str, BilledLine | None] = {"app": finding.app, "our": finding.our}
        for name, side in sides.items():
            values[f"{name}_amount"] = float(side.amount) if side else 0.0
            for field in ("quantity", "unit_amount"):
                number = getattr(side, field, None)
                values[f"{name}_{field}"] = False if number is None else plain(number)
        return values

    def _keep(self, service: models.BaseModel, rows: dict[Key, dict[str, Any]]) -> dict[str, int]:
        reconciliations_sudo = self.env["fusion.billing.reconciliation"].sudo()
        names = sorted({key[0] for key in rows})
        found = reconciliations_sudo.search(
            [("service_id", "=", service.id), ("external_subscription_id", "in", names)]
        )
        known = {(row.external_subscription_id, row.period_start): row for row in found}
        rules_sudo = self.env["fusion.billing.reconciliation.rule"].sudo()
        rules = rules_sudo.search([("service_id", "=", service.id)])
        report: Counter[str] = Counter(compared=len(rows))
        for (external_id, _end), values in rows.items():
            report[values["difference_class"]] += 1
            row = known.get((external_id, values["period_start"]), reconciliations_sudo)
            report["written"] += self._write_row(row, values, rules)
        return dict(report)

    def _write_row(
        self, row: models.BaseModel, values: dict[str, Any], rules: models.BaseModel
    ) -> bool:
        """Whether anything changed."""
        lines = values.pop("lines")
        content = json.dumps([values, lines], default=str, sort_keys=True)
        digest = hashlib.sha256(content.encode()).hexdigest()
        explained = self._explain(values, lines, rules)
        if row.state == "signed_off":
            return False
        if row.digest == digest and (row.state == "explained" or not explained):
            return False
        values |= {
            "digest": digest,
            "state": "explained" if explained else "open",
            "line_ids": [Command.clear(), *(Command.create(line) for line in lines)],
        }
        if explained and not row.note:
            values["note"] = "\n".join(explained)
        if row:
            row.write(values)
        else:
            row.create(values)
        return True

    def _explain(
        self, values: dict[str, Any], lines: list[dict[str, Any]], rules: models.BaseModel
    ) -> list[str]:
        """Set ``rule_id`` on the lines that a rule fits; their notes if it is all of them.

        A tax that follows from a line is explained with that line.
        """
        found: dict[str, models.BaseModel] = {}
        differing = [line for line in lines if line["difference_class"] != "match"]
        for line in sorted(differing, key=lambda line: "follows" in line["evidence"]):
            cause = line["evidence"].get("follows")
            if cause is None:
                rule = rules._explains(values["subscription_id"], values["period_start"], line)
                found[f"{line['kind']} {line['code']}".strip()] = rule
            line["rule_id"] = found.get(cause, rules.browse()).id if cause else rule.id
        if not all(line["rule_id"] for line in differing):
            return []
        return list(dict.fromkeys(rule.note for rule in found.values()))

    # ------------------------------------------------------------------ for the cut-over
    @api.model
    def _clean_periods(self, orders: models.BaseModel) -> dict[int, int]:
        """``{order id: n}``: newest compared periods without a gap that are all signed off.

        Only what matches, or was explained in a note, can be signed.
        """
        counts = dict.fromkeys(orders.ids, 0)
        rows_sudo = self.env["fusion.billing.reconciliation"].sudo()
        found = rows_sudo.search(
            [("subscription_id", "in", orders.ids)], order="period_start desc, id desc"
        )
        for order, rows in found.grouped("subscription_id").items():
            follows = None
            for row in rows:
                gap = follows is not None and row.period_end != follows
                if gap or row.state != "signed_off":
                    break
                counts[order.id] += 1
                follows = row.period_start
        return counts

    @api.model
    def _unexplained(self, orders: models.BaseModel) -> models.BaseModel:
        """Reconciliations of these subscriptions that differ, and that nobody has explained."""
        return self.env["fusion.billing.reconciliation"].search(
            [
                ("subscription_id", "in", orders.ids),
                ("difference_class", "!=", "match"),
                ("state", "=", "open"),
            ]
        )
