"""The administration: who may enter, what it looks up, and that every page opens in both languages."""

import re
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.utils import translation

from accounts.models import User
from grids.actions.appointments import withdraw
from grids.models import Appointment
from reports.models import Report
from tests.admin_scenes import a_handled_report, enter, page
from tests.world import PASSWORD, World

pytestmark = pytest.mark.django_db


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
