"""The tree of bodies that can be given work: authorities, street offices, community committees."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from guardian.models import UserObjectPermissionBase
from treebeard.mp_tree import MP_Node

from accounts.roles import Can


class Department(MP_Node):
    """部门. A street office and a community committee are departments that an `Area` names as its office."""

    class Kind(models.TextChoices):
        AUTHORITY = "authority", _("authority")
        STREET_OFFICE = "street_office", _("street office")
        COMMUNITY_COMMITTEE = "community_committee", _("community committee")
        COMMAND_CENTRE = "command_centre", _("command centre")
        UNIT = "unit", _("unit of an office or authority")

    code = models.CharField(_("code"), max_length=32, unique=True)
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=24, choices=Kind, default=Kind.AUTHORITY)
    is_active = models.BooleanField(_("active"), default=True)

    node_order_by: list[str] = []

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        default_permissions = ()
        permissions = Can.choices

    def __str__(self) -> str:
        return self.name


class DepartmentUserPermission(UserObjectPermissionBase):
    """Guardian's permission rows for departments; a direct foreign key, so scope is one join."""

    content_object = models.ForeignKey(Department, on_delete=models.CASCADE)

    class Meta(UserObjectPermissionBase.Meta):
        verbose_name = _("department permission")
        verbose_name_plural = _("department permissions")
