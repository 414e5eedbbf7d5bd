"""What the views of this app share."""

from collections.abc import Callable
from typing import Any

import django_filters
from django import forms
from django.core.validators import MaxValueValidator
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from accounts.api.authentication import caller
from accounts.models import User
from core.problems import Problem
from volunteers.actions.frame import AlreadyDone
from volunteers.api.input import LARGEST_ID

Body = type[BaseSerializer[Any]]
# Carries out a step on a row; answers with the key of the row to show.
Run = Callable[[User, int, dict[str, Any]], int]
Show = Callable[[Request, int], Response]


class IdFilter(django_filters.NumberFilter):
    """A key; larger ones than a database holds are refused."""

    field_class = forms.IntegerField

    def get_max_validator(self) -> MaxValueValidator:
        return MaxValueValidator(LARGEST_ID)


def said(request: Request, body: Body) -> dict[str, Any]:
    """The checked body."""
    serializer = body(data=request.data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def known(pk: int) -> int:
    """The key, or `not_found` for one that no database holds."""
    if pk > LARGEST_ID:
        raise Problem("not_found")
    return pk


def done_as(step: AlreadyDone) -> int:
    """The row a repeated request was about."""
    return int(step.step.subject_id)


def step_view(
    name: str, body: Body, run: Run, show: Show, answer: Any, says: str, example: dict[str, Any] | None = None
) -> Callable[..., Any]:
    """A view with one POST: reads the body, runs the action, answers with the row as it stands afterwards."""
    examples = [OpenApiExample("example", request_only=True, value=example)] if example else []

    class StepView(APIView):
        @extend_schema(
            request=body, responses=answer, operation_id=name, description=says, summary=says, examples=examples
        )
        def post(self, request: Request, pk: int) -> Response:
            data = said(request, body)
            try:
                shown = run(caller(request), known(pk), data)
            except AlreadyDone as step:
                shown = done_as(step)
            return show(request, shown)

    StepView.__name__ = "".join(part.title() for part in name.split("_"))
    StepView.__doc__ = says
    return StepView.as_view()
