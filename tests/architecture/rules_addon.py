"""What the addon promises as a whole: its dependencies, its access rights."""

import ast
import csv
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable
from pathlib import Path

from .sources import Source

DEPENDS = {"account_accountant", "sale_subscription", "sale_management", "payment_stripe"}


def wrong_depends(manifest: dict) -> list[str]:
    """Exactly these four: they are there on Enterprise, and on Community with the stand-ins."""
    differing = DEPENDS.symmetric_difference(manifest.get("depends", []))
    return [f"depends: {name} is missing or too many" for name in sorted(differing)]


def stored_models(files: Iterable[Source]) -> dict[str, str]:
    """Return ``{model name: "Model" or "TransientModel"}`` of the addon's own models."""
    found = {}
    for source in files:
        for node in source.nodes(ast.ClassDef):
            bases = {ast.unparse(base).removeprefix("models.") for base in node.bases}
            kind = next(iter(bases & {"Model", "TransientModel"}), None)
            name = _assigned(node, "_name")
            if kind and name and name.startswith("fusion."):
                found[name] = kind
    return found


def without_access(models: dict[str, str], access: str) -> list[str]:
    """Return models without a line in ``ir.model.access.csv``."""
    named = {row["model_id:id"].split(".")[-1] for row in csv.DictReader(access.splitlines())}
    return [f"{name} has no access right" for name in models if _xml_id(name) not in named]


def without_rule(models: dict[str, str], rules: Iterable[str]) -> list[str]:
    """Return stored models without a record rule. A wizard's rows are its user's own anyway."""
    named = set()
    for text in rules:
        for record in ElementTree.fromstring(text).iter("record"):
            if record.get("model") == "ir.rule":
                named |= {
                    str(field.get("ref")).split(".")[-1]
                    for field in record.iter("field")
                    if field.get("name") == "model_id"
                }
    return [
        f"{name} has no record rule"
        for name, kind in models.items()
        if kind == "Model" and _xml_id(name) not in named
    ]


def read_manifest(path: Path) -> dict:
    """Return a manifest's dictionary."""
    return ast.literal_eval(path.read_text())


def _assigned(node: ast.ClassDef, name: str) -> str | None:
    for statement in node.body:
        if (
            isinstance(statement, ast.Assign)
            and ast.unparse(statement.targets[0]) == name
            and isinstance(statement.value, ast.Constant)
        ):
            return statement.value.value
    return None


def _xml_id(model: str) -> str:
    return "model_" + re.sub(r"\.", "_", model)
