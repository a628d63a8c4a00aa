"""docs/api.md says of every endpoint of Lago whether it is served, as the routes have it."""

from tools import api_table
from tools.api_table import Endpoint

KNOWN = {("GET", "/plans/{}"), ("PUT", "/plans/{}")}


def test_the_table_in_the_documentation_is_not_stale():
    page = api_table.PAGE.read_text("utf-8")

    assert page.count(api_table.BEGIN) == page.count(api_table.END) == 1
    assert page == api_table.page(), "run: python3 -m tools.api_table"


def test_an_endpoint_is_served_wholly_partly_or_not():
    def served(methods: str, note: str = "") -> str:
        return Endpoint("A", tuple(methods.split()), "/plans/{code}", note).served(KNOWN)

    assert served("GET PUT") == "yes"
    assert served("GET", "in its own words") == "yes"
    assert served("GET", "partly: no prices") == "partly"
    assert served("GET DELETE") == "partly"
    assert served("DELETE", "partly: never") == "no"


def test_routes_are_read_with_constants_and_alternatives():
    source = """
KEYS = ("GET", "HEAD")
class A:
    @billing_route("/k", methods=KEYS, answer=X)
    def k(self): ...
    @billing_route("/i/<string:id>/<any(a,b):_x>", methods=("POST",), answer=X)
    def i(self): ...
    @billing_route("/<path:rest>", any_method=True)
    def rest(self): ...
"""

    assert sorted(api_table.of_source(source)) == [
        ("GET", "/k"),
        ("POST", "/i/{id}/a"),
        ("POST", "/i/{id}/b"),
    ]


def test_what_only_we_have_is_listed_and_nothing_is_listed_twice():
    text = api_table.table({("GET", "/health"), ("GET", "/plans/{code}")}, [])
    theirs = [(m, api_table.shape(e.path)) for e in api_table.endpoints() for m in e.methods]

    assert "- `GET /health`" in text
    assert len(theirs) == len(set(theirs))
    assert len(api_table.routes()) > 70
