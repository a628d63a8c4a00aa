"""Small files, small functions."""

import ast
from collections.abc import Iterator

from .sources import Source

MAX_FILE = 300
MAX_FUNCTION = 40
# path -> (lines allowed, why it is one file). Every entry is a debt with a reason.
LONGER: dict[str, tuple[int, str]] = {}


def file_too_long(source: Source) -> Iterator[str]:
    """A file has one purpose; over 300 lines it has several."""
    allowed, _ = LONGER.get(source.path, (MAX_FILE, ""))
    lines = source.text.count("\n")
    if lines > allowed:
        yield f"{source.path}: {lines} lines, {allowed} allowed"


def function_too_long(source: Source) -> Iterator[str]:
    """A function fits on a screen: 40 lines without its docstring."""
    for node in source.nodes(ast.FunctionDef, ast.AsyncFunctionDef):
        lines = node.end_lineno - node.lineno + 1 - _docstring_lines(node)
        if lines > MAX_FUNCTION:
            yield source.finding(node, f"{node.name} has {lines} lines, {MAX_FUNCTION} allowed")


def _docstring_lines(node: ast.FunctionDef) -> int:
    if ast.get_docstring(node) is None:
        return 0
    first = node.body[0]
    return first.end_lineno - first.lineno + 1
