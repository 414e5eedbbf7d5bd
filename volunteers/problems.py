"""The refusals of the volunteers, see `core.problems`."""

from django.utils.translation import gettext_lazy as _

from core.problems import catalogue

catalogue(
    {
        "not_a_volunteer": (409, _("Say first who you are as a volunteer.")),
        "not_registered": (409, _("This volunteer is not registered with a community.")),
        "unknown_community": (400, _("There is no such community.")),
        "unknown_volunteer": (400, _("There is no such volunteer.")),
        "unknown_team": (400, _("There is no such team that can be called.")),
        "registration_asked": (409, _("A registration is waiting for its community already.")),
        "already_home": (409, _("This volunteer is registered with this community already.")),
        "home_elsewhere": (409, _("This volunteer is registered elsewhere and has to ask for the change.")),
        "own_matter": (403, _("Nobody confirms what is their own.")),
        "proposed_it": (403, _("Whoever proposed it does not confirm it.")),
        "team_name_taken": (409, _("There is a team with this name here already.")),
        "wrong_team_area": (400, _("A team belongs to a community or a street.")),
        "already_member": (409, _("This volunteer is in the team already.")),
        "not_a_member": (400, _("This volunteer is not in the team.")),
        "team_empty": (409, _("The team has no members to call.")),
        "already_calling": (409, _("This team is being called on this report already.")),
        "until_in_future": (400, _("A call runs until a time in the future, within %(days)s days.")),
        "call_over": (409, _("The time of this call is over.")),
        "not_on_call": (400, _("This person was not called.")),
        "too_many_hours": (400, _("That is more than the time there was.")),
        "service_date": (400, _("A service lies in the past, at most %(days)s days back.")),
        "service_twice": (409, _("This service has been entered already.")),
        "no_hours": (400, _("A service takes time.")),
        "already_corrected": (409, _("This record has been corrected already.")),
        "not_confirmed": (409, _("Only a confirmed record is corrected.")),
        "correct_the_record": (409, _("This comes from a service record; correct that one.")),
        "already_reversed": (409, _("This entry has been taken back already.")),
        "rule_overlaps": (409, _("Another rule of this kind holds on some of these days.")),
        "rule_in_past": (400, _("A rule begins and ends today or later.")),
        "rule_order": (400, _("The last day lies before the first.")),
    }
)
