"""Everything that is printed: progress lines, tables, colours, errors."""

import contextlib
import os
import sys
import time
from collections.abc import Iterator, Sequence

from .errors import CliError

_CODES = {"red": "31", "green": "32", "yellow": "33", "bold": "1", "dim": "2"}


def use_plain_streams() -> None:
    """Never die on a terminal that cannot show a character; show lines as they come."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace", line_buffering=True)


def colour(text: str, name: str) -> str:
    """Return ``text`` in a colour, or as it is where nobody would see the colour."""
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return text
    return f"\033[{_CODES[name]}m{text}\033[0m"


def say(text: str = "") -> None:
    """Print one line."""
    print(text, flush=True)


def heading(text: str) -> None:
    """Print the title of a part of the story."""
    say()
    say(colour(text, "bold"))


def note(text: str) -> None:
    """Print a remark that belongs to the line above it."""
    say(colour(f"  {text}", "dim"))


def duration(seconds: float) -> str:
    """Seconds for people: ``0.4 s``, ``12 s``, ``2 min 05 s``.

    >>> duration(0.42), duration(12.3), duration(125)
    ('0.4 s', '12 s', '2 min 05 s')
    """
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s"


@contextlib.contextmanager
def step(title: str) -> Iterator[None]:
    """Announce work before it starts and say how long it took, or that it failed."""
    started = time.monotonic()
    say(f"- {title} ...")
    try:
        yield
    except BaseException:
        say(colour(f"  failed after {duration(time.monotonic() - started)}", "red"))
        raise
    say(colour(f"  done in {duration(time.monotonic() - started)}", "green"))


def table(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows under headers; numbers and amounts are put to the right."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [
        max([len(header), *(len(row[index]) for row in cells)])
        for index, header in enumerate(headers)
    ]
    right = [
        bool(rows) and all(_is_number(row[index]) for row in cells) for index in range(len(headers))
    ]

    def line(row: Sequence[str]) -> str:
        parts = zip(row, widths, right, strict=True)
        return "  " + "  ".join(c.rjust(w) if r else c.ljust(w) for c, w, r in parts).rstrip()

    say(colour(line(list(headers)), "bold"))
    say("  " + "  ".join("-" * width for width in widths))
    for row in cells:
        say(line(row))


def error(problem: CliError) -> None:
    """Print a failure and what to do about it, on standard error."""
    print(colour(f"error: {problem.message}", "red"), file=sys.stderr)
    if problem.hint:
        print(f"  {problem.hint}", file=sys.stderr)


def _is_number(cell: str) -> bool:
    digits = cell.strip().lstrip("-$").replace(",", "").replace(".", "", 1)
    return digits.isdigit() or cell == ""
