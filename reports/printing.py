"""A report on paper: the same facts as on the screen, in a fixed number of queries, the requester masked."""

from typing import Any
from uuid import UUID

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language

from accounts.models import User
from core.masking import mask_name, mask_phone
from core.moment import now
from reports.admin.words import limit_text, seconds_text, step_rows
from reports.detail import full_report, may_know_requester
from reports.models import Clock, Photo, Report
from reports.photos.signing import sign

# Nothing but the page itself, its own style and pictures of this server.
PAGE_POLICY = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def printed_report(user: User, report_id: UUID) -> str:
    """The page as HTML, in the active language. Problem `not_found`, as for the report itself."""
    report: Any = full_report(user, report_id)
    calls = [
        {"call": call, "duties": [one for one in report.duties if one.whistle_id == call.pk]} for call in report.calls
    ]
    context = {
        "language": get_language() or "zh-hans",
        "report": report,
        "place": " / ".join(node.name for node in _nodes(report)),
        "limit": limit_text(report),
        "requester": _requester(user, report),
        "answers": _answers(report),
        "calls": calls,
        "plain_duties": [one for one in report.duties if one.whistle_id is None],
        "clocks": [_clock(one) for one in report.deadlines],
        "steps": step_rows(report.timeline),
        "photos": [_photo(one, user) for one in report.photos.all()],
        "printed_by": user,
        "printed_at": now(),
    }
    return render_to_string("reports/print.html", context)


def _answers(report: Report) -> list[tuple[str, Any]]:
    """The answers under the words of their questions, as the catalogue asked them when the report was accepted."""
    if not report.answers:
        return []
    asked = report.item_version.questions if report.item_version is not None else []
    words = {question["key"]: question["text"] for question in asked}
    return [(words.get(key, key), answer) for key, answer in report.answers.items()]


def _nodes(report: Report) -> list[Any]:
    return [node for node in (report.district, report.street, report.community, report.grid) if node is not None]


def _requester(user: User, report: Report) -> dict[str, Any] | None:
    requester = getattr(report, "requester", None)
    if requester is None or not may_know_requester(user, report):
        return None
    return {"name": mask_name(requester.name), "phone": mask_phone(requester.phone), "row": requester}


def _clock(clock: Clock) -> dict[str, Any]:
    return {"clock": clock, "limit": seconds_text(clock.limit_seconds, always=clock.always)}


def _photo(photo: Photo, user: User) -> dict[str, Any]:
    arrived = photo.received_at is not None
    url = reverse("photo-signed", args=[sign(photo.pk, "display", user.pk)]) if arrived else None
    return {"photo": photo, "url": url}
