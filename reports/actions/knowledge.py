"""Every write to the knowledge base 知识库; a change is a new version of the entry."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Can
from core.moment import now
from core.problems import Problem, catalogue
from grids.models import Area
from grids.scope import scope_of
from reports.models import CatalogueItem, KnowledgeEntry

catalogue({"knowledge_items_or_class": (400, _("An entry names items or a class of items, not both."))})

# Any of these at or above an area lets one write what holds there; for the whole city, held at the city.
WRITING = (Can.DISPATCH_REPORT, Can.MANAGE_AREA, Can.MANAGE_CATALOGUE)


@dataclass(frozen=True)
class Content:
    """What an entry says, of what and where; `class_of` is an item's kind and class code."""

    title: str
    text: str
    items: Sequence[CatalogueItem] = ()
    class_of: tuple[str, str] = ("", "")
    area: Area | None = None
    active: bool = True


def may_write(user: User, area: Area | None) -> bool:
    """Whether the person may write entries for this area (None: the whole city)."""
    scope = scope_of(user)
    if area is not None:
        return any(scope.may(can, area) for can in WRITING)
    held = [node for can in WRITING for node in scope.areas.get(can, [])]
    return scope.everything or any(node.level == Area.Level.CITY for node in held)


def create_entry(user: User, content: Content) -> KnowledgeEntry:
    """Write an entry. Raises `forbidden`, `knowledge_items_or_class`."""
    _check(user, content)
    with transaction.atomic():
        entry = KnowledgeEntry(author=user, updated_at=now())
        _fill(entry, content)
        entry.save(force_insert=True)
        entry.items.set(content.items)
    return entry


def change_entry(user: User, entry_id: int, content: Content) -> KnowledgeEntry:
    """Let an entry say something else, as a version of its own. Raises `not_found` and what `create_entry` raises."""
    with transaction.atomic():
        rows = KnowledgeEntry.objects.select_for_update(of=("self",)).select_related("area")
        entry = rows.filter(pk=entry_id).first()
        if entry is None:
            raise Problem("not_found")
        if not may_write(user, entry.area):
            raise Problem("forbidden")
        _check(user, content)
        _fill(entry, content)
        entry.version += 1
        entry.author, entry.updated_at = user, now()
        entry.save()
        entry.items.set(content.items)
    return entry


def _check(user: User, content: Content) -> None:
    if not may_write(user, content.area):
        raise Problem("forbidden", "area")
    if content.items and any(content.class_of):
        raise Problem("knowledge_items_or_class", "items")


def _fill(entry: KnowledgeEntry, content: Content) -> None:
    entry.title, entry.text, entry.area, entry.active = content.title, content.text, content.area, content.active
    entry.item_kind, entry.class_code = content.class_of
    entry.general = not content.items and not any(content.class_of)
