"""Two things timed in turn, so that a noisy machine disturbs both alike."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line of the result: medians in milliseconds and target ÷ floor (or floor ÷ target for rates)."""

    work: str
    ours_ms: float
    floor: str
    floor_ms: float
    target: str
    note: str = ""

    @property
    def ratio(self) -> float:
        return self.ours_ms / self.floor_ms if self.floor_ms else float("nan")

    def line(self) -> str:
        return (
            f"| {self.work} | {self.ours_ms:.3f} | {self.floor} | {self.floor_ms:.3f} | {self.ratio:.2f} "
            f"| {self.target} | {self.note} |"
        )


def in_turn(ours: Callable[[], object], floor: Callable[[], object], rounds: int, each: int = 1) -> tuple[float, float]:
    """Median milliseconds of one call of each, over `rounds` of `each` calls, A B A B."""
    took: tuple[list[float], list[float]] = ([], [])
    for run in (ours, floor):
        run()
    for _round in range(rounds):
        for at, run in enumerate((ours, floor)):
            started = time.perf_counter()
            for _ in range(each):
                run()
            took[at].append((time.perf_counter() - started) / each * 1000)
    return statistics.median(took[0]), statistics.median(took[1])
