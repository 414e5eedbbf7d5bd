"""Who is told of a deadline at which light and overdue level: the escalation ladder as data."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from reports.models.vocabulary import Audience, ClockKind, Light


class EscalationStep(models.Model):
    """At this light (and, when red, at this overdue level) these are told, by this path at least.

    Steps for one kind of clock take the place of those for any kind at the same light and level.
    `reports.supervision_defaults` ships the first rows.
    """

    SHOWN = ((Light.REMINDED, Light.REMINDED.label), (Light.YELLOW, Light.YELLOW.label), (Light.RED, Light.RED.label))

    clock = models.CharField(_("clock"), max_length=16, choices=ClockKind, blank=True, help_text=_("empty: any"))
    light = models.CharField(_("light"), max_length=10, choices=SHOWN)
    level = models.PositiveSmallIntegerField(
        _("overdue level"),
        default=0,
        validators=[MaxValueValidator(5)],
        help_text=_("1 when it turns red, one more with each further limit; 0 before"),
    )
    who = models.CharField(_("who is told"), max_length=16, choices=Audience)
    transport = models.CharField(
        _("by this path at least"),
        max_length=16,
        default="socket",
        help_text=_("as the ladder of the notices calls it"),
    )
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("escalation step")
        verbose_name_plural = _("escalation steps")
        constraints = [
            models.UniqueConstraint(name="escalation_step_once", fields=["clock", "light", "level", "who"]),
            models.CheckConstraint(
                name="escalation_level_when_red",
                condition=models.Q(light="red", level__gte=1) | (~models.Q(light="red") & models.Q(level=0)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.clock or '*'} {self.light} {self.level}: {self.who}"
