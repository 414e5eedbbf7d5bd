"""The duty roster: who may write it, what it refuses, whom it rings at night, and its spreadsheet."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from accounts.models import User
from accounts.roles import Role
from core.moment import moved_to
from core.problems import Problem
from core.workbooks import XLSX, write_rows
from grids.actions.appointments import appoint, withdraw
from grids.actions.duty import Turn, call_off, put_shift
from grids.duty import on_duty_for
from grids.duty_excel import COLUMNS
from grids.models import Appointment, DutyShift
from notifications.models import Notification
from notifications.sweeper import sweep_once
from tests import scenes
from tests.test_query_counts import CREATE, counted, reader
from tests.test_query_counts import warm as warm  # an autouse fixture
from tests.world import World, body, post, submit

pytestmark = pytest.mark.django_db

# A Monday; work ends at 18:00.
NOON = datetime.fromisoformat("2026-09-14T10:00:00+08:00")
NIGHT = datetime.fromisoformat("2026-09-14T22:00:00+08:00")
EVENING = datetime.fromisoformat("2026-09-14T18:00:00+08:00")
MORNING = datetime.fromisoformat("2026-09-15T08:00:00+08:00")


@pytest.fixture
def noon() -> Iterator[None]:
    with moved_to(NOON):
        yield


def turn(world: World, name: str = "li", node: Any = None, **changes: Any) -> Turn:
    said = {"starts_at": EVENING, "ends_at": MORNING, **changes}
    return Turn(node or world.street, world[name], **said)


def enter(world: World, name: str = "li", by: str = "wang", node: Any = None, **changes: Any) -> DutyShift:
    with moved_to(NOON):
        return put_shift(world[by], uuid4(), turn(world, name, node, **changes))[0]


def said(**changes: Any) -> dict[str, Any]:
    return {
        "area": "371082007",
        "person": "li",
        "starts_at": EVENING.isoformat(),
        "ends_at": MORNING.isoformat(),
        "phone": "0631-7560000",
        **changes,
    }


def put(world: World, name: str, pk: UUID, **changes: Any) -> Any:
    return world.api(name).put(reverse("duty-shift", args=[pk]), said(**changes), format="json")


def rung(kind: str) -> set[str]:
    return set(Notification.objects.filter(kind=kind).values_list("recipient__username", flat=True))


# -- writing it ----------------------------------------------------------------------------------------------------


def test_a_turn_is_entered_once_however_often_it_is_sent(world: World, noon: None) -> None:
    pk = uuid4()
    first, again = put(world, "wang", pk), put(world, "wang", pk)
    assert (first.status_code, again.status_code) == (201, 200), first.content
    assert first.json() == again.json()
    assert DutyShift.objects.get().person == world["li"]


def test_a_change_carries_the_version_it_saw(world: World, noon: None) -> None:
    pk = uuid4()
    put(world, "wang", pk)
    assert put(world, "wang", pk, role="deputy").json()["code"] == "shift_differs"
    assert put(world, "wang", pk, role="deputy", version=7).json()["code"] == "stale_version"
    changed = put(world, "wang", pk, role="deputy", version=1)
    assert (changed.status_code, changed.json()["role"], changed.json()["version"]) == (200, "deputy", 2)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ends_at": EVENING.isoformat()}, "shift_backwards"),
        ({"ends_at": (EVENING + timedelta(days=4)).isoformat()}, "shift_too_long"),
        ({"starts_at": "2026-09-13T18:00:00+08:00", "ends_at": "2026-09-14T08:00:00+08:00"}, "shift_over"),
        ({"person": "no_such"}, "unknown_person"),
        ({"person": "outsider"}, "duty_not_from_here"),
        ({"person": "water"}, "duty_not_from_here"),
        ({"person": "nobody"}, "duty_not_from_here"),
        ({"area": "999"}, "unknown_place"),
        ({"department": "SWJT"}, "duty_one_place"),
    ],
)
def test_a_turn_that_cannot_be_meant_is_refused(world: World, noon: None, changes: dict[str, Any], code: str) -> None:
    answer = put(world, "wang", uuid4(), **changes)
    assert answer.json()["code"] == code, answer.content
    assert not DutyShift.objects.exists()


def test_a_place_has_one_person_in_charge_at_a_time_and_any_number_of_deputies(world: World, noon: None) -> None:
    enter(world, "li")
    assert put(world, "wang", uuid4(), person="wang").json()["code"] == "duty_main_taken"
    assert put(world, "wang", uuid4(), person="wang", role="deputy").status_code == 201
    assert put(world, "wang", uuid4(), person="clerk", role="deputy").status_code == 201


def test_a_person_is_on_duty_at_one_place_at_a_time(world: World, noon: None) -> None:
    enter(world, "command")
    elsewhere = put(world, "command", uuid4(), area="371082", person="command")
    assert elsewhere.json()["code"] == "duty_twice", elsewhere.content
    after = {"starts_at": MORNING.isoformat(), "ends_at": (MORNING + timedelta(hours=9)).isoformat()}
    assert put(world, "command", uuid4(), area="371082", person="command", **after).status_code == 201


def test_a_turn_called_off_makes_room_and_is_not_changed_again(world: World, noon: None) -> None:
    first = enter(world, "li")
    assert call_off(world["wang"], first.pk).cancelled_at is not None
    assert call_off(world["wang"], first.pk, version=1).version == 2
    assert put(world, "wang", uuid4(), person="wang").status_code == 201
    assert put(world, "wang", first.pk, phone="", version=2).json()["code"] == "shift_called_off"


def test_what_is_over_is_history(world: World) -> None:
    shift = enter(world)
    with moved_to(MORNING + timedelta(hours=1)):
        assert world.api("wang").post(reverse("duty-shift-call_off", args=[shift.pk])).json()["code"] == "shift_over"
        assert put(world, "wang", shift.pk, role="deputy", version=1).json()["code"] == "shift_over"


def test_a_turn_that_has_begun_keeps_its_beginning(world: World) -> None:
    shift = enter(world, phone="0631-7560000")
    with moved_to(NIGHT):
        early = (EVENING - timedelta(hours=1)).isoformat()
        assert put(world, "wang", shift.pk, starts_at=early, version=1).json()["code"] == "shift_over"
        longer = (MORNING + timedelta(hours=1)).isoformat()
        assert put(world, "wang", shift.pk, ends_at=longer, version=1).status_code == 200


@pytest.mark.parametrize(
    ("name", "where", "status"),
    [
        ("wang", {}, 201),
        ("li", {}, 201),
        ("command", {}, 201),
        ("sysadmin", {}, 201),
        ("outsider", {}, 403),
        ("zhang", {}, 403),
        ("water", {"area": None, "department": "SWJT", "person": "water"}, 403),
        ("water_boss", {"area": None, "department": "SWJT", "person": "water"}, 201),
        ("wang", {"area": None, "department": "SWJT", "person": "water"}, 403),
        ("command", {"area": None, "department": "SWJT", "person": "water"}, 201),
    ],
)
def test_who_writes_which_roster(world: World, noon: None, name: str, where: dict[str, Any], status: int) -> None:
    changes = {key: value for key, value in said(**where).items() if value is not None}
    answer = world.api(name).put(reverse("duty-shift", args=[uuid4()]), changes, format="json")
    assert answer.status_code == status, answer.content


@hypothesis_settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    wanted=st.lists(
        st.tuples(st.sampled_from(["li", "wang", "command"]), st.integers(0, 20), st.integers(1, 12), st.booleans()),
        max_size=8,
    )
)
def test_however_turns_are_entered_none_overlap_that_must_not(world: World, wanted: list[Any]) -> None:
    DutyShift.objects.all().delete()
    for name, start, hours, main in wanted:
        begins = EVENING + timedelta(hours=start)
        said = turn(
            world, name, starts_at=begins, ends_at=begins + timedelta(hours=hours), role="main" if main else "deputy"
        )
        with moved_to(NOON):
            try:
                put_shift(world["wang"], uuid4(), said)
            except Problem as problem:
                assert problem.code in ("duty_twice", "duty_main_taken")  # noqa: PT017
    rows = list(DutyShift.objects.all())
    for number, one in enumerate(rows):
        for other in rows[number + 1 :]:
            if one.starts_at < other.ends_at and other.starts_at < one.ends_at:
                assert one.person_id != other.person_id
                assert "deputy" in (one.role, other.role)


# -- who is on duty now --------------------------------------------------------------------------------------------


def test_a_grid_asks_upward_until_somebody_is_on_duty(world: World) -> None:
    enter(world, "li")
    enter(world, "wang", role="deputy")
    client = world.api("nobody")
    with moved_to(NIGHT):
        told = client.get(reverse("duty-now"), {"area": world.grid.code}).json()
    assert [(one["person"]["username"], one["role"]) for one in told] == [("li", "main"), ("wang", "deputy")]
    with moved_to(MORNING):
        assert client.get(reverse("duty-now"), {"area": world.grid.code}).json() == []


def test_a_unit_asks_upward_too_and_nonsense_is_refused(world: World) -> None:
    enter(world, "water", by="water_boss", node=world.departments["water"])
    client = world.api("wang")
    with moved_to(NIGHT):
        told = client.get(reverse("duty-now"), {"department": "SWJT"}).json()
        assert [one["department"]["code"] for one in told] == ["SWJT"]
        assert client.get(reverse("duty-now")).json()["code"] == "duty_one_place"
        assert client.get(reverse("duty-now"), {"area": "999"}).status_code == 404


# -- whom it rings -------------------------------------------------------------------------------------------------


def at(moment: datetime, world: World, **changes: Any) -> None:
    with moved_to(moment):
        submit(world, **changes)


def test_by_day_the_pool_rings_as_ever(world: World) -> None:
    enter(world, "li", starts_at=NOON - timedelta(hours=2), ends_at=MORNING)
    at(NOON + timedelta(minutes=1), world)
    assert rung("report_submitted") == {"wang"}


def test_at_night_whoever_is_on_duty_is_rung_too(world: World) -> None:
    enter(world, "li")
    enter(world, "clerk", role="deputy")
    at(NIGHT, world)
    assert rung("report_submitted") == {"wang", "li", "clerk"}


def test_at_night_without_a_roster_nothing_changes(world: World) -> None:
    at(NIGHT, world)
    assert rung("report_submitted") == {"wang"}


def test_a_day_off_is_night_all_day(world: World) -> None:
    sunday = datetime.fromisoformat("2026-09-13T10:00:00+08:00")
    with moved_to(sunday - timedelta(days=1)):
        said = turn(world, "li", starts_at=sunday, ends_at=sunday + timedelta(hours=8))
        put_shift(world["wang"], uuid4(), said)
    at(sunday + timedelta(hours=1), world)
    assert rung("report_submitted") == {"wang", "li"}


def test_only_the_roster_rings_alone_if_one_on_duty_could_do_it(world: World, settings: Any) -> None:
    settings.GRIDWHISTLE = settings.GRIDWHISTLE | {"DUTY_ROSTER": "only"}
    second = User.objects.create_user("second", full_name="二号调度")
    appoint(second, Role.STREET_DISPATCHER, world.street)
    world.people["second"] = second
    shift = enter(world, "li")
    at(NIGHT, world)
    # The leader alone could not accept it, so those who can are rung as well.
    assert rung("report_submitted") == {"wang", "second", "li"}
    Notification.objects.all().delete()
    with moved_to(NOON):
        call_off(world["wang"], shift.pk)
    enter(world, "wang")
    enter(world, "li", role="deputy")
    at(NIGHT, world)
    assert rung("report_submitted") == {"wang", "li"}
    world.people.pop("second")


def test_the_roster_can_be_switched_off(world: World, settings: Any) -> None:
    enter(world, "li")
    settings.GRIDWHISTLE = settings.GRIDWHISTLE | {"DUTY_ROSTER": "off"}
    at(NIGHT, world)
    assert rung("report_submitted") == {"wang"}


def test_a_turn_called_off_and_a_person_who_left_ring_nobody(world: World) -> None:
    shift = enter(world, "li")
    with moved_to(NOON):
        call_off(world["wang"], shift.pk)
    enter(world, "clerk", role="deputy")
    withdraw(Appointment.objects.get(user=world["clerk"], ended_at=None))
    at(NIGHT, world)
    assert rung("report_submitted") == {"wang"}


def test_a_district_on_duty_is_left_asleep_while_the_street_has_its_own_people(world: World) -> None:
    enter(world, "supervisor", by="command", node=world.area("371082"))
    at(NIGHT, world)
    assert rung("report_submitted") == {"wang"}


def test_a_whistle_at_night_rings_the_unit_and_its_person_on_duty(world: World) -> None:
    boss = world["water_boss"]
    Appointment.objects.get(user=boss)
    enter(world, "water_boss", by="water_boss", node=world.departments["water"])
    with moved_to(NIGHT):
        scenes.whistled(world)
    assert rung("whistle_blown") == {"water", "water_boss", "gas"}


def test_after_five_minutes_the_roster_says_who_the_duty_officer_is(world: World) -> None:
    enter(world, "li")
    at(NIGHT, world, urgency="emergency")
    Notification.objects.filter(recipient=world["li"]).update(delivered_at=NIGHT, next_at=None)
    for minute in (0, 0.6, 2.1, 5.1):
        with moved_to(NIGHT + timedelta(minutes=minute)):
            while sweep_once():
                pass
    told = Notification.objects.filter(kind="unanswered").values_list("recipient__username", flat=True)
    assert set(told) == {"li"}


def test_where_only_the_silent_one_is_on_the_roster_the_others_are_told(world: World) -> None:
    second = User.objects.create_user("second", full_name="二号调度")
    appoint(second, Role.STREET_DISPATCHER, world.street, on_duty=True)
    enter(world, "wang")
    at(NIGHT, world, urgency="emergency")
    Notification.objects.exclude(recipient=world["wang"]).update(delivered_at=NIGHT, next_at=None)
    for minute in (0, 0.6, 2.1, 5.1):
        with moved_to(NIGHT + timedelta(minutes=minute)):
            while sweep_once():
                pass
    told = Notification.objects.filter(kind="unanswered").values_list("recipient__username", flat=True)
    assert set(told) == {"second"}


# -- what it costs -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("turns", [0, 1, 10, 100])
def test_taking_a_report_in_at_night_takes_twelve_whoever_is_on_duty(world: World, turns: int) -> None:
    DutyShift.objects.bulk_create(
        DutyShift(
            pk=uuid4(),
            area=world.street,
            person=world["li"],
            starts_at=EVENING - timedelta(days=number),
            ends_at=MORNING - timedelta(days=number),
            role="main",
            made_at=NOON,
        )
        for number in range(turns)
    )
    client = reader(world, "zhang")
    with moved_to(NIGHT):
        client.get(reverse("me"))
        answer = counted(CREATE, lambda: client.put(reverse("report", args=[uuid4()]), body(), format="json"))
    assert answer.status_code == 201
    assert rung("report_submitted") == ({"wang", "li"} if turns else {"wang"})


def test_night_costs_no_step_a_query_more_than_day(world: World) -> None:
    costs = []
    for moment in (NOON, NIGHT):
        at(moment, world)
        client = reader(world, "zhang")
        with moved_to(moment):
            client.get(reverse("me"))
            with CaptureQueriesContext(connection) as seen:
                client.put(reverse("report", args=[uuid4()]), body(), format="json")
        costs.append(len(seen))
    assert costs[0] == costs[1]


# -- the spreadsheet -----------------------------------------------------------------------------------------------


def rows(*names: str, **changes: Any) -> list[list[Any]]:
    made = []
    for number, name in enumerate(names):
        start = EVENING.replace(tzinfo=None) + timedelta(days=number)
        row = {
            "单位代码": "371082007",
            "单位": "",
            "账号": name,
            "姓名": "",
            "开始": start,
            "结束": start + timedelta(hours=14),
            "班次": "主班",
            "值班电话": "0631-7560000",
        } | changes
        made.append([row[column] for column in COLUMNS])
    return made


def book(lines: list[list[Any]]) -> bytes:
    return write_rows("值班表", COLUMNS, lines)


def load(world: World, lines: list[list[Any]] | bytes, name: str = "wang", dry_run: str = "false") -> Any:
    data = lines if isinstance(lines, bytes) else book(lines)
    url = f"{reverse('duty-roster')}?dry_run={dry_run}"
    with moved_to(NOON):
        return world.api(name).post(url, data, content_type=XLSX)


def test_a_dry_run_says_what_it_would_do_and_does_nothing(world: World) -> None:
    told = load(world, rows("li", "wang"), dry_run="true").json()
    assert (told["new"], told["applied"], told["faults"]) == (2, False, [])
    assert not DutyShift.objects.exists()


def test_a_roster_is_imported_and_importing_it_again_changes_nothing(world: World) -> None:
    assert load(world, rows("li", "wang", "clerk")).json()["applied"]
    again = load(world, rows("li", "wang", "clerk")).json()
    assert (again["new"], again["changed"], again["unchanged"]) == (0, 0, 3)
    changed = load(world, rows("li", "wang", "clerk", 值班电话="110")).json()
    assert (changed["new"], changed["changed"], changed["unchanged"]) == (0, 3, 0)
    assert DutyShift.objects.count() == 3
    assert set(DutyShift.objects.values_list("version", flat=True)) == {2}


def test_every_bad_row_is_named_and_nothing_is_entered(world: World) -> None:
    lines = rows("li")
    lines += rows("no_such") + rows("wang", 单位代码="999") + rows("wang", 开始="明天") + rows("wang", 班次="早班")
    lines += rows("wang") + rows("outsider", 班次="副班") + rows("li", 班次="副班")
    told = load(world, lines).json()
    assert [(one["row"], one["column"], one["code"]) for one in told["faults"]] == [
        (3, "账号", "unknown_person"),
        (4, "单位代码", "unknown_place"),
        (5, "开始", "roster_bad_time"),
        (6, "班次", "roster_bad_role"),
        (7, "班次", "duty_main_taken"),
        (8, "账号", "duty_not_from_here"),
        (9, "账号", "duty_twice"),
    ]
    assert not told["applied"]
    assert not DutyShift.objects.exists()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"no workbook", "unreadable_workbook"),
        (b"", "unreadable_workbook"),
        (write_rows("x", ["甲", "乙"], []), "roster_columns"),
        (b"x" * (2 * 1024 * 1024 + 1), "body_too_large"),
    ],
)
def test_what_is_no_roster_is_refused(world: World, data: bytes, code: str) -> None:
    assert load(world, data).json()["code"] == code


def test_a_roster_of_elsewhere_is_not_written(world: World) -> None:
    told = load(world, rows("li"), name="outsider").json()
    assert [one["code"] for one in told["faults"]] == ["forbidden"]
    assert load(world, rows("li"), name="zhang").status_code == 403
    assert not DutyShift.objects.exists()


def test_what_is_exported_can_be_imported_and_changes_nothing(world: World) -> None:
    load(world, rows("li", "wang", 值班电话="=1+1"))
    with moved_to(NOON):
        answer = world.api("wang").get(reverse("duty-roster"), {"area": "371082007"})
    sheet = load_workbook(BytesIO(answer.content)).active
    assert sheet["H2"].value == "=1+1"
    assert sheet["H2"].data_type != "f"
    assert load(world, answer.content).json()["unchanged"] == 2


def test_the_cost_of_an_import_hangs_on_its_people_and_not_on_its_rows(world: World) -> None:
    costs = []
    for count in (1, 10, 60):
        lines = rows(*(["li"] * count))
        client = world.api("wang")
        with moved_to(NOON), CaptureQueriesContext(connection) as seen:
            answer = client.post(f"{reverse('duty-roster')}?dry_run=true", book(lines), content_type=XLSX)
        assert answer.json()["new"] == count
        costs.append(len(seen))
    assert costs[1] == costs[2] <= 20, costs


@pytest.mark.parametrize("turns", [1, 10, 100])
def test_the_lists_of_the_roster_take_four(world: World, turns: int) -> None:
    for number in range(turns):
        enter(
            world,
            "li",
            starts_at=EVENING + timedelta(days=number),
            ends_at=MORNING + timedelta(days=number),
        )
    for name in ("li", "wang", "command"):
        client = reader(world, name)
        answer = counted(4, lambda client=client: client.get(reverse("duty-shifts-list"), {"page_size": 100}))
        assert len(answer.json()["results"]) == turns
    with moved_to(NIGHT):
        client.get(reverse("me"))
        counted(4, lambda: client.get(reverse("duty-now"), {"area": world.grid.code}))


def test_the_outsider_sees_no_turn_of_another_street(world: World) -> None:
    shift = enter(world)
    assert world.api("outsider").get(reverse("duty-shifts-list")).json()["results"] == []
    answer = post(world, "outsider", f"duty/shifts/{shift.pk}/call_off", expect=404)
    assert answer["code"] == "not_found"
    assert on_duty_for(world.street, NIGHT)
