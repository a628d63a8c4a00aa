"""Who is this customer? One ``res.partner`` per client, however many apps know it.

The order is fixed: an existing link, then tax number, then e-mail, else a new partner. The
engine decides, ``identity_match`` finds the candidates, this stage writes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from odoo import models

from .identity_match import NewCustomer
from .partner_values import display_name
from .upsert import ROW_ERRORS, changes, create_each, message_of

ADDRESS = ("street", "street2", "city", "zip", "state_id", "country_id")
QUIET = {"tracking_disable": True, "mail_create_nosubscribe": True, "mail_create_nolog": True}


@dataclass(frozen=True, slots=True)
class Resolution:
    """What became of one customer. ``link`` is None only when ``outcome`` is ``failed``."""

    external_id: str
    link: models.BaseModel | None
    outcome: str  # created, updated, unchanged, failed
    reason: str = ""


class BillingIdentity(models.AbstractModel):
    """Creates and updates account links and their partners."""

    _name = "fusion.billing.identity"
    _description = "Identity resolution"

    def _resolve(self, service: models.BaseModel, external_id: str, values: dict[str, Any]):
        """Return the link of one customer, created or updated.

        :param values: Lago's customer keys, only those that were sent; null clears
        :raise UserError: the customer cannot be saved with these values
        """
        known = self._links(service, [external_id])
        if known:
            self._update(known[external_id], values)
            return known[external_id]
        match = self.env["fusion.billing.identity.match"]
        (new,), _later = match._decide(service, [NewCustomer.of(external_id, values)])
        partner_sudo = self._partners(service, [new])[external_id]
        links = self.env["fusion.billing.account.link"]
        return links.create(match._prepare_link(service, new, partner_sudo))

    def _resolve_many(
        self, service: models.BaseModel, rows: list[tuple[str, dict[str, Any]]]
    ) -> list[Resolution]:
        """Resolve many at once; a row that cannot be saved fails alone.

        Two new customers with one identity end on one partner: the second waits until the first
        is written and is then matched like any other.
        """
        known = self._links(service, [external_id for external_id, _values in rows])
        found = [
            self._update_one(known[external_id], values)
            for external_id, values in rows
            if external_id in known
        ]
        waiting = [NewCustomer.of(*row) for row in rows if row[0] not in known]
        while waiting:
            now, waiting = self.env["fusion.billing.identity.match"]._decide(service, waiting)
            found += self._create_many(service, now)
        return found

    def _links(self, service: models.BaseModel, external_ids: list[str]) -> dict[str, Any]:
        links = self.env["fusion.billing.account.link"].search(
            [("service_id", "=", service.id), ("external_id", "in", external_ids)]
        )
        return {link.external_id: link for link in links}

    # ------------------------------------------------------------ existing links
    def _update_one(self, link: models.BaseModel, values: dict[str, Any]) -> Resolution:
        match = self.env["fusion.billing.identity.match"]
        data = link.data or {}
        if _merged(data, values) == data and not match._is_settled(link):
            return Resolution(link.external_id, link, "unchanged", match._standing(link))
        try:
            with self.env.cr.savepoint():
                outcome = "updated" if self._update(link, values) else "unchanged"
        except ROW_ERRORS as error:
            return Resolution(link.external_id, None, "failed", message_of(error))
        return Resolution(link.external_id, link, outcome, match._standing(link))

    def _update(self, link: models.BaseModel, values: dict[str, Any]) -> bool:
        """Apply what changed since the app's last word, so that a person's edits survive."""
        match = self.env["fusion.billing.identity.match"]
        old = link.data or {}
        data = _merged(old, values)
        keys = {key for key in values if key not in old or old[key] != data[key]}
        if keys and link.state != "rejected":
            prepare = self.env["fusion.billing.partner.values"]._prepare
            self._write_partner(link, prepare([(link.external_id, data, keys)])[0])
        vals = changes(link, match._prepare_shown(link.external_id, data))
        if match._is_settled(link):
            vals |= {"state": "confirmed", "review_reason": False}
        if vals:
            link.write(vals)
        return bool(vals)

    def _write_partner(self, link: models.BaseModel, vals: dict[str, Any]) -> None:
        """Overwrite a partner this link made for itself; fill only the blanks of any other."""
        partner_sudo = link.partner_id.sudo().with_context(**QUIET)
        shared = partner_sudo.x_fc_link_ids.service_id != link.service_id
        if shared or link.match_method != "created":
            vals = _blanks(partner_sudo, vals)
        if vals := changes(partner_sudo, vals):
            partner_sudo.write(vals)

    # ----------------------------------------------------------------- new links
    def _create_many(
        self, service: models.BaseModel, customers: list[NewCustomer]
    ) -> list[Resolution]:
        match = self.env["fusion.billing.identity.match"]
        failed: dict[str, str] = {}
        partners_sudo = self._partners(service, customers, failed.__setitem__)
        rows = [
            (new.external_id, match._prepare_link(service, new, partners_sudo[new.external_id]))
            for new in customers
            if new.external_id in partners_sudo
        ]
        links = create_each(self.env["fusion.billing.account.link"], rows, failed.__setitem__)
        created = [
            Resolution(external_id, link, "created", match._standing(link))
            for external_id, link in links.items()
        ]
        return created + [Resolution(key, None, "failed", text) for key, text in failed.items()]

    def _partners(
        self,
        service: models.BaseModel,
        customers: list[NewCustomer],
        on_error: Callable[[str, str], None] | None = None,
    ) -> dict[str, models.BaseModel]:
        """External id → partner: an existing one with its blanks filled, or a new one.

        :param on_error: told about each refused customer; without it the refusal is raised
        """
        model_sudo = self.env["res.partner"].sudo().with_context(**QUIET)
        prepared = self.env["fusion.billing.partner.values"]._prepare(
            [(new.external_id, new.values, set(new.values)) for new in customers]
        )
        language = service.sudo().company_id.partner_id.lang
        found, rows = {}, []
        for new, vals in zip(customers, prepared, strict=True):
            if new.decision.key is not None:
                partner_sudo = model_sudo.browse(new.decision.key)
                if blanks := _blanks(partner_sudo, vals):
                    partner_sudo.write(blanks)
                found[new.external_id] = partner_sudo
                continue
            name = vals.get("name") or display_name(new.external_id, new.values)
            own = {"lang": language} | vals | {"name": name, "customer_rank": 1}
            rows.append((new.external_id, own))
        if on_error is None:
            return found | {key: model_sudo.create(vals) for key, vals in rows}
        return found | create_each(model_sudo, rows, on_error)


def _merged(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """What is known after the app spoke again; nested configuration keeps its other keys."""
    merged = old | new
    for key in ("billing_configuration", "shipping_address"):
        if isinstance(old.get(key), dict) and isinstance(new.get(key), dict):
            merged[key] = old[key] | new[key]
    return merged


def _blanks(partner_sudo: models.BaseModel, vals: dict[str, Any]) -> dict[str, Any]:
    """The values that fill a blank. Two addresses are never mixed into a third one."""
    taken = {name: vals[name] for name in ADDRESS if vals.get(name) and partner_sudo[name]}
    mixed = bool(changes(partner_sudo, taken))
    return {
        name: value
        for name, value in vals.items()
        if value and not partner_sudo[name] and not (mixed and name in ADDRESS)
    }
