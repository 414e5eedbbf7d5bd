"""What every story of the demonstration is made of: a matter, its people and their time, and single acts."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from accounts.models import User
from core.moment import now
from grids.locating import full_name
from reports.actions.dispatch import Target
from reports.actions.handling import Result, submit_result
from reports.actions.submit import Position, Submission, submit_report
from reports.calendar import working_calendar
from reports.demo import odds, words
from reports.demo.company import Company
from reports.demo.pictures import Picture, Pictures
from reports.demo.plans import Plan
from reports.demo.spots import moved
from reports.demo.stage import Life, Stage
from reports.limits import Limit, Unit, advance
from reports.models import Assignment, Photo, Report
from reports.models.vocabulary import DUTY_ANSWERED, AssignmentRole, PhotoKind, Source, Urgency, WhistleKind

# Which of the street's units a class of matters goes to; the rest goes to the first, 城管办.
UNIT_OF_CLASS = {"安全与突发": "YJ", "邻里环境与农村": "ZZ", "民生保障": "ZZ", "住房与物业": "ZZ"}


@dataclass
class World:
    """What every story needs; `mains` are the reports that others were merged into."""

    stage: Stage
    company: Company
    pictures: Pictures
    mains: set[UUID] = field(default_factory=set)


class Matter:
    """One plan and those who carry it out."""

    def __init__(self, world: World, plan: Plan) -> None:
        self.world, self.plan, self.dice = world, plan, plan.dice
        self.id: UUID = plan.id
        self.worker = world.company.worker(plan.spot.grid)
        self.sender = self.worker
        # Somebody asked that it rest: from then on it may lie still at any moment.
        self.may_rest = False
        self.watched = False

    # -- time ------------------------------------------------------------------------------------------------------

    def after(self, low: float, high: float, *, by_the_clock: bool = False) -> datetime:
        """Some minutes from now: of work, or by the clock where it presses."""
        if self.plan.brisk:
            return now() + timedelta(minutes=1)
        minutes = self.dice.triangular(low, high, low + (high - low) / 3)
        if by_the_clock or self.plan.urgency != Urgency.NORMAL:
            return now() + timedelta(minutes=minutes)
        return working_calendar().add(now(), minutes * 60)

    def in_office(self, moment: datetime) -> datetime:
        """The moment itself, or some time after work begins again."""
        calendar = working_calendar()
        return moment if calendar.is_open(moment) else calendar.add(moment, self.dice.uniform(300, 5400))

    def when_done(self, limit: Limit, start: datetime) -> datetime:
        """When the result comes: mostly well within the limit, some only after it; ordinary work in hours of work."""
        share = self.dice.uniform(1.05, 1.7) if self.plan.chance(odds.LATE) else self.dice.betavariate(1.6, 3.2)
        calendar = working_calendar()
        done = advance(calendar, start, limit.seconds * max(share, 0.02), always=limit.runs_always)
        done = max(done, self.after(3, 12))
        if self.plan.urgency == Urgency.NORMAL and not calendar.is_open(done):
            done = calendar.add(done, self.dice.uniform(60, 1800))
        return done

    def rested(self) -> Life:
        """Wait while the matter is suspended 挂账."""
        while self.may_rest and self.is_in("suspended"):
            yield self.in_office(now() + timedelta(hours=self.dice.uniform(3, 6)))

    # -- who and what ----------------------------------------------------------------------------------------------

    def desk(self) -> User:
        return self.world.company.dispatcher(self.plan.street, now())

    def leader(self) -> User:
        return self.world.company.leader(self.plan.street)

    def decider(self, duty: Assignment | None) -> User:
        """Who decides on what a unit asks: the desk, on a tough whistle the command centre."""
        tough = duty is not None and duty.whistle is not None and duty.whistle.kind == WhistleKind.TOUGH
        return self.world.company.command(self.plan.street) if tough else self.desk()

    def hand_of(self, duty: Assignment) -> User:
        """Who has the duty in hand: the person it was given or handed on to, else one of the unit's."""
        if duty.assignee_id is not None:
            return self.world.company.person(duty.assignee_id)
        assert duty.department_id is not None  # the table's constraint
        return self.dice.choice(self.world.company.staff(duty.department_id))

    def is_in(self, *statuses: str) -> bool:
        return Report.objects.filter(pk=self.id, status__in=statuses).exists()

    def duty(self, duty_id: int) -> Assignment:
        return Assignment.objects.select_related("whistle", "department").get(pk=duty_id)

    def lead(self) -> Assignment:
        """The lead in whose hands the matter is."""
        leads = Assignment.objects.filter(report_id=self.id, active=True, role=AssignmentRole.LEAD)
        return leads.select_related("whistle", "department").latest("pk")

    def limit(self) -> Limit:
        """The limit frozen on the report."""
        amount, unit = Report.objects.values_list("limit_amount", "limit_unit").get(pk=self.id)
        assert amount is not None  # it was accepted
        return Limit(amount, Unit(unit))

    def stops(self, stage: str) -> bool:
        return self.plan.stop == stage

    def happens(self, share: float) -> bool:
        """Whether something out of the ordinary does; to a matter that is to be left where it stands nothing does."""
        return self.plan.chance(share) and not self.plan.stop

    # -- single acts -----------------------------------------------------------------------------------------------

    def give_result(self, duty_id: int) -> Life:
        """反馈, with the four elements and the after photo of a lead; the photo follows a moment later."""
        duty = self.duty(duty_id)
        handler, lead = self.hand_of(duty), duty.role == AssignmentRole.LEAD
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
        yield from self.upload(handler, pictures)

    def do_again(self) -> Life:
        """The lead once more after rework, redo or reopening."""
        yield self.after(30, 220)
        yield from self.rested()
        lead = self.lead()
        # A meeting may have had it done already.
        if lead.status not in DUTY_ANSWERED:
            yield from self.give_result(lead.pk)

    def place_nearby(self) -> Position:
        """Where somebody stands who came to look: on the spot or, a few times, far away."""
        metres = self.dice.uniform(700, 2500) if self.plan.chance(0.05) else abs(self.dice.gauss(20, 40))
        lng, lat = moved(self.plan.spot.lng, self.plan.spot.lat, metres, self.dice.uniform(0, 6.28))
        return Position(lng, lat, "wgs84", round(self.dice.uniform(4, 25), 1), "gps")

    def picture(self, kind: str) -> Picture:
        return self.world.pictures.take(kind, self.plan.spot.lng, self.plan.spot.lat)

    def fresh_picture(self, kind: str) -> Picture:
        """One that the report does not have yet, as no phone takes the same picture twice."""
        known = set(Photo.objects.filter(report_id=self.id).values_list("sha256", flat=True))
        while (picture := self.picture(kind)).announced.sha256 in known:
            pass
        return picture

    def upload(self, user: User, pictures: list[Picture]) -> Life:
        for picture in pictures:
            yield now() + timedelta(seconds=self.dice.uniform(2, 25))
            self.world.pictures.deliver(user, self.id, picture)

    def send(self) -> list[Picture]:
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
            address=full_name(spot.grid.name, [plan.street.area.name, community.name]) + dice.choice(words.SPOTS),
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

    def whom(self) -> Target:
        """To whom the street gives it."""
        company, street, grid = self.world.company, self.plan.street, self.plan.spot.grid
        lot = self.dice.random()
        if lot < 0.2:
            return Target(AssignmentRole.LEAD, assignee=self.worker.username)
        community = next(one for one in street.communities if grid.path.startswith(one.path))
        if lot < 0.5 and community.office_id is not None and company.staff(community.office_id):
            return Target(AssignmentRole.LEAD, department=company.departments[community.office_id].code)
        wanted = UNIT_OF_CLASS.get(self.plan.version.item.class_name, "CG")
        unit = next(one for one in street.units if one.code.endswith(f"-{wanted}"))
        return Target(AssignmentRole.LEAD, department=unit.code)
