"""The rungs from which colours are proposed and confirmed: who stands where, from roles alone, without a query."""

from django.db.models import Q

from accounts.models import User
from accounts.roles import AREA_ROLES, Can, Role
from grids.scope import scope_of
from households.models import Household
from households.models.vocabulary import Standing

RUNGS: tuple[str, ...] = tuple(Standing.values)
STANDS: dict[str, str] = {
    Role.GRID_WORKER: Standing.WORKER,
    Role.GRID_LEADER: Standing.GRID_LEADER,
    Role.COMMUNITY_ADMIN: Standing.COMMUNITY,
    Role.STREET_DISPATCHER: Standing.STREET,
    Role.STREET_LEADER: Standing.STREET,
}


def rung(standing: str) -> int:
    """Its place on the ladder; nobody's standing is the lowest."""
    return RUNGS.index(standing) if standing else -1


def stands(user: User, household: Household, standing: str) -> bool:
    """Whether the person holds a role over the household at this rung or at one above it."""
    scope = scope_of(user)
    if scope.everything:
        return True
    return any(
        rung(STANDS[role]) >= rung(standing)
        for role, of, node in scope.roles
        if of == "area" and role in STANDS and getattr(household, f"{node.level}_id") == node.id
    )


def confirming(standing: str) -> list[str]:
    """The roles that confirm what needs this standing."""
    return [
        role for role, own in STANDS.items() if rung(own) >= rung(standing) and Can.CONFIRM_COLOUR in AREA_ROLES[role]
    ]


def decidable(user: User) -> Q:
    """The condition on changes of colour that the person may decide, but for the one who proposed them."""
    scope = scope_of(user)
    if scope.everything:
        return Q()
    condition = Q(pk__in=[])
    for role, of, node in scope.roles:
        if of == "area" and role in STANDS and Can.CONFIRM_COLOUR in AREA_ROLES[role]:
            needs = ["", *RUNGS[: rung(STANDS[role]) + 1]]
            condition |= Q(needs__in=needs, **{f"household__{node.level}_id": node.id})
    return condition
