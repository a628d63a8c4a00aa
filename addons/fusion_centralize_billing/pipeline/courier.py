"""What a delivery thread does: sign, post, report. It has its own copy of everything it needs
and never touches the database."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC

from odoo import fields

from ..engine import Invalid, signature
from .outbound import Outcome, post
from .webhook_jwt import sign_jwt

# A batch stops here; with the last post's own timeout it ends well within a claim's time.
PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class Parcel:
    """One delivery: `delivery_id`, where to, the frozen bytes and what signs them.

    `private_key` (PEM) and `issuer` are set for endpoints with JWT, `secrets` always.
    """

    delivery_id: int
    url: str
    body: bytes
    message_id: str
    sequence: int
    secrets: tuple[str, ...]
    private_key: str = ""
    issuer: str = ""

    def headers(self) -> dict[str, str]:
        """Lago's headers and Standard Webhooks' beside each other, plus our sequence.

        :raise Invalid: no secret, or one that cannot sign.
        """
        stamp = int(fields.Datetime.now().replace(tzinfo=UTC).timestamp())
        standard = [
            signature.sign_standard(secret, self.message_id, stamp, self.body)
            for secret in self.secrets
        ]
        if self.private_key:
            algorithm, lago = "jwt", sign_jwt(self.private_key, self.body, self.issuer)
        else:
            algorithm, lago = "hmac", signature.sign_lago(self.secrets[0], self.body)
        return {
            "Content-Type": "application/json",
            "User-Agent": "FusionBilling-Webhooks/1",
            "X-Lago-Signature": lago,
            "X-Lago-Signature-Algorithm": algorithm,
            "X-Lago-Unique-Key": self.message_id,
            "webhook-id": self.message_id,
            "webhook-timestamp": str(stamp),
            "webhook-signature": " ".join(standard),
            "X-Fusion-Sequence": str(self.sequence),
        }

    def send(self, allow_private: bool) -> Outcome:
        """POST the frozen bytes. Without a usable secret nothing leaves: never unsigned."""
        try:
            headers = self.headers()
        except Invalid as error:
            return Outcome(0, str(error))
        return post(self.url, self.body, headers, allow_private=allow_private)


def deliver(parcels: Sequence[Parcel], allow_private: bool) -> list[tuple[int, Outcome]]:
    """Send one endpoint's parcels in order: ``[(delivery id, outcome)]`` of those tried.

    Nobody at home, or told never to come again: the rest stays, and so it does when time is up.
    """
    end = time.monotonic() + PATIENCE
    outcomes = []
    for parcel in parcels:
        outcome = parcel.send(allow_private)
        outcomes.append((parcel.delivery_id, outcome))
        if outcome.status in (0, 410) or time.monotonic() > end:
            break
    return outcomes
