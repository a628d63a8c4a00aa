"""The OpenAPI 3.1 document, made of what the routes declare and of the models that validate."""

import re
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from ..schemas.answers.errors import BODIES
from ..schemas.declared import Flat, Many, Maybe, Media, Nothing, One, Param
from ..schemas.example import example
from .openapi_routes import MountedRoute
from .wire import BASE

JSON = "application/json"
MAYBE = "x-may-be-empty"  # OpenAPI has no word for it
ABOUT = ("docs", "health", "openapi.json")
REF = "#/components/schemas/{model}"
IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "One name for one intended write: for 30 days the same request gets the same "
    "answer and is done once; another request under it is a 422.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
RATE_HEADERS = {
    name: {"description": about, "schema": {"type": "integer", "minimum": 0}}
    for name, about in (
        ("x-ratelimit-limit", "Requests of the key in ten seconds."),
        ("x-ratelimit-remaining", "How many of them are left."),
        ("x-ratelimit-reset", "Seconds until the next ten begin."),
        ("Retry-After", "The same, in HTTP's own word."),
    )
}
INTRODUCTION = """\
The API of Lago on Odoo's ledger: an app that speaks to Lago changes its address and its key.

Success is always 200. Money is an integer in the currency's minor unit, exact decimals are text,
times are UTC. Keys without a value are there, as null. Numbers may be sent as text, unknown keys
are ignored, an empty body is `{}`, filters work as `status=` and as `status[]=`. Lists are read
in pages.
"""


class Document:
    """One document of some routes."""

    def __init__(self, routes: Iterable[MountedRoute], version: str) -> None:
        self.routes = [route for route in routes if route.routing["fc_answer"] is not None]
        self.version = version
        self.references, self.schemas = _schemas(self.routes)

    def build(self) -> dict[str, Any]:
        """The whole of it."""
        paths: dict[str, Any] = {}
        for route in self.routes:
            paths.setdefault(route.path, {})[route.method.lower()] = self._operation(route)
        tags = dict.fromkeys(_tag(route) for route in self.routes)
        return {
            "openapi": "3.1.0",
            "info": {
                "title": "Fusion Centralized Billing",
                "version": self.version,
                "description": INTRODUCTION,
                "license": {"name": "LGPL-3.0", "identifier": "LGPL-3.0-only"},
            },
            "servers": [{"url": BASE}],
            "tags": [{"name": tag} for tag in tags],
            "security": [{"key": []}],
            "paths": paths,
            "components": {
                "schemas": self.schemas,
                "securitySchemes": {
                    "key": {
                        "type": "http",
                        "scheme": "bearer",
                        "description": "A key of one service: `fbk_<service>_…`.",
                    }
                },
            },
        }

    def _operation(self, route: MountedRoute) -> dict[str, Any]:
        summary, text = told(route.about)
        several = len([m for m in route.routing["methods"] if m != "HEAD"]) > 1
        name = f"{route.name}_{route.method.lower()}" if several else route.name
        if any(other.name == route.name and other.path != route.path for other in self.routes):
            name = f"{name}_by_{route.path.rsplit('/', 1)[-1]}"
        operation: dict[str, Any] = {
            "operationId": name,
            "tags": [_tag(route)],
            "summary": summary,
            "description": text,
            "parameters": self._parameters(route),
            "responses": self._responses(route),
        }
        if not route.routing["fc_key"]:
            operation["security"] = []
        if body := route.routing["fc_body"]:
            operation["requestBody"] = {
                "required": True,
                "content": {JSON: self._content(body, sent=True)},
            }
        return operation

    def _parameters(self, route: MountedRoute) -> list[dict[str, Any]]:
        found = [
            {
                "name": name,
                "in": "path",
                "required": True,
                "schema": {"type": "string", "minLength": 1},
            }
            for name in route.parameters
        ]
        found += [_query(param) for param in route.routing["fc_query"]]
        if route.writes and route.routing["fc_key"]:
            found.append(IDEMPOTENCY)
        return found

    def _responses(self, route: MountedRoute) -> dict[str, Any]:
        responses = {"200": self._success(route.routing["fc_answer"])}
        for status in route.statuses:
            model = BODIES[status]
            responses[str(status)] = {
                "description": model.__doc__.partition("\n")[0],
                "content": {JSON: {"schema": self.references[model]}},
            }
            if status == 429:
                responses["429"]["headers"] = RATE_HEADERS
        return responses

    def _success(self, answer: Any) -> dict[str, Any]:
        if isinstance(answer, Nothing):
            return {"description": "Done; the body is empty."}
        if isinstance(answer, Media):
            schema = {"type": "object" if answer.type == JSON else "string"}
            return {"description": "As it is.", "content": {answer.type: {"schema": schema}}}
        if isinstance(answer, Maybe):
            content = self._content(answer.answer, sent=False)
            return {
                "description": "Done; the body is empty where there is none to be had.",
                "content": {JSON: content},
                MAYBE: True,
            }
        return {"description": "Done.", "content": {JSON: self._content(answer, sent=False)}}

    def _content(self, declared: One | Many | Flat, *, sent: bool) -> dict[str, Any]:
        schema = self._schema(declared, sent=sent)
        return {"schema": schema, "example": example(schema, self.schemas, sent=sent)}

    def _schema(self, declared: One | Many | Flat, *, sent: bool) -> dict[str, Any]:
        reference = self.references[declared.shape]
        match declared:
            case Flat():
                return reference
            case One(partial=True):
                name = f"{declared.shape.__name__}Change"
                shape = {k: v for k, v in self.schemas[_name(reference)].items() if k != "required"}
                self.schemas[name] = shape | {"title": name, "minProperties": 1}
                properties = {declared.root: {"$ref": REF.format(model=name)}}
            case One():
                properties = {declared.root: reference}
            case Many():
                items = {"type": "array", "items": reference}
                properties = {declared.root: items | ({"minItems": 1} if sent else {})}
                if declared.meta:
                    properties["meta"] = self.references[declared.meta]
        closed = {} if sent else {"additionalProperties": False}
        return {
            "type": "object",
            "required": list(properties),
            "properties": properties,
            **closed,
        }


def told(docstring: str) -> tuple[str, str]:
    """A docstring as Markdown: its first sentence, and the rest."""
    text = docstring.replace("``", "`").replace("`…`", "…")
    first, _, rest = text.partition("\n\n")
    first = " ".join(first.split())
    sentence = re.match(r".+?\.(?=\s|$)", first)
    if sentence and len(sentence[0]) < len(first):
        first, rest = sentence[0], f"{first[len(sentence[0]) :].strip()}\n\n{rest}"
    return first.rstrip(".:"), rest.strip()


def _schemas(routes: list[MountedRoute]) -> tuple[dict[type, dict], dict[str, Any]]:
    """``{model: its reference}`` and the components of all that the routes name."""
    models: dict[type[BaseModel], None] = dict.fromkeys(BODIES.values())
    for route in routes:
        for declared in (route.routing["fc_body"], route.routing["fc_answer"]):
            for part in (declared, getattr(declared, "answer", None)):
                for model in (getattr(part, "shape", None), getattr(part, "meta", None)):
                    if model:
                        models[model] = None
    references, definitions = models_json_schema(
        [(model, "validation") for model in models], ref_template=REF
    )
    by_model = {model: reference for (model, _mode), reference in references.items()}
    return by_model, definitions["$defs"]


def _name(reference: dict[str, str]) -> str:
    return reference["$ref"].rsplit("/", 1)[-1]


def _query(param: Param) -> dict[str, Any]:
    described = {"description": param.about} if param.about else {}
    if param.pairs:
        shape: dict[str, Any] = {"style": "deepObject", "explode": True, "schema": param.schema}
        return {"name": param.name, "in": "query", "required": False, **described, **shape}
    schema = {"type": "array", "items": param.schema} if param.several else param.schema
    return {
        "name": f"{param.name}[]" if param.several else param.name,
        "in": "query",
        "required": param.required,
        **described,
        "schema": schema,
    }


def _tag(route: MountedRoute) -> str:
    """Resources are grouped by the first word of their path; what is about the API, together."""
    word = route.path.split("/")[1]
    return "This instance" if word in ABOUT else word.replace("_", " ").capitalize()
