"""网格五色 Colours are proposed by one and decided by another.

Who may propose and who has to confirm is asked of the graver of the two levels. A graver colour is in effect from the
proposal on, unconfirmed; a milder one only when it is confirmed. While a change waits only a graver one is taken: it
supersedes the other, which waits again if the graver one is refused or withdrawn. So the colour in effect is never
milder than the last confirmed one, and that becomes milder by a confirmation of somebody else only. docs/households.md
has the cases.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from accounts.models import User
from accounts.roles import Can
from core.problems import Problem
from grids.models import Appointment
from households.access import demand, may, visible_changes
from households.actions.frame import Doing, changing
from households.due import due_of
from households.models import ColourChange, ColourPeriod, ColourReason, Household, RiskLevel
from households.models.vocabulary import ColourStatus, EventKind
from households.standing import STANDS, confirming, rung, stands
from households.transitions import COLOUR_CHANGE
from notifications.actions import notify


def propose_colour(
    user: User,
    household_id: UUID,
    to: str,
    reason: str,
    note: str,
    *,
    version: int | None = None,
    request_id: UUID | None = None,
) -> ColourChange:
    """Propose a level (its code) for a household, with the code of a reason and a note.

    Raises what `changing` raises, `unknown_level`, `unknown_reason`, `colour_same`, `colour_pending` (naming the change
    that waits), `forbidden` without the standing the levels ask for.
    """
    with changing(user, household_id, can=Can.VIEW_HOUSEHOLDS, version=version, request_id=request_id) as doing:
        level = RiskLevel.objects.filter(code=to).first()
        if level is None:
            raise Problem("unknown_level", "to")
        why = ColourReason.objects.filter(code=reason, is_active=True).first()
        if why is None:
            raise Problem("unknown_reason", "reason")
        if level == doing.household.risk_level:
            raise Problem("colour_same", "to")
        change = _change(doing, level, reason=why, note=note, proposed_by=user)
        demand(stands(user, doing.household, _graver(change).proposes), "to")
        _enter(doing, change)
        return change


def confirm_colour(user: User, change_id: int, note: str = "", *, request_id: UUID | None = None) -> ColourChange:
    """Let the proposed colour stand. Raises `not_found`, `forbidden`, `own_proposal`, `transition_refused`."""

    def confirm(doing: Doing, change: ColourChange) -> None:
        household = doing.household
        household.confirmed_level, household.risk_unconfirmed = change.to_level, False
        if not change.upwards:
            _put(doing, change.to_level)

    return _decide(user, change_id, "confirm", EventKind.CONFIRM_COLOUR, note, request_id, confirm)


def refuse_colour(user: User, change_id: int, note: str, *, request_id: UUID | None = None) -> ColourChange:
    """Do not let it stand: a graver one falls back to the colour before. Raises as `confirm_colour`."""
    return _decide(user, change_id, "refuse", EventKind.REFUSE_COLOUR, note, request_id, _fall_back)


def withdraw_colour(user: User, change_id: int, note: str = "", *, request_id: UUID | None = None) -> ColourChange:
    """Take the own proposal back, with the effect of a refusal. Raises as `confirm_colour`."""
    return _decide(user, change_id, "withdraw", EventKind.WITHDRAW_COLOUR, note, request_id, _fall_back)


def take_graver(doing: Doing, other: Household, note: str) -> None:
    """On a merge, inside its step: the other household takes the graver colour over, to be confirmed anew."""
    level = doing.household.risk_level
    onto = Doing(other, doing.actor, doing.moment)
    if level is not None and level.rank > _rank(other.risk_level):
        change = _change(onto, level, reason=None, note=note, proposed_by=doing.actor)
        _enter(onto, change)


def inherit(doing: Doing, new: Household) -> None:
    """On a split, inside its step: the new household goes on in the colour of the old one, which waits here too."""
    if new.risk_level is None:
        return
    ColourPeriod.objects.create(household=new, level=new.risk_level, since=doing.moment)
    waits = _open(doing.household)
    if waits is not None and waits.upwards:
        ColourChange.objects.create(
            household=new,
            from_level=new.confirmed_level,
            to_level=new.risk_level,
            upwards=True,
            reason=waits.reason,
            note=waits.note,
            needs=waits.needs,
            proposed_by=waits.proposed_by,
            proposed_at=doing.moment,
        )


def lapse(doing: Doing) -> None:
    """At the end of a household: what waits is decided by nobody any more."""
    change = _open(doing.household)
    if change is not None:
        COLOUR_CHANGE.move(change, "lapse")
        change.decided_at = doing.moment
        change.save(update_fields=["status", "decided_at"])


def get_change(user: User, change_id: int) -> ColourChange:
    """The change of a household the person sees, else `not_found`."""
    change: ColourChange | None = visible_changes(user).select_related("household").filter(pk=change_id).first()
    if change is None:
        raise Problem("not_found")
    return change


def _change(doing: Doing, level: RiskLevel, **said: Any) -> ColourChange:
    household = doing.household
    before = household.risk_level
    change = ColourChange(
        household=household,
        from_level=before,
        to_level=level,
        upwards=level.rank > _rank(before),
        proposed_at=doing.moment,
        **said,
    )
    change.needs = _graver(change).confirms
    return change


def _enter(doing: Doing, change: ColourChange) -> None:
    waits = _open(doing.household)
    if waits is not None:
        if not change.upwards:
            raise Problem("colour_pending", "to", change=waits.pk)
        COLOUR_CHANGE.move(waits, "supersede")
        waits.save(update_fields=["status"])
    at_once = change.upwards and not change.needs
    if at_once:
        COLOUR_CHANGE.move(change, "confirm")
        change.decided_at = doing.moment
    change.save(force_insert=True)
    if waits is not None:
        waits.superseded_by = change
        waits.save(update_fields=["superseded_by"])
    if change.upwards:
        _put(doing, change.to_level)
        doing.household.risk_unconfirmed = not at_once
        if at_once:
            doing.household.confirmed_level = change.to_level
    doing.raise_version()
    doing.event(EventKind.PROPOSE_COLOUR, **_told(change))
    if not at_once:
        _tell_deciders(change)


def _decide(
    user: User,
    change_id: int,
    name: str,
    kind: str,
    note: str,
    request_id: UUID | None,
    act: Callable[[Doing, ColourChange], None],
) -> ColourChange:
    seen = get_change(user, change_id)
    with changing(user, seen.household_id, can=Can.VIEW_HOUSEHOLDS, request_id=request_id, ended=True) as doing:
        # Read again: the household's row is the lock.
        change = ColourChange.objects.select_related("from_level", "to_level", "proposed_by").get(pk=change_id)
        change.household = doing.household
        _check_decider(user, change, name)
        COLOUR_CHANGE.move(change, name)
        change.decided_by, change.decided_at, change.decision_note = user, doing.moment, note
        change.save(update_fields=["status", "decided_by", "decided_at", "decision_note"])
        act(doing, change)
        doing.raise_version()
        doing.event(kind, **_told(change))
        if change.proposed_by_id != user.pk:
            _tell([change.proposed_by], "colour_decided", change)
        return change


def _check_decider(user: User, change: ColourChange, name: str) -> None:
    if name == "withdraw":
        demand(change.proposed_by_id == user.pk)
        return
    if change.proposed_by_id == user.pk:
        raise Problem("own_proposal")
    demand(may_decide(user, change))


def may_decide(user: User, change: ColourChange) -> bool:
    """Whether the person confirms and refuses this change; no query."""
    return (
        change.proposed_by_id != user.pk
        and may(user, Can.CONFIRM_COLOUR, change.household)
        and stands(user, change.household, change.needs)
    )


def _fall_back(doing: Doing, change: ColourChange) -> None:
    if not change.upwards:
        return
    waited = ColourChange.objects.filter(superseded_by=change).first()
    if waited is not None:
        COLOUR_CHANGE.move(waited, "give_way")
        waited.superseded_by = None
        waited.save(update_fields=["status", "superseded_by"])
    _put(doing, change.from_level)
    doing.household.risk_unconfirmed = waited is not None and waited.upwards


def _put(doing: Doing, level: RiskLevel | None) -> None:
    """Let the household be treated by this level from now on."""
    household = doing.household
    household.risk_level = level
    household.next_visit_due = due_of(household)
    ColourPeriod.objects.create(household=household, level=level, since=doing.moment)


def _open(household: Household) -> ColourChange | None:
    found: ColourChange | None = ColourChange.objects.filter(household=household, status=ColourStatus.PROPOSED).first()
    return found


def _rank(level: RiskLevel | None) -> int:
    return level.rank if level is not None else 0


def _graver(change: ColourChange) -> RiskLevel:
    if change.from_level is None or change.upwards:
        return change.to_level
    return change.from_level


def _told(change: ColourChange) -> dict[str, Any]:
    """For the history: codes only; notes stay on the change."""
    return {
        "change": change.pk,
        "from": change.from_level.code if change.from_level else None,
        "to": change.to_level.code,
        "status": change.status,
    }


def _tell_deciders(change: ColourChange) -> None:
    """Tell those of the lowest sufficient rung that has anybody."""
    held = Appointment.objects.filter(
        role__in=confirming(change.needs),
        area_id__in=change.household.place.values(),
        ended_at__isnull=True,
        user__is_active=True,
    ).exclude(user=change.proposed_by_id)
    by_rung: dict[int, list[User]] = {}
    for post in held.select_related("user").order_by("pk"):
        by_rung.setdefault(rung(STANDS[post.role]), []).append(post.user)
    if by_rung:
        _tell(by_rung[min(by_rung)], "colour_proposed", change)


def _tell(people: list[User], kind: str, change: ColourChange) -> None:
    # No colour in the text: notices travel by SMS too.
    notify(
        people,
        kind,
        {"code": change.household.code},
        subject="colour_change",
        subject_id=change.pk,
        group_key=f"colour_change:{change.pk}",
    )
