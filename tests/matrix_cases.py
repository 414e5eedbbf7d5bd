"""What each address is asked with: the path and the body of one request, made in the world of the tests."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.urls import reverse

from accounts.models import Device
from core.moment import now
from grids.models import Area
from households.actions.visits import receive_photo
from notifications.models import Notification
from reports.actions.deputies import name_deputy
from reports.actions.dispatch import Target
from reports.actions.knowledge import Content, create_entry
from reports.actions.routing import RuleContent, create_rule, switch_on
from reports.actions.submit import AnnouncedPhoto
from reports.models import Photo
from reports.photos.signing import sign
from tests import colour_scenes as bright
from tests import household_books as books
from tests import household_scenes as homely
from tests import scenes
from tests import volunteer_scenes as band
from tests.test_main_job import NEAR, announced
from tests.world import PASSWORD, World, body

Build = Callable[[World], tuple[dict[str, Any], Any]]


def on_report(make: Callable[[World], scenes.Scene], **said: Any) -> Build:
    return lambda world: ({"pk": make(world).report}, said)


def on(kind: str, make: Callable[[World], scenes.Scene], say: Callable[[scenes.Scene], dict[str, Any]]) -> Build:
    """A step on the whistle, lead, assist or order of a scene; `say` makes the body."""

    def build(world: World) -> tuple[dict[str, Any], Any]:
        at = make(world)
        return {"pk": getattr(at, kind)}, say(at)

    return build


def of_band(kind: str, make: Callable[[World], band.Band], say: Callable[[band.Band], Any] = lambda at: {}) -> Build:
    """A step on something of a team of volunteers; `say` makes the body."""

    def build(world: World) -> tuple[dict[str, Any], Any]:
        at = make(world)
        return ({"pk": getattr(at, kind)} if kind else {}), say(at)

    return build


def of_home(
    make: Callable[[World], homely.Homes],
    say: Callable[[homely.Homes], Any] = lambda at: {},
    **path: str,
) -> Build:
    """A step on the family of a scene, or on what `path` names; `say` makes the body."""

    def build(world: World) -> tuple[dict[str, Any], Any]:
        at = make(world)
        return {name: getattr(at, kind) for name, kind in ({"pk": "family"} | path).items()}, say(at)

    return build


def of_work(
    make: Callable[[World], bright.Work], say: Callable[[bright.Work], Any] = lambda at: {}, **path: str
) -> Build:
    """A step on a change of colour, a visit or a patrol of a scene; `path` names which, `say` makes the body."""

    def build(world: World) -> tuple[dict[str, Any], Any]:
        at = make(world)
        return {name: getattr(at, kind) for name, kind in path.items()}, say(at)

    return build


def visit_with_a_photo(world: World) -> tuple[dict[str, Any], Any]:
    """A photo of a visit that its sender announced; it arrives with the request."""
    at = bright.visited(world, photos=(AnnouncedPhoto(**announced(NEAR, "near")),))  # type: ignore[arg-type]
    return {"pk": at.visit, "sha256": hashlib.sha256(NEAR).hexdigest()}, NEAR


def visit_with_a_picture(world: World) -> tuple[dict[str, Any], Any]:
    kwargs, data = visit_with_a_photo(world)
    receive_photo(world["zhang"], kwargs["pk"], kwargs["sha256"], data)
    return kwargs, None


def to_export(**said: Any) -> Build:
    def build(world: World) -> tuple[dict[str, Any], Any]:
        homely.homes(world)
        return {}, said

    return build


def import_of_sun(world: World) -> tuple[dict[str, Any], Any]:
    return {"pk": books.upload(world, books.book(books.row()))["id"]}, {}


def new_import(world: World) -> tuple[dict[str, Any], Any]:
    return {"pk": uuid4()}, books.book(books.row())


def in_bulk(make: Callable[[World], scenes.Scene], **said: Any) -> Build:
    return lambda world: ({}, {"reports": [{"id": str(make(world).report)}], **said})


def two_reports(world: World) -> tuple[dict[str, Any], Any]:
    return {"pk": scenes.submitted(world).report}, {"into": str(scenes.submitted(world).report)}


def nothing(world: World) -> tuple[dict[str, Any], Any]:
    return {}, None


def of_grid(world: World) -> tuple[dict[str, Any], Any]:
    return {"code": world.grid.code}, None


def own_password(world: World) -> tuple[dict[str, Any], Any]:
    return {}, {"password": PASSWORD}


def new_report(world: World) -> tuple[dict[str, Any], Any]:
    return {"pk": uuid4()}, body()


def photo(world: World) -> tuple[dict[str, Any], Any]:
    at = scenes.with_a_photo(world)
    return {"pk": at.report, "sha256": hashlib.sha256(NEAR).hexdigest()}, None


def photo_to_hide(world: World) -> tuple[dict[str, Any], Any]:
    at = scenes.with_a_photo(world)
    box = {"x": 0.25, "y": 0.25, "width": 0.5, "height": 0.5}
    return {"pk": at.report}, {"photo": hashlib.sha256(NEAR).hexdigest(), "boxes": [box]}


def photo_to_come(world: World) -> tuple[dict[str, Any], Any]:
    at = scenes.whistled(world, photos=[announced(NEAR, "near")])
    return {"pk": at.report, "sha256": hashlib.sha256(NEAR).hexdigest()}, NEAR


def signed_photo(world: World) -> tuple[dict[str, Any], Any]:
    at = scenes.with_a_photo(world)
    key = Photo.objects.get(report_id=at.report).pk
    return {"token": sign(key, "display", world["wang"].pk)}, None


def notice_of_wang(world: World) -> tuple[dict[str, Any], Any]:
    scenes.submitted(world)
    return {"id": Notification.objects.filter(recipient=world["wang"]).latest("pk").pk}, None


def wrong_password(world: World) -> tuple[dict[str, Any], Any]:
    return {}, {"username": "wang", "password": "not-hers"}


def device_of_wang(world: World) -> tuple[dict[str, Any], Any]:
    return {"key": Device.objects.create(user=world["wang"], name="second")[0].token_key}, None


def night(**changes: Any) -> dict[str, Any]:
    start = now() + timedelta(days=1)
    said = {"starts_at": start.isoformat(), "ends_at": (start + timedelta(hours=14)).isoformat()}
    return {"area": "371082007", "person": "li", **said, **changes}


def new_shift(world: World) -> tuple[dict[str, Any], Any]:
    return {"pk": uuid4()}, night()


def shift(world: World) -> tuple[dict[str, Any], Any]:
    pk = uuid4()
    assert world.api("wang").put(reverse("duty-shift", args=[pk]), night(), format="json").status_code == 201
    return {"pk": pk}, {}


def no_workbook(world: World) -> tuple[dict[str, Any], Any]:
    # Whoever may import hears that this is none.
    return {}, {}


FILTER = {"of": "reports", "name": "红灯件", "query": {"light": ["red"]}, "shared_with": {"area": "371082007"}}


def shared_filter(world: World) -> tuple[dict[str, Any], Any]:
    pk = uuid4()
    assert world.api("wang").put(reverse("saved-filter", args=[pk]), FILTER, format="json").status_code == 201
    return {"pk": pk}, FILTER


def shared_filter_changed(world: World) -> tuple[dict[str, Any], Any]:
    return shared_filter(world)[0], FILTER | {"shared_with": None, "version": 1}


def new_filter(world: World) -> tuple[dict[str, Any], Any]:
    return {"pk": uuid4()}, FILTER | {"shared_with": None}


NEWS = {"area": "371082007", "title": "台风防范", "body": "清查广告牌"}


def news(world: World, publish: bool = True, **said: Any) -> tuple[dict[str, Any], Any]:
    """An announcement of Wang's to the street."""
    pk = world.api("wang").post(reverse("announcements-list"), NEWS, format="json").json()["id"]
    if publish:
        world.api("wang").post(reverse("announcement-publish", args=[pk]), {}, format="json")
    return {"pk": pk}, said


def entry(world: World) -> tuple[dict[str, Any], Any]:
    return {"pk": create_entry(world["root"], Content("阀门", "关总阀")).pk}, None


def deputy_of_li(world: World) -> tuple[dict[str, Any], Any]:
    moment = now()
    row = name_deputy(world["li"], "wang", world.street.code, moment, moment + timedelta(days=3))
    return {"pk": row.pk}, None


def routing_rule(place: str, *, active: bool = False) -> Build:
    """A rule of the city or of Zhang's street, by the command centre; with what a change of it says."""
    said = {"name": "改名", "targets": [{"role": "lead", "department": "YTJD-CG"}]}

    def build(world: World) -> tuple[dict[str, Any], Any]:
        area = world.street if place == "street" else Area.objects.get(level=place)
        content = RuleContent("规则", {}, [Target("lead", department="YTJD-CG")])
        rule = create_rule(world["command"], area, content)
        if active:
            switch_on(world["command"], rule.pk)
        return {"pk": rule.pk}, said if not active else {}

    return build


def new_rule(world: World) -> tuple[dict[str, Any], Any]:
    return {}, {"area": world.street.code, "name": "规则", "targets": [{"role": "lead", "department": "YTJD-CG"}]}


def switch(place: str, *, active: bool = False) -> Build:
    return lambda world: (routing_rule(place, active=active)(world)[0], {} if active else {"version": 1})
