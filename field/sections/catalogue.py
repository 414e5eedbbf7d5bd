"""The catalogue for choosing an item without a signal, and the items the caller reports most."""

from datetime import timedelta

from django.db.models import Count, Max, Sum

from field.api.output import SyncItem
from field.person import Person
from field.sections.found import Found, given_out
from reports.access import visible_reports
from reports.calendar import local_date
from reports.models import CatalogueItem
from reports.models.catalogue import ItemVersion

FREQUENT = 20
FREQUENT_DAYS = 90


def items(person: Person) -> Found:
    """The items in force today; two queries over a few columns, and one more when anything of them changed.

    A version is never changed but on the day it begins, which its time tells. The name of a department does not count:
    it follows with the next change, a day later at most.
    """
    day = local_date(person.moment)
    versions = ItemVersion.objects.current(day).order_by()
    state = versions.aggregate(count=Count("pk"), sum=Sum("pk"), newest=Max("created_at"))
    classes = CatalogueItem.objects.order_by("kind", "class_code", "class_name").values_list(
        "kind", "class_code", "class_name"
    )
    named = list(classes.annotate(Count("pk")))

    rows = versions.select_related("item", "lead_department").order_by("item__code")
    return Found([day, state, named], lambda: given_out(SyncItem, rows))


def frequent(person: Person) -> Found:
    """The codes of what the caller reported in the last 90 days, the most frequent first; one query."""
    since = person.moment - timedelta(days=FREQUENT_DAYS)
    own = visible_reports(person.user).filter(reporter=person.user, received_at__gte=since)
    counted = own.values("item__code").annotate(count=Count("pk")).order_by("-count", "item__code")
    codes = list(counted.values_list("item__code", flat=True)[:FREQUENT])
    return Found(codes, lambda: codes)
