"""The person behind a report is forgotten; the report, its history and that it was answered stay.

Who asked for it and why stands with the caller (`privacy.actions.erasing`).
"""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.problems import Problem, catalogue
from notifications.actions import empty_messages
from reports.models import Report, Requester, RequesterMessage
from reports.models.vocabulary import FINAL

catalogue({"report_open": (409, _("The matter is still open, and whoever asked is to be answered first."))})

TEXTS = ("name", "phone", "phone_hash")


def erase_requester(requester_id: int) -> list[str]:
    """Empty the contact, the tracking code and what was written to the person. Returns the columns.

    Raises `not_found`, `report_open`.
    """
    with transaction.atomic():
        report_id = Requester.objects.filter(pk=requester_id).values_list("report_id", flat=True).first()
        if report_id is None:
            raise Problem("not_found")
        report = Report.objects.select_for_update(of=("self",)).get(pk=report_id)
        main = report.merged_into
        if report.status not in FINAL or (main is not None and main.status not in FINAL):
            raise Problem("report_open")
        requester = Requester.objects.get(pk=requester_id)
        emptied = [name for name in (*TEXTS, "tracking_code") if getattr(requester, name)]
        for name in TEXTS:
            setattr(requester, name, "")
        requester.tracking_code = None
        requester.save(update_fields=[*TEXTS, "tracking_code"])
        messages = RequesterMessage.objects.filter(report=report).values_list("outgoing_id", flat=True)
        if empty_messages(messages):
            emptied += ["OutgoingMessage.to", "OutgoingMessage.text"]
        return emptied
