"""The administration of matters: reports and orders to look at, the catalogue and the rules to change."""

from reports.admin import calendar, catalogue, orders, reports, routing, rules  # noqa: F401  # registers them
