"""JSON in, JSON out, a bearer key in between: how every request of the API is served.

Odoo's ``http`` dispatcher parses forms and renders HTML errors, ``jsonrpc`` and ``json2`` have
envelopes of their own. Lago's clients need neither, so the API brings its own dispatcher.
"""

import json
import logging
from decimal import Decimal
from typing import Any

import psycopg2.errors

from odoo import SUPERUSER_ID
from odoo.exceptions import ConcurrencyError
from odoo.http import Dispatcher, Response
from odoo.sql_db import BaseCursor, Cursor

from ..engine.errors import NotFound, Unauthorized
from .errors import BadRequest, Forbidden, error_response, log_level
from .exposed_key import refuse_key_in_body, refuse_key_in_url
from .idempotency import answered_once
from .rate import count_request, tell_rate

_logger = logging.getLogger(__name__)

SAFE = {"GET", "HEAD"}
MALFORMED = "error occurred while parsing request parameters"


class BillingDispatcher(Dispatcher):
    """Serve ``type='fusion_billing'`` routes. Sets ``request.fc_service`` and ``fc_body``."""

    routing_type = "fusion_billing"
    mimetypes = ("application/json",)

    @classmethod
    def is_compatible_with(cls, request) -> bool:
        # Clients send no content type on calls without a body, and curl sends a form's.
        return True

    def dispatch(self, endpoint, args: dict[str, Any]):
        """Key, body, endpoint. The endpoint returns what becomes the JSON body."""
        request, routing = self.request, endpoint.routing
        method = request.httprequest.method
        if routing["methods"] and method not in {*routing["methods"], "HEAD"}:
            raise NotFound("resource")  # Odoo adds OPTIONS to every route
        refuse_key_in_url()
        _refuse_nul([*args.values(), *(v for _, v in request.httprequest.args.items(multi=True))])
        if routing["fc_read_committed"]:
            _read_committed(request.env.cr)
        if routing["fc_key"]:
            self._authenticate(method, routing)
        request.fc_body = {} if method in SAFE else _parse(request.httprequest.get_data())
        request.params = dict(args)
        try:
            answer = self._perform(endpoint, method, routing)
            request.env.cr.flush()
        except psycopg2.errors.UniqueViolation as exc:
            # Another request wrote the same key after this one's snapshot: start over and find
            # its row, instead of telling the caller that somebody was faster.
            raise ConcurrencyError(f"repeated key: {exc.diag.constraint_name}") from exc
        return answer

    def _perform(self, endpoint, method: str, routing: dict[str, Any]) -> Response:
        """The endpoint's answer; a write that names itself is performed once."""

        def perform() -> Response:
            payload = self.request.registry["ir.http"]._dispatch(endpoint)
            return payload if isinstance(payload, Response) else json_response(payload)

        if method in SAFE or not routing["fc_key"]:
            return perform()
        return answered_once(perform)

    def handle_error(self, exc: Exception) -> Response:
        """Any error as Lago would say it."""
        if (level := log_level(exc)) is not None:
            exc.loglevel = level
        status, body = error_response(exc)
        response = json_response(body, status)
        tell_rate(response)
        return response

    def post_dispatch(self, response: Response) -> None:
        """What Odoo does, and the rate headers."""
        tell_rate(response)
        return super().post_dispatch(response)

    def _authenticate(self, method: str, routing: dict[str, Any]) -> None:
        """Become the technical user of the service whose key this is.

        Lago reads the second word of the header and does not look at the first.
        """
        request = self.request
        words = request.httprequest.headers.get("Authorization", "").split()
        if len(words) < 2:
            raise Unauthorized
        keys = request.env(user=SUPERUSER_ID)["fusion.billing.api.key"]
        key_sudo = keys._authenticate(words[1])
        if not key_sudo:
            raise Unauthorized
        count_request(key_sudo)
        if method not in SAFE and key_sudo.scope != "write":
            raise Forbidden(f"write_action_not_allowed_for_{routing['fc_resource']}")
        service_sudo = key_sudo.service_id
        company_sudo = service_sudo.company_id
        # Of company and contact this one thing, not the hundred columns that the ORM would read.
        company_sudo.fetch(["partner_id"])
        company_sudo.partner_id.fetch(["lang"])
        context = {
            "lang": company_sudo.partner_id.lang or "en_US",
            "tz": "UTC",
            "allowed_company_ids": company_sudo.ids,
        }
        request.update_env(user=service_sudo.user_id.id, context=context, su=False)
        request.fc_service = request.env["fusion.billing.service"].browse(service_sudo.id)
        request.fc_api_key = request.env["fusion.billing.api.key"].browse(key_sudo.id)


def _read_committed(cr: BaseCursor) -> None:
    """Start this request's transaction anew, at READ COMMITTED.

    Odoo's REPEATABLE READ makes two workers that fold usage into one day's total fail and sleep
    before they try again; here the second just waits for the first. Nothing was written yet.
    """
    if isinstance(cr, Cursor):  # the tests' cursor is one long transaction with savepoints
        cr.rollback()
        cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")


def json_response(payload: Any, status: int = 200) -> Response:
    """A JSON answer; ``None`` is an empty body, as Lago gives for some actions."""
    body = b"" if payload is None else dumps(payload).encode()
    return Response(
        body,
        status=status,
        content_type="application/json; charset=utf-8",
        headers=[("Cache-Control", "no-store")],
    )


def dumps(payload: Any) -> str:
    """Compact JSON; the only Decimals left are numbers an app sent us inside ``properties``."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"), default=_number)


def _number(value: Any) -> int | float:
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value).__name__} cannot stand in JSON")
    return int(value) if value == value.to_integral_value() else float(value)


def _parse(raw: bytes) -> Any:
    """The body as values: numbers with a point are Decimals, nothing at all is ``{}``."""
    if not raw.strip():
        return {}
    refuse_key_in_body(raw)
    try:
        body = json.loads(raw, parse_float=_decimal, parse_constant=_decimal)
    except (ValueError, RecursionError) as error:
        raise BadRequest(MALFORMED) from error
    if b"\\u" in raw:
        _refuse_unstorable(body)
    return body


def _decimal(text: str) -> Decimal:
    value = Decimal(text)
    # 1e999999999 is legal JSON, and a gigabyte once somebody writes it out.
    if not value.is_finite() or abs(value.adjusted()) > 100:
        raise ValueError(text)
    return value


def _refuse_unstorable(body: Any) -> None:
    """Escapes can spell what PostgreSQL cannot store: NUL and lone surrogates."""
    try:
        text = json.dumps(body, ensure_ascii=False, default=str)
        text.encode()
    except ValueError as error:
        raise BadRequest(MALFORMED) from error
    if "\\u0000" in text:
        raise BadRequest(MALFORMED)


def _refuse_nul(values: list[Any]) -> None:
    if any("\x00" in value for value in values if isinstance(value, str)):
        raise BadRequest(MALFORMED)
