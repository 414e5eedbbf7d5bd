"""联席会议 and the end of a stay: minutes with decisions, and units that leave the spot, released or not."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from accounts.models import Department
from core.moment import now
from reports.actions.leaving import leave, release
from reports.actions.rounds import Attendance, Decision, record_minutes, set_meeting
from reports.actions.whistles import duties
from reports.demo import odds, words
from reports.demo.matters import Matter
from reports.demo.stage import Life
from reports.limits import Limit, Unit
from reports.models import Assignment, Whistle
from reports.models.vocabulary import WHISTLE_CALLING, AssignmentRole, AssignmentStatus, ReportStatus

EXPECTED = (AssignmentStatus.ISSUED, AssignmentStatus.RECEIVED, AssignmentStatus.NO_SHOW)


def meet(matter: Matter, whistle_id: int, expect: Callable[[Department], None]) -> Life:
    """Hold the meeting of a whistle, moved or not, and record it; `expect` hears of the units with a new duty."""
    if not _may_meet(matter, whistle_id):
        return
    whistle = Whistle.objects.get(pk=whistle_id)
    assert whistle.meeting_at is not None  # it is a joint one
    if matter.plan.chance(odds.MOVED) and now() < whistle.meeting_at:
        later = whistle.meeting_at + timedelta(hours=matter.dice.choice((1, 2, 3)))
        set_meeting(matter.desk(), whistle_id, later, f"{matter.plan.street.area.name}会议室")
        whistle.meeting_at = later
    yield max(whistle.meeting_at, now()) + timedelta(minutes=matter.dice.uniform(20, 90))
    yield from matter.rested()
    if not _may_meet(matter, whistle_id):
        return
    whistle.refresh_from_db()
    present = duties(whistle)
    if not any(duty.role == AssignmentRole.LEAD for duty in present):
        return
    decisions = _decisions(matter, present)
    record_minutes(
        matter.desk(),
        whistle_id,
        matter.dice.choice(words.MINUTES),
        [_attendance(matter, duty) for duty in present if duty.status != AssignmentStatus.WAIVED],
        decisions,
        held_at=max(whistle.meeting_at or now(), whistle.blown_at or now()),
    )
    for one in decisions:
        expect(matter.world.company.by_code[one.department])


def _may_meet(matter: Matter, whistle_id: int) -> bool:
    calling = Whistle.objects.filter(pk=whistle_id, status__in=WHISTLE_CALLING, meeting_at__isnull=False)
    return calling.exists() and matter.is_in(ReportStatus.IN_PROGRESS)


def _attendance(matter: Matter, duty: Assignment) -> Attendance:
    attended = duty.status not in EXPECTED or matter.plan.chance(0.8)
    person = matter.hand_of(duty).full_name if attended else ""
    return Attendance(duty.pk, attended, person)


def _decisions(matter: Matter, present: list[Assignment]) -> list[Decision]:
    """What each unit that is still at it does, in what time; now and then another leads or a further one comes."""
    units = [duty for duty in present if duty.department is not None and duty.status != AssignmentStatus.WAIVED]
    lead = next(duty for duty in present if duty.role == AssignmentRole.LEAD)
    assists = [duty for duty in units if duty.pk != lead.pk]
    leads = matter.dice.choice(assists) if assists and matter.plan.chance(odds.NEW_LEAD) else lead
    decided = []
    for duty in units:
        assert duty.department is not None  # chosen so
        role = AssignmentRole.LEAD if duty.pk == leads.pk else AssignmentRole.ASSIST
        limit = Limit(Decimal(matter.dice.choice((1, 2, 3, 5))), Unit.WORK_DAY) if duty.pk == leads.pk else None
        decided.append(Decision(duty.department.code, role, matter.dice.choice(words.DECISIONS), limit))
    held = {duty.department_id for duty in present}
    others = [one for one in matter.world.company.callable_authorities() if one.pk not in held]
    if others and matter.plan.chance(odds.FURTHER_UNIT):
        further = matter.dice.choice(others)
        decided.append(Decision(further.code, AssignmentRole.ASSIST, matter.dice.choice(words.DECISIONS)))
    return decided


def leave_early(matter: Matter, duty_id: int) -> Life:
    """Ask to go before the end; the street releases the unit, or does not, and some go all the same."""
    if not _on_scene(duty_id):
        return
    duty = matter.duty(duty_id)
    leave(matter.hand_of(duty), duty_id, matter.dice.choice(words.LEAVE_NOTES))
    duty = matter.duty(duty_id)
    if duty.left_at is not None:
        # It was over already.
        return
    yield matter.after(5, 40)
    if not _on_scene(duty_id):
        return
    if matter.plan.chance(odds.RELEASED):
        release(matter.desk(), duty_id, matter.dice.choice(words.RELEASE_NOTES))
        yield matter.after(2, 20)
    elif not matter.plan.chance(odds.GOES_ANYWAY):
        return
    if _on_scene(duty_id):
        leave(matter.hand_of(matter.duty(duty_id)), duty_id, gone=True)


def say_goodbye(matter: Matter, whistle: Whistle) -> None:
    """At the end who came says that it goes; nobody needs to be released any more."""
    for duty in duties(whistle):
        if _on_scene(duty.pk) and matter.plan.chance(odds.SAYS_GOODBYE):
            leave(matter.hand_of(duty), duty.pk)


def _on_scene(duty_id: int) -> bool:
    came = Assignment.objects.filter(pk=duty_id, active=True, reported_in_at__isnull=False, left_at__isnull=True)
    leaving = (AssignmentStatus.REPORTED_IN, AssignmentStatus.SUBMITTED, AssignmentStatus.APPROVED)
    return came.filter(status__in=leaving).exists()
