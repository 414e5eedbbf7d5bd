"""The shared world, and a clean process before each test."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection

from accounts.models import User
from accounts.roles import Role
from grids import locating
from grids.actions.appointments import appoint
from grids.models import Area
from reports import calendar, rules
from tests.world import World, build


def pytest_configure() -> None:
    """Leave out what costs time and proves nothing here: slow password hashes, a walk over every static file and every
    built page each time a test client is made, and Hypothesis' limit of time, which a busy machine breaks."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.WHITENOISE_USE_FINDERS = False
    settings.WHITENOISE_ROOT = None
    hypothesis.settings.register_profile("untimed", deadline=None)
    hypothesis.settings.load_profile("untimed")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: Any, django_db_blocker: Any) -> None:
    """Build the world once per test database; tests roll back what they add to it."""
    with django_db_blocker.unblock():
        if not Area.objects.exists():
            _built.append(build())
        if connection.vendor == "sqlite":
            # Emptying the database after a transactional test is a DELETE here; the guard has a test of its own.
            with connection.cursor() as cursor:
                cursor.execute("DROP TRIGGER IF EXISTS accounts_accesslog_keep")


_built: list[World] = []


@pytest.fixture(autouse=True)
def nothing_kept(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what processes keep in memory; a rolled-back edit must not be remembered by the next test.

    Within a test nothing is read again because time went by, so that a count of queries is the same on a slow machine.
    """
    settings.GRIDWHISTLE = settings.GRIDWHISTLE | {"BOUNDARY_CHECK_SECONDS": 3600, "CALENDAR_CHECK_SECONDS": 3600}
    monkeypatch.setattr(rules, "REFRESH_SECONDS", 3600.0)
    locating.reset()
    calendar.reset()
    rules.reset()
    cache.clear()


@pytest.fixture(autouse=True)
def own_media(settings: Any, tmp_path: Path) -> None:
    """A folder of its own for each test's pictures: numbers of photos come again once a test has rolled back."""
    settings.MEDIA_ROOT = tmp_path / "media"


def _world() -> World:
    # A transactional test before this one may have emptied the database.
    if not Area.objects.exists():
        _built[:] = [build()]
    _built[0]._tokens.clear()
    return _built[0]


@contextmanager
def _same_people(world: World) -> Iterator[World]:
    """Whoever a test adds is gone after it, here as in the database."""
    kept = dict(world.people)
    yield world
    world.people.clear()
    world.people.update(kept)


@pytest.fixture
def world(db: None) -> Iterator[World]:
    """The street of the tests; whatever a test adds is rolled back."""
    with _same_people(_world()) as world:
        yield world


@pytest.fixture
def committed_world(transactional_db: None) -> Iterator[World]:
    """The same, really committed, for tests with threads; the database is emptied afterwards."""
    with _same_people(_world()) as world:
        yield world


@pytest.fixture
def everybody(world: World) -> World:
    """The world with a holder of each role that it has not by itself."""
    for name, role in (("leader", Role.GRID_LEADER), ("assistant", Role.ASSISTANT)):
        world.people[name] = User.objects.create_user(name, full_name=name)
        appoint(world.people[name], role, world.grid)
    return world
