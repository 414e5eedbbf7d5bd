"""Teams and who is in them."""

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.models import User
from core.problems import Problem
from grids.models import Area
from volunteers.access import demand, found, locked, runs, visible_teams, visible_volunteers
from volunteers.actions.frame import doing
from volunteers.models import Membership, Volunteer, VolunteerTeam

TEAM_LEVELS = (Area.Level.COMMUNITY, Area.Level.STREET)


def create_team(
    user: User, area: str, name: str, unit: str = "", skills: str = "", *, request_id: UUID | None = None
) -> VolunteerTeam:
    """A new team at a community or street (its code). Raises `wrong_team_area`, `forbidden`, `team_name_taken`."""
    with doing(user, "create_team", request_id=request_id) as step:
        node = Area.objects.defer("geometry").filter(code=area, is_active=True).first()
        if node is None or node.level not in TEAM_LEVELS:
            raise Problem("wrong_team_area", "area")
        demand(runs(user, node))
        try:
            with transaction.atomic():
                team = VolunteerTeam.objects.create(
                    name=name, area=node, unit=unit, skills=skills, created_at=step.moment
                )
        except IntegrityError as exc:
            raise Problem("team_name_taken", "name") from exc
        step.about("team", team.pk)
    return team


def change_team(user: User, team_id: int, changes: dict[str, Any], *, request_id: UUID | None = None) -> VolunteerTeam:
    """Change name, unit, skills, is_active, or the leader (id of a member, or None).

    Raises `not_a_member`, `team_name_taken`.
    """
    with doing(user, "change_team", team_id, request_id=request_id) as step:
        team = _of_desk(user, team_id)
        if "leader" in changes:
            leader = changes.pop("leader")
            if leader is not None and not _members(team).filter(volunteer_id=leader).exists():
                raise Problem("not_a_member", "leader")
            team.leader_id = leader
        for name, value in changes.items():
            setattr(team, name, value)
        try:
            with transaction.atomic():
                team.save()
        except IntegrityError as exc:
            raise Problem("team_name_taken", "name") from exc
        step.about("team", team.pk, changed=sorted(changes))
    return team


def add_member(user: User, team_id: int, volunteer_id: int, *, request_id: UUID | None = None) -> Membership:
    """Put a registered volunteer of the desk's area into the team.

    Raises `unknown_volunteer`, `not_registered`, `already_member`.
    """
    with doing(user, "add_member", team_id, request_id=request_id) as step:
        team = _of_desk(user, team_id)
        if not visible_volunteers(user).filter(pk=volunteer_id).exists():
            raise Problem("unknown_volunteer", "volunteer")
        volunteer = locked(volunteer_id)
        if volunteer.home_id is None:
            raise Problem("not_registered", "volunteer")
        try:
            with transaction.atomic():
                membership = Membership.objects.create(
                    team=team, volunteer=volunteer, joined_at=step.moment, added_by=user
                )
        except IntegrityError as exc:
            raise Problem("already_member", "volunteer") from exc
        step.tell([volunteer.user], "team_joined", subject="team", subject_id=team.pk, team=team.name)
        step.about("team", team.pk, volunteer=volunteer_id)
    return membership


def remove_member(user: User, team_id: int, volunteer_id: int, *, request_id: UUID | None = None) -> None:
    """Take a member off the list, or leave. The row stays as history. Raises `not_a_member`."""
    with doing(user, "remove_member", team_id, request_id=request_id) as step:
        team = found(visible_teams(user).select_related("area").defer("area__geometry"), team_id)
        own = Volunteer.objects.filter(pk=volunteer_id, user=user).exists()
        demand(own or runs(user, team.area))
        if not _members(team).filter(volunteer_id=volunteer_id).update(left_at=step.moment):
            raise Problem("not_a_member", "volunteer")
        VolunteerTeam.objects.filter(pk=team.pk, leader_id=volunteer_id).update(leader=None)
        step.about("team", team.pk, volunteer=volunteer_id)


def _members(team: VolunteerTeam) -> Any:
    return Membership.objects.filter(team=team, left_at__isnull=True)


def _of_desk(user: User, team_id: int) -> VolunteerTeam:
    """The team, locked, for one who runs its area."""
    rows = visible_teams(user).select_related("area").defer("area__geometry")
    team = found(rows.select_for_update(of=("self",)), team_id)
    demand(runs(user, team.area))
    return team
