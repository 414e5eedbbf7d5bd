"""Somebody leaves: what they still have in hand is known to the apps above, which are asked by signal."""

from accounts.models import User
from grids.signals import open_work_asked, work_handed_over


def open_work(person: User) -> int:
    """How many things the person still has in hand."""
    return sum(int(answer or 0) for _receiver, answer in open_work_asked.send(User, person=person))


def hand_over(by: User, person: User, to: User | None) -> None:
    """Put what the person has in hand into other hands, or back into those of the units; may raise `Problem`."""
    work_handed_over.send(User, person=person, by=by, to=to)
