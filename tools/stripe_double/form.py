"""Stripe's form encoding, read flat: `expand[]=a` is a list, `shipping[name]=b` a key of its own.

Odoo sends the parameters of a GET as a body, so query and body are read alike.
"""

from urllib.parse import parse_qsl


def parse(*encoded: str) -> dict[str, str | list[str]]:
    """Return the parameters; a name that ends in `[]` collects its values.

    >>> parse("amount=500&expand[]=payment_method", "limit=3")
    {'amount': '500', 'expand': ['payment_method'], 'limit': '3'}
    """
    found: dict[str, str | list[str]] = {}
    for name, value in (pair for text in encoded for pair in parse_qsl(text, True)):
        if name.endswith("[]"):
            found.setdefault(name[:-2], []).append(value)
        else:
            found[name] = value
    return found


def truth(value: str | list[str] | None) -> bool:
    """Odoo sends Python's `True`, other clients `true`.

    >>> truth("True"), truth("true"), truth("false"), truth(None)
    (True, True, False, False)
    """
    return str(value).lower() == "true"


def nested(params: dict, name: str) -> dict:
    """Return what stands below a name, as the object that Stripe makes of it.

    >>> nested({"shipping[name]": "Ada", "shipping[address][city]": "Ottawa"}, "shipping")
    {'name': 'Ada', 'address': {'city': 'Ottawa'}}
    """
    found: dict = {}
    for key, value in params.items():
        if not key.startswith(f"{name}[") or not key.endswith("]"):
            continue
        *parents, last = key[len(name) + 1 : -1].split("][")
        into = found
        for parent in parents:
            into = into.setdefault(parent, {})
        into[last] = value
    return found
