"""The API of households in tests, and the history that a household has."""

from typing import Any
from uuid import UUID

from households.models import HouseholdEvent
from tests.world import World


def put(world: World, name: str, path: str, expect: int = 200, /, **said: Any) -> dict[str, Any]:
    answer = world.api(name).put(f"/api/v1/{path}", said, format="json")
    assert answer.status_code == expect, (answer.status_code, answer.content.decode())
    return answer.json() if answer.content else {}


def get(world: World, name: str, path: str, /, **query: Any) -> Any:
    answer = world.api(name).get(f"/api/v1/{path}", query)
    assert answer.status_code == 200, (answer.status_code, answer.content.decode())
    return answer.json()


def history(household: UUID) -> list[str]:
    return list(HouseholdEvent.objects.filter(household=household).order_by("pk").values_list("kind", flat=True))


def last(household: UUID) -> HouseholdEvent:
    return HouseholdEvent.objects.filter(household=household).latest("pk")
