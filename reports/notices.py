"""The notices the matters send: their texts, who answers when nobody does, and who stands above."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Can
from core.moment import now
from grids.duty import on_duty, roster_counts
from grids.scope import prefixes
from notifications.kinds import Kind, register
from notifications.models import Notification
from reports.access import may_see
from reports.models import Assignment, Report, RoutingOff
from reports.models.vocabulary import CardColour, CardTrigger, ClockKind, RequestKind
from reports.people import above_place


def _report_of(notification: Notification) -> Report | None:
    return Report.objects.filter(pk=notification.params.get("report")).first()


def duty_officers(notification: Notification) -> list[User]:
    """Whoever is on the roster now for the unit that was rung and for the street, at any hour.

    Where the roster names nobody but the one who did not answer: the duty officers appointed for the street, else its
    dispatchers.
    """
    report = _report_of(notification)
    if report is None:
        return []
    rostered = _rostered(notification, report)
    if rostered:
        return rostered
    appointed = User.objects.filter(
        is_active=True,
        appointments__on_duty=True,
        appointments__ended_at__isnull=True,
        appointments__area_id__in=[report.street_id, report.district_id, report.city_id],
    ).distinct()
    return list(appointed) or above_place(Can.DISPATCH_REPORT, report, 1)


def _rostered(notification: Notification, report: Report) -> list[User]:
    if not roster_counts():
        return []
    duty = None
    if notification.subject == "assignment" and notification.subject_id.isdecimal():
        duty = Assignment.objects.filter(pk=int(notification.subject_id)).select_related("department").first()
    areas = [area for area in (report.street_id, report.district_id, report.city_id) if area is not None]
    paths = prefixes(duty.department.path) if duty is not None and duty.department is not None else []
    shifts = on_duty(now(), areas=areas, paths=paths)
    # Turns outlive appointments: whoever may no longer see the report is not told of it.
    answering = [one for one in shifts if one.person_id != notification.recipient_id and may_see(one.person, report)]
    told = _nearest([(one.area_id, one.person) for one in answering], areas)
    told += _nearest([(one.department.path, one.person) for one in answering if one.department], paths)
    return list({person.pk: person for person in told}.values())


def _nearest(people: list[tuple[Any, User]], nodes: list[Any]) -> list[User]:
    """The people at the first of these nodes that has any."""
    for node in nodes:
        here = [person for at, person in people if at == node]
        if here:
            return here
    return []


def level_above(notification: Notification) -> list[User]:
    """The people in charge one level above the street."""
    report = _report_of(notification)
    return above_place(Can.LEAD_UNIT, report, 2) if report else []


def _clock_named(params: dict[str, Any]) -> Mapping[str, Any]:
    """The values with the clock's code replaced by its label in the reader's language."""
    return {**params, "clock": capfirst(ClockKind(params["clock"]).label)}


def _card_named(params: dict[str, Any]) -> Mapping[str, Any]:
    """The values with the colour in words, and what a rule gave the card for where nobody said why."""
    reason = params["reason"] or CardTrigger(params["trigger"]).label
    return {**params, "colour": capfirst(CardColour(params["colour"]).label), "reason": reason}


def _request_named(params: dict[str, Any]) -> Mapping[str, Any]:
    """The values with the kind of the request in words."""
    return {**params, "what": capfirst(RequestKind(params["what"]).label)}


def _reason_named(params: dict[str, Any]) -> Mapping[str, Any]:
    return {**params, "reason": RoutingOff(params["reason"]).label}


def _kind(
    code: str,
    title: object,
    body: object,
    *,
    needs_receipt: bool = False,
    expand: Callable[[dict[str, Any]], Mapping[str, Any]] | None = None,
) -> None:
    register(
        Kind(
            code,
            title=title,  # type: ignore[arg-type]
            body=body,  # type: ignore[arg-type]
            needs_receipt=needs_receipt,
            duty_officers=duty_officers,
            level_above=level_above,
            expand=expand,
        )
    )


_kind("report_submitted", _("New report %(number)s"), _("%(item)s at %(address)s waits to be accepted."))
_kind(
    "assignment_issued",
    _("Duty on %(number)s"),
    _("%(item)s at %(address)s: please sign for it."),
    needs_receipt=True,
)
_kind("assignment_for_information", _("For your information: %(number)s"), _("%(item)s at %(address)s."))
_kind("whistle_pending", _("Whistle to approve on %(number)s"), _("%(item)s at %(address)s: %(reason)s"))
_kind(
    "whistle_blown",
    _("Whistle: report in to %(number)s"),
    _("%(item)s at %(address)s: %(reason)s Report in by %(due)s."),
    needs_receipt=True,
)
_kind("whistle_declined", _("Whistle declined on %(number)s"), _("%(note)s"))
_kind("whistle_escalated", _("Whistle on %(number)s goes to round %(round)s"), _("Not answered in time: %(units)s."))
_kind("whistle_withdrawn", _("Whistle withdrawn on %(number)s"), _("%(item)s at %(address)s: %(note)s"))
_kind(
    "whistle_blown_unapproved",
    _("Emergency whistle to review: %(number)s"),
    _("%(item)s at %(address)s: %(reason)s Please review it afterwards."),
)
_kind(
    "meeting_set",
    _("Joint meeting on %(number)s"),
    _("%(item)s at %(address)s: meeting %(at)s, %(place)s."),
    needs_receipt=True,
)
_kind(
    "meeting_decided",
    _("Decided at the joint meeting: %(number)s"),
    _("%(item)s at %(address)s: %(decided)s"),
    needs_receipt=True,
)
_kind("leave_asked", _("%(unit)s asks to leave %(number)s"), _("%(item)s at %(address)s: %(note)s"))
_kind("left_unreleased", _("%(unit)s has left %(number)s without release"), _("%(item)s at %(address)s: %(note)s"))
_kind("released", _("Released from %(number)s"), _("%(item)s at %(address)s: your unit may leave. %(note)s"))
_kind("reported_in", _("%(unit)s has reported in to %(number)s"), _("%(person)s, %(distance)s m from the place."))
_kind("result_submitted", _("Result on %(number)s"), _("%(unit)s: %(measures)s"))
_kind(
    "department_rated",
    _("%(unit)s has been rated: %(number)s"),
    _(
        "%(item)s at %(address)s: response %(response)s, attendance %(attendance)s, result %(result)s of 5 each. "
        "%(comment)s"
    ),
)
_kind("rework", _("Rework on %(number)s"), _("%(note)s"), needs_receipt=True)
_kind("callback_due", _("Call back: %(number)s"), _("%(item)s at %(address)s: please call the requester back."))
_kind("redo", _("To be done again: %(number)s"), _("The requester is not satisfied: %(note)s"), needs_receipt=True)
_kind("requester_unsatisfied", _("Requester not satisfied: %(number)s"), _("%(note)s"))
_kind("duty_waived", _("Duty waived on %(number)s"), _("%(note)s"))
_kind(
    "field_check_asked",
    _("Field check of %(number)s"),
    _("%(item)s at %(address)s: please look and answer by %(due)s. %(note)s"),
    needs_receipt=True,
)
_kind("field_check_cancelled", _("Field check cancelled: %(number)s"), _("%(item)s at %(address)s. %(note)s"))
_kind(
    "field_check_confirmed",
    _("Field check of %(number)s: confirmed"),
    _("%(person)s, %(distance)s m from the place. %(note)s"),
)
_kind(
    "field_check_refuted",
    _("Field check of %(number)s: not confirmed"),
    _("%(person)s, %(distance)s m from the place. %(note)s"),
)
_kind("report_merged", _("Merged: %(number)s"), _("%(item)s at %(address)s goes on as %(main)s."))
_kind("report_unmerged", _("No longer merged: %(number)s"), _("It was taken out of %(main)s. %(note)s"))
_kind("main_closed", _("Closed: %(number)s"), _("%(main)s, which it was merged into, has been closed. %(note)s"))
_kind("report_split", _("Split: %(number)s"), _("Parts of it go on as %(parts)s."))
_kind("report_closed", _("Closed: %(number)s"), _("%(item)s at %(address)s has been closed."))
_kind("report_refused", _("Not accepted: %(number)s"), _("%(note)s"))
_kind("reopening_asked", _("Reopening asked for: %(number)s"), _("%(item)s at %(address)s: %(note)s"))
_kind("report_reopened", _("Reopened: %(number)s"), _("%(note)s"))
_kind(
    "clock_reminded",
    _("Half of the time is used: %(number)s"),
    _("%(item)s at %(address)s: %(clock)s is due %(due)s."),
    expand=_clock_named,
)
_kind(
    "clock_yellow",
    _("Yellow light: %(number)s"),
    _("%(item)s at %(address)s: %(clock)s is due %(due)s."),
    expand=_clock_named,
)
_kind(
    "clock_red",
    _("Red light: %(number)s"),
    _("%(item)s at %(address)s: %(clock)s was due %(due)s. A supervision order is open."),
    expand=_clock_named,
)
_kind(
    "clock_escalated",
    _("Still overdue: %(number)s"),
    _("%(item)s at %(address)s: %(clock)s was due %(due)s; now at level %(level)s."),
    expand=_clock_named,
)
_kind("urged", _("Please hurry: %(number)s"), _("%(item)s at %(address)s is urged by %(person)s. %(note)s"))
_kind("reply_sent_back", _("Reply sent back: %(number)s"), _("%(note)s"), needs_receipt=True)
_kind("reply_accepted", _("Reply accepted: %(number)s"), _("%(item)s at %(address)s. %(note)s"))
_kind(
    "card_given",
    _("%(colour)s for %(unit)s"),
    _("%(number)s, %(item)s: %(reason)s"),
    needs_receipt=True,
    expand=_card_named,
)
_kind("card_revoked", _("%(colour)s of %(unit)s revoked"), _("%(number)s: %(reason)s"), expand=_card_named)
_kind(
    "routing_rule_off",
    _("Routing rule switched off: %(rule)s"),
    _("The rule “%(rule)s” of %(place)s switched itself off: %(reason)s."),
    expand=_reason_named,
)
_kind("supervision_order", _("Supervision order on %(number)s"), _("%(reason)s"), needs_receipt=True)
_kind(
    "request_asked",
    _("%(what)s asked for on %(number)s"),
    _("%(unit)s: %(reason)s"),
    needs_receipt=True,
    expand=_request_named,
)
_kind("request_granted", _("%(what)s granted on %(number)s"), _("%(unit)s %(note)s"), expand=_request_named)
_kind("request_refused", _("%(what)s refused on %(number)s"), _("%(unit)s: %(note)s"), expand=_request_named)
_kind(
    "request_lapsed",
    _("%(what)s on %(number)s needs no decision any more"),
    _("%(item)s at %(address)s: what was asked for has been settled by another step."),
    expand=_request_named,
)
_kind("report_suspended", _("Suspended until %(until)s: %(number)s"), _("%(item)s at %(address)s."))
_kind("report_resumed", _("To be handled again: %(number)s"), _("%(item)s at %(address)s. %(note)s"))
_kind(
    "duty_handed_on",
    _("Handed on to you: %(number)s"),
    _("%(item)s at %(address)s. %(note)s"),
    needs_receipt=True,
)
_kind("duty_taken_back", _("Taken back by the unit: %(number)s"), _("%(item)s at %(address)s. %(note)s"))
