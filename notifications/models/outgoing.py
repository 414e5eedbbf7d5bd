"""Texts to people who have no account here; what they are about is known above."""

from uuid import uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.encryption import EncryptedTextField


class OutgoingMessage(models.Model):
    """One text to one number. Written with what it tells of, sent after the commit by the loop in `outbox`.

    `key` is the same in every try, so that a gateway that took an earlier one and could not say so sends it once.
    `next_at` is when the next try is due; null means that nothing more is to be done. `claim` and `lease_until`
    belong to the sender that is trying right now.
    """

    class Channel(models.TextChoices):
        SMS = "sms", _("SMS")

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        SENT = "sent", _("sent")
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("failed")
        LOGGED = "logged", _("not sent: no gateway")

    key = models.UUIDField(unique=True, default=uuid4, editable=False)
    channel = models.CharField(_("channel"), max_length=8, choices=Channel, default=Channel.SMS)
    to = EncryptedTextField(_("recipient's number"))
    text = models.TextField(_("text"))
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.QUEUED)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    error = models.CharField(_("error"), max_length=200, blank=True)
    provider_id = models.CharField(_("provider's id"), max_length=80, blank=True)
    created_at = models.DateTimeField(_("created"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)
    next_at = models.DateTimeField(_("next try at"), null=True, blank=True)
    lease_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    claim = models.CharField(_("claim"), max_length=32, blank=True)

    class Meta:
        verbose_name = _("outgoing message")
        verbose_name_plural = _("outgoing messages")
        indexes = [models.Index(name="outgoing_due", fields=["next_at"], condition=models.Q(next_at__isnull=False))]

    def __str__(self) -> str:
        return f"{self.channel} #{self.pk}"
