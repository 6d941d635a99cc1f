"""Field by field comparison of records; amounts are equal when they are the same cents."""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import JsonValue

from assistant.catalog.tau2retail.source import minor_units
from assistant.evaluation.replay.tasks import Record


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that is not as expected; `record` is its kind and id, or the refused call."""

    task: str
    record: str
    field: str
    expected: JsonValue
    got: JsonValue


def differences(
    task: str, record: str, expected: Record, got: Record | None
) -> Iterator[Difference]:
    """Yield the fields that differ; an absent field is null."""
    if got is None:
        yield Difference(task, record, "", expected, None)
        return
    for field in dict.fromkeys((*expected, *got)):
        wanted, found = expected.get(field), got.get(field)
        if not equal(wanted, found):
            yield Difference(task, record, field, wanted, found)


def equal(one: JsonValue, other: JsonValue) -> bool:
    """Tell whether two values are the same, numbers as amounts in cents."""
    match one, other:
        case dict(), dict():
            return one.keys() == other.keys() and all(equal(one[k], other[k]) for k in one)
        case list(), list():
            pairs = zip(one, other, strict=False)
            return len(one) == len(other) and all(equal(a, b) for a, b in pairs)
        case (bool(), _) | (_, bool()):
            return one is other
        case ((int() | float()), (int() | float())):
            return _same_cents(one, other)
    return one == other


def _same_cents(one: float, other: float) -> bool:
    try:
        return minor_units(one) == minor_units(other)
    except ValueError:
        return False
