"""The filters of lists: a name that the list does not have is refused, not passed over."""

from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.request import Request

from core.problems import Problem, catalogue

PAGING = frozenset({"cursor", "page_size"})

catalogue({"filter_unknown_name": (400, _("The list has no filter of this name."))})


def unknown_names(names: set[str], prefix: str = "") -> list[dict[str, Any]]:
    """The rows of a refusal that names these filters; `prefix` is where they stood in the body."""
    sentence = Problem("filter_unknown_name").sentence
    return [{"field": prefix + name, "code": "filter_unknown_name", "message": sentence} for name in sorted(names)]


class AnyOf(django_filters.MultipleChoiceFilter):
    """One of the values named, of one column.

    The library's own makes the rows distinct, which they are, and for that sorts all of them by every column.
    """

    def filter(self, qs: Any, value: list[str]) -> Any:
        return qs.filter(**{f"{self.field_name}__in": value}) if value else qs


class StrictFilterBackend(DjangoFilterBackend):
    """A misspelt filter would answer with everything, as if nothing had been asked."""

    def filter_queryset(self, request: Request, queryset: Any, view: Any) -> Any:
        filterset = self.get_filterset_class(view, queryset)
        if filterset is not None:
            unknown = set(request.query_params) - set(filterset.base_filters) - PAGING
            if unknown:
                raise Problem("invalid", errors=unknown_names(unknown))
        return super().filter_queryset(request, queryset, view)
