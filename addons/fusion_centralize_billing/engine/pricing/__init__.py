"""Charge models: one formula, one file. The registry is all that knows them by name."""

from .dynamic import Dynamic
from .graduated import Graduated, Tier
from .graduated_percentage import GraduatedPercentage, RateTier
from .package import Package
from .percentage import Percentage
from .priced import Priced, Pricer, Step
from .quota import Quota
from .standard import Standard
from .volume import Volume

PRICERS: dict[str, type[Pricer]] = {
    Dynamic.model: Dynamic,
    Graduated.model: Graduated,
    GraduatedPercentage.model: GraduatedPercentage,
    Package.model: Package,
    Percentage.model: Percentage,
    Quota.model: Quota,
    Standard.model: Standard,
    Volume.model: Volume,
}
# Lago: only these can be weighted by time.
PRORATABLE_MODELS = frozenset({Graduated.model, Standard.model, Volume.model})

__all__ = [
    "PRICERS",
    "PRORATABLE_MODELS",
    "Dynamic",
    "Graduated",
    "GraduatedPercentage",
    "Package",
    "Percentage",
    "Priced",
    "Pricer",
    "Quota",
    "RateTier",
    "Standard",
    "Step",
    "Tier",
    "Volume",
]
