"""Merging 并案: of several reports on one matter one goes on, and answers for the others.

The merged report keeps everything: its photos, its timeline, its requester. Its clocks stop, and go on when it is taken
out again. There are no chains: a report merged into another takes in none, and one that took in others is not merged.
Both reports are locked, in the order of their ids, so two merges can neither deadlock nor make a chain between them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.roles import Can
from core.problems import Problem
from grids.placement import role_at
from reports.actions.step import Step, lock_in_order, step
from reports.models import Clock, Event, Report, Requester
from reports.models.vocabulary import FINAL, OF_THE_MATTER, ReportStatus
from reports.transitions import REPORT


def merge(
    user: User,
    report_id: UUID,
    into: UUID,
    note: str = "",
    *,
    version: int | None = None,
    request_id: UUID | None = None,
) -> None:
    """Let `into` go on for this report.

    Raises `merge_with_itself`, `unknown_main`, `main_merged` (naming the main report of that one), `main_over` and
    `has_merged`.
    """
    if report_id == into:
        raise Problem("merge_with_itself", "into")
    with transaction.atomic():
        lock_in_order(report_id, into)
        with (
            step(user, report_id, can=Can.DISPATCH_REPORT, version=version, request_id=request_id) as doing,
            _main(user, into) as on_main,
        ):
            report, main = doing.report, on_main.report
            present = REPORT.state(report)
            doing.move(REPORT, report, "merge")
            if main.merged_into_id is not None:
                raise Problem("main_merged", "into", main=str(main.merged_into_id), **present)
            if main.status in FINAL:
                raise Problem("main_over", "into", main_status=main.status, **present)
            if Report.objects.filter(merged_into=report).exists():
                raise Problem("has_merged", **present)
            open_clocks = Clock.objects.filter(report=report, stopped_at__isnull=True, kind__in=OF_THE_MATTER)
            stopped = list(open_clocks.order_by("pk").values_list("pk", flat=True))
            doing.stop_clocks(OF_THE_MATTER, cancelled=True)
            report.merged_into = main
            doing.event("merge", note=note, data={"into": str(main.pk), "number": main.number, "clocks": stopped})
            on_main.event("merge_in", note=note, data={"report": str(report.pk), "number": report.number})
            if report.reporter is not None:
                doing.notify([report.reporter], "report_merged", main=main.number)


def unmerge(
    user: User, report_id: UUID, note: str = "", *, version: int | None = None, request_id: UUID | None = None
) -> None:
    """Undo a merge: the report waits to be accepted again, its clocks go on with what they had left.

    Raises `main_closed`: its requester has had the answer.
    """
    main_id = Report.objects.filter(pk=report_id).values_list("merged_into_id", flat=True).first()
    with transaction.atomic():
        lock_in_order(report_id, *([main_id] if main_id else []))
        with step(user, report_id, can=Can.DISPATCH_REPORT, version=version, request_id=request_id) as doing:
            report, main = doing.report, doing.report.merged_into
            present = REPORT.state(report)
            doing.move(REPORT, report, "unmerge")
            assert main is not None  # the table's constraint
            if main.pk != main_id:
                # Taken out and put elsewhere between the look and the lock.
                raise Problem("stale_version", "version", **present)
            if main.status == ReportStatus.CLOSED:
                raise Problem("main_closed", main=str(main.pk), **present)
            merged = Event.objects.filter(report=report, kind="merge").latest("pk")
            report.merged_into = None
            # The answer was the main report's. It stays in the events; this report needs one of its own.
            Requester.objects.filter(report=report, answered_at__gte=merged.at).update(answer="", answered_at=None)
            for clock in Clock.objects.filter(report=report, pk__in=merged.data["clocks"]):
                doing.resume_clock(clock)
            doing.event("unmerge", note=note, data={"from": str(main.pk), "number": main.number})
            if report.reporter is not None:
                doing.notify([report.reporter], "report_unmerged", main=main.number, note=note)
            on_main = Step(main, user, doing.moment)
            on_main.event("unmerge_from", note=note, data={"report": str(report.pk), "number": report.number})
            on_main.finish()


@contextmanager
def _main(user: User, main_id: UUID) -> Iterator[Step]:
    """The step on the main report, which the same person must be able to work on."""
    try:
        with step(user, main_id, can=Can.DISPATCH_REPORT) as on_main:
            yield on_main
    except Problem as problem:
        if problem.code == "not_found":
            raise Problem("unknown_main", "into") from None
        raise


def requesters_of(report: Report) -> QuerySet[Requester]:
    """The report's own requester, and those of the reports merged into it."""
    return Requester.objects.filter(Q(report=report) | Q(report__merged_into=report))


def main_ended(doing: Step, kind: str, notice: str, note: str) -> None:
    """Say on the reports merged into this one that it came to its end, and tell those who sent them.

    They are not locked: a report enters and leaves the merged ones only under the lock of its main report, held here.
    """
    main = doing.report
    merged = list(Report.objects.filter(merged_into=main).select_related("reporter").order_by("received_at", "pk"))
    role = role_at(doing.actor, main) if doing.actor else ""
    Event.objects.bulk_create(
        Event(
            report=one,
            at=doing.moment,
            kind=kind,
            actor=doing.actor,
            actor_role=role,
            note=note,
            data={"main": str(main.pk), "number": main.number},
        )
        for one in merged
    )
    sent: dict[User, list[Report]] = {}
    for one in merged:
        if one.reporter is not None:
            sent.setdefault(one.reporter, []).append(one)
    for reporter, reports in sent.items():
        doing.notify(
            [reporter],
            notice,
            subject_id=reports[0].pk,
            report=str(reports[0].pk),
            number="、".join(one.number for one in reports),
            main=main.number,
            note=note,
        )
