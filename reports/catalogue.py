"""Reading the catalogue: the version in force, and the words in which its sources and kinds are written."""

from datetime import date

from django.db.models import QuerySet

from core.problems import Problem
from reports.calendar import today
from reports.models.catalogue import CatalogueItem, ItemVersion
from reports.models.vocabulary import StandardSource, Urgency

# The catalogue is Chinese text in the database and in Excel, whatever language its reader has chosen;
# so its words are data, not translations.
SOURCE_WORDS: dict[str, str] = {
    StandardSource.HOTLINE: "12345",
    StandardSource.GRID: "网格",
    StandardSource.DIGITAL_CITY: "数字城管",
    StandardSource.DEPARTMENT: "部门",
}
KIND_WORDS: dict[str, str] = {
    CatalogueItem.Kind.COMPONENT: "部件",
    CatalogueItem.Kind.EVENT: "事件",
    CatalogueItem.Kind.REQUEST: "诉求",
}
# The first part of an item's code.
KIND_CODES: dict[str, str] = {
    CatalogueItem.Kind.COMPONENT: "01",
    CatalogueItem.Kind.EVENT: "02",
    CatalogueItem.Kind.REQUEST: "03",
}
URGENCY_WORDS: dict[str, str] = {Urgency.NORMAL: "一般", Urgency.URGENT: "紧急", Urgency.EMERGENCY: "突发"}


def item_code(kind: str, class_code: str, number: str) -> str:
    """`02-01-003` from the kind, the class 大类 "01" and the number 小类 "003"."""
    return f"{KIND_CODES[kind]}-{class_code}-{number}"


def current_version(code: str, on: date | None = None) -> ItemVersion:
    """The version of the item in force on `on` (Asia/Shanghai; default today), in one query.

    Raises `not_found` for an unknown code, a retired item and one that is not in force yet.
    """
    version = (
        ItemVersion.objects.current(on or today())
        .select_related("item", "lead_department")
        .filter(item__code=code)
        .first()
    )
    if version is None:
        raise Problem("not_found", "item")
    return version


def versions_for_export(on: date) -> QuerySet[ItemVersion]:
    """The versions in force on `on` by code, with all that a file says of them; two queries."""
    return (
        ItemVersion.objects.current(on)
        .select_related("item", "lead_department")
        .prefetch_related("standards")
        .order_by("item__code")
    )
