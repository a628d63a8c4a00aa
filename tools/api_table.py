"""The table of Lago's endpoints in docs/api.md, made of the routes in the controllers' sources.

`python3 -m tools.api_table` writes it; the architecture test fails while it is stale.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPO = Path(__file__).resolve().parents[1]
CONTROLLERS = REPO / "addons" / "fusion_centralize_billing" / "controllers"
ENDPOINTS = REPO / "docs" / "lago-endpoints.tsv"
PAGE = REPO / "docs" / "api.md"
BEGIN = "<!-- made by tools/api_table.py: begin -->"
END = "<!-- made by tools/api_table.py: end -->"
PARTLY = "partly: "
Route = tuple[str, str]


@dataclass(frozen=True)
class Endpoint:
    """One of Lago's, by verb; ``note`` says how ours differs."""

    tier: str
    methods: tuple[str, ...]
    path: str
    note: str

    def served(self, known: set[Route]) -> str:
        """``yes``, ``partly`` (some of it) or ``no``."""
        there = [method for method in self.methods if (method, shape(self.path)) in known]
        if not there:
            return "no"
        whole = len(there) == len(self.methods) and not self.note.startswith(PARTLY)
        return "yes" if whole else "partly"


def shape(path: str) -> str:
    """A path whatever its parameters are called.

    >>> shape("/plans/{code}/charges")
    '/plans/{}/charges'
    """
    return re.sub(r"{\w+}", "{}", path)


def routes() -> set[Route]:
    """``(verb, path)`` of every ``billing_route``, its parameters by name."""
    files = sorted(CONTROLLERS.glob("*.py"))
    return {route for file in files for route in of_source(file.read_text("utf-8"))}


def of_source(text: str) -> Iterator[Route]:
    """The routes of one controller file."""
    tree = ast.parse(text)
    named = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "billing_route":
            keywords = {keyword.arg: keyword.value for keyword in node.keywords}
            if "answer" not in keywords:
                continue
            methods = _value(keywords["methods"], named) if "methods" in keywords else ("GET",)
            for path in _paths(_value(node.args[0], named)):
                for method in methods:
                    if method != "HEAD":
                        yield method, path


def _value(node: ast.expr, named: dict[str, ast.expr]) -> Any:
    """A constant, spelled out or made of constants of the same file."""
    match node:
        case ast.Name():
            return _value(named[node.id], named)
        case ast.JoinedStr():
            return "".join(_value(part, named) for part in node.values)
        case ast.FormattedValue():
            return _value(node.value, named)
        case ast.BinOp(op=ast.Add()):
            return _value(node.left, named) + _value(node.right, named)
    return ast.literal_eval(node)


def _paths(rule: str) -> list[str]:
    """``<any(a,b):x>`` is a path for each of its words."""
    found = re.search(r"<any\(([^)]*)\):\w+>", rule)
    words = found[1].split(",") if found else [""]
    spelled = [rule.replace(found[0], word.strip()) if found else rule for word in words]
    return [re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", each) for each in spelled]


def endpoints() -> list[Endpoint]:
    """Lago's, as the data file has them."""
    lines = ENDPOINTS.read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [Endpoint(row[0], tuple(row[1].split()), row[2], "".join(row[3:])) for row in rows]


def table(known: set[Route], theirs: list[Endpoint]) -> str:
    """Both tables as Markdown: Lago's endpoints, and what is only ours."""
    shapes = {(method, shape(path)) for method, path in known}
    lines = [
        "| Lago's endpoint | Tier | Here | Differs, and why |",
        "|---|---|---|---|",
    ]
    for each in theirs:
        verbs = ", ".join(f"`{method}`" for method in each.methods)
        note = each.note.removeprefix(PARTLY)
        served = each.served(shapes)
        missing = [m for m in each.methods if (m, shape(each.path)) not in shapes]
        if served == "partly" and missing:
            note = f"no {', '.join(missing)}" + (f"; {note}" if note else "")
        lines.append(f"| {verbs} `{each.path}` | {each.tier} | {served} | {note} |")
    lago = {(method, shape(each.path)) for each in theirs for method in each.methods}
    own = sorted((path, method) for method, path in known if (method, shape(path)) not in lago)
    lines += ["", "Only here:", ""]
    lines += [f"- `{method} {path}`" for path, method in own]
    return "\n".join(lines)


def page() -> str:
    """docs/api.md as it has to be."""
    text = PAGE.read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table(routes(), endpoints())}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
