"""The refusals of the matters, see `core.problems`."""

from django.utils.translation import gettext_lazy as _

from core.problems import catalogue

catalogue(
    {
        "report_differs": (409, _("A report with this id exists and says something else.")),
        "report_deleted": (409, _("This report was deleted.")),
        "external_no_taken": (409, _("A report with this external number exists already.")),
        "unknown_item": (400, _("There is no such item in the catalogue today.")),
        "unknown_grid": (400, _("There is no such grid.")),
        "position_outside": (400, _("The position lies outside every grid; choose the grid by hand.")),
        "grid_too_far": (400, _("The position lies %(metres)s m from the chosen grid.")),
        "not_self_handled": (400, _("This item may not be handled by the worker alone.")),
        "photo_needed": (400, _("A photo of this kind is needed.")),
        "photo_twice": (400, _("The same photo is named twice.")),
        "photo_unknown": (404, _("This photo was not announced for this report.")),
        "photo_not_here_yet": (409, _("The photo has not arrived yet.")),
        "future_time": (400, _("This time lies in the future.")),
        "one_lead": (400, _("Exactly one unit is the lead.")),
        "unknown_unit": (400, _("There is no such unit or person.")),
        "unit_twice": (400, _("A unit is named twice.")),
        "unit_already_has_duty": (409, _("This unit already has a duty here.")),
        "whistle_needed": (400, _("Departments outside the street are called by whistle.")),
        "not_ours_to_assign": (400, _("This unit or person is not yours to give work to.")),
        "wrong_whistle_target": (400, _("A whistle of this level cannot call this unit.")),
        "meeting_needed": (400, _("A joint whistle needs a time in the future to come together.")),
        "not_on_whistle": (400, _("Only duties called by whistle are reported in to.")),
        "for_information": (409, _("This was sent for information; there is nothing to do.")),
        "duty_inactive": (409, _("This duty has been replaced by another.")),
        "duty_open": (409, _("A duty is still open.")),
        "whistle_open": (409, _("A whistle is still open.")),
        "field_check_open": (409, _("A field check is open on this report already.")),
        "nobody_to_ask": (409, _("Nobody works this grid; name the person to ask.")),
        "merge_with_itself": (400, _("A report cannot be merged into itself.")),
        "unknown_main": (400, _("There is no such report to merge into.")),
        "main_merged": (409, _("The report to merge into has itself been merged into another.")),
        "main_over": (409, _("The report to merge into is closed already.")),
        "main_closed": (409, _("The report it was merged into is closed; its requester has been answered.")),
        "has_merged": (409, _("Other reports are merged into this one.")),
        "photo_not_of_report": (400, _("The report has no such photo.")),
        "answer_needed": (400, _("The requester has to be answered before closing.")),
        "rating_missing": (409, _("A unit has not been rated yet.")),
        "too_late_to_reopen": (409, _("A report can be reopened within %(days)s days of closing.")),
        "request_id_taken": (409, _("This request id was used for another step.")),
        "order_replied": (409, _("This order has been replied to.")),
    }
)
