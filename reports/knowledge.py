"""Reading the knowledge base: which entries help with an item at a place, and their text as safe HTML."""

from functools import cache
from typing import Any

from django.db.models import Exists, F, Func, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

from grids.models import Area
from grids.scope import prefixes
from reports.models import CatalogueItem, KnowledgeEntry

LEVELS = ("city", "district", "street", "community", "grid")


def rendered(text: str) -> SafeString:
    """Markdown as HTML. HTML in it is shown as text, links lead to http, https or mail, pictures are not shown."""
    return mark_safe(_markdown().render(text))  # noqa: S308  # the renderer escapes everything it does not make itself


@cache
def _markdown() -> MarkdownIt:
    # Its safe preset: no raw HTML. A picture from elsewhere would tell its server who reads.
    return MarkdownIt("js-default").disable("image")


def for_item(item: CatalogueItem, area: Area | None = None) -> QuerySet[KnowledgeEntry]:
    """The active entries for an item: those that name it or its class, and those for every item.

    With an area only what holds there: entries of that area, of those above it, and of the whole city.
    """
    rows = KnowledgeEntry.objects.filter(_about(item.pk, item.kind, item.class_code), active=True)
    if area is not None:
        rows = rows.filter(Q(area__isnull=True) | Q(area__path__in=prefixes(area.path)))
    return rows


def count_for_report() -> Subquery:
    """How many entries help with a report, as a column of a query over reports."""
    here = Q(area__isnull=True)
    for level in LEVELS:
        here |= Q(area_id=OuterRef(f"{level}_id"))
    about = _about(OuterRef("item_id"), OuterRef("item__kind"), OuterRef("item__class_code"))
    rows = KnowledgeEntry.objects.filter(about, here, active=True).order_by()
    counted = rows.annotate(found=Func(F("pk"), function="COUNT")).values("found")
    return Subquery(counted, output_field=IntegerField())


def _about(item: Any, kind: Any, class_code: Any) -> Q:
    named = KnowledgeEntry.items.through.objects.filter(knowledgeentry_id=OuterRef("pk"))
    # One level deeper: inside the sub-query the report's column is the outer one's outer.
    key = OuterRef(item) if isinstance(item, OuterRef) else item
    return Q(general=True) | Q(item_kind=kind, class_code=class_code) | Q(Exists(named.filter(catalogueitem_id=key)))
