"""What the page shows, out of the OpenAPI document: plain values, for a template without logic."""

import json
import re
from typing import Any
from urllib.parse import urlencode

JSON = "application/json"
DEEP = 2
CODE = re.compile(r"(`[^`]+`)")


def sections(document: dict[str, Any], base: str) -> list[dict[str, Any]]:
    """A section a tag: ``{"name", "anchor", "operations"}``, in the order of the paths."""
    found: dict[str, list[dict[str, Any]]] = {tag["name"]: [] for tag in document["tags"]}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            shown = _operation(document, base, path, method.upper(), operation)
            found[operation["tags"][0]].append(shown)
    return [
        {"name": name, "anchor": name.lower().replace(" ", "-"), "operations": operations}
        for name, operations in found.items()
    ]


def _operation(
    document: dict[str, Any], base: str, path: str, method: str, operation: dict[str, Any]
) -> dict[str, Any]:
    schemas = document["components"]["schemas"]
    body = operation.get("requestBody", {}).get("content", {}).get(JSON)
    ok = operation["responses"]["200"]
    answer = ok.get("content", {}).get(JSON, {})
    return {
        "id": operation["operationId"],
        "method": method,
        "path": path,
        "summary": pieces(operation["summary"]),
        "title": operation["summary"].replace("`", ""),
        "paragraphs": [pieces(each) for each in re.split(r"\n\s*\n", operation["description"])]
        if operation["description"]
        else [],
        "key": operation.get("security") != [],
        "parameters": [_parameter(each) for each in operation["parameters"]],
        "fields": rows(body["schema"], schemas) if body else [],
        "curl": _curl(base, path, method, operation, body),
        "answer": _pretty(answer["example"]) if answer.get("example") else "",
        "answered": ok["description"],
        "errors": [
            {"status": status, "about": response["description"]}
            for status, response in operation["responses"].items()
            if status != "200"
        ],
    }


def pieces(text: str) -> list[dict[str, Any]]:
    """Text in pieces, those between backquotes marked: ``[{"code": bool, "text": …}]``.

    >>> pieces("Query: `page`.")[1]
    {'code': True, 'text': 'page'}
    """
    return [
        {"code": part.startswith("`"), "text": part.strip("`") if part.startswith("`") else part}
        for part in CODE.split(" ".join(text.split()))
        if part
    ]


def rows(schema: dict[str, Any], schemas: dict[str, Any], prefix: str = "", depth: int = 0):
    """The keys of an object, one a row; those of what it holds follow with their path."""
    schema = _resolved(schema, schemas)
    found: list[dict[str, Any]] = []
    required = set(schema.get("required", ()))
    for name, value in schema.get("properties", {}).items():
        inner = _inside(value, schemas)
        found.append(
            {
                "name": f"{prefix}{name}",
                "type": _type(value, schemas),
                "required": name in required,
                "about": value.get("description") or "",
            }
        )
        if inner and depth < DEEP:
            dots = "[]." if _type(value, schemas).startswith("list") else "."
            found += rows(inner, schemas, f"{prefix}{name}{dots}", depth + 1)
    return found


def _parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": parameter["name"],
        "where": parameter["in"],
        "type": _type(parameter["schema"], {}),
        "required": parameter["required"],
        "about": parameter.get("description", ""),
    }


def _resolved(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        return schemas.get(schema["$ref"].rsplit("/", 1)[-1], {})
    return schema


def _choices(schema: dict[str, Any]) -> list[dict[str, Any]]:
    options = schema.get("anyOf") or schema.get("oneOf") or [schema]
    return [each for each in options if each.get("type") != "null"]


def _inside(value: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any] | None:
    """The object a value is, or is a list of."""
    for each in _choices(_resolved(value, schemas)):
        own = _resolved(each, schemas)
        own = _resolved(own.get("items", {}), schemas) if own.get("type") == "array" else own
        if own.get("properties"):
            return own
    return None


def _type(value: dict[str, Any], schemas: dict[str, Any]) -> str:
    """In words: ``text``, ``integer or null``, ``one of monthly, yearly``."""
    value = _resolved(value, schemas)
    options = value.get("anyOf") or value.get("oneOf") or [value]
    words = [_word(_resolved(each, schemas), schemas) for each in options]
    return " or ".join(dict.fromkeys(words))


def _word(schema: dict[str, Any], schemas: dict[str, Any]) -> str:
    if "enum" in schema:
        return f"one of {', '.join(map(str, schema['enum']))}"
    if "const" in schema:
        return json.dumps(schema["const"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}), schemas)}"
    named = {"string": "text", None: "anything", "number": "number"}
    kind = schema.get("type")
    return schema.get("format") or named.get(kind, str(kind))


def _curl(
    base: str, path: str, method: str, operation: dict[str, Any], body: dict[str, Any] | None
) -> str:
    """The request as a shell says it; names in braces are for the reader to fill in."""
    needed = [p for p in operation["parameters"] if p["in"] == "query" and p["required"]]
    query = urlencode({p["name"]: "acme-hosting" for p in needed})
    url = f"{base}{path}" + (f"?{query}" if query else "")
    lines = [f"curl '{url}'" if method == "GET" else f"curl -X {method} '{url}'"]
    if operation.get("security") != []:
        lines.append('-H "Authorization: Bearer $KEY"')
    if body:
        sent = json.dumps(body["example"], ensure_ascii=False, indent=2)
        lines += ["-H 'Content-Type: application/json'", f"-d '{sent}'"]
    return " \\\n  ".join(lines)


def _pretty(example: Any) -> str:
    return json.dumps(example, ensure_ascii=False, indent=2)
