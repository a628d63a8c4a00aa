"""A lago_id is a real UUID and leads back to its record."""

from uuid import RFC_4122, UUID

import pytest
from engine import Invalid, NotFound, decode, decode_as, encode
from engine.identifier import KINDS
from hypothesis import given
from hypothesis import strategies as st

kinds = st.sampled_from(sorted(KINDS))
ids = st.integers(1, 2**62 - 1)


@given(kinds, ids)
def test_identifiers_round_trip(kind, record_id):
    assert decode(encode(kind, record_id)) == (kind, record_id)
    assert decode(encode(kind, record_id).upper()) == (kind, record_id)


@given(kinds, ids)
def test_identifiers_are_version_8_uuids(kind, record_id):
    parsed = UUID(encode(kind, record_id))
    assert (parsed.version, parsed.variant) == (8, RFC_4122)


@given(st.uuids())
def test_uuids_of_strangers_are_refused(stranger):
    with pytest.raises(Invalid):
        decode(str(stranger))


@pytest.mark.parametrize("text", ["", "42", "{1321c55a-da3a-8007-8000-00000000002a}", None])
def test_other_spellings_are_refused(text):
    with pytest.raises(Invalid):
        decode(text)


def test_an_identifier_of_another_kind_is_not_found():
    with pytest.raises(NotFound) as refusal:
        decode_as("invoice", encode("plan", 1))
    assert refusal.value.code == "invoice_not_found"


def test_kind_numbers_never_change_their_meaning():
    assert list(KINDS.values()) == list(range(1, len(KINDS) + 1))
    assert [KINDS[kind] for kind in ("customer", "subscription", "invoice", "payment")] == [
        1,
        3,
        7,
        14,
    ]


@pytest.mark.parametrize("record_id", [0, -1, 2**62])
def test_no_identifier_for_what_is_no_record(record_id):
    with pytest.raises(ValueError, match="record id"):
        encode("invoice", record_id)
