"""Staff and departments in the administration: taken on, changed, switched off, each within the own node."""

from typing import Any

import pytest
from auditlog.models import LogEntry

from accounts.models import Department, Device, User
from accounts.roles import AREA_ROLES, Role
from grids.actions.appointments import appoint
from tests.admin_scenes import enter, errors, granted, page
from tests.world import PASSWORD, World

pytestmark = pytest.mark.django_db
NEW_PASSWORD = {"password1": "quite-a-long-secret-9", "password2": "quite-a-long-secret-9"}


# -- staff --------------------------------------------------------------------------------------------------------


def new_person(**changes: Any) -> dict[str, Any]:
    return {
        "username": "newcomer",
        "full_name": "新来的",
        "phone": "13800000000",
        "password1": "quite-a-long-secret-9",
        "password2": "quite-a-long-secret-9",
        "role": "grid_worker",
        **changes,
    }


def test_a_community_admin_takes_a_worker_on(world: World) -> None:
    answer = enter(world, "sun").post(page("accounts_user_add"), new_person(area=world.grid.pk))
    assert answer.status_code == 302, errors(answer)
    made = User.objects.get(username="newcomer")
    assert made.check_password("quite-a-long-secret-9")
    assert not made.is_staff
    assert not made.is_superuser
    assert granted(made, world.grid) == AREA_ROLES[Role.GRID_WORKER]
    trail = LogEntry.objects.get_for_object(made).get()
    assert trail.actor == world["sun"]
    assert "password" not in trail.changes
    assert "13800000000" not in str(trail.changes)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"role": "street_dispatcher"}, "role"),
        ({"role": ""}, "role"),
        ({"area": ""}, "area"),
        ({"password2": "another-long-secret-9"}, "password2"),
        ({"password1": "12345", "password2": "12345"}, "password1"),
        ({"username": "zhang"}, "username"),
    ],
)
def test_a_person_is_not_half_taken_on(world: World, changes: dict[str, Any], field: str) -> None:
    count = User.objects.count()
    answer = enter(world, "sun").post(page("accounts_user_add"), new_person(**{"area": world.grid.pk, **changes}))
    assert answer.status_code == 200
    assert field in errors(answer)
    assert User.objects.count() == count


def test_a_place_without_a_role_takes_nobody_on(world: World) -> None:
    answer = enter(world, "sysadmin").post(page("accounts_user_add"), new_person(role="", area=world.grid.pk))
    assert list(errors(answer)) == ["role"]
    assert not User.objects.filter(username="newcomer").exists()


def test_the_city_may_take_someone_on_before_there_is_a_place(world: World) -> None:
    answer = enter(world, "sysadmin").post(page("accounts_user_add"), new_person(role=""))
    assert answer.status_code == 302, errors(answer)
    assert User.objects.get(username="newcomer").is_active


def test_a_community_admin_makes_no_superuser(world: World) -> None:
    zhang = world["zhang"]
    answer = enter(world, "sun").post(
        page("accounts_user_change", zhang.pk),
        {"full_name": "张三", "phone": "", "language": "en", "is_active": "on", "is_superuser": "on", "is_staff": "on"},
    )
    assert answer.status_code == 302
    zhang.refresh_from_db()
    assert zhang.full_name == "张三"
    assert not zhang.is_superuser
    assert not zhang.is_staff


def test_a_new_password_logs_all_devices_out(world: World) -> None:
    zhang = world["zhang"]
    world.token("zhang")
    client = enter(world, "sun")
    data = NEW_PASSWORD
    assert client.post(page("accounts_user_password_page", zhang.pk), data).status_code == 302
    zhang.refresh_from_db()
    assert zhang.check_password("quite-a-long-secret-9")
    assert not Device.objects.filter(user=zhang).exists()


def test_a_person_is_switched_off_and_never_deleted(world: World) -> None:
    client, zhang = enter(world, "sun"), world["zhang"]
    assert client.post(page("accounts_user_delete", zhang.pk), {"post": "yes"}).status_code == 403
    data = {"full_name": zhang.full_name, "phone": "", "language": "zh-hans"}
    assert client.post(page("accounts_user_change", zhang.pk), data).status_code == 302
    assert not User.objects.get(pk=zhang.pk).is_active
    assert LogEntry.objects.get_for_object(zhang).latest("id").actor == world["sun"]


@pytest.mark.parametrize("name", ["wang", "li", "outsider", "root", "sysadmin", "water"])
def test_people_from_elsewhere_are_not_there(world: World, name: str) -> None:
    client, person = enter(world, "sun"), world[name]
    data = {"full_name": "x", "language": "zh-hans", **NEW_PASSWORD}
    for path in ("accounts_user_change", "accounts_user_password_page", "accounts_user_history"):
        assert client.get(page(path, person.pk)).status_code in (403, 404)
        assert client.post(page(path, person.pk), data).status_code in (403, 404)
    after = User.objects.get(pk=person.pk)
    assert after.full_name == person.full_name
    assert after.check_password(PASSWORD)


def test_an_account_with_a_higher_role_elsewhere_is_not_taken_over(world: World) -> None:
    """Wang works a grid of the community too: seen there, but with his password one would dispatch the street."""
    wang = world["wang"]
    appoint(wang, "grid_worker", world.grid)
    client = enter(world, "sun")
    assert client.get(page("accounts_user_change", wang.pk)).status_code == 200
    data = NEW_PASSWORD
    assert client.post(page("accounts_user_password_page", wang.pk), data).status_code == 403
    assert client.post(page("accounts_user_change", wang.pk), {"full_name": "x", "language": "en"}).status_code == 403
    assert User.objects.get(pk=wang.pk).check_password(PASSWORD)


def test_the_system_admin_does_not_touch_superusers(world: World) -> None:
    client, root = enter(world, "sysadmin"), world["root"]
    data = NEW_PASSWORD
    assert client.post(page("accounts_user_password_page", root.pk), data).status_code in (403, 404)
    assert client.get(page("accounts_user_change", root.pk)).status_code == 404
    assert User.objects.get(pk=root.pk).check_password(PASSWORD)


# -- departments --------------------------------------------------------------------------------------------------


def test_a_community_admin_adds_units_to_the_own_committee_only(world: World) -> None:
    client, committee = enter(world, "sun"), world.departments["committee"]
    listed = client.get(page("accounts_department_changelist")).context["cl"].queryset
    assert [department.pk for department in listed] == [committee.pk]
    good = {"parent": committee.pk, "code": "TSSQ-WY", "name": "物业组", "kind": "unit"}
    answer = client.post(page("accounts_department_add"), good)
    assert answer.status_code == 302, errors(answer)
    assert Department.objects.get(code="TSSQ-WY").path.startswith(committee.path)
    for bad in (
        {**good, "code": "X1", "parent": world.departments["water"].pk},
        {**good, "code": "X2", "parent": ""},
        {**good, "code": "X3", "kind": "authority"},
        {**good},
    ):
        assert client.post(page("accounts_department_add"), bad).status_code == 200
    assert not Department.objects.filter(code__startswith="X").exists()


def test_another_department_is_not_there(world: World) -> None:
    client, water = enter(world, "sun"), world.departments["water"]
    assert client.get(page("accounts_department_change", water.pk)).status_code == 404
    assert client.post(page("accounts_department_change", water.pk), {"name": "x"}).status_code in (403, 404)
    assert Department.objects.get(pk=water.pk).name == water.name


def test_the_own_committee_is_renamed_but_not_closed(world: World) -> None:
    committee = world.departments["committee"]
    answer = enter(world, "sun").post(page("accounts_department_change", committee.pk), {"name": "新居委会"})
    assert answer.status_code == 302
    after = Department.objects.get(pk=committee.pk)
    assert (after.name, after.is_active) == ("新居委会", True)
