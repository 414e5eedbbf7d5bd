"""Appointments grant and take back; a scope reaches exactly what lies below."""

from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.models import Department, DepartmentUserPermission, User
from accounts.roles import AREA_ROLES, DEPARTMENT_ROLES, Can, Role
from core.problems import Problem
from grids.actions.appointments import appoint, grant_anew, withdraw
from grids.actions.areas import retire_area
from grids.models import Appointment, Area, AreaUserPermission
from grids.scope import below, path_after, scope_of
from tests.world import World

pytestmark = pytest.mark.django_db
STEP, LETTERS = Area.steplen, Area.alphabet
examples = hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
# Steps near the ends of the alphabet are where a range goes wrong.
steps = st.text(st.sampled_from(LETTERS[:2] + LETTERS[9:11] + LETTERS[-2:]), min_size=STEP, max_size=STEP)
paths = st.lists(steps, min_size=1, max_size=5).map("".join)


def granted(user: User, node: Area | Department) -> set[str]:
    rows = AreaUserPermission if isinstance(node, Area) else DepartmentUserPermission
    return set(rows.objects.filter(user=user, content_object=node).values_list("permission__codename", flat=True))


def refused(do: Any) -> Problem:
    with pytest.raises(Problem) as problem:
        do()
    return problem.value


@pytest.mark.parametrize("role", list(AREA_ROLES))
def test_a_role_at_an_area_grants_what_the_table_says(world: World, role: str):
    appoint(world["nobody"], role, world.street)
    assert granted(world["nobody"], world.street) == set(AREA_ROLES[role])


@pytest.mark.parametrize("role", list(DEPARTMENT_ROLES))
def test_a_role_at_a_department_grants_what_the_table_says(world: World, role: str):
    water = world.departments["water"]
    appoint(world["nobody"], role, water)
    assert granted(world["nobody"], water) == set(DEPARTMENT_ROLES[role])


@pytest.mark.parametrize("role", Role.values)
def test_a_role_that_cannot_be_held_there_is_refused(world: World, role: str):
    for node, roles in ((world.street, AREA_ROLES), (world.departments["water"], DEPARTMENT_ROLES)):
        if role in roles:
            continue
        problem = refused(lambda at=node: appoint(world["nobody"], role, at))
        assert (problem.code, problem.field) == ("role_not_here", "role")
        assert granted(world["nobody"], node) == set()


def test_an_unknown_role_is_refused(world: World):
    assert refused(lambda: appoint(world["nobody"], "mayor", world.street)).code == "role_not_here"


def test_a_role_is_held_once_at_a_node(world: World):
    first = appoint(world["nobody"], Role.GRID_WORKER, world.grid)
    assert refused(lambda: appoint(world["nobody"], Role.GRID_WORKER, world.grid)).code == "already_appointed"
    assert granted(world["nobody"], world.grid) == set(AREA_ROLES[Role.GRID_WORKER])
    # Elsewhere, in another role, and again after it ended it may be.
    appoint(world["nobody"], Role.GRID_WORKER, world.area("371082007032001"))
    appoint(world["nobody"], Role.GRID_LEADER, world.grid)
    withdraw(first)
    appoint(world["nobody"], Role.GRID_WORKER, world.grid)


def test_withdrawing_takes_back_only_what_nothing_else_grants(world: World):
    admin = appoint(world["nobody"], Role.COMMUNITY_ADMIN, world.street)
    worker = appoint(world["nobody"], Role.GRID_WORKER, world.street)
    appoint(world["nobody"], Role.COMMUNITY_ADMIN, world.grid)
    withdraw(admin)
    assert granted(world["nobody"], world.street) == set(AREA_ROLES[Role.GRID_WORKER])
    withdraw(worker)
    assert granted(world["nobody"], world.street) == set()
    assert granted(world["nobody"], world.grid) == set(AREA_ROLES[Role.COMMUNITY_ADMIN]), "another node stays"
    assert granted(world["zhang"], world.grid) == set(AREA_ROLES[Role.GRID_WORKER]), "another person stays"


def test_withdrawing_at_a_department(world: World):
    water = world.departments["water"]
    leader = appoint(world["nobody"], Role.DEPARTMENT_LEADER, water)
    staff = appoint(world["nobody"], Role.DEPARTMENT_STAFF, water)
    withdraw(leader)
    assert granted(world["nobody"], water) == {Can.HANDLE_ASSIGNMENT}
    withdraw(staff)
    assert granted(world["nobody"], water) == set()


def test_an_ended_appointment_stays_as_history_and_ends_once(world: World):
    held = appoint(world["nobody"], Role.GRID_WORKER, world.grid)
    withdraw(held)
    assert Appointment.objects.get(pk=held.pk).ended_at is not None
    assert refused(lambda: withdraw(held)).code == "appointment_ended"


def test_one_person_is_in_charge_of_an_area(world: World):
    first = appoint(world["nobody"], Role.GRID_WORKER, world.grid, in_charge=True)
    problem = refused(lambda: appoint(world["sun"], Role.GRID_WORKER, world.grid, in_charge=True))
    assert problem.status == 409
    assert problem.code == "already_in_charge"
    assert granted(world["sun"], world.grid) == set(), "refused as a whole"
    withdraw(first)
    assert appoint(world["sun"], Role.GRID_WORKER, world.grid, in_charge=True).in_charge


def test_a_kept_scope_is_forgotten_when_an_appointment_changes(world: World):
    person = world["nobody"]
    assert not scope_of(person).may(Can.VIEW_REPORTS, world.grid)
    held = appoint(person, Role.GRID_WORKER, world.grid)
    assert scope_of(person).may(Can.VIEW_REPORTS, world.grid)
    withdraw(held)
    held.user = person
    assert not scope_of(User.objects.get(pk=person.pk)).may(Can.VIEW_REPORTS, world.grid)


def test_a_scope_reaches_below_and_not_beside_or_above(world: World):
    wang = scope_of(world["wang"])
    assert wang.may(Can.DISPATCH_REPORT, world.street)
    assert wang.may(Can.DISPATCH_REPORT, world.grid)
    assert not wang.may(Can.DISPATCH_REPORT, world.area("371082"))
    assert not wang.may(Can.DISPATCH_REPORT, world.area("371082900001001"))
    assert not wang.may(Can.APPROVE_WHISTLE, world.grid)
    assert not wang.may(Can.DISPATCH_REPORT, None)


def test_a_scope_is_read_in_one_query_and_kept(world: World, django_assert_num_queries: Any):
    person = world["wang"]
    with django_assert_num_queries(1):
        scope_of(person)
        scope_of(person)


def test_the_inactive_reach_nothing_and_superusers_everything(world: World):
    person = world["wang"]
    person.is_active = False
    assert not scope_of(person).anywhere(Can.DISPATCH_REPORT)
    assert scope_of(world["root"]).may(Can.DISPATCH_REPORT, world.grid)


def test_a_role_at_a_retired_area_reaches_nothing(world: World):
    assert scope_of(world["zhang"]).anywhere(Can.SUBMIT_REPORT)
    retire_area(world.grid)
    assert not scope_of(world["zhang"]).anywhere(Can.SUBMIT_REPORT)


def test_the_list_of_areas_below_is_what_the_scope_says_of_each(world: World):
    for name in ("zhang", "sun", "wang", "supervisor", "command", "outsider", "nobody", "root", "water"):
        scope = scope_of(world[name])
        listed = set(Area.objects.filter(scope.areas_below(Can.VIEW_REPORTS)).values_list("code", flat=True))
        assert listed == {area.code for area in Area.objects.all() if scope.may(Can.VIEW_REPORTS, area)}, name


@given(paths, paths)
def test_below_is_a_prefix_in_the_order_of_the_characters(path: str, other: str):
    end = path_after(path)
    inside = other >= path and (not end or other < end)
    assert inside == other.startswith(path)


def test_below_finds_what_begins_with_the_path_and_nothing_else(world: World):
    @examples
    @given(st.sets(paths, min_size=1, max_size=12), st.data())
    def same(some: set[str], data: Any) -> None:
        asked = data.draw(st.sampled_from(sorted(some)) | paths)
        with transaction.atomic():
            taken = set(Department.objects.values_list("path", flat=True))
            fresh = sorted(some - taken)
            Department.objects.bulk_create(
                Department(path=path, depth=len(path) // STEP, code=f"HYP{number}", name="x")
                for number, path in enumerate(fresh)
            )
            found = set(Department.objects.filter(below(asked)).values_list("path", flat=True))
            transaction.set_rollback(True)
        assert found == {path for path in {*fresh, *taken} if path.startswith(asked)}

    same()


@pytest.mark.parametrize("collation", ["C", "en-x-icu", "zh-x-icu", "und-x-icu"])
def test_a_database_that_sorts_by_language_finds_the_same(world: World, collation: str):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite compares characters")

    @examples
    @given(st.sets(paths, min_size=1, max_size=12), st.data())
    def same(some: set[str], data: Any) -> None:
        asked = data.draw(st.sampled_from(sorted(some)) | paths)
        end = path_after(asked)
        with connection.cursor() as cursor:
            cursor.execute(
                f'SELECT path FROM unnest(%s::text[]) path WHERE path COLLATE "{collation}" >= %s'
                + (f' AND path COLLATE "{collation}" < %s' if end else ""),
                [sorted(some), asked, *([end] if end else [])],
            )
            found = {row[0] for row in cursor.fetchall()}
        assert found == {path for path in some if path.startswith(asked)}

    same()


def test_people_in_office_get_what_an_upgrade_added_to_their_roles_and_nobody_else(world: World):
    before = set(AreaUserPermission.objects.values_list("user__username", "permission__codename"))
    AreaUserPermission.objects.filter(permission__codename=Can.VIEW_HOUSEHOLDS).delete()
    DepartmentUserPermission.objects.filter(permission__codename=Can.HANDLE_ASSIGNMENT).delete()
    withdraw(Appointment.objects.get(user=world["zhao"]))
    call_command("grant_roles", verbosity=0)
    after = set(AreaUserPermission.objects.values_list("user__username", "permission__codename"))
    assert after == {(name, can) for name, can in before if name != "zhao"}
    assert granted(world["water"], world.departments["water"]) == DEPARTMENT_ROLES[Role.DEPARTMENT_STAFF]
    assert grant_anew() == 0
