"""Request shapes of the API, validated by pydantic; errors come out in Lago's words."""

from . import base
from . import customer
from . import event
from . import query
from . import subscription
