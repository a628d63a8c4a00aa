"""What can go wrong at a source, and who must act."""

from collections.abc import Iterable


class SourceError(Exception):
    """The source cannot be read at all: an operator must act. One clear sentence a problem."""

    def __init__(self, problems: str | Iterable[str]) -> None:
        self.problems = [problems] if isinstance(problems, str) else list(problems)
        super().__init__(" ".join(self.problems))


class RowError(ValueError):
    """One row cannot be used: it is reported as failed with this sentence, the others go on."""
