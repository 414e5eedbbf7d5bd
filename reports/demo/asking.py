"""What units ask for beyond their duty, and how it is decided: returns, more time, rest, appeals; and handing on."""

from collections.abc import Callable, Generator
from datetime import date, datetime, time, timedelta

from accounts.models import Department
from core.moment import now
from reports.actions.asking import ask_appeal, ask_extension, ask_return, ask_suspension, withdraw_request
from reports.actions.deciding import end_suspension, grant, refuse, resume
from reports.actions.dispatch import Target
from reports.actions.handing_on import hand_on as hand_on_duty
from reports.actions.handing_on import take_back
from reports.actions.submit import LOCAL
from reports.calendar import local_date
from reports.demo import odds, words
from reports.demo.matters import Matter
from reports.demo.stage import Life, Wait
from reports.models import Assignment, ChangeRequest, Clock
from reports.models.vocabulary import (
    AssignmentRole,
    ClockKind,
    ClockOutcome,
    ReportStatus,
    RequestKind,
    RequestStatus,
    Urgency,
)

MOST_EXTENSIONS = 2


# -- handing on ------------------------------------------------------------------------------------------------------


def hand_on(matter: Matter, duty_id: int) -> Life:
    """转办 to a unit below or to a colleague; now and then it is taken back."""
    duty = matter.duty(duty_id)
    if duty.department is None or duty.assignee_id is not None:
        return
    giver = matter.hand_of(duty)
    below = _units_below(matter, duty, duty.department)
    if below:
        hand_on_duty(giver, duty_id, department=matter.dice.choice(below).code, note=words.HAND_ON_NOTE)
    else:
        others = [one for one in matter.world.company.staff(duty.department.pk) if one.pk != giver.pk]
        if not others:
            return
        hand_on_duty(giver, duty_id, assignee=matter.dice.choice(others).username, note=words.HAND_ON_NOTE)
    if matter.plan.chance(odds.TAKEN_BACK):
        yield matter.after(10, 90)
        if Assignment.objects.filter(pk=duty_id, active=True, status=duty.status).exists():
            take_back(giver, duty_id, matter.dice.choice(words.TAKE_BACK_NOTES))


def _units_below(matter: Matter, duty: Assignment, unit: Department) -> list[Department]:
    """Staffed units below one, without those that have a duty on the matter themselves."""
    held = set(Assignment.objects.filter(report_id=matter.id, active=True).values_list("department_id", flat=True))
    company = matter.world.company
    return [
        one
        for one in company.departments.values()
        if one.path.startswith(unit.path) and one.pk not in held and company.staff(one.pk)
    ]


# -- returns ---------------------------------------------------------------------------------------------------------


def give_back(
    matter: Matter, duty: Assignment, another: Callable[[], Target | None]
) -> Generator[Wait, None, Assignment | None]:
    """退单. Returns the duty that goes on, the same or another's; None if the matter is to be dispatched again or
    something else became of the duty meanwhile."""
    asker = matter.hand_of(duty)
    ask_return(asker, duty.pk, matter.dice.choice(words.RETURN_REASONS))
    change = _asked(matter, RequestKind.RETURN)
    if matter.plan.chance(odds.WITHDRAWN):
        yield matter.after(5, 40)
        if _is_pending(change):
            withdraw_request(asker, change.pk, words.WITHDRAW_NOTE)
        return _still_there(matter, duty)
    yield matter.after(8, 120)
    yield from matter.rested()
    if not _is_pending(change):
        return _still_there(matter, duty)
    decider = matter.decider(matter.duty(duty.pk))
    if matter.plan.chance(odds.REFUSED):
        refuse(decider, change.pk, matter.dice.choice(words.REFUSALS))
        return _still_there(matter, duty)
    lot = matter.dice.random()
    if lot < odds.TO_ANOTHER:
        target = _different(matter, duty, another)
        if target is not None:
            grant(decider, change.pk, words.GRANT_NOTE, target)
            return matter.duty(ChangeRequest.objects.get(pk=change.pk).data["granted"]["to"])
    elif lot < odds.TO_ANOTHER + odds.TO_DISPATCH and _is_only_lead(matter, duty):
        grant(decider, change.pk, words.GRANT_NOTE, to_dispatch=True)
        return None
    grant(decider, change.pk, words.SAME_UNIT_NOTE)
    return _still_there(matter, duty)


def _still_there(matter: Matter, duty: Assignment) -> Assignment | None:
    found = matter.duty(duty.pk)
    return found if found.active else None


def _different(matter: Matter, duty: Assignment, another: Callable[[], Target | None]) -> Target | None:
    """A target that has no duty on the matter yet."""
    held = Assignment.objects.filter(report_id=matter.id, active=True)
    units = set(held.values_list("department__code", "assignee__username"))
    origin = duty.handed_from.code if duty.handed_from else None
    for _ in range(8):
        target = another()
        if target is None:
            return None
        taken = any(target.department == code for code, person in units if code is not None)
        if not taken and target.department != origin and (target.department, target.assignee) not in units:
            return Target(duty.role, target.department, target.assignee)
    return None


def _is_only_lead(matter: Matter, duty: Assignment) -> bool:
    leads = Assignment.objects.filter(report_id=matter.id, active=True, role=AssignmentRole.LEAD)
    return list(leads.values_list("pk", flat=True)) == [duty.pk]


# -- more time -------------------------------------------------------------------------------------------------------


def ask_more_time(matter: Matter, duty_id: int, done: datetime) -> Generator[Wait, None, datetime]:
    """延期, once or twice, before it is overdue. Returns when the result comes: `done`, or later if it was granted."""
    while True:
        clock = _handling_clock(duty_id)
        if clock is None or clock.due_at is None or clock.due_at <= now() or _extended(clock) >= MOST_EXTENSIONS:
            return done
        yield now() + (clock.due_at - now()) * matter.dice.uniform(0.3, 0.9)
        yield from matter.rested()
        clock, duty = _handling_clock(duty_id), matter.duty(duty_id)
        due = clock.due_at if clock else None
        if due is None or due <= now() or not duty.active or not matter.is_in(ReportStatus.IN_PROGRESS):
            return done
        asker = matter.hand_of(duty)
        ask_extension(asker, duty_id, matter.dice.choice(words.EXTENSION_REASONS))
        change = _asked(matter, RequestKind.EXTENSION)
        if matter.plan.chance(odds.UNDECIDED):
            return done
        yield matter.after(5, 90)
        if not _is_pending(change):
            return done
        if matter.plan.chance(odds.WITHDRAWN):
            withdraw_request(asker, change.pk, words.WITHDRAW_NOTE)
            return done
        decider = matter.decider(matter.duty(duty_id))
        if matter.plan.chance(odds.REFUSED):
            refuse(decider, change.pk, matter.dice.choice(words.REFUSALS))
            return done
        grant(decider, change.pk, words.GRANT_NOTE)
        clock = Clock.objects.get(pk=change.data["clock"])
        assert clock.due_at is not None  # it has run
        done = now() + (clock.due_at - now()) * matter.dice.uniform(0.4, 0.95)
        done = matter.in_office(done) if matter.plan.urgency == Urgency.NORMAL else done
        if not matter.plan.chance(odds.ONCE_MORE):
            return done


def _handling_clock(duty_id: int) -> Clock | None:
    return Clock.objects.filter(assignment_id=duty_id, kind=ClockKind.HANDLE, stopped_at__isnull=True).first()


def _extended(clock: Clock) -> int:
    """How often; a clock keeps count also where the duty went to the next round."""
    granted = ChangeRequest.objects.filter(report_id=clock.report_id, kind=RequestKind.EXTENSION)
    return granted.filter(status=RequestStatus.GRANTED, data__clock=clock.pk).count()


# -- rest ------------------------------------------------------------------------------------------------------------


def rest(matter: Matter) -> Life:
    """挂账 until some day: it ends by itself on that day, or a leader ends it before."""
    if not matter.is_in(ReportStatus.IN_PROGRESS):
        return
    until = local_date(now()) + timedelta(days=matter.dice.randint(2, 12))
    lead = matter.lead()
    asker = matter.desk() if matter.plan.chance(0.5) else matter.hand_of(lead)
    ask_suspension(asker, matter.id, matter.dice.choice(words.SUSPENSION_REASONS), until)
    change = _asked(matter, RequestKind.SUSPENSION)
    matter.may_rest = True
    yield matter.after(20, 240)
    if not _is_pending(change):
        return
    if matter.plan.chance(odds.WITHDRAWN):
        withdraw_request(asker, change.pk, words.WITHDRAW_NOTE)
        return
    # A holiday may have gone by, or the matter its way.
    if not matter.is_in(ReportStatus.IN_PROGRESS) or _begin_of(until) <= now() or matter.plan.chance(odds.REFUSED):
        refuse(matter.leader(), change.pk, matter.dice.choice(words.REFUSALS))
        return
    grant(matter.leader(), change.pk, words.GRANT_NOTE)
    ends = _begin_of(until)
    early = matter.in_office(now() + (ends - now()) * matter.dice.uniform(0.2, 0.8))
    if matter.plan.chance(odds.RESUMED_BY_HAND) and early < ends:
        yield early
        resume(matter.leader(), matter.id, matter.dice.choice(words.RESUME_NOTES))
    else:
        yield ends
        # As `supervise` does.
        end_suspension(change.pk)


def _begin_of(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL)


# -- appeals ---------------------------------------------------------------------------------------------------------


def begin_appeals(matter: Matter) -> None:
    """The units that were late may appeal in the days after the closing."""
    if matter.happens(odds.APPEALED):
        days = matter.dice.uniform(0.3, 4)
        matter.world.stage.begin(_appeal(matter), matter.after(days * 480, days * 480 + 60))


def _appeal(matter: Matter) -> Life:
    if not matter.is_in(ReportStatus.CLOSED):
        return
    late = Clock.objects.filter(report_id=matter.id, outcome=ClockOutcome.OVERDUE, assignment__isnull=False)
    before = ChangeRequest.objects.filter(report_id=matter.id, kind=RequestKind.APPEAL)
    duty_id = (
        late.filter(assignment__status__in=("approved", "waived", "no_show"))
        .exclude(assignment__in=before.values("assignment"))
        .order_by("pk")
        .values_list("assignment", flat=True)
        .first()
    )
    if duty_id is None:
        return
    asker = matter.hand_of(matter.duty(duty_id))
    ask_appeal(asker, duty_id, matter.dice.choice(words.APPEAL_REASONS))
    change = _asked(matter, RequestKind.APPEAL)
    yield matter.after(60, 900)
    if not _is_pending(change):
        return
    supervisor = matter.world.company.supervisor(matter.plan.street)
    if matter.plan.chance(odds.WITHDRAWN):
        withdraw_request(asker, change.pk, words.WITHDRAW_NOTE)
    elif matter.plan.chance(2 * odds.REFUSED):
        refuse(supervisor, change.pk, matter.dice.choice(words.REFUSALS))
    else:
        grant(supervisor, change.pk, words.GRANT_NOTE)


# -- requests --------------------------------------------------------------------------------------------------------


def _asked(matter: Matter, kind: str) -> ChangeRequest:
    return ChangeRequest.objects.filter(report_id=matter.id, kind=kind).latest("pk")


def _is_pending(change: ChangeRequest) -> bool:
    return ChangeRequest.objects.filter(pk=change.pk, status=RequestStatus.PENDING).exists()
