"""Every write to saved filters 常用筛选. They are their owner's; whoever they are shared with only uses them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Department, User
from core.moment import now
from core.problems import Problem, catalogue
from grids.models import Area
from grids.scope import scope_of
from reports.models import SavedFilter

MAX_PER_PERSON = 100

catalogue(
    {
        "filter_differs": (409, _("A filter with this id exists and says something else.")),
        "filter_deleted": (409, _("This filter was deleted.")),
        "too_many_filters": (409, _("A person keeps %(most)s filters at most.")),
        "filter_not_shared_here": (400, _("A filter is shared with a desk or unit of one's own, and with one only.")),
    }
)


@dataclass(frozen=True)
class Wanted:
    """A filter as it is to stand; `query` has passed the filters of the list `of`."""

    of: str
    name: str
    query: dict[str, list[str]]
    shared_with: Area | Department | None = None

    def columns(self) -> dict[str, Any]:
        node = self.shared_with
        return {
            "of": self.of,
            "name": self.name,
            "query": self.query,
            "shared_area_id": node.pk if isinstance(node, Area) else None,
            "shared_department_id": node.pk if isinstance(node, Department) else None,
        }


def usable_filters(user: User) -> QuerySet[SavedFilter]:
    """The person's own, and those shared with a desk where they hold a role or with a unit of theirs or above it."""
    areas = [node.id for _role, of, node in scope_of(user).roles if of == "area"]
    ground = Q(owner=user) | Q(shared_area_id__in=areas)
    for _role, of, node in scope_of(user).roles:
        if of == "department":
            steps = range(Department.steplen, len(node.path) + 1, Department.steplen)
            ground |= Q(shared_department__path__in=[node.path[:end] for end in steps])
    rows = SavedFilter.objects.filter(ground, deleted_at__isnull=True)
    return rows.select_related("owner", "shared_area", "shared_department").defer("shared_area__geometry")


def may_share(user: User, node: Area | Department) -> bool:
    """Whether it is a desk or unit of the person's own."""
    here = "area" if isinstance(node, Area) else "department"
    return any(of == here and held.id == node.pk for _role, of, held in scope_of(user).roles)


def put_filter(user: User, filter_id: UUID, wanted: Wanted, *, version: int | None = None) -> tuple[SavedFilter, bool]:
    """Keep a filter under an id of the caller's own, or change it; returns it and whether it is new.

    The same again changes nothing; a change names the version it saw. Raises `not_found` for what is not the caller's
    to know of, `forbidden` for what is shared with them, `filter_differs`, `filter_deleted`, `stale_version`,
    `filter_not_shared_here`, `too_many_filters`.
    """
    if wanted.shared_with is not None and not may_share(user, wanted.shared_with):
        raise Problem("filter_not_shared_here", "shared_with")
    with transaction.atomic():
        row = _locked(filter_id)
        if row is not None:
            return _changed(user, row, wanted, version), False
        # The person's row is the lock for how many they keep.
        User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)
        if SavedFilter.objects.filter(owner=user, deleted_at__isnull=True).count() >= MAX_PER_PERSON:
            raise Problem("too_many_filters", params={"most": MAX_PER_PERSON})
        moment = now()
        made = SavedFilter(pk=filter_id, owner=user, created_at=moment, updated_at=moment, **wanted.columns())
        try:
            with transaction.atomic():
                made.save(force_insert=True)
        except IntegrityError:
            # Sent twice at once: the other one was first.
            row = _locked(filter_id)
            if row is None:
                raise
            return _changed(user, row, wanted, version), False
    return made, True


def delete_filter(user: User, filter_id: UUID, *, version: int | None = None) -> None:
    """Delete one of the caller's own; a repeat changes nothing. Raises `not_found`, `forbidden`, `stale_version`."""
    with transaction.atomic():
        row = _locked(filter_id)
        if row is None:
            raise Problem("not_found")
        _check_owner(user, row)
        if row.deleted_at is not None:
            return
        _check_version(row, version)
        row.name, row.query, row.shared_area, row.shared_department = "", {}, None, None
        row.deleted_at = now()
        row.version += 1
        row.save()


def _locked(filter_id: UUID) -> SavedFilter | None:
    return SavedFilter.objects.select_for_update().filter(pk=filter_id).first()


def _changed(user: User, row: SavedFilter, wanted: Wanted, version: int | None) -> SavedFilter:
    _check_owner(user, row)
    if row.deleted_at is not None:
        raise Problem("filter_deleted")
    columns = wanted.columns()
    if all(getattr(row, name) == value for name, value in columns.items()):
        return row
    if version is None:
        raise Problem("filter_differs")
    _check_version(row, version)
    for name, value in columns.items():
        setattr(row, name, value)
    row.updated_at = now()
    row.version += 1
    row.save()
    return row


def _check_owner(user: User, row: SavedFilter) -> None:
    if row.owner_id != user.pk:
        raise Problem("forbidden" if usable_filters(user).filter(pk=row.pk).exists() else "not_found")


def _check_version(row: SavedFilter, version: int | None) -> None:
    if version is not None and version != row.version:
        raise Problem("stale_version", "version", current=row.version)
