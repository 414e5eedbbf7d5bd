"""The import of households in the administration: sent, its faults read, applied, discarded."""

import io

import pytest

from households.models import Household, ImportRun
from tests.admin_scenes import enter, page
from tests.household_books import book, row, upload
from tests.household_import_scenes import SPOUSE, everybody_at
from tests.household_scenes import CARD
from tests.world import World

pytestmark = pytest.mark.django_db


def test_a_desk_sends_a_workbook_reads_its_faults_and_takes_the_good_rows(world: World) -> None:
    client = enter(world, "sun")
    assert client.get(page("households_importrun_template_page")).status_code == 200
    url = page("households_importrun_upload_page")
    assert client.get(url).status_code == 200
    refused = client.post(url, {"file": io.BytesIO(b"no workbook")})
    assert list(refused.context["form"].errors) == ["file"]
    file = io.BytesIO(book(row(证件号码=CARD), {**SPOUSE, "证件号码": "123"}))
    file.name = "台上社区.xlsx"
    sent = client.post(url, {"file": file})
    run = ImportRun.objects.get()
    assert sent.status_code == 302
    assert sent["Location"] == page("households_importrun_change", run.pk)
    text = client.get(sent["Location"]).content.decode()
    assert "该证件号码应为" in text or "17" in text
    assert "证件号码" in text
    # With faults there is no plain writing, only the choice to leave them out.
    assert client.post(page("households_importrun_apply_page", run.pk)).status_code == 403
    assert client.post(page("households_importrun_good_rows_page", run.pk)).status_code == 302
    assert [one[0] for one in everybody_at()] == ["欧阳修远"]
    listed = client.get(page("households_importrun_changelist")).content.decode()
    assert "台上社区.xlsx" in listed
    assert client.post(page("households_importrun_discard_page", run.pk)).status_code == 403


def test_a_desk_discards_and_writes(world: World) -> None:
    client = enter(world, "sun")
    first, second = upload(world, book(row())), upload(world, book(row(室="601")))
    assert client.post(page("households_importrun_discard_page", first["id"])).status_code == 302
    assert client.get(page("households_importrun_apply_page", second["id"])).status_code == 200
    assert client.post(page("households_importrun_apply_page", second["id"])).status_code == 302
    assert [one.room for one in Household.objects.all()] == ["601"]


@pytest.mark.parametrize("name", ["wang", "outsider", "sysadmin"])
def test_who_may_not_import_finds_no_page_for_it(world: World, name: str) -> None:
    run = upload(world, book(row()))
    client = enter(world, name)
    for url in (
        page("households_importrun_changelist"),
        page("households_importrun_upload_page"),
        page("households_importrun_template_page"),
        page("households_importrun_change", run["id"]),
        page("households_importrun_apply_page", run["id"]),
    ):
        assert client.get(url).status_code in (403, 404), url
    assert client.post(page("households_importrun_upload_page"), {}).status_code == 403
