"""Errors a person can act on. Each one says what happened and what to do about it.

CliError
├── Failed        exit 1: a check, a test or a comparison did not hold
├── UsageError    exit 2: the command line asks for something that does not exist
└── NotPrepared   exit 3: the machine or the network keeps us from preparing the environment
"""


class CliError(Exception):
    """A failure with a sentence for people; ``exit_code`` is what the process ends with."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Failed(CliError):
    """The work was done and its result is not good: the developer must look at it."""


class UsageError(CliError):
    """The caller must change the command line."""

    exit_code = 2


class NotPrepared(CliError):
    """The caller must change the machine, a setting or the network."""

    exit_code = 3
