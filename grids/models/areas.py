"""The area tree: city, district, street, community, grid."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from guardian.models import UserObjectPermissionBase
from treebeard.mp_tree import MP_Node

from accounts.models import Department
from accounts.roles import Can


class Area(MP_Node):
    """区域. Parents, not the digits of the code, say what lies in what."""

    class Level(models.TextChoices):
        CITY = "city", _("city")
        DISTRICT = "district", _("district")
        STREET = "street", _("street")
        COMMUNITY = "community", _("community")
        GRID = "grid", _("grid")

    class Kind(models.TextChoices):
        BASIC = "basic", _("basic grid")
        DEDICATED = "dedicated", _("dedicated grid")
        SEA = "sea", _("sea grid")

    class Setting(models.TextChoices):
        URBAN = "urban", _("urban")
        RURAL = "rural", _("rural")

    level = models.CharField(_("level"), max_length=12, choices=Level)
    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, blank=True, help_text=_("grids only"))
    setting = models.CharField(_("setting"), max_length=8, choices=Setting, blank=True)
    geometry = models.JSONField(_("boundary"), null=True, blank=True, help_text=_("GeoJSON, WGS-84 degrees"))
    office = models.OneToOneField(
        Department,
        verbose_name=_("office"),
        related_name="area",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
    )
    is_active = models.BooleanField(_("active"), default=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    node_order_by: list[str] = []

    class Meta:
        verbose_name = _("area")
        verbose_name_plural = _("areas")
        default_permissions = ()
        permissions = Can.choices
        constraints = [
            models.CheckConstraint(
                name="area_kind_is_for_grids",
                condition=models.Q(level="grid") & ~models.Q(kind="") | ~models.Q(level="grid") & models.Q(kind=""),
            )
        ]

    def __str__(self) -> str:
        return self.name


# Levels from the top; an area's parent is exactly one level up.
LEVELS: tuple[str, ...] = tuple(Area.Level.values)


class AreaUserPermission(UserObjectPermissionBase):
    """Guardian's permission rows for areas; a direct foreign key, so scope is one join."""

    content_object = models.ForeignKey(Area, on_delete=models.CASCADE)

    class Meta(UserObjectPermissionBase.Meta):
        verbose_name = _("area permission")
        verbose_name_plural = _("area permissions")


class BoundaryVersion(models.Model):
    """One row whose number rises with every change of a boundary or of the tree.

    Other processes compare it to know that their index of polygons is old.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.PositiveBigIntegerField(default=0)

    class Meta:
        default_permissions = ()
        constraints = [models.CheckConstraint(name="one_boundary_version", condition=models.Q(id=1))]

    def __str__(self) -> str:
        return str(self.number)
