"""Buildings 楼栋."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.encryption import EncryptedTextField
from households.models.placed import Placed


class Building(Placed):
    """A building of an estate 小区 or village: a public place, so all of it is plain but for the head 楼栋长.

    Its id is made by the client. Position in WGS-84 degrees. Written only by `households.actions`.
    """

    id = models.UUIDField(primary_key=True)
    version = models.PositiveIntegerField(default=1)
    estate = models.CharField(_("estate or village"), max_length=60)
    number = models.CharField(_("building"), max_length=30, help_text=_("as it is called: 3号楼"))
    units = models.PositiveSmallIntegerField(_("units of the building"), null=True, blank=True)
    floors = models.PositiveSmallIntegerField(_("floors"), null=True, blank=True)
    lng = models.FloatField(_("longitude"), null=True, blank=True)
    lat = models.FloatField(_("latitude"), null=True, blank=True)
    head_name = EncryptedTextField(_("building head"), blank=True)
    head_phone = EncryptedTextField(_("phone of the building head"), blank=True)
    party_group = models.CharField(_("party group"), max_length=60, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("building")
        verbose_name_plural = _("buildings")
        constraints = [
            models.UniqueConstraint(
                name="one_building_per_number",
                fields=["grid", "estate", "number"],
                condition=models.Q(is_active=True),
            )
        ]
        indexes = [
            models.Index(fields=["grid", "id"], name="building_by_grid"),
            models.Index(fields=["community", "id"], name="building_by_community"),
            models.Index(fields=["street", "id"], name="building_by_street"),
        ]

    def __str__(self) -> str:
        return f"{self.estate}{self.number}"
