"""How a matter stands, in plain words: no names, no units, no notes, nothing of whoever else asked for the same."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.moment import now
from reports.actions.by_requester import has_asked_reopening, has_said, in_time_to_reopen
from reports.models import Photo, Report, Requester
from reports.models.vocabulary import ReportStatus as Status

SENTENCES = {
    Status.SUBMITTED: gettext_lazy("The street has received it and will look at it soon."),
    Status.ACCEPTED: gettext_lazy("The street has taken it up and is finding who will handle it."),
    Status.IN_PROGRESS: gettext_lazy("It is being handled."),
    Status.SUSPENDED: gettext_lazy("It takes longer; it is planned and will be taken up again."),
    Status.IN_REVIEW: gettext_lazy("It has been handled; the street is checking the result."),
    Status.CALLBACK: gettext_lazy("It has been handled. Please tell us how it went."),
    Status.CLOSED: gettext_lazy("It is settled."),
    Status.REJECTED: gettext_lazy("It was not accepted."),
    Status.VOID: gettext_lazy("It was not accepted."),
}
REFUSED = (Status.REJECTED, Status.VOID)
# How many of the stages below lie behind in each state.
BEHIND = {
    Status.SUBMITTED: 1,
    Status.ACCEPTED: 2,
    Status.IN_PROGRESS: 3,
    Status.SUSPENDED: 3,
    Status.IN_REVIEW: 4,
    Status.CALLBACK: 4,
    Status.CLOSED: 5,
}
STAGES = (
    ("received_at", gettext_lazy("Received")),
    ("accepted_at", gettext_lazy("Taken up")),
    ("dispatched_at", gettext_lazy("Being handled")),
    ("finished_at", gettext_lazy("Handled")),
    ("closed_at", gettext_lazy("Settled")),
)


@dataclass(frozen=True)
class Stage:
    """One of five; `at` where it has been reached and the time says something."""

    words: str
    reached: bool
    at: datetime | None


@dataclass(frozen=True)
class Progress:
    """What the tracking page shows. `may_say`: "callback" or "rating", which of the two the answer will be."""

    number: str
    item: str
    description: str
    address: str
    sentence: str
    answer: str
    merged: bool
    may_say: str
    said: bool
    may_ask_reopening: bool
    asked_reopening: bool
    stages: list[Stage] = field(default_factory=list)
    photos: list[int] = field(default_factory=list)


def progress_of(requester: Requester) -> Progress:
    """At most two queries; `requester` comes with its report and the one that was merged into."""
    own = requester.report
    main = own.merged_into or own
    closed = main.status == Status.CLOSED
    said = closed and has_said(requester, main)
    asked = closed and has_asked_reopening(requester, main)
    in_callback = main.status == Status.CALLBACK
    may_say = "callback" if in_callback and main is own else "rating" if closed and not said else ""
    # While somebody is still called, only the one who is called has the answer already.
    told = requester.answered_at is not None or may_say == "callback"
    return Progress(
        number=own.number,
        item=own.item_name,
        description=own.description,
        address=own.address,
        sentence=_sentence(main, may_say),
        answer=requester.answer if told or closed else "",
        merged=main is not own,
        may_say=may_say,
        said=said,
        may_ask_reopening=closed and not asked and in_time_to_reopen(main, now()),
        asked_reopening=asked,
        stages=_stages(own, main),
        photos=own_photos(own),
    )


def own_photos(report: Report) -> list[int]:
    """The numbers of the photos the resident sent and that have come; nobody else's are shown."""
    return list(photos_sent(report).order_by("pk").values_list("pk", flat=True))


def photos_sent(report: Report) -> QuerySet[Photo]:
    """The photos of which `own_photos` gives the numbers."""
    sent = Photo.objects.filter(report=report, announced_by__isnull=True, received_at__isnull=False)
    return sent.filter(assignment__isnull=True, field_check__isnull=True)


def _sentence(main: Report, may_say: str) -> str:
    if main.status == Status.CALLBACK and not may_say:
        return _("It has been handled; the street is asking whether all is well.")
    return str(SENTENCES[Status(main.status)])


def _stages(own: Report, main: Report) -> list[Stage]:
    """None for what was refused. Of another's matter, what happened before this report came is shown without a time."""
    if main.status in REFUSED:
        return []
    behind = BEHIND[Status(main.status)]
    rows = []
    for number, (name, words) in enumerate(STAGES):
        at = own.received_at if name == "received_at" else getattr(main, name)
        reached = number < behind
        rows.append(Stage(str(words), reached, at if reached and at is not None and at >= own.received_at else None))
    return rows
