"""The knowledge base 知识库, to search and to read; it is written in the administration."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.urls import path
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.problems import Problem
from grids.models import Area
from grids.scope import prefixes
from reports.api.output.named import PersonOut, PlaceOut
from reports.knowledge import for_item, rendered
from reports.models import CatalogueItem, KnowledgeEntry

EXAMPLE = {
    "id": 3,
    "version": 2,
    "title": "自来水爆管:先关哪个阀",
    "items": ["02-01-001"],
    "item_kind": "",
    "class_code": "",
    "area": {"code": "371082007", "name": "崖头街道"},
    "author": {"username": "wang", "name": "王调度"},
    "updated_at": "2026-11-24T09:00:00+08:00",
    "text": "1. 关**东侧**总阀",
    "html": "<ol>\n<li>关<strong>东侧</strong>总阀</li>\n</ol>\n",
}


class KnowledgeRow(serializers.ModelSerializer[KnowledgeEntry]):
    """A line of a list, without its text."""

    items = serializers.SerializerMethodField(help_text="codes; empty for a class or for every item")
    area = PlaceOut(allow_null=True, help_text="null: the whole city")
    author = PersonOut(allow_null=True)

    class Meta:
        model = KnowledgeEntry
        fields: tuple[str, ...] = (
            *("id", "version", "title", "items", "item_kind", "class_code", "area", "author", "updated_at"),
        )

    def get_items(self, entry: KnowledgeEntry) -> list[str]:
        return [item.code for item in entry.items.all()]


class KnowledgeOut(KnowledgeRow):
    html = serializers.SerializerMethodField(help_text="the text as safe HTML")

    class Meta(KnowledgeRow.Meta):
        fields = (*KnowledgeRow.Meta.fields, "text", "html")

    def get_html(self, entry: KnowledgeEntry) -> str:
        return str(rendered(entry.text))


class KnowledgeFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(method="by_text", label="words of title and text")
    item = django_filters.CharFilter(method="by_item", label="catalogue code: what helps with this item")
    area = django_filters.CharFilter(method="by_area", label="code: what holds there")

    class Meta:
        model = KnowledgeEntry
        fields: list[str] = []

    def by_text(self, rows: QuerySet[KnowledgeEntry], name: str, text: str) -> QuerySet[KnowledgeEntry]:
        for word in text.split()[:5]:
            rows = rows.filter(Q(title__icontains=word[:50]) | Q(text__icontains=word[:50]))
        return rows

    def by_item(self, rows: QuerySet[KnowledgeEntry], name: str, code: str) -> QuerySet[KnowledgeEntry]:
        item = CatalogueItem.objects.filter(code=code).first()
        return rows.filter(pk__in=for_item(item).values("pk")) if item else rows.none()

    def by_area(self, rows: QuerySet[KnowledgeEntry], name: str, code: str) -> QuerySet[KnowledgeEntry]:
        path = Area.objects.filter(code=code).values_list("path", flat=True).first()
        return rows.filter(Q(area__isnull=True) | Q(area__path__in=prefixes(path))) if path else rows.none()


def readable() -> QuerySet[KnowledgeEntry]:
    rows = KnowledgeEntry.objects.filter(active=True).select_related("area", "author").prefetch_related("items")
    return rows.defer("area__geometry")


@extend_schema_view(get=extend_schema(operation_id="knowledge"))
class KnowledgeList(ListAPIView[KnowledgeEntry]):
    """The active entries, last changed first; every member of staff may read them."""

    serializer_class = KnowledgeRow
    filterset_class = KnowledgeFilter
    keyset = ("-updated_at", "-id")

    def get_queryset(self) -> QuerySet[KnowledgeEntry]:
        return readable().defer("area__geometry", "text")


class KnowledgeView(APIView):
    @extend_schema(
        responses=KnowledgeOut,
        operation_id="knowledge_entry",
        examples=[OpenApiExample("for one item in one street", response_only=True, value=EXAMPLE)],
    )
    def get(self, request: Request, pk: int) -> Response:
        """One entry with its text."""
        entry = readable().filter(pk=pk).first() if pk < 2**31 else None
        if entry is None:
            raise Problem("not_found")
        return Response(KnowledgeOut(entry).data)


@extend_schema_view(
    get=extend_schema(
        operation_id="catalogue_knowledge",
        parameters=[OpenApiParameter("area", str, description="code: only what holds there")],
    )
)
class ItemKnowledge(ListAPIView[KnowledgeEntry]):
    """What helps with an item, a retired one too: entries that name it or its class, and those for every item."""

    serializer_class = KnowledgeOut
    filter_backends = ()
    keyset = ("-updated_at", "-id")
    queryset = KnowledgeEntry.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        item = CatalogueItem.objects.filter(code=self.kwargs["code"]).first()
        if item is None:
            raise Problem("not_found")
        code = self.request.query_params.get("area")
        area = None
        if code:
            area = Area.objects.filter(code=code).defer("geometry").first()
            if area is None:
                raise Problem("not_found", "area")
        found = for_item(item, area)
        return readable().filter(pk__in=found.values("pk"))


urlpatterns = [
    path("knowledge", KnowledgeList.as_view(), name="knowledge-list"),
    path("knowledge/<int:pk>", KnowledgeView.as_view(), name="knowledge-detail"),
    path("catalogue/<str:code>/knowledge", ItemKnowledge.as_view(), name="catalogue-knowledge"),
]
