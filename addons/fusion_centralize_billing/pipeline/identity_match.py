"""Finding who a customer might be, and saying why a person should look."""

from dataclasses import dataclass
from typing import Any

from odoo import Command, models
from odoo.tools import SQL

from ..engine import matching
from .partner_values import display_name, identity_of

NO_COUNTRY = "no country: tax cannot be determined"
NO_PROVINCE = "no province: tax cannot be determined"
REASONS = {
    "several_vat": "several contacts have this tax number: %s",
    "several_email": "several contacts have this e-mail: %s",
    "several_name_address": "several contacts have this name and address: %s",
    "same_name_address": "same name and address as %s",
}

_CANDIDATES = """
    SELECT p.id
      FROM res_partner p
     WHERE p.active AND p.partner_share
       AND (p.company_id IS NULL OR p.company_id = %(company)s)
       AND NOT EXISTS (SELECT 1 FROM res_company c WHERE c.partner_id = p.id)
       AND (lower(p.email) = ANY(%(emails)s) OR p.email_normalized = ANY(%(emails)s)
         OR regexp_replace(regexp_replace(upper(p.vat), '[^0-9A-Z]', '', 'g'),
              '^CA(?=[0-9]{9}(RT[0-9]{4})?$)', '') = ANY(%(vats)s)
         OR regexp_replace(upper(p.zip), '[^0-9A-Z]', '', 'g') = ANY(%(zips)s))
     ORDER BY p.id
"""


@dataclass(slots=True)
class NewCustomer:
    """A customer without a link yet, and what was decided about it."""

    external_id: str
    values: dict[str, Any]
    identity: matching.Identity
    decision: matching.Decision | None = None

    @classmethod
    def of(cls, external_id: str, values: dict[str, Any]) -> "NewCustomer":
        return cls(external_id, values, identity_of(external_id, values))


class BillingIdentityMatch(models.AbstractModel):
    """The reading half of identity resolution; writes nothing."""

    _name = "fusion.billing.identity.match"
    _description = "Identity candidates"

    def _decide(
        self, service: models.BaseModel, waiting: list[NewCustomer]
    ) -> tuple[list[NewCustomer], list[NewCustomer]]:
        """Decide about all of them, except those that must see another one's partner first.

        :return: (decided, to be asked again once the decided ones are written)
        """
        index: dict[tuple[str, str], list[matching.Identity]] = {}
        for candidate in self._candidates(service, [new.identity for new in waiting]):
            for item in matching.keys(candidate).items():
                index.setdefault(item, []).append(candidate)
        decided, later, claimed = [], [], set()
        for new in waiting:
            items = list(matching.keys(new.identity).items())
            hits = [candidate for item in items for candidate in index.get(item, ())]
            decision = matching.decide(new.identity, hits)
            if decision.key is None:
                if claimed.intersection(items):
                    later.append(new)
                    continue
                claimed.update(items)
            new.decision = decision
            decided.append(new)
        return decided, later

    def _candidates(
        self, service: models.BaseModel, identities: list[matching.Identity]
    ) -> list[matching.Identity]:
        """Contacts that share a tax number, an e-mail or a postal code with one of these.

        A contact of a company stands for the company. Our own company and its staff are nobody's
        customer by e-mail: attaching an app's user to them is left to a person.
        """
        found = [matching.keys(identity) for identity in identities]
        emails = sorted({keys["email"] for keys in found if "email" in keys})
        vats = sorted({keys["vat"] for keys in found if "vat" in keys})
        zips = sorted(
            {keys["name_address"].rpartition("|")[2] for keys in found if "name_address" in keys}
        )
        if not (emails or vats or zips):
            return []
        partners_sudo = self.env["res.partner"].sudo()
        partners_sudo.flush_model()
        company_id = service.sudo().company_id.id
        rows = self.env.execute_query(
            SQL(_CANDIDATES, company=company_id, emails=emails, vats=vats, zips=zips)
        )
        found_sudo = partners_sudo.browse([row[0] for row in rows])
        return [
            matching.Identity(
                key=partner_sudo.commercial_partner_id.id,
                name=partner_sudo.name or "",
                email=partner_sudo.email_normalized or partner_sudo.email or "",
                vat=partner_sudo.vat or "",
                street=partner_sudo.street or "",
                zip=partner_sudo.zip or "",
            )
            for partner_sudo in found_sudo
        ]

    def _prepare_link(
        self, service: models.BaseModel, new: NewCustomer, partner_sudo: models.BaseModel
    ) -> dict[str, Any]:
        """Values of the link, in review when a person should look."""
        decision = new.decision
        reasons = [self._doubt(service, decision), self._address_problem(partner_sudo)]
        reason = "; ".join(filter(None, reasons))
        return {
            "service_id": service.id,
            "external_id": new.external_id,
            "partner_id": partner_sudo.id,
            "match_method": decision.method,
            "confidence": decision.confidence,
            "state": "review" if reason else "confirmed",
            "review_reason": reason or False,
            "candidate_ids": [Command.set([key for key in decision.candidates if reason])],
            **self._prepare_shown(new.external_id, new.values),
        }

    def _prepare_shown(self, external_id: str, data: dict[str, Any]) -> dict[str, Any]:
        """The part of the link that follows the app's own words."""
        return {
            "external_name": display_name(external_id, data),
            "external_email": data.get("email") or False,
            "data": data,
        }

    def _doubt(self, service: models.BaseModel, decision: matching.Decision) -> str:
        """Why the match needs a person: several candidates, or an account that is taken."""
        others_sudo = self.env["res.partner"].sudo().browse(decision.candidates)
        if decision.reason:
            names = ", ".join(f"{other.display_name} ({other.id})" for other in others_sudo)
            return REASONS[decision.reason] % names
        taken = others_sudo.x_fc_link_ids.filtered(lambda link: link.service_id == service)
        if decision.key is not None and taken:
            key = "tax number" if decision.method == "vat" else "e-mail"
            return f"same {key} as this app's customer {taken[0].external_id}"
        return ""

    def _address_problem(self, partner_sudo: models.BaseModel) -> str:
        """Why no tax can be found for this partner; empty when it can."""
        if not partner_sudo.country_id:
            return NO_COUNTRY
        if partner_sudo.country_id.code == "CA" and not partner_sudo.state_id:
            return NO_PROVINCE
        return ""

    def _is_settled(self, link: models.BaseModel) -> bool:
        """A review that only waited for an address, and has one now."""
        return (
            link.state == "review"
            and link.review_reason in (NO_COUNTRY, NO_PROVINCE)
            and not self._address_problem(link.partner_id.sudo())
        )

    def _standing(self, link: models.BaseModel) -> str:
        """What a reader of a report should know about this link; empty when nothing."""
        if link.state == "review":
            return f"To review: {link.review_reason}."
        if link.state == "rejected":
            return "Rejected by a person: its subscriptions do not go live."
        return ""
