"""The catalogue: every change is a new version from a day on; an item is retired, never deleted."""

from typing import Any

from auditlog.registry import auditlog
from django import forms
from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from accounts.models import Department, User
from core.admin import ActionForm, StepForm
from core.problems import Problem
from reports import questions
from reports.actions.catalogue import (
    StandardContent,
    VersionContent,
    change_item,
    content_of,
    create_item,
    rename_class,
    retire_item,
)
from reports.admin.base import RulesAdmin
from reports.calendar import today
from reports.limits import Limit, UnreadableLimit
from reports.models import CatalogueItem, ItemVersion
from reports.models.vocabulary import StandardSource, Urgency

auditlog.register(CatalogueItem)
auditlog.register(ItemVersion)

VERSION_FIELDS = ("name", "valid_from", "lead_department", "may_self_handle", "urgency", "questions")


def standard_fields(source: str) -> tuple[str, str, str]:
    return f"limit_{source}", f"filing_{source}", f"closing_{source}"


def _standard_form_fields() -> dict[str, forms.Field]:
    fields: dict[str, forms.Field] = {}
    for source in StandardSource.values:
        limit, filing, closing = standard_fields(source)
        fields[limit] = forms.CharField(
            label=_("limit"), required=False, max_length=20, widget=UnfoldAdminTextInputWidget()
        )
        for name, label in ((filing, _("filing condition")), (closing, _("closing condition"))):
            widget = UnfoldAdminTextareaWidget(attrs={"rows": 2})
            fields[name] = forms.CharField(label=label, required=False, widget=widget)
    return fields


# Three fields per source; the metaclass of forms makes a form of them.
StandardFields: Any = type("StandardFields", (forms.Form,), _standard_form_fields())


class ItemForm(ActionForm, StandardFields):
    """What the item is to say from a day on; without a limit a source has no standard."""

    class Meta:
        model = CatalogueItem
        fields = ("code", "class_name")

    name = forms.CharField(label=_("name"), max_length=80, widget=UnfoldAdminTextInputWidget())
    valid_from = forms.DateField(
        label=_("valid from"),
        widget=UnfoldAdminSingleDateWidget(),
        help_text=_("Reports accepted before that day keep what was in force."),
    )
    lead_department: Any = forms.ModelChoiceField(Department.objects.none(), required=False)
    may_self_handle = forms.BooleanField(
        label=_("may be self-handled"), required=False, widget=UnfoldBooleanSwitchWidget()
    )
    urgency = forms.ChoiceField(label=_("urgency"), choices=Urgency.choices, widget=UnfoldAdminSelectWidget())
    questions = forms.CharField(
        label=_("questions"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text=_(
            "One per line: 有无伤人*[是/否], 面积[数字], 颜色[红/黄], 缺什么[多选:灯/盖], 发现时间[时间], "
            "房号[短文本]; an asterisk marks a required answer. Behind it what an answer tells: "
            "{是→停止:请拨打119} refuses the report, {是→提示:请远离现场} does not."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["valid_from"].initial = today
        last = self._last()
        if last is None:
            return
        content = content_of(last)
        initial: dict[str, Any] = {
            "name": content.name,
            "lead_department": content.lead_department,
            "may_self_handle": content.may_self_handle,
            "urgency": content.urgency,
            "questions": questions.written(content.questions),
        }
        for one in content.standards:
            limit, filing, closing = standard_fields(one.source)
            initial |= {limit: one.limit.text(), filing: one.filing_condition, closing: one.closing_condition}
        for name, value in initial.items():
            if name in self.fields:
                self.fields[name].initial = value
                self.initial.setdefault(name, value)

    def _last(self) -> ItemVersion | None:
        if not self.instance.pk:
            return None
        versions = self.instance.versions.select_related("lead_department").prefetch_related("standards")
        return versions.order_by("-valid_from").first()

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        self.standards = [one for source in StandardSource.values if (one := self._standard(source, data))]
        try:
            self.read_questions = questions.read(data.get("questions", ""))
        except ValueError as error:
            self.add_error("questions", _("This line cannot be read: %(line)s") % {"line": error})
        return data

    def _standard(self, source: str, data: dict[str, Any]) -> StandardContent | None:
        limit, filing, closing = standard_fields(source)
        text = (data.get(limit) or "").strip()
        if not text:
            if data.get(filing) or data.get(closing):
                self.add_error(limit, _("A standard needs a limit."))
            return None
        try:
            return StandardContent(source, Limit.parse(text), data.get(filing, ""), data.get(closing, ""))
        except UnreadableLimit:
            self.add_error(limit, _("Write it as 4工作时, 1个工作日, 2紧急工作时 or 3天."))
            return None

    def act(self, data: dict[str, Any]) -> CatalogueItem:
        user: Any = self.request.user
        content = VersionContent(
            name=data["name"],
            standards=self.standards,
            lead_department=data["lead_department"],
            may_self_handle=data["may_self_handle"],
            urgency=data["urgency"],
            questions=self.read_questions,
        )
        if not self.instance.pk:
            return create_item(data["code"], data["class_name"], content, valid_from=data["valid_from"], by=user).item
        item = self.unchanged()
        if "class_name" in self.changed_data:
            rename_class(item, data["class_name"])
        change_item(item, content, valid_from=data["valid_from"], by=user)
        return item

    def refuse(self, problem: Problem) -> None:
        if problem.code == "standard_missing":
            self.add_error(standard_fields(StandardSource.values[0])[0], problem.sentence)
        else:
            super().refuse(problem)


class RetireForm(StepForm):
    on = forms.DateField(label=_("retired on"), initial=today, widget=UnfoldAdminSingleDateWidget())


class VersionInline(TabularInline):
    """What the item said and says, newest first."""

    model = ItemVersion
    extra = 0
    ordering = ("-valid_from",)
    fields = readonly_fields = (
        *("name", "valid_from", "valid_to", "limit", "lead_department", "may_self_handle", "created_by"),
    )
    verbose_name_plural = _("versions")

    @admin.display(description=_("effective limit"))
    def limit(self, obj: ItemVersion) -> str:
        return f"{obj.effective_limit.text()} · {obj.get_effective_source_display()}"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ItemVersion]:
        return super().get_queryset(request).select_related("lead_department", "created_by")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class InForceFilter(admin.SimpleListFilter):
    title = _("in force")
    parameter_name = "retired"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("in force")), ("yes", _("retired"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[CatalogueItem]) -> QuerySet[CatalogueItem]:
        return queryset.filter(retired_at__isnull=self.value() == "no") if self.value() in ("yes", "no") else queryset


@admin.register(CatalogueItem)
class ItemAdmin(RulesAdmin):
    form = ItemForm
    list_display = ("code", "item_name", "kind_name", "class_name", "limit", "unit", "self_handle", "state")
    list_display_links = ("code", "item_name")
    list_filter = (("kind", ChoicesDropdownFilter), InForceFilter)
    search_fields = ("code", "class_name", "versions__name")
    ordering = ("code",)
    actions_detail = ("retire_page",)
    inlines = (VersionInline,)

    def visible(self, user: User) -> QuerySet[CatalogueItem]:
        newest = ItemVersion.objects.select_related("lead_department").order_by("-valid_from")
        return CatalogueItem.objects.prefetch_related(Prefetch("versions", newest, to_attr="newest"))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is not None and not self.has_change_permission(request, obj):
            return [(None, {"fields": ("code", "kind", "class_code", "class_name", "retired_at", "standards")})]
        return [
            (None, {"fields": ("code", "class_name", *VERSION_FIELDS)}),
            *(
                (label, {"fields": standard_fields(source), "classes": ("tab",)})
                for source, label in StandardSource.choices
            ),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ()
        return ("code", "standards") if not self.has_change_permission(request, obj) else ("code",)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is not None and not self.has_change_permission(request, obj):
            kwargs["form"] = forms.ModelForm
        form = super().get_form(request, obj, change=change, **kwargs)
        if "lead_department" in form.base_fields:
            form.base_fields["lead_department"] = self.chooser(
                ItemVersion,
                "lead_department",
                request,
                Department.objects.filter(is_active=True),
                _("lead department"),
                required=False,
            )
        return form

    @admin.display(description=_("name"))
    def item_name(self, obj: Any) -> str:
        return obj.newest[0].name if obj.newest else "–"

    @admin.display(description=_("kind"), ordering="kind")
    def kind_name(self, obj: CatalogueItem) -> str:
        return obj.get_kind_display()

    @admin.display(description=_("effective limit"))
    def limit(self, obj: Any) -> str:
        return obj.newest[0].effective_limit.text() if obj.newest else "–"

    @admin.display(description=_("lead department"))
    def unit(self, obj: Any) -> str:
        lead = obj.newest[0].lead_department if obj.newest else None
        return lead.name if lead else "–"

    @admin.display(description=_("self-handled"), boolean=True)
    def self_handle(self, obj: Any) -> bool:
        return bool(obj.newest and obj.newest[0].may_self_handle)

    @admin.display(description=_("standards"))
    def standards(self, obj: Any) -> str:
        rows = obj.newest[0].standards.all() if obj.newest else []
        return "; ".join(str(row) for row in rows) or "–"

    @display(description=_("state"), label={"on": "success", "off": "info"})
    def state(self, obj: CatalogueItem) -> tuple[str, Any]:
        return ("off", _("retired")) if obj.retired_at else ("on", _("in force"))

    def has_retire_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        obj = self.get_object(request, str(object_id))
        return obj is not None and obj.retired_at is None and self.has_change_permission(request, obj)

    @action(description=_("Retire the item"), url_path="retire", permissions=["retire"], icon="archive")
    def retire_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def act(obj: CatalogueItem, data: dict[str, Any]) -> None:
            retire_item(obj, on=data["on"])

        return self.step_page(
            request,
            object_id,
            title=_("Retire the item"),
            question=_("From that day on no new report may name it. Reports that do keep it."),
            button=_("Retire the item"),
            done=_("The item is retired."),
            act=act,
            form_class=RetireForm,
        )
