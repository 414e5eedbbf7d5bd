"""Teams and their members."""

from contextlib import suppress
from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import caller
from accounts.models import User
from grids.models import Area
from grids.scope import below
from volunteers.access import found, runs, visible_teams
from volunteers.actions import teams
from volunteers.actions.frame import AlreadyDone
from volunteers.api.input import MemberIn, TeamChangeIn, TeamIn
from volunteers.api.output import TeamDetail, TeamOut, with_members
from volunteers.api.views import done_as, known, said, step_view
from volunteers.models import VolunteerTeam


class TeamFilter(django_filters.FilterSet):
    area = django_filters.CharFilter(method="by_area", label="code of an area: its teams and those below")
    skill = django_filters.CharFilter(field_name="skills", lookup_expr="contains", label="part of the skills")
    is_active = django_filters.BooleanFilter()

    class Meta:
        model = VolunteerTeam
        fields: list[str] = []

    def by_area(self, queryset: QuerySet[VolunteerTeam], name: str, code: str) -> QuerySet[VolunteerTeam]:
        path = Area.objects.filter(code=code).values_list("path", flat=True).first()
        return queryset.filter(below(path, "area__path")) if path else queryset.none()


class TeamList(ListAPIView[VolunteerTeam]):
    """The teams of the caller's area and those the caller is in, newest first."""

    serializer_class = TeamOut
    filterset_class = TeamFilter
    keyset = ("-id",)
    queryset = VolunteerTeam.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return with_members(visible_teams(caller(self.request)))

    @extend_schema(request=TeamIn, responses={201: TeamDetail}, operation_id="team_create")
    def post(self, request: Request) -> Response:
        """建队 A new team at a community or street."""
        data = said(request, TeamIn)
        try:
            shown = teams.create_team(caller(request), **data).pk
        except AlreadyDone as step:
            shown = done_as(step)
        return show_team(request, shown, 201)


class TeamView(APIView):
    """One team."""

    @extend_schema(responses=TeamDetail, operation_id="team")
    def get(self, request: Request, pk: int) -> Response:
        """The team with its members: by name for the desk, by display name for fellow members."""
        return show_team(request, known(pk))


def show_team(request: Request, pk: int, status: int = 200) -> Response:
    team: Any = found(with_members(visible_teams(caller(request))), pk)
    desk = runs(caller(request), team.area)
    members = team.memberships.filter(left_at__isnull=True).select_related("volunteer__user").order_by("pk")
    team.members = [
        {
            "id": one.volunteer_id,
            "display_name": one.volunteer.display_name,
            "name": one.volunteer.user.full_name if desk else "",
            "leads": one.volunteer_id == team.leader_id,
        }
        for one in members
    ]
    return Response(TeamDetail(team).data, status=status)


def _change(user: User, pk: int, data: dict[str, Any]) -> int:
    request_id = data.pop("request_id", None)
    return teams.change_team(user, pk, data, request_id=request_id).pk


def _add(user: User, pk: int, data: dict[str, Any]) -> int:
    return teams.add_member(user, pk, data.pop("volunteer"), **data).team_id


class RemoveMember(APIView):
    """Out of a team. One who left it sees it no more, so nothing is answered."""

    @extend_schema(request=MemberIn, responses={204: None}, operation_id="team_remove_member")
    def post(self, request: Request, pk: int) -> Response:
        """退队 Take a member off the list, or leave."""
        data = said(request, MemberIn)
        with suppress(AlreadyDone):
            teams.remove_member(caller(request), known(pk), data.pop("volunteer"), **data)
        return Response(status=204)


TEAM_VIEWS = {
    "change": step_view("team_change", TeamChangeIn, _change, show_team, TeamDetail, "修改 Change a team"),
    "add_member": step_view("team_add_member", MemberIn, _add, show_team, TeamDetail, "入队 Put a volunteer in"),
    "remove_member": RemoveMember.as_view(),
}
