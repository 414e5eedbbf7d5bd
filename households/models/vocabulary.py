"""The field's words as choices."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Occupancy(models.TextChoices):
    """居住情况: who uses the dwelling."""

    OWNER = "owner", _("lived in by its owner")
    TENANT = "tenant", _("let")
    VACANT = "vacant", _("vacant")


class HouseholdKind(models.TextChoices):
    FAMILY = "family", _("family")
    COLLECTIVE = "collective", _("collective household")
    SHARED = "shared", _("shared by tenants")
    BUSINESS = "business", _("shop or firm")


class DocumentType(models.TextChoices):
    """证件类型. The first two carry a check character."""

    ID_CARD = "id_card", _("resident identity card")
    RESIDENCE_PERMIT = "residence_permit", _("residence permit for Hong Kong, Macao and Taiwan residents")
    PASSPORT = "passport", _("passport")
    HK_MACAO_PERMIT = "hk_macao_permit", _("mainland travel permit for Hong Kong and Macao residents")
    TAIWAN_PERMIT = "taiwan_permit", _("mainland travel permit for Taiwan residents")
    FOREIGNER_CARD = "foreigner_card", _("permanent residence card of a foreigner")
    MILITARY = "military", _("military card")
    OTHER = "other", _("other document")


class Sex(models.TextChoices):
    MALE = "male", _("male")
    FEMALE = "female", _("female")


class Relation(models.TextChoices):
    """与户主关系."""

    HEAD = "head", _("head of the household")
    SPOUSE = "spouse", _("spouse")
    CHILD = "child", _("child")
    CHILD_IN_LAW = "child_in_law", _("son- or daughter-in-law")
    PARENT = "parent", _("parent or parent-in-law")
    GRANDCHILD = "grandchild", _("grandchild")
    GRANDPARENT = "grandparent", _("grandparent")
    SIBLING = "sibling", _("brother or sister")
    RELATIVE = "relative", _("other relative")
    UNRELATED = "unrelated", _("not related")


class Standing(models.TextChoices):
    """Who proposes or confirms a colour: whoever holds a role at this rung, or at one above it."""

    WORKER = "worker", _("grid worker")
    GRID_LEADER = "grid_leader", _("grid leader")
    COMMUNITY = "community", _("community")
    STREET = "street", _("street")


class ColourStatus(models.TextChoices):
    """What became of a proposed colour."""

    PROPOSED = "proposed", _("waits to be confirmed")
    CONFIRMED = "confirmed", _("confirmed")
    REFUSED = "refused", _("refused")
    WITHDRAWN = "withdrawn", _("withdrawn")
    SUPERSEDED = "superseded", _("superseded by a graver one")


class VisitResult(models.TextChoices):
    """How a visit went."""

    MET = "met", _("met")
    CHECKED = "checked", _("dwelling seen, nobody lives here")
    NOBODY_HOME = "nobody_home", _("nobody at home")
    DECLINED = "declined", _("visit declined")


# A household nobody met was not visited: it stays due.
COUNTED = (VisitResult.MET, VisitResult.CHECKED)


class EventKind(models.TextChoices):
    """What may happen to a household."""

    CREATE = "create", _("Registered")
    EDIT = "edit", _("Changed")
    RELOCATE = "relocate", _("Moved to another door")
    MOVE_IN = "move_in", _("Moved in")
    MOVE_OUT = "move_out", _("Moved out")
    SPLIT = "split", _("Household split")
    MERGE = "merge", _("Households merged")
    ADD_RESIDENT = "add_resident", _("Resident added")
    EDIT_RESIDENT = "edit_resident", _("Resident changed")
    RESIDENT_OUT = "resident_out", _("Resident moved out")
    LINK_REPORT = "link_report", _("Report linked")
    UNLINK_REPORT = "unlink_report", _("Report unlinked")
    ENTER_GROUP = "enter_group", _("Entered in a special group")
    LEAVE_GROUP = "leave_group", _("Taken off a special group")
    PROPOSE_COLOUR = "propose_colour", _("Colour proposed")
    CONFIRM_COLOUR = "confirm_colour", _("Colour confirmed")
    REFUSE_COLOUR = "refuse_colour", _("Colour refused")
    WITHDRAW_COLOUR = "withdraw_colour", _("Colour withdrawn")
    VISIT = "visit", _("Visited")
    ERASE = "erase", _("Personal data erased")
