"""Holds what the API answers against what its routes declare."""

import re
from typing import Any

from pydantic import TypeAdapter, ValidationError

from odoo import models

from ..controllers.openapi_routes import MountedRoute, mounted
from ..schemas.answers.errors import BODIES, NotFoundBody
from ..schemas.declared import Flat, Many, Maybe, Nothing, One


def route_of(env: models.BaseModel, method: str, path: str) -> MountedRoute | None:
    """The route that serves this request: the one with the most of its path in words."""
    path = path.partition("?")[0]
    fitting = [
        route
        for route in mounted(env["ir.http"].routing_map().iter_rules())
        if route.method == method and re.fullmatch(_pattern(route.path), path)
    ]
    return min(fitting, key=lambda route: len(route.parameters), default=None)


def misfit(route: MountedRoute | None, status: int, body: Any) -> str:
    """What is wrong with an answer, or ''."""
    if route is None:
        return "no such route" if status == 200 else _wrong(NotFoundBody, body) * (status == 404)
    if status == 200:
        return _wrong_success(route.routing["fc_answer"], body)
    if status not in route.statuses:
        return f"{status} is not declared"
    return _wrong(BODIES[status], body)


def _pattern(path: str) -> str:
    return re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))


def _wrong_success(answer: Any, body: Any) -> str:
    if isinstance(answer, Maybe):
        return "" if body is None else _wrong_success(answer.answer, body)
    match answer:
        case None:
            return "no answer is declared"
        case Nothing():
            return "" if body is None else "the body is not empty"
        case Flat():
            return _wrong(answer.shape, body)
        case One():
            return _wrong_parts({answer.root: answer.shape}, body)
        case Many():
            parts = {answer.root: list[answer.shape]}
            return _wrong_parts(parts | ({"meta": answer.meta} if answer.meta else {}), body)
    return ""


def _wrong_parts(parts: dict[str, Any], body: Any) -> str:
    if not isinstance(body, dict) or set(body) != set(parts):
        return f"keys are not {sorted(parts)}"
    return "".join(_wrong(shape, body[root]) for root, shape in parts.items())


def _wrong(shape: Any, value: Any) -> str:
    try:
        TypeAdapter(shape).validate_python(value)
    except ValidationError as error:
        return str(error)
    return ""
