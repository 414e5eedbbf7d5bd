"""Whom a person may manage and appoint: never above the own level, never outside the own node, never themselves.

Everything here follows from `appoint_staff`, `manage_area` and the roles in `grids.scope`; a superuser is not bound by
it. Who gives rights (`appoint_staff`) sees the people and their appointments; accounts and passwords are changed with
`manage_area` only, so a security admin never comes into another's account.
"""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Left

from accounts.models import Department, User
from accounts.roles import THREE_ADMINS, Can, Role
from grids.models import Appointment, Area
from grids.scope import Held, scope_of

# Which roles the holder of a role may give and take back, at or below the node it is held at.
MAY_APPOINT: dict[str, frozenset[str]] = {
    Role.COMMUNITY_ADMIN: frozenset(
        {Role.GRID_WORKER, Role.GRID_LEADER, Role.ASSISTANT, Role.DEPARTMENT_STAFF, Role.DEPARTMENT_LEADER}
    ),
    # 三员分立: who runs the system gives nobody the powers over it.
    Role.SYSTEM_ADMIN: frozenset(Role.values) - THREE_ADMINS,
    Role.SECURITY_ADMIN: frozenset(Role.values),
}
# An office and its units are a shallow tree; levels below this one are not looked for.
OFFICE_DEPTH = 5


def manages_everywhere(user: User) -> bool:
    """Whether `manage_area` is held at the city, that is, over every area and department."""
    return _everywhere(user, Can.MANAGE_AREA)


def _everywhere(user: User, can: str) -> bool:
    scope = scope_of(user)
    return scope.everything or any(held.level == Area.Level.CITY for held in scope.areas.get(can, []))


def managed_areas(user: User) -> QuerySet[Area]:
    """The areas at or below the nodes where `manage_area` is held."""
    return Area.objects.filter(scope_of(user).areas_below(Can.MANAGE_AREA))


def managed_departments(user: User) -> QuerySet[Department]:
    """The departments under the person's hand: below departments held, and the offices of areas managed."""
    scope = scope_of(user)
    if _everywhere(user, Can.APPOINT_STAFF):
        return Department.objects.all()
    return departments_of(scope.areas.get(Can.APPOINT_STAFF, []), scope.departments.get(Can.APPOINT_STAFF, []))


def departments_of(areas: list[Held], departments: list[Held]) -> QuerySet[Department]:
    """The departments below these departments, and the offices of what lies below these areas with their units."""
    if any(held.level == Area.Level.CITY for held in areas):
        return Department.objects.all()
    ground = Q(pk__in=[])
    for held in departments:
        ground |= Q(path__startswith=held.path)
    if not areas:
        return Department.objects.filter(ground)
    below = Q()
    for held in areas:
        below |= Q(path__startswith=held.path)
    offices = Area.objects.filter(below, office__isnull=False).values("office__path")
    # A department lies below an office if one of the prefixes of its path is the office's path.
    prefixes = {f"upper_{depth}": Left("path", depth * Department.steplen) for depth in range(1, OFFICE_DEPTH + 1)}
    for name in prefixes:
        ground |= Q(**{f"{name}__in": offices})
    return Department.objects.alias(**prefixes).filter(ground)


def appointable_roles(user: User) -> set[str]:
    """Every role the person may give somewhere."""
    scope = scope_of(user)
    if scope.everything:
        return set(Role.values)
    return {role for own, _of, _node in scope.roles for role in MAY_APPOINT.get(own, ())}


def may_appoint(user: User, role: str, node: Area | Department) -> bool:
    """Whether the person may give or take back this role at this node (to anyone but themselves)."""
    scope = scope_of(user)
    if scope.everything:
        return True
    holding = [(of, held) for own, of, held in scope.roles if role in MAY_APPOINT.get(own, ())]
    if isinstance(node, Area):
        return scope.may(Can.APPOINT_STAFF, node) and any(
            of == "area" and node.path.startswith(held.path) for of, held in holding
        )
    reach = departments_of(
        [held for of, held in holding if of == "area"], [held for of, held in holding if of == "department"]
    )
    return reach.filter(pk=node.pk).exists() and managed_departments(user).filter(pk=node.pk).exists()


def may_change_appointment(user: User, appointment: Appointment) -> bool:
    """Whether the person may end this appointment."""
    node = appointment.area or appointment.department
    assert node is not None  # the table's constraint
    if appointment.user_id == user.pk and not scope_of(user).everything:
        return False
    return may_appoint(user, appointment.role, node)


def managed_appointments(user: User) -> QuerySet[Appointment]:
    """Appointments, past ones too, at the areas and departments managed."""
    if _everywhere(user, Can.APPOINT_STAFF):
        return Appointment.objects.all()
    scope = scope_of(user)
    return Appointment.objects.filter(
        scope.areas_below(Can.APPOINT_STAFF, "area__path")
        | Q(department__in=managed_departments(user).order_by().values("pk"))
    )


def managed_staff(user: User) -> QuerySet[User]:
    """People who work at a managed node, and those who last worked there and now work nowhere.

    Superusers are seen by superusers only.
    """
    scope = scope_of(user)
    if scope.everything:
        return User.objects.all()
    people = User.objects.filter(is_superuser=False)
    if _everywhere(user, Can.APPOINT_STAFF):
        return people
    here = managed_appointments(user)
    works = Appointment.objects.filter(user=OuterRef("pk"), ended_at__isnull=True)
    return people.filter(
        Q(pk__in=here.filter(ended_at__isnull=True).values("user"))
        | Q(pk__in=here.filter(ended_at__isnull=False).values("user")) & ~Exists(works)
    )


def may_manage_person(user: User, person: User) -> bool:
    """Whether the person's account (name, phone, password, active) is the user's to change.

    Only if every role they hold is one the user may give: taking over an account must not raise anyone.
    """
    scope = scope_of(user)
    if scope.everything:
        return True
    if not scope.anywhere(Can.MANAGE_AREA) or person.pk == user.pk or person.is_superuser:
        return False
    if not managed_staff(user).filter(pk=person.pk).exists():
        return False
    held = Appointment.objects.filter(user=person, ended_at__isnull=True).select_related("area", "department")
    return all(may_change_appointment(user, appointment) for appointment in held)
