"""The demonstration: what `load_demo` loads is what the rules would have made of it."""

import random
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F, Max, Q

from accounts.models import Department, DepartmentUserPermission, User
from accounts.roles import Role
from core.moment import moved_to, now
from grids import locating
from grids.actions.appointments import appoint
from grids.actions.staffing import Post, appoint_many
from grids.models import Appointment, Area, AreaUserPermission, DutyShift
from notifications.actions import notify
from notifications.actions.settling import settle_notices
from notifications.models import Notification, OutgoingMessage
from reports import calendar, rules
from reports.actions.submit import LOCAL
from reports.calendar import working_calendar
from reports.demo import odds, past
from reports.demo.company import Company
from reports.demo.plans import answers_for, draw_plans
from reports.demo.spots import draw_times, moved
from reports.demo.stage import Asleep, Life, Stage
from reports.limits import elapsed
from reports.models import (
    Announcement,
    Assignment,
    CallbackTry,
    ChangeRequest,
    Clock,
    Event,
    KnowledgeEntry,
    Photo,
    Report,
    Requester,
    RoutingRule,
    SupervisionOrder,
    Whistle,
)
from reports.models.vocabulary import (
    DUTY_DONE,
    OF_THE_MATTER,
    WHISTLE_OVER,
    AssignmentRole,
    CallbackOutcome,
    ClockKind,
    ClockOutcome,
    Light,
    ReportStatus,
    RequestKind,
    RequestStatus,
    Source,
    SupervisionKind,
)
from reports.month.reckoning import reckon
from reports.photos.storage import original_path, rendered_path
from reports.questions import wrong_answers
from tests.world import YATOU, World

# A Wednesday morning at work.
END = datetime(2026, 11, 18, 10, 30, tzinfo=LOCAL)
REPORTS = 60


def load(*arguments: str) -> str:
    told = StringIO()
    with moved_to(END):
        call_command("load_demo", "--areas", YATOU, "--days", "12", *arguments, stdout=told)
    return told.getvalue()


@pytest.fixture
def empty(transactional_db: None) -> None:
    """A database with nothing in it but what the migrations made."""
    call_command("flush", interactive=False, verbosity=0)
    for module in (locating, calendar, rules):
        module.reset()


def test_the_loaded_past_is_what_the_rules_make_of_it(empty: None, monkeypatch: pytest.MonkeyPatch) -> None:
    # Few with a picture of their own, so that drawings are shared in so small a past too.
    monkeypatch.setattr(past, "OWN_PHOTOS", 16)
    # So few are called that otherwise nobody might be missed.
    monkeypatch.setattr(odds, "NO_ANSWER", 0.35)
    told = load("--reports", str(REPORTS))
    assert "refused" not in told
    assert Report.objects.count() == REPORTS
    for check in (
        every_report_lies_in_the_grid_of_its_position,
        every_timeline_runs_forward,
        closed_reports_have_nothing_open,
        every_due_time_follows_from_its_segments,
        every_red_clock_and_no_other_has_a_supervision_order,
        no_deadline_before_the_end_was_left_out,
        whistles_came_about_with_their_duties,
        every_requester_of_a_closed_report_was_answered,
        photos_are_here_and_the_drawings_are_stored_once,
        nothing_old_will_be_rung,
        the_desk_has_live_work_of_every_light,
        staff_can_log_in_with_the_one_password,
        every_number_is_explained_by_events,
        the_desks_have_laid_down_what_a_newcomer_looks_for,
        who_works_in_a_grid_is_reached_by_a_phone_of_the_post,
    ):
        check()
    before = counts()
    assert "already loaded" in load("--reports", str(REPORTS))
    assert counts() == before


def counts() -> list[object]:
    models = (User, Department, Area, Appointment, Report, Event, Clock, Notification, Photo)
    return [model._default_manager.count() for model in models] + [Report.objects.aggregate(last=Max("version"))]


def the_desks_have_laid_down_what_a_newcomer_looks_for() -> None:
    street = Area.objects.get(name="崖头街道")
    rules = RoutingRule.objects.filter(area=street)
    assert rules.exists()
    assert not rules.filter(is_active=False).exists()
    assert set(rules.values_list("mode", flat=True)) == {"suggest"}
    assert KnowledgeEntry.objects.filter(items__isnull=False).exists()
    assert {bool(one.published_at) for one in Announcement.objects.filter(area=street)} == {True, False}
    tonight = DutyShift.objects.filter(area=street).earliest("starts_at")
    assert tonight.starts_at - END == timedelta(hours=7)
    assert DutyShift.objects.filter(area=street).count() == 7


def who_works_in_a_grid_is_reached_by_a_phone_of_the_post() -> None:
    workers = User.objects.filter(appointments__role=Role.GRID_WORKER).distinct()
    assert workers.exists()
    assert not workers.filter(Q(duty_phone="") | Q(duty_phone=F("phone"))).exists()


def every_report_lies_in_the_grid_of_its_position() -> None:
    for report in Report.objects.select_related("grid"):
        found = locating.locate(report.lng, report.lat)
        assert found is not None
        assert report.grid is not None
        assert found.code == report.grid.code


def every_timeline_runs_forward() -> None:
    for report in Report.objects.all():
        times = list(Event.objects.filter(report=report).order_by("id").values_list("at", flat=True))
        assert times == sorted(times)
        assert times[0] == report.received_at
        assert times[-1] <= END
        steps = [report.received_at, report.accepted_at, report.dispatched_at, report.closed_at]
        known = [step for step in steps if step is not None]
        assert known == sorted(known)


def closed_reports_have_nothing_open() -> None:
    closed = Report.objects.filter(status=ReportStatus.CLOSED)
    assert closed.count() > REPORTS / 3
    duties = Assignment.objects.filter(report__in=closed, active=True).exclude(role=AssignmentRole.NOTIFY)
    assert not duties.exclude(status__in=DUTY_DONE).exists()
    assert not Clock.objects.filter(report__in=closed, kind__in=OF_THE_MATTER, stopped_at__isnull=True).exists()
    assert not Whistle.objects.filter(report__in=closed).exclude(status__in=WHISTLE_OVER).exists()
    assert not closed.filter(due_at__isnull=False).exists()


def every_due_time_follows_from_its_segments() -> None:
    """Reckoned the other way round than the product does: the working time up to the due moment is the limit."""
    days = working_calendar()
    for clock in Clock.objects.all():
        used = 0.0
        for start, end in clock.segments[:-1]:
            used += elapsed(days, *(datetime.fromisoformat(at) for at in (start, end)), always=clock.always)
        last = datetime.fromisoformat(clock.segments[-1][0])
        assert clock.due_at is not None
        if clock.due_at > last:
            used += elapsed(days, last, clock.due_at, always=clock.always)
            assert abs(used - clock.limit_seconds) < 1
        if clock.outcome in (ClockOutcome.MET, ClockOutcome.OVERDUE) and len(clock.segments) == 1:
            assert clock.stopped_at is not None
            assert (clock.outcome == ClockOutcome.OVERDUE) == (clock.stopped_at > clock.due_at)


def every_red_clock_and_no_other_has_a_supervision_order() -> None:
    # A late reply raises the order it belongs to; an extension granted late makes a red clock green again.
    red = set(Clock.objects.filter(light=Light.RED).exclude(kind=ClockKind.REPLY).values_list("pk", flat=True))
    assert red
    orders = SupervisionOrder.objects.filter(kind=SupervisionKind.TIMEOUT)
    granted = ChangeRequest.objects.filter(kind=RequestKind.EXTENSION, status=RequestStatus.GRANTED)
    extended = {data["clock"] for data in granted.values_list("data", flat=True)}
    assert set(orders.values_list("clock_id", flat=True)) - extended == red - extended
    assert not SupervisionOrder.objects.exclude(kind=SupervisionKind.TIMEOUT).filter(clock__isnull=False).exists()


def no_deadline_before_the_end_was_left_out() -> None:
    assert not Clock.objects.filter(next_at__lte=END).exists()
    assert not Clock.objects.filter(running=True, due_at__lte=END).exclude(light=Light.RED).exists()


def whistles_came_about_with_their_duties() -> None:
    blown = Whistle.objects.filter(blown_at__isnull=False)
    assert blown.exists()
    for whistle in blown:
        for called in whistle.called:
            # A duty moves on with the next round, so it is asked for on the report.
            assert Assignment.objects.filter(report=whistle.report, department=called["department"]).exists()


def every_requester_of_a_closed_report_was_answered() -> None:
    asked = Requester.objects.filter(report__status=ReportStatus.CLOSED)
    assert asked.exists()
    assert not asked.filter(answer="").exists()
    unanswered = asked.filter(answered_at__isnull=True)
    assert not unanswered.exclude(report__callback_outcome=CallbackOutcome.UNREACHED).exists()
    assert not unanswered.exclude(report__callback_tries__gte=3).exists()
    called = asked.exclude(phone="").filter(anonymous=False)
    assert called.exists()
    assert not called.filter(report__callback_outcome="").exists()
    assert set(CallbackTry.objects.values_list("reached", flat=True)) == {True, False}
    # Messages of the past were sent then.
    assert OutgoingMessage.objects.filter(state="sent").exists()
    assert not OutgoingMessage.objects.filter(state="queued", created_at__lt=END - timedelta(hours=1)).exists()
    assert not Report.objects.filter(source=Source.HOTLINE, external_no="").exists()


def photos_are_here_and_the_drawings_are_stored_once() -> None:
    here = Photo.objects.filter(received_at__isnull=False)
    assert here.exists()
    for photo in here:
        assert original_path(photo.sha256).exists()
        assert rendered_path(photo.pk, "display").exists()
        assert rendered_path(photo.pk, "thumbnail").exists()
    shared = here.filter(taken_at__isnull=True).order_by("sha256", "pk")
    assert shared.values("sha256").distinct().count() < shared.count()
    assert here.filter(taken_at__isnull=False, distance_m__lt=100).exists()
    files: dict[str, set[int]] = {}
    for photo in shared:
        files.setdefault(photo.sha256, set()).add(rendered_path(photo.pk, "display").stat().st_ino)
    assert all(len(inodes) == 1 for inodes in files.values())
    closed = Photo.objects.filter(report__status=ReportStatus.CLOSED)
    assert not closed.filter(received_at__isnull=True).exists()


def nothing_old_will_be_rung() -> None:
    old = Notification.objects.filter(created_at__lt=END - timedelta(hours=1))
    assert old.exists()
    assert not old.filter(delivered_at__isnull=True).exists()
    assert not old.filter(next_at__isnull=False).exists()
    assert not old.filter(needs_receipt=True, receipted_at__isnull=True).exists()
    assert not old.filter(delivered_at__lt=F("created_at")).exists()
    # What came in the last hour waits for the people to log in.
    assert Notification.objects.filter(delivered_at__isnull=True).exists()


def the_desk_has_live_work_of_every_light() -> None:
    due = Report.objects.filter(due_at__isnull=False)
    assert due.filter(due_at__lte=END).exists()
    assert due.filter(due_at__gt=END, yellow_at__lte=END).exists()
    assert due.filter(yellow_at__gt=END).exists()
    for status in (ReportStatus.SUBMITTED, ReportStatus.ACCEPTED, ReportStatus.IN_PROGRESS, ReportStatus.IN_REVIEW):
        assert Report.objects.filter(status=status).exists(), status


def staff_can_log_in_with_the_one_password() -> None:
    dispatcher = User.objects.get(username="yatou-dispatcher")
    assert dispatcher.check_password("gridwhistle-demo")
    assert User.objects.values("password").distinct().count() == 1
    assert User.objects.get(username="admin").is_superuser
    held = Appointment.objects.filter(ended_at__isnull=True)
    assert held.get(user__username="yatou-duty").on_duty
    grids = Area.objects.filter(level=Area.Level.GRID)
    assert held.filter(role=Role.GRID_WORKER, in_charge=True).count() == grids.count()


def every_number_is_explained_by_events() -> None:
    assert reckon(END).faults == []


def test_a_load_without_reports_can_be_followed_by_one_with(empty: None) -> None:
    load("--no-reports")
    assert not Report.objects.exists()
    assert "already loaded" in load("--no-reports")
    load("--reports", "3")
    assert Report.objects.count() == 3


def test_a_database_that_is_in_use_is_left_alone(empty: None) -> None:
    User.objects.create_superuser("admin", password="somebody's own", full_name="某人")
    with pytest.raises(CommandError):
        load("--no-reports")
    assert User.objects.count() == 1
    assert not Area.objects.exists()


def test_production_is_not_filled_with_people_of_a_known_password(world: World, settings: object) -> None:
    settings.PRODUCTION = True  # type: ignore[attr-defined]
    with pytest.raises(CommandError, match="production"):
        load("--no-reports")
    assert not User.objects.filter(username="weihai-command").exists()


def test_a_staff_appointed_at_once_holds_what_one_by_one_would_hold(world: World) -> None:
    one, other = (User.objects.create(username=name, full_name=name) for name in ("one", "other"))
    water = world.departments["water"]
    held: list[tuple[str, Area | Department, bool, bool]] = [
        (Role.STREET_DISPATCHER, world.street, False, True),
        (Role.STREET_LEADER, world.street, False, False),
        (Role.GRID_LEADER, world.grid, False, False),
        (Role.DEPARTMENT_LEADER, water, False, False),
        (Role.DEPARTMENT_STAFF, water, False, False),
    ]
    for role, node, in_charge, on_duty in held:
        appoint(one, role, node, in_charge=in_charge, on_duty=on_duty)
    appoint_many(Post(other, role, node, in_charge, on_duty) for role, node, in_charge, on_duty in held)
    assert holdings(one) == holdings(other)
    assert len(holdings(one)) > len(held)


def holdings(user: User) -> list[tuple[object, ...]]:
    fields = ("role", "area", "department", "in_charge", "on_duty", "ended_at")
    rows: list[tuple[object, ...]] = list(user.appointments.values_list(*fields))
    for model in (AreaUserPermission, DepartmentUserPermission):
        granted = model._default_manager.filter(user=user)
        rows += granted.values_list("permission__codename", "content_object_id")
    return sorted(rows, key=str)


def test_the_same_seed_tells_the_same_story(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    company = Company()
    drawn = [
        [(plan.id, plan.at, plan.spot.lng, plan.version.pk, plan.source, plan.whistle, plan.stop) for plan in plans]
        for plans in (draw_plans(company, 50, 10, END, seed) for seed in (7, 7, 8))
    ]
    assert drawn[0] == drawn[1]
    assert drawn[0] != drawn[2]
    assert len({plan[0] for plan in drawn[0]}) == 50


def test_most_things_happen_in_the_hours_of_work_and_few_on_days_off(world: World) -> None:
    start = END - timedelta(days=14)
    times = draw_times(random.Random(1), 2000, start, END)
    assert all(start <= at < END for at in times)
    days = working_calendar()
    at_work = sum(days.is_open(at) for at in times)
    off = sum(not days.is_working_day(at.astimezone(LOCAL).date()) for at in times)
    assert at_work > 1000
    assert 0 < off < 500


def test_answers_fit_the_questions_they_answer() -> None:
    questions = [
        {"key": "q1", "text": "a", "kind": "yes_no", "choices": [], "required": True},
        {"key": "q2", "text": "b", "kind": "number", "choices": [], "required": True},
        {"key": "q3", "text": "c", "kind": "choice", "choices": ["红", "黄"], "required": True},
        {"key": "q4", "text": "d", "kind": "text", "choices": [], "required": False},
    ]
    for seed in range(20):
        assert wrong_answers(questions, answers_for(random.Random(seed), questions)) == []


def test_a_point_moved_by_metres_lies_that_far_away() -> None:
    from_here = (122.43, 37.15)
    lng, lat = moved(*from_here, 300, 0.7)
    metres = ((lng - from_here[0]) * 88_700, (lat - from_here[1]) * 111_320)
    assert abs((metres[0] ** 2 + metres[1] ** 2) ** 0.5 - 300) < 2


def test_lives_act_in_the_order_of_time_and_sleep_until_they_are_woken(world: World) -> None:
    acts = []
    stage = Stage(END)

    def sleeper() -> Life:
        acts.append(("sleeps", now()))
        yield Asleep("key")
        acts.append(("wakes", now()))

    def waker() -> Life:
        acts.append(("waits", now()))
        yield now() + timedelta(minutes=20)
        stage.wake("key", now() + timedelta(minutes=1))
        yield END + timedelta(minutes=1)
        acts.append(("too late", now()))

    begin = END - timedelta(hours=3)
    stage.begin(waker(), begin + timedelta(minutes=1))
    stage.begin(sleeper(), begin)
    stage.run(lambda until: None)
    assert acts == [
        ("sleeps", begin),
        ("waits", begin + timedelta(minutes=1)),
        ("wakes", begin + timedelta(minutes=22)),
    ]


def test_settled_notices_keep_what_was_known_of_them(world: World) -> None:
    long_ago = END - timedelta(hours=5)
    with moved_to(long_ago):
        told = {"number": "1", "item": "x", "address": "y", "report": "z"}
        (old,) = notify([world["water"]], "assignment_issued", told, subject="assignment", subject_id=1)
    with moved_to(END):
        (young,) = notify([world["water"]], "assignment_issued", told, subject="assignment", subject_id=2)
    signed = long_ago + timedelta(minutes=2)
    Notification.objects.filter(pk=old.pk).update(receipted_at=signed)
    assert settle_notices(long_ago, "demo") == 1
    old.refresh_from_db()
    young.refresh_from_db()
    assert old.receipted_at == signed
    assert old.next_at is None
    assert old.delivered_at is not None
    assert long_ago < old.delivered_at < END
    assert young.delivered_at is None
    assert young.next_at is not None
