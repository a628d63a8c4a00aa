import pytest

from tools.stripe_double import StripeDouble

from .client import Client


@pytest.fixture
def stripe():
    with StripeDouble() as double:
        yield double


@pytest.fixture
def client(stripe):
    return Client(stripe)
