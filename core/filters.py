"""The filters of lists: a name that the list does not have is refused, not passed over."""

from typing import Any

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


class StrictFilterBackend(DjangoFilterBackend):
    """A misspelt filter would answer with everything, as if nothing had been asked."""

    def filter_queryset(self, request: Request, queryset: Any, view: Any) -> Any:
        filterset = self.get_filterset_class(view, queryset)
        if filterset is not None:
            unknown = set(request.query_params) - set(filterset.base_filters) - PAGING
            if unknown:
                raise Problem("invalid", errors=unknown_names(unknown))
        return super().filter_queryset(request, queryset, view)
