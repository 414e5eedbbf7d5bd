"""Reading announcements: what reached a person, what a person may look after, and who has read one."""

from typing import TypedDict

from django.db.models import CharField, Count, Q, QuerySet
from django.db.models.functions import Cast

from accounts.models import User
from accounts.roles import Can
from core.moment import now
from core.problems import Problem
from grids.scope import scope_of
from notifications.models import Notification
from reports.actions.announcements import ANNOUNCING, KINDS, SUBJECT, TO_SIGN, group_of, may_announce, node_of
from reports.models import Announcement

# What counts as having read: opened, or signed for where that was asked.
READ = Q(kind=TO_SIGN.code, receipted_at__isnull=False) | ~Q(kind=TO_SIGN.code) & Q(seen_at__isnull=False)


class Counts(TypedDict):
    recipients: int
    read: int


def told_to(user: User) -> QuerySet[Notification]:
    """The notices by which announcements reached the person."""
    return Notification.objects.of(user.pk).filter(subject=SUBJECT, kind__in=KINDS)


def standing(notices: QuerySet[Notification]) -> QuerySet[Notification]:
    """Those whose announcement was neither withdrawn nor has expired."""
    current = Announcement.objects.current(now()).annotate(key=Cast("pk", CharField(max_length=20)))
    return notices.filter(subject_id__in=current.values("key"))


def unread_count(user: User) -> int:
    """How many standing announcements the person has not read."""
    return standing(told_to(user)).exclude(READ).count()


def looked_after(user: User) -> QuerySet[Announcement]:
    """The announcements, drafts too, to the people of nodes where the person may announce."""
    scope = scope_of(user)
    ground = scope.departments_below(Can.LEAD_UNIT, "department__path")
    for can in ANNOUNCING:
        ground |= scope.areas_below(can, "area__path")
    rows = Announcement.objects.all() if scope.everything else Announcement.objects.filter(ground)
    return rows.select_related("area", "department", "author").defer("area__geometry")


def get_announcement(user: User, announcement_id: int) -> tuple[Announcement, Notification | None, bool]:
    """It, the person's own notice of it, and whether the person looks after it; `not_found` for everyone else."""
    rows = Announcement.objects.select_related("area", "department", "author").defer("area__geometry")
    row = rows.filter(pk=announcement_id).first()
    notice = told_to(user).filter(subject_id=str(announcement_id)).order_by("id").first()
    cares = row is not None and may_announce(user, node_of(row))
    if row is None or (notice is None and not cares):
        raise Problem("not_found")
    return row, notice, cares


def readers(row: Announcement) -> QuerySet[Notification]:
    """A notice for each person told, whoever it is."""
    return Notification.objects.filter(group_key=group_of(row), kind__in=KINDS).select_related("recipient")


def counts(row: Announcement) -> Counts:
    """How many were told, and how many of them have read it. One query."""
    found = readers(row).aggregate(recipients=Count("id"), read=Count("id", filter=READ))
    return {"recipients": found["recipients"], "read": found["read"]}
