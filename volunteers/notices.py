"""The notices volunteers and their desks get. They tell what a volunteer needs and name no report."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from notifications.kinds import Kind, register
from volunteers.models.vocabulary import ServiceKind


def _kind_named(params: dict[str, Any]) -> Mapping[str, Any]:
    """The values with the code of the service replaced by its label in the reader's language."""
    return {**params, "kind": ServiceKind(params["kind"]).label}


for _code, _title, _body in (
    ("team_called", _("Your team is called: %(item)s"), _("%(place)s, until %(until)s: %(reason)s")),
    ("team_call_closed", _("Thank you: %(item)s"), _("%(hours)s h at %(place)s are on your record.")),
    ("team_call_withdrawn", _("No longer needed: %(item)s"), _("%(place)s: %(note)s")),
    ("volunteer_asks", _("A volunteer reports in to %(community)s"), _("%(name)s waits for your answer.")),
    ("registration_confirmed", _("Welcome to %(community)s"), _("Your registration is confirmed.")),
    ("registration_declined", _("Registration with %(community)s declined"), _("%(note)s")),
    ("registration_ended", _("Registration with %(community)s ended"), _("%(note)s")),
    ("team_joined", _("You are in the team %(team)s"), _("You will be told when it is called.")),
):
    register(Kind(_code, title=_title, body=_body, needs_receipt=_code == "team_called"))
for _code, _title, _body in (
    ("service_proposed", _("Service to be confirmed"), _("%(name)s: %(kind)s on %(date)s, %(hours)s h.")),
    ("service_confirmed", _("Service confirmed"), _("%(kind)s on %(date)s, %(hours)s h.")),
    ("service_declined", _("Service not confirmed"), _("%(kind)s on %(date)s: %(note)s")),
):
    register(Kind(_code, title=_title, body=_body, expand=_kind_named))
