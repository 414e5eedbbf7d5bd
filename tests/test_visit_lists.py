"""Whose turn it is, in which order to go, how much is done, what is suggested; and what that costs."""

from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from drf_spectacular.generators import SchemaGenerator

from core.moment import moved_to, now
from grids.coordinates import distance_m
from households.actions.links import link_report
from households.actions.visits import put_visit
from households.models import ColourChange, Household, HouseholdReport, RiskLevel, Visit, VisitPhoto
from households.route import nearest_first
from reports.calendar import local_date
from reports.models import Report
from tests import colour_scenes as bright
from tests import household_scenes as homely
from tests.colour_scenes import coloured, told
from tests.test_household_lists import street_of
from tests.test_query_counts import LIST, ROWS, counted, reader
from tests.world import LAT, LNG, World, submit

pytestmark = pytest.mark.django_db

MONDAY = datetime.fromisoformat("2026-03-02T09:00:00+08:00")
PERIOD = {"first": "2026-03-01", "last": "2026-06-30"}


def listed(world: World, name: str, path: str, /, **query: Any) -> list[dict[str, Any]]:
    answer = world.api(name).get(f"/api/v1/{path}", query)
    assert answer.status_code == 200, answer.content.decode()
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


def visit(world: World, household: UUID, day: int, result: str = "met") -> None:
    at = MONDAY + timedelta(days=day)
    everything = {"visitors": ("sun", "zhang"), "leader": "li", "measure": "已约谈", "result": result}
    with moved_to(at):
        put_visit(world["zhang"], uuid4(), told(household, at, **everything))


def street(world: World) -> homely.Homes:
    """Since Monday: the family is red, the couple yellow, the house green."""
    with moved_to(MONDAY):
        at = homely.homes(world)
        for household, code in ((at.family, "red"), (at.couple, "yellow"), (at.house, "green")):
            coloured(world, household, code)
    return at


# -- lists -----------------------------------------------------------------------------------------------------------


def test_the_due_list_shows_the_longest_overdue_first_and_ends_today(world: World) -> None:
    at = street(world)
    with moved_to(MONDAY + timedelta(days=30)):
        assert [one["id"] for one in listed(world, "zhang", "visits/due")] == [str(at.family), str(at.couple)]
        assert [one["id"] for one in listed(world, "zhang", "visits/due", overdue="true")] == [str(at.family)]
        ahead = listed(world, "zhang", "visits/due", due_by="2026-12-31")
        assert [one["id"] for one in ahead] == [str(at.family), str(at.couple), str(at.house)]
        assert [one["id"] for one in listed(world, "li", "visits/due", colour="yellow")] == [str(at.couple)]
        assert len(listed(world, "li", "visits/due", worker="zhang")) == 2
        assert listed(world, "li", "visits/due", worker="zhao") == []
        assert listed(world, "zhao", "visits/due") == listed(world, "command", "visits/due") == []


def test_the_daily_list_has_the_reds_and_no_others(world: World) -> None:
    at = street(world)
    for name in ("zhang", "sun", "li"):
        assert [one["id"] for one in listed(world, name, "visits/daily")] == [str(at.family)]
    assert listed(world, "li", "visits/daily", area="371082007032001") == []
    assert len(listed(world, "li", "visits/daily", area="371082007032")) == 1
    RiskLevel.objects.filter(code="yellow").update(on_daily_list=True)
    assert len(listed(world, "li", "visits/daily")) == 2


def test_a_route_goes_to_the_nearest_left(world: World) -> None:
    at = street(world)
    Household.objects.filter(pk=at.couple).update(lng=LNG + 0.02, lat=LAT)
    asked = {"lng": LNG + 0.03, "lat": LAT, "coord_type": "wgs84", "due_by": "2026-12-31"}
    answer = world.api("zhang").get("/api/v1/visits/route", asked).json()
    assert [leg["household"]["id"] for leg in answer["legs"]] == [str(at.couple), str(at.family), str(at.house)]
    there = [distance_m(LNG + 0.03, LAT, LNG + 0.02, LAT), distance_m(LNG + 0.02, LAT, LNG, LAT)]
    assert [leg["metres"] for leg in answer["legs"]] == [pytest.approx(there[0]), pytest.approx(there[1]), None]
    assert answer["metres"] == pytest.approx(sum(there))
    wrong = world.api("zhang").get("/api/v1/visits/route", {"lng": 1})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "invalid")


def test_a_route_has_every_household_once_and_never_passes_a_nearer_one() -> None:
    spots = [(LNG + ((index * 7) % 10) / 1000, LAT + ((index * 3) % 10) / 1000) for index in range(30)]
    homes = [Household(pk=uuid4(), lng=lng, lat=lat) for lng, lat in spots]
    legs = nearest_first(homes, LNG, LAT)
    assert sorted(leg.household.pk for leg in legs) == sorted(home.pk for home in homes)
    here = (LNG, LAT)
    for index, leg in enumerate(legs):
        left = [distance_m(*here, one.household.lng or 0, one.household.lat or 0) for one in legs[index:]]
        assert leg.metres == min(left)
        here = (leg.household.lng or 0, leg.household.lat or 0)


# -- figures -----------------------------------------------------------------------------------------------------------


def test_figures_count_what_was_due_in_time_late_and_open(world: World) -> None:
    at = street(world)
    # Red, every 7 days: in time, early, late, then open. Yellow, every 30: in time, then in vain. Green: not due.
    for day in (7, 9, 20):
        visit(world, at.family, day)
    visit(world, at.couple, 29)
    visit(world, at.couple, 60, "nobody_home")
    with moved_to(MONDAY + timedelta(days=100)):
        row = world.api("sun").get("/api/v1/visits/figures", {**PERIOD, "area": homely.GRID}).json()["rows"][0]
    counts = {name: row[name] for name in ("in_time", "late", "open", "due", "seen", "households")}
    assert counts == {"in_time": 3, "late": 1, "open": 2, "due": 6, "seen": 2, "households": 4}
    assert (row["visit_completion"], row["patrol_coverage"]) == (0.5, 0.5)


def test_every_figure_opens_the_list_behind_it_by_the_same_condition(world: World) -> None:
    at = street(world)
    for household, day in ((at.family, 7), (at.family, 20), (at.couple, 29)):
        visit(world, household, day)
    with moved_to(MONDAY + timedelta(days=100)):
        for by in ("grid", "worker"):
            told = world.api("li").get("/api/v1/visits/figures", {**PERIOD, "by": by}).json()
            rows = [row for row in told["rows"] if row["households"]]
            assert [row["key"] for row in rows] == [homely.GRID if by == "grid" else "zhang"]
            for row in (*rows, told["total"]):
                for column, url in row["lists"].items():
                    split = urlsplit(url)
                    query = {name: values[0] for name, values in parse_qs(split.query).items()}
                    answer = world.api("li").get(split.path, query).json()
                    assert len(answer["results"]) == row[column], (row["key"], column)


def test_a_day_that_is_not_over_is_not_missed_and_nothing_due_shows_no_rate(world: World) -> None:
    street(world)
    with moved_to(MONDAY + timedelta(days=7)):
        total = world.api("sun").get("/api/v1/visits/figures", PERIOD).json()["total"]
        assert (total["open"], total["due"], total["visit_completion"]) == (0, 0, None)
    with moved_to(MONDAY + timedelta(days=8)):
        assert world.api("sun").get("/api/v1/visits/figures", PERIOD).json()["total"]["open"] == 1
    backwards = world.api("sun").get("/api/v1/visits/figures", {"first": "2026-03-02", "last": "2026-03-01"})
    assert (backwards.status_code, backwards.json()["code"]) == (400, "period_backwards")


# -- suggestions -------------------------------------------------------------------------------------------------------


def suggested(world: World, name: str, household: UUID) -> list[dict[str, Any]]:
    answer = world.api(name).get(f"/api/v1/households/{household}/suggestions").json()
    found: list[dict[str, Any]] = answer["suggestions"]
    ids = {one["household"]["id"] for one in listed(world, name, "households/suggestions")}
    assert (str(household) in ids) == bool(found)
    return found


def reported(world: World, household: UUID, name: str) -> UUID:
    report = submit(world)
    Report.objects.filter(pk=report).update(item_name=name)
    link_report(world["zhang"], household, report)
    return report


def test_an_open_dispute_suggests_a_colour_with_its_evidence_and_sets_none(world: World) -> None:
    at = homely.homes(world)
    report = reported(world, at.family, "邻里纠纷")
    (one,) = suggested(world, "zhang", at.family)
    assert (one["kind"], one["level"]["code"]) == ("open_report", "orange")
    assert [each["id"] for each in one["reports"]] == [str(report)]
    assert bright.row(at.family).risk_level is None
    Report.objects.filter(pk=report).update(status="closed")
    assert suggested(world, "zhang", at.family) == []


def test_repeated_reports_suggest_within_their_days_and_not_what_is_there_already(world: World) -> None:
    at = homely.homes(world)
    reports = [reported(world, at.family, "暴露垃圾") for _time in range(3)]
    (one,) = suggested(world, "sun", at.family)
    assert (one["kind"], len(one["reports"])) == ("repeated", 3)
    with moved_to(now() + timedelta(days=31)):
        assert suggested(world, "sun", at.family) == []
    Report.objects.filter(pk=reports[0]).update(received_at=now() - timedelta(days=31))
    assert suggested(world, "sun", at.family) == []
    Report.objects.filter(pk=reports[0]).update(received_at=now())
    coloured(world, at.family, "red")
    assert suggested(world, "sun", at.family) == []


def test_visits_in_vain_and_overdue_ones_suggest(world: World) -> None:
    at = street(world)
    for day in (1, 2):
        visit(world, at.house, day, "nobody_home")
    with moved_to(MONDAY + timedelta(days=3)):
        (one,) = suggested(world, "zhang", at.house)
        assert (one["kind"], [each["result"] for each in one["visits"]]) == ("missed", ["nobody_home"] * 2)
    visit(world, at.house, 4)
    with moved_to(MONDAY + timedelta(days=5)):
        assert suggested(world, "zhang", at.house) == []
    with moved_to(MONDAY + timedelta(days=4 + 180 + 31)):
        (one,) = suggested(world, "zhang", at.house)
        assert (one["kind"], one["days_overdue"]) == ("overdue", 31)


# -- no colour leaves ------------------------------------------------------------------------------------------------


def test_no_public_answer_knows_of_colours() -> None:
    schema = SchemaGenerator().get_schema(request=None, public=True)
    names: set[str] = set()

    def gather(node: Any) -> None:
        if isinstance(node, dict):
            reference = node.get("$ref", "").rpartition("/")[2]
            if reference and reference not in names:
                names.add(reference)
                gather(schema["components"]["schemas"][reference])
            for key, value in node.items():
                if key == "properties":
                    names.update(value)
                gather(value)
        elif isinstance(node, list):
            for each in node:
                gather(each)

    public = [
        one
        for path in schema["paths"].values()
        for one in path.values()
        if isinstance(one, dict) and not [each for each in one.get("security", []) if each]
    ]
    assert public
    for operation in public:
        gather(operation["responses"])
    assert not [name for name in names if "risk" in name.lower() or name in ("ColourOut", "Colour", "colours")]


# -- what it costs -----------------------------------------------------------------------------------------------------


def busy(world: World, rows: int) -> homely.Homes:
    """`street_of`, with visits, changes of colour and reports to each household."""
    at = street_of(world, rows)
    zhang, green, red = world["zhang"], RiskLevel.objects.get(code="green"), RiskLevel.objects.get(code="red")
    report = Report.objects.order_by("pk").first()
    for home in Household.objects.filter(grid__code=homely.GRID):
        home.next_visit_due = home.next_visit_due or local_date(now())
        home.risk_level = home.confirmed_level = home.risk_level or green
        home.save()
        for result in ("nobody_home", "declined"):
            row = Visit(pk=uuid4(), household=home, visited_at=now(), visited_on=date.today(), received_at=now())
            row.submitted_by, row.result, row.level, row.body_hash = zhang, result, green, "x"
            row.lng, row.lat, row.raw_lng, row.raw_lat, row.coord_type = LNG, LAT, LNG, LAT, "wgs84"
            row.put_at({name.removesuffix("_id"): pk for name, pk in home.place.items()})
            row.save(force_insert=True)
            row.visitors.add(zhang, world["sun"])
        HouseholdReport.objects.get_or_create(
            household=home, report=report, defaults={"linked_by": zhang, "linked_at": now()}
        )
        ColourChange.objects.create(
            household=home, to_level=red, upwards=True, proposed_by=zhang, proposed_at=now(), note="x"
        )
    visit = Visit.objects.filter(household=at.family).first()
    for number in range(rows):
        VisitPhoto.objects.create(
            id=uuid4(), visit=visit, sha256=f"{number:064d}", size=1, kind="near", announced_at=now()
        )
    return at


@pytest.mark.parametrize("rows", ROWS)
def test_every_list_takes_four_and_suggestions_nine(world: World, rows: int) -> None:
    at = busy(world, rows)
    for name in ("zhang", "sun", "root", "nobody"):
        client = reader(world, name)
        for endpoint in ("colour-changes-list", "visits-list", "visits-due", "visits-daily", "grid-colours-list"):
            path = reverse(endpoint)
            answer = counted(LIST, lambda client=client, path=path: client.get(path, {"page_size": 100}))
            # With one household there is no red one.
            some = name != "nobody" and (rows > 1 or endpoint != "visits-daily")
            assert bool(answer.json()["results"]) == some, endpoint
        path = reverse("suggestions-list")
        answer = counted(9, lambda client=client, path=path: client.get(path, {"page_size": 100}))
        path, asked = reverse("visit-figures"), {**PERIOD, "by": "worker"}
        counted(9, lambda client=client, path=path, asked=asked: client.get(path, asked))
        path, asked = reverse("visits-route"), {"lng": LNG, "lat": LAT, "coord_type": "wgs84", "due_by": "2199-01-01"}
        counted(LIST, lambda client=client, path=path, asked=asked: client.get(path, asked))
    client = reader(world, "sun")
    for endpoint in ("household-colours", "household-visits", "household-suggestions"):
        path = reverse(endpoint, args=[at.family])
        counted(10, lambda path=path: client.get(path, {"page_size": 100}))
    visit = Visit.objects.get(photos__sha256="0" * 64)
    counted(6, lambda: client.get(reverse("visit", args=[visit.pk])))


@pytest.mark.parametrize("rows", ROWS)
def test_sending_a_visit_and_deciding_cost_the_same_however_many_there_are(world: World, rows: int) -> None:
    at = busy(world, rows)
    client = reader(world, "zhang")
    said = {
        "household": str(at.family),
        "visited_at": now().isoformat(),
        "position": {"lng": LNG, "lat": LAT, "coord_type": "wgs84"},
        "result": "met",
    }
    path = reverse("visit", args=[uuid4()])
    assert counted(24, lambda: client.put(path, said, format="json")).status_code == 201
    assert counted(5, lambda: client.put(path, said, format="json")).status_code == 200


def test_a_workers_due_list_starts_from_the_index_on_the_grid(world: World) -> None:
    busy(world, 10)
    client = reader(world, "zhang")
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse("visits-due"))
    statement = next(one["sql"] for one in queries if "next_visit_due" in one["sql"])
    where = statement.rpartition("WHERE")[2]
    assert '"households_household"."grid_id" = ' in where
    assert '"next_visit_due" IS NOT NULL' in where
