"""The catalogue as a file: import, its faults, export, and the demonstration catalogue."""

import csv
import zipfile
from datetime import date
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from openpyxl import Workbook, load_workbook

from accounts.models import Department
from reports import catalogue_excel
from reports.actions.catalogue_import import import_catalogue
from reports.catalogue import current_version, versions_for_export
from reports.catalogue_excel import COLUMNS, OPTIONAL, UnreadableFile, read_catalogue, write_catalogue
from reports.models.catalogue import CatalogueItem, ItemStandard, ItemVersion

DATA = Path(settings.BASE_DIR) / "reports" / "data"
JANUARY, JUNE = date(2026, 1, 1), date(2026, 6, 1)
RUBBISH = ["01", "市容环境", "001", "暴露垃圾"]
CITY = [*RUBBISH, "数字城管", "综合行政执法局", "有垃圾", "垃圾清除", "4工作时"]
HOTLINE = [*RUBBISH, "12345", "综合行政执法局", "来电", "已答复", "1个工作日"]


@pytest.fixture
def departments(db):
    """The demonstration's departments, instead of what the shared world has."""
    ItemVersion.objects.all().delete()
    CatalogueItem.objects.all().delete()
    Department.objects.update(is_active=False)
    found = {}
    with (DATA / "departments.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            parent = found.get(row.pop("parent_code"))
            if parent:
                found[row["code"]] = Department.objects.add_child(Department.objects.get(pk=parent.pk), row)
            else:
                found[row["code"]] = Department.objects.add_root(row)
    return found


@pytest.fixture
def book(tmp_path):
    """A function that writes sheets of rows, headed by the columns, to a file."""

    def write(header=COLUMNS, name="catalogue.xlsx", **sheets):
        workbook = Workbook()
        workbook.remove(workbook.active)
        for title, rows in sheets.items():
            sheet = workbook.create_sheet(title)
            for row in [header, *rows]:
                sheet.append(row)
        workbook.save(tmp_path / name)
        return tmp_path / name

    return write


def state():
    return (
        list(CatalogueItem.objects.order_by("code").values()),
        list(ItemVersion.objects.order_by("pk").values()),
        list(ItemStandard.objects.order_by("pk").values()),
    )


def faults(path):
    return [(error.sheet, error.row, error.column, error.code) for error in import_catalogue(path).errors]


def test_exposed_rubbish_from_two_sources_is_one_item_with_the_shorter_limit(departments, book):
    result = import_catalogue(book(事件=[CITY, HOTLINE]), valid_from=JANUARY)
    assert (result.errors, result.created) == ([], ["02-01-001"])
    version = current_version("02-01-001", JANUARY)
    assert version.effective_limit.text() == "4工作时"
    assert version.effective_source == "digital_city"
    assert version.effective_closing == "12345：已答复\n数字城管：垃圾清除"
    assert version.lead_department == departments["WH-ZHZF"]


def test_importing_again_changes_nothing(departments, book):
    path = book(事件=[CITY, HOTLINE])
    import_catalogue(path, valid_from=JANUARY)
    before = state()
    again = import_catalogue(path, valid_from=JUNE)
    assert (again.created, again.changed, again.retired, again.unchanged) == ([], [], [], 1)
    assert state() == before


def test_a_changed_standard_makes_a_new_dated_version(departments, book):
    import_catalogue(book(事件=[CITY, HOTLINE]), valid_from=JANUARY)
    result = import_catalogue(book(事件=[[*CITY[:-1], "2工作时"], HOTLINE]), valid_from=JUNE)
    assert result.changed == ["02-01-001"]
    assert current_version("02-01-001", date(2026, 5, 31)).effective_limit.text() == "4工作时"
    assert current_version("02-01-001", JUNE).effective_limit.text() == "2工作时"


def test_a_dry_run_tells_what_would_happen_and_writes_nothing(departments, book):
    result = import_catalogue(book(事件=[CITY, HOTLINE]), dry_run=True)
    assert result.created == ["02-01-001"]
    assert not CatalogueItem.objects.exists()


def test_every_fault_is_listed_with_its_place_and_nothing_is_written(departments, book):
    path = book(
        事件=[
            CITY,
            [*RUBBISH, "微博", "综合行政执法局", "", "", "1天"],
            [*RUBBISH, "网格", "综合行政执法局", "", "", "尽快"],
            ["01", "市容环境", "A1", "乱贴", "网格", "", "", "", "4工作时"],
            ["01", "市容环境", "003", None, "网格", "", "", "", None],
            [*RUBBISH, "数字城管", "", "", "", "2工作时"],
            [*RUBBISH, "12345", "水务局", "", "", "1天"],
            ["01", "市容环境", "004", "焚烧", "网格", "月球局", "", "", "1天"],
            ["01", "市容环境", "005", "=1+1", "网格", "", "", "", "1天"],
            ["01", "市容环境", "006", "长", "网格", "", "很" * 2001, "", "1天"],
            ["01", "市容环境", "007", date(2026, 1, 1), "网格", "", "", "", "1天"],
        ],
        部件=[["01", "道路", "001", "井盖", "网格", "", "", "", "4"]],
    )
    assert faults(path) == [
        ("事件", 3, "来源", "unknown_source"),
        ("事件", 4, "处置时限", "unreadable_limit"),
        ("事件", 5, "小类代码", "bad_code"),
        ("事件", 6, "小类名称", "missing"),
        ("事件", 6, "处置时限", "missing"),
        ("事件", 7, "来源", "duplicate_source"),
        ("事件", 8, "处置单位", "conflict"),
        ("事件", 10, "小类名称", "formula"),
        ("事件", 11, "立案条件", "too_long"),
        ("事件", 12, "小类名称", "bad_value"),
        ("部件", 2, "处置时限", "unreadable_limit"),
        ("事件", 9, "处置单位", "unknown_department"),
    ]
    assert not CatalogueItem.objects.exists()


def test_a_fault_of_the_dates_is_listed_like_the_others(departments, book):
    import_catalogue(book(事件=[CITY]), valid_from=JUNE)
    another = ["01", "市容环境", "002", "道路不洁", "网格", "", "", "", "1天"]
    result = import_catalogue(book(事件=[HOTLINE, another]), valid_from=JANUARY)
    assert [(error.row, error.code) for error in result.errors] == [(2, "later_version")]
    assert CatalogueItem.objects.count() == 1  # what was sound in the file was not written either


def test_merged_cells_numbers_for_codes_blank_rows_and_titles_are_understood(departments, tmp_path):
    workbook = Workbook()
    sheet = workbook.active
    sheet.title = "事件"
    sheet.append(["某市事项清单"])
    sheet.append(COLUMNS)
    sheet.append([1, "市容环境", 1.0, "暴露垃圾", "数字城管", "WH-ZHZF", "", "", "4工作时"])
    sheet.append([None, None, None, None, 12345, None, "", "", "１ 个工作日"])
    sheet.append([None] * 9)
    sheet.append([None, None, 2, "道路不洁", "网格", None, "", "", "半天"])
    sheet.append([2, "街面秩序", 1, "占道经营", "网格", None, "", "", "两工作时"])
    for column in "ABCD":
        sheet.merge_cells(f"{column}3:{column}4")
    workbook.create_sheet("说明").append(["not for import"])
    workbook.save(tmp_path / "merged.xlsx")
    result = import_catalogue(tmp_path / "merged.xlsx")
    assert (result.errors, result.created) == ([], ["02-01-001", "02-01-002", "02-02-001"])
    assert ItemStandard.objects.filter(version__item__code="02-01-001").count() == 2
    assert CatalogueItem.objects.get(code="02-01-002").class_name == "市容环境"


def test_a_blank_item_under_a_new_class_is_missing_not_taken_from_above(departments, book):
    path = book(事件=[CITY, ["02", "街面秩序", None, None, "网格", "", "", "", "1天"]])
    assert faults(path) == [("事件", 3, "小类代码", "missing"), ("事件", 3, "小类名称", "missing")]


def test_what_the_file_does_not_have_stays_unless_told_to_retire_and_is_never_deleted(departments, book):
    pothole = ["01", "道路", "001", "路面坑洼", "网格", "", "", "", "3天"]
    other = ["01", "市容环境", "002", "道路不洁", "网格", "", "", "", "1天"]
    import_catalogue(book(事件=[CITY, other], 部件=[pothole]), valid_from=JANUARY)
    assert import_catalogue(book(事件=[CITY]), valid_from=JUNE).retired == []
    result = import_catalogue(book(事件=[CITY]), valid_from=JUNE, retire_missing=True)
    assert result.retired == ["02-01-002"]  # the sheet 部件 is not in the file and so says nothing
    assert CatalogueItem.objects.count() == 3
    assert CatalogueItem.objects.get(code="02-01-002").retired_at == JUNE
    assert import_catalogue(book(事件=[CITY]), valid_from=JUNE, retire_missing=True).retired == []


def test_optional_columns_are_taken_up_and_their_absence_leaves_what_was_said(departments, book):
    rows = [[*CITY, "是", "紧急", "面积[数字]"], [*HOTLINE, "", "", ""]]
    import_catalogue(book(header=[*COLUMNS, *OPTIONAL], 事件=rows), valid_from=JANUARY)
    version = current_version("02-01-001", JANUARY)
    assert (version.may_self_handle, version.urgency, len(version.questions)) == (True, "urgent", 1)
    assert import_catalogue(book(事件=[CITY, HOTLINE]), valid_from=JUNE).unchanged == 1
    odd = [[*CITY, "也许", "十万火急", "颜色[红]"]]
    assert [column for *_, column, code in faults(book(header=[*COLUMNS, *OPTIONAL], 事件=odd))] == list(OPTIONAL)


def test_two_departments_of_one_name_have_to_be_told_apart_by_code(departments, book):
    Department.objects.add_root({"code": "ZHZF-2", "name": "综合行政执法局"})
    assert faults(book(事件=[CITY])) == [("事件", 2, "处置单位", "ambiguous_department")]
    by_code = [*CITY]
    by_code[5] = "ZHZF-2"
    assert import_catalogue(book(事件=[by_code])).errors == []


@pytest.mark.parametrize("left_out", COLUMNS)
def test_a_missing_column_is_named(departments, book, left_out):
    header = [name for name in COLUMNS if name != left_out]
    assert [(column, code) for *_, column, code in faults(book(header=header, 事件=[CITY]))] == [
        (left_out, "missing_column")
    ]


# Files that are none


def test_a_file_that_is_no_workbook_is_refused(tmp_path, book):
    not_zip, not_excel, cut = tmp_path / "a.xlsx", tmp_path / "b.xlsx", tmp_path / "c.xlsx"
    not_zip.write_bytes(b"<html>")
    with zipfile.ZipFile(not_excel, "w") as archive:
        archive.writestr("hello.txt", "hello")
    cut.write_bytes(book(事件=[CITY]).read_bytes()[:2000])
    for path in (not_zip, not_excel, cut):
        with pytest.raises(UnreadableFile, match="not_a_workbook"):
            read_catalogue(path)
    with pytest.raises(UnreadableFile, match="no_sheet"):
        read_catalogue(book(其他=[CITY]))
    garbled = tmp_path / "d.csv"
    garbled.write_bytes("类别,大类代码\n事件,一\n".encode("gb18030"))
    with pytest.raises(UnreadableFile, match="not_a_table"):
        read_catalogue(garbled)


def test_a_workbook_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    bomb = tmp_path / "bomb.xlsx"
    with (
        zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet,
    ):
        for _ in range(101):
            sheet.write(b" " * 1024 * 1024)
    assert bomb.stat().st_size < 200_000
    with pytest.raises(UnreadableFile, match="too_large"):
        read_catalogue(bomb)
    monkeypatch.setattr(catalogue_excel, "MAX_BYTES", 1000)
    with pytest.raises(UnreadableFile, match="too_large"):
        read_catalogue(bomb)


def test_too_many_rows_end_the_reading(departments, book, monkeypatch):
    monkeypatch.setattr(catalogue_excel, "MAX_ROWS", 2)
    rows = [["01", "市容环境", f"{number:03}", "x", "网格", "", "", "", "1天"] for number in range(1, 6)]
    assert faults(book(事件=rows)) == [("事件", 4, "", "too_many_rows")]


# Export


def exported():
    to = BytesIO()
    write_catalogue(versions_for_export(JUNE), to)
    return to


def test_export_and_import_is_a_round_trip_for_the_whole_demonstration_catalogue(departments, tmp_path):
    import_catalogue(DATA / "catalogue.csv", valid_from=JANUARY)
    before = state()
    path = tmp_path / "out.xlsx"
    path.write_bytes(exported().getvalue())
    result = import_catalogue(path, valid_from=JUNE, retire_missing=True)
    assert (result.errors, result.created, result.changed, result.retired) == ([], [], [], [])
    assert state() == before


def test_a_text_that_looks_like_a_formula_is_exported_as_text(departments, book):
    import_catalogue(book(事件=[CITY]), valid_from=JANUARY)
    ItemVersion.objects.update(name="=HYPERLINK(1)")
    cell = load_workbook(exported())["事件"]["D2"]
    assert (cell.data_type, cell.value) == ("s", "=HYPERLINK(1)")


# The commands and the demonstration catalogue


def test_the_command_lists_faults_and_fails(departments, book):
    errors = StringIO()
    with pytest.raises(CommandError, match="1 faults"):
        call_command("import_catalogue", book(事件=[[*CITY[:-1], "立即"]]), stderr=errors)
    assert "事件!2 处置时限 unreadable_limit 立即" in errors.getvalue()
    with pytest.raises(CommandError):
        call_command("import_catalogue", "/nowhere.xlsx")


def test_the_commands_import_and_export(departments, book, tmp_path):
    said = StringIO()
    path = book(事件=[CITY, HOTLINE])
    call_command("import_catalogue", path, "--dry-run", stdout=said)
    assert "1 created" in said.getvalue()
    assert "dry run" in said.getvalue()
    call_command("import_catalogue", path, "--from", "2026-01-01", stdout=said)
    call_command("export_catalogue", tmp_path / "out.xlsx", "--on", "2026-02-01", stdout=said)
    assert "2 rows written" in said.getvalue()
    assert import_catalogue(tmp_path / "out.xlsx").unchanged == 1


def test_the_demonstration_catalogue_is_large_enough_and_its_sources_differ(departments):
    result = import_catalogue(DATA / "catalogue.csv", valid_from=JANUARY)
    assert result.errors == []
    assert len(result.created) >= 120
    items = ItemVersion.objects.current(JUNE).prefetch_related("standards", "item")
    assert {version.item.kind for version in items} == {"component", "event", "request"}
    differing = [one for one in items if len({standard.limit for standard in one.standards.all()}) > 1]
    assert len(differing) >= 60
    assert all(version.lead_department_id for version in items)
    assert {version.urgency for version in items} == {"normal", "urgent", "emergency"}
    rubbish = items.get(name="暴露垃圾")
    assert {(one.source, one.limit.text()) for one in rubbish.standards.all()} == {
        ("digital_city", "4工作时"),
        ("hotline", "1个工作日"),
    }
    assert rubbish.effective_limit.text() == "4工作时"
    for version in items.filter(urgency="emergency"):
        assert version.effective_limit.runs_always, version.name
