"""Which rows about volunteers leave an audit trail, and how their steps read in a report's timeline.

Credits and calls are histories themselves. A phone is never written into the trail.
"""

from auditlog.registry import auditlog
from django.utils.translation import gettext_lazy as _

from reports.admin.particulars import PARTICULARS, arrived
from reports.step_words import STEP_WORDS
from volunteers.models import CreditRule, Membership, Registration, ServiceRecord, Volunteer, VolunteerTeam

auditlog.register(Volunteer, exclude_fields=["phone"])
auditlog.register(Registration)
auditlog.register(VolunteerTeam)
auditlog.register(Membership)
auditlog.register(ServiceRecord)
auditlog.register(CreditRule)

STEP_WORDS.update(
    {
        "call_team": _("Volunteers called"),
        "team_arrived": _("Volunteer on the spot"),
        "close_team_call": _("Call to volunteers ended"),
        "withdraw_team_call": _("Call to volunteers withdrawn"),
    }
)
PARTICULARS.update(
    {
        "call_team": lambda data: [data.get("team")],
        "team_arrived": lambda data: [data.get("team"), *arrived(data)],
        "close_team_call": lambda data: [data.get("team")],
        "withdraw_team_call": lambda data: [data.get("team")],
    }
)
