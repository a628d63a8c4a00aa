"""Decimal arithmetic that is exact, or refuses.

Invariant: between the gate (`D`) and the one rounding (`round_money`) no digit is ever lost.
The gate lets through at most 30 digits before and 30 after the point (the database stores
NUMERIC(30, 12)). A quantity times a price then has at most 120 digits, and a sum over a billion
of them 129, so 160 digits of precision hold every result. Python's default of 28 does not: one
product of two database values may need 60. `EXACT` also traps `Inexact`: should the reasoning
above ever be wrong, the computation stops instead of billing a rounded figure.
"""

from collections.abc import Callable, Sequence
from decimal import (
    ROUND_HALF_UP,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
    localcontext,
)
from functools import wraps
from typing import ParamSpec, TypeVar

from .errors import Invalid

P = ParamSpec("P")
T = TypeVar("T")

ZERO = Decimal(0)
GATE_DIGITS = 30
PRECISION = 160
_TRAPS = [InvalidOperation, DivisionByZero, Overflow]
EXACT = Context(prec=PRECISION, rounding=ROUND_HALF_UP, traps=[*_TRAPS, Inexact])
ROUNDING = Context(prec=PRECISION, rounding=ROUND_HALF_UP, traps=_TRAPS)


def exactly(function: Callable[P, T]) -> Callable[P, T]:
    """Run `function` in `EXACT`, whatever context the calling thread has."""

    @wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        with localcontext(EXACT):
            return function(*args, **kwargs)

    return wrapper


def D(value: str | int | Decimal, field: str = "value") -> Decimal:  # noqa: N802 - beancount's name
    """The only constructor of numbers in the engine.

    :param field: named in the error.
    :raise TypeError: for a float (a caller's bug: floats are converted at the database gate).
    :raise Invalid: for text that is no number, NaN, infinity, more than 30 digits on either side.

    >>> D("0.10") + D(2)
    Decimal('2.10')
    >>> D(0.1)
    Traceback (most recent call last):
    ...
    TypeError: D() takes str, int or Decimal, not float: 0.1
    >>> D("1e999999")
    Traceback (most recent call last):
    ...
    engine.errors.Invalid: value: value_is_out_of_range
    """
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise TypeError(f"D() takes str, int or Decimal, not {type(value).__name__}: {value!r}")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise Invalid.field(field, "value_is_invalid") from None
    if not number.is_finite():
        raise Invalid.field(field, "value_is_invalid")
    exponent = number.as_tuple().exponent
    if number.adjusted() >= GATE_DIGITS or (isinstance(exponent, int) and exponent < -GATE_DIGITS):
        raise Invalid.field(field, "value_is_out_of_range")
    return number


def quantize(amount: Decimal, places: int, rounding: str = ROUND_HALF_UP) -> Decimal:
    """Round to `places` decimals (negative: tens, hundreds), never to a negative zero.

    >>> quantize(D("1250"), -2)
    Decimal('1.3E+3')
    """
    rounded = amount.quantize(Decimal(1).scaleb(-places), rounding, ROUNDING)
    return rounded if rounded else rounded.copy_abs()


def round_money(amount: Decimal, exponent: int = 2) -> Decimal:
    """Round half away from zero, so that a credit mirrors its charge.

    >>> round_money(D("2.675")), round_money(D("-2.675")), round_money(D("-0.004"))
    (Decimal('2.68'), Decimal('-2.68'), Decimal('0.00'))
    >>> round_money(D("0.5"), exponent=0)  # yen
    Decimal('1')
    """
    return quantize(amount, exponent)


@exactly
def to_cents(amount: Decimal, exponent: int = 2) -> int:
    """Minor units, Lago's ``*_cents``. Rounds like `round_money`.

    >>> to_cents(D("12.5")), to_cents(D("540"), exponent=0)
    (1250, 540)
    """
    return int(round_money(amount, exponent).scaleb(exponent))


@exactly
def from_cents(cents: int, exponent: int = 2) -> Decimal:
    """The inverse of `to_cents`.

    >>> from_cents(1250)
    Decimal('12.50')
    """
    return Decimal(cents).scaleb(-exponent)


@exactly
def allocate(total: Decimal, weights: Sequence[Decimal], exponent: int = 2) -> list[Decimal]:
    """Split `total` by `weights` without losing a cent: largest remainder, ties to the first.

    >>> allocate(D("100.00"), [D(1), D(1), D(1)])
    [Decimal('33.34'), Decimal('33.33'), Decimal('33.33')]
    >>> allocate(D("-0.05"), [D(1), D(1)])
    [Decimal('-0.03'), Decimal('-0.02')]
    """
    if not weights or any(weight < 0 for weight in weights) or not any(weights):
        raise Invalid.field("weights", "value_is_invalid")
    units = to_cents(total.copy_abs(), exponent)
    if from_cents(units, exponent) != total.copy_abs():
        raise Invalid.field("total", "invalid_amount")
    whole = sum(weights, ZERO)
    # Integers from here: share * units / whole by divmod keeps the remainder exact.
    shares = [divmod(weight * units, whole) for weight in weights]
    missing = units - int(sum((floor for floor, _ in shares), ZERO))
    order = sorted(range(len(shares)), key=lambda index: (-shares[index][1], index))
    lucky = set(order[:missing])
    sign = -1 if total < 0 else 1
    cents = [sign * (int(floor) + (i in lucky)) for i, (floor, _) in enumerate(shares)]
    return [from_cents(value, exponent) for value in cents]


def plain(number: Decimal) -> str:
    """Canonical text: no exponent, no trailing zeros. Equal numbers give equal text.

    >>> plain(D("1.2500")), plain(D("1E+3")), plain(D("-0.0"))
    ('1.25', '1000', '0')
    """
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
