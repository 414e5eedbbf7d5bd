"""What workbooks of households cost: queries hang on the batches of a file, never on its rows."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.moment import now
from households.actions.imports import BATCH
from households.models import CareMark, CareTag, Household, ImportFault, ImportRun, Resident
from tests.household_books import book, imported, row, upload
from tests.test_query_counts import DETAIL, LIST, ROWS, counted, reader
from tests.world import World

pytestmark = pytest.mark.django_db


def families(count: int) -> bytes:
    return book(
        *(row(室=str(number), 姓名=f"户主{number}", 个人标签="残疾人") for number in range(count)),
    )


def queries_of(world: World, count: int) -> list[int]:
    """Queries of sending, of applying."""
    client = reader(world, "sun")
    path = reverse("household-import", args=[uuid4()])
    counts = []
    with CaptureQueriesContext(connection) as seen:
        run = client.put(path, families(count), content_type="application/octet-stream").json()
    counts.append(len(seen))
    with CaptureQueriesContext(connection) as seen:
        client.post(path + "/apply", {}, format="json")
    counts.append(len(seen))
    assert run["rows"] == count
    return counts


def test_an_import_costs_the_same_for_one_row_and_a_hundred(world: World) -> None:
    imported(world, row(室="9999"))
    costs = []
    for count in ROWS:
        costs.append(queries_of(world, count))
        # The next file has doors of its own again.
        CareMark.objects.all().delete()
        with connection.cursor() as cursor:
            for table in ("households_householdevent", "households_resident", "households_household"):
                cursor.execute(f'DELETE FROM "{table}"')
    assert len({checked for checked, _applied in costs}) == 1, costs
    # SQLite takes 999 parameters a statement, so that a hundred rows are inserted by several.
    spread = 6 if connection.vendor == "sqlite" else 0
    assert costs[-1][1] - costs[0][1] <= spread, costs
    assert costs[0][0] <= 30
    assert costs[0][1] <= 36


def test_importing_again_costs_the_same_for_one_row_and_a_hundred(world: World) -> None:
    queries_of(world, 100)
    costs = [queries_of(world, count) for count in ROWS]
    assert len({tuple(cost) for cost in costs}) == 1, costs


def test_each_batch_costs_as_much_as_the_one_before(world: World) -> None:
    imported(world, row(室="9999"))
    one, two, three = (sum(queries_of(world, BATCH * number + 1)) for number in (1, 2, 3))
    assert three - two <= 40
    assert two - one <= 60


@pytest.mark.parametrize("rows", ROWS)
def test_imports_and_their_faults_are_listed_in_a_fixed_number(world: World, rows: int) -> None:
    run = ImportRun.objects.get(pk=upload(world, book(row(电话="无")))["id"])
    for number in range(1, rows):
        ImportFault.objects.create(run=run, row=number + 2, column="电话", code="cell_phone")
        ImportRun.objects.create(pk=uuid4(), made_by=world["sun"], made_at=now(), sha256="0" * 64, state="done")
    client = reader(world, "sun")
    listed = counted(LIST, lambda: client.get(reverse("household-imports-list"), {"page_size": 100}))
    assert len(listed.json()["results"]) == rows
    found = counted(LIST, lambda: client.get(reverse("household-import-faults", args=[run.pk]), {"page_size": 100}))
    assert len(found.json()["results"]) == rows
    counted(LIST, lambda: client.get(reverse("household-import", args=[run.pk])))
    counted(LIST, lambda: client.get(reverse("household-import-template")))


@pytest.mark.parametrize("rows", ROWS)
def test_an_export_takes_a_fixed_number(world: World, rows: int) -> None:
    imported(world, row(个人标签="残疾人"))
    first, tag = Household.objects.get(), CareTag.objects.get(code="veteran")
    for number in range(1, rows):
        home = Household(pk=uuid4(), code=f"X{number}", occupancy="owner", building=first.building)
        home.unit, home.room, home.created_at, home.changed_at = "9", str(number), now(), now()
        home.put_at({name.removesuffix("_id"): pk for name, pk in first.place.items()})
        home.save(force_insert=True)
        who = Resident.objects.create(pk=uuid4(), household=home, name=f"户主{number}", relation="head")
        CareMark.objects.create(household=home, resident=who, tag=tag)
    client = reader(world, "sun")
    answer = counted(DETAIL + 4, lambda: client.post(reverse("household-exports"), {"reason": "核对"}, format="json"))
    assert answer.status_code == 200
