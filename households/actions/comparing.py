"""What an edit changes, and what of it may stand in a history."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from django.db import models


def changes(row: models.Model, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that would become another value."""
    return {name: value for name, value in wanted.items() if getattr(row, name) != value}


def told(row: models.Model, changed: Mapping[str, Any], plain: Collection[str]) -> dict[str, Any]:
    """For the event: which fields changed, and from what to what for those in `plain`, which are not personal."""
    values = {name: [_json(getattr(row, name)), _json(changed[name])] for name in changed if name in plain}
    return {"fields": sorted(changed), "changes": values} if values else {"fields": sorted(changed)}


def _json(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
