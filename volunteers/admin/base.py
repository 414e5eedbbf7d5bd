"""What the pages about volunteers share: they open to the desks, and a decision is a step page."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from unfold.paginator import InfinitePaginator
from unfold.widgets import UnfoldAdminTextareaWidget

from core.admin import StepForm
from grids.scoped_admin import ScopedReadOnlyAdmin
from volunteers.access import RUNS


class ReasonForm(StepForm):
    reason = forms.CharField(label=_("reason"), max_length=1000, widget=UnfoldAdminTextareaWidget())


class DeskAdmin(ScopedReadOnlyAdmin):
    """Rows of the own area, to look at; `decide` is a step on one of them."""

    seen_with = (RUNS,)
    sortable_by = ()
    paginator = InfinitePaginator
    show_full_result_count = False

    def decide(
        self,
        request: HttpRequest,
        object_id: str,
        title: str | Promise,
        act: Callable[[Any, int, dict[str, Any]], object],
        form_class: type[StepForm] = StepForm,
    ) -> HttpResponse:
        return self.step_page(
            request,
            object_id,
            title=title,
            question=title,
            button=title,
            done=_("Done."),
            act=lambda obj, data: act(request.user, obj.pk, data),
            form_class=form_class,
        )
