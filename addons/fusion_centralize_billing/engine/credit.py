"""What to give back of a fee that was billed in advance and is not needed to the end.

A billed line and the credits already given for it are amounts that stand for days. Some days are
used, of the others a share may be kept (a smaller quantity). What is kept is computed exactly and
rounded once; the credit is the rest, so that billed − credited is always the rounded fee of what
is kept, however many credits there are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from .errors import Invalid
from .money import ROUNDING, ZERO, D, round_money
from .period import Period
from .proration import ratio
from .wording import money, period_text, say

NOTHING = Fraction(0)


@dataclass(frozen=True, slots=True)
class Billed:
    """An amount on an invoice line and the days it stands for; a credit's amount is negative."""

    amount: Decimal
    period: Period

    def value_before(self, day: date) -> Fraction:
        """The part of the amount that falls on days before `day`, exact."""
        if day <= self.period.start:
            return NOTHING
        part = Period(self.period.start, min(day, self.period.end))
        return Fraction(self.amount) * ratio(part, self.period)


@dataclass(frozen=True, slots=True)
class Credit:
    """`amount` to give back and `kept` by the seller, both rounded; together all that was billed
    and not credited before. `derivation` is JSON-safe and replays."""

    amount: Decimal
    kept: Decimal
    derivation: dict[str, Any]


def credit(
    pieces: Sequence[Billed],
    first_unused: date,
    keep: Fraction = NOTHING,
    currency: str = "CAD",
    exponent: int = 2,
) -> Credit:
    """The credit for the days from `first_unused` on.

    :param pieces: the billed line first, then the credits given for it
    :param keep: share of the unused days' fee that stays billed: 3/5 when 3 of 5 units stay
    :raise Invalid: a share outside 0 to 1

    >>> march = Period(date(2026, 3, 1), date(2026, 4, 1))
    >>> fee = Billed(Decimal("29.00"), march)
    >>> end = credit([fee], date(2026, 3, 20))  # 19 of 31 days used: 17.774…
    >>> end.kept, end.amount
    (Decimal('17.77'), Decimal('11.23'))
    >>> less = credit([fee], date(2026, 3, 11), keep=Fraction(3, 5))
    >>> given = Billed(-less.amount, Period(date(2026, 3, 11), date(2026, 4, 1)))
    >>> less.amount, credit([fee, given], date(2026, 3, 20)).amount
    (Decimal('7.86'), Decimal('6.73'))
    """
    if not 0 <= keep <= 1:
        raise Invalid.field("keep", "value_is_out_of_range")
    billed = sum((piece.amount for piece in pieces), ZERO)
    used = sum((piece.value_before(first_unused) for piece in pieces), NOTHING)
    exact = used + (Fraction(billed) - used) * keep
    kept = round_money(_decimal(exact), exponent)
    derivation = {
        "kind": "credit",
        "currency": currency,
        "currency_exponent": exponent,
        "first_unused": first_unused.isoformat(),
        "keep": str(keep),
        "pieces": [
            {
                "amount": str(piece.amount),
                "start": piece.period.start.isoformat(),
                "end": piece.period.end.isoformat(),
            }
            for piece in pieces
        ],
        "kept": str(kept),
        "amount": str(billed - kept),
    }
    return Credit(billed - kept, kept, derivation)


def credit_agrees(derivation: Mapping[str, Any]) -> bool:
    """Whether computing the credit again gives what the derivation says.

    >>> given = credit([Billed(Decimal("29.00"), Period(date(2026, 3, 1), date(2026, 4, 1)))],
    ...                date(2026, 3, 20)).derivation
    >>> credit_agrees(given), credit_agrees({**given, "amount": "11.24"})
    (True, False)
    """
    again = credit(
        _pieces(derivation),
        date.fromisoformat(derivation["first_unused"]),
        Fraction(derivation["keep"]),
        derivation["currency"],
        int(derivation["currency_exponent"]),
    )
    return again.derivation == dict(derivation)


def explain_credit(derivation: Mapping[str, Any], lang: str = "en_CA") -> list[str]:
    """Every step from what was billed to what is given back, one sentence each.

    >>> fee = Billed(Decimal("29.00"), Period(date(2026, 3, 1), date(2026, 4, 1)))
    >>> for line in explain_credit(credit([fee], date(2026, 3, 20)).derivation):
    ...     print(line)
    Credit (20 Mar 2026 to 31 Mar 2026)
    Billed (1 Mar 2026 to 31 Mar 2026), 19 of 31 days used: $29.00
    Kept, rounded half up to 2 decimals: $17.77
    Credited: $11.23
    """
    pieces = _pieces(derivation)
    first_unused = date.fromisoformat(derivation["first_unused"])
    places = int(derivation["currency_exponent"])
    keep = Fraction(derivation["keep"])

    def told(amount: Decimal) -> str:
        return money(amount, derivation["currency"], lang, places)

    unused = Period(max(first_unused, pieces[0].period.start), pieces[0].period.end)
    return [
        f"{say(lang, 'credit')} {period_text(unused, lang)}",
        *(_piece_words(piece, first_unused, told(piece.amount), lang) for piece in pieces),
        *([say(lang, "credit_share", share=str(keep))] if keep else []),
        say(lang, "credit_kept", places=places, amount=told(D(derivation["kept"]))),
        say(lang, "credit_given", amount=told(D(derivation["amount"]))),
    ]


def _piece_words(piece: Billed, first_unused: date, amount: str, lang: str) -> str:
    used = max(0, (min(first_unused, piece.period.end) - piece.period.start).days)
    phrase = "credit_before" if piece.amount < 0 else "credit_billed"
    return say(
        lang,
        phrase,
        period=period_text(piece.period, lang),
        used=used,
        days=piece.period.days,
        amount=amount,
    )


def _pieces(derivation: Mapping[str, Any]) -> list[Billed]:
    return [
        Billed(
            D(piece["amount"]),
            Period(date.fromisoformat(piece["start"]), date.fromisoformat(piece["end"])),
        )
        for piece in derivation["pieces"]
    ]


def _decimal(value: Fraction) -> Decimal:
    """160 digits: more than enough to tell a half cent from its neighbours, as in `prorate`."""
    return ROUNDING.divide(Decimal(value.numerator), Decimal(value.denominator))
