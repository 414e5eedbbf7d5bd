"""The knowledge base where the caller works."""

from django.db.models import Q

from field.api.output import SyncKnowledge
from field.person import Person
from field.sections.found import Found, given_out
from grids.models import Area
from reports.api.knowledge import readable

MOST = 200


def knowledge(person: Person) -> Found:
    """The entries of the caller's areas, of those above and of the whole city, last changed first, 200 at most.

    One query to tell a change, two for the rows.
    """
    here = Q(area__isnull=True) | Q(area__level=Area.Level.CITY) | Q(area__path__in=list(person.places))
    entries = readable().filter(here).order_by("-updated_at", "-pk")[:MOST]
    seen = list(entries.values_list("pk", "version", "updated_at"))
    return Found(seen, lambda: given_out(SyncKnowledge, entries))
