"""How a section answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from rest_framework.serializers import Serializer


@dataclass(frozen=True)
class Found:
    """What tells whether a section changed, from cheap queries, and how to get its rows if it did."""

    seen: Any
    rows: Callable[[], list[Any]]


@dataclass(frozen=True)
class Change:
    """What the phone is to do: with `replace` forget what it has, then put the rows and forget what is gone."""

    rows: list[Any]
    replace: bool = True
    gone: Sequence[Any] = field(default_factory=tuple)

    def as_dict(self) -> dict[str, Any]:
        return {"replace": self.replace, "rows": self.rows, "gone": list(self.gone)}


def given_out(serializer: type[Serializer[Any]], rows: Any, **context: Any) -> list[Any]:
    """The rows as the API gives them."""
    return list(serializer(rows, many=True, context=context).data)
