"""报到: who a volunteer is, and the registration with a community."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.actions.access import REASON_LENGTH, record_access
from accounts.actions.staff import take_on
from accounts.models import AccessKind, User
from accounts.roles import Can
from core.masking import mask_name
from core.problems import Problem
from grids.models import Area
from grids.scope import scope_of
from volunteers.access import RUNS, demand, desk_of, found, locked, runs, visible_registrations, visible_volunteers
from volunteers.actions.credits import credit_event
from volunteers.actions.frame import Doing, doing
from volunteers.models import Registration, Volunteer
from volunteers.models.vocabulary import CreditEvent, RegistrationStatus
from volunteers.transitions import REGISTRATION

PROFILE = ("display_name", "phone", "unit", "party_member", "skills", "in_ranking")


def set_profile(user: User, said: Mapping[str, Any]) -> Volunteer:
    """Say who one is as a volunteer, or change it. `said` holds any of `PROFILE`; a new one lacking a display name is
    shown as 张*."""
    with doing(user, "set_profile") as step:
        volunteer = Volunteer.objects.select_for_update().filter(user=user).first()
        if volunteer is None:
            volunteer = _new(user, said, step)
        else:
            changed = [name for name in PROFILE if name in said]
            for name in changed:
                setattr(volunteer, name, said[name])
            volunteer.display_name = volunteer.display_name or mask_name(user.full_name)
            volunteer.save(update_fields=[*changed, "display_name"])
        step.about("volunteer", volunteer.pk)
    return volunteer


def ask(user: User, community: str, note: str = "", *, request_id: UUID | None = None) -> Registration:
    """Report in to a community (its code); who is at home in another asks to move.

    Raises `not_a_volunteer`, `unknown_community`, `already_home`, `registration_asked`.
    """
    with doing(user, "ask", request_id=request_id) as step:
        volunteer = Volunteer.objects.select_for_update().filter(user=user).first()
        if volunteer is None:
            raise Problem("not_a_volunteer")
        area = _community(community)
        registration = _register(volunteer, area, step, note)
        step.tell(
            desk_of(area),
            "volunteer_asks",
            subject="registration",
            subject_id=registration.pk,
            community=area.name,
            name=user.full_name,
        )
        step.about("registration", registration.pk, note=note)
    return registration


def enter(
    user: User,
    community: str,
    username: str,
    profile: Mapping[str, Any],
    account: Mapping[str, str] | None = None,
    *,
    request_id: UUID | None = None,
) -> Registration:
    """A desk enters a person who came to it: an account there is, or a new one from `account` (password, full_name),
    which takes the right to manage staff. The registration is confirmed at once.

    Raises `unknown_community`, `forbidden`, `unknown_volunteer`, `username_taken`, `own_matter`, `home_elsewhere`,
    `already_home`, `registration_asked`.
    """
    with doing(user, "enter", request_id=request_id) as step:
        area = _community(community)
        demand(runs(user, area))
        if account is not None:
            demand(scope_of(user).may(Can.MANAGE_AREA, area))
            person = take_on(username, account["password"], full_name=account["full_name"])
        else:
            known = User.objects.filter(username=username, is_active=True).first()
            if known is None:
                raise Problem("unknown_volunteer", "username")
            person = known
        volunteer = Volunteer.objects.select_for_update().filter(user=person).first() or _new(person, profile, step)
        if volunteer.home_id is not None and volunteer.home_id != area.pk:
            raise Problem("home_elsewhere", "username")
        asked = Registration.objects.filter(volunteer=volunteer, community=area, status=RegistrationStatus.ASKED)
        registration = asked.first() or _register(volunteer, area, step)
        _confirm(volunteer, registration, step)
        step.about("registration", registration.pk)
    return registration


def confirm(user: User, registration_id: int, note: str = "", *, request_id: UUID | None = None) -> Registration:
    """The community takes the volunteer in; an earlier home ends. Raises `own_matter`."""
    with doing(user, "confirm_registration", registration_id, request_id=request_id) as step:
        volunteer, registration = _for_desk(user, registration_id)
        registration.note = note or registration.note
        _confirm(volunteer, registration, step)
        step.about("registration", registration.pk, note=note)
    return registration


def decline(user: User, registration_id: int, reason: str, *, request_id: UUID | None = None) -> Registration:
    """The community does not take the volunteer in."""
    with doing(user, "decline_registration", registration_id, request_id=request_id) as step:
        volunteer, registration = _for_desk(user, registration_id)
        REGISTRATION.move(registration, "decline")
        registration.decided_by, registration.decided_at, registration.note = user, step.moment, reason
        registration.save()
        _tell(step, volunteer, registration, "registration_declined", note=reason)
        step.about("registration", registration.pk, note=reason)
    return registration


def withdraw(user: User, registration_id: int, *, request_id: UUID | None = None) -> Registration:
    """The volunteer takes the asking back."""
    with doing(user, "withdraw_registration", registration_id, request_id=request_id) as step:
        registration = found(visible_registrations(user), registration_id)
        volunteer = locked(registration.volunteer_id)
        registration.refresh_from_db()
        demand(volunteer.user_id == user.pk)
        REGISTRATION.move(registration, "withdraw")
        registration.ended_at = step.moment
        registration.save()
        step.about("registration", registration.pk)
    return registration


def end(user: User, registration_id: int, reason: str, *, request_id: UUID | None = None) -> Registration:
    """The volunteer leaves the community, or the community takes the name off its list. Credits stay."""
    with doing(user, "end_registration", registration_id, request_id=request_id) as step:
        registration = found(visible_registrations(user), registration_id)
        volunteer = locked(registration.volunteer_id)
        registration.refresh_from_db()
        REGISTRATION.move(registration, "end")
        registration.ended_at, registration.note = step.moment, reason
        registration.save()
        volunteer.home = None
        volunteer.save(update_fields=["home"])
        _tell(step, volunteer, registration, "registration_ended", note=reason)
        step.about("registration", registration.pk, note=reason)
    return registration


def reveal(user: User, volunteer_id: int, reason: str) -> dict[str, str]:
    """Name and phone in full, for the desk; the look is on record. Raises `not_found`, `forbidden`."""
    with doing(user, "reveal", volunteer_id) as step:
        volunteer = found(visible_volunteers(user).select_related("user"), volunteer_id)
        demand(volunteer.user_id == user.pk or scope_of(user).anywhere(RUNS))
        step.about("volunteer", volunteer.pk, note=reason)
        if volunteer.user_id != user.pk:
            home = Area.objects.filter(pk=volunteer.home_id).values_list("path", flat=True).first()
            record_access(
                user,
                AccessKind.REVEAL,
                "volunteer",
                volunteer.pk,
                fields=["name", "phone"],
                reason=reason[:REASON_LENGTH],
                area_path=home or "",
            )
    return {"name": volunteer.user.full_name, "phone": volunteer.phone}


def _community(code: str) -> Area:
    area = Area.objects.defer("geometry").filter(code=code, level=Area.Level.COMMUNITY, is_active=True).first()
    if area is None:
        raise Problem("unknown_community", "community")
    return area


def _new(user: User, said: Mapping[str, Any], step: Doing) -> Volunteer:
    fields = {name: said[name] for name in PROFILE if name in said}
    fields["display_name"] = fields.get("display_name") or mask_name(user.full_name)
    try:
        with transaction.atomic():
            return Volunteer.objects.create(user=user, created_at=step.moment, **fields)
    except IntegrityError:
        return Volunteer.objects.select_for_update().get(user=user)


def _register(volunteer: Volunteer, area: Area, step: Doing, note: str = "") -> Registration:
    if volunteer.home_id == area.pk:
        raise Problem("already_home", "community")
    if Registration.objects.filter(volunteer=volunteer, status=RegistrationStatus.ASKED).exists():
        raise Problem("registration_asked")
    return Registration.objects.create(
        volunteer=volunteer, community=area, asked_by=step.actor, asked_at=step.moment, note=note
    )


def _for_desk(user: User, registration_id: int) -> tuple[Volunteer, Registration]:
    """The registration under the volunteer's lock, for one who runs the community."""
    rows = visible_registrations(user).select_related("community").defer("community__geometry")
    registration = found(rows, registration_id)
    demand(runs(user, registration.community))
    volunteer = locked(registration.volunteer_id)
    return volunteer, rows.get(pk=registration_id)


def _confirm(volunteer: Volunteer, registration: Registration, step: Doing) -> None:
    if volunteer.user_id == step.actor.pk:
        raise Problem("own_matter")
    REGISTRATION.move(registration, "confirm")
    for before in Registration.objects.filter(volunteer=volunteer, status=RegistrationStatus.CONFIRMED):
        REGISTRATION.move(before, "end")
        before.ended_at = step.moment
        before.save()
    registration.decided_by, registration.decided_at = step.actor, step.moment
    registration.save()
    volunteer.home = registration.community
    volunteer.save(update_fields=["home"])
    credit_event(volunteer, CreditEvent.REGISTERED, step.actor, step.moment)
    _tell(step, volunteer, registration, "registration_confirmed")


def _tell(step: Doing, volunteer: Volunteer, registration: Registration, kind: str, **said: Any) -> None:
    step.tell(
        [volunteer.user],
        kind,
        subject="registration",
        subject_id=registration.pk,
        community=registration.community.name,
        **said,
    )
