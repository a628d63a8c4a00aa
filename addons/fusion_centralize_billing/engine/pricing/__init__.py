"""Charge models: one formula, one file. The registry is all that knows them by name."""

from .graduated import Graduated, Tier
from .priced import Priced, Pricer, Step
from .quota import Quota
from .standard import Standard

PRICERS: dict[str, type[Pricer]] = {
    Graduated.model: Graduated,
    Quota.model: Quota,
    Standard.model: Standard,
}

__all__ = ["PRICERS", "Graduated", "Priced", "Pricer", "Quota", "Standard", "Step", "Tier"]
