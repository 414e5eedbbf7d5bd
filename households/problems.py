"""The refusals about households, see `core.problems`."""

from django.utils.translation import gettext_lazy as _

from core.problems import catalogue

catalogue(
    {
        "id_length": (400, _("The number of this card has 17 digits and a digit or X.")),
        "id_date": (400, _("The birth date in this number is not a day that can be meant.")),
        "id_check": (400, _("The check character does not fit the number; one of its digits is wrong.")),
        "document_number": (400, _("A document number is 3 to 30 letters, digits, hyphens, slashes or brackets.")),
        "document_type_missing": (400, _("Say what document the number is from.")),
        "told_otherwise": (400, _("The number of the card says otherwise.")),
        "masked_value": (400, _("This is a masked value; leave the field out to keep what is stored.")),
        "future_date": (400, _("This day has not come yet.")),
        "out_before_in": (400, _("Nobody moves out before moving in.")),
        "unknown_building": (400, _("There is no such building.")),
        "building_taken": (409, _("There is a building with this number already.")),
        "building_differs": (409, _("A building with this id exists and says something else.")),
        "building_in_use": (409, _("There are households in this building.")),
        "grid_differs": (400, _("The building lies in another grid.")),
        "grid_missing": (400, _("Say in which grid it lies.")),
        "door_missing": (400, _("Say behind which door: a room in a building, or an address.")),
        "door_taken": (409, _("There is a household behind this door already.")),
        "code_in_use": (409, _("There is a household with this number already.")),
        "household_differs": (409, _("A household with this id exists and says something else.")),
        "household_ended": (409, _("This household has moved out or was merged; it is history.")),
        "vacant_dwelling": (409, _("Nobody lives here; let somebody move in.")),
        "not_vacant": (409, _("Somebody lives here already.")),
        "moves_in_vacant": (400, _("Who moves in owns or rents; a vacant dwelling stays empty.")),
        "resident_differs": (409, _("A resident with this id exists and says something else.")),
        "resident_gone": (409, _("This resident has moved out; it is history.")),
        "resident_twice": (409, _("This person is in the household already.")),
        "head_taken": (409, _("The household has a head already.")),
        "unknown_resident": (400, _("There is no such resident in the household.")),
        "split_nobody": (400, _("Choose some of the residents, not all and not none.")),
        "merge_itself": (400, _("A household is merged with another one.")),
        "unknown_tag": (400, _("There is no such care tag.")),
        "unknown_group": (400, _("There is no such special group.")),
        "already_in_group": (409, _("The resident is in this group already.")),
        "group_left": (409, _("The resident has left this group already.")),
        "one_number": (400, _("Look for one number: a phone or a document.")),
        "nothing_to_reveal": (400, _("Say what you need to see.")),
    }
)
