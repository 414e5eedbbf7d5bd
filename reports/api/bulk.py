"""One action on up to a hundred reports. Each is a step of its own, done wholly or not at all."""

import logging
from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import caller
from accounts.models import User
from accounts.roles import Can
from core.problems import Problem, as_problem
from grids.scope import scope_of
from reports.actions import dispatch, merging, pool, urging
from reports.actions.step import AlreadyDone
from reports.api.input import BulkAssignIn, BulkIn, BulkMergeIn, BulkUrgeIn, targets_of
from reports.api.output.bulk import BulkOut
from reports.models import Report

log = logging.getLogger(__name__)

# The person, the row (id, version, request id), and the rest of the body.
Run = Callable[[User, dict[str, Any], dict[str, Any]], None]


def _accept(user: User, row: dict[str, Any], said: dict[str, Any]) -> None:
    pool.accept(user, row.pop("id"), **row)


def _assign(user: User, row: dict[str, Any], said: dict[str, Any]) -> None:
    targets = targets_of(dict(said))
    dispatch.assign(user, row.pop("id"), targets, said.get("instruction", ""), **row)


def _merge(user: User, row: dict[str, Any], said: dict[str, Any]) -> None:
    merging.merge(user, row.pop("id"), **said, **row)


def _urge(user: User, row: dict[str, Any], said: dict[str, Any]) -> None:
    urging.urge(user, row.pop("id"), **said, **row)


# name (the last part of the address), body, action, what it is, the kind of the event that carries the request id, and
# the capabilities of which one must hold one somewhere to ask at all.
BulkRow = tuple[str, type[BulkIn], Run, str, str, tuple[Can, ...]]

BULK_STEPS: list[BulkRow] = [
    ("accept", BulkIn, _accept, "批量受理 Accept several reports", "accept", (Can.DISPATCH_REPORT,)),
    ("assign", BulkAssignIn, _assign, "批量派单 Give the same duties on several", "assign", (Can.DISPATCH_REPORT,)),
    ("merge", BulkMergeIn, _merge, "批量并案 Merge several reports into one", "merge", (Can.DISPATCH_REPORT,)),
    ("urge", BulkUrgeIn, _urge, "批量催办 Nudge those who have the next move on several", "urge", urging.MAY_URGE),
]

EXAMPLE = OpenApiExample(
    "one done, one refused",
    response_only=True,
    value={
        "results": [
            {"id": "0b7c1c6e-9d0f-4a55-9a70-0d7f3c0e6a11", "ok": True, "status": "accepted", "version": 2},
            {
                "id": "5f2c0a54-3c1e-4b0e-8f57-0c2f6f0f7a22",
                "ok": False,
                "problem": {
                    "code": "transition_refused",
                    "title": "当前状态下不能这样操作。",
                    "status": 409,
                    "current": "closed",
                    "allowed": ["reopen"],
                },
            },
        ]
    },
)


def _done(run: Run, kind: str, user: User, row: dict[str, Any], said: dict[str, Any]) -> Problem | None:
    """Carry one row out; the refusal, if there is one. What nobody foresaw is recorded and spoils this row only."""
    report_id = row["id"]
    try:
        run(user, dict(row), said)
    except AlreadyDone as done:
        return None if done.event.kind == kind else Problem("request_id_taken", "request_id")
    except Exception as exc:
        problem = as_problem(exc)
        if problem is None:
            log.exception("bulk %s of report %s failed", kind, report_id)
        return problem or Problem("internal")
    return None


def _bulk_view(step: BulkRow) -> Callable[..., Any]:
    name, body, run, says, kind, capabilities = step

    class BulkView(APIView):
        @extend_schema(
            request=body,
            responses=BulkOut,
            operation_id=f"reports_bulk_{name}",
            description=says,
            summary=says,
            examples=[EXAMPLE],
        )
        def post(self, request: Request) -> Response:
            user = caller(request)
            scope = scope_of(user)
            if not any(scope.anywhere(can) for can in capabilities):
                raise Problem("forbidden")
            serializer = body(data=request.data)
            serializer.is_valid(raise_exception=True)
            said = dict(serializer.validated_data)
            rows = said.pop("reports")
            refused = {row["id"]: _done(run, kind, user, row, said) for row in rows}
            done = [pk for pk, problem in refused.items() if problem is None]
            now_in = Report.objects.filter(pk__in=done).values_list("pk", "status", "version")
            states = {pk: {"status": status, "version": version} for pk, status, version in now_in}
            return Response(
                {
                    "results": [
                        {"id": pk, "ok": True, **states.get(pk, {})}
                        if problem is None
                        else {"id": pk, "ok": False, "problem": problem.document()}
                        for pk, problem in refused.items()
                    ]
                }
            )

    BulkView.__name__ = f"Bulk{name.title()}"
    BulkView.__doc__ = says
    return BulkView.as_view()


BULK_VIEWS = {step[0]: _bulk_view(step) for step in BULK_STEPS}
