"""States a team of volunteers can be in, each reached over HTTP by those whose work it is.

Nobody, who holds no role anywhere, and a clerk of the housing authority have reported in to 台上社区.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from core.moment import now
from tests import scenes
from tests.test_main_job import HERE
from tests.world import World, post
from volunteers.actions.credits import local_date
from volunteers.models import CreditEntry, Registration, Volunteer

COMMUNITY = "371082007032"


@dataclass(frozen=True)
class Band:
    """A team, its two members, and the newest of what hangs on them; 0 where there is none."""

    team: int = 0
    member: int = 0
    fellow: int = 0
    third: int = 0
    registration: int = 0
    report: UUID | None = None
    call: int = 0
    record: int = 0
    entry: int = 0


def put_me(world: World, name: str, **said: Any) -> dict[str, Any]:
    answer = world.api(name).put("/api/v1/volunteers/me", said, format="json")
    assert answer.status_code == 200, answer.content
    return answer.json()


def introduced(world: World, name: str = "nobody") -> Band:
    """A volunteer who has not reported in anywhere."""
    return Band(member=put_me(world, name, phone="13812345678", party_member=True)["id"])


def asking(world: World, name: str = "nobody") -> Band:
    at = introduced(world, name)
    asked = post(world, name, "volunteers/registrations", 201, community=COMMUNITY)
    return replace(at, registration=asked["id"])


def registered(world: World, name: str = "nobody") -> Band:
    at = asking(world, name)
    post(world, "sun", f"volunteers/registrations/{at.registration}/confirm")
    return replace(at, entry=CreditEntry.objects.get(volunteer_id=at.member).pk)


def teamed(world: World) -> Band:
    """Both are in a team."""
    at, fellow = registered(world), registered(world, "housing").member
    team = post(world, "sun", "volunteers/teams", 201, area=COMMUNITY, name="台上先锋队", skills=["急救"])["id"]
    for one in (at.member, fellow):
        post(world, "sun", f"volunteers/teams/{team}/add_member", volunteer=one)
    return replace(at, team=team, fellow=fellow)


def with_a_third(world: World) -> Band:
    """A third volunteer is registered, and not in the team."""
    return replace(teamed(world), third=registered(world, "gas").member)


def ready(world: World) -> Band:
    """A report is accepted and the team could be called."""
    return replace(teamed(world), report=scenes.accepted(world).report)


def call_body(at: Band, **changes: Any) -> dict[str, Any]:
    return {
        "report": str(at.report),
        "team": at.team,
        "kind": "environment",
        "reason": "协助清运,请带手套",
        "place": "台上社区南门",
        "wanted": 5,
        "until": (now() + timedelta(hours=4)).isoformat(),
        **changes,
    }


def called(world: World, **changes: Any) -> Band:
    """The street has called the team."""
    at = ready(world)
    return replace(at, call=post(world, "wang", "volunteers/calls", 201, **call_body(at, **changes))["id"])


def on_site(world: World) -> Band:
    """Nobody stands on the spot; the clerk has not answered."""
    at = called(world)
    post(world, "nobody", f"volunteers/me/calls/{at.call}/check_in", position=HERE)
    return at


def both_on_site(world: World) -> Band:
    at = on_site(world)
    post(world, "housing", f"volunteers/me/calls/{at.call}/check_in", position=HERE)
    return at


def service(**changes: Any) -> dict[str, Any]:
    """A service of two hours today, to be entered by hand."""
    return {
        "kind": "patrol",
        "date": local_date(now()).isoformat(),
        "hours": 2,
        "place": "台上社区",
        **changes,
    }


def proposed(world: World, **changes: Any) -> Band:
    at = registered(world)
    return replace(at, record=post(world, "nobody", "volunteers/records", 201, **service(**changes))["id"])


def confirmed(world: World, **changes: Any) -> Band:
    at = proposed(world, **changes)
    post(world, "sun", f"volunteers/records/{at.record}/confirm")
    return at


def with_everything(world: World, report: UUID) -> Band:
    """Both in a team that is called to the report, and a service of the one confirmed."""
    at = replace(teamed(world), report=report)
    call = post(world, "wang", "volunteers/calls", 201, **call_body(at))["id"]
    record = post(world, "nobody", "volunteers/records", 201, **service())["id"]
    post(world, "sun", f"volunteers/records/{record}/confirm")
    return replace(at, call=call, record=record)


def volunteer(world: World, name: str = "nobody") -> Volunteer:
    return Volunteer.objects.get(user=world[name])


def home_of(world: World, name: str = "nobody") -> str | None:
    """The code of the community the registration says."""
    row = Registration.objects.filter(volunteer__user=world[name], status="confirmed").first()
    return row.community.code if row else None
