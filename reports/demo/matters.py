"""The life of one matter, from the worker who finds it to its closing: who acts, when, and what goes wrong."""

from abc import ABC, abstractmethod
from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from accounts.models import User
from core.moment import now
from reports.actions.callback import call_back
from reports.actions.dispatch import Target, assign
from reports.actions.handling import Result, receive, submit_result
from reports.actions.pool import accept, add_note, reject, void
from reports.actions.review import approve, close, reopen, rework
from reports.actions.submit import Position, Submission, submit_report
from reports.actions.supervision import reply_to_order
from reports.calendar import working_calendar
from reports.demo import plans, words
from reports.demo.company import Company
from reports.demo.pictures import Picture, Pictures
from reports.demo.plans import Plan
from reports.demo.stage import Life, Stage, Wait
from reports.limits import Limit, Unit, advance
from reports.models import Assignment, Report, SupervisionOrder
from reports.models.vocabulary import AssignmentRole, PhotoKind, ReportStatus, Satisfaction, Source, Urgency

# Which of the street's units a class of matters goes to; the rest goes to the first, 城管办.
UNIT_OF_CLASS = {"安全与突发": "YJ", "邻里环境与农村": "ZZ", "民生保障": "ZZ", "住房与物业": "ZZ"}


@dataclass
class World:
    """What every story needs."""

    stage: Stage
    company: Company
    pictures: Pictures


class Matter(ABC):
    """One plan being carried out; `carry_out` is its life."""

    def __init__(self, world: World, plan: Plan) -> None:
        self.world, self.plan, self.dice = world, plan, plan.dice
        self.id: UUID = plan.id
        self.worker = world.company.worker(plan.spot.grid)
        self.sender = self.worker

    # -- time ------------------------------------------------------------------------------------------------------

    def after(self, low: float, high: float, *, by_the_clock: bool = False) -> datetime:
        """Some minutes from now: of work, or by the clock where it presses."""
        if self.plan.brisk:
            return now() + timedelta(minutes=1)
        minutes = self.dice.triangular(low, high, low + (high - low) / 3)
        if by_the_clock or self.plan.urgency != Urgency.NORMAL:
            return now() + timedelta(minutes=minutes)
        return working_calendar().add(now(), minutes * 60)

    def desk(self) -> User:
        return self.world.company.dispatcher(self.plan.street, now())

    def stops(self, stage: str) -> bool:
        return self.plan.stop == stage

    # -- the life --------------------------------------------------------------------------------------------------

    def carry_out(self) -> Life:
        pictures = self._send()
        yield from self._upload(self.sender, pictures)
        if self.stops("submit"):
            return
        if self.plan.self_handled:
            yield from self.review_and_close(self.worker)
            return
        yield self.after(1.5, 9)
        if self.plan.chance(plans.REJECTED):
            reject(self.desk(), self.id, self.dice.choice(words.REJECT_REASONS))
            return
        if self.plan.chance(plans.VOID):
            void(self.desk(), self.id, self.dice.choice(words.VOID_REASONS))
            return
        accept(self.desk(), self.id)
        if self.plan.chance(0.04):
            add_note(self.desk(), self.id, self.dice.choice(words.INTERNAL))
        if self.stops("accept"):
            return
        yield self.after(1.5, 10)
        if self.plan.whistle:
            blown = yield from self.whistled()
            if blown:
                return
            yield self.after(2, 10)
        yield from self.assigned()

    @abstractmethod
    def whistled(self) -> Generator[Wait, None, bool]:
        """Call departments, which then live on their own; False if the leader would not have it."""

    def assigned(self) -> Life:
        """派单 to a unit of the street, a community or a worker, who does it."""
        target, people = self._whom()
        assign(self.desk(), self.id, [target], self.dice.choice(("", "", "请尽快处置并反馈。", "请先联系反映人。")))
        lead = Assignment.objects.get(report_id=self.id, active=True, role=AssignmentRole.LEAD)
        if self.stops("assign"):
            return
        handler = self.dice.choice(people)
        yield self.after(4, 70) if not self.plan.chance(0.02) else self.after(125, 200)
        receive(handler, lead.pk)
        if self.stops("receive"):
            return
        yield self.when_done(self.limit(), lead.issued_at)
        yield from self.give_result(handler, lead.pk)
        yield from self.review_and_close(handler)

    def review_and_close(self, handler: User) -> Life:
        """核验 until it is good, then 结案; now and then it is opened again days later."""
        if self.stops("review"):
            return
        rounds = 0
        while True:
            yield self.after(10, 170)
            if rounds < 2 and self.plan.chance(plans.REWORK):
                rounds += 1
                rework(self.desk(), self.id, self.dice.choice(words.REWORK_REASONS))
                yield from self._do_again(handler)
                continue
            closed = yield from self.close_for_good(handler)
            if closed and rounds == 0 and self.plan.chance(plans.REOPEN):
                rounds = 2
                yield working_calendar().add(now(), self.dice.uniform(1, 4) * 8 * 3600)
                reopen(self.world.company.leader(self.plan.street), self.id, self.dice.choice(words.REOPEN_REASONS))
                yield from self._do_again(handler)
                continue
            return

    def close_for_good(self, handler: User) -> Generator[Wait, None, bool]:
        """结案: where whoever asked is not content, the lead does it again. False where it is left in callback."""
        while True:
            yield from self.close_now()
            if not self._in(ReportStatus.CALLBACK):
                return True
            if self.stops("callback"):
                return False
            yield from self._call_back()
            if not self._in(ReportStatus.IN_PROGRESS):
                return True
            yield from self._do_again(handler)
            yield self.after(10, 170)

    def close_now(self) -> Life:
        """Approve, answer the orders that came of lateness, close with the answer to whoever asked."""
        approve(self.desk(), self.id)
        yield self.after(1, 12)
        for order in SupervisionOrder.objects.filter(report_id=self.id, replied_at__isnull=True).order_by("pk"):
            if self.plan.chance(0.8):
                reply_to_order(self.desk(), order.pk, self.dice.choice(words.ORDER_REPLIES))
        answer = "" if self.plan.grid_worker_sends else self.dice.choice(words.ANSWERS)
        close(self.desk(), self.id, answer=answer)

    def _call_back(self) -> Life:
        """回访: as often as it takes, or as the rules allow."""
        clerk = self.world.company.callback_clerk()
        while self._in(ReportStatus.CALLBACK):
            # Nobody is called at night, however pressing the matter was.
            yield working_calendar().add(now(), self.dice.uniform(10, 150) * 60)
            if self.plan.chance(plans.NO_ANSWER):
                call_back(clerk, self.id, False, note=self.dice.choice(words.NO_ANSWER))
            elif self.plan.chance(plans.UNSOLVED):
                call_back(clerk, self.id, True, False, Satisfaction.NOT, self.dice.choice(words.COMPLAINTS))
            else:
                content = Satisfaction.BASICALLY if self.plan.chance(plans.BASICALLY) else Satisfaction.SATISFIED
                call_back(clerk, self.id, True, True, content, self.dice.choice(words.CALLED))

    def _in(self, status: str) -> bool:
        return Report.objects.filter(pk=self.id, status=status).exists()

    # -- single acts -----------------------------------------------------------------------------------------------

    def limit(self) -> Limit:
        """The limit frozen on the report."""
        amount, unit = Report.objects.values_list("limit_amount", "limit_unit").get(pk=self.id)
        assert amount is not None  # it was accepted
        return Limit(amount, Unit(unit))

    def when_done(self, limit: Limit, start: datetime) -> datetime:
        """When the result comes: mostly well within the limit, some only after it; ordinary work in hours of work."""
        share = self.dice.uniform(1.05, 1.7) if self.plan.chance(plans.LATE) else self.dice.betavariate(1.6, 3.2)
        calendar = working_calendar()
        done = advance(calendar, start, limit.seconds * max(share, 0.02), always=limit.runs_always)
        done = max(done, self.after(3, 12))
        if self.plan.urgency == Urgency.NORMAL and not calendar.is_open(done):
            done = calendar.add(done, self.dice.uniform(60, 1800))
        return done

    def give_result(self, handler: User, duty_id: int, *, lead: bool = True) -> Life:
        """反馈, with the four elements and the after photo of a lead; the photo follows a moment later."""
        pictures = [self.picture(PhotoKind.AFTER)] if lead or self.plan.chance(0.3) else []
        moment = now()
        result = Result(
            measures=self.dice.choice(words.MEASURES),
            taken_up_at=moment - timedelta(minutes=self.dice.uniform(5, 50)) if lead else None,
            discussed_with=self.dice.choice(words.DISCUSSED) if lead else "",
            solved_by=moment if lead else None,
            photos=[picture.announced for picture in pictures],
        )
        submit_result(handler, duty_id, result)
        yield from self._upload(handler, pictures)

    def picture(self, kind: str) -> Picture:
        return self.world.pictures.take(kind, self.plan.spot.lng, self.plan.spot.lat)

    def _upload(self, user: User, pictures: list[Picture]) -> Life:
        for picture in pictures:
            yield now() + timedelta(seconds=self.dice.uniform(2, 25))
            self.world.pictures.deliver(user, self.id, picture)

    def _do_again(self, handler: User) -> Life:
        """The lead once more after rework or reopening."""
        yield self.after(30, 220)
        lead = Assignment.objects.filter(report_id=self.id, active=True, role=AssignmentRole.LEAD).latest("pk")
        yield from self.give_result(handler, lead.pk)

    def _send(self) -> list[Picture]:
        plan, spot, dice = self.plan, self.plan.spot, self.dice
        self.sender = self.worker if plan.grid_worker_sends else self.desk()
        pictures = self._pictures_taken()
        community = next(one for one in plan.street.communities if spot.grid.path.startswith(one.path))
        moment = now()
        said = Submission(
            item=plan.version.item.code,
            description=words.description(dice, plan.version.name, community.name, plan.source),
            position=Position(spot.lng, spot.lat, "wgs84", round(dice.uniform(3, 18), 1), "gps"),
            body_hash=f"{plan.id.int:064x}",
            address=f"{plan.street.area.name}{community.name}{spot.grid.name}{dice.choice(words.SPOTS)}",
            occurred_at=moment - timedelta(minutes=dice.uniform(4, 60)),
            captured_at=moment - timedelta(seconds=dice.uniform(5, 150)),
            source=plan.source,
            external_no=self._external_no(moment),
            requester=self._requester(),
            answers=plan.answers,
            photos=[picture.announced for picture in pictures],
            self_handled=plan.self_handled,
            measures=dice.choice(words.SELF_MEASURES) if plan.self_handled else "",
        )
        submit_report(self.sender, self.id, said)
        return pictures

    def _pictures_taken(self) -> list[Picture]:
        if self.plan.self_handled:
            return [self.picture(PhotoKind.BEFORE), self.picture(PhotoKind.AFTER)]
        if not self.plan.grid_worker_sends or not self.plan.chance(0.45):
            return []
        wanted = [PhotoKind.NEAR, PhotoKind.REFERENCE] if self.plan.chance(0.3) else [PhotoKind.NEAR]
        return [self.picture(kind) for kind in wanted]

    def _external_no(self, moment: datetime) -> str:
        prefix = {Source.HOTLINE: "RX", Source.DIGITAL_CITY: "SC", Source.PETITION: "XF"}.get(Source(self.plan.source))
        return f"{prefix}{moment:%Y%m%d}{self.id.int % 10**8:08d}" if prefix else ""

    def _requester(self) -> dict[str, object] | None:
        if self.plan.source not in (Source.HOTLINE, Source.PETITION):
            return None
        if self.plan.chance(0.15):
            return {"name": "", "phone": "", "anonymous": True}
        phone = words.fictional_phone(self.dice.randrange(50_000_000, 99_999_999))
        return {"name": words.person_name(self.dice), "phone": phone, "anonymous": False}

    def _whom(self) -> tuple[Target, list[User]]:
        """To whom the street gives it, and who of them may act."""
        company, street, grid = self.world.company, self.plan.street, self.plan.spot.grid
        lot = self.dice.random()
        if lot < 0.2:
            return Target(AssignmentRole.LEAD, assignee=self.worker.username), [self.worker]
        community = next(one for one in street.communities if grid.path.startswith(one.path))
        if lot < 0.5 and community.office_id is not None and company.staff(community.office_id):
            committee = company.departments[community.office_id]
            return Target(AssignmentRole.LEAD, department=committee.code), company.staff(committee.pk)
        wanted = UNIT_OF_CLASS.get(self.plan.version.item.class_name, "CG")
        unit = next(one for one in street.units if one.code.endswith(f"-{wanted}"))
        return Target(AssignmentRole.LEAD, department=unit.code), company.staff(unit.pk)
