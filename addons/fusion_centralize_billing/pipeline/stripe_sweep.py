"""The daily sweep: Stripe's charges and refunds beside our payments. Charges nothing, ever."""

import calendar
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import requests

from odoo import api, fields, models
from odoo.addons.payment import utils as payment_utils
from odoo.addons.payment.logging import get_payment_logger
from odoo.addons.payment_stripe.const import CURRENCY_DECIMALS
from odoo.exceptions import UserError, ValidationError

from ..engine import sweep
from .gate import to_decimal

_logger = get_payment_logger(__name__)

DAYS_PARAMETER = "fusion_billing.stripe_sweep_days"
DAYS = 35
# A webhook may still be on its way, and Stripe's clock is not ours.
GRACE = timedelta(minutes=15)
# Stripe repeats a webhook for three days.
LATE = timedelta(days=3)
PAGE = 100
ACTIVITY = "mail.mail_activity_data_warning"
MANAGER = "fusion_centralize_billing.group_fusion_billing_manager"


class BillingStripeSweep(models.AbstractModel):
    """Reads both sides, keeps the differences, calls a person once for each new one."""

    _name = "fusion.billing.stripe.sweep"
    _description = "Sweep Stripe against Odoo"

    # ------------------------------------------------------------------ the job
    @api.model
    def _cron_sweep(self) -> None:
        """Every Stripe that is switched on, each committed by itself."""
        providers = self._providers([])
        cron = self.env["ir.cron"]
        left = cron._commit_progress(remaining=len(providers))
        for provider in providers:
            if not left:
                return
            self._sweep(provider)
            left = cron._commit_progress(1)

    @api.model
    def _sweep_all(self) -> None:
        """Those of the companies a person works in, now, in this transaction."""
        for provider in self._providers([("company_id", "in", self.env.companies.ids)]):
            self._sweep(provider)

    def _providers(self, domain: list) -> models.BaseModel:
        on = [("code", "=", "stripe"), ("state", "!=", "disabled")]
        return self.env["payment.provider"].search([*on, *domain])

    @api.model
    def _sweep(self, provider: models.BaseModel) -> models.BaseModel:
        """Compare one account, from some days ago until a quarter of an hour ago.

        Where Stripe gives no answer nothing is closed, and the run says why.

        :return: the `fusion.billing.stripe.sweep.run`
        """
        now = fields.Datetime.now()
        since = self._since(provider, now)
        run = {"provider_id": provider.id, "swept_at": now, "since": since}
        runs = self.env["fusion.billing.stripe.sweep.run"]
        try:
            charges = list(self._charges(provider, since, now - GRACE))
            refunds = list(self._refunds(provider, since, now - GRACE))
        except (ValidationError, requests.RequestException) as error:
            _logger.warning("Stripe could not be swept: %s", error)
            return runs.create({**run, "error": str(error.args[0] if error.args else error)})
        attempts = self._attempts(provider, since, charges, refunds)
        found = sweep.compare(charges, refunds, attempts)
        instants = {item.intent: item.created for item in charges}
        instants |= {item.id: item.created for item in refunds}
        new, closed = self._keep(provider, found, instants, now)
        return runs.create(
            {
                **run,
                "charge_count": len(charges),
                "refund_count": len(refunds),
                "transaction_count": len(attempts),
                "new_count": len(new),
                "closed_count": closed,
                "open_count": self._open(provider, "search_count"),
            }
        )

    def _since(self, provider: models.BaseModel, now: datetime) -> datetime:
        """Far enough back to look at every open difference once more."""
        parameters = self.env["ir.config_parameter"].sudo()
        days = int(parameters.get_param(DAYS_PARAMETER) or DAYS)
        open_rows = self._open(provider, "search").mapped("happened_at")
        return min([now - timedelta(days=days), *(day - GRACE for day in open_rows if day)])

    def _open(self, provider: models.BaseModel, method: str) -> Any:
        rows = self.env["fusion.billing.stripe.difference"]
        return getattr(rows, method)([("provider_id", "=", provider.id), ("state", "=", "open")])

    # ------------------------------------------------------------------ Stripe's side
    def _list(
        self, provider: models.BaseModel, endpoint: str, since: datetime, until: datetime
    ) -> Iterator[dict[str, Any]]:
        query = {"created[gte]": _seconds(since), "created[lte]": _seconds(until), "limit": PAGE}
        while True:
            page = provider._send_api_request("GET", endpoint, data=query)
            yield from page["data"]
            if not page.get("has_more") or not page["data"]:
                return
            query["starting_after"] = page["data"][-1]["id"]

    def _charges(self, provider, since, until) -> Iterator[sweep.Charge]:
        for item in self._list(provider, "charges", since, until):
            if item["status"] == "succeeded" and item.get("captured", True):
                yield sweep.Charge(
                    item.get("payment_intent") or item["id"],
                    item.get("description") or "",
                    item.get("amount_captured") or item["amount"],
                    item["currency"],
                    item["created"],
                    bool(item.get("disputed")),
                )

    def _refunds(self, provider, since, until) -> Iterator[sweep.Refund]:
        for item in self._list(provider, "refunds", since, until):
            yield sweep.Refund(
                item["id"],
                item.get("payment_intent") or "",
                item["amount"],
                item["currency"],
                item["status"],
                item["created"],
            )

    # ------------------------------------------------------------------ our side
    def _attempts(self, provider, since, charges, refunds) -> list[sweep.Attempt]:
        """What Stripe names, and what was done here in the same time.

        Some days less at the beginning: Stripe may have told us late of what is before its list.
        """
        ids = {item.intent for item in charges} | {item.id for item in refunds}
        references = {item.reference for item in charges}
        transactions = self.env["payment.transaction"]
        named = transactions.search(
            [
                ("provider_id", "=", provider.id),
                "|",
                ("provider_reference", "in", list(ids)),
                ("reference", "in", list(references)),
            ]
        )
        done = transactions.search(
            [
                ("provider_id", "=", provider.id),
                ("state", "=", "done"),
                ("operation", "!=", "validation"),
                ("last_state_change", ">=", since + LATE),
                ("last_state_change", "<=", fields.Datetime.now() - GRACE),
            ]
        )
        return [
            sweep.Attempt(
                tx.id,
                tx.operation == "refund",
                tx.reference,
                tx.provider_reference or "",
                abs(_minor(tx.amount, tx.currency_id)),
                tx.currency_id.name.lower(),
                tx.state,
            )
            for tx in (named | done).filtered(lambda tx: tx.operation != "validation")
        ]

    # ------------------------------------------------------------------ keeping
    def _keep(self, provider, found, instants, now) -> tuple[models.BaseModel, int]:
        """Write new differences, reopen changed ones, close those that are gone."""
        rows = self.env["fusion.billing.stripe.difference"]
        listed = rows.search([("provider_id", "=", provider.id)])
        known = {(row.stripe_id, row.kind): row for row in listed}
        new = rows
        for item in found:
            vals = self._vals(provider, item, instants, now)
            row = known.get((item.stripe_id, item.kind))
            if row is None:
                new |= rows.create(vals)
            elif row.state == "closed" or (
                row.state == "explained"
                and (row.stripe_amount, row.our_amount)
                != (vals["stripe_amount"], vals["our_amount"])
            ):
                row.write({**vals, "state": "open", "closed_at": False})
                new |= row
        still = {(item.stripe_id, item.kind) for item in found}
        gone = rows.browse(
            row.id for key, row in known.items() if key not in still and row.state == "open"
        )
        gone.write({"state": "closed", "closed_at": now})
        gone.activity_feedback([ACTIVITY])
        self._alarm(provider, new)
        return new, len(gone)

    def _vals(self, provider, item, instants, now) -> dict[str, Any]:
        currency = self.env["res.currency"].with_context(active_test=False)
        currency = currency.search([("name", "=", item.currency.upper())], limit=1)
        currency = currency or provider.company_id.currency_id
        seconds = instants.get(item.stripe_id)
        tx = self.env["payment.transaction"].browse(item.attempt or [])
        return {
            "provider_id": provider.id,
            "kind": item.kind,
            "stripe_id": item.stripe_id,
            "transaction_id": item.attempt,
            "currency_id": currency.id,
            "stripe_amount": float(_major(item.stripe_amount, currency)),
            "our_amount": float(_major(item.our_amount, currency)),
            "happened_at": _naive(seconds) if seconds else tx.last_state_change,
            "found_at": now,
        }

    def _alarm(self, provider: models.BaseModel, new: models.BaseModel) -> None:
        """One activity for all that is new, for a billing administrator of the company."""
        if not new:
            return
        users = self.env.ref(MANAGER).all_user_ids.filtered(
            lambda user: provider.company_id in user.company_ids and user.active and not user.share
        )
        new[0].activity_schedule(
            ACTIVITY,
            user_id=(users[:1] or self.env.user).id,
            note=self.env._(
                "Stripe and Odoo differ in %(count)s new places. See Fusion Billing → Unpaid → "
                "Stripe differences.",
                count=len(new),
            ),
        )

    # ------------------------------------------------------------------ mending
    @api.model
    def _take_over(self, row: models.BaseModel) -> None:
        """Apply what Stripe says of a payment now, through Odoo's own processing.

        :raise UserError: see `action_take_over`
        """
        tx = row.transaction_id
        if row.kind != "captured_not_here" or not tx:
            raise UserError(self.env._("Only a payment that is known here can be taken over."))
        try:
            intent = row.provider_id._send_api_request(
                "GET", f"payment_intents/{row.stripe_id}", data={"expand[]": "payment_method"}
            )
        except (ValidationError, requests.RequestException) as error:
            raise UserError(self.env._("Stripe gives no answer: %s", error)) from error
        if intent.get("status") != "succeeded":
            raise UserError(
                self.env._("Stripe says “%s” of it now: sweep again.", intent.get("status"))
            )
        tx._apply_stripe_intent(intent)
        if tx.state != "done":
            raise UserError(self.env._("It could not be booked: %s", tx.state_message or tx.state))
        tx._post_process()
        row.write({"state": "closed", "closed_at": fields.Datetime.now()})


def _minor(amount: float, currency: models.BaseModel) -> int:
    """Odoo's amount as Stripe counts it."""
    digits = CURRENCY_DECIMALS.get(currency.name)
    return int(payment_utils.to_minor_currency_units(
        float(to_decimal(amount)), currency, arbitrary_decimal_number=digits
    ))  # fmt: skip


def _major(amount: int, currency: models.BaseModel) -> Decimal:
    digits = CURRENCY_DECIMALS.get(currency.name, currency.decimal_places)
    return Decimal(amount).scaleb(-digits)


def _seconds(instant: datetime) -> int:
    return calendar.timegm(instant.utctimetuple())


def _naive(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
