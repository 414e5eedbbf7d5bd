"""The morning itself: everybody at once, then the queues run dry."""

import asyncio
import contextlib
import random
import signal
from collections.abc import Callable
from dataclasses import dataclass

from reports.simulation.actor import Actor
from reports.simulation.cast import Cast
from reports.simulation.checking import latest_notice, missing_notices
from reports.simulation.department import Member
from reports.simulation.desk import Clerk, Dispatcher, Leader
from reports.simulation.ledger import Ledger
from reports.simulation.link import FlappingLink
from reports.simulation.worker import Worker

TICK = 0.5
# Nothing happens any more when nothing has changed for so long.
QUIET_SECONDS = 2.5


@dataclass(frozen=True)
class Morning:
    """`rate` reports per minute over all workers; the `flapping` share of workers has a line that keeps breaking."""

    host: str
    port: int
    seconds: float
    rate: float
    flapping: float
    drain_seconds: float
    seed: int


async def spend(morning: Morning, cast: Cast, ledger: Ledger, show: Callable[[str], None]) -> None:
    """Live through it and wait until what was begun is done. Ctrl-C ends it early; what was begun is still finished."""
    dice = random.Random(morning.seed)  # noqa: S311
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    # Elsewhere than in the main thread nobody can press Ctrl-C.
    with contextlib.suppress(ValueError, RuntimeError, NotImplementedError):
        loop.add_signal_handler(signal.SIGINT, stop.set)
    async with FlappingLink(morning.host, morning.port, random.Random(dice.random())) as link:  # noqa: S311
        workers = _workers(morning, cast, ledger, dice, link.port)
        actors: list[Actor] = [*workers, *_others(morning, cast, ledger, dice)]
        tasks = [asyncio.create_task(actor.live()) for actor in actors]
        tasks += [asyncio.create_task(worker.send()) for worker in workers]
        try:
            await asyncio.wait_for(asyncio.gather(*(actor.ear.ready.wait() for actor in actors)), 60)
            walks = [asyncio.create_task(worker.walk(morning.rate / max(len(workers), 1), stop)) for worker in workers]
            await _until(stop, morning.seconds, show)
            stop.set()
            await asyncio.gather(*walks)
            await _drain(actors, ledger, morning.drain_seconds, show)
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            with contextlib.suppress(ValueError, RuntimeError, NotImplementedError):
                loop.remove_signal_handler(signal.SIGINT)
        ledger.faults += [f"an actor ended: {exc!r}" for exc in ended if isinstance(exc, Exception)]


def _workers(morning: Morning, cast: Cast, ledger: Ledger, dice: random.Random, link_port: int) -> list[Worker]:
    shaky = round(len(cast.workers) * morning.flapping)
    return [
        Worker(
            part,
            cast.matters,
            "127.0.0.1" if number < shaky else morning.host,
            link_port if number < shaky else morning.port,
            ledger,
            random.Random(dice.random()),  # noqa: S311
        )
        for number, part in enumerate(cast.workers)
    ]


def _others(morning: Morning, cast: Cast, ledger: Ledger, dice: random.Random) -> list[Actor]:
    host, port = morning.host, morning.port

    def own() -> random.Random:
        return random.Random(dice.random())  # noqa: S311

    actors: list[Actor] = []
    for part in cast.streets:
        actors.append(Dispatcher(part, cast, host, port, ledger, own()))
        actors.append(Leader(part.leader, host, port, ledger, own()))
        actors.append(Member(part.unit_person, host, port, ledger, own()))
    actors.append(Clerk(cast.clerk, host, port, ledger, own()))
    return actors + [Member(person, host, port, ledger, own()) for person in cast.departments.values()]


async def _until(stop: asyncio.Event, seconds: float, show: Callable[[str], None]) -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not stop.is_set() and (left := end - loop.time()) > 0:
        show(f"{left:.0f} s to go")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), min(TICK, left))


async def _drain(actors: list[Actor], ledger: Ledger, seconds: float, show: Callable[[str], None]) -> None:
    """Until nobody has anything to do and every notice has come, at most so long; what is missing then is lost."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    quiet_since, before = loop.time(), -1
    while (left := end - loop.time()) > 0:
        received = sum(len(shown) for shown in ledger.received.values())
        at_work = ledger.open_entries or any(actor.busy or not actor.ear.heard.empty() for actor in actors)
        if at_work or received != before:
            quiet_since, before = loop.time(), received
        elif loop.time() - quiet_since > QUIET_SECONDS:
            ledger.last_notice = await asyncio.to_thread(latest_notice)
            if not await asyncio.to_thread(missing_notices, ledger):
                return
        show(f"finishing, at most {left:.0f} s")
        await asyncio.sleep(TICK)
    ledger.last_notice = await asyncio.to_thread(latest_notice)
