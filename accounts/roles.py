"""Roles and what each may do, as data.

A role is held **at** a node: an area or a department. Holding it grants its capabilities as guardian object
permissions on that node; at an area they reach everything below (see `grids.scope`).
Source of the role list: the city's job descriptions; the mapping is the product's default.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    GRID_WORKER = "grid_worker", _("grid worker")
    GRID_LEADER = "grid_leader", _("grid leader")
    ASSISTANT = "assistant", _("assistant")
    COMMUNITY_ADMIN = "community_admin", _("community admin")
    STREET_DISPATCHER = "street_dispatcher", _("street dispatcher")
    STREET_LEADER = "street_leader", _("street leader")
    DEPARTMENT_STAFF = "department_staff", _("department staff")
    DEPARTMENT_LEADER = "department_leader", _("department leader")
    COMMAND_CENTRE = "command_centre", _("command centre")
    SUPERVISOR = "supervisor", _("supervisor")
    CALLBACK_CLERK = "callback_clerk", _("callback clerk")
    AUDITOR = "auditor", _("auditor")
    SYSTEM_ADMIN = "system_admin", _("system admin")
    SECURITY_ADMIN = "security_admin", _("security admin")


class Can(models.TextChoices):
    """Capabilities; each is a guardian permission codename on Area and Department."""

    VIEW_REPORTS = "view_reports", _("Can see reports")
    SUBMIT_REPORT = "submit_report", _("Can submit reports")
    DISPATCH_REPORT = "dispatch_report", _("Can accept, reject, assign, review and close reports")
    BLOW_WHISTLE = "blow_whistle", _("Can draft whistles and rate those who came")
    APPROVE_WHISTLE = "approve_whistle", _("Can approve whistles and reopen reports")
    HANDLE_ASSIGNMENT = "handle_assignment", _("Can sign for, report in and submit results")
    LEAD_UNIT = "lead_unit", _("Is told when the unit is late")
    SUPERVISE_REPORT = "supervise_report", _("Can open supervision orders")
    CALL_BACK = "call_back", _("Can call requesters back")
    AUDIT_ACCESS = "audit_access", _("Can read access logs")
    MANAGE_AREA = "manage_area", _("Can manage areas, staff and departments")
    APPOINT_STAFF = "appoint_staff", _("Can give roles and take them back")
    MANAGE_CATALOGUE = "manage_catalogue", _("Can manage the catalogue")
    VIEW_HOUSEHOLDS = "view_households", _("Can see households, masked")
    EDIT_HOUSEHOLDS = "edit_households", _("Can keep households and see their doors")
    VIEW_SPECIAL_GROUPS = "view_special_groups", _("Can see and keep special groups")
    REVEAL_PERSON = "reveal_person", _("Can see a resident's data in full, on record")
    CONFIRM_COLOUR = "confirm_colour", _("Can confirm a household's colour")
    IMPORT_HOUSEHOLDS = "import_households", _("Can import households")
    EXPORT_HOUSEHOLDS = "export_households", _("Can export households, masked")
    EXPORT_PERSONS = "export_persons", _("Can export residents' data in full, on record")


# Households are the business of those who go there and of the community and street above them: departments, the command
# centre, supervision, callback and audit get none of these capabilities, for them there are figures without persons.
AREA_ROLES: dict[str, frozenset[str]] = {
    Role.GRID_WORKER: frozenset(
        {Can.VIEW_REPORTS, Can.SUBMIT_REPORT, Can.VIEW_HOUSEHOLDS, Can.EDIT_HOUSEHOLDS, Can.REVEAL_PERSON}
    ),
    Role.GRID_LEADER: frozenset(
        {
            Can.VIEW_REPORTS,
            Can.SUBMIT_REPORT,
            Can.VIEW_HOUSEHOLDS,
            Can.EDIT_HOUSEHOLDS,
            Can.VIEW_SPECIAL_GROUPS,
            Can.REVEAL_PERSON,
            Can.CONFIRM_COLOUR,
        }
    ),
    Role.ASSISTANT: frozenset({Can.VIEW_REPORTS, Can.SUBMIT_REPORT, Can.VIEW_HOUSEHOLDS}),
    Role.COMMUNITY_ADMIN: frozenset(
        {
            Can.VIEW_REPORTS,
            Can.SUBMIT_REPORT,
            Can.DISPATCH_REPORT,
            Can.BLOW_WHISTLE,
            Can.MANAGE_AREA,
            Can.APPOINT_STAFF,
            Can.VIEW_HOUSEHOLDS,
            Can.EDIT_HOUSEHOLDS,
            Can.VIEW_SPECIAL_GROUPS,
            Can.REVEAL_PERSON,
            Can.CONFIRM_COLOUR,
            Can.IMPORT_HOUSEHOLDS,
            Can.EXPORT_HOUSEHOLDS,
        }
    ),
    Role.STREET_DISPATCHER: frozenset(
        {
            Can.VIEW_REPORTS,
            Can.SUBMIT_REPORT,
            Can.DISPATCH_REPORT,
            Can.BLOW_WHISTLE,
            Can.VIEW_HOUSEHOLDS,
            Can.CONFIRM_COLOUR,
            Can.EXPORT_HOUSEHOLDS,
        }
    ),
    Role.STREET_LEADER: frozenset(
        {
            Can.VIEW_REPORTS,
            Can.APPROVE_WHISTLE,
            Can.LEAD_UNIT,
            Can.VIEW_HOUSEHOLDS,
            Can.VIEW_SPECIAL_GROUPS,
            Can.REVEAL_PERSON,
            Can.CONFIRM_COLOUR,
            Can.EXPORT_HOUSEHOLDS,
            Can.EXPORT_PERSONS,
        }
    ),
    Role.COMMAND_CENTRE: frozenset(
        {
            Can.VIEW_REPORTS,
            Can.SUBMIT_REPORT,
            Can.DISPATCH_REPORT,
            Can.BLOW_WHISTLE,
            Can.APPROVE_WHISTLE,
            Can.SUPERVISE_REPORT,
            Can.LEAD_UNIT,
        }
    ),
    Role.SUPERVISOR: frozenset({Can.VIEW_REPORTS, Can.SUPERVISE_REPORT}),
    Role.CALLBACK_CLERK: frozenset({Can.VIEW_REPORTS, Can.CALL_BACK}),
    Role.AUDITOR: frozenset({Can.AUDIT_ACCESS}),
    Role.SYSTEM_ADMIN: frozenset({Can.MANAGE_AREA, Can.APPOINT_STAFF, Can.MANAGE_CATALOGUE}),
    Role.SECURITY_ADMIN: frozenset({Can.APPOINT_STAFF}),
}

DEPARTMENT_ROLES: dict[str, frozenset[str]] = {
    Role.DEPARTMENT_STAFF: frozenset({Can.HANDLE_ASSIGNMENT}),
    Role.DEPARTMENT_LEADER: frozenset({Can.HANDLE_ASSIGNMENT, Can.BLOW_WHISTLE, Can.LEAD_UNIT}),
    Role.AUDITOR: frozenset({Can.AUDIT_ACCESS}),
    Role.SYSTEM_ADMIN: frozenset({Can.MANAGE_AREA, Can.APPOINT_STAFF, Can.MANAGE_CATALOGUE}),
    Role.SECURITY_ADMIN: frozenset({Can.APPOINT_STAFF}),
}

# 三员分立 (等保2.0): who runs the system, who gives rights and who reads the logs are three people.
THREE_ADMINS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})
ALONE = frozenset({Role.SECURITY_ADMIN, Role.AUDITOR})


def kept_apart(one: str, other: str) -> bool:
    """Whether nobody may hold both roles. Who gives rights and who watches hold no other: neither could be trusted with
    what they give themselves or are to find out."""
    return one != other and bool({one, other} & ALONE)
