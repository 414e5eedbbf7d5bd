"""Writing to a requester by hand, looking at it before, and sending it again."""

from uuid import UUID

from accounts.models import User
from accounts.roles import Can
from core.problems import Problem
from notifications.models import OutgoingMessage
from reports.access import get_report, may
from reports.actions.requester import requester_of, write_message
from reports.actions.step import Step, step
from reports.messages import text_on
from reports.models import MessageTemplate, Report, Requester, RequesterMessage
from reports.models.vocabulary import MessageEvent
from reports.places import unknown_places


def answers_requesters(user: User, report: Report) -> bool:
    """Whether the person deals with requesters at the report's place: the desk and the callback clerks."""
    return may(user, Can.DISPATCH_REPORT, report) or may(user, Can.CALL_BACK, report)


def preview_message(user: User, report_id: UUID, text: str = "", template_id: int | None = None) -> str:
    """How a text or a template would read on the report now. Raises `unknown_template`, `unknown_place`."""
    report = get_report(user, report_id)
    if not answers_requesters(user, report):
        raise Problem("forbidden")
    said, _template = _wording(text, template_id)
    return text_on(said, report, requester_of(report))


def send_message(
    user: User,
    report_id: UUID,
    text: str = "",
    template_id: int | None = None,
    *,
    version: int | None = None,
    request_id: UUID | None = None,
) -> int:
    """Write to the requester; the text's places are filled. Returns the message's id.

    Raises `nobody_to_tell` where no phone is known or the requester stayed anonymous, `unknown_template`,
    `unknown_place`.
    """
    with step(user, report_id, version=version, request_id=request_id) as doing:
        requester = _addressee(doing, user)
        said, template = _wording(text, template_id)
        filled = text_on(said, doing.report, requester)
        event = template.event if template else MessageEvent.BY_HAND
        message = write_message(doing, requester, event, filled, template=template, by_hand=True)
        doing.event("message", internal=True, data={"message": message.pk, "event": event})
    return message.pk


def resend_message(user: User, message_id: int, *, request_id: UUID | None = None) -> int:
    """Send a text once more, to the number known now, as a message of its own. Returns the new message's id.

    Raises `not_found`, `message_waiting` while the first is still to be sent, `nobody_to_tell`.
    """
    found = RequesterMessage.objects.select_related("outgoing", "template").filter(pk=message_id).first()
    if found is None:
        raise Problem("not_found")
    with step(user, found.report_id, request_id=request_id) as doing:
        requester = _addressee(doing, user)
        state = OutgoingMessage.objects.values_list("state", flat=True).get(pk=found.outgoing_id)
        if state == OutgoingMessage.State.QUEUED:
            raise Problem("message_waiting")
        message = write_message(
            doing,
            requester,
            found.event,
            found.outgoing.text,
            template=found.template,
            by_hand=True,
            again=found,
        )
        doing.event("message", internal=True, data={"message": message.pk, "event": found.event, "again": found.pk})
    return message.pk


def _addressee(doing: Step, user: User) -> Requester:
    if not answers_requesters(user, doing.report):
        raise Problem("forbidden")
    requester = requester_of(doing.report)
    if requester is None or not requester.callable:
        raise Problem("nobody_to_tell")
    return requester


def _wording(text: str, template_id: int | None) -> tuple[str, MessageTemplate | None]:
    """Either the text or the template named; exactly one of them."""
    if (template_id is None) == (not text):
        raise Problem("text_or_template", "text")
    if template_id is not None:
        template = MessageTemplate.objects.filter(pk=template_id, active=True).first()
        if template is None:
            raise Problem("unknown_template", "template")
        return template.text, template
    unknown = unknown_places(text)
    if unknown:
        raise Problem("unknown_placeholder", "text", params={"unknown": ", ".join(unknown)})
    return text, None
