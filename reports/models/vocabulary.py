"""The field's words as choices; every state of the rule book stands here, also those no action leads to yet."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from notifications.models.notifications import Urgency as Urgency


class Source(models.TextChoices):
    """Where a report came from."""

    GRID = "grid", _("grid worker")
    RESIDENT = "resident", _("resident")
    HOTLINE = "hotline", _("12345 hotline")
    DIGITAL_CITY = "digital_city", _("digital city management")
    PETITION = "petition", _("petition")
    OTHER = "other", _("other platform")


class StandardSource(models.TextChoices):
    """Whose standard a catalogue limit is."""

    HOTLINE = "hotline", _("12345 hotline")
    GRID = "grid", _("grid")
    DIGITAL_CITY = "digital_city", _("digital city management")
    DEPARTMENT = "department", _("department")


class ReportStatus(models.TextChoices):
    SUBMITTED = "submitted", _("to be accepted")
    ACCEPTED = "accepted", _("to be dispatched")
    IN_PROGRESS = "in_progress", _("being handled")
    SUSPENDED = "suspended", _("suspended")
    IN_REVIEW = "in_review", _("to be reviewed")
    CALLBACK = "callback", _("to be called back")
    CLOSED = "closed", _("closed")
    REJECTED = "rejected", _("rejected")
    VOID = "void", _("void")
    MERGED = "merged", _("merged")


FINAL = (ReportStatus.CLOSED, ReportStatus.REJECTED, ReportStatus.VOID, ReportStatus.MERGED)


class AssignmentStatus(models.TextChoices):
    ISSUED = "issued", _("to be signed for")
    RECEIVED = "received", _("signed for")
    REPORTED_IN = "reported_in", _("reported in")
    SUBMITTED = "submitted", _("result submitted")
    APPROVED = "approved", _("approved")
    RETURNED = "returned", _("returned")
    REWORK = "rework", _("rework")
    WAIVED = "waived", _("waived")
    NO_SHOW = "no_show", _("did not report in")


# A duty in one of these states no longer keeps a report from being closed.
DUTY_DONE = (AssignmentStatus.APPROVED, AssignmentStatus.WAIVED)
DUTY_ANSWERED = (AssignmentStatus.SUBMITTED, *DUTY_DONE)


class AssignmentRole(models.TextChoices):
    LEAD = "lead", _("lead")
    ASSIST = "assist", _("assist")
    NOTIFY = "notify", _("for information")


class WhistleKind(models.TextChoices):
    ROUTINE = "routine", _("routine whistle")
    TOUGH = "tough", _("tough whistle")
    EMERGENCY = "emergency", _("emergency whistle")
    JOINT = "joint", _("joint whistle")


class WhistleLevel(models.TextChoices):
    COMMUNITY = "community", _("community to street")
    STREET = "street", _("street to department")
    DEPARTMENT = "department", _("department to department or street")


class WhistleStatus(models.TextChoices):
    DRAFT = "draft", _("draft")
    PENDING = "pending", _("waiting for approval")
    BLOWN = "blown", _("blown")
    GATHERING = "gathering", _("gathering")
    HANDLING = "handling", _("handling")
    SUBMITTED = "submitted", _("result submitted")
    RATED = "rated", _("rated")
    CLOSED = "closed", _("closed")
    DECLINED = "declined", _("declined")
    WITHDRAWN = "withdrawn", _("withdrawn")
    ESCALATED = "escalated", _("escalated to the next round")


WHISTLE_OVER = (WhistleStatus.CLOSED, WhistleStatus.DECLINED, WhistleStatus.WITHDRAWN, WhistleStatus.ESCALATED)
# Blown and not yet over: departments are expected.
WHISTLE_CALLING = (WhistleStatus.BLOWN, WhistleStatus.GATHERING, WhistleStatus.HANDLING)


class PhotoKind(models.TextChoices):
    NEAR = "near", _("near")
    REFERENCE = "reference", _("reference")
    BEFORE = "before", _("before")
    AFTER = "after", _("after")


class ClockKind(models.TextChoices):
    ACCEPT = "accept", _("accept")
    DISPATCH = "dispatch", _("dispatch")
    FIELD_CHECK = "field_check", _("field check")
    APPROVE = "approve", _("approve the whistle")
    SIGN_FOR = "sign_for", _("sign for")
    REPORT_IN = "report_in", _("report in")
    HANDLE = "handle", _("handle")
    REVIEW = "review", _("review")
    CALLBACK = "callback", _("call back")
    EMERGENCY_REVIEW = "emergency_review", _("review the emergency whistle")
    REPLY = "reply", _("reply to the supervision order")


# These watch what a leader or a unit owes about a report, not the report: they outlast its closing, and its light does
# not show them.
ASIDE = (ClockKind.EMERGENCY_REVIEW, ClockKind.REPLY)
OF_THE_MATTER = tuple(kind for kind in ClockKind if kind not in ASIDE)


class FieldCheckStage(models.TextChoices):
    """What is looked at: the report before it is accepted 核查, or the result before it is closed 核实."""

    REPORT = "report", _("of the report")
    RESULT = "result", _("of the result")


class FieldCheckStatus(models.TextChoices):
    ASKED = "asked", _("to be checked")
    ANSWERED = "answered", _("checked")
    CANCELLED = "cancelled", _("cancelled")


class Light(models.TextChoices):
    GREEN = "green", _("green")
    REMINDED = "reminded", _("half used")
    YELLOW = "yellow", _("yellow")
    RED = "red", _("red")


class ClockOutcome(models.TextChoices):
    MET = "met", _("in time")
    OVERDUE = "overdue", _("overdue")
    CANCELLED = "cancelled", _("cancelled")


class SupervisionKind(models.TextChoices):
    TIMEOUT = "timeout", _("by timeout")
    LEADER = "leader", _("by order of a leader")
    IMPORTANT = "important", _("important matter")
    CALLBACK = "callback", _("requester not satisfied again")


class Satisfaction(models.TextChoices):
    """What a requester says when called back."""

    SATISFIED = "satisfied", _("satisfied")
    BASICALLY = "basically", _("basically satisfied")
    NOT = "not", _("not satisfied")


class CallbackOutcome(models.TextChoices):
    """How calling the requester back ended."""

    ANSWERED = "answered", _("requester answered")
    UNREACHED = "unreached", _("not reached")


class MessageEvent(models.TextChoices):
    """What a message to the requester tells of; one by hand is sent by nobody but a person."""

    ACCEPTED = "accepted", _("on acceptance")
    DISPATCHED = "dispatched", _("on dispatch")
    REJECTED = "rejected", _("on rejection")
    CLOSED = "closed", _("on closing")
    BY_HAND = "by_hand", _("by hand only")


class OrderStatus(models.TextChoices):
    OPEN = "open", _("to be replied to")
    REPLIED = "replied", pgettext_lazy("supervision order", "replied")
    ACCEPTED = "accepted", _("reply accepted")


class CardColour(models.TextChoices):
    YELLOW = "yellow", _("yellow card")
    RED = "red", _("red card")


class CardTrigger(models.TextChoices):
    """What a card is given for by itself."""

    REPLY_OVERDUE = "reply_overdue", _("reply to a supervision order overdue")
    NO_SHOW = "no_show", _("did not report in")
    LEFT = "left", _("left the place without release")
    YELLOWS = "yellows", _("yellow cards collected")


class Audience(models.TextChoices):
    """Who is told of a deadline."""

    HANDLERS = "handlers", _("those who can still act")
    UNIT_LEADER = "unit_leader", _("the unit's leader, without a unit the street's")
    STREET_LEADER = "street_leader", _("the street's leader")
    COMMAND_CENTRE = "command_centre", _("the command centre of the district, else of the city")
    CITY_COMMAND = "city_command", _("the command centre of the city")
    SUPERVISOR = "supervisor", _("the supervisor")


class RequestKind(models.TextChoices):
    RETURN = "return", _("return of a duty")
    EXTENSION = "extension", _("extension")
    SUSPENSION = "suspension", _("suspension")
    APPEAL = "appeal", _("overdue appeal")
    WAIVER = "waiver", _("release from a duty")


class RequestStatus(models.TextChoices):
    PENDING = "pending", _("to be decided")
    GRANTED = "granted", _("granted")
    REFUSED = "refused", _("refused")
    WITHDRAWN = "withdrawn", _("withdrawn")


class CoordType(models.TextChoices):
    WGS84 = "wgs84", "WGS-84"
    CGCS2000 = "cgcs2000", "CGCS2000"
    GCJ02 = "gcj02", "GCJ-02"
    BD09 = "bd09", "BD-09"
