"""Who is this? Normalised identities and a decision that prefers asking to guessing.

Attaching an app's customer to the wrong company's account is the worst mistake of an import;
a double account is a nuisance. So only one unambiguous hit on a strong key attaches.
"""

import re
import unicodedata
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Literal

Method = Literal["created", "vat", "email", "name_address"]

_COMPANY_FORMS = frozenset(
    [
        "inc",
        "incorporated",
        "ltd",
        "limited",
        "ltee",
        "limitee",
        "corp",
        "corporation",
        "co",
        "company",
        "llc",
        "llp",
        "senc",
    ]
)
_STREET_WORDS = {
    "street": "st", "avenue": "ave", "boulevard": "blvd", "boul": "blvd", "road": "rd",
    "drive": "dr", "suite": "unit", "apt": "unit", "apartment": "unit", "app": "unit",
    "north": "n", "south": "s", "east": "e", "west": "w", "nord": "n", "sud": "s", "est": "e",
    "ouest": "o",
}  # fmt: skip
CONFIDENCE: dict[str, float] = {"vat": 1.0, "email": 0.9, "name_address": 0.7}


@dataclass(frozen=True, slots=True)
class Identity:
    """What is known of a person or company. `key` is the caller's handle (a record id)."""

    key: Hashable = None
    name: str = ""
    email: str = ""
    vat: str = ""
    street: str = ""
    zip: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """`key` is the account to attach to, None for a new one. `review`: a person must look."""

    key: Hashable
    method: Method
    confidence: float
    review: bool = False
    reason: str = ""
    candidates: tuple[Hashable, ...] = ()


def normalize_email(email: str | None) -> str:
    """Case and Unicode form only: a.b@ and ab@, or a+x@ and a@, may be different people.

    >>> normalize_email("  Zoé.Roy@Example.CA ")
    'zoé.roy@example.ca'
    """
    text = unicodedata.normalize("NFKC", email or "").strip().casefold()
    return text if re.fullmatch(r"[^@\s]+@[^@\s]+", text) else ""


def normalize_vat(vat: str | None) -> str:
    """Letters and digits; a Canadian business number loses its optional country prefix.

    >>> normalize_vat("ca 123 456 789 rt-0001"), normalize_vat("123456789RT0001")
    ('123456789RT0001', '123456789RT0001')
    >>> normalize_vat("n/a")
    ''
    """
    text = re.sub(r"[^0-9A-Z]", "", (vat or "").upper())
    if re.fullmatch(r"CA\d{9}(RT\d{4})?", text):
        text = text[2:]
    return text if sum(char.isdigit() for char in text) >= 5 else ""


def normalize_name(name: str | None) -> str:
    """Without accents, punctuation and the company's legal form at the end.

    >>> normalize_name("Les Entreprises Côté Ltée."), normalize_name("Smith & Sons, Inc.")
    ('les entreprises cote', 'smith sons')
    """
    words = _words(name)
    while len(words) > 1 and words[-1] in _COMPANY_FORMS:
        words.pop()
    return " ".join(words)


def normalize_address(street: str | None, zip_code: str | None) -> str:
    """Street and postal code, both needed; common abbreviations made equal.

    >>> normalize_address("12 King Street West, Suite 4", "m5h 1a1")
    '12 king st w unit 4|M5H1A1'
    """
    words = [_STREET_WORDS.get(word, word) for word in _words(street)]
    code = re.sub(r"[^0-9A-Z]", "", (zip_code or "").upper())
    return f"{' '.join(words)}|{code}" if words and code else ""


def keys(identity: Identity) -> dict[str, str]:
    """The comparable keys that are present, strongest first.

    >>> keys(Identity(name="Acme Inc", email="A@b.ca"))
    {'email': 'a@b.ca'}
    """
    address = normalize_address(identity.street, identity.zip)
    name = normalize_name(identity.name)
    found = {
        "vat": normalize_vat(identity.vat),
        "email": normalize_email(identity.email),
        "name_address": f"{name}|{address}" if name and address else "",
    }
    return {method: key for method, key in found.items() if key}


def decide(identity: Identity, candidates: Iterable[Identity]) -> Decision:
    """Attach, create, or create and ask.

    The strongest key that hits decides: one account with the same tax number or e-mail attaches;
    several attach to none. Name and address alone are a hint, never an attachment.

    >>> here = [Identity(1, email="a@b.ca"), Identity(2, email="a@b.ca"), Identity(3, vat="12345")]
    >>> decide(Identity(vat="1-2345", email="a@b.ca"), here)
    Decision(key=3, method='vat', confidence=1.0, review=False, reason='', candidates=(3,))
    >>> decide(Identity(email="A@B.ca"), here).reason
    'several_email'
    """
    rows = [(candidate.key, keys(candidate)) for candidate in candidates]
    for method, value in keys(identity).items():
        hits = tuple(dict.fromkeys(key for key, found in rows if found.get(method) == value))
        if len(hits) > 1:
            return Decision(None, "created", 0.0, True, f"several_{method}", hits)
        if hits and method == "name_address":
            score = CONFIDENCE[method]
            return Decision(None, "created", score, True, "same_name_address", hits)
        if hits:
            return Decision(hits[0], method, CONFIDENCE[method], candidates=hits)
    return Decision(None, "created", 1.0)


def _words(text: str | None) -> list[str]:
    plain = unicodedata.normalize("NFKD", text or "").casefold()
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    # 's and d' stay with their word; everything else that is no letter or digit separates.
    return re.findall(r"[a-z0-9]+", re.sub(r"['’]", "", plain))
