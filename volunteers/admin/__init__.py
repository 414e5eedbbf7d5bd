"""The administration of volunteers: desks decide and keep teams, everything else is to look at."""

from volunteers.admin import audit, credits, people, records, teams  # noqa: F401  # registers them
