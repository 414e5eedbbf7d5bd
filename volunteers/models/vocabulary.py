"""The field's words as choices."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RegistrationStatus(models.TextChoices):
    """报到: asked for, decided on by the community, and at some time over."""

    ASKED = "asked", _("waiting for the community")
    CONFIRMED = "confirmed", _("confirmed")
    DECLINED = "declined", _("not confirmed")
    WITHDRAWN = "withdrawn", _("withdrawn")
    ENDED = "ended", _("ended")


class ServiceKind(models.TextChoices):
    """What kind of service a volunteer gives."""

    EMERGENCY = "emergency", _("emergency help")
    PATROL = "patrol", _("patrol and safety")
    CARE = "care", _("care and visits")
    ENVIRONMENT = "environment", _("environment and tidying up")
    MEDIATION = "mediation", _("mediation")
    PUBLICITY = "publicity", _("publicity and teaching")
    CULTURE = "culture", _("culture and sport")
    OTHER = "other", _("other service")


class CreditEvent(models.TextChoices):
    """What is credited beside the kinds of service: once per person, or on top of a service."""

    REGISTERED = "registered", _("first registration with a community")
    ON_CALL = "on_call", _("came when the team was called")


# What points are given for.
CREDITED = [*ServiceKind.choices, *CreditEvent.choices]


class CreditPer(models.TextChoices):
    HOUR = "hour", _("per hour")
    TIME = "time", _("per time")


class TeamCallStatus(models.TextChoices):
    OPEN = "open", _("calling")
    CLOSED = "closed", _("ended")
    WITHDRAWN = "withdrawn", _("withdrawn")


class AttendanceStatus(models.TextChoices):
    """One member's part in a call."""

    CALLED = "called", _("not answered")
    COMING = "coming", _("is coming")
    DECLINED = "declined", _("cannot come")
    ON_SITE = "on_site", _("on the spot")
    LEFT = "left", _("has left")
    CONFIRMED = "confirmed", _("hours confirmed")
    ABSENT = "absent", _("did not come")


class RecordStatus(models.TextChoices):
    PROPOSED = "proposed", _("to be confirmed")
    CONFIRMED = "confirmed", _("confirmed")
    DECLINED = "declined", _("not confirmed")
