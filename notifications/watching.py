"""Rows that somebody has on screen: who is told that one has changed. Content never goes this way, only ids.

Apps above say by `provide` what a person may watch and where a row belongs; both are sets of topics, opaque here. A
screen that hears of a change asks for the row anew, under its own rights; one that was cut off asks for all it shows.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from notifications import bell

Topics = frozenset[str]


class Provider(NamedTuple):
    """`of_person`: the topics a person may watch. `of_rows`: those of each row, by id. A few queries, however many."""

    of_person: Callable[[int], Topics]
    of_rows: Callable[[Iterable[str]], Mapping[str, Topics]]


_provider = Provider(lambda user_id: frozenset(), lambda ids: {})


def provide(provider: Provider) -> None:
    """Set who answers; there is one kind of row that is watched."""
    global _provider
    _provider = provider


def topics_of_person(user_id: int) -> Topics:
    return _provider.of_person(user_id)


def topics_of_rows(ids: Iterable[str]) -> Mapping[str, Topics]:
    return _provider.of_rows(ids)


def stir(row_id: str) -> None:
    """Say that a row has changed, after the commit; never blocks, never raises. One that is lost costs a screen the
    time until it asks by itself."""
    bell.stir([row_id])
