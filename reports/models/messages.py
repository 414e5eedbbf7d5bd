"""What requesters are told in writing: the templates, and which message went out on which report."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from notifications.models import OutgoingMessage
from reports.models.catalogue import CatalogueItem
from reports.models.reports import Report, Requester
from reports.models.vocabulary import MessageEvent
from reports.places import MAX_TEMPLATE, PLACES, unknown_places


def only_known_places(text: str) -> None:
    """Refuse a text with a place nothing can fill. Raises ValidationError."""
    unknown = unknown_places(text)
    if unknown:
        raise ValidationError(
            _("Unknown places: %(unknown)s. Known are %(known)s."),
            code="unknown_placeholder",
            params={"unknown": ", ".join(unknown), "known": ", ".join(f"%({name})s" for name in PLACES)},
        )


class MessageTemplate(models.Model):
    """A text for an event, for one item or (`item` empty) any; the latest in force counts, an item's own before any.

    One that is not active sends nothing: so an item, or the city, goes without.
    """

    event = models.CharField(_("occasion"), max_length=12, choices=MessageEvent)
    item = models.ForeignKey(
        CatalogueItem,
        verbose_name=_("item"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        help_text=_("Empty: any item."),
    )
    text = models.TextField(_("text"), max_length=MAX_TEMPLATE, validators=[only_known_places])
    active = models.BooleanField(_("active"), default=True)
    valid_from = models.DateField(_("valid from"))

    class Meta:
        verbose_name = _("message template")
        verbose_name_plural = _("message templates")
        ordering = ["event", "-valid_from", "-id"]

    def __str__(self) -> str:
        return f"{self.get_event_display()} {self.item or ''}".strip()


class RequesterMessage(models.Model):
    """One message to the requester of a report; how far it came stands in `outgoing`."""

    report = models.ForeignKey(Report, related_name="messages", on_delete=models.PROTECT)
    requester = models.ForeignKey(Requester, null=True, on_delete=models.SET_NULL, related_name="messages")
    template = models.ForeignKey(
        MessageTemplate, verbose_name=_("template"), null=True, blank=True, on_delete=models.PROTECT
    )
    event = models.CharField(_("occasion"), max_length=12, choices=MessageEvent)
    outgoing = models.OneToOneField(OutgoingMessage, related_name="about", on_delete=models.PROTECT)
    # Empty: sent by the rules.
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("sent by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    again = models.ForeignKey(
        "self", verbose_name=_("sent again for"), null=True, on_delete=models.PROTECT, related_name="repeats"
    )

    class Meta:
        verbose_name = _("message to a requester")
        verbose_name_plural = _("messages to requesters")

    def __str__(self) -> str:
        return f"{self.get_event_display()} #{self.pk}"
