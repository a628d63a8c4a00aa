"""Same content, same hash; and nothing else."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from engine import IngestItem

AT = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)


def item(properties=None, at=AT, code="gb", given=True):
    return IngestItem("t1", "s1", code, at, properties, given)


def test_spelling_key_order_and_time_zone_do_not_change_the_content():
    toronto = AT.astimezone(timezone(timedelta(hours=-5)))
    one = item({"gb": Decimal("1.50"), "region": "ca"})
    other = item({"region": "ca", "gb": 1.5}, toronto)
    assert one.content_hash == other.content_hash
    assert item(None).content_hash == item({}).content_hash


@pytest.mark.parametrize(
    "other",
    [
        item({"gb": 2}),
        item({"gb": "1"}),
        item({"gb": True}),
        item({"gb": 1, "x": None}),
        item({"gb": 1}, AT + timedelta(microseconds=1)),
        item({"gb": 1}, code="tb"),
        item({"gb": 1}, given=False),
    ],
)
def test_any_other_content_has_another_hash(other):
    assert item({"gb": 1}).content_hash != other.content_hash


def test_the_moment_of_receipt_is_no_part_of_the_content():
    later = AT + timedelta(hours=1)
    assert item({}, given=False).content_hash == item({}, later, given=False).content_hash


def test_a_naive_time_is_refused():
    with pytest.raises(TypeError, match="aware"):
        item(at=datetime(2026, 3, 1))
