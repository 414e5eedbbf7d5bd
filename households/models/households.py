"""The household 户 and its door."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.encryption import EncryptedTextField
from households.doors import Door
from households.models.buildings import Building
from households.models.levels import RiskLevel
from households.models.placed import Placed
from households.models.vocabulary import HouseholdKind, Occupancy


class Household(Placed):
    """Those who live behind one door, from their moving in to their moving out. Its id is made by the client.

    The building and the grid are public places and plain. The door (unit and room in a building, else an address) is
    personal and encrypted; `door_hash` keeps it unique among the active and lets an import find it again. Nothing plain
    orders doors within a building: a rank would tell the room. `risk_*` and the visits are kept here for lists.
    Positions are WGS-84 degrees, empty where the building's is meant. Written only by `households.actions`.
    """

    id = models.UUIDField(primary_key=True)
    version = models.PositiveIntegerField(default=1)
    code = models.CharField(_("household number"), max_length=32, unique=True)
    building = models.ForeignKey(
        Building,
        verbose_name=_("building"),
        related_name="households",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        db_index=False,
    )
    unit = EncryptedTextField(_("unit of the building"), blank=True)
    room = EncryptedTextField(_("room"), blank=True)
    address = EncryptedTextField(_("address"), blank=True, help_text=_("of a house without a building"))
    door_hash = models.CharField(max_length=64, blank=True)
    lng = models.FloatField(_("longitude"), null=True, blank=True)
    lat = models.FloatField(_("latitude"), null=True, blank=True)
    occupancy = models.CharField(_("occupancy"), max_length=8, choices=Occupancy)
    kind = models.CharField(_("kind"), max_length=12, choices=HouseholdKind, default=HouseholdKind.FAMILY)

    risk_level = models.ForeignKey(
        RiskLevel,
        verbose_name=_("risk level"),
        related_name="+",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        db_index=False,
    )
    # The last one confirmed; the one in effect may be graver until somebody decides.
    confirmed_level = models.ForeignKey(
        RiskLevel,
        verbose_name=_("confirmed risk level"),
        related_name="+",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        db_index=False,
    )
    risk_unconfirmed = models.BooleanField(_("unconfirmed"), default=False)
    last_visit_at = models.DateTimeField(_("last visit"), null=True, blank=True)
    next_visit_due = models.DateField(_("next visit due"), null=True, blank=True)

    created_at = models.DateTimeField(_("registered"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("registered by"),
        null=True,
        related_name="+",
        on_delete=models.PROTECT,
        db_index=False,
    )
    changed_at = models.DateTimeField(_("changed"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    merged_into = models.ForeignKey(
        "self",
        verbose_name=_("merged into household"),
        related_name="merged_households",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        db_index=False,
    )
    split_from = models.ForeignKey(
        "self",
        verbose_name=_("split from household"),
        related_name="split_households",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        db_index=False,
    )

    class Meta:
        verbose_name = _("household")
        verbose_name_plural = _("households")
        constraints = [
            models.UniqueConstraint(
                name="one_household_per_door",
                fields=["door_hash"],
                condition=models.Q(ended_at__isnull=True) & ~models.Q(door_hash=""),
            ),
            models.CheckConstraint(
                name="a_merged_household_has_ended",
                condition=models.Q(merged_into__isnull=True) | models.Q(ended_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["grid", "id"], name="household_by_grid"),
            models.Index(fields=["community", "id"], name="household_by_community"),
            models.Index(fields=["street", "id"], name="household_by_street"),
            models.Index(fields=["district", "id"], name="household_by_district"),
            models.Index(fields=["building"], name="household_by_building", condition=models.Q(building__isnull=False)),
            models.Index(fields=["grid", "risk_level", "id"], name="household_by_grid_colour"),
            models.Index(fields=["street", "risk_level", "id"], name="household_by_street_colour"),
            models.Index(
                fields=["grid", "next_visit_due", "id"],
                name="household_due",
                condition=models.Q(next_visit_due__isnull=False, ended_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def door(self) -> Door:
        """Where it is, in full."""
        return Door(self.building_id, self.grid_id, unit=self.unit, room=self.room, address=self.address)

    def lookup_texts(self) -> dict[str, str]:
        return {"door_hash": self.door.key}

    @property
    def active(self) -> bool:
        return self.ended_at is None
