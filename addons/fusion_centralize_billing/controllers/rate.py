"""Rate limits: so many requests a key in ten seconds, and the headers that say where it stands."""

from odoo import models
from odoo.http import Response, request

from .errors import TooManyRequests


def count_request(key_sudo: models.BaseModel) -> None:
    """Count this request once, however often Odoo tries it; a key without a limit costs nothing.

    :raises TooManyRequests: the key has had its requests of this window
    """
    if not hasattr(request, "fc_rate"):
        request.fc_rate = key_sudo._count_request()
    if request.fc_rate and request.fc_rate.exceeded:
        raise TooManyRequests


def tell_rate(response: Response) -> None:
    """Put the headers of a limited key on its answer, whatever the answer is."""
    if rate := getattr(request, "fc_rate", None):
        response.headers.update(rate.headers())
