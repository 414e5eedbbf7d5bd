"""What the views of this app share."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.authentication import caller
from core.problems import Problem
from households.actions.frame import AlreadyDone
from households.api.output import HouseholdDetail
from households.detail import full_household, groups_of, marks_of


def show(request: Request, household_id: UUID, status: int = 200) -> Response:
    """The whole file, as every step answers with it."""
    return Response(shown(request, household_id), status=status)


def shown(request: Request, household_id: UUID) -> Any:
    user = caller(request)
    household = full_household(user, household_id)
    return HouseholdDetail(household, context=resident_context(request, household)).data


def resident_context(request: Request, household: Any) -> dict[str, Any]:
    """What the serializers of residents need, from a full household."""
    user = caller(request)
    return {"user": user, "marks": marks_of(household), "groups": groups_of(user, household)}


def in_full(told: dict[str, str]) -> Response:
    """What a reveal answers; nothing on the way may keep it."""
    return Response(told, headers={"Cache-Control": "no-store"})


@contextmanager
def telling_the_present(state: Callable[[], Any]) -> Iterator[None]:
    """A stale version is refused with the present, masked state, for the caller to compare with."""
    try:
        yield
    except Problem as problem:
        if problem.code == "stale_version":
            problem.extra["current"] = state()
        raise


def same_step(done: AlreadyDone, kind: str) -> dict[str, Any]:
    """What a repeated request did when it came first; `request_id_taken` if that was another step."""
    if done.event.kind != kind:
        raise Problem("request_id_taken", "request_id")
    data: dict[str, Any] = done.event.data
    return data
