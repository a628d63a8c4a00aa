"""What an app says about a command."""

from typing import Literal

from .base import Instant, Required, Text, WireModel


class ServiceStateIn(WireModel):
    """The body under ``service_state``."""

    command_id: Required
    state: Literal["active", "suspended", "terminated"]
    refusal: Text = None
    occurred_at: Instant = None
