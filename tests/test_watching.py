"""Rows on screen: who is told that a report has changed, and how many frames a burst costs."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from reports.access import may_see, visible_reports
from reports.models import Report
from reports.watching import EVERYTHING, topics_of_person, topics_of_rows
from tests import scenes
from tests.delivery_world import Server, own_database
from tests.services import PrivateRedis
from tests.test_delivery_sockets import frame, opened
from tests.world import World


def told(world: World, name: str, report: Any) -> bool:
    return bool(topics_of_person(world[name].pk) & topics_of_rows([str(report)])[str(report)])


def test_exactly_those_who_see_a_report_are_told_of_it(everybody: World) -> None:
    world = everybody
    reports = [scenes.submitted(world).report, scenes.answered(world).report, scenes.asked_to_check(world).report]
    for report in reports:
        for name in world.people:
            sees = may_see(world[name], Report.objects.get(pk=report))
            assert told(world, name, report) == sees, (name, report)
            assert visible_reports(world[name]).filter(pk=report).exists() == sees


def test_the_outsider_and_who_has_left_are_told_of_nothing(world: World) -> None:
    report = scenes.whistled(world).report
    assert not told(world, "outsider", report)
    assert not told(world, "nobody", report)
    User.objects.filter(username="wang").update(is_active=False)
    assert topics_of_person(world["wang"].pk) == frozenset()


def test_the_topics_of_many_rows_cost_three_queries(world: World) -> None:
    for rows in (1, 10, 100):
        made = [str(scenes.submitted(world).report) for _ in range(rows)]
        with CaptureQueriesContext(connection) as spent:
            topics = topics_of_rows(made)
        assert len(spent) == 3
        assert all(EVERYTHING in each for each in topics.values())


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("watching")
    with django_db_blocker.unblock(), own_database(folder) as url, Server(url, folder) as running:
        yield running


async def watching(server: Server, name: str) -> Any:
    socket = await opened(server, Authorization=f"Token {server.do('token', name=name)}")
    await socket.send('{"type": "watch"}')
    await frame(socket, "watching")
    return socket


@pytest.mark.django_db
def test_the_desk_hears_of_a_new_report_and_the_outsider_does_not(server: Server) -> None:
    async def scene() -> None:
        desk, outsider = await watching(server, "wang"), await watching(server, "outsider")
        (made,) = await asyncio.to_thread(server.do, "report", name="zhang")
        assert (await frame(desk, "changed"))["reports"] == [made]
        # Whatever was meant for the outsider would have come before the answer to this.
        await outsider.send('{"type": "ping"}')
        assert (await frame(outsider, "pong"))["type"] == "pong"
        await desk.close()
        await outsider.close()

    asyncio.run(scene())


@pytest.mark.django_db
def test_a_burst_is_told_in_few_frames_and_completely(server: Server) -> None:
    async def scene() -> None:
        desk = await watching(server, "wang")
        made = set(await asyncio.to_thread(server.do, "report", name="zhang", times=50))
        heard: set[str] = set()
        frames = 0
        while not made <= heard:
            heard |= set((await frame(desk, "changed"))["reports"])
            frames += 1
        assert frames < 50
        await desk.close()

    asyncio.run(scene())


@pytest.mark.django_db
def test_who_only_listens_for_notices_is_told_of_no_rows(server: Server) -> None:
    async def scene() -> None:
        phone = await opened(server, Authorization=f"Token {server.do('token', name='wang')}")
        await frame(phone, "ready")
        await asyncio.to_thread(server.do, "report", name="zhang")
        desk = await watching(server, "wang")
        await asyncio.to_thread(server.do, "report", name="zhang")
        await frame(desk, "changed")
        await phone.send('{"type": "ping"}')
        while (said := json.loads(await phone.recv()))["type"] != "pong":
            assert said["type"] != "changed"
        await phone.close()
        await desk.close()

    asyncio.run(scene())


@pytest.fixture(scope="module")
def two_servers(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any
) -> Iterator[tuple[Server, Server]]:
    folder = tmp_path_factory.mktemp("two")
    with (
        PrivateRedis() as bells,
        django_db_blocker.unblock(),
        own_database(folder) as url,
        Server(url, folder, bells.url) as here,
        Server(url, folder, bells.url) as there,
    ):
        yield here, there


# The mark brings it before the tests that empty the database, which would leave nobody to copy.
@pytest.mark.django_db
def test_a_change_made_by_another_process_is_told_here(two_servers: tuple[Server, Server]) -> None:
    here, there = two_servers

    async def scene() -> None:
        desk = await watching(here, "wang")
        # The hub joins the group in its own time; a bell before that is lost, and screens ask by themselves.
        made: set[str] = set()
        heard: set[str] = set()
        for _ in range(30):
            made |= set(await asyncio.to_thread(there.do, "report", name="zhang"))
            with suppress(TimeoutError):
                heard = set((await frame(desk, "changed", 1.0))["reports"])
                break
        assert heard
        assert heard <= made
        await desk.close()

    asyncio.run(scene())
