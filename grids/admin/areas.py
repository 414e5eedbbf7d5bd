"""Areas: what lies below the own node is named, drawn and retired here."""

from functools import reduce
from operator import or_
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display
from unfold.views import ChangeList

from accounts.models import User
from accounts.roles import Can
from core.admin import ActionForm
from core.problems import Problem, catalogue
from grids.actions.areas import change_area, create_area, retire_area
from grids.api.boards import as_file
from grids.appointing import manages_everywhere
from grids.boards import PRINTING, boards_pdf, cards_pdf, public_address
from grids.models import Appointment, Area
from grids.models.areas import LEVELS
from grids.outline import outline_svg
from grids.scope import scope_of
from grids.scoped_admin import ScopedAdmin, demand

catalogue({"parent_missing": (400, _("Choose the area it lies in."))})


class AreaChangeList(ChangeList):
    """Adds to each row of a page the names of what it lies in, in one query."""

    tree: Any = Area
    first_depth = 2  # the city is the same for all and says nothing

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        step, first = self.tree.steplen, self.first_depth
        above = {row.path[:end] for row in self.result_list for end in range(first * step, len(row.path), step)}
        names = dict(self.tree.objects.filter(path__in=above).values_list("path", "name")) if above else {}
        for row in self.result_list:
            row.lies_in = [names[row.path[:end]] for end in range(first * step, len(row.path), step)]


class AreaForm(ActionForm):
    class Meta:
        model = Area
        fields = ("code", "name", "kind", "setting", "geometry", "office")

    parent: Any = forms.ModelChoiceField(Area.objects.none())  # its rows are set for the person who asks

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "geometry" in self.fields:
            self.fields["geometry"].widget.attrs.update({"rows": 10, "spellcheck": "false", "class": MONOSPACE})
        if self.instance.pk and self.instance.level != Area.Level.GRID:
            self.fields.pop("kind", None)

    def _get_validation_exclusions(self) -> set[str]:
        # `kind` hangs on the level, which the action derives from the parent.
        return {*super()._get_validation_exclusions(), "kind"}  # type: ignore[misc]

    def act(self, data: dict[str, Any]) -> Area:
        user: Any = self.request.user
        if self.instance.pk:
            area = self.unchanged()
            demand(may_change_area(user, area))
            return change_area(area, **{name: data[name] for name in self.changed_data if name in data})
        parent = data["parent"]
        if parent is None:
            raise Problem("parent_missing", "parent")
        demand(scope_of(user).may(Can.MANAGE_AREA, parent))
        below = LEVELS.index(parent.level) + 1
        if below == len(LEVELS):
            raise Problem("wrong_level", "parent")
        return create_area(
            parent,
            level=LEVELS[below],
            **{name: data[name] for name in ("code", "name", "kind", "setting", "geometry", "office") if name in data},
        )


MONOSPACE = (
    "border border-base-200 bg-white rounded-default shadow-xs px-3 py-2 w-full font-mono text-xs"
    " text-font-default-light dark:bg-base-900 dark:border-base-700 dark:text-font-default-dark"
)


def may_change_area(user: User, area: Area) -> bool:
    """Only what lies below the own node; the node itself is for whoever stands above it."""
    if manages_everywhere(user):
        return True
    held = scope_of(user).at(Can.MANAGE_AREA, area)
    return held is not None and held.id != area.pk


@admin.register(Area)
class AreaAdmin(ScopedAdmin):
    form = AreaForm
    seen_with = (Can.MANAGE_AREA, Can.APPOINT_STAFF, Can.DISPATCH_REPORT)
    changed_with = Can.MANAGE_AREA
    list_display = ("name", "code", "level_name", "kind_name", "setting_name", "lies_in", "workers", "state")
    list_filter = (
        ("level", ChoicesDropdownFilter),
        ("kind", ChoicesDropdownFilter),
        ("setting", ChoicesDropdownFilter),
        "is_active",
    )
    search_fields = ("name", "code")
    ordering = ("path",)
    autocomplete_fields = ("office",)
    actions_detail = ("boards_page", "cards_page", "retire_page")

    def visible(self, user: User) -> QuerySet[Area]:
        scope = scope_of(user)
        below = [scope.areas_below(can) for can in self.seen_with]
        return Area.objects.filter(reduce(or_, below)).defer("geometry")

    def may_change(self, user: User, obj: Area) -> bool:
        return may_change_area(user, obj)

    def may_add(self, user: User) -> bool:
        scope = scope_of(user)
        return scope.everything or any(h.level != Area.Level.GRID for h in scope.areas.get(Can.MANAGE_AREA, []))

    def choice_text(self, obj: Area) -> str:
        return f"{obj.name} · {obj.code}"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Area]:
        held = Appointment.objects.filter(ended_at__isnull=True).select_related("user").order_by("-in_charge", "id")
        return super().get_queryset(request).prefetch_related(Prefetch("appointments", held, to_attr="held"))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return AreaChangeList

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        user: Any = request.user
        office = ("office",) if manages_everywhere(user) else ()
        if obj is None:
            return ("parent", "code", "name", "kind", "setting", "geometry", *office)
        kind = ("kind",) if obj.level == Area.Level.GRID else ()
        return ("name", "code", "level", "path_text", *kind, "setting", "preview", "geometry", *office, "is_active")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("code", "level", "path_text", "preview", "is_active") if obj is not None else ()

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        if obj is not None:
            form.base_fields.pop("parent", None)
        elif "parent" in form.base_fields:
            user: Any = request.user
            parents = Area.objects.filter(scope_of(user).areas_below(Can.MANAGE_AREA), is_active=True)
            form.base_fields["parent"] = self.chooser(
                Appointment, "area", request, parents.exclude(level=Area.Level.GRID).defer("geometry"), _("lies in")
            )
        return form

    @admin.display(description=_("level"), ordering="depth")
    def level_name(self, obj: Area) -> str:
        return obj.get_level_display()

    @admin.display(description=_("kind"), ordering="kind")
    def kind_name(self, obj: Area) -> str:
        return obj.get_kind_display() if obj.kind else "–"

    @admin.display(description=_("setting"), ordering="setting")
    def setting_name(self, obj: Area) -> str:
        return obj.get_setting_display() if obj.setting else "–"

    @admin.display(description=_("lies in"))
    def lies_in(self, obj: Any) -> str:
        return " / ".join(obj.lies_in) or "–"

    @admin.display(description=_("who works there"))
    def workers(self, obj: Any) -> str:
        names = list(dict.fromkeys(str(one.user) for one in obj.held))
        return "、".join(names[:3]) + (f" +{len(names) - 3}" if len(names) > 3 else "") or "–"

    @display(description=_("state"), label={"on": "success", "off": "info"}, ordering="is_active")
    def state(self, obj: Area) -> tuple[str, Any]:
        return ("on", _("in use")) if obj.is_active else ("off", _("retired"))

    @admin.display(description=_("lies in"))
    def path_text(self, obj: Area) -> str:
        return " / ".join(Area.objects.get_ancestors(obj).values_list("name", flat=True)) or "–"

    @admin.display(description=_("among its neighbours"))
    def preview(self, obj: Area) -> str:
        parent = Area.objects.get_parent(obj)
        beside = Area.objects.get_children(parent) if parent else Area.objects.none()
        shapes = beside.filter(is_active=True).exclude(pk=obj.pk).values_list("geometry", flat=True)
        # As it is stored: on a page sent back with errors the object carries what was typed.
        stored = Area.objects.filter(pk=obj.pk).values_list("geometry", flat=True).get()
        return outline_svg(stored, shapes, obj.name) or "–"

    def has_printing_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        obj, scope = self.get_object(request, str(object_id)), scope_of(request.user)  # type: ignore[arg-type]
        return obj is not None and any(scope.may(can, obj) for can in PRINTING)

    @action(description=_("Notice boards"), url_path="boards", permissions=["printing"], icon="signpost")
    def boards_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._paper(request, object_id, boards_pdf, "boards")

    @action(description=_("Contact cards"), url_path="cards", permissions=["printing"], icon="contact_mail")
    def cards_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._paper(request, object_id, cards_pdf, "cards")

    def _paper(self, request: HttpRequest, object_id: str, make: Any, name: str) -> HttpResponse:
        obj = self.get_object(request, object_id)
        if obj is None:
            raise Http404
        try:
            return as_file(make(request.user, obj, public_address(request)), f"{name}-{obj.code}")
        except Problem as problem:
            messages.error(request, problem.sentence)
            return HttpResponseRedirect(reverse("admin:grids_area_change", args=[obj.pk]))

    def has_retire_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        obj = self.get_object(request, str(object_id))
        return obj is not None and obj.is_active and self.has_change_permission(request, obj)

    @action(description=_("Retire the area"), url_path="retire", permissions=["retire"], icon="archive")
    def retire_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.step_page(
            request,
            object_id,
            title=_("Retire the area"),
            question=_("No report is put there any more, and who works there has no rights there. History stays."),
            button=_("Retire the area"),
            done=_("The area is retired."),
            act=lambda obj, _data: retire_area(obj),
        )
