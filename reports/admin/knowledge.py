"""The knowledge base, written here: every change is a version of its entry, and nothing is deleted."""

from typing import Any

from auditlog.registry import auditlog
from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from accounts.models import User
from accounts.roles import Can
from core.admin import ActionForm
from grids.scoped_admin import ScopedAdmin
from reports.actions.knowledge import WRITING, Content, change_entry, create_entry, may_write
from reports.knowledge import rendered
from reports.models import CatalogueItem, KnowledgeEntry

auditlog.register(KnowledgeEntry, m2m_fields={"items"})


def class_choices() -> list[tuple[str, str]]:
    """The classes of the catalogue, as `kind.code`."""
    classes = CatalogueItem.objects.order_by("kind", "class_code").values_list("kind", "class_code", "class_name")
    named = {f"{kind}.{code}": f"{CatalogueItem.Kind(kind).label} · {code} {name}" for kind, code, name in classes}
    return [("", "—"), *named.items()]


class EntryForm(ActionForm):
    class Meta:
        model = KnowledgeEntry
        fields = ("title", "text", "items", "area", "active")
        widgets = {"text": UnfoldAdminTextareaWidget(attrs={"rows": 16})}

    class_of = forms.ChoiceField(
        label=_("class of items"),
        required=False,
        widget=UnfoldAdminSelectWidget(),
        help_text=_("Instead of items; with neither it is for every item."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["class_of"]
        field.choices = class_choices()
        if self.instance.item_kind:
            key = f"{self.instance.item_kind}.{self.instance.class_code}"
            field.initial = self.initial["class_of"] = key

    def act(self, data: dict[str, Any]) -> KnowledgeEntry:
        user: Any = self.request.user
        kind, _dot, code = data["class_of"].partition(".")
        content = Content(
            title=data["title"],
            text=data["text"],
            items=list(data["items"]),
            class_of=(kind, code),
            area=data["area"],
            active=data["active"],
        )
        if self.instance._state.adding:
            return create_entry(user, content)
        return change_entry(user, self.instance.pk, content)


@admin.register(KnowledgeEntry)
class KnowledgeAdmin(ScopedAdmin):
    form = EntryForm
    seen_with = WRITING
    changed_with = Can.DISPATCH_REPORT
    list_display = ("title", "about", "place", "version", "author", "updated_at", "state")
    list_select_related = ("area", "author")
    list_filter = ("active",)
    search_fields = ("title", "text", "items__code")
    autocomplete_fields = ("items", "area")
    ordering = ("-updated_at", "-id")

    def visible(self, user: User) -> QuerySet[KnowledgeEntry]:
        return KnowledgeEntry.objects.defer("area__geometry").prefetch_related("items")

    def may_change(self, user: User, obj: KnowledgeEntry) -> bool:
        return may_write(user, obj.area)

    def may_add(self, user: User) -> bool:
        return True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        user: Any = request.user
        return self.has_module_permission(request) and (obj is None or self._changes(user, obj))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        writes = obj is None or self.has_change_permission(request, obj)
        fields = ("title", "items", *(("class_of",) if writes else ()), "area", "active", "text")
        return fields if obj is None else (*fields, "shown", "version", "author", "updated_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else ("shown", "version", "author", "updated_at")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is not None and not self.has_change_permission(request, obj):
            kwargs["form"] = forms.ModelForm
        return super().get_form(request, obj, change=change, **kwargs)

    @admin.display(description=_("helps with"))
    def about(self, obj: KnowledgeEntry) -> str:
        if obj.general:
            return str(_("every item"))
        if obj.item_kind:
            return f"{obj.get_item_kind_display()} · {obj.class_code}"
        codes = [item.code for item in obj.items.all()]
        return "、".join(codes[:3]) + (f" +{len(codes) - 3}" if len(codes) > 3 else "")

    @admin.display(description=_("place"))
    def place(self, obj: KnowledgeEntry) -> str:
        return obj.area.name if obj.area else str(_("the whole city"))

    @admin.display(description=_("as it is shown"))
    def shown(self, obj: KnowledgeEntry) -> str:
        return rendered(obj.text)

    @display(description=_("state"), label={"on": "success", "off": "info"}, ordering="active")
    def state(self, obj: KnowledgeEntry) -> tuple[str, Any]:
        return ("on", _("in use")) if obj.active else ("off", _("retired"))
