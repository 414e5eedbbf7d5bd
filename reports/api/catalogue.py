"""The catalogue as phones and desks read it: what is in force today."""

from typing import Any

import django_filters
from django.db.models import Prefetch, Q, QuerySet
from django.urls import path
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import ListAPIView, RetrieveAPIView

from core.filters import AnyOf
from core.spelling import Spelling, is_spelt, spelling
from reports.calendar import today
from reports.limits import Limit, Unit
from reports.models.catalogue import CatalogueItem, ItemStandard, ItemVersion
from reports.models.vocabulary import StandardSource, Urgency
from reports.questions import KINDS

EXAMPLE = OpenApiExample(
    "exposed rubbish: the shorter limit of two sources holds",
    response_only=True,
    value={
        "code": "02-01-001",
        "kind": "event",
        "class_code": "01",
        "class_name": "市容环境",
        "name": "暴露垃圾",
        "spelling": [["bao", "pu", "bo"], ["lu", "lou"], ["la"], ["ji", "jie"]],
        "valid_from": "2026-01-01",
        "valid_to": None,
        "lead_department": {"code": "WH-ZHZF", "name": "综合行政执法局"},
        "may_self_handle": True,
        "urgency": "normal",
        "questions": [
            {
                "key": "q1",
                "text": "垃圾是否正在燃烧",
                "kind": "yes_no",
                "choices": [],
                "required": True,
                "notices": [{"answer": True, "text": "请立即拨打119", "stops": True}],
            }
        ],
        "effective_limit": {
            "amount": "4",
            "unit": "work_hour",
            "text": "4工作时",
            "source": "digital_city",
        },
        "effective_closing": "数字城管：垃圾清除,地面干净",
        "standards": [
            {
                "source": "digital_city",
                "limit": {"amount": "4", "unit": "work_hour", "text": "4工作时"},
                "filing_condition": "公共场所有成堆或散落垃圾",
                "closing_condition": "垃圾清除,地面干净",
            }
        ],
    },
)


class LimitOut(serializers.Serializer[Limit]):
    """A limit 时限: its amount, its unit, and as the catalogue writes it."""

    amount = serializers.SerializerMethodField()
    unit = serializers.ChoiceField(choices=Unit.choices)
    text = serializers.SerializerMethodField()

    def get_amount(self, limit: Limit) -> str:
        return f"{limit.amount.normalize():f}"

    def get_text(self, limit: Limit) -> str:
        return limit.text()


class EffectiveLimitOut(LimitOut):
    """The shortest of the standards' limits, and the source it comes from."""

    source = serializers.ChoiceField(choices=StandardSource.choices)  # type: ignore[assignment]


class StandardOut(serializers.Serializer[ItemStandard]):
    source = serializers.ChoiceField(choices=StandardSource.choices)  # type: ignore[assignment]
    limit = LimitOut()
    filing_condition = serializers.CharField()
    closing_condition = serializers.CharField()


class NoticeOut(serializers.Serializer[Any]):
    """What one answer tells the person; `stops`: with it the report is not taken in (`not_for_this_channel`)."""

    answer = serializers.SerializerMethodField(help_text="the value of the answer, for a yes-or-no question a boolean")
    text = serializers.CharField()
    stops = serializers.BooleanField()

    @extend_schema_field({"oneOf": [{"type": "string"}, {"type": "boolean"}]})
    def get_answer(self, notice: dict[str, Any]) -> Any:
        return notice["answer"]


class QuestionOut(serializers.Serializer[Any]):
    """A question and how it is answered under its key: a text, a number, an ISO 8601 time with its zone, true or
    false, one of the choices, or a list of them."""

    key = serializers.CharField()
    text = serializers.CharField()
    kind = serializers.ChoiceField(choices=KINDS)
    choices = serializers.ListField(child=serializers.CharField())
    required = serializers.BooleanField()  # type: ignore[assignment]
    notices = serializers.SerializerMethodField()

    @extend_schema_field(NoticeOut(many=True))
    def get_notices(self, question: dict[str, Any]) -> Any:
        return NoticeOut(question.get("notices", []), many=True).data


class LeadDepartmentOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()


class ItemInForce(serializers.Serializer[Any]):
    """What is said of an item everywhere, as one version of it says it."""

    code = serializers.CharField(source="item.code")
    kind = serializers.ChoiceField(choices=CatalogueItem.Kind.choices, source="item.kind")
    class_code = serializers.CharField(source="item.class_code")
    class_name = serializers.CharField(source="item.class_name")
    name = serializers.CharField()
    spelling = serializers.SerializerMethodField(
        help_text="for each character of the name its readings in pinyin without tones, to search by on the device"
    )
    may_self_handle = serializers.BooleanField()
    urgency = serializers.ChoiceField(choices=Urgency.choices)
    questions = QuestionOut(many=True)
    effective_closing = serializers.CharField()

    @extend_schema_field({"type": "array", "items": {"type": "array", "items": {"type": "string"}}})
    def get_spelling(self, version: ItemVersion) -> Spelling:
        return spelling(version.name)


class ItemOut(ItemInForce):
    """An item as its version in force says it; the item brings that one version in `in_force`."""

    valid_from = serializers.DateField()
    valid_to = serializers.DateField(allow_null=True)
    lead_department = LeadDepartmentOut(allow_null=True)
    effective_limit = serializers.SerializerMethodField()
    standards = StandardOut(many=True)

    def to_representation(self, instance: Any) -> Any:
        return super().to_representation(instance.in_force[0])

    @extend_schema_field(EffectiveLimitOut)
    def get_effective_limit(self, version: ItemVersion) -> dict[str, Any]:
        return {**LimitOut(version.effective_limit).data, "source": version.effective_source}


def items_in_force() -> QuerySet[CatalogueItem]:
    """Items with a version today, each with that version in `in_force`; three queries for any number of rows."""
    versions = ItemVersion.objects.current(today())
    return CatalogueItem.objects.filter(pk__in=versions.order_by().values("item_id")).prefetch_related(
        Prefetch(
            "versions",
            queryset=versions.select_related("lead_department").prefetch_related("standards"),
            to_attr="in_force",
        )
    )


class CatalogueFilter(django_filters.FilterSet):
    kind = AnyOf(choices=CatalogueItem.Kind.choices)
    q = django_filters.CharFilter(
        method="by_text", label="part of the name, its pinyin or initials (baolu, bllj), or the beginning of the code"
    )
    self_handle = django_filters.BooleanFilter(method="by_self_handle", label="may be handled by the worker alone")
    department = django_filters.CharFilter(method="by_department", label="code of the lead department")

    class Meta:
        model = CatalogueItem
        fields: list[str] = []

    def by_text(self, queryset: QuerySet[CatalogueItem], name: str, text: str) -> QuerySet[CatalogueItem]:
        condition = Q(name__icontains=text) | Q(item__code__startswith=text)
        if text.isascii() and text.isalpha():
            names = ItemVersion.objects.current(today()).order_by().values_list("pk", "name")
            condition |= Q(pk__in=[pk for pk, name in names if is_spelt(text, spelling(name))])
        return _saying(queryset, condition)

    def by_self_handle(self, queryset: QuerySet[CatalogueItem], name: str, may: bool) -> QuerySet[CatalogueItem]:
        return _saying(queryset, Q(may_self_handle=may))

    def by_department(self, queryset: QuerySet[CatalogueItem], name: str, code: str) -> QuerySet[CatalogueItem]:
        return _saying(queryset, Q(lead_department__code=code))


def _saying(queryset: QuerySet[CatalogueItem], condition: Q) -> QuerySet[CatalogueItem]:
    return queryset.filter(pk__in=ItemVersion.objects.current(today()).filter(condition).order_by().values("item_id"))


@extend_schema_view(get=extend_schema(operation_id="catalogue", examples=[EXAMPLE]))
class CatalogueList(ListAPIView[CatalogueItem]):
    """The items in force today, by code, each with every source's standard and the limit that holds."""

    serializer_class = ItemOut
    filterset_class = CatalogueFilter
    keyset = ("code",)

    def get_queryset(self) -> QuerySet[CatalogueItem]:
        return items_in_force()


@extend_schema_view(get=extend_schema(operation_id="catalogue_item", examples=[EXAMPLE]))
class CatalogueDetail(RetrieveAPIView[CatalogueItem]):
    """One item in force today; a retired one is not found."""

    serializer_class = ItemOut
    lookup_field = "code"
    filter_backends = ()

    def get_queryset(self) -> QuerySet[CatalogueItem]:
        return items_in_force()


urlpatterns = [
    path("catalogue", CatalogueList.as_view(), name="catalogue-list"),
    path("catalogue/<str:code>", CatalogueDetail.as_view(), name="catalogue-detail"),
]
