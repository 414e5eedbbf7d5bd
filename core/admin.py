"""What every page of the administration shares: writes by named actions, an audit trail, nothing deleted."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from auditlog.diff import model_instance_diff
from auditlog.models import LogEntry
from auditlog.registry import auditlog
from django import forms
from django.contrib import messages
from django.contrib.admin.models import LogEntry as AdminLogEntry
from django.contrib.admin.utils import unquote
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from core.problems import Problem

HISTORY_LENGTH = 100


@contextmanager
def recorded(obj: models.Model) -> Iterator[None]:
    """Audit what the block does to the row of `obj`, also when it writes by `update()`, which sends no signals.

    Rows of a kind that is not audited have a record of their own, such as a report's events.
    """
    if not auditlog.contains(type(obj)):
        yield
        return
    rows = type(obj)._base_manager.filter(pk=obj.pk)
    entries = LogEntry.objects.get_for_object(obj)
    before, count = rows.get(), entries.count()
    yield
    after = rows.get()
    if entries.count() == count:
        changes = model_instance_diff(before, after)
        if changes:
            LogEntry.objects.log_create(after, action=LogEntry.Action.UPDATE, changes=changes)


class ActionForm(forms.ModelForm):
    """A form that saves by calling a named action: what the action refuses becomes an error at its field.

    The action runs as the last step of validation, inside the transaction of the page.
    """

    request: HttpRequest
    done: models.Model

    def act(self, data: dict[str, Any]) -> models.Model:
        """Do it; returns the row made or changed. May raise `Problem`."""
        raise NotImplementedError

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.errors:
            return
        if self.instance.pk and not self.changed_data:
            self.done = self.instance
            return
        try:
            with transaction.atomic():
                if self.instance.pk:
                    with recorded(self.instance):
                        self.done = self.act(self.cleaned_data)
                else:
                    self.done = self.act(self.cleaned_data)
        except Problem as problem:
            self.refuse(problem)

    def refuse(self, problem: Problem) -> None:
        """Show a refusal at its field, or above the form if it has none here."""
        for error in problem.errors or []:
            name = str(error.get("field") or "")
            self.add_error(name if name in self.fields else None, str(error["message"]))
        if not problem.errors:
            self.add_error(problem.field if problem.field in self.fields else None, problem.sentence)

    def save(self, commit: bool = True) -> models.Model:
        return self.done

    def save_m2m(self) -> None:
        """Nothing is left to save."""

    def unchanged(self) -> Any:
        """The row as it stands in the database; the form's own instance already carries what was typed."""
        return type(self.instance)._base_manager.get(pk=self.instance.pk)


class StepForm(forms.Form):
    """The form of a step on one object; without fields it only asks for confirmation."""

    def __init__(self, *args: Any, obj: models.Model, request: HttpRequest, **kwargs: Any) -> None:
        self.obj, self.request = obj, request
        super().__init__(*args, **kwargs)


class AuditedAdmin(ModelAdmin):
    """An administration page whose changes are audited and shown in its history; rows are never deleted here."""

    compressed_fields = True
    warn_unsaved_form = True
    list_filter_submit = False
    # With the full count every list would say "show all" beside what it shows.
    show_full_result_count = True
    list_per_page = 50
    list_max_show_all = 0
    actions: Any = None
    # Rows whose history is kept by their actions, and of whose values the trail is to learn nothing.
    keeps_own_history = False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.request = request
        return form

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not isinstance(form, ActionForm):
            super().save_model(request, obj, form, change)

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        # Django redirects with a message; what one may not know of is a plain 404, as everywhere else.
        raise Http404

    def step_page(
        self,
        request: HttpRequest,
        object_id: str,
        *,
        title: str | Promise,
        button: str | Promise,
        done: str | Promise,
        act: Callable[[Any, dict[str, Any]], object],
        question: str | Promise = "",
        form_class: type[StepForm] = StepForm,
    ) -> HttpResponse:
        """A page for one step on one object: GET asks, POST does it and returns to the object."""
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            raise Http404
        form = form_class(request.POST if request.method == "POST" else None, obj=obj, request=request)
        if request.method == "POST" and form.is_valid():
            try:
                with transaction.atomic(), nullcontext() if self.keeps_own_history else recorded(obj):
                    act(obj, form.cleaned_data)
                    self.log_change(request, obj, str(title))
            except Problem as problem:
                form.add_error(problem.field if problem.field in form.fields else None, problem.sentence)
            else:
                messages.success(request, str(done))
                return HttpResponseRedirect(self._back_to(request, obj))
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "subtitle": str(obj),
            "opts": self.opts,
            "original": obj,
            "form": form,
            "question": question,
            "button": button,
            "back": self._back_to(request, obj),
            "media": self.media + form.media,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/step.html", context)

    def _back_to(self, request: HttpRequest, obj: Any) -> str:
        info = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}"
        if self.get_queryset(request).filter(pk=obj.pk).exists():
            return reverse(f"{info}_change", args=(obj.pk,))
        return reverse(f"{info}_changelist")

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Who changed what and when: the audit trail, and what was done here in words."""
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            raise Http404
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        done_here = AdminLogEntry.objects.filter(
            object_id=str(obj.pk), content_type=ContentType.objects.get_for_model(self.model)
        )
        context = {
            **self.admin_site.each_context(request),
            "title": _("History"),
            "subtitle": str(obj),
            "opts": self.opts,
            "object": obj,
            "original": obj,
            "entries": LogEntry.objects.get_for_object(obj).select_related("actor").order_by("-id")[:HISTORY_LENGTH],
            "done_here": done_here.select_related("user").order_by("-action_time")[:HISTORY_LENGTH],
            **(extra_context or {}),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/audit_history.html", context)


class ReadOnlyAdmin(AuditedAdmin):
    """Looked at, never changed: a POST is refused."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        if request.method == "POST":
            raise PermissionDenied
        return super().changeform_view(request, object_id, form_url, extra_context)
