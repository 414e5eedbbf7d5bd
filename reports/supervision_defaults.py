"""The rules of supervision that are shipped: rows that a city edits in the administration.

Put into a database that has none of them, after each migration. To silence a rule, switch it off: a table that was
emptied is filled again.
"""

from reports.clocks import MAX_OVERDUE_LEVEL
from reports.models import CardRule, EscalationStep
from reports.models.vocabulary import Audience, CardColour, CardTrigger, Light

# Trigger, colour, number of yellow cards, within days.
CARD_RULES: tuple[tuple[str, str, int, int], ...] = (
    (CardTrigger.REPLY_OVERDUE, CardColour.YELLOW, 1, 90),
    (CardTrigger.YELLOWS, CardColour.RED, 2, 90),
)

# Light, overdue level, who; of any clock, by the path that the report's urgency takes.
ESCALATION: tuple[tuple[str, int, str], ...] = (
    (Light.REMINDED, 0, Audience.HANDLERS),
    (Light.YELLOW, 0, Audience.HANDLERS),
    (Light.RED, 1, Audience.HANDLERS),
    (Light.RED, 1, Audience.UNIT_LEADER),
    (Light.RED, 2, Audience.COMMAND_CENTRE),
    *((Light.RED, level, Audience.CITY_COMMAND) for level in range(3, MAX_OVERDUE_LEVEL + 1)),
)


def ship_supervision_defaults() -> None:
    """Fill the tables that are empty."""
    if not CardRule.objects.exists():
        CardRule.objects.bulk_create(
            CardRule(trigger=trigger, colour=colour, count=count, within_days=days)
            for trigger, colour, count, days in CARD_RULES
        )
    if not EscalationStep.objects.exists():
        EscalationStep.objects.bulk_create(
            EscalationStep(light=light, level=level, who=who) for light, level, who in ESCALATION
        )
