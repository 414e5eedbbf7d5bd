"""The row is the message: bells carry no content, and whatever is unacknowledged is read again."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Urgency(models.TextChoices):
    NORMAL = "normal", _("normal")
    URGENT = "urgent", _("urgent")
    EMERGENCY = "emergency", _("emergency")


class NotificationQuerySet(models.QuerySet["Notification"]):
    def of(self, user_id: int) -> Self:
        return self.filter(recipient_id=user_id)

    def unacknowledged(self) -> Self:
        """No device has confirmed them yet."""
        return self.filter(delivered_at__isnull=True)

    def unreceipted(self) -> Self:
        """A person's receipt is asked for and has not been given."""
        return self.filter(needs_receipt=True, receipted_at__isnull=True)

    def on_ladder(self) -> Self:
        """The sweeper still has a step to make for them."""
        return self.filter(next_at__isnull=False)


class Notification(models.Model):
    """One notice to one person. Three facts, never merged: a device has it, the person opened it, the person signed.

    `stage` is the next step of the urgency's ladder, due at `next_at`; null means that nothing more is to be done.
    `claim` and `lease_until` belong to the sweeper that is making the step right now.
    """

    id = models.BigAutoField(primary_key=True)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("recipient"),
        related_name="notifications",
        on_delete=models.PROTECT,
        db_index=False,
    )
    kind = models.CharField(_("kind"), max_length=40)
    params = models.JSONField(_("values of the text"), default=dict)
    urgency = models.CharField(_("urgency"), max_length=12, choices=Urgency, default=Urgency.NORMAL)
    subject = models.CharField(_("subject"), max_length=20)
    subject_id = models.CharField(_("subject id"), max_length=40)
    group_key = models.CharField(_("group"), max_length=80, blank=True)
    # Null, not blank, where nothing is to be kept unique: nulls never collide.
    dedupe_key = models.CharField(_("dedupe key"), max_length=120, null=True, blank=True)
    needs_receipt = models.BooleanField(_("needs a receipt"), default=False)
    escalated_from = models.ForeignKey(
        "self",
        verbose_name=_("told because of"),
        related_name="escalations",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        db_index=False,
    )

    created_at = models.DateTimeField(_("created"))
    rung_at = models.DateTimeField(_("rung"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("on a device"), null=True, blank=True)
    device = models.CharField(_("device"), max_length=80, blank=True)
    seen_at = models.DateTimeField(_("opened"), null=True, blank=True)
    receipted_at = models.DateTimeField(_("signed for"), null=True, blank=True)

    stage = models.PositiveSmallIntegerField(_("stage"), default=0)
    next_at = models.DateTimeField(_("next step at"), null=True, blank=True)
    lease_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    claim = models.CharField(_("claim"), max_length=32, blank=True)
    failures = models.PositiveSmallIntegerField(_("failures"), default=0)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        constraints = [
            models.UniqueConstraint(
                name="notified_once", fields=["recipient", "dedupe_key"], condition=models.Q(dedupe_key__isnull=False)
            ),
        ]
        indexes = [
            models.Index(name="notification_of", fields=["recipient", "id"]),
            models.Index(
                name="notification_unacked", fields=["recipient", "id"], condition=models.Q(delivered_at__isnull=True)
            ),
            models.Index(name="notification_due", fields=["next_at"], condition=models.Q(next_at__isnull=False)),
            models.Index(name="notification_group", fields=["group_key"], condition=~models.Q(group_key="")),
            models.Index(name="notification_subject", fields=["recipient", "subject", "subject_id"]),
            models.Index(
                name="notification_escalated",
                fields=["escalated_from"],
                condition=models.Q(escalated_from__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.recipient_id}"


class Delivery(models.Model):
    """One attempt to reach the recipient on one way, and what came of it."""

    class Outcome(models.TextChoices):
        RUNG = "rung", _("rung")
        SENT = "sent", _("sent")
        SKIPPED = "skipped", _("skipped")
        FAILED = "failed", _("failed")
        TOLD = "told", _("others told")

    id = models.BigAutoField(primary_key=True)
    notification = models.ForeignKey(
        Notification, verbose_name=_("notification"), related_name="deliveries", on_delete=models.CASCADE
    )
    transport = models.CharField(_("transport"), max_length=16)
    at = models.DateTimeField(_("at"))
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome)
    detail = models.CharField(_("detail"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("delivery attempt")
        verbose_name_plural = _("delivery attempts")

    def __str__(self) -> str:
        return f"{self.transport} {self.outcome}"
