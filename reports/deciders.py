"""Who decides on a request.

| kind | decided by |
|---|---|
| return 退单, extension 延期 | who dispatches for the street or above; on a tough whistle 攻坚哨 the command centre: who dispatches for the district or the city |
| waiver 免除 | who dispatches for the street or above: the street alone waives a duty, on a tough whistle too |
| suspension 挂账 | who approves whistles: the street's leader or the command centre |
| appeal 申诉 | who supervises: the supervisor or the command centre |

Nobody decides on a request of their own.
"""  # noqa: E501

from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from accounts.roles import Can
from grids.placement import within
from grids.scope import Held, scope_of
from reports.models import Assignment, ChangeRequest, Report
from reports.models.vocabulary import RequestKind, RequestStatus, WhistleKind
from reports.people import POOL_LEVELS, at_place

CENTRE_LEVELS = ("district", "city")
DECIDED_WITH: dict[str, str] = {
    RequestKind.RETURN: Can.DISPATCH_REPORT,
    RequestKind.EXTENSION: Can.DISPATCH_REPORT,
    RequestKind.WAIVER: Can.DISPATCH_REPORT,
    RequestKind.SUSPENSION: Can.APPROVE_WHISTLE,
    RequestKind.APPEAL: Can.SUPERVISE_REPORT,
}
# On a tough whistle the centre decides on these.
ROUTINE_OR_TOUGH = (RequestKind.RETURN, RequestKind.EXTENSION)


def _levels(change: ChangeRequest) -> tuple[str, ...]:
    whistle = change.assignment.whistle if change.assignment else None
    tough = whistle is not None and whistle.kind == WhistleKind.TOUGH
    return CENTRE_LEVELS if tough and change.kind in ROUTINE_OR_TOUGH else POOL_LEVELS


def may_decide(user: User, change: ChangeRequest, report: Report) -> bool:
    """Whether the person decides on requests such as this one at the report's place."""
    scope = scope_of(user)
    levels = _levels(change)
    return scope.everything or any(
        held.level in levels and getattr(report, f"{held.level}_id") == held.id
        for held in scope.areas.get(DECIDED_WITH[change.kind], [])
    )


def deciders(change: ChangeRequest, report: Report) -> list[User]:
    """Whom to tell that there is something to decide: the nearest who may, without the one who asked."""
    people = at_place(DECIDED_WITH[change.kind], report, _levels(change))
    return [person for person in people if person.pk != change.asked_by_id]


def to_decide(user: User) -> Q:
    """The condition on requests that wait for this person."""
    scope = scope_of(user)
    waiting = Q(status=RequestStatus.PENDING) & ~Q(asked_by=user)
    if scope.everything:
        return waiting
    # Exists, because a duty without a whistle has no kind to compare, and "not null" is neither true nor false.
    tough = Exists(Assignment.objects.filter(pk=OuterRef("assignment_id"), whistle__kind=WhistleKind.TOUGH))
    ground = Q(pk__in=[])
    for kind, can in DECIDED_WITH.items():
        held = scope.areas.get(can, [])
        if kind in ROUTINE_OR_TOUGH:
            ground |= Q(kind=kind) & ~Q(tough) & _lies_in(held, POOL_LEVELS)
            ground |= Q(kind=kind) & Q(tough) & _lies_in(held, CENTRE_LEVELS)
        else:
            ground |= Q(kind=kind) & _lies_in(held, POOL_LEVELS)
    return waiting & ground


def _lies_in(held: list[Held], levels: tuple[str, ...]) -> Q:
    nodes = [node for node in held if node.level in levels]
    return Q(Exists(Report.objects.filter(within(nodes), pk=OuterRef("report_id")))) if nodes else Q(pk__in=[])
