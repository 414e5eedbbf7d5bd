"""Volunteers, what they say of themselves, and their registrations."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet, Sum
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import caller
from accounts.models import User
from core.filters import AnyOf
from core.problems import Problem
from reports.api.input import RevealIn
from volunteers.access import found, visible_registrations, visible_volunteers
from volunteers.actions import people
from volunteers.actions.credits import balance
from volunteers.actions.frame import AlreadyDone
from volunteers.api.input import AskIn, EnterIn, ProfileIn, RequestIn, WithNoteIn, WithReasonIn
from volunteers.api.output import RegistrationOut, VolunteerMe, VolunteerOut
from volunteers.api.views import done_as, known, said, step_view
from volunteers.models import Registration, ServiceRecord, Volunteer, VolunteerTeam
from volunteers.models.vocabulary import RegistrationStatus


def registrations_of(user: User) -> QuerySet[Registration]:
    rows = visible_registrations(user).select_related("community", "volunteer__user")
    return rows.defer("community__geometry")


class Me(APIView):
    """The caller as a volunteer."""

    @extend_schema(responses=VolunteerMe, operation_id="volunteer_me")
    def get(self, request: Request) -> Response:
        """Who one is as a volunteer, where at home, in which teams, with how many points; 404 for anyone else."""
        return self._answer(caller(request))

    @extend_schema(
        request=ProfileIn,
        responses=VolunteerMe,
        operation_id="volunteer_me_change",
        examples=[
            OpenApiExample(
                "an in-service party member",
                request_only=True,
                value={"phone": "13812345678", "unit": "水务集团", "party_member": True, "skills": ["急救", "水电"]},
            )
        ],
    )
    def put(self, request: Request) -> Response:
        """Become a volunteer, or change what is said; what is not said stays."""
        people.set_profile(caller(request), said(request, ProfileIn))
        return self._answer(caller(request))

    def _answer(self, user: User) -> Response:
        row: Any = Volunteer.objects.select_related("user", "home").defer("home__geometry").filter(user=user).first()
        if row is None:
            raise Problem("not_found")
        asked = row.registrations.filter(status=RegistrationStatus.ASKED)
        row.registration = asked.select_related("community", "volunteer__user").defer("community__geometry").first()
        row.teams = VolunteerTeam.objects.filter(
            memberships__volunteer=row, memberships__left_at__isnull=True
        ).order_by("pk")
        row.points = balance(row)
        minutes = ServiceRecord.objects.effective().filter(volunteer=row).aggregate(total=Sum("minutes"))["total"]
        row.hours = round((minutes or 0) / 60, 2)
        return Response(VolunteerMe(row).data)


class PeopleFilter(django_filters.FilterSet):
    community = django_filters.CharFilter(field_name="home__code", label="code of the home community")
    party_member = django_filters.BooleanFilter()
    q = django_filters.CharFilter(method="by_text", label="part of name, unit or skills")

    class Meta:
        model = Volunteer
        fields: list[str] = []

    def by_text(self, queryset: QuerySet[Volunteer], name: str, text: str) -> QuerySet[Volunteer]:
        text = text.strip()[:50]
        return queryset.filter(Q(user__full_name__contains=text) | Q(unit__contains=text) | Q(skills__contains=text))


class PeopleList(ListAPIView[Volunteer]):
    """The volunteers of the caller's area, newest first."""

    serializer_class = VolunteerOut
    filterset_class = PeopleFilter
    keyset = ("-id",)
    queryset = Volunteer.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return visible_volunteers(caller(self.request)).select_related("user", "home").defer("home__geometry")

    @extend_schema(request=EnterIn, responses={201: RegistrationOut}, operation_id="volunteer_enter")
    def post(self, request: Request) -> Response:
        """登记 Enter a person who came to the community, with an account there is or a new one."""
        data = said(request, EnterIn)
        profile = data.pop("profile", {})
        try:
            shown = people.enter(caller(request), profile=profile, **data).pk
        except AlreadyDone as step:
            shown = done_as(step)
        return show_registration(request, shown, 201)


class Reveal(APIView):
    """A volunteer's contact in full; the look is on record."""

    @extend_schema(
        request=RevealIn,
        responses={
            200: {
                "type": "object",
                "required": ["name", "phone"],
                "properties": {"name": {"type": "string"}, "phone": {"type": "string"}},
            }
        },
        operation_id="volunteer_reveal",
    )
    def post(self, request: Request, pk: int) -> Response:
        data = said(request, RevealIn)
        return Response(people.reveal(caller(request), known(pk), data["reason"]))


class RegistrationFilter(django_filters.FilterSet):
    status = AnyOf(choices=RegistrationStatus.choices)

    class Meta:
        model = Registration
        fields: list[str] = []


class RegistrationList(ListAPIView[Registration]):
    """The caller's own registrations and those with the caller's communities, newest first."""

    serializer_class = RegistrationOut
    filterset_class = RegistrationFilter
    keyset = ("-id",)
    queryset = Registration.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return registrations_of(caller(self.request))

    @extend_schema(request=AskIn, responses={201: RegistrationOut}, operation_id="registration_ask")
    def post(self, request: Request) -> Response:
        """报到 Ask a community to be taken in."""
        data = said(request, AskIn)
        try:
            shown = people.ask(caller(request), **data).pk
        except AlreadyDone as step:
            shown = done_as(step)
        return show_registration(request, shown, 201)


def show_registration(request: Request, pk: int, status: int = 200) -> Response:
    return Response(RegistrationOut(found(registrations_of(caller(request)), pk)).data, status=status)


REGISTRATION_VIEWS = {
    name: step_view(f"registration_{name}", body, run, show_registration, RegistrationOut, says)
    for name, body, run, says in (
        (
            "confirm",
            WithNoteIn,
            lambda user, pk, data: people.confirm(user, pk, **data).pk,
            "确认报到 Take in",
        ),
        ("decline", WithReasonIn, lambda user, pk, data: people.decline(user, pk, **data).pk, "不予确认 Decline"),
        ("withdraw", RequestIn, lambda user, pk, data: people.withdraw(user, pk, **data).pk, "撤回 Take it back"),
        ("end", WithReasonIn, lambda user, pk, data: people.end(user, pk, **data).pk, "转出 End a registration"),
    )
}
