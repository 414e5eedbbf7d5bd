"""Residents in tests: a form as a browser gets it, filled in and sent, and a device that follows a report."""

import re
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from public.form_id import new_form_id
from reports.models import Requester
from tests import scenes
from tests.world import World, post

GRID = "371082007032002"
PAGE = f"/g/{GRID}/report"
HAPPY = {"solved": "yes", "satisfaction": "satisfied"}
UNHAPPY = {"solved": "no", "satisfaction": "not", "note": "又堆满了"}


@pytest.fixture(autouse=True)
def own_choices(settings: Any) -> None:
    chosen = [["01-01-001", "垃圾没清运", "Rubbish"], ["02-01-001", "漏水", "Water"], ["09-09-009", "没有的", "None"]]
    settings.GRIDWHISTLE = settings.GRIDWHISTLE | {"RESIDENT_CHOICES": chosen, "RESIDENT_LEAST_SECONDS": 0}


def limited(settings: Any, **limits: Any) -> None:
    settings.GRIDWHISTLE = settings.GRIDWHISTLE | limits


def filled(form_id: str = "", **changes: Any) -> dict[str, Any]:
    """What a resident fills in; None takes a field away."""
    said = {
        "form_id": form_id or new_form_id(GRID),
        "address": "3号楼东侧",
        "choice": "01-01-001",
        "description": "垃圾三天没有清运",
        "name": "张三丰",
        "phone": "138 1234 5678",
        "consent": "on",
        **changes,
    }
    return {name: value for name, value in said.items() if value is not None}


def picture(colour: str = "red", name: str = "1.jpg", form: str = "JPEG") -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", (640, 480), colour).save(out, form)
    return SimpleUploadedFile(name, out.getvalue())


def sent(
    client: Client | None = None, /, expect: int = 302, extra: dict[str, Any] | None = None, **changes: Any
) -> Any:
    answer = (client or Client()).post(PAGE, filled(**changes), **(extra or {}))
    assert answer.status_code == expect, (answer.status_code, errors(answer))
    return answer


def errors(answer: Any) -> dict[str, list[str]]:
    """The refusals by field, of a form that came back."""
    form = (answer.context or {}).get("form")
    return {name: list(map(str, said)) for name, said in form.errors.items()} if form else {}


def code_in(answer: Any) -> str:
    found = re.fullmatch(r"/t/([0-9A-Z]{12})\?sent=\w+", answer["Location"])
    assert found is not None, answer["Location"]
    return found[1]


def tracked(world: World, at: scenes.Scene) -> tuple[Client, str]:
    """A device that has given the right digits for the report of a scene."""
    code = Requester.objects.get(report=at.report).tracking_code
    client = Client()
    assert client.post(f"/t/{code}", {"digits": "5678"}).status_code == 302
    return client, f"/t/{code}"


def anonymous_and_closed(world: World) -> tuple[Client, str, UUID]:
    at = scenes.done_for(world, {"anonymous": True})
    post(world, "wang", f"reports/{at.report}/close", answer="垃圾已清运")
    return Client(), f"/t/{Requester.objects.get(report=at.report).tracking_code}", at.report
