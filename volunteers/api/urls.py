"""Addresses of the volunteers under /api/v1/."""

from typing import Any

from django.urls import URLPattern, URLResolver, path

from volunteers.api import calls, people, records, teams

# The folder of the address, the first part of its name, and what is below.
STEPS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("registrations", "registration", people.REGISTRATION_VIEWS),
    ("teams", "team", teams.TEAM_VIEWS),
    ("calls", "team-call", calls.CALL_VIEWS),
    ("me/calls", "own-call", calls.OWN_CALL_VIEWS),
    ("records", "record", records.RECORD_VIEWS),
    ("credits", "credit", records.ENTRY_VIEWS),
)
urlpatterns: list[URLPattern | URLResolver] = [
    path("volunteers/me", people.Me.as_view(), name="volunteer-me"),
    path("volunteers/me/calls", calls.OwnCallList.as_view(), name="own-calls-list"),
    path("volunteers/me/calls/<int:pk>", calls.OwnCallView.as_view(), name="own-call"),
    path("volunteers/people", people.PeopleList.as_view(), name="volunteers-list"),
    path("volunteers/people/<int:pk>/reveal", people.Reveal.as_view(), name="volunteer-reveal"),
    path("volunteers/registrations", people.RegistrationList.as_view(), name="registrations-list"),
    path("volunteers/teams", teams.TeamList.as_view(), name="teams-list"),
    path("volunteers/teams/<int:pk>", teams.TeamView.as_view(), name="team"),
    path("volunteers/calls", calls.CallList.as_view(), name="team-calls-list"),
    path("volunteers/calls/<int:pk>", calls.CallView.as_view(), name="team-call"),
    path("volunteers/records", records.RecordList.as_view(), name="records-list"),
    path("volunteers/credits", records.EntryList.as_view(), name="credits-list"),
    path("volunteers/credit_rules", records.RuleList.as_view(), name="credit-rules-list"),
    path("volunteers/ranking", records.Ranking.as_view(), name="volunteer-ranking"),
    *(
        path(f"volunteers/{folder}/<int:pk>/{name}", view, name=f"{kind}-{name}")
        for folder, kind, views in STEPS
        for name, view in views.items()
    ),
]
