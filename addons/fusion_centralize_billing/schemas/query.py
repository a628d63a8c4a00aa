"""Query strings: pages, filters in both spellings (``status`` and ``status[]``), lenient dates."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from ..engine.errors import Invalid

PER_PAGE = 100
MAX_PER_PAGE = 1000
MAX_PAGE = 1_000_000


class Arguments(Protocol):
    """What werkzeug's MultiDict offers and this module uses."""

    def get(self, key: str) -> str | None: ...

    def getlist(self, key: str) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, counted from 1."""

    number: int
    size: int

    @property
    def offset(self) -> int:
        """Rows before this page."""
        return (self.number - 1) * self.size

    def meta(self, total: int) -> dict[str, Any]:
        """Lago's ``meta``. An empty list is page 0 of 0.

        >>> Page(2, 10).meta(25)["next_page"], Page(3, 10).meta(25)["next_page"]
        (3, None)
        """
        pages = -(-total // self.size)
        inside = self.number <= pages
        return {
            "current_page": self.number if total else 0,
            "next_page": self.number + 1 if self.number < pages else None,
            "prev_page": self.number - 1 if inside and self.number > 1 else None,
            "total_pages": pages,
            "total_count": total,
        }


def page(arguments: Arguments) -> Page:
    """``page`` and ``per_page``; nonsense means the default, as in Lago."""
    return Page(
        _between(arguments.get("page"), 1, MAX_PAGE),
        _between(arguments.get("per_page"), PER_PAGE, MAX_PER_PAGE),
    )


def several(arguments: Arguments, *names: str) -> list[str]:
    """All values of a filter, whichever way it was spelled: ``a=1``, ``a[]=1``, ``a=1&a=2``."""
    spelled = [key for name in names for key in (name, f"{name}[]")]
    return [value for key in spelled for value in arguments.getlist(key) if value]


def choices(arguments: Arguments, allowed: Iterable[str], *names: str) -> list[str]:
    """The same, of a fixed set: any other value is a 422 on the filter's name."""
    found = several(arguments, *names)
    if set(found) - set(allowed):
        raise Invalid({names[0]: ["value_is_invalid"]})
    return found


def day(arguments: Arguments, name: str) -> date | None:
    """An ISO date; what cannot be read is ignored, as Lago does on lists."""
    try:
        return date.fromisoformat((arguments.get(name) or "")[:10])
    except ValueError:
        return None


def whole_number(arguments: Arguments, name: str, default: int) -> int:
    """A number from 0 on; anything else that is there is a 422 on its name."""
    text = arguments.get(name)
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Invalid.field(name, "value_is_invalid")
    return int(text)


def flag(arguments: Arguments, name: str, default: bool) -> bool:
    """A boolean in any of the usual spellings."""
    value = (arguments.get(name) or "").strip().lower()
    if not value:
        return default
    return value not in {"false", "0", "f", "no", "off"}


def _between(text: str | None, default: int, maximum: int) -> int:
    if not text or not text.isascii() or not text.isdigit() or len(text) > 9:
        return default
    return min(int(text), maximum) or default
