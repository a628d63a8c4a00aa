"""Filters and groups: the bucket of a charge that usage belongs to, and the key of its line.

Named rules, Lago's unless said otherwise:

* **the most keys win**: usage belongs to the matching filter that names the most properties;
* **naming beats everything** (ours): of two with as many, the one with fewer
  ``__ALL_FILTER_VALUES__``;
* **any value is all values** (ours): ``__ALL_FILTER_VALUES__`` takes every value that is there,
  not only those the metric lists;
* **the first of equals**: of what is still equal, and of identical filters, the first;
* **the rest is the default**: what no filter matches is priced by the charge's own properties.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .errors import Invalid
from .pricing import Pricer
from .rollup import split_text, split_values

ALL_VALUES = "__ALL_FILTER_VALUES__"


def filter_text(values: Mapping[str, Iterable[str]]) -> str:
    """Values as text, whatever order they came in.

    >>> filter_text({"region": ["uk", "eu"]})
    '{"region":["eu","uk"]}'
    """
    return split_text({name: sorted(listed) for name, listed in values.items()})


@dataclass(frozen=True, slots=True)
class ChargeFilter:
    """Usage whose properties have these `values`, at its own price.

    `key` is the stable identity within the charge ('' = made from the values), `name` what a
    person reads.

    >>> from .pricing import Standard
    >>> from decimal import Decimal
    >>> eu = ChargeFilter({"region": ("eu", "uk")}, Standard(Decimal(2)))
    >>> eu.identity, eu.matches({"region": "uk"}), eu.matches({})
    ('{"region":["eu","uk"]}', True, False)
    """

    values: Mapping[str, tuple[str, ...]] = field(hash=False)
    pricer: Pricer
    key: str = ""
    name: str = ""

    def __post_init__(self) -> None:
        if not self.values or not all(self.values.values()):
            raise Invalid.field("values", "value_is_mandatory")

    @property
    def identity(self) -> str:
        """`key`, or the values as text."""
        if self.key:
            return self.key
        return filter_text(self.values)

    @property
    def label(self) -> str:
        """What a person reads: the name, else the values."""
        # Sorted: a database gives the members of a JSON object back in an order of its own.
        listed = (value for _, values in sorted(self.values.items()) for value in values)
        return self.name or ", ".join(value for value in listed if value != ALL_VALUES)

    @property
    def rank(self) -> tuple[int, int]:
        """More keys first, then fewer wildcards."""
        wild = sum(ALL_VALUES in values for values in self.values.values())
        return (-len(self.values), wild)

    def matches(self, properties: Mapping[str, str]) -> bool:
        """Whether all named properties are there with one of the values."""
        return all(
            name in properties and (ALL_VALUES in values or properties[name] in values)
            for name, values in self.values.items()
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "name": self.name,
            "values": {name: list(values) for name, values in self.values.items()},
            "properties": self.pricer.to_json(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any], model: type[Pricer]) -> "ChargeFilter":
        values = {
            name: (listed,) if isinstance(listed, str) else tuple(listed)
            for name, listed in (data.get("values") or {}).items()
        }
        pricer = model.from_json(data.get("properties") or {})
        return cls(values, pricer, data.get("key") or "", data.get("name") or "")


@dataclass(frozen=True, slots=True)
class Bucket:
    """One line of a charge: a filter ('' = the default) and the values of the grouping keys."""

    filter_key: str = ""
    name: str = ""
    group: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def is_default(self) -> bool:
        return not self.filter_key and not self.group

    def key(self, charge_key: str) -> str:
        """Stable identity of the line; the default bucket has the charge's own.

        >>> Bucket().key("gb/over"), Bucket("eu", group={"server": "a"}).key("gb/over")
        ('gb/over', 'gb/over{"filter":"eu","group":{"server":"a"}}')
        """
        if self.is_default:
            return charge_key
        parts: dict[str, Any] = {"filter": self.filter_key} if self.filter_key else {}
        if self.group:
            parts["group"] = dict(self.group)
        return charge_key + split_text(parts)

    def label(self, charge_label: str) -> str:
        """``Bandwidth (EU, server 12)``."""
        group = (value for _, value in sorted(self.group.items()))
        words = [word for word in (self.name, *group) if word]
        return f"{charge_label} ({', '.join(words)})" if words else charge_label

    def to_json(self) -> dict[str, Any]:
        """Empty for the default bucket."""
        if self.is_default:
            return {}
        return {"filter": self.filter_key, "name": self.name, "group": dict(self.group)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> "Bucket":
        stored = data or {}
        return cls(stored.get("filter", ""), stored.get("name", ""), stored.get("group") or {})


def read_filters(data: Iterable[Any], model: type[Pricer]) -> tuple[ChargeFilter, ...]:
    """Filters from plain values; errors are named ``filters.0.values``.

    :raise Invalid: all wrong filters at once.
    """
    filters: list[ChargeFilter] = []
    errors: dict[str, list[str]] = {}
    for index, item in enumerate(data):
        try:
            made = item if isinstance(item, ChargeFilter) else ChargeFilter.from_json(item, model)
            filters.append(made)
        except Invalid as error:
            errors |= {f"filters.{index}.{key}": codes for key, codes in error.details.items()}
    if errors:
        raise Invalid(errors)
    return tuple(filters)


def match(filters: Sequence[ChargeFilter], properties: Mapping[str, str]) -> ChargeFilter | None:
    """The filter that usage with these properties belongs to; None: the default bucket.

    >>> from .pricing import Standard
    >>> from decimal import Decimal
    >>> price = Standard(Decimal(1))
    >>> anywhere = ChargeFilter({"region": (ALL_VALUES,)}, price, "anywhere")
    >>> eu = ChargeFilter({"region": ("eu",)}, price, "eu")
    >>> eu_gpu = ChargeFilter({"region": ("eu",), "kind": ("gpu",)}, price, "eu-gpu")
    >>> [found.key if found else None for found in (
    ...     match([anywhere, eu, eu_gpu], properties) for properties in (
    ...         {"region": "eu", "kind": "gpu"}, {"region": "eu"}, {"region": "ca"}, {}))]
    ['eu-gpu', 'eu', 'anywhere', None]
    """
    # min() keeps the first of equals.
    matching = [candidate for candidate in filters if candidate.matches(properties)]
    return min(matching, key=lambda candidate: candidate.rank, default=None)


def bucket_of(
    filters: Sequence[ChargeFilter], group_keys: Sequence[str], split: str
) -> tuple[ChargeFilter | None, Bucket]:
    """Filter and bucket of a rollup's split. A missing grouping property is left out."""
    properties = split_values(split)
    found = match(filters, properties)
    group = {key: properties[key] for key in group_keys if key in properties}
    return found, bucket_for(found, group)


def bucket_for(found: ChargeFilter | None, group: Mapping[str, str]) -> Bucket:
    """The bucket of a filter (None: the default) and a group."""
    if found is None:
        return Bucket(group=group)
    return Bucket(found.identity, found.label, group)
