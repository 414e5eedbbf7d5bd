"""The administration: who may enter, what each sees and changes there, and the trail every change leaves."""

import re
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import Department, Device, User
from accounts.roles import AREA_ROLES, Can, Role
from grids.actions.appointments import appoint, withdraw
from grids.models import Appointment, Area, AreaUserPermission, BoundaryVersion
from reports.models import CatalogueItem, ClockRule, MessageTemplate, Report, WorkingDay
from tests import scenes
from tests.world import PASSWORD, World, post, submit

pytestmark = pytest.mark.django_db

RING = "[122.43,37.15],[122.44,37.15],[122.44,37.16],[122.43,37.16],[122.43,37.15]"
SQUARE = f'{{"type":"Polygon","coordinates":[[{RING}]]}}'
NEW_PASSWORD = {"password1": "quite-a-long-secret-9", "password2": "quite-a-long-secret-9"}
VERSIONS = {"versions-TOTAL_FORMS": "1", "versions-INITIAL_FORMS": "1", "versions-0-id": ""}


def enter(world: World, name: str) -> Client:
    client = Client()
    client.force_login(world[name], backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(name: str, *args: Any) -> str:
    return reverse(f"admin:{name}", args=args)


def errors(answer: Any) -> dict[str, list[str]]:
    return {name: list(found) for name, found in answer.context["adminform"].form.errors.items()}


# -- who may enter ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["sun", "wang", "command", "sysadmin", "security", "auditor", "root"])
def test_those_who_manage_dispatch_or_audit_may_enter(world: World, name: str) -> None:
    answer = enter(world, name).get(page("index"))
    assert answer.status_code == 200
    assert not world[name].is_staff or name == "root"


@pytest.mark.parametrize("name", ["zhang", "li", "water", "water_boss", "supervisor", "clerk", "nobody"])
def test_everyone_else_stays_outside(world: World, name: str) -> None:
    client = enter(world, name)
    for model, model_admin in admin.site._registry.items():
        answer = client.get(page(f"{model._meta.app_label}_{model._meta.model_name}_changelist"))
        assert answer.status_code == 302, model_admin
        assert "/admin/login/" in answer["Location"]


def test_the_staff_flag_alone_opens_nothing(world: World) -> None:
    User.objects.filter(pk=world["nobody"].pk).update(is_staff=True)
    assert enter(world, "nobody").get(page("index")).status_code == 302


def test_logging_in_by_the_form(world: World) -> None:
    client = Client()
    answer = client.post(page("login"), {"username": "sun", "password": PASSWORD, "next": "/admin/"})
    assert answer.status_code == 302
    assert client.get(page("index")).status_code == 200


def test_the_form_tells_those_who_may_not_enter(world: World) -> None:
    answer = Client().post(page("login"), {"username": "zhang", "password": PASSWORD})
    assert answer.status_code == 200
    assert answer.context["form"].non_field_errors().as_data()[0].code == "no_access"


def test_after_five_failures_even_the_right_password_is_locked_out(world: World) -> None:
    client = Client()
    for _number in range(5):
        answer = client.post(page("login"), {"username": "sun", "password": "wrong"})
    assert answer.status_code == 429
    answer = client.post(page("login"), {"username": "sun", "password": PASSWORD})
    assert answer.status_code == 429
    assert "admin/locked_out.html" in [template.name for template in answer.templates]
    assert client.get(page("index")).status_code == 302


def test_a_withdrawn_appointment_closes_the_door_at_the_next_click(world: World) -> None:
    client = enter(world, "sun")
    assert client.get(page("index")).status_code == 200
    withdraw(Appointment.objects.get(user=world["sun"], ended_at=None))
    assert client.get(page("index")).status_code == 302


def test_a_person_switched_off_is_out(world: World) -> None:
    client = enter(world, "sun")
    User.objects.filter(pk=world["sun"].pk).update(is_active=False)
    assert client.get(page("index")).status_code == 302


# -- areas --------------------------------------------------------------------------------------------------------


def test_a_community_admin_sees_the_own_community_and_what_lies_below(world: World) -> None:
    answer = enter(world, "sun").get(page("grids_area_changelist"))
    community = world.area("371082007032")
    seen = {area.pk for area in answer.context["cl"].queryset}
    assert seen == {community.pk, *Area.objects.get_children(community).values_list("pk", flat=True)}


def test_a_community_admin_renames_and_redraws_a_grid(world: World) -> None:
    before = BoundaryVersion.objects.get(pk=1).number
    grid = world.grid
    answer = enter(world, "sun").post(
        page("grids_area_change", grid.pk), {"name": "新名", "kind": "basic", "setting": "urban", "geometry": SQUARE}
    )
    assert answer.status_code == 302, errors(answer)
    grid.refresh_from_db()
    assert grid.name == "新名"
    assert grid.geometry["coordinates"][0][0] in ([122.43, 37.15], [122.43, 37.16], [122.44, 37.15], [122.44, 37.16])
    assert BoundaryVersion.objects.get(pk=1).number > before
    entry = LogEntry.objects.get_for_object(grid).get(action=LogEntry.Action.UPDATE)
    assert entry.actor == world["sun"]
    assert set(entry.changes) >= {"name", "geometry"}
    assert "122.4" not in str(entry.changes["geometry"])


@pytest.mark.parametrize(
    "geometry",
    ["{", '{"type":"Point","coordinates":[1,2]}', '{"type":"Polygon","coordinates":[[[0,0],[1,1],[1,0],[0,1],[0,0]]]}'],
)
def test_a_boundary_that_is_none_is_an_error_at_its_field(world: World, geometry: str) -> None:
    grid = world.grid
    answer = enter(world, "sun").post(
        page("grids_area_change", grid.pk), {"name": grid.name, "kind": "basic", "setting": "", "geometry": geometry}
    )
    assert answer.status_code == 200
    assert list(errors(answer)) == ["geometry"]
    assert Area.objects.get(pk=grid.pk).geometry == grid.geometry


def test_the_boundary_is_drawn_among_its_neighbours(world: World) -> None:
    answer = enter(world, "sun").get(page("grids_area_change", world.grid.pk))
    assert answer.status_code == 200
    assert b"<svg" in answer.content


def test_a_community_admin_adds_a_grid_below_the_own_community(world: World) -> None:
    community = world.area("371082007032")
    data = {"parent": community.pk, "code": "371082007032099", "name": "新网格", "kind": "dedicated", "geometry": ""}
    answer = enter(world, "sun").post(page("grids_area_add"), data)
    assert answer.status_code == 302, errors(answer)
    made = Area.objects.get(code="371082007032099")
    assert made.path.startswith(community.path)
    assert made.level == "grid"
    assert LogEntry.objects.get_for_object(made).get().actor == world["sun"]


def test_nobody_adds_an_area_outside_the_own_node(world: World) -> None:
    count = Area.objects.count()
    for parent in (world.street, world.area("371082900001"), world.grid):
        data = {"parent": parent.pk, "code": "371082900001098", "name": "外", "kind": "basic", "geometry": ""}
        answer = enter(world, "sun").post(page("grids_area_add"), data)
        assert answer.status_code == 200
        assert "parent" in errors(answer)
    assert Area.objects.count() == count


def test_the_own_node_is_changed_from_above_only(world: World) -> None:
    community = world.area("371082007032")
    data = {"name": "改名", "setting": "urban", "geometry": ""}
    assert enter(world, "sun").post(page("grids_area_change", community.pk), data).status_code == 403
    assert Area.objects.get(pk=community.pk).name == community.name
    assert enter(world, "sysadmin").post(page("grids_area_change", community.pk), data).status_code == 302
    assert Area.objects.get(pk=community.pk).name == "改名"


def test_a_grid_is_retired_and_never_deleted(world: World) -> None:
    client, grid = enter(world, "sun"), world.grid
    assert client.get(page("grids_area_delete", grid.pk)).status_code == 403
    assert client.get(page("grids_area_retire_page", grid.pk)).status_code == 200
    assert Area.objects.get(pk=grid.pk).is_active
    assert client.post(page("grids_area_retire_page", grid.pk)).status_code == 302
    assert not Area.objects.get(pk=grid.pk).is_active
    assert LogEntry.objects.get_for_object(grid).latest("id").actor == world["sun"]


def test_a_community_with_grids_in_use_is_not_retired(world: World) -> None:
    community = world.area("371082007032")
    answer = enter(world, "sysadmin").post(page("grids_area_retire_page", community.pk))
    assert answer.status_code == 200
    assert answer.context["form"].non_field_errors()
    assert Area.objects.get(pk=community.pk).is_active


OTHERS: list[tuple[str, dict[str, Any]]] = [
    ("grids_area_change", {"name": "x", "kind": "basic", "geometry": ""}),
    ("grids_area_retire_page", {}),
    ("grids_area_history", {}),
    ("grids_area_delete", {"post": "yes"}),
]


@pytest.mark.parametrize(("name", "data"), OTHERS)
def test_another_communitys_area_is_not_there(world: World, name: str, data: dict[str, Any]) -> None:
    client = enter(world, "sun")
    for code in ("371082900001001", world.street.code, "371082007002"):
        other = world.area(code)
        before = Area.objects.filter(pk=other.pk).values().get()
        for answer in (client.get(page(name, other.pk)), client.post(page(name, other.pk), data)):
            assert answer.status_code in (403, 404)
        assert Area.objects.filter(pk=other.pk).values().get() == before


# -- appointments -------------------------------------------------------------------------------------------------


def granted(user: User, area: Area) -> set[str]:
    rows = AreaUserPermission.objects.filter(user=user, content_object=area)
    return set(rows.values_list("permission__codename", flat=True))


def test_appointing_grants_and_withdrawing_removes_the_permissions(world: World) -> None:
    client, zhang, other = enter(world, "sun"), world["zhang"], world.area("371082007032003")
    answer = client.post(page("grids_appointment_add"), {"user": zhang.pk, "role": "grid_leader", "area": other.pk})
    assert answer.status_code == 302, errors(answer)
    made = Appointment.objects.get(user=zhang, area=other)
    assert granted(zhang, other) == AREA_ROLES[Role.GRID_LEADER]
    assert LogEntry.objects.get_for_object(made).get().actor == world["sun"]

    assert client.get(page("grids_appointment_withdraw_page", made.pk)).status_code == 200
    assert granted(zhang, other)
    assert client.post(page("grids_appointment_withdraw_page", made.pk)).status_code == 302
    made.refresh_from_db()
    assert made.ended_at is not None
    assert granted(zhang, other) == set()
    ended = LogEntry.objects.get_for_object(made).latest("id")
    assert (ended.actor, ended.action) == (world["sun"], LogEntry.Action.UPDATE)
    assert "ended_at" in ended.changes
    assert client.post(page("grids_appointment_withdraw_page", made.pk)).status_code == 403


@pytest.mark.parametrize(
    "role",
    ["street_dispatcher", "community_admin", "system_admin", "command_centre", "auditor", "street_leader"],
)
def test_a_community_admin_gives_no_role_above_the_own(world: World, role: str) -> None:
    before = Appointment.objects.count()
    answer = enter(world, "sun").post(
        page("grids_appointment_add"), {"user": world["zhang"].pk, "role": role, "area": world.area("371082007032").pk}
    )
    assert answer.status_code == 200
    assert "role" in errors(answer)
    assert Appointment.objects.count() == before


def test_nobody_appoints_outside_the_own_node(world: World) -> None:
    client, before = enter(world, "sun"), Appointment.objects.count()
    for area in (world.street, world.area("371082900001001"), world.area("371082007002")):
        answer = client.post(
            page("grids_appointment_add"), {"user": world["zhang"].pk, "role": "grid_worker", "area": area.pk}
        )
        assert answer.status_code == 200
        assert "area" in errors(answer)
    for name in ("water", "office", "urban"):
        answer = client.post(
            page("grids_appointment_add"),
            {"user": world["zhang"].pk, "role": "department_staff", "department": world.departments[name].pk},
        )
        assert "department" in errors(answer)
    outsider = world["outsider"]
    answer = client.post(
        page("grids_appointment_add"), {"user": outsider.pk, "role": "grid_worker", "area": world.grid.pk}
    )
    assert "user" in errors(answer)
    assert Appointment.objects.count() == before


@pytest.mark.parametrize(("name", "role"), [("sun", "grid_leader"), ("sysadmin", "command_centre")])
def test_nobody_gives_themselves_more(world: World, name: str, role: str) -> None:
    area = world.grid if name == "sun" else Area.objects.get(level="city")
    before = granted(world[name], area)
    answer = enter(world, name).post(
        page("grids_appointment_add"), {"user": world[name].pk, "role": role, "area": area.pk}
    )
    assert answer.status_code == 200
    assert "user" in errors(answer)
    assert granted(world[name], area) == before


def test_nobody_withdraws_those_above_or_themselves(world: World) -> None:
    client = enter(world, "sun")
    own = Appointment.objects.get(user=world["sun"])
    peer = User.objects.create_user("peer", full_name="同级")
    of_peer = appoint(peer, "community_admin", world.area("371082007032"))
    above = Appointment.objects.get(user=world["wang"])
    of_sysadmin = Appointment.objects.get(user=world["sysadmin"])
    for who, appointment in (
        (client, own),
        (client, of_peer),
        (client, above),
        (enter(world, "sysadmin"), of_sysadmin),
    ):
        assert who.post(page("grids_appointment_withdraw_page", appointment.pk)).status_code in (403, 404)
        appointment.refresh_from_db()
        assert appointment.ended_at is None


def test_an_appointment_is_never_edited(world: World) -> None:
    appointment = Appointment.objects.get(user=world["zhang"])
    for name in ("sun", "sysadmin", "root"):
        data = {"user": world["zhang"].pk, "role": "assistant", "area": world.grid.pk}
        assert enter(world, name).post(page("grids_appointment_change", appointment.pk), data).status_code == 403
    assert Appointment.objects.get(pk=appointment.pk).role == "grid_worker"


def test_a_second_person_in_charge_is_an_error_at_the_field(world: World) -> None:
    client = enter(world, "sun")
    community = world.area("371082007032")
    for name, ok in (("zhang", True), ("zhao", False)):
        answer = client.post(
            page("grids_appointment_add"),
            {"user": world[name].pk, "role": "assistant", "area": community.pk, "in_charge": "on"},
        )
        assert (answer.status_code == 302) is ok
    assert list(errors(answer)) == ["in_charge"]


def test_a_community_admin_staffs_the_own_committee(world: World) -> None:
    answer = enter(world, "sun").post(
        page("grids_appointment_add"),
        {"user": world["zhang"].pk, "role": "department_staff", "department": world.departments["committee"].pk},
    )
    assert answer.status_code == 302, errors(answer)


def test_the_system_admin_appoints_every_role_everywhere(world: World) -> None:
    answer = enter(world, "sysadmin").post(
        page("grids_appointment_add"),
        {"user": world["nobody"].pk, "role": "street_dispatcher", "area": world.street.pk},
    )
    assert answer.status_code == 302, errors(answer)
    assert Can.DISPATCH_REPORT in granted(world["nobody"], world.street)


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


# -- rules --------------------------------------------------------------------------------------------------------


def item_data(**changes: Any) -> dict[str, Any]:
    return {
        "class_name": "市容环境",
        "name": "暴露垃圾",
        "valid_from": "2026-12-01",
        "urgency": "normal",
        "questions": "",
        "limit_hotline": "1个工作日",
        "limit_digital_city": "2工作时",
        "closing_digital_city": "清理干净",
        **VERSIONS,
        **changes,
    }


def test_the_system_admin_changes_an_item_by_a_new_version(world: World) -> None:
    item = CatalogueItem.objects.get(code="01-01-001")
    answer = enter(world, "sysadmin").post(
        page("reports_catalogueitem_change", item.pk), item_data(**{"versions-0-id": item.versions.get().pk})
    )
    assert answer.status_code == 302, errors(answer)
    old, new = item.versions.order_by("valid_from")
    assert (old.valid_to, new.effective_limit.text()) == (new.valid_from, "2工作时")
    assert new.created_by == world["sysadmin"]
    assert LogEntry.objects.get_for_object(new).get().actor == world["sysadmin"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"limit_hotline": "2小时"}, "limit_hotline"),
        ({"limit_hotline": "", "limit_digital_city": "", "closing_digital_city": ""}, "limit_hotline"),
        ({"valid_from": "2019-01-01"}, "valid_from"),
        ({"questions": "[[["}, "questions"),
    ],
)
def test_what_the_catalogue_refuses_stands_at_its_field(world: World, changes: dict[str, Any], field: str) -> None:
    item = CatalogueItem.objects.get(code="01-01-001")
    data = item_data(**{"versions-0-id": item.versions.get().pk, **changes})
    answer = enter(world, "sysadmin").post(page("reports_catalogueitem_change", item.pk), data)
    assert answer.status_code == 200
    assert list(errors(answer)) == [field]
    assert item.versions.count() == 1


def test_a_new_item_and_its_retirement(world: World) -> None:
    client = enter(world, "sysadmin")
    none = {"versions-TOTAL_FORMS": "0", "versions-INITIAL_FORMS": "0"}
    answer = client.post(page("reports_catalogueitem_add"), item_data(code="02-09-001", **none))
    assert answer.status_code == 302, errors(answer)
    item = CatalogueItem.objects.get(code="02-09-001")
    answer = client.post(page("reports_catalogueitem_retire_page", item.pk), {"on": "2027-01-01"})
    assert answer.status_code == 302
    item.refresh_from_db()
    assert str(item.retired_at) == "2027-01-01"
    assert LogEntry.objects.get_for_object(item).latest("id").actor == world["sysadmin"]


@pytest.mark.parametrize("name", ["sun", "wang", "command"])
def test_the_rules_are_read_by_all_and_changed_by_few(world: World, name: str) -> None:
    client = enter(world, name)
    item = CatalogueItem.objects.get(code="01-01-001")
    day = WorkingDay.objects.first()
    assert day is not None
    for path, pk in (("reports_catalogueitem", item.pk), ("reports_workingday", day.pk)):
        assert client.get(page(f"{path}_changelist")).status_code == 200
        assert client.get(page(f"{path}_change", pk)).status_code == 200
        assert client.get(page(f"{path}_add")).status_code == 403
        assert client.post(page(f"{path}_change", pk), item_data(working="on")).status_code == 403
    assert client.get(page("reports_clockrule_changelist")).status_code == 200
    rule = {"key": "review", "amount": "1", "unit": "work_day"}
    assert client.post(page("reports_clockrule_add"), rule).status_code == 403
    assert client.post(page("reports_catalogueitem_retire_page", item.pk), {"on": "2027-01-01"}).status_code == 403
    assert item.versions.count() == 1
    assert not ClockRule.objects.exists()


def test_the_catalogue_of_the_city_is_not_for_a_streets_system_admin(world: World) -> None:
    appoint(world["nobody"], "system_admin", world.street)
    item = CatalogueItem.objects.get(code="01-01-001")
    client = enter(world, "nobody")
    assert client.post(page("reports_catalogueitem_change", item.pk), item_data()).status_code == 403


def test_a_day_is_set_and_a_limit_replaced_with_a_trail(world: World) -> None:
    client = enter(world, "sysadmin")
    day = WorkingDay.objects.get(date="2026-10-10")
    assert client.post(page("reports_workingday_change", day.pk), {"note": "停电"}).status_code == 302
    day.refresh_from_db()
    assert (day.working, day.note) == (False, "停电")
    assert LogEntry.objects.get_for_object(day).latest("id").actor == world["sysadmin"]
    answer = client.post(page("reports_clockrule_add"), {"key": "review", "amount": "2", "unit": "work_day"})
    assert answer.status_code == 302, errors(answer)
    rule = ClockRule.objects.get(key="review")
    assert LogEntry.objects.get_for_object(rule).get().actor == world["sysadmin"]
    answer = client.post(page("reports_clockrule_add"), {"key": "nonsense", "amount": "2", "unit": "work_day"})
    assert "key" in errors(answer)


def test_working_periods_that_overlap_are_refused(world: World) -> None:
    answer = enter(world, "sysadmin").post(page("reports_workingperiod_add"), {"start": "11:00", "end": "15:00"})
    assert answer.status_code == 200
    assert "end" in errors(answer)


def test_a_message_template_is_changed_with_a_trail_and_refused_with_an_unknown_place(world: World) -> None:
    client = enter(world, "sysadmin")
    row = MessageTemplate.objects.get(event="accepted")
    said = {"event": "accepted", "item": "", "text": "%(number)s 已受理", "active": "on", "valid_from": "2026-01-01"}
    answer = client.post(page("reports_messagetemplate_change", row.pk), {**said, "text": "%(phone)s"})
    assert "%(phone)s" in errors(answer)["text"][0]
    assert client.post(page("reports_messagetemplate_change", row.pk), said).status_code == 302
    row.refresh_from_db()
    assert (row.text, row.active) == ("%(number)s 已受理", True)
    assert LogEntry.objects.get_for_object(row).latest("id").actor == world["sysadmin"]
    assert client.post(page("reports_messagetemplate_delete", row.pk), {"post": "yes"}).status_code == 403
    assert enter(world, "wang").post(page("reports_messagetemplate_change", row.pk), said).status_code == 403


# -- reports ------------------------------------------------------------------------------------------------------


def a_handled_report(world: World) -> Report:
    report_id = submit(world)
    version = Report.objects.get(pk=report_id).version
    post(world, "wang", f"reports/{report_id}/accept", version=version)
    return Report.objects.get(pk=report_id)


def test_a_report_is_shown_with_all_that_happened(world: World) -> None:
    report = a_handled_report(world)
    answer = enter(world, "wang").get(page("reports_report_change", report.pk))
    assert answer.status_code == 200
    text = answer.content.decode()
    assert report.number in text
    assert "张网格" in text
    assert [row["event"].kind for row in answer.context["steps"]][:1] == ["submit"]
    assert answer.context["clocks"]
    assert 'name="_save"' not in text


@pytest.mark.parametrize("name", ["wang", "sun", "root"])
def test_reports_are_never_changed_here(world: World, name: str) -> None:
    report = a_handled_report(world)
    client = enter(world, name)
    before = Report.objects.filter(pk=report.pk).values().get()
    for path in ("reports_report_change", "reports_report_delete"):
        assert client.post(page(path, report.pk), {"description": "x", "post": "yes"}).status_code == 403
    assert client.get(page("reports_report_add")).status_code == 403
    delete = {"action": "delete_selected", "_selected_action": str(report.pk), "post": "yes"}
    assert client.post(page("reports_report_changelist"), delete).status_code in (200, 302, 403)
    assert Report.objects.filter(pk=report.pk).values().get() == before


@pytest.mark.parametrize("name", ["outsider", "sysadmin"])
def test_reports_of_elsewhere_are_not_there(world: World, name: str) -> None:
    report = a_handled_report(world)
    answer = enter(world, name).get(page("reports_report_change", report.pk))
    assert answer.status_code in (403, 404)
    answer = enter(world, name).get(page("reports_report_changelist"))
    assert answer.status_code == 403 if name == "sysadmin" else list(answer.context["cl"].result_list) == []


def test_reports_are_filtered_and_found_by_number(world: World) -> None:
    report = a_handled_report(world)
    client = enter(world, "command")
    for query, found in (
        (f"?q={report.number}", 1),
        (f"?q={report.number[:4]}", 1),
        ("?q=nothing", 0),
        ("?status__exact=accepted", 1),
        ("?status__exact=closed", 0),
        ("?light=green", 1),
        ("?light=red", 0),
        (f"?street={report.street_id}", 1),
        (f"?street={world.area('371082900').pk}", 0),
        ("?source__exact=grid", 1),
        ("?source__exact=hotline", 0),
    ):
        answer = client.get(page("reports_report_changelist") + query)
        assert answer.status_code == 200, query
        assert len(answer.context["cl"].result_list) == found, query


def test_messages_are_looked_at_with_the_number_masked_and_never_changed(world: World) -> None:
    at = scenes.written_to(world)
    for path in ("reports_requestermessage_changelist", "reports_requestermessage_change"):
        url = page(path, *([at.message] if path.endswith("change") else []))
        shown = enter(world, "wang").get(url).content.decode()
        assert "138****5678" in shown
        assert "13812345678" not in shown
    assert enter(world, "wang").post(url, {}).status_code == 403
    elsewhere = enter(world, "outsider")
    assert "138****" not in elsewhere.get(page("reports_requestermessage_changelist")).content.decode()
    assert elsewhere.get(page("reports_requestermessage_change", at.message)).status_code == 404


def test_an_unreadable_address_is_not_found(world: World) -> None:
    client = enter(world, "wang")
    for path in ("/admin/reports/report/abc/change/", "/admin/grids/area/abc/change/"):
        assert client.get(path).status_code == 404


# -- looking rows up ----------------------------------------------------------------------------------------------


def test_looking_up_offers_only_the_own_rows_with_their_codes(world: World) -> None:
    client = enter(world, "sun")

    def offered(model: str, field: str, term: str) -> list[str]:
        source = {"app_label": "grids", "model_name": model, "field_name": field, "term": term}
        answer = client.get(page("autocomplete"), source)
        assert answer.status_code == 200
        return [row["text"] for row in answer.json()["results"]]

    assert offered("appointment", "area", "371082007032002") == [f"{world.grid.name} · 371082007032002"]
    assert offered("appointment", "area", "外") == []
    assert offered("appointment", "user", "张") == ["张网格 · zhang"]
    assert offered("appointment", "user", "王") == []
    assert offered("appointment", "department", "水务") == []


def test_no_page_lists_every_area_to_choose_from(world: World) -> None:
    client = enter(world, "root")
    for path in ("grids_appointment_add", "accounts_user_add", "grids_area_add", "accounts_department_add"):
        assert client.get(page(path)).content.decode().count("<option") < 60


# -- history and cost ---------------------------------------------------------------------------------------------


def test_the_history_of_a_row_shows_who_changed_what(world: World) -> None:
    client, zhang = enter(world, "sun"), world["zhang"]
    client.post(
        page("accounts_user_change", zhang.pk),
        {"full_name": "张三丰", "phone": "", "language": "zh-hans", "is_active": "on"},
    )
    text = client.get(page("accounts_user_history", zhang.pk)).content.decode()
    assert "张三丰" in text
    assert "孙社区" in text


def test_the_audit_trail_is_for_superusers(world: World) -> None:
    assert enter(world, "root").get(page("auditlog_logentry_changelist")).status_code == 200
    assert enter(world, "sysadmin").get(page("auditlog_logentry_changelist")).status_code == 403


@pytest.mark.parametrize(
    "name", [f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry]
)
def test_every_list_and_every_form_opens(world: World, name: str) -> None:
    client = enter(world, "root")
    a_handled_report(world)
    assert client.get(page(f"{name}_changelist")).status_code == 200
    assert client.get(page(f"{name}_add")).status_code in (200, 403)
    model = next(m for m in admin.site._registry if f"{m._meta.app_label}_{m._meta.model_name}" == name)
    row = model._default_manager.first()
    if row is not None:
        assert client.get(page(f"{name}_change", row.pk)).status_code == 200


OURS = ("accounts", "grids", "households", "notifications", "privacy", "reports", "volunteers")


def test_every_field_that_is_shown_has_a_chinese_name(world: World, rf: Any) -> None:
    request = rf.get("/admin/")
    request.user = world["root"]
    english = []
    with translation.override("zh-hans"):
        for model, shown in admin.site._registry.items():
            # A report has a page of its own.
            if model is Report or model._meta.app_label not in OURS:
                continue
            known = {field.name: field for field in model._meta.get_fields() if hasattr(field, "verbose_name")}
            english += [
                f"{model.__name__}.{name}"
                for name in {*(shown.get_fields(request) or ()), *shown.list_display} - {"id"}
                if name in known and not re.search("[一-鿿]", str(known[name].verbose_name))
            ]
    assert english == [], " ".join(english)


def test_a_label_of_a_list_is_not_shown_as_a_field(world: World, rf: Any) -> None:
    request = rf.get("/admin/")
    request.user = world["root"]
    for model, shown in admin.site._registry.items():
        for name in shown.get_fields(request) or ():
            # It gives its colour beside its word, which only a list knows how to show.
            assert not getattr(getattr(shown, str(name), None), "label", None), f"{model.__name__}.{name}"
