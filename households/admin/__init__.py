"""The administration of households: masked, limited to the own area, changed by the same actions as through the API."""

from households.admin import buildings, colours, households, imports, rules  # noqa: F401  # registers them
