"""A plan of an import becomes rows, in the transaction of the caller."""

from households.actions.import_planning import Plan
from households.models import CareMark, Household, HouseholdEvent, Resident
from households.models.vocabulary import Relation

AT_ONCE = 500
OF_A_HOUSEHOLD = ("occupancy", "kind", "version", "changed_at")


def save_plan(plan: Plan) -> None:
    """Write all of it. Raises `IntegrityError` if somebody else was at one of the doors meanwhile.

    Buildings are few and saved one by one, so that the audit trail hears of them; what is changed is saved one by one
    too, for it is rare that much is.
    """
    for building in plan.buildings:
        building.save(force_insert=True)
    Household.objects.bulk_create(plan.households, batch_size=AT_ONCE)
    for household in plan.changed_households.values():
        household.save(update_fields=OF_A_HOUSEHOLD)
    # Whoever ceases to be the head makes room for the next one.
    for resident, names in sorted(plan.changed_residents, key=lambda one: one[0].relation == Relation.HEAD):
        resident.save(update_fields=names)
    Resident.objects.bulk_create(plan.residents, batch_size=AT_ONCE)
    for household_id, resident_id, codes in plan.unmarked:
        CareMark.objects.filter(household=household_id, resident=resident_id, tag__code__in=codes).delete()
    CareMark.objects.bulk_create(plan.marks, batch_size=AT_ONCE)
    HouseholdEvent.objects.bulk_create(plan.events, batch_size=AT_ONCE)
