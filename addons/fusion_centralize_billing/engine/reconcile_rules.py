"""Why a line differs: one rule a class, tried in order, the first that the figures prove."""

from collections.abc import Sequence
from decimal import Decimal

from .money import ZERO, plain, round_money
from .period import Period
from .reconcile import (
    CENT,
    BilledInvoice,
    BilledLine,
    Finding,
    Pair,
    paired,
    shifted,
    total_of,
)

Told = tuple[str, dict[str, str]]


def reconcile(
    pair: Pair, near: Sequence[Pair] = (), *, tax_tolerance: Decimal = CENT, exponent: int = 2
) -> list[Finding]:
    """Every line of both sides with its class; equal sides give only ``match``.

    :param near: the neighbouring periods of the same subscription, for ``timing``
    :param tax_tolerance: a tax line may differ by this much, as each side rounds its own lines
    """
    if pair.app is None or pair.our is None:
        return [_one_sided(pair, near)]
    if pair.app.currency != pair.our.currency:
        evidence = {"app": pair.app.currency, "our": pair.our.currency}
        return [Finding("invoice", "", "currency", *total_of(pair), evidence)]
    findings = []
    for key, (app, our) in paired(pair).items():
        if key[0] == "tax":
            told = _tax(pair, app, our, findings, tax_tolerance)
        else:
            told = _why(key, app, our, pair.our.period, near, exponent)
        findings.append(Finding(*key, told[0], app, our, told[1]))
    return findings


def _one_sided(pair: Pair, near: Sequence[Pair]) -> Finding:
    sides = total_of(pair)
    told = pair.app or pair.our
    if told is None or not told.untaxed:
        return Finding("invoice", "", "match", *sides)
    if evidence := shifted(sides, ("invoice", ""), near):
        return Finding("invoice", "", "timing", *sides, evidence)
    missing = "missing_here" if pair.our is None else "missing_there"
    return Finding("invoice", "", missing, *sides, {"amount": plain(told.untaxed)})


def _why(
    key: tuple[str, str],
    app: BilledLine | None,
    our: BilledLine | None,
    period: Period,
    near: Sequence[Pair],
    exponent: int,
) -> Told:
    amounts = [side.amount if side else ZERO for side in (app, our)]
    measured = _measured(app, our)
    if amounts[0] == amounts[1] and not measured:
        return "match", {}
    if evidence := shifted((app, our), key, near):
        return "timing", evidence
    if key[0] == "discount":
        return "coupon", {"app": plain(amounts[0]), "our": plain(amounts[1])}
    if app is None or our is None:
        return ("missing_here" if our is None else "missing_there"), {"amount": plain(sum(amounts))}
    if key[0] == "base":
        return _base(app, our, period, exponent)
    if measured:
        return _usage(app, our, measured, exponent)
    return _price(app, our, exponent)


def _measured(app: BilledLine | None, our: BilledLine | None) -> dict[str, str]:
    """Both quantities, where both are known and differ. Tolerance: none."""
    if not app or not our or app.quantity is None or our.quantity is None:
        return {}
    if app.quantity == our.quantity:
        return {}
    return {"app": plain(app.quantity), "our": plain(our.quantity)}


def _usage(app: BilledLine, our: BilledLine, evidence: dict[str, str], exponent: int) -> Told:
    """Other units: at our terms the app's units must come to what the app billed."""
    if app.quantity == max(our.quantity - our.included, ZERO) and app.amount == our.amount:
        return "match", {}  # the app tells the units beyond the quota
    if our.unit_amount is not None:
        units = max(app.quantity - our.included, ZERO)
        expected = round_money(units * our.unit_amount, exponent)
        if abs(expected - app.amount) > CENT:
            return "unexplained", {**evidence, "expected": plain(expected)}
    return "usage", evidence


def _price(app: BilledLine, our: BilledLine, exponent: int) -> Told:
    """The same units at another amount: quota, rate or rounding."""
    units = our.quantity
    prices = {"app": _text(app.unit_amount), "our": _text(our.unit_amount)}
    repriced = None not in (app.unit_amount, our.unit_amount) and prices["app"] != prices["our"]
    if units is not None and our.unit_amount is not None and not repriced:
        for included in _other_quotas(our.included):
            billed = round_money(max(units - included, ZERO) * our.unit_amount, exponent)
            if our.included and billed == app.amount:
                return "quota", {"quota": plain(our.included), "app_quota": plain(included)}
    if repriced:
        ours = max((units or ZERO) - our.included, ZERO)
        if abs(round_money(ours * app.unit_amount, exponent) - app.amount) <= CENT:
            return "rate", prices
        return "unexplained", prices
    if abs(app.amount - our.amount) <= CENT:
        return "rounding", {"difference": plain(our.amount - app.amount)}
    return _implied_rate(app, our, exponent)


def _other_quotas(included: Decimal) -> tuple[Decimal, Decimal]:
    """The quota forgotten, or taken off twice."""
    return ZERO, 2 * included


def _implied_rate(app: BilledLine, our: BilledLine, exponent: int) -> Told:
    """Where the app tells no price: one of at most six decimals that gives its amount."""
    units = None if our.quantity is None else max(our.quantity - our.included, ZERO)
    if not units or not app.amount or app.unit_amount is not None:
        return "unexplained", {}
    price = round_money(app.amount / units, 6)
    if round_money(units * price, exponent) != app.amount:
        return "unexplained", {}
    return "rate", {"app": plain(price.normalize()), "our": _text(our.unit_amount)}


def _base(app: BilledLine, our: BilledLine, period: Period, exponent: int) -> Told:
    if None not in (app.unit_amount, our.unit_amount) and app.unit_amount != our.unit_amount:
        return "rate", {"app": _text(app.unit_amount), "our": _text(our.unit_amount)}
    evidence = _days(app, our, period, exponent)
    if evidence and abs(app.amount - our.amount) > CENT:
        return "proration", evidence
    if measured := _measured(app, our):
        return "usage", measured
    if abs(app.amount - our.amount) <= CENT:
        return "rounding", {"difference": plain(our.amount - app.amount)}
    return "rate", {"app": plain(app.amount), "our": plain(our.amount)}


def _days(app: BilledLine, our: BilledLine, period: Period, exponent: int) -> dict[str, str]:
    """Both sides as days of the whole fee: whole days of the period, or of a month of 30."""
    fee = our.unit_amount or app.unit_amount or max(app.amount, our.amount)
    for whole in dict.fromkeys((period.days, 30)):
        shares = {round_money(fee * days / whole, exponent): days for days in range(whole + 1)}
        if app.amount in shares and our.amount in shares:
            told = {"app": shares[app.amount], "our": shares[our.amount], "days": whole}
            return {name: str(days) for name, days in told.items()} | {"fee": plain(fee)}
    return {}


def _tax(
    pair: Pair,
    app: BilledLine | None,
    our: BilledLine | None,
    findings: list[Finding],
    tolerance: Decimal,
) -> Told:
    """A tax of its own making, or one that follows from the lines it is computed on."""
    amounts = [side.amount if side else ZERO for side in (app, our)]
    if abs(amounts[0] - amounts[1]) <= tolerance:
        return "match", {}
    evidence = {"app": plain(amounts[0]), "our": plain(amounts[1])}
    causes = [each for each in findings if each.kind != "tax" and each.difference]
    if not causes or not _follows(pair.app, pair.our, amounts, tolerance):
        return "tax", evidence
    cause = max(causes, key=lambda each: abs(each.difference))
    return cause.difference_class, {**evidence, "follows": f"{cause.kind} {cause.code}".strip()}


def _follows(
    app: BilledInvoice, our: BilledInvoice, amounts: list[Decimal], tolerance: Decimal
) -> bool:
    """Whether both taxes are the same share of what they are computed on."""
    if not app.untaxed or not our.untaxed:
        return bool(amounts[0]) == bool(app.untaxed)
    expected = amounts[1] * app.untaxed / our.untaxed
    return abs(expected - amounts[0]) <= tolerance + CENT


def _text(amount: Decimal | None) -> str:
    return "" if amount is None else plain(amount.normalize())
