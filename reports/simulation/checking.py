"""The independent reading: what the database holds against what the simulated people did and received."""

from collections import Counter
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Max

from accounts.models import Department
from accounts.roles import Can
from notifications.models import Notification
from reports.models import Assignment, CallbackTry, Event, Photo, Report, Requester, Whistle
from reports.models.vocabulary import ReportStatus
from reports.people import of_unit
from reports.simulation.ledger import Ledger

NOT_BLOWN = ("draft", "pending", "declined", "withdrawn")
SHOWN_AT_MOST = 20


def latest_notice() -> int:
    """The highest notice id there is."""
    return Notification.objects.aggregate(latest=Max("id"))["latest"] or 0


def missing_notices(ledger: Ledger) -> list[tuple[int, int]]:
    """(person, notice) for every notice of the morning that was never shown to the one it is for."""
    return [
        (user_id, notice_id)
        for user_id, notice_id in _addressed(ledger)
        if notice_id not in ledger.received.get(user_id, {})
    ]


def verify(ledger: Ledger) -> list[str]:
    """Everything that was lost, doubled or made up; empty when all is well."""
    faults = [*_reports(ledger), *_photos(ledger), *_notices(ledger), *_whistles(ledger), *_requesters(ledger)]
    faults += [f"the server failed: {error}" for error in ledger.server_errors]
    faults += [f"refused: {fault}" for fault in ledger.faults]
    return faults


def _reports(ledger: Ledger) -> list[str]:
    ids = list(ledger.reports)
    stored: Counter[str] = Counter()
    submitted: Counter[str] = Counter()
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        stored.update(str(pk) for pk in Report.objects.filter(pk__in=part).values_list("pk", flat=True))
        events = Event.objects.filter(report_id__in=part, kind="submit").order_by().values_list("report_id")
        submitted.update({str(pk): count for pk, count in events.annotate(count=Count("pk"))})
    faults = []
    for report_id, sent in ledger.reports.items():
        if stored[report_id] != 1:
            answered = "was confirmed and" if sent.accepted else "was never confirmed and"
            faults.append(f"report {report_id} {answered} is stored {stored[report_id]} times")
        elif submitted[report_id] != 1:
            faults.append(f"report {report_id} was submitted {submitted[report_id]} times")
        elif not sent.accepted:
            faults.append(f"report {report_id} is stored and its worker was never told")
    return faults


def _photos(ledger: Ledger) -> list[str]:
    wanted = {(report_id, sha256) for report_id, sent in ledger.reports.items() for sha256 in sent.photos}
    wanted |= set(ledger.result_photos)
    ids = sorted({report_id for report_id, _ in wanted})
    here: Counter[tuple[str, str]] = Counter()
    complete: set[str] = set()
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        rows = Photo.objects.filter(report_id__in=part, received_at__isnull=False)
        here.update((str(report_id), sha256) for report_id, sha256 in rows.values_list("report_id", "sha256"))
        rows_complete = Report.objects.filter(pk__in=part, complete_at__isnull=False)
        complete |= {str(pk) for pk in rows_complete.values_list("pk", flat=True)}
    faults = [
        f"photo {sha256[:12]} of report {report_id} is stored {here[(report_id, sha256)]} times"
        for report_id, sha256 in sorted(wanted)
        if here[(report_id, sha256)] != 1
    ]
    return faults + [
        f"report {report_id} is not complete"
        for report_id in ids
        if report_id in ledger.reports and report_id not in complete
    ]


def _addressed(ledger: Ledger) -> list[tuple[int, int]]:
    rows = Notification.objects.filter(
        recipient_id__in=list(ledger.people),
        id__gt=ledger.first_notice,
        id__lte=ledger.last_notice,
        created_at__gte=datetime.fromisoformat(ledger.started_at),
    )
    return list(rows.order_by("id").values_list("recipient_id", "id"))


def _notices(ledger: Ledger) -> list[str]:
    faults = [
        f"notice {notice_id} never came to {ledger.people[user_id]}" for user_id, notice_id in missing_notices(ledger)
    ]
    for user_id, shown in ledger.received.items():
        name = ledger.people.get(user_id, str(user_id))
        mine = set(Notification.objects.filter(recipient_id=user_id, id__in=list(shown)).values_list("id", flat=True))
        faults += [f"notice {one} was shown to {name}, who is not its recipient" for one in shown if one not in mine]
        faults += [f"notice {one} was shown to {name} {times} times" for one, times in shown.items() if times != 1]
    return faults


def _requesters(ledger: Ledger) -> list[str]:
    """Whoever asked was answered before the closing, or was called in vain as often as the rules want."""
    faults = []
    ids = list(ledger.reports)
    for start in range(0, len(ids), 500):
        closed = Requester.objects.filter(report__pk__in=ids[start : start + 500], report__status=ReportStatus.CLOSED)
        for one in closed.filter(answered_at__isnull=True):
            tries = CallbackTry.objects.filter(report=one.report_id, reached=False).count()
            if tries < settings.GRIDWHISTLE["CALLBACK_TRIES"]:
                faults.append(f"the requester of {one.report_id} was not answered and called {tries} times")
    return faults


def _whistles(ledger: Ledger) -> list[str]:
    faults = []
    departments = {one.code: one for one in Department.objects.all()}
    for blown in ledger.whistles:
        whistle = Whistle.objects.filter(report_id=blown.report).exclude(status__in=NOT_BLOWN).first()
        if whistle is None:
            faults.append(f"the {blown.kind} whistle on {blown.report} was not blown")
            continue
        for code in blown.departments:
            department = departments[code]
            duty = Assignment.objects.filter(report_id=blown.report, department=department).first()
            if duty is None:
                faults.append(f"{department} has no duty on {blown.report}")
                continue
            told = set(
                Notification.objects.filter(
                    kind="whistle_blown", subject="assignment", subject_id=str(duty.pk)
                ).values_list("recipient_id", flat=True)
            )
            if not told or {one.pk for one in of_unit(department, Can.HANDLE_ASSIGNMENT)} - told:
                faults.append(f"not everybody of {department} was told of {blown.report}")
    return faults
