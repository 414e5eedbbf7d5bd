"""The demonstration's households: made by the real actions, so every rule holds of them."""

from datetime import datetime, timedelta

import pytest

from core.moment import moved_to
from grids.actions.appointments import appoint
from grids.models import Area
from households import demo
from households.actions.counting import derived
from households.models import ColourChange, GridColour, Household, Resident, Visit
from notifications.models import Notification
from reports.calendar import local_date
from tests.world import World

pytestmark = pytest.mark.django_db

END = datetime.fromisoformat("2026-11-18T10:30:00+08:00")


def test_the_demonstration_has_households_of_every_colour_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "GRIDS", 2)
    for _time in range(2):
        with moved_to(END):
            demo.load_households(sender=None, end=END)
    homes = list(Household.objects.select_related("risk_level", "grid"))
    # Zhang's grid and Zhao's: the two that have a worker, a community desk and a street leader.
    assert len(homes) == 2 * demo.UNITS * demo.FLOORS * demo.DOORS
    assert {home.risk_level.code for home in homes if home.risk_level} >= {"green", "blue", "yellow"}
    for home in homes:
        assert home.risk_level is not None
        last = local_date(home.last_visit_at or home.created_at)
        assert home.next_visit_due == last + timedelta(days=home.risk_level.visit_days)
    kept = {
        (row.grid_id, row.level_id): (row.households, row.confirmed)
        for row in GridColour.objects.all()
        if row.households or row.confirmed
    }
    assert kept == derived()
    assert Visit.objects.count() > len(homes)
    assert ColourChange.objects.filter(status="confirmed").exists()
    assert not Resident.objects.exclude(doc_number="").exists()
    # What was asked half a year ago rings nobody today.
    assert not Notification.objects.filter(next_at__isnull=False).exists()


def test_every_street_has_some_of_them(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    """Whoever logs in as the first worker of a street finds households to open."""
    appoint(world["zhao"], "grid_worker", Area.objects.get(level="grid", code__startswith="371082900"))
    monkeypatch.setattr(demo, "_hands", lambda grid: demo.Hands(world["zhao"], world["sun"], world["li"]))
    assert [grid.code[:9] for grid, _hands in demo._staffed()][:3] == ["371082007", "371082900", "371082007"]
