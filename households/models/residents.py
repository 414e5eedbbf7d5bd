"""The resident 居民."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.encryption import EncryptedTextField
from core.phones import digits_of
from households.lookups import document_key
from households.models.households import Household
from households.models.vocabulary import DocumentType, Relation, Sex


class Resident(models.Model):
    """One person in a household. Who has moved out stays as history.

    Name, document, phone and birth date are encrypted (a date gives eight of the eighteen digits of a card number); the
    birth year is plain, for lists by age. The hashes find a person again by number, see `core.encryption`.
    """

    id = models.UUIDField(primary_key=True)
    version = models.PositiveIntegerField(default=1)
    household = models.ForeignKey(Household, related_name="residents", on_delete=models.PROTECT)
    name = EncryptedTextField(_("name"))
    doc_type = models.CharField(_("document"), max_length=20, choices=DocumentType, blank=True)
    doc_number = EncryptedTextField(_("document number"), blank=True)
    doc_hash = models.CharField(max_length=64, blank=True)
    phone = EncryptedTextField(_("phone"), blank=True)
    phone_hash = models.CharField(max_length=64, blank=True)
    sex = models.CharField(_("sex"), max_length=8, choices=Sex, blank=True)
    birth_date = EncryptedTextField(_("birth date"), blank=True, help_text=_("ISO 8601"))
    birth_year = models.PositiveSmallIntegerField(_("birth year"), null=True, blank=True)
    relation = models.CharField(_("relation to the head"), max_length=16, choices=Relation)
    party_member = models.BooleanField(_("party member"), default=False)
    party_role = models.CharField(
        _("party label"), max_length=60, blank=True, help_text=_("as the branch calls it: 党员中心户")
    )
    moved_in = models.DateField(_("moved in"), null=True, blank=True)
    moved_out = models.DateField(_("moved out"), null=True, blank=True)

    class Meta:
        verbose_name = _("resident")
        verbose_name_plural = _("residents")
        constraints = [
            models.UniqueConstraint(
                name="one_head_per_household",
                fields=["household"],
                condition=models.Q(relation="head", moved_out__isnull=True),
            ),
            models.UniqueConstraint(
                name="a_document_once_per_household",
                fields=["household", "doc_hash"],
                condition=models.Q(moved_out__isnull=True) & ~models.Q(doc_hash=""),
            ),
            models.CheckConstraint(
                name="resident_out_after_in",
                condition=models.Q(moved_out__isnull=True)
                | models.Q(moved_in__isnull=True)
                | models.Q(moved_out__gte=models.F("moved_in")),
            ),
        ]
        indexes = [
            models.Index(fields=["doc_hash"], name="resident_by_document", condition=~models.Q(doc_hash="")),
            models.Index(fields=["phone_hash"], name="resident_by_phone", condition=~models.Q(phone_hash="")),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def lookup_texts(self) -> dict[str, str]:
        return {"doc_hash": document_key(self.doc_number), "phone_hash": digits_of(self.phone)}
