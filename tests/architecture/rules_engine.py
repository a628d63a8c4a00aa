"""The engine takes values and returns values."""

import ast
from collections.abc import Iterator

from .sources import Source

ALLOWED_IMPORTS = {
    "__future__", "abc", "base64", "binascii", "bisect", "calendar", "collections", "dataclasses",
    "datetime", "decimal", "email", "enum", "fractions", "functools", "hashlib", "hmac",
    "itertools", "json", "math", "operator", "re", "string", "types", "typing",
    "unicodedata", "uuid",
}  # fmt: skip
_CLOCKS = {"now", "today", "utcnow", "uuid1", "uuid4"}
_SIDE_EFFECTS = {"open", "print", "input", "exec", "eval", "__import__"}


def impure_import(source: Source) -> Iterator[str]:
    """Only arithmetic, text and types; inside the package only relative imports."""
    for node in source.nodes(ast.Import, ast.ImportFrom):
        if isinstance(node, ast.ImportFrom) and node.level:
            continue
        names = [node.module] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
        for name in names:
            if name.split(".")[0] not in ALLOWED_IMPORTS:
                yield source.finding(node, f"the engine imports {name}")


def clock_or_side_effect(source: Source) -> Iterator[str]:
    """`now` is an argument, randomness too; nothing is read, printed or evaluated."""
    for node in source.nodes(ast.Call):
        called = node.func
        if isinstance(called, ast.Attribute) and called.attr in _CLOCKS:
            yield source.finding(node, f"the engine calls {called.attr}()")
        if isinstance(called, ast.Name) and called.id in _SIDE_EFFECTS | {"uuid4", "uuid1"}:
            yield source.finding(node, f"the engine calls {called.id}()")


# Files whose numbers are neither money nor quantities.
_FLOATS = {"matching.py": "scores of likeness", "retry.py": "seconds to wait"}


def float_number(source: Source) -> Iterator[str]:
    """Money and quantities are Decimal: no float() and no number with a point in it."""
    if source.path.rsplit("/", 1)[-1] in _FLOATS:
        return
    for node in source.nodes(ast.Call, ast.Constant):
        if isinstance(node, ast.Constant):
            if isinstance(node.value, float):
                yield source.finding(node, f"the float {node.value}")
        elif isinstance(node.func, ast.Name) and node.func.id == "float":
            yield source.finding(node, "float()")
