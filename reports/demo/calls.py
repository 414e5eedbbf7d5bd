"""The life of a matter that needs others: the whistle, each department that is called, and the desk that waits."""

from collections.abc import Generator, Sequence
from datetime import datetime, timedelta

from accounts.models import Department, User
from core.moment import now
from reports.actions.handling import receive, report_in
from reports.actions.review import rework, waive
from reports.actions.submit import Position
from reports.actions.whistles import (
    Called,
    Rating,
    approve_whistle,
    close_whistle,
    decline_whistle,
    draft_whistle,
    rate_whistle,
)
from reports.calendar import working_calendar
from reports.demo import words
from reports.demo.matters import Matter
from reports.demo.plans import REWORK
from reports.demo.spots import moved
from reports.demo.stage import Asleep, Life, Wait
from reports.models import Assignment, Report, Whistle
from reports.models.vocabulary import (
    AssignmentRole,
    AssignmentStatus,
    PhotoKind,
    ReportStatus,
    WhistleKind,
    WhistleStatus,
)

DECLINED = 0.1
# In which round a department that is called comes: mostly at once.
COMES_IN_ROUND = {1: 0.93, 2: 0.05, 3: 0.02}
ON_SITE = (WhistleKind.EMERGENCY, WhistleKind.JOINT)


class CalledMatter(Matter):
    """A matter whose whistle is told too."""

    def whistled(self) -> Generator[Wait, None, bool]:
        departments = self._departments()
        if not departments:
            return False
        if self.stops("assign"):
            # The desk is still writing it.
            return True
        kind = self.plan.whistle
        meeting = None
        if kind == WhistleKind.JOINT:
            meeting = working_calendar().add(now(), self.dice.choice((2, 3, 4, 8, 12)) * 3600)
        roles = [AssignmentRole.LEAD] + [AssignmentRole.ASSIST] * (len(departments) - 1)
        draft_whistle(
            self.desk(),
            self.id,
            kind,
            self.dice.choice(words.WHISTLE_REASONS[kind]),
            [Called(one.code, role) for one, role in zip(departments, roles, strict=True)],
            meeting_at=meeting,
            meeting_place=f"{self.plan.street.area.name}现场" if meeting else "",
        )
        whistle = Whistle.objects.filter(report_id=self.id).latest("pk")
        if whistle.status == WhistleStatus.PENDING:
            if self.stops("receive"):
                return True
            yield self.after(6, 40)
            leader = self.world.company.leader(self.plan.street)
            if self.plan.chance(DECLINED):
                decline_whistle(leader, whistle.pk, self.dice.choice(words.DECLINE_NOTES))
                return False
            approve_whistle(leader, whistle.pk, self.dice.choice(("同意。", "同意,请抓紧。", "")))
        if self.stops("blow"):
            return True
        self.world.stage.begin(self._wait_for_results(), now())
        for department in departments:
            self.world.stage.begin(self._come(department), self._soon(1, 6))
        return True

    def _departments(self) -> list[Department]:
        """The item's own department and up to two others that have people to send."""
        able = self.world.company.callable_authorities()
        if not able:
            return []
        own = self.plan.version.lead_department
        lead = own if own is not None and own in able else self.dice.choice(able)
        others = [one for one in able if one.pk != lead.pk]
        most = 1 if self.plan.whistle == WhistleKind.ROUTINE else 2
        least = 1 if self.plan.whistle == WhistleKind.JOINT else 0
        return [lead, *self.dice.sample(others, self.dice.randint(least, most))]

    def _soon(self, low: float, high: float) -> datetime:
        """Whistles are answered by the clock when they press, in hours of work otherwise."""
        return self.after(low, high, by_the_clock=self.plan.whistle == WhistleKind.EMERGENCY)

    # -- a department that is called -------------------------------------------------------------------------------

    def _come(self, department: Department) -> Life:
        """One department: signs for it, comes in its round (or late, or is released), and gives its result."""
        comes_in = self.dice.choices(list(COMES_IN_ROUND), weights=list(COMES_IN_ROUND.values()))[0]
        person = self.dice.choice(self.world.company.staff(department.pk))
        while True:
            duty = self._duty(department)
            if duty is None or duty.whistle is None:
                return
            due = duty.whistle.report_in_due
            assert due is not None  # it was blown
            if duty.whistle.round >= comes_in and duty.status != AssignmentStatus.NO_SHOW:
                break
            if duty.status == AssignmentStatus.NO_SHOW and (yield from self._came_too_late(person, duty)):
                return
            yield max(due + timedelta(minutes=5), now() + timedelta(minutes=30))
        yield from self._report_in(person, duty.pk, due)

    def _came_too_late(self, person: User, duty: Assignment) -> Generator[Wait, None, bool]:
        """The lead works without it: it comes after all, or the street releases it. False while that is open."""
        if duty.role == AssignmentRole.LEAD or self.plan.chance(0.6):
            yield self._soon(10, 60)
            if not self._still(duty, AssignmentStatus.NO_SHOW):
                return False
            yield from self._stand_there(person, duty.pk)
            yield from self._work(person, duty.pk)
            return True
        yield self.after(20, 90)
        if not self._still(duty, AssignmentStatus.NO_SHOW):
            return False
        waive(self.desk(), duty.pk, self.dice.choice(words.WAIVE_REASONS))
        self.world.stage.wake(self.id, self.after(5, 40))
        return True

    def _report_in(self, person: User, duty_id: int, due: datetime) -> Life:
        left = (due - now()).total_seconds()
        if self.plan.chance(0.8) and left > 300:
            receive(person, duty_id)
            if self.stops("receive"):
                return
        # Mostly within the first two thirds of the time; to a meeting one comes when it is held.
        share = self.dice.uniform(0.85, 1.0) if self.plan.whistle == WhistleKind.JOINT else self.dice.uniform(0.2, 0.75)
        arrival = now() + timedelta(seconds=max(left * share, 60))
        if self.plan.brisk:
            arrival = now() + timedelta(minutes=6)
        elif self.plan.whistle in (WhistleKind.ROUTINE, WhistleKind.TOUGH):
            arrival = min(self._in_office(arrival), max(due - timedelta(minutes=2), now()))
        yield arrival
        duty = Assignment.objects.get(pk=duty_id)
        if not duty.active or duty.status not in (AssignmentStatus.ISSUED, AssignmentStatus.RECEIVED):
            return
        yield from self._stand_there(person, duty_id)
        if self.stops("report_in"):
            return
        yield from self._work(person, duty_id)

    def _stand_there(self, person: User, duty_id: int) -> Life:
        """报到: on the spot or, a few times, from far away."""
        far = self.plan.chance(0.05)
        metres = self.dice.uniform(700, 2500) if far else abs(self.dice.gauss(20, 40))
        lng, lat = moved(self.plan.spot.lng, self.plan.spot.lat, metres, self.dice.uniform(0, 6.28))
        duty = Assignment.objects.select_related("whistle").get(pk=duty_id)
        needed = duty.whistle is not None and duty.whistle.kind in ON_SITE
        pictures = [self.picture(PhotoKind.REFERENCE)] if needed else []
        position = Position(lng, lat, "wgs84", round(self.dice.uniform(4, 25), 1), "gps")
        photos = [picture.announced for picture in pictures]
        report_in(person, duty_id, position, photos, self.dice.choice(words.ON_SITE))
        yield from self._upload(person, pictures)

    def _work(self, person: User, duty_id: int) -> Life:
        """Do it and say so; the desk looks when the lead has, and again when a straggler has."""
        duty = Assignment.objects.get(pk=duty_id)
        lead = duty.role == AssignmentRole.LEAD
        if lead:
            yield self.when_done(self.limit(), now())
        else:
            yield self._soon(25, 150)
        if not Assignment.objects.filter(pk=duty_id, active=True, status=AssignmentStatus.REPORTED_IN).exists():
            return
        yield from self.give_result(person, duty_id, lead=lead)
        self.world.stage.wake(self.id, self.after(8, 80))

    def _duty(self, department: Department) -> Assignment | None:
        rows = Assignment.objects.filter(report_id=self.id, department=department, active=True)
        return rows.select_related("whistle").order_by("-pk").first()

    def _still(self, duty: Assignment, status: str) -> bool:
        return Assignment.objects.filter(pk=duty.pk, active=True, status=status).exists()

    def _in_office(self, moment: datetime) -> datetime:
        calendar = working_calendar()
        return moment if calendar.is_open(moment) else calendar.add(moment, self.dice.uniform(300, 5400))

    # -- the desk --------------------------------------------------------------------------------------------------

    def _wait_for_results(self) -> Life:
        """Woken by every result: once all are in, rate each, approve, close the whistle and the report."""
        again = self.plan.chance(REWORK)
        while True:
            while not self._all_in():
                yield Asleep(self.id)
            if self.stops("review"):
                return
            if not again:
                break
            again = False
            rework(self.desk(), self.id, self.dice.choice(words.REWORK_REASONS))
            lead = Assignment.objects.filter(report_id=self.id, active=True, role=AssignmentRole.LEAD).latest("pk")
            assert lead.department_id is not None  # whistles call departments
            yield from self._do_again(self.dice.choice(self.world.company.staff(lead.department_id)))
            yield self.after(10, 90)
        whistle = Whistle.objects.filter(report_id=self.id).latest("pk")
        rate_whistle(self.desk(), whistle.pk, self._ratings(whistle))
        yield from self.close_whistle_and_report(whistle)

    def close_whistle_and_report(self, whistle: Whistle) -> Life:
        """Close the whistle, then the report with the answer, as often as whoever asked wants it done again."""
        yield self.after(2, 20)
        close_whistle(self.desk(), whistle.pk, self.dice.choice(("处置到位。", "各单位配合良好。", "")))
        lead = Assignment.objects.filter(report_id=self.id, active=True, role=AssignmentRole.LEAD).latest("pk")
        assert lead.department_id is not None  # whistles call departments
        yield from self.close_for_good(self.dice.choice(self.world.company.staff(lead.department_id)))

    def _all_in(self) -> bool:
        if not Report.objects.filter(pk=self.id, status=ReportStatus.IN_REVIEW).exists():
            return False
        done = (AssignmentStatus.SUBMITTED, AssignmentStatus.APPROVED, AssignmentStatus.WAIVED)
        return not Assignment.objects.filter(report_id=self.id, active=True).exclude(status__in=done).exists()

    def _ratings(self, whistle: Whistle) -> Sequence[Rating]:
        duties = Assignment.objects.filter(whistle=whistle, active=True).order_by("pk")
        return [self._rating(duty) for duty in duties]

    def _rating(self, duty: Assignment) -> Rating:
        if duty.status == AssignmentStatus.WAIVED:
            return Rating(duty.pk, 2, 1, 2, "未到场,已免除。")
        late = duty.reported_in_late or (duty.whistle is not None and duty.whistle.round > 1)
        attendance = self.dice.choice((2, 3)) if late else self.dice.choice((4, 5, 5))
        response, result = self.dice.choice((3, 4, 5, 5)), self.dice.choice((3, 4, 4, 5, 5))
        return Rating(duty.pk, response, attendance, result, self.dice.choice(words.COMMENTS))
