"""The files that the rules look at, and what a rule gives back."""

import ast
import functools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
ADDON = "addons/fusion_centralize_billing"
_WRITTEN_BY_PEOPLE = {".ci", ".github"}


@dataclass(frozen=True)
class Source:
    """One text file; ``path`` is relative to the repository."""

    path: str
    text: str

    @functools.cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @property
    def is_test(self) -> bool:
        return "/tests/" in f"/{self.path}"

    @property
    def is_engine(self) -> bool:
        return self.path.startswith(f"{ADDON}/engine/")

    @property
    def is_odoo(self) -> bool:
        """Code that runs inside Odoo and is no test."""
        inside = self.path.startswith(("addons/", "community/"))
        return inside and not self.is_test and not self.is_engine

    def nodes(self, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
        return (node for node in ast.walk(self.tree) if isinstance(node, kinds))

    def finding(self, node: ast.AST, what: str) -> str:
        return f"{self.path}:{node.lineno}: {what}"


def all_files(repo: Path = REPO) -> Iterator[Path]:
    """Yield every file of the repository that a person wrote."""
    for path in sorted(repo.rglob("*")):
        folders = path.relative_to(repo).parts[:-1]
        made = any(
            name == "__pycache__" or name.startswith(".")
            for name in folders
            if name not in _WRITTEN_BY_PEOPLE
        )
        if path.is_file() and not made:
            yield path


@functools.cache
def texts() -> tuple[Source, ...]:
    """Return every readable text file."""
    found = []
    for path in all_files():
        try:
            found.append(Source(str(path.relative_to(REPO)), path.read_text("utf-8")))
        except UnicodeDecodeError:
            continue  # a picture or a font
    return tuple(found)


def python() -> list[Source]:
    """Return every Python file, the launcher included."""
    return [source for source in texts() if source.path.endswith(".py") or source.path == "fusion"]


def planted(code: str, path: str = f"{ADDON}/models/planted.py") -> Source:
    """Return a source that is not on disk, to prove that a rule sees it."""
    return Source(path, code)


def assert_holds(rule: Callable[[Source], Iterable[str]], sources: Iterable[Source]) -> None:
    """Fail with every finding of the rule, and with what the rule is good for."""
    findings = [finding for source in sources for finding in rule(source)]
    assert not findings, "\n".join([rule.__doc__ or rule.__name__, *findings])
