"""What hangs on a report's requests: clocks that stand still meanwhile, and requests whose matter has gone."""

from collections.abc import Iterable

from reports.actions.step import Step
from reports.models import Assignment, ChangeRequest, Clock
from reports.models.vocabulary import OF_THE_MATTER, AssignmentStatus, ReportStatus, RequestKind, RequestStatus
from reports.transitions import REQUEST


def hold_clocks(doing: Step) -> None:
    """Bring the report's open clocks in line with what holds them: while it is suspended none of
    the matter runs, and none of a duty whose return is being decided; every other goes on with what it has left. The
    duties are saved before."""
    suspended = doing.report.status == ReportStatus.SUSPENDED
    open_clocks = Clock.objects.filter(report=doing.report, stopped_at__isnull=True, kind__in=OF_THE_MATTER)
    for clock in open_clocks.select_related("assignment"):
        duty = clock.assignment
        held = suspended or (duty is not None and duty.status == AssignmentStatus.RETURNED)
        if held and clock.running:
            doing.pause_clock(clock)
        elif not held and not clock.running:
            doing.resume_clock(clock)


def lapse_requests(
    doing: Step, because: str, duties: Iterable[Assignment] | None = None, kinds: Iterable[str] = RequestKind.values
) -> None:
    """Close what is still to be decided about these duties, or anything on the report: there is nothing left to decide.

    Comes after the event of the step itself, which `because` names.
    """
    pending = ChangeRequest.objects.filter(report=doing.report, status=RequestStatus.PENDING, kind__in=list(kinds))
    if duties is not None:
        pending = pending.filter(assignment__in=[duty.pk for duty in duties])
    for change in pending.select_related("assignment__department", "asked_by").order_by("pk"):
        REQUEST.move(change, "lapse")
        change.decided_at = doing.moment
        change.save()
        doing.event(
            "request_lapsed",
            assignment=change.assignment,
            change=change,
            unit=change.assignment.department if change.assignment else None,
            data={"kind": change.kind, "because": because},
        )
        doing.notify([change.asked_by], "request_lapsed", subject="request", subject_id=change.pk, what=change.kind)
