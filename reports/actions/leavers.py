"""When somebody leaves: their open duties are counted and moved for those who manage people."""

from typing import Any

from django.dispatch import receiver

from accounts.models import User
from grids.signals import open_work_asked, work_handed_over
from reports.access import open_duties
from reports.actions.handing_on import move_duties


@receiver(open_work_asked)
def count_duties(sender: type[User], person: User, **kwargs: Any) -> int:
    return open_duties(person).count()


@receiver(work_handed_over)
def hand_duties_over(sender: type[User], person: User, by: User, to: User | None, **kwargs: Any) -> None:
    """The caller has made sure that `by` manages the person."""
    move_duties(by, open_duties(person), to)
