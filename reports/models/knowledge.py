"""The knowledge base 知识库: what helps with an item, a class of items, or everywhere."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from grids.models import Area
from reports.models.catalogue import CatalogueItem


class KnowledgeEntry(models.Model):
    """A text for the items named, for all items of a class, or, naming neither, for every item.

    With an area it holds there and below, else in the whole city. The text is Markdown; whatever HTML stands in it is
    shown as text. Written only by `reports.actions.knowledge`; a change raises `version`.
    """

    version = models.PositiveIntegerField(_("version"), default=1)
    title = models.CharField(_("title"), max_length=100)
    text = models.TextField(_("text"), max_length=20_000)
    items = models.ManyToManyField(CatalogueItem, verbose_name=_("items"), related_name="knowledge", blank=True)
    item_kind = models.CharField(_("kind of items"), max_length=12, choices=CatalogueItem.Kind, blank=True)
    class_code = models.CharField(_("class of items"), max_length=4, blank=True)
    # Kept on the row, so that "for every item" is a condition on one column.
    general = models.BooleanField(_("for every item"), default=True, editable=False)
    area = models.ForeignKey(
        Area, verbose_name=_("area"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    active = models.BooleanField(_("active"), default=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("author"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    updated_at = models.DateTimeField(_("updated"))

    class Meta:
        verbose_name = _("knowledge entry")
        verbose_name_plural = _("knowledge entries")
        constraints = [
            models.CheckConstraint(
                name="knowledge_class_has_a_kind",
                condition=models.Q(item_kind="", class_code="") | ~models.Q(item_kind="") & ~models.Q(class_code=""),
            )
        ]

    def __str__(self) -> str:
        return self.title
