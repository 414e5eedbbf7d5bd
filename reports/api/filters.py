"""Filters of the lists. Conditions that may repeat are OR-ed; different ones are AND-ed."""

from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django_filters.fields import IsoDateTimeField

from core.filters import AnyOf
from core.moment import is_plausible, now
from grids.models import Area
from reports.deciders import to_decide
from reports.models import (
    Assignment,
    Card,
    ChangeRequest,
    Deputy,
    FieldCheck,
    Report,
    SupervisionOrder,
    Whistle,
)
from reports.models.vocabulary import (
    DUTY_DONE,
    AssignmentRole,
    AssignmentStatus,
    CardColour,
    FieldCheckStage,
    FieldCheckStatus,
    Light,
    OrderStatus,
    ReportStatus,
    RequestKind,
    RequestStatus,
    Source,
    SupervisionKind,
    Urgency,
    WhistleKind,
    WhistleStatus,
)

LIGHTS = [(light.value, light.label) for light in (Light.GREEN, Light.YELLOW, Light.RED)]


def in_area(queryset: QuerySet[Any], name: str, code: str) -> QuerySet[Any]:
    """Reports in the area with this code, at whatever level; an unknown code finds nothing."""
    area = Area.objects.filter(code=code).values_list("level", "pk").first()
    return queryset.filter(**{f"{area[0]}_id": area[1]}) if area else queryset.none()


class _MomentField(IsoDateTimeField):
    def clean(self, value: Any) -> Any:
        moment = super().clean(value)
        if moment is not None and not is_plausible(moment):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return moment


class MomentFilter(django_filters.IsoDateTimeFilter):
    field_class = _MomentField


class ReportFilter(django_filters.FilterSet):
    status = AnyOf(choices=ReportStatus.choices)
    source = AnyOf(choices=Source.choices)
    urgency = AnyOf(choices=Urgency.choices)
    light = django_filters.ChoiceFilter(choices=LIGHTS, method="by_light")
    overdue = django_filters.BooleanFilter(method="by_overdue", label="a running deadline has passed")
    area = django_filters.CharFilter(method=in_area, label="code of an area of any level")
    item = django_filters.CharFilter(field_name="item__code", label="catalogue code")
    department = django_filters.CharFilter(method="by_department", label="code of a department with a duty")
    mine = django_filters.BooleanFilter(method="by_mine", label="sent by me")
    q = django_filters.CharFilter(method="by_text", label="number, or words of description and address")
    received_after = MomentFilter(field_name="received_at", lookup_expr="gte")
    received_before = MomentFilter(field_name="received_at", lookup_expr="lt")

    class Meta:
        model = Report
        fields: list[str] = []

    def by_light(self, queryset: QuerySet[Report], name: str, light: str) -> QuerySet[Report]:
        moment = now()
        if light == Light.RED:
            return queryset.filter(due_at__lte=moment)
        if light == Light.YELLOW:
            return queryset.filter(due_at__gt=moment, yellow_at__lte=moment)
        return queryset.filter(due_at__gt=moment).exclude(yellow_at__lte=moment)

    def by_overdue(self, queryset: QuerySet[Report], name: str, overdue: bool) -> QuerySet[Report]:
        moment = now()
        return queryset.filter(due_at__lte=moment) if overdue else queryset.exclude(due_at__lte=moment)

    def by_department(self, queryset: QuerySet[Report], name: str, code: str) -> QuerySet[Report]:
        return queryset.filter(pk__in=Assignment.objects.filter(department__code=code).values("report_id"))

    def by_mine(self, queryset: QuerySet[Report], name: str, mine: bool) -> QuerySet[Report]:
        own = Q(reporter=self.request.user)
        return queryset.filter(own) if mine else queryset.exclude(own)

    def by_text(self, queryset: QuerySet[Report], name: str, text: str) -> QuerySet[Report]:
        text = text.strip()[:100]
        return queryset.filter(
            Q(number__istartswith=text) | Q(description__icontains=text) | Q(address__icontains=text)
        )


class OfReportFilter(django_filters.FilterSet):
    """For lists of what hangs on a report."""

    report = django_filters.UUIDFilter(field_name="report_id", label="id of the report")


class AssignmentFilter(OfReportFilter):
    status = AnyOf(choices=AssignmentStatus.choices)
    department = django_filters.CharFilter(field_name="department__code", label="code")
    mine = django_filters.BooleanFilter(method="by_mine", label="given to me in person")
    active = django_filters.BooleanFilter()
    assignee = django_filters.CharFilter(field_name="assignee__username", label="user name of who has it in hand")
    open = django_filters.BooleanFilter(method="by_open", label="still to be done or approved")

    class Meta:
        model = Assignment
        fields: list[str] = []

    def by_mine(self, queryset: QuerySet[Assignment], name: str, mine: bool) -> QuerySet[Assignment]:
        own = Q(assignee=self.request.user)
        return queryset.filter(own) if mine else queryset.exclude(own)

    def by_open(self, queryset: QuerySet[Assignment], name: str, is_open: bool) -> QuerySet[Assignment]:
        done = Q(active=False) | Q(role=AssignmentRole.NOTIFY) | Q(status__in=DUTY_DONE)
        return queryset.exclude(done) if is_open else queryset.filter(done)


class RequestFilter(OfReportFilter):
    kind = AnyOf(choices=RequestKind.choices)
    status = AnyOf(choices=RequestStatus.choices)
    to_decide = django_filters.BooleanFilter(method="by_to_decide", label="waiting for me to decide")

    class Meta:
        model = ChangeRequest
        fields: list[str] = []

    def by_to_decide(self, queryset: QuerySet[ChangeRequest], name: str, mine: bool) -> QuerySet[ChangeRequest]:
        waiting = to_decide(self.request.user)
        return queryset.filter(waiting) if mine else queryset.exclude(waiting)


class FieldCheckFilter(OfReportFilter):
    status = AnyOf(choices=FieldCheckStatus.choices)
    stage = django_filters.ChoiceFilter(choices=FieldCheckStage.choices)
    mine = django_filters.BooleanFilter(method="by_mine", label="asked of me")

    class Meta:
        model = FieldCheck
        fields: list[str] = []

    def by_mine(self, queryset: QuerySet[FieldCheck], name: str, mine: bool) -> QuerySet[FieldCheck]:
        own = Q(assignee=self.request.user)
        return queryset.filter(own) if mine else queryset.exclude(own)


class WhistleFilter(OfReportFilter):
    status = AnyOf(choices=WhistleStatus.choices)
    department = django_filters.CharFilter(method="by_department", label="code of a department that was called")
    to_review = django_filters.BooleanFilter(method="by_review", label="an emergency not reviewed afterwards yet")

    class Meta:
        model = Whistle
        fields: list[str] = []

    def by_department(self, queryset: QuerySet[Whistle], name: str, code: str) -> QuerySet[Whistle]:
        return queryset.filter(pk__in=Assignment.objects.filter(department__code=code).values("whistle_id"))

    def by_review(self, queryset: QuerySet[Whistle], name: str, due: bool) -> QuerySet[Whistle]:
        waiting = Q(kind=WhistleKind.EMERGENCY, previous__isnull=True, blown_at__isnull=False, reviewed_at__isnull=True)
        return queryset.filter(waiting) if due else queryset.exclude(waiting)


class OrderFilter(OfReportFilter):
    status = AnyOf(choices=OrderStatus.choices)
    kind = AnyOf(choices=SupervisionKind.choices)
    department = django_filters.CharFilter(field_name="department__code", label="code of the unit it is for")

    class Meta:
        model = SupervisionOrder
        fields: list[str] = []


class CardFilter(OfReportFilter):
    colour = django_filters.ChoiceFilter(choices=CardColour.choices)
    department = django_filters.CharFilter(field_name="department__code", label="code")
    revoked = django_filters.BooleanFilter(field_name="revoked_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Card
        fields: list[str] = []


class DeputyFilter(django_filters.FilterSet):
    now = django_filters.BooleanFilter(method="by_now", label="standing in at this moment")

    class Meta:
        model = Deputy
        fields: list[str] = []

    def by_now(self, queryset: QuerySet[Deputy], name: str, present: bool) -> QuerySet[Deputy]:
        standing = Q(starts_at__lte=now(), ends_at__gt=now())
        return queryset.filter(standing) if present else queryset.exclude(standing)
