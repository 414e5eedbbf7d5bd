"""Teams to keep, and their calls to look at."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from accounts.models import User
from core.admin import ActionForm, StepForm
from grids.models import Area
from grids.scope import scope_of
from grids.scoped_admin import ScopedAdmin
from volunteers.access import RUNS, runs, visible_calls, visible_teams, visible_volunteers
from volunteers.actions import teams
from volunteers.admin.base import DeskAdmin
from volunteers.api.output import with_members
from volunteers.models import Membership, TeamCall, Volunteer, VolunteerTeam
from volunteers.models.vocabulary import TeamCallStatus


class TeamForm(ActionForm):
    class Meta:
        model = VolunteerTeam
        fields = ("area", "name", "unit", "skills", "leader", "is_active")

    def act(self, data: dict[str, Any]) -> VolunteerTeam:
        user: Any = self.request.user
        if self.instance.pk is None:
            return teams.create_team(user, data["area"].code, data["name"], data["unit"], data["skills"])
        changes = {name: data[name] for name in self.changed_data if name in data}
        if "leader" in changes:
            changes["leader"] = changes["leader"] and changes["leader"].pk
        return teams.change_team(user, self.instance.pk, changes)


class MemberForm(StepForm):
    """Which volunteer comes in; the choice is of those the desk sees."""

    volunteer: Any = forms.ModelChoiceField(Volunteer.objects.none())


@admin.register(VolunteerTeam)
class TeamAdmin(ScopedAdmin):
    form = TeamForm
    seen_with = (RUNS,)
    changed_with = RUNS
    list_display = ("name", "area", "unit", "skills", "size", "state")
    list_filter = ("is_active",)
    search_fields = ("name", "unit", "skills")
    ordering = ("-id",)
    actions_detail = ("add_member_page", "remove_member_page")

    def visible(self, user: User) -> QuerySet[VolunteerTeam]:
        return visible_teams(user)

    def may_change(self, user: User, obj: VolunteerTeam) -> bool:
        return runs(user, obj.area)

    def get_queryset(self, request: HttpRequest) -> QuerySet[VolunteerTeam]:
        return with_members(super().get_queryset(request))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ("area", "name", "unit", "skills")
        return ("name", "area", "unit", "skills", "leader", "is_active", "members")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else ("area", "members")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        user: Any = request.user
        if obj is None and "area" in form.base_fields:
            areas = Area.objects.filter(
                scope_of(user).areas_below(RUNS), level__in=teams.TEAM_LEVELS, is_active=True
            ).defer("geometry")
            form.base_fields["area"] = self.formfield_for_foreignkey(
                VolunteerTeam._meta.get_field("area"), request, queryset=areas
            )
        elif "leader" in form.base_fields:
            form.base_fields["leader"] = self.formfield_for_foreignkey(
                VolunteerTeam._meta.get_field("leader"), request, queryset=_members(obj)
            )
        return form

    @admin.display(description=_("members"))
    def size(self, obj: Any) -> int:
        return int(obj.size)

    @display(description=_("state"), label={"on": "success", "off": "danger"})
    def state(self, obj: VolunteerTeam) -> tuple[str, Any]:
        return ("on", _("active")) if obj.is_active else ("off", _("switched off"))

    @admin.display(description=_("members"))
    def members(self, obj: VolunteerTeam) -> str:
        return format_html_join("", "<div>{}</div>", ((one.user.full_name,) for one in _members(obj))) or "–"

    def has_members_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        obj = self.get_object(request, str(object_id))
        return obj is not None and self.has_change_permission(request, obj)

    @action(description=_("Put a volunteer in"), url_path="add", permissions=["members"], icon="group_add")
    def add_member_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        user: Any = request.user
        able = visible_volunteers(user).filter(home__isnull=False)
        return self._member_page(request, object_id, _("Put a volunteer in"), able, teams.add_member)

    @action(description=_("Take a member off"), url_path="remove", permissions=["members"], icon="group_remove")
    def remove_member_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        team = self.get_object(request, object_id)
        now_in = _members(team) if team else Volunteer.objects.none()
        return self._member_page(request, object_id, _("Take a member off"), now_in, teams.remove_member)

    def _member_page(
        self, request: HttpRequest, object_id: str, title: Any, people: QuerySet[Volunteer], act: Any
    ) -> HttpResponse:
        field = self.chooser(Membership, "volunteer", request, people, _("volunteer"))
        form_class = type("OwnMemberForm", (MemberForm,), {"volunteer": field})
        return self.step_page(
            request,
            object_id,
            title=title,
            button=title,
            done=_("Done."),
            act=lambda obj, data: act(request.user, obj.pk, data["volunteer"].pk),
            form_class=form_class,
        )


def _members(team: VolunteerTeam) -> QuerySet[Volunteer]:
    now_in = Membership.objects.filter(team=team, left_at__isnull=True)
    return Volunteer.objects.filter(pk__in=now_in.values("volunteer")).select_related("user").order_by("pk")


CALL_COLOURS = {TeamCallStatus.OPEN: "warning", TeamCallStatus.CLOSED: "success", TeamCallStatus.WITHDRAWN: "info"}


@admin.register(TeamCall)
class TeamCallAdmin(DeskAdmin):
    list_display = ("item", "place", "team", "kind", "status_label", "wanted", "opened_at", "until")
    list_filter = (("status", ChoicesDropdownFilter), ("kind", ChoicesDropdownFilter))
    list_select_related = ("team",)
    search_fields = ("item", "place", "team__name")
    ordering = ("-id",)
    fields = (
        *("report_link", "team", "item", "kind", "status", "reason", "place", "wanted", "until"),
        *("opened_by", "opened_at", "closed_by", "closed_at", "note", "part_list"),
    )
    readonly_fields = ("report_link", "part_list")

    def visible(self, user: User) -> QuerySet[TeamCall]:
        return visible_calls(user)

    @display(description=_("status"), label=CALL_COLOURS)
    def status_label(self, obj: TeamCall) -> tuple[str, str]:
        return obj.status, obj.get_status_display()

    @admin.display(description=_("report"))
    def report_link(self, obj: TeamCall) -> str:
        url = reverse(f"{self.admin_site.name}:reports_report_change", args=(obj.report_id,))
        return format_html('<a href="{}" class="text-primary-600">{}</a>', url, obj.report.number)

    @admin.display(description=_("attendances"))
    def part_list(self, obj: TeamCall) -> str:
        parts = obj.attendances.select_related("volunteer__user").order_by("pk")
        rows = ((one.volunteer.user.full_name, one.get_status_display()) for one in parts)
        return format_html_join("", "<div>{} · {}</div>", rows) or "–"
