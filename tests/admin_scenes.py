"""The administration in tests: entering it, its pages, what a form refuses by field, and rows to look at there."""

from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.models import User
from grids.models import Area, AreaUserPermission
from reports.models import Report
from tests.world import World, post, submit


def enter(world: World, name: str) -> Client:
    client = Client()
    client.force_login(world[name], backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(name: str, *args: Any) -> str:
    return reverse(f"admin:{name}", args=args)


def errors(answer: Any) -> dict[str, list[str]]:
    return {name: list(found) for name, found in answer.context["adminform"].form.errors.items()}


def a_handled_report(world: World) -> Report:
    report_id = submit(world)
    version = Report.objects.get(pk=report_id).version
    post(world, "wang", f"reports/{report_id}/accept", version=version)
    return Report.objects.get(pk=report_id)


def granted(user: User, area: Area) -> set[str]:
    rows = AreaUserPermission.objects.filter(user=user, content_object=area)
    return set(rows.values_list("permission__codename", flat=True))
