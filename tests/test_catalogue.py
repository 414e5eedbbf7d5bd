"""The catalogue: dated versions, the effective limit, questions, and reading it."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import Department, User
from core.moment import moved_to
from core.problems import Problem
from reports import questions
from reports.actions.catalogue import (
    StandardContent,
    VersionContent,
    change_item,
    content_of,
    create_item,
    retire_item,
)
from reports.catalogue import current_version
from reports.limits import Limit
from reports.models.catalogue import CatalogueItem, ItemStandard, ItemVersion

JANUARY, JUNE, JULY = date(2026, 1, 1), date(2026, 6, 1), date(2026, 7, 1)


def standard(source, limit, closing="", filing=""):
    return StandardContent(source, Limit.parse(limit), filing, closing)


RUBBISH = VersionContent(
    name="暴露垃圾",
    standards=[standard("hotline", "1个工作日", "已答复"), standard("digital_city", "4工作时", "垃圾清除")],
    may_self_handle=True,
)


@pytest.fixture(autouse=True)
def empty_catalogue(db):
    """Without the items of the shared world."""
    ItemVersion.objects.all().delete()
    CatalogueItem.objects.all().delete()


@pytest.fixture
def authority(db):
    return Department.objects.add_root({"code": "ZF", "name": "综合行政执法局"})


@pytest.fixture
def rubbish(empty_catalogue):
    return create_item("02-01-001", "市容环境", RUBBISH, valid_from=JANUARY)


@pytest.fixture
def reader(db):
    client = APIClient()
    client.force_authenticate(User.objects.create_user("reader", full_name="读者"))
    return client


def refusal(code, function, *args, **options):
    with pytest.raises(Problem) as refused:
        function(*args, **options)
    assert refused.value.code == code
    return refused.value


# Writing


def test_the_shortest_limit_holds_and_names_its_source_and_every_closing_condition_is_kept(rubbish):
    rubbish.refresh_from_db()
    assert rubbish.effective_limit == Limit.parse("4工作时")
    assert rubbish.effective_source == "digital_city"
    assert rubbish.effective_closing == "12345：已答复\n数字城管：垃圾清除"
    assert rubbish.item.kind == "event"
    assert rubbish.item.class_code == "01"


def test_a_change_is_a_new_version_and_the_old_one_still_says_what_held_then(rubbish):
    changed = change_item(rubbish.item, replace(RUBBISH, standards=[standard("grid", "2紧急工作时")]), valid_from=JUNE)
    assert changed.pk != rubbish.pk
    assert current_version("02-01-001", date(2026, 5, 31)).effective_limit.text() == "4工作时"
    assert current_version("02-01-001", JUNE).effective_limit.text() == "2紧急工作时"
    assert ItemVersion.objects.current(JUNE).count() == 1


def test_saying_the_same_again_changes_nothing(rubbish):
    same = replace(RUBBISH, name=" 暴露垃圾 ", standards=list(reversed(RUBBISH.standards)))
    assert change_item(rubbish.item, same, valid_from=JUNE) == rubbish
    assert ItemVersion.objects.count() == 1


def test_a_second_change_on_the_same_day_corrects_the_first(rubbish):
    first = change_item(rubbish.item, replace(RUBBISH, name="暴露的垃圾"), valid_from=JUNE)
    second = change_item(rubbish.item, replace(RUBBISH, standards=[standard("grid", "8工作时")]), valid_from=JUNE)
    assert second == first
    assert [version.name for version in rubbish.item.versions.all()] == ["暴露垃圾", "暴露垃圾"]
    assert ItemStandard.objects.get(version=second).source == "grid"


def test_the_past_cannot_be_rewritten(rubbish):
    change_item(rubbish.item, replace(RUBBISH, name="新"), valid_from=JULY)
    problem = refusal("later_version", change_item, rubbish.item, replace(RUBBISH, name="更新"), valid_from=JUNE)
    assert problem.params["day"] == "2026-07-01"
    assert ItemVersion.objects.count() == 2


def test_a_retired_item_is_gone_from_that_day_and_may_come_back_later(rubbish):
    retire_item(rubbish.item, on=JUNE)
    assert current_version("02-01-001", date(2026, 5, 31)) == rubbish
    refusal("not_found", current_version, "02-01-001", JUNE)
    refusal("item_retired", retire_item, rubbish.item, on=JULY)
    refusal("later_version", change_item, rubbish.item, RUBBISH, valid_from=date(2026, 5, 1))
    back = change_item(rubbish.item, RUBBISH, valid_from=JULY)
    assert current_version("02-01-001", JULY) == back
    refusal("not_found", current_version, "02-01-001", JUNE)
    assert CatalogueItem.objects.get().retired_at is None


def test_an_item_retired_on_its_first_day_is_in_force_that_one_day(rubbish):
    assert retire_item(rubbish.item, on=JANUARY).retired_at == date(2026, 1, 2)
    assert current_version("02-01-001", JANUARY) == rubbish


@pytest.mark.parametrize(
    ("code", "changes", "refused"),
    [
        ("2-1-1", {}, "bad_item_code"),
        ("04-01-001", {}, "bad_item_code"),
        ("02-01-001", {}, "item_code_taken"),
        ("02-01-002", {"name": " "}, "item_name_missing"),
        ("02-01-002", {"standards": []}, "standard_missing"),
        ("02-01-002", {"standards": [standard("grid", "1天"), standard("grid", "2天")]}, "standard_twice"),
        ("02-01-002", {"questions": [{"text": "?", "kind": "colour"}]}, "bad_questions"),
    ],
)
def test_an_item_that_makes_no_sense_is_refused_and_leaves_nothing(rubbish, code, changes, refused):
    refusal(refused, create_item, code, "市容环境", replace(RUBBISH, **changes))
    assert CatalogueItem.objects.count() == 1


def test_the_database_itself_refuses_two_open_versions_and_a_version_of_no_day(rubbish):
    def another(**fields):
        copy = ItemVersion.objects.get(pk=rubbish.pk)
        copy.pk = None
        for name, value in fields.items():
            setattr(copy, name, value)
        with transaction.atomic():
            copy.save(force_insert=True)

    for fields in (
        {"valid_from": JUNE},
        {"valid_from": JANUARY, "valid_to": JUNE},
        {"valid_from": JUNE, "valid_to": JUNE},
        {"valid_from": JUNE, "valid_to": JULY, "effective_amount": Decimal(0)},
    ):
        with pytest.raises(IntegrityError):
            another(**fields)


def test_a_department_that_leads_an_item_cannot_be_deleted(rubbish, authority):
    change_item(rubbish.item, replace(RUBBISH, lead_department=authority), valid_from=JUNE)
    with pytest.raises(IntegrityError):
        authority.delete()


def test_the_content_of_a_version_read_back_is_the_content_written(rubbish, authority):
    content = replace(
        RUBBISH, lead_department=authority, urgency="urgent", questions=questions.read("面积[数字]")
    ).settled()
    assert content_of(change_item(rubbish.item, content, valid_from=JUNE)) == content


def test_the_current_version_is_read_in_one_query(rubbish, django_assert_num_queries):
    with django_assert_num_queries(1):
        version = current_version("02-01-001", JUNE)
        assert (version.item.code, version.lead_department, version.effective_limit.text()) == (
            "02-01-001",
            None,
            "4工作时",
        )


def test_the_day_begins_at_midnight_in_shanghai(rubbish):
    change_item(rubbish.item, replace(RUBBISH, name="新"), valid_from=JUNE)
    zone = ZoneInfo("Asia/Shanghai")
    with moved_to(datetime(2026, 5, 31, 23, 59, tzinfo=zone)):
        assert current_version("02-01-001").name == "暴露垃圾"
    with moved_to(datetime(2026, 6, 1, 0, 0, tzinfo=zone)):
        assert current_version("02-01-001").name == "新"


# Questions


def test_questions_written_in_a_cell_are_read_back_the_same():
    cell = "有无人员受伤*[是/否]\n面积(平方米)[数字]\n颜色[红/黄/绿]\n备注"
    read = questions.read(cell)
    assert [(one["key"], one["kind"], one["required"]) for one in read] == [
        ("q1", "yes_no", True),
        ("q2", "number", False),
        ("q3", "choice", False),
        ("q4", "text", False),
    ]
    assert questions.written(read) == cell
    assert questions.read("") == []


@pytest.mark.parametrize(
    "cell", ["*[是/否]", "颜色[红]", "颜色[红/红]", "一[二]三", "x" * 201, "\n".join("abcdefghijklmnopqrstu")]
)
def test_questions_that_cannot_be_read_are_refused(cell):
    with pytest.raises(ValueError):
        questions.read(cell)


def test_answers_are_held_against_the_questions():
    asked = questions.read("受伤*[是/否]\n面积[数字]\n颜色[红/黄]\n备注")
    assert questions.wrong_answers(asked, {"q1": True, "q2": "2.5", "q3": "红", "q4": "无"}) == []
    assert questions.wrong_answers(asked, {"q1": False}) == []
    assert questions.wrong_answers(asked, {}) == ["q1"]
    assert questions.wrong_answers(asked, {"q1": "是", "q2": "NaN", "q3": "蓝", "q4": 3, "q9": 1}) == [
        "q9",
        "q1",
        "q2",
        "q3",
        "q4",
    ]
    assert questions.wrong_answers(asked, {"q1": True, "q2": True}) == ["q2"]


# Reading over HTTP


def codes(client, **filters):
    answer = client.get(reverse("catalogue-list"), filters)
    assert answer.status_code == 200, answer.content
    return [row["code"] for row in answer.json()["results"]]


def test_an_item_shows_its_standards_and_whose_limit_holds(reader, rubbish, authority):
    change_item(
        rubbish.item,
        replace(RUBBISH, lead_department=authority, questions=questions.read("面积[数字]")),
        valid_from=JUNE,
    )
    with moved_to(datetime(2026, 6, 2, tzinfo=ZoneInfo("UTC"))):
        shown = reader.get(reverse("catalogue-detail", args=["02-01-001"])).json()
    assert shown["effective_limit"] == {
        "amount": "4",
        "unit": "work_hour",
        "text": "4工作时",
        "source": "digital_city",
    }
    assert shown["lead_department"] == {"code": "ZF", "name": "综合行政执法局"}
    assert [(one["source"], one["limit"]["text"]) for one in shown["standards"]] == [
        ("digital_city", "4工作时"),
        ("hotline", "1个工作日"),
    ]
    assert shown["questions"][0]["kind"] == "number"
    assert shown["valid_from"] == "2026-06-01"


def test_the_list_is_filtered_by_kind_text_self_handling_and_department(reader, rubbish, authority):
    pothole = replace(RUBBISH, name="路面坑洼", may_self_handle=False, lead_department=authority)
    create_item("01-01-001", "道路", pothole, valid_from=JANUARY)
    create_item("03-01-001", "物业", replace(RUBBISH, name="物业纠纷"), valid_from=JANUARY)
    assert codes(reader) == ["01-01-001", "02-01-001", "03-01-001"]
    assert codes(reader, kind=["component", "request"]) == ["01-01-001", "03-01-001"]
    assert codes(reader, q="坑") == ["01-01-001"]
    assert codes(reader, q="03-") == ["03-01-001"]
    for letters in ("lumian", "lmkw", "LMKeng", "wa"):
        assert codes(reader, q=letters) == ["01-01-001"], letters
    assert codes(reader, q="wuyejf") == ["03-01-001"]
    assert codes(reader, q="zzz") == []
    assert codes(reader, self_handle="true", kind="event") == ["02-01-001"]
    assert codes(reader, department="ZF") == ["01-01-001"]
    assert codes(reader, department="nobody") == []
    assert reader.get(reverse("catalogue-list"), {"kind": "colour"}).status_code == 400


def test_only_what_is_in_force_today_is_listed(reader, rubbish):
    create_item("02-01-002", "市容环境", replace(RUBBISH, name="将来"), valid_from=date(2999, 1, 1))
    create_item("02-01-003", "市容环境", replace(RUBBISH, name="过去"), valid_from=JANUARY)
    retire_item(CatalogueItem.objects.get(code="02-01-003"), on=date(2026, 1, 5))
    with moved_to(datetime(2026, 6, 2, tzinfo=ZoneInfo("UTC"))):
        assert codes(reader) == ["02-01-001"]
        for code in ("02-01-002", "02-01-003", "no-such"):
            assert reader.get(reverse("catalogue-detail", args=[code])).status_code == 404


def test_pages_follow_each_other_by_code(reader, db):
    for number in range(1, 8):
        create_item(f"02-01-{number:03}", "市容环境", RUBBISH, valid_from=JANUARY)
    seen, url = [], f"{reverse('catalogue-list')}?page_size=3"
    while url:
        page = reader.get(url).json()
        seen += [row["code"] for row in page["results"]]
        url = page["next"]
    assert seen == [f"02-01-{number:03}" for number in range(1, 8)]


@pytest.mark.parametrize("rows", [1, 10, 100])
def test_a_list_of_any_length_takes_three_queries(reader, authority, rows, django_assert_num_queries):
    for number in range(rows):
        create_item(f"02-01-{number:03}", "市容环境", replace(RUBBISH, lead_department=authority), valid_from=JANUARY)
    with django_assert_num_queries(3):
        answer = reader.get(reverse("catalogue-list"), {"page_size": 100, "q": "垃圾"})
    assert len(answer.json()["results"]) == rows
    # One more reads the names to spell.
    with django_assert_num_queries(4):
        answer = reader.get(reverse("catalogue-list"), {"page_size": 100, "q": "laji"})
    assert len(answer.json()["results"]) == rows


def test_someone_who_is_not_logged_in_sees_no_catalogue(rubbish):
    for address in (reverse("catalogue-list"), reverse("catalogue-detail", args=["02-01-001"])):
        assert APIClient().get(address).status_code == 401
