"""Announcements 公告. Who was told and who has read it are the notices themselves, kept once."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Department
from accounts.roles import Role
from grids.models import Area


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    def current(self, moment: object) -> "AnnouncementQuerySet":
        """Published, not withdrawn, and not expired at `moment`."""
        return self.filter(
            models.Q(valid_until__isnull=True) | models.Q(valid_until__gt=moment),
            published_at__isnull=False,
            withdrawn_at__isnull=True,
        )


class Announcement(models.Model):
    """Drafted, then published to the people of an area or of a department, once; withdrawn with a reason.

    Written only by `reports.actions.announcements`.
    """

    version = models.PositiveIntegerField(default=1)
    # The phone or desk names its draft, so that sending it twice makes one.
    request_id = models.UUIDField(unique=True, null=True, blank=True, editable=False)
    title = models.CharField(_("title"), max_length=100)
    body = models.TextField(_("text"), max_length=5000)
    # The body in whose name it is told, as it was called then.
    issuer = models.CharField(_("issued by"), max_length=80)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("author"), on_delete=models.PROTECT, related_name="+"
    )
    area = models.ForeignKey(
        Area, verbose_name=_("area"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    department = models.ForeignKey(
        Department, verbose_name=_("department"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    role = models.CharField(
        _("only this role"), max_length=24, choices=Role, blank=True, help_text=_("empty: everyone who works there")
    )
    valid_from = models.DateTimeField(_("valid from"))
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    needs_receipt = models.BooleanField(_("has to be signed for"), default=False)
    created_at = models.DateTimeField(_("created"))
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    recipients = models.PositiveIntegerField(_("recipients"), default=0)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("withdrawn by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    withdrawn_reason = models.TextField(_("reason for the withdrawal"), max_length=500, blank=True)

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        verbose_name = _("announcement")
        verbose_name_plural = _("announcements")
        constraints = [
            models.CheckConstraint(
                name="announcement_to_area_or_department",
                condition=models.Q(area__isnull=True, department__isnull=False)
                | models.Q(area__isnull=False, department__isnull=True),
            ),
            models.CheckConstraint(
                name="announcement_valid_for_a_while",
                condition=models.Q(valid_until__isnull=True) | models.Q(valid_until__gt=models.F("valid_from")),
            ),
        ]
        indexes = [models.Index(name="announcement_by_area", fields=["area", "-id"])]

    def __str__(self) -> str:
        return self.title

    @property
    def state(self) -> str:
        if self.withdrawn_at is not None:
            return "withdrawn"
        return "published" if self.published_at is not None else "draft"
