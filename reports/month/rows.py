"""The numbers of a month as the rows have them; no event is read."""

from typing import Any

from django.db.models import F, Q, QuerySet

from notifications.models import Notification
from reports.models import (
    Assignment,
    CallbackTry,
    Card,
    ChangeRequest,
    Clock,
    FieldCheck,
    Meeting,
    Report,
    SupervisionOrder,
    Whistle,
)
from reports.models.vocabulary import (
    CallbackOutcome,
    ClockKind,
    ClockOutcome,
    FieldCheckStatus,
    Light,
    ReportStatus,
    RequestKind,
    RequestStatus,
    WhistleStatus,
)
from reports.month.tally import OF_KIND, OF_ORDER, OF_ORDER_STATUS, OF_SATISFACTION, OF_STATUS, Tally, returned


def count_rows() -> Tally:
    """Every number of `tally.NAMES`."""
    tally = Tally()
    for part in (_reports, _in_time, _checks_and_duties, _requests, _whistles, _supervision, _callbacks):
        part(tally)
    return tally


def _count(tally: Tally, name: str, rows: QuerySet[Any], report: str = "report_id") -> None:
    for report_id in rows.order_by().values_list(report, flat=True):
        tally.add(name, report_id)


def _reports(tally: Tally) -> None:
    reports = Report.objects.all()
    _count(tally, "reports", reports, "pk")
    _count(tally, "split off", reports.filter(split_from__isnull=False), "pk")
    _count(tally, "self-handled", reports.filter(self_handled=True), "pk")
    _count(tally, "accepted", reports.filter(accepted_at__isnull=False), "pk")
    _count(tally, "dispatched", reports.filter(dispatched_at__isnull=False), "pk")
    _count(tally, "closed without answer", reports.filter(callback_outcome=CallbackOutcome.UNREACHED), "pk")
    for report_id, status, reworks, redos in reports.values_list("pk", "status", "rework_count", "redo_count"):
        tally.add(OF_STATUS[status], report_id)
        tally.add("reworks", report_id, reworks)
        tally.add("redone after callback", report_id, redos)


def _in_time(tally: Tally) -> None:
    """A closed report is as much in time as the handling clock that stopped last."""
    _count(tally, "exempt clocks", Clock.objects.filter(exempt=True))
    judged = Clock.objects.filter(kind=ClockKind.HANDLE, outcome__in=(ClockOutcome.MET, ClockOutcome.OVERDUE))
    judged = judged.filter(report__status=ReportStatus.CLOSED).order_by("stopped_at", "pk")
    outcomes = dict(judged.values_list("report_id", "outcome"))
    for report_id, outcome in outcomes.items():
        tally.add("closed in time" if outcome == ClockOutcome.MET else "closed overdue", report_id)


def _checks_and_duties(tally: Tally) -> None:
    checks = FieldCheck.objects.all()
    _count(tally, "field checks", checks)
    _count(tally, "field checks confirmed", checks.filter(confirmed=True))
    _count(tally, "field checks refuted", checks.filter(confirmed=False))
    _count(tally, "field checks cancelled", checks.filter(status=FieldCheckStatus.CANCELLED))
    duties = Assignment.objects.all()
    # What was handled on the spot came with its result.
    _count(tally, "results", duties.filter(submitted_at__isnull=False).exclude(submitted_at=F("issued_at")))
    in_other_hands = Q(handed_from__isnull=False) | Q(department__isnull=False, assignee__isnull=False)
    _count(tally, "handed on", duties.filter(in_other_hands))
    _count(tally, "report-ins", duties.filter(reported_in_lng__isnull=False))
    _count(tally, "late report-ins", duties.filter(reported_in_late=True))
    _count(tally, "report-ins from far away", duties.filter(reported_in_far=True))
    _count(tally, "left the scene", duties.filter(left_at__isnull=False))
    _count(tally, "left without release", duties.filter(left_unreleased=True))
    _count(tally, "released from the scene", duties.filter(released_at__isnull=False))
    rated = duties.filter(rated_at__isnull=False)
    _count(tally, "units rated", rated)
    marks = F("rating_response") + F("rating_attendance") + F("rating_result")
    for report_id, given in rated.annotate(marks=marks).values_list("report_id", "marks"):
        tally.add("marks given", report_id, given)
    missed = Clock.objects.filter(kind=ClockKind.REPORT_IN, light=Light.RED)
    _count(tally, "no-shows", missed)


def _requests(tally: Tally) -> None:
    for report_id, kind, status, data in ChangeRequest.objects.values_list("report_id", "kind", "status", "data"):
        tally.add(OF_KIND[kind], report_id)
        if status == RequestStatus.PENDING:
            continue
        tally.add(f"{OF_KIND[kind]} {status}", report_id)
        if status != RequestStatus.GRANTED:
            continue
        if kind == RequestKind.RETURN:
            tally.add(returned(data["granted"]["to"]), report_id)
        if kind == RequestKind.EXTENSION:
            tally.add("seconds of extension", report_id, data["granted"]["seconds"])


def _whistles(tally: Tally) -> None:
    blown = Whistle.objects.filter(blown_at__isnull=False)
    first = blown.filter(previous__isnull=True)
    _count(tally, "whistles", first)
    for report_id, kind in first.values_list("report_id", "kind"):
        tally.add(f"{kind} whistles", report_id)
    every = Whistle.objects.all()
    _count(tally, "whistles declined", every.filter(status=WhistleStatus.DECLINED))
    _count(tally, "whistles withdrawn", every.filter(status=WhistleStatus.WITHDRAWN))
    _count(tally, "whistles rated", every.filter(rated_at__isnull=False))
    _count(tally, "whistles closed", every.filter(status=WhistleStatus.CLOSED))
    _count(tally, "second rounds", blown.filter(round=2))
    _count(tally, "third rounds", blown.filter(round=3))
    _count(tally, "emergencies reviewed", every.filter(reviewed_at__isnull=False))
    _count(tally, "emergencies not justified", every.filter(justified=False))
    for report_id, decisions in Meeting.objects.values_list("whistle__report_id", "decisions"):
        tally.add("meetings", report_id)
        tally.add("decisions", report_id, len(decisions))


def _supervision(tally: Tally) -> None:
    fields = ("report_id", "kind", "status", "sent_back")
    for report_id, kind, status, sent_back in SupervisionOrder.objects.values_list(*fields):
        tally.add(OF_ORDER[kind], report_id)
        tally.add(OF_ORDER_STATUS[status], report_id)
        tally.add("replies sent back", report_id, sent_back)
    _count(tally, "replies overdue", Clock.objects.filter(kind=ClockKind.REPLY, light=Light.RED))
    for report_id, colour in Card.objects.values_list("report_id", "colour"):
        tally.add(f"{colour} cards", report_id)
    _count(tally, "cards by rule", Card.objects.exclude(trigger=""))
    _count(tally, "cards revoked", Card.objects.filter(revoked_at__isnull=False))
    # Nudges have no rows but the notices they made.
    heard = Notification.objects.filter(kind="urged").values_list("params__report", "created_at")
    reports = {str(pk): pk for pk in Report.objects.values_list("pk", flat=True)}
    for report_id, _ in set(heard):
        tally.add("urges heard", reports[report_id])


def _callbacks(tally: Tally) -> None:
    tries = CallbackTry.objects.all()
    _count(tally, "callbacks", tries)
    _count(tally, "callbacks reached", tries.filter(reached=True))
    _count(tally, "callbacks solved", tries.filter(solved=True))
    for report_id, satisfaction in tries.filter(reached=True).values_list("report_id", "satisfaction"):
        tally.add(OF_SATISFACTION[satisfaction], report_id)
