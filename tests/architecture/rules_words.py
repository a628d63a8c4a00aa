"""Words that must not be in the repository: where it was made, and where packages come from."""

import re
from collections.abc import Iterator

from .sources import Source

# Put together here, so that this file does not break its own rule.
_HOSTS = [
    ("pypi", "org"), ("pythonhosted", "org"), ("deb", "debian", "org"),
    ("snapshot", "debian", "org"), ("security", "debian", "org"), ("ftp", "debian", "org"),
    ("registry", "npmjs", "org"), ("proxy", "golang", "org"),
]  # fmt: skip
_PLACES = ["work", "tmp/boot", "opt/pypi", "opt/wheels"]
_PATTERN = re.compile(
    "|".join(
        [re.escape(".".join(host)) for host in _HOSTS]
        + [rf"(?<![\w.>])/{place}(?![\w-])" for place in _PLACES]
    )
)


def forbidden_word(source: Source) -> Iterator[str]:
    """Nothing names a package registry's host (the machine's configuration knows it) or a folder
    of the machine that a session worked on."""
    for number, line in enumerate(source.text.splitlines(), 1):
        for match in _PATTERN.finditer(line):
            yield f"{source.path}:{number}: {match.group()}"
