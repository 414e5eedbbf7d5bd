"""Which text a requester is sent, and how it reads on a report."""

from datetime import date

from django.conf import settings
from django.db.models import F, Q
from django.utils import translation

from reports.models import MessageTemplate, Report, Requester
from reports.models.vocabulary import MessageEvent, ReportStatus
from reports.places import fill

# Residents are written to in the city's language, whatever the desk reads.
LANGUAGE = "zh-hans"

# Shipped as rows when there are none: event, whether it is sent from the start, text.
DEFAULT_TEMPLATES: tuple[tuple[MessageEvent, bool, str], ...] = (
    (
        MessageEvent.ACCEPTED,
        False,
        "您反映的“%(item)s”（编号%(number)s）已受理，我们将尽快安排处置。查询码：%(code)s。",
    ),
    (MessageEvent.DISPATCHED, False, "您反映的“%(item)s”（编号%(number)s）已派单处置。查询码：%(code)s。"),
    (MessageEvent.REJECTED, False, "您反映的“%(item)s”（编号%(number)s）未予受理：%(answer)s"),
    (
        MessageEvent.CLOSED,
        True,
        "您反映的“%(item)s”（编号%(number)s）%(status)s。%(answer)s 查询码：%(code)s。感谢您的监督。",
    ),
    (MessageEvent.BY_HAND, True, "关于您反映的“%(item)s”（编号%(number)s，%(address)s）：目前%(status)s。"),
)
# In which state a report is told of; in progress otherwise.
_STATUS_THEN: dict[str, ReportStatus] = {
    MessageEvent.ACCEPTED: ReportStatus.ACCEPTED,
    MessageEvent.REJECTED: ReportStatus.REJECTED,
    MessageEvent.CLOSED: ReportStatus.CLOSED,
}
SHIPPED_SINCE = date(2020, 1, 1)


def ship_default_templates() -> None:
    """Put the default texts where there are none yet. Rows are never deleted, so a city's own choice stays."""
    if not MessageTemplate.objects.exists():
        MessageTemplate.objects.bulk_create(
            MessageTemplate(event=event, active=active, text=text, valid_from=SHIPPED_SINCE)
            for event, active, text in DEFAULT_TEMPLATES
        )


def template_for(event: str, item_id: int, day: date) -> MessageTemplate | None:
    """The text in force for an event: the item's own before any item's, then the latest. None where it is off."""
    found = (
        MessageTemplate.objects.filter(Q(item_id=item_id) | Q(item__isnull=True), event=event, valid_from__lte=day)
        .order_by(F("item_id").asc(nulls_last=True), "-valid_from", "-id")
        .first()
    )
    return found if found is not None and found.active else None


def sample_of(template: MessageTemplate) -> str:
    """The template on an invented report of its item, as a requester would read it."""
    names = template.item.versions.order_by("-valid_from").values_list("name", flat=True) if template.item else None
    with translation.override(LANGUAGE):
        word = str(_STATUS_THEN.get(template.event, ReportStatus.IN_PROGRESS).label)
    values = {
        "number": "261120-ABCD2345",
        "item": (names and names.first()) or "路灯不亮",
        "address": "荣成市崖头街道台上社区第二网格",
        "status": word,
        "answer": "已于当日修复。",
        "code": "TATD29JZ8SXX",
    }
    return fill(template.text, values, settings.GRIDWHISTLE["MESSAGE_CHARACTERS"])


def text_on(template: str, report: Report, requester: Requester | None) -> str:
    """The template on this report as it stands, no longer than a message may be."""
    with translation.override(LANGUAGE):
        status = str(report.get_status_display())
    values = {
        "number": report.number,
        "item": report.item_name,
        "address": report.address,
        "status": status,
        "answer": requester.answer if requester else "",
        "code": (requester.tracking_code or "") if requester else "",
    }
    return fill(template, values, settings.GRIDWHISTLE["MESSAGE_CHARACTERS"])
