"""One unambiguous hit on a strong key attaches; everything else asks or creates."""

from engine.matching import Identity, decide, keys, normalize_email, normalize_name, normalize_vat

HERE = [
    Identity(1, "Acme Inc.", "billing@acme.ca", "123456789RT0001", "12 King St W", "M5H 1A1"),
    Identity(2, "Zoé Roy", "zoe@roy.ca", "", "4 rue Côté", "H2X 1Y4"),
    Identity(3, "Zoé Roy", "shared@family.ca"),
    Identity(4, "Max Roy", "Shared@Family.ca"),
]


def test_one_account_with_the_same_email_is_attached():
    decision = decide(Identity(name="Zoe", email=" ZOE@roy.ca "), HERE)
    assert (decision.key, decision.method, decision.review) == (2, "email", False)


def test_several_accounts_with_the_email_attach_to_none_and_ask():
    decision = decide(Identity(email="shared@family.ca"), HERE)
    assert (decision.key, decision.review, decision.reason) == (None, True, "several_email")
    assert decision.candidates == (3, 4)


def test_the_tax_number_outranks_the_email():
    decision = decide(Identity(email="zoe@roy.ca", vat="ca123456789 rt 0001"), HERE)
    assert (decision.key, decision.method) == (1, "vat")


def test_same_name_and_address_is_a_hint_and_never_an_attachment():
    twin = Identity(name="ACME Incorporated", street="12, King Street West", zip="m5h1a1")
    decision = decide(twin, HERE)
    assert (decision.key, decision.review, decision.candidates) == (None, True, (1,))


def test_a_stranger_is_created_without_a_question():
    decision = decide(Identity(name="New", email="new@new.ca"), HERE)
    assert (decision.key, decision.method, decision.review) == (None, "created", False)


def test_missing_data_matches_nothing():
    assert keys(Identity()) == {}
    assert decide(Identity(), [Identity(9)]).key is None


def test_plus_addresses_and_dots_stay_different_people():
    assert normalize_email("a+x@b.ca") != normalize_email("a@b.ca") != normalize_email("a.@b.ca")


def test_text_that_is_no_address_or_number_is_no_key():
    assert normalize_email("none") == normalize_email(None) == ""
    assert normalize_vat("N/A 12") == ""
    assert normalize_name("Inc.") == "inc"
