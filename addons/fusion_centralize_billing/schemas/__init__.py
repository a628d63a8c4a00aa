"""Request shapes of the API, validated by pydantic; errors come out in Lago's words."""

from . import base, customer, event, query, subscription
