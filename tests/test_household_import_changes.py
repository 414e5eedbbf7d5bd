"""What an import changes in the register: whom a row is taken for, and what it leaves as it is."""

import pytest

from core.encryption import lookup_hash
from households.models import Building, CareMark, Household, HouseholdEvent, Resident
from tests.household_books import apply, book, faults, imported, row, told, upload
from tests.household_import_scenes import FOREIGN, SPOUSE, VACANT, the_register
from tests.household_scenes import CARD, GRID, PHONE, card, homes
from tests.world import World

pytestmark = pytest.mark.django_db
OTHER_CARD = card("19920202", 124)


def test_a_changed_phone_is_one_change_with_a_history_that_tells_no_number(world: World) -> None:
    imported(world, row(证件号码=CARD, 电话=PHONE), SPOUSE)
    done = imported(world, row(证件号码=CARD, 电话="13700001111"), SPOUSE)
    assert told(done) == (0, 0, 1, 0, 1, 1)
    event = HouseholdEvent.objects.latest("pk")
    assert (event.kind, event.data) == ("edit_resident", {"fields": ["phone"]})
    head = Resident.objects.get(relation="head")
    assert (head.phone, head.phone_hash, head.version) == ("13700001111", lookup_hash("13700001111"), 2)


def test_empty_cells_and_missing_columns_leave_what_is_stored(world: World) -> None:
    imported(
        world,
        row(证件号码=CARD, 电话=PHONE, 党员="是", 个人标签="残疾人", 户类型="合租户"),
        SPOUSE,
    )
    before = the_register()
    few = ["网格", "小区", "楼栋", "单元", "室", "居住情况", "姓名", "与户主关系"]
    run = upload(world, book(row(居住情况="", 与户主关系=""), titles=few))
    assert told(apply(world, run)) == (0, 0, 1, 0, 0, 1)
    # Who is not in the file still lives there.
    assert the_register() == before


def test_a_number_is_filled_in_for_one_known_by_name(world: World) -> None:
    imported(world, row())
    assert told(imported(world, row(证件号码=CARD))) == (0, 0, 1, 0, 1, 0)
    # Another number is another person.
    second = row(证件号码=OTHER_CARD, 与户主关系="其他亲属")
    assert told(imported(world, second)) == (0, 0, 1, 1, 0, 0)
    assert Household.objects.get().version == 2


def test_namesakes_without_a_number_are_not_told_apart(world: World) -> None:
    run = upload(world, book(row(), row(与户主关系="子女"), row(与户主关系="子女", 证件号码=CARD)))
    assert faults(world, run) == [(3, "姓名", "resident_twice"), (4, "姓名", "resident_twice")]
    imported(world, row(证件号码=CARD))
    imported(world, row(证件号码=OTHER_CARD, 与户主关系="子女"))
    run = upload(world, book(row(与户主关系="", 电话=PHONE)))
    assert faults(world, run) == [(2, "姓名", "resident_unclear")]


def test_a_household_has_one_head_whoever_is_in_the_file(world: World) -> None:
    imported(world, row(证件号码=CARD), SPOUSE)
    run = upload(world, book(row(姓名="钟离春华")))
    assert faults(world, run) == [(2, "与户主关系", "head_taken")]
    # The head hands over when the file says both.
    done = imported(world, row(证件号码=CARD, 与户主关系="配偶"), row(姓名="钟离春华", 与户主关系="户主"))
    assert told(done) == (0, 0, 1, 0, 2, 0)
    assert Resident.objects.get(relation="head").name == "钟离春华"


def test_somebody_comes_to_live_in_a_vacant_dwelling_and_nobody_is_left_in_one(world: World) -> None:
    imported(world, VACANT)
    assert faults(world, upload(world, book(row(居住情况="空置")))) == [(2, "居住情况", "vacant_dwelling")]
    assert faults(world, upload(world, book(row(居住情况="")))) == [(2, "居住情况", "vacant_dwelling")]
    assert told(imported(world, row(居住情况="出租"))) == (0, 1, 0, 1, 0, 0)
    home = Household.objects.get()
    assert (home.occupancy, home.version) == ("tenant", 2)
    assert faults(world, upload(world, book(VACANT))) == [(2, "居住情况", "not_vacant")]


def test_houses_without_a_building_are_found_by_their_address(world: World) -> None:
    door = {"小区": "台上村", "楼栋": "", "单元": "", "室": "", "地址": "18号"}
    imported(world, row(**door))
    assert Household.objects.get().address == "台上村18号"
    assert told(imported(world, row(**{**door, "小区": "", "地址": "台上村 18 号"}))) == (0, 0, 1, 0, 0, 1)


def test_doors_are_written_in_many_ways_and_are_one(world: World) -> None:
    imported(world, row())
    for said in ({"楼栋": "3"}, {"楼栋": "3#"}, {"单元": 2, "室": 502}, {"室": "502室", "单元": "2单元"}):
        assert told(imported(world, row(**said))) == (0, 0, 1, 0, 0, 1), said
    assert Building.objects.count() == 1


def test_a_grid_is_named_by_code_or_name_and_a_foreign_one_is_a_bad_row(world: World) -> None:
    name = world.area(GRID).name
    run = upload(world, book(row(网格=name), row(室="601", 网格=FOREIGN), row(室="602", 网格="不存在")))
    assert faults(world, run) == [(3, "网格", "foreign_grid"), (4, "网格", "unknown_grid")]
    assert apply(world, run, take_good_rows=True)["households_new"] == 1
    # Wang sees the whole street and imports nowhere.
    assert upload(world, book(row()), "wang", expect=403)["code"] == "forbidden"


def test_a_number_of_a_household_is_taken_once(world: World) -> None:
    imported(world, row(户编号="TS-1"))
    run = upload(
        world,
        book(
            row(户编号="TS-2"), row(室="601", 户编号="TS-1"), row(室="602", 户编号="TS-9"), row(室="603", 户编号="TS-9")
        ),
    )
    assert faults(world, run) == [
        (2, "户编号", "code_differs"),
        (3, "户编号", "code_in_use"),
        (5, "户编号", "code_in_use"),
    ]


def test_tags_that_are_said_are_the_tags(world: World) -> None:
    imported(world, row(个人标签="残疾人、独居老人", 户标签="低保或困难家庭"))
    assert told(imported(world, row(个人标签="独居老人", 户标签="失独家庭"))) == (0, 1, 0, 0, 1, 0)
    assert sorted(CareMark.objects.values_list("tag__code", flat=True)) == ["bereaved", "living_alone"]
    assert HouseholdEvent.objects.filter(kind="edit").get().data["tags_removed"] == ["low_income"]


def test_what_was_registered_since_the_check_is_met_and_not_doubled(world: World) -> None:
    run = upload(world, book(row(证件号码=CARD), SPOUSE))
    homes(world)
    assert Household.objects.filter(ended_at__isnull=True).count() == 4
    done = apply(world, run)
    # The family of the scene lives there: its spouse is known by name.
    assert told(done)[0] == 0
    assert Household.objects.filter(ended_at__isnull=True).count() == 4


def test_a_row_that_went_bad_since_the_check_is_left_out_and_named(world: World) -> None:
    run = upload(world, book(row(姓名="新户主"), SPOUSE))
    assert run["fault_count"] == 0
    homes(world)
    done = apply(world, run)
    assert (done["state"], done["fault_count"]) == ("done", 1)
    assert faults(world, run) == [(2, "与户主关系", "head_taken")]
