"""The one place where the administration asks who may see and change what: always `grids.scope`."""

from typing import Any

from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest

from accounts.models import User
from core.admin import AuditedAdmin, ReadOnlyAdmin
from grids.scope import scope_of


class ScopedMixin:
    """Permissions of an admin class from the person's scope.

    `seen_with` names the capabilities that open the pages at all, `changed_with` the one that changes rows. Which
    rows, `visible` says for lists, autocompletion, choices and single pages alike; which of them may be changed,
    `may_change`.
    """

    model: type[models.Model]
    seen_with: tuple[str, ...] = ()
    changed_with = ""

    def visible(self, user: User) -> models.QuerySet[Any]:
        """The rows the person may know of."""
        return self.model._default_manager.all()

    def may_change(self, user: User, obj: Any) -> bool:
        """Whether the person may change this visible row."""
        return scope_of(user).anywhere(self.changed_with)

    def may_add(self, user: User) -> bool:
        return scope_of(user).anywhere(self.changed_with)

    def choice_text(self, obj: Any) -> str:
        """How a row is named where one is chosen."""
        return str(obj)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        rows = self.visible(request.user)  # type: ignore[arg-type]
        ordering = self.get_ordering(request)  # type: ignore[attr-defined]
        return rows.order_by(*ordering) if ordering else rows

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        obj = super().get_object(request, object_id, from_field)  # type: ignore[misc]
        if obj is not None:
            # Came out of `visible`: the permission methods need not ask the database again.
            obj._visible_to = request.user.pk
        return obj

    def has_module_permission(self, request: HttpRequest) -> bool:
        user: Any = request.user
        return user.is_authenticated and any(scope_of(user).anywhere(can) for can in self.seen_with)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request) and (obj is None or self._sees(request, obj))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        user: Any = request.user
        if not self.has_module_permission(request) or not self.changed_with:
            return False
        if obj is None:
            return scope_of(user).anywhere(self.changed_with)
        return self._sees(request, obj) and self._changes(user, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(self.changed_with) and self.has_module_permission(request) and self.may_add(request.user)  # type: ignore[arg-type]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        related = self.admin_site._registry.get(db_field.remote_field.model)  # type: ignore[attr-defined]
        if isinstance(related, ScopedMixin) and "queryset" not in kwargs:
            kwargs["queryset"] = related.visible(request.user)  # type: ignore[arg-type]
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]
        if field is not None and isinstance(related, ScopedMixin):
            field.label_from_instance = related.choice_text
        return field

    def chooser(
        self,
        source: type[models.Model],
        name: str,
        request: HttpRequest,
        queryset: models.QuerySet[Any],
        label: Any,
        *,
        required: bool = True,
    ) -> Any:
        """A form field that looks rows up while one types, modelled on the foreign key `name` of `source`."""
        key: Any = source._meta.get_field(name)
        site = self.admin_site  # type: ignore[attr-defined]
        return self.formfield_for_foreignkey(
            key, request, queryset=queryset, label=label, required=required, widget=AutocompleteSelect(key, site)
        )

    def _sees(self, request: HttpRequest, obj: Any) -> bool:
        if getattr(obj, "_visible_to", None) == request.user.pk:
            return True
        return self.visible(request.user).filter(pk=obj.pk).exists()  # type: ignore[arg-type]

    def _changes(self, user: User, obj: Any) -> bool:
        # Asked several times for one page; the answer is the same within a request.
        kept = obj.__dict__.setdefault("_changed_by", {})
        if user.pk not in kept:
            kept[user.pk] = self.may_change(user, obj)
        return bool(kept[user.pk])


class ScopedAdmin(ScopedMixin, AuditedAdmin):
    """Rows of the own node, changed by named actions."""


class ScopedReadOnlyAdmin(ScopedMixin, ReadOnlyAdmin):
    """Rows of the own node, looked at only."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


def demand(allowed: bool) -> None:
    """403 unless allowed."""
    if not allowed:
        raise PermissionDenied
