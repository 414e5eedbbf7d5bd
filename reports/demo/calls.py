"""The life of a matter that needs others: the whistle, each department that is called, and the desk that waits."""

from collections.abc import Generator, Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from accounts.models import Department
from core.moment import now
from reports.actions.dispatch import Target
from reports.actions.handling import receive, report_in
from reports.actions.review import rework, waive
from reports.actions.rounds import LAST_ROUND, escalate_whistle
from reports.actions.whistles import (
    Called,
    Rating,
    approve_whistle,
    close_whistle,
    decline_whistle,
    draft_whistle,
    rate_whistle,
    review_whistle,
    withdraw_whistle,
)
from reports.calendar import working_calendar
from reports.demo import asking, meetings, odds, watch, words
from reports.demo.lives import ReportedMatter
from reports.demo.matters import World
from reports.demo.plans import Plan
from reports.demo.stage import Asleep, Life, Wait
from reports.models import Assignment, Whistle
from reports.models.vocabulary import (
    DUTY_ANSWERED,
    WHISTLE_CALLING,
    AssignmentRole,
    AssignmentStatus,
    PhotoKind,
    ReportStatus,
    WhistleKind,
    WhistleStatus,
)

# In which round a department that is called comes: mostly at once.
COMES_IN_ROUND = {1: 0.93, 2: 0.05, 3: 0.02}
ON_SITE = (WhistleKind.EMERGENCY, WhistleKind.JOINT)


class CalledMatter(ReportedMatter):
    """A matter whose whistle is told too."""

    def __init__(self, world: World, plan: Plan) -> None:
        super().__init__(world, plan)
        # Departments whose part in it is being lived, and whistles whose meeting is.
        self._coming: set[int] = set()
        self._convened: set[int] = set()

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
        whistle = self._whistle()
        if whistle.status == WhistleStatus.PENDING:
            if self.stops("receive"):
                return True
            yield self.after(6, 40)
            if self.happens(odds.TAKEN_BACK_EARLY):
                withdraw_whistle(self.desk(), whistle.pk, self.dice.choice(words.CALL_OFF_REASONS))
                return False
            if self.plan.chance(odds.DECLINED):
                decline_whistle(self.leader(), whistle.pk, self.dice.choice(words.DECLINE_NOTES))
                return False
            approve_whistle(self.leader(), whistle.pk, self.dice.choice(("同意。", "同意,请抓紧。", "")))
        elif not self.plan.stop:
            late = self.plan.chance(odds.REVIEWED_LATE)
            at = working_calendar().add(
                now(), self.dice.uniform(9, 14) * 3600 if late else self.dice.uniform(1800, 25000)
            )
            self.world.stage.begin(self._review_afterwards(whistle.pk), at)
        if self.stops("blow"):
            return True
        watch.begin(self)
        self.world.stage.begin(self._wait_for_results(), now())
        for department in departments:
            self._expect(department)
        if self.happens(odds.CALLED_OFF):
            self.world.stage.begin(self._call_off(), self._soon(10, 90))
        if kind == WhistleKind.JOINT and self.happens(odds.MINUTES):
            self._convene(whistle.pk)
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

    def _whistle(self) -> Whistle:
        """The matter's whistle in its latest round."""
        return Whistle.objects.filter(report_id=self.id).latest("pk")

    def _review_afterwards(self, whistle_id: int) -> Life:
        """事后审核 of an emergency, by the street's leader."""
        justified = not self.plan.chance(odds.UNJUSTIFIED)
        note = self.dice.choice(words.REVIEW_NOTES if justified else words.UNJUSTIFIED_NOTES)
        review_whistle(self.leader(), whistle_id, justified, note)
        yield from ()

    def _call_off(self) -> Life:
        """The matter turned out to be the street's own: the whistle is taken back and the report dispatched again."""
        yield from self.rested()
        whistle = self._whistle()
        if whistle.status not in WHISTLE_CALLING or not self.is_in(ReportStatus.IN_PROGRESS):
            return
        withdraw_whistle(self.desk(), whistle.pk, self.dice.choice(words.CALL_OFF_REASONS))
        yield from self._dispatched_again()

    def _dispatched_again(self) -> Life:
        """No whistle calls any more: who waited for results goes, and the street gives the matter to its own."""
        self.world.stage.wake(self.id, now())
        yield self.after(2, 15)
        if self.is_in(ReportStatus.ACCEPTED):
            yield from self.assigned()

    def _convene(self, whistle_id: int) -> None:
        """Begin the life of a whistle's meeting, once."""
        if whistle_id not in self._convened and not self.plan.stop:
            self._convened.add(whistle_id)
            self.world.stage.begin(meetings.meet(self, whistle_id, self._expect), now())

    # -- a department that is called -------------------------------------------------------------------------------

    def _expect(self, department: Department, comes_in: int = 0) -> None:
        """Let a department's part begin, unless it is being lived already."""
        if department.pk in self._coming:
            return
        self._coming.add(department.pk)
        comes_in = comes_in or self.dice.choices(list(COMES_IN_ROUND), weights=list(COMES_IN_ROUND.values()))[0]
        self.world.stage.begin(self._come(department, comes_in), self._soon(1, 6))

    def _come(self, department: Department, comes_in: int) -> Life:
        """One department: signs for it, comes in its round (or late, or is released), and gives its result."""
        try:
            going_on = True
            while going_on:
                yield from self.rested()
                duty = self._duty(department)
                if duty is None or duty.whistle is None or duty.status in DUTY_ANSWERED:
                    return
                if duty.whistle.round == LAST_ROUND:
                    self._convene(duty.whistle.pk)
                if duty.status == AssignmentStatus.RETURNED:
                    yield self.after(60, 120)
                elif duty.reported_in_at is not None:
                    going_on = yield from self._be_at_it(duty.pk)
                elif duty.status == AssignmentStatus.NO_SHOW:
                    going_on = yield from self._come_too_late(duty)
                elif duty.whistle.round < comes_in:
                    yield self._next_look(duty.whistle)
                else:
                    going_on = yield from self._answer(duty, duty.whistle)
        finally:
            self._coming.discard(department.pk)

    def _next_look(self, whistle: Whistle) -> datetime:
        assert whistle.report_in_due is not None  # it was blown
        return max(whistle.report_in_due + timedelta(minutes=5), now() + timedelta(minutes=30))

    def _come_too_late(self, duty: Assignment) -> Generator[Wait, None, bool]:
        """The lead works without it: it comes after all, or the street releases it. False once it was released."""
        assert duty.whistle is not None  # no_show is of whistles
        if duty.role == AssignmentRole.LEAD and duty.whistle.round < LAST_ROUND:
            yield self._next_look(duty.whistle)
            return True
        if duty.role == AssignmentRole.LEAD or self.plan.chance(0.6):
            yield self._soon(10, 60)
            yield from self.rested()
            if self._still(duty, AssignmentStatus.NO_SHOW):
                yield from self._stand_there(duty.pk)
            return True
        yield self.after(20, 90)
        yield from self.rested()
        if not self._still(duty, AssignmentStatus.NO_SHOW):
            return True
        waive(self.desk(), duty.pk, self.dice.choice(words.WAIVE_REASONS))
        self.world.stage.wake(self.id, self.after(5, 40))
        return False

    def _answer(self, duty: Assignment, whistle: Whistle) -> Generator[Wait, None, bool]:
        """Sign for it and come in time. False where it is left there, or given back and gone."""
        due = whistle.report_in_due
        assert due is not None  # it was blown
        left = (due - now()).total_seconds()
        if duty.status == AssignmentStatus.ISSUED and self.plan.chance(0.8) and left > 300:
            receive(self.hand_of(duty), duty.pk)
            if self.stops("receive"):
                return False
            if self.happens(odds.HANDED_ON):
                yield from asking.hand_on(self, duty.pk)
            if self.happens(odds.RETURNED):
                return (yield from self._give_back(duty))
        # Mostly within the first two thirds of the time; to a meeting one comes when it is held.
        share = self.dice.uniform(0.85, 1.0) if whistle.kind == WhistleKind.JOINT else self.dice.uniform(0.2, 0.75)
        arrival = now() + timedelta(seconds=max(left * share, 60))
        if self.plan.brisk:
            arrival = now() + timedelta(minutes=6)
        elif whistle.kind in (WhistleKind.ROUTINE, WhistleKind.TOUGH):
            arrival = max(min(self.in_office(arrival), due - timedelta(minutes=2)), now())
        yield arrival
        yield from self.rested()
        duty = self.duty(duty.pk)
        if duty.active and duty.status in (AssignmentStatus.ISSUED, AssignmentStatus.RECEIVED):
            yield from self._stand_there(duty.pk)
            return not self.stops("report_in")
        return True

    def _give_back(self, duty: Assignment) -> Generator[Wait, None, bool]:
        """退单 of a called department: another may be called in its place, or nobody any more."""
        if not self.is_in(ReportStatus.IN_PROGRESS) or not self._still(duty, AssignmentStatus.RECEIVED):
            return True
        kept = yield from asking.give_back(self, self.duty(duty.pk), self._another)
        if kept is not None and kept.pk != duty.pk:
            assert kept.department is not None  # whistles call departments
            self._expect(kept.department)
        elif kept is None and self.is_in(ReportStatus.ACCEPTED):
            yield from self._dispatched_again()
            return False
        return True

    def _another(self) -> Target | None:
        able = self.world.company.callable_authorities()
        return Target(AssignmentRole.LEAD, department=self.dice.choice(able).code) if able else None

    def _stand_there(self, duty_id: int) -> Life:
        """报到, with a photo where one has to show that one is there."""
        duty = self.duty(duty_id)
        person = self.hand_of(duty)
        needed = duty.whistle is not None and duty.whistle.kind in ON_SITE
        pictures = [self.picture(PhotoKind.REFERENCE)] if needed else []
        photos = [picture.announced for picture in pictures]
        report_in(person, duty_id, self.place_nearby(), photos, self.dice.choice(words.ON_SITE))
        if duty.role != AssignmentRole.LEAD and self.happens(odds.LEAVES):
            self.world.stage.begin(meetings.leave_early(self, duty_id), self._soon(5, 60))
        yield from self.upload(person, pictures)

    def _be_at_it(self, duty_id: int) -> Generator[Wait, None, bool]:
        """Do it and say so; the desk looks when the lead has, and again when a straggler has. False once said."""
        duty = self.duty(duty_id)
        if duty.role == AssignmentRole.LEAD:
            done = self.when_done(self.limit(), now())
            if self.happens(odds.MORE_TIME):
                done = yield from asking.ask_more_time(self, duty_id, done)
            yield done
        else:
            yield self._soon(25, 150)
        yield from self.rested()
        duty = self.duty(duty_id)
        at_it = (AssignmentStatus.REPORTED_IN, AssignmentStatus.REWORK)
        # A lead that a meeting made an assist meanwhile, or the other way round, is as good as its present role.
        if (
            not duty.active
            or duty.status not in at_it
            or not self.is_in(ReportStatus.IN_PROGRESS, ReportStatus.IN_REVIEW)
        ):
            return duty.active
        yield from self.give_result(duty_id)
        self.world.stage.wake(self.id, self.after(8, 80))
        return False

    def _duty(self, department: Department) -> Assignment | None:
        """The department's part, also where a unit below has it in hand."""
        its = Q(department=department) | Q(handed_from=department)
        rows = Assignment.objects.filter(its, report_id=self.id, active=True, whistle__isnull=False)
        return rows.select_related("whistle", "department").order_by("-pk").first()

    def _still(self, duty: Assignment, status: str) -> bool:
        return Assignment.objects.filter(pk=duty.pk, active=True, status=status).exists()

    # -- the desk --------------------------------------------------------------------------------------------------

    def _wait_for_results(self) -> Life:
        """Woken by every result: once all are in, rate each, approve, close the whistle and the report; or have it
        done again, or call anew."""
        again, anew = self.plan.chance(odds.REWORK), self.happens(odds.FAILED)
        while True:
            while not self._all_in():
                if self._whistle().status == WhistleStatus.WITHDRAWN:
                    return
                yield Asleep(self.id)
            if self.stops("review"):
                return
            whistle = self._whistle()
            if anew and whistle.round < LAST_ROUND:
                anew = False
                self._call_anew(whistle)
                continue
            if not again:
                break
            again = False
            rework(self.desk(), self.id, self.dice.choice(words.REWORK_REASONS))
            yield from self.do_again()
            yield self.after(10, 90)
        rate_whistle(self.desk(), whistle.pk, self._ratings(whistle))
        yield self.after(2, 20)
        close_whistle(self.desk(), whistle.pk, self.dice.choice(("处置到位。", "各单位配合良好。", "")))
        meetings.say_goodbye(self, whistle)
        yield from self.close_for_good()

    def _call_anew(self, whistle: Whistle) -> None:
        """The result failed: the next round, in which all who are called again come."""
        escalate_whistle(self.desk(), whistle.pk, self.dice.choice(words.FAILED_REASONS))
        following = self._whistle()
        for one in following.called:
            self._expect(self.world.company.departments[one["department"]], following.round)

    def _all_in(self) -> bool:
        if not self.is_in(ReportStatus.IN_REVIEW):
            return False
        duties = Assignment.objects.filter(report_id=self.id, active=True).exclude(role=AssignmentRole.NOTIFY)
        return not duties.exclude(status__in=DUTY_ANSWERED).exists()

    def _ratings(self, whistle: Whistle) -> Sequence[Rating]:
        duties = Assignment.objects.filter(whistle=whistle, active=True).order_by("pk")
        return [self._rating(duty) for duty in duties]

    def _rating(self, duty: Assignment) -> Rating:
        if duty.status == AssignmentStatus.WAIVED:
            return Rating(duty.pk, 2, 1, 2, "未到场,已免除。")
        late = duty.reported_in_late or (duty.whistle is not None and duty.whistle.round > 1)
        attendance = self.dice.choice((2, 3)) if late else self.dice.choice((4, 5, 5))
        if duty.left_unreleased:
            attendance = 1
        response, result = self.dice.choice((3, 4, 5, 5)), self.dice.choice((3, 4, 4, 5, 5))
        return Rating(duty.pk, response, attendance, result, self.dice.choice(words.COMMENTS))
