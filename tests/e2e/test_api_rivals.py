"""Two of the same at once, over HTTP, against a server whose requests run beside each other."""

from collections import Counter
from collections.abc import Iterator

import pytest

from .running import Running, at_once, running

RIVALS = 6
LIMIT = 5000
METRIC = {"name": "GB", "aggregation_type": "sum_agg", "field_name": "gb"}


@pytest.fixture(scope="module")
def odoo() -> Iterator[Running]:
    with running("fusion_test_rivals", rate_limit=LIMIT) as found:
        yield found


def metric(odoo: Running, code: str, key: str, name: str = "GB") -> tuple:
    body = {"billable_metric": {**METRIC, "code": code, "name": name}}
    return odoo.call("POST", "/billable_metrics", body, **{"Idempotency-Key": key})


def test_the_same_key_at_once_has_one_effect_and_one_answer(odoo):
    for turn in range(3):
        answers = at_once(RIVALS, lambda _n, turn=turn: metric(odoo, f"gb-{turn}", f"k-{turn}"))

        assert [status for status, *_rest in answers] == [200] * RIVALS
        assert len({str(body) for _status, body, _headers in answers}) == 1
        replayed = [headers.get("idempotent-replayed") for *_rest, headers in answers]
        assert Counter(replayed) == {"true": RIVALS - 1, None: 1}
        made = odoo.sql(f"select count(*) from fusion_billing_metric where code = 'gb-{turn}'")
        assert made.strip() == "1"
    kept = odoo.sql("select count(*) from fusion_billing_idempotency where key like 'k-%'")
    assert kept.strip() == "3"


def test_the_same_key_at_once_with_another_body_is_refused(odoo):
    answers = at_once(RIVALS, lambda n: metric(odoo, f"other-{n}", "one", name=f"Other {n}"))

    assert Counter(status for status, *_rest in answers) == {200: 1, 422: RIVALS - 1}
    for status, body, _headers in answers:
        if status == 422:
            assert body["error_details"] == {"idempotency_key": ["value_already_exist"]}
    made = odoo.sql("select count(*) from fusion_billing_metric where code like 'other-%'")
    assert made.strip() == "1"


def test_there_are_never_more_than_ten_endpoints(odoo):
    def endpoint(number: int) -> tuple:
        body = {"webhook_endpoint": {"webhook_url": f"https://app.example.com/{number}"}}
        return odoo.call("POST", "/webhook_endpoints", body)

    for number in range(8):
        assert endpoint(100 + number)[0] == 200
    answers = at_once(RIVALS, endpoint)

    assert Counter(status for status, *_rest in answers) == {200: 2, 422: RIVALS - 2}
    assert {
        sentence
        for status, body, _headers in answers
        if status == 422
        for sentence in body["error_details"]["base"]
    } == {"Maximum number of webhook endpoints was reached"}
    assert odoo.sql("select count(*) from fusion_billing_webhook_endpoint").strip() == "10"


def test_requests_at_once_and_refused_ones_are_each_counted(odoo):
    odoo.sql("update fusion_billing_rate_window set number = 1e12, requests = 0")
    at_once(RIVALS, lambda _n: odoo.call("GET", "/plans"))
    for _turn in range(2):
        assert odoo.call("POST", "/customers", {"customer": {}})[0] in (400, 422)

    counted = odoo.sql("select requests from fusion_billing_rate_window")
    assert counted.strip() == str(RIVALS + 2)
    headers = odoo.call("GET", "/plans")[2]
    assert headers["x-ratelimit-remaining"] == str(LIMIT - RIVALS - 3)
