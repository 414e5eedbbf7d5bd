"""The administration of matters: reports and orders to look at, the catalogue and the rules to change."""

from reports.admin import (  # noqa: F401  # registers them
    announcements,
    calendar,
    catalogue,
    knowledge,
    messages,
    orders,
    reports,
    requests,
    routing,
    rules,
    saved_filters,
    supervision,
)
