"""What follows when a lead has no more to do: its whistle can be rated, and with the last lead the report reviewed."""

from reports.actions.step import Step
from reports.models import Assignment
from reports.models.vocabulary import DUTY_ANSWERED, AssignmentRole, AssignmentStatus
from reports.rules import limit_for
from reports.transitions import REPORT, WHISTLE


def lead_is_done(doing: Step, duty: Assignment, how: str) -> None:
    """`how` is the whistle's transition: `submit` by the lead's result, `lead_waived` by its release."""
    whistle = duty.whistle
    if whistle is not None and whistle.status in WHISTLE.transitions[how].sources:
        doing.move(WHISTLE, whistle, how)
        whistle.submitted_at = doing.moment
        whistle.save()
        doing.event("whistle_submitted", whistle=whistle)
    all_leads_done(doing)


def all_leads_done(doing: Step) -> bool:
    """Put the report to review if every lead on it has answered or was released; whether it was."""
    leads = Assignment.objects.filter(report=doing.report, active=True, role=AssignmentRole.LEAD)
    statuses = set(leads.values_list("status", flat=True))
    if not statuses or not statuses <= set(DUTY_ANSWERED):
        return False
    doing.move(REPORT, doing.report, "leads_done")
    if statuses != {AssignmentStatus.WAIVED}:
        doing.report.finished_at = doing.moment
    doing.start_clock("review", limit_for("review", doing.report.urgency))
    doing.event("to_review")
    return True
