"""Commands: read to catch up, and confirmed under the subscription they are about."""

from typing import Any

from odoo import models
from odoo.fields import Domain
from odoo.http import Controller, Response, request

from ..engine.errors import NotFound
from ..schemas.answers.command import CommandAnswer, CommandsMeta, ServiceStateAnswer
from ..schemas.base import validated
from ..schemas.command import ServiceStateIn
from ..schemas.declared import Many, One, choice, text, whole
from ..schemas.query import choices, whole_number
from .dispatcher import json_response
from .wire import billing_route, root

LIMIT, MOST = 100, 1000
STATUSES = ("sent", "confirmed", "refused", "superseded")
COMMANDS = (
    whole("after", "The number after which to read; 0 is the beginning.", 999_999_999),
    whole("limit", "How many, at most 1,000; 100 unless said otherwise.", 999_999_999),
    choice("status", STATUSES, "Those to act on are `sent`.", several=True),
    text("external_subscription_id", "Of one subscription."),
)


class CommandsController(Controller):
    @billing_route(
        "/subscriptions/<string:external_id>/service_state",
        resource="subscription",
        methods=("PUT",),
        body=One("service_state", ServiceStateIn),
        answer=One("service_state", ServiceStateAnswer),
        statuses=(409,),
    )
    def confirm_service_state(self, external_id: str) -> dict[str, Any] | Response:
        """Confirm that the app did as it was told, or say why it did not.

        ``state`` is the one the app is in now; ``refusal`` says why it is not the desired one;
        ``occurred_at`` when it acted. 200 with ``service_state``: desired, confirmed, drift and
        the newest command. 409 ``command_superseded`` with the same where a newer command was
        issued: nothing was confirmed. 404 ``subscription_not_found``, ``command_not_found``;
        422 ``state`` where it is not the desired one and nothing is refused.
        """
        sent = validated(ServiceStateIn, root("service_state"))
        desk = request.env["fusion.billing.command.desk"]
        order_sudo, stale = desk._confirm(request.fc_service, external_id, sent.model_dump())
        stand = request.env["fusion.billing.serialize"]._service_state(order_sudo)
        if not stale:
            return {"service_state": stand}
        refused = {"status": 409, "error": "Conflict", "code": "command_superseded"}
        return json_response(refused | {"service_state": stand}, 409)

    @billing_route(
        "/commands",
        resource="command",
        query=COMMANDS,
        answer=Many("commands", CommandAnswer, CommandsMeta),
        statuses=(422,),
    )
    def list_commands(self) -> dict[str, Any]:
        """Commands by number, each as it stands now: what an app that was away catches up with.

        Query: ``after`` (a number; 0 is the beginning), ``limit`` (100, at most 1,000),
        ``status[]`` (``sent`` are those to act on), ``external_subscription_id``. 422 on others.
        """
        arguments = request.httprequest.args
        after = whole_number(arguments, "after", 0)
        limit = min(whole_number(arguments, "limit", LIMIT), MOST) or LIMIT
        only = Domain.TRUE
        if statuses := choices(arguments, STATUSES, "status"):
            only &= Domain("state", "in", statuses)
        if external_id := arguments.get("external_subscription_id"):
            only &= Domain("external_subscription_id", "=", external_id)
        found = _commands().search(
            _mine() & only & Domain("number", ">", after), order="number", limit=limit
        )
        newest = _commands().search(
            _mine() & Domain("number", ">", 0), order="number desc", limit=1
        )
        serialize = request.env["fusion.billing.serialize"]
        return {
            "commands": [serialize._command(command) for command in found],
            "meta": {
                "next_after": found[-1:].number or after,
                "last_number": newest.number,
                "count": len(found),
            },
        }

    @billing_route(
        "/commands/<string:command_id>", resource="command", answer=One("command", CommandAnswer)
    )
    def show_command(self, command_id: str) -> dict[str, Any]:
        """One command by its id. 404 ``command_not_found``."""
        command = _commands().search(_mine() & Domain("uuid", "=", command_id))
        if not command:
            raise NotFound("command")
        return {"command": request.env["fusion.billing.serialize"]._command(command)}


def _commands() -> models.BaseModel:
    return request.env["fusion.billing.command"]


def _mine() -> Domain:
    return Domain("service_id", "=", request.fc_service.id)
