"""The person who asked: taken down with the report, told in writing, answered on record."""

from typing import Any

from core.encryption import lookup_hash
from core.phones import digits_of
from notifications.actions import queue_message
from notifications.models import OutgoingMessage
from reports.actions.step import Step
from reports.calendar import today
from reports.messages import template_for, text_on
from reports.models import MessageTemplate, Report, Requester, RequesterMessage
from reports.models.vocabulary import MessageEvent
from reports.tracking import new_code

# Told once on a report, also when the street takes it back and begins again.
ONCE = (MessageEvent.ACCEPTED, MessageEvent.DISPATCHED)


def add_requester(report: Report, said: dict[str, Any]) -> Requester:
    """Take the requester down in the transaction that takes the report in."""
    return Requester.objects.create(
        report=report, phone_hash=lookup_hash(digits_of(said.get("phone", ""))), tracking_code=new_code(), **said
    )


def answer_requester(doing: Step, answer: str, event: str = MessageEvent.CLOSED) -> None:
    """The door by which requesters are answered, those of the reports merged into this one too: keep what they were
    told and since when, and tell it in writing where a template of `event` says so."""
    own = requester_of(doing.report)
    if own is not None:
        own.answer, own.answered_at = answer, doing.moment
        own.save(update_fields=["answer", "answered_at"])
        _tell(doing, own, event)
    answer_merged(doing, answer, event)


def answer_merged(doing: Step, answer: str, event: str = MessageEvent.CLOSED) -> None:
    """Answer the requesters of the reports merged into this one."""
    merged = Requester.objects.filter(report__merged_into=doing.report)
    people = list(merged.select_related("report").order_by("pk"))
    merged.update(answer=answer, answered_at=doing.moment)
    for requester in people:
        requester.answer, requester.answered_at = answer, doing.moment
        _tell(doing, requester, event)


def prepare_answer(doing: Step, answer: str) -> None:
    """Keep the answer that a call is still to bring; nobody counts as answered by it."""
    Requester.objects.filter(report=doing.report).update(answer=answer, answered_at=None)


def forget_answer(doing: Step) -> None:
    """The matter is open again: what was said of it (kept in the events) is no answer to how it ends."""
    Requester.objects.filter(report=doing.report).update(answer="", answered_at=None)


def requester_of(report: Report) -> Requester | None:
    """The report's own; read with the report as it stands in this step."""
    requester = Requester.objects.filter(report=report).first()
    if requester is not None:
        requester.report = report
    return requester


def tell_requester(doing: Step, event: str) -> RequesterMessage | None:
    """Write the message of an event, if the requester can be told and a template is in force and active."""
    requester = requester_of(doing.report)
    return _tell(doing, requester, event) if requester is not None else None


def _tell(doing: Step, requester: Requester, event: str) -> RequesterMessage | None:
    if not requester.callable:
        return None
    report = requester.report
    if event in ONCE and RequesterMessage.objects.filter(report=report, event=event).exists():
        return None
    template = template_for(event, report.item_id, today())
    if template is None:
        return None
    text = text_on(template.text, report, requester)
    message = write_message(doing, requester, event, text, template=template)
    # The rules sent it, not the person whose step it follows.
    doing.event("message", internal=True, data={"message": message.pk, "event": event, "automatic": True})
    return message


def write_message(
    doing: Step,
    requester: Requester,
    event: str,
    text: str,
    *,
    template: MessageTemplate | None = None,
    by_hand: bool = False,
    again: RequesterMessage | None = None,
) -> RequesterMessage:
    """Queue a text to the requester in this transaction. The caller writes the event."""
    return RequesterMessage.objects.create(
        report=requester.report,
        requester=requester,
        template=template,
        event=event,
        outgoing=queue_message(digits_to_dial(requester.phone), text),
        sent_by=doing.actor if by_hand else None,
        again=again,
    )


def digits_to_dial(phone: str) -> str:
    """As a gateway takes it: digits, with + before another country's code."""
    return ("+" if phone.strip().startswith("+") and not phone.strip().startswith("+86") else "") + digits_of(phone)


def forget_requester(doing: Step) -> None:
    """Erase the person and everything written to them, what still waits to be sent included."""
    rows = RequesterMessage.objects.filter(report=doing.report)
    outgoing = list(rows.values_list("outgoing_id", flat=True))
    rows.update(again=None)
    rows.delete()
    OutgoingMessage.objects.filter(pk__in=outgoing).delete()
    Requester.objects.filter(report=doing.report).delete()
