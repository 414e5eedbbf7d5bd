"""Keyset pages: the cursor names the last row seen, so page 1,000 costs what page 1 costs and none is counted."""

import base64
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from core.moment import is_plausible
from core.problems import Problem

MAX_PAGE = 100


class KeysetPagination(BasePagination):
    """`?cursor=…&page_size=…` over a view's `keyset = ("-received_at", "-id")`.

    All keys run in one direction and together are unique and never null. Answers
    `{"results": […], "next": url or null}`; `next` is null on the last page.
    """

    page_size = 25

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.request = request
        self.keys: tuple[str, ...] = getattr(view, "keyset", ("-id",))
        self.size = self._size(request)
        self.has_next = False
        rows = list(self._after(queryset.order_by(*self.keys), request)[: self.size + 1])
        self.has_next = len(rows) > self.size
        self.rows = rows[: self.size]
        return self.rows

    def _size(self, request: Request) -> int:
        raw = request.query_params.get("page_size")
        if raw is None:
            return self.page_size
        if not raw.isascii() or not raw.isdigit() or not 1 <= int(raw[:6]) <= MAX_PAGE:
            raise Problem("invalid", "page_size")
        return int(raw)

    def _after(self, queryset: QuerySet[Any], request: Request) -> QuerySet[Any]:
        raw = request.query_params.get("cursor")
        if not raw:
            return queryset
        names = [key.lstrip("-") for key in self.keys]
        fields = [queryset.model._meta.get_field(name) for name in names]
        try:
            values = orjson.loads(base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4)))
            if not isinstance(values, list) or len(values) != len(names):
                raise ValueError
            values = [field.to_python(value) for field, value in zip(fields, values, strict=True)]
            if any(_never_given_out(value) for value in values):
                raise ValueError
        except (ValueError, TypeError, ValidationError) as exc:
            raise Problem("bad_cursor", "cursor") from exc
        compare = "lt" if self.keys[0].startswith("-") else "gt"
        # The plain first bound lets the index start at the cursor; the rest breaks ties.
        bound = Q(**{f"{names[0]}__{compare}e": values[0]})
        ties = Q()
        for index, name in enumerate(names):
            equal = {names[before]: values[before] for before in range(index)}
            ties |= Q(**equal, **{f"{name}__{compare}": values[index]})
        return queryset.filter(bound & ties)

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"results": data, "next": self._next_link()})

    def _next_link(self) -> str | None:
        if not self.has_next:
            return None
        last = self.rows[-1]
        values = [_plain(getattr(last, key.lstrip("-"))) for key in self.keys]
        cursor = base64.urlsafe_b64encode(orjson.dumps(values)).decode().rstrip("=")
        return replace_query_param(self.request.build_absolute_uri(), "cursor", cursor)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["results", "next"],
            "properties": {
                "results": schema,
                "next": {
                    "type": "string",
                    "format": "uri",
                    "nullable": True,
                    "description": "null on the last page",
                    "example": None,
                },
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {"name": "cursor", "in": "query", "required": False, "schema": {"type": "string"}},
            {
                "name": "page_size",
                "in": "query",
                "required": False,
                "schema": {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": self.page_size},
            },
        ]


def _never_given_out(value: Any) -> bool:
    """What no row of ours holds and no database should be asked for."""
    if isinstance(value, datetime):
        return not is_plausible(value)
    return value is None or (isinstance(value, str) and "\x00" in value)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    return value
