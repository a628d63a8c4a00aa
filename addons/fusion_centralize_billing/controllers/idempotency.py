"""``Idempotency-Key``: the same write twice is done once and answered twice."""

from collections.abc import Callable
from typing import Any

from odoo.http import Response, request

HEADER = "Idempotency-Key"


def answered_once(perform: Callable[[], Response]) -> Response:
    """The stored answer of this key's request, or what ``perform`` answers, kept for 30 days.

    The row is written in the transaction of the write itself. A refused request writes nothing,
    the key included: it may be mended and sent again.
    """
    key = request.httprequest.headers.get(HEADER, "").strip()
    if not key:
        return perform()
    http, service = request.httprequest, request.fc_service
    rows = request.env["fusion.billing.idempotency"]
    fingerprint = rows._fingerprint(http.method, http.path, http.query_string, http.get_data())
    if stored := rows._replay(service, key, fingerprint):
        return _answer(stored)
    answer = perform()
    if answer.status_code == 200:
        rows.create(
            {
                "service_id": service.id,
                "key": key,
                "fingerprint": fingerprint,
                "status": answer.status_code,
                "answer": answer.get_data(as_text=True),
            }
        )
    return answer


def _answer(stored: Any) -> Response:
    return Response(
        (stored.answer or "").encode(),
        status=stored.status,
        content_type="application/json; charset=utf-8",
        headers=[("Cache-Control", "no-store"), ("Idempotent-Replayed", "true")],
    )
