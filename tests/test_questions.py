"""Extra questions of an item: kinds, notices, keys that last, and answers held against them on submission."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.moment import moved_to, now
from reports import questions
from reports.actions.catalogue import StandardContent, VersionContent, change_item, create_item
from reports.limits import Limit
from reports.models import Event, ItemVersion, Report
from tests.world import World, body, submit

FIRE = """是否已经起火*[是/否]{是→停止:请立即拨打119}{否→提示:请远离}
隐患[多选:电线/燃气/堆物]{燃气→提示:请关阀}
发现时间[时间]
房号[短文本]"""
CODE = "02-04-004"


def content(cell: str) -> VersionContent:
    return VersionContent("火灾隐患", [StandardContent("grid", Limit.parse("4工作时"))], questions=questions.read(cell))


# -- as they are written and kept ----------------------------------------------------------------------------------


def test_every_kind_with_its_notices_is_read_back_from_a_cell() -> None:
    read = questions.read(FIRE)
    assert [one["kind"] for one in read] == ["yes_no", "multiple", "datetime", "string"]
    assert read[0]["notices"] == [
        {"answer": True, "text": "请立即拨打119", "stops": True},
        {"answer": False, "text": "请远离", "stops": False},
    ]
    assert "notices" not in read[2]
    assert questions.written(read) == FIRE


@pytest.mark.parametrize(
    "cell",
    [
        "是否[是/否]{也许→停止:x}",
        "颜色[红/黄]{蓝→提示:x}",
        "面积[数字]{1→提示:x}",
        "是否[是/否]{是→x}",
        "是否[是/否]{是→停止:}",
        "是否[是/否]{是→停止:a}{是→提示:b}",
        "有[多选:一]",
    ],
)
def test_notices_and_choices_that_cannot_be_meant_are_refused(cell: str) -> None:
    with pytest.raises(ValueError):
        questions.read(cell)


words = st.text(st.characters(exclude_characters="[]{}*/→\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029", categories=["L", "N", "P"]), min_size=1, max_size=9)  # fmt: skip  # noqa: E501


@st.composite
def asked(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(questions.KINDS))
    choices = draw(st.lists(words, min_size=2, max_size=4, unique=True)) if kind in questions.CHOOSING else []
    answers: list[Any] = [True, False] if kind == "yes_no" else choices
    notices = [
        {"answer": answer, "text": draw(words), "stops": draw(st.booleans())}
        for answer in (draw(st.lists(st.sampled_from(answers), unique=True)) if answers else [])
    ]
    return {
        "text": draw(words),
        "kind": kind,
        "choices": choices,
        "required": draw(st.booleans()),
        "notices": notices,
    }


@given(st.lists(asked(), max_size=6))
def test_what_is_kept_is_read_back_from_what_is_written(several: list[dict[str, Any]]) -> None:
    kept = questions.normalised(several)
    assert questions.read(questions.written(kept)) == kept


def test_answers_of_the_new_kinds_are_held_against_their_questions() -> None:
    read = questions.read("何时[时间]\n房号[短文本]\n缺[多选:灯/盖/杆]")
    fit = {"q1": "2026-05-08T16:00:00+08:00", "q2": "3号楼", "q3": ["灯", "杆"]}
    assert questions.wrong_answers(read, fit) == []
    wrong = {"q1": "2026-05-08T16:00:00", "q2": "x" * 201, "q3": ["灯", "灯"]}
    assert questions.wrong_answers(read, wrong) == ["q1", "q2", "q3"]
    assert questions.wrong_answers(read, {"q1": "9999-01-01T00:00:00Z", "q2": ["a"], "q3": "灯"}) == ["q1", "q2", "q3"]
    assert questions.wrong_answers(questions.read("缺*[多选:灯/盖]"), {"q1": []}) == ["q1"]


def test_an_answer_tells_what_its_question_says() -> None:
    read = questions.read(FIRE)
    assert [one.text for one in questions.told(read, {"q1": True, "q2": ["电线", "燃气"]})] == [
        "请立即拨打119",
        "请关阀",
    ]
    assert questions.told(read, {"q1": 1, "q2": ["电线"]}) == []


@pytest.mark.django_db
def test_a_question_keeps_its_key_and_a_key_is_never_given_twice() -> None:
    item = create_item(
        CODE, "安全", content("甲[数字]\n乙[数字]\n丙"), valid_from=now().date() - timedelta(days=9)
    ).item
    second = change_item(item, content("丙\n甲[数字]"), valid_from=now().date() - timedelta(days=6))
    assert [(one["key"], one["text"]) for one in second.questions] == [("q3", "丙"), ("q1", "甲")]
    third = change_item(item, content("丁\n乙[数字]\n甲"), valid_from=now().date() - timedelta(days=3))
    assert [(one["key"], one["text"]) for one in third.questions] == [("q4", "丁"), ("q2", "乙"), ("q5", "甲")]
    same = change_item(item, content("丁\n乙[数字]\n甲"), valid_from=now().date())
    assert same.pk == third.pk


# -- on submission -------------------------------------------------------------------------------------------------


@pytest.fixture
def fire(world: World) -> World:
    create_item(CODE, "安全", content(FIRE), valid_from=now().date() - timedelta(days=30))
    return world


def send(world: World, name: str = "zhang", report_id: Any = None, **said: Any) -> Any:
    path = f"/api/v1/reports/{report_id or uuid4()}"
    return world.api(name).put(path, body(item=CODE, **said), format="json")


@pytest.mark.django_db
def test_answers_that_fit_are_kept_with_their_questions(fire: World) -> None:
    given = {"q1": False, "q2": ["电线", "堆物"], "q3": "2026-05-08T16:00:00+08:00", "q4": "3号楼"}
    report_id = uuid4()
    assert send(fire, report_id=report_id, answers=given).status_code == 201
    shown = fire.api("wang").get(f"/api/v1/reports/{report_id}").json()
    assert (shown["answers"], shown["unfit_answers"]) == (given, [])
    assert [one["text"] for one in shown["questions"]] == ["是否已经起火", "隐患", "发现时间", "房号"]
    assert shown["questions"][0]["notices"][0]["stops"] is True
    assert "unfit_answers" not in Event.objects.get(report_id=report_id, kind="submit").data


@pytest.mark.django_db
def test_every_answer_that_does_not_fit_is_named_by_its_field(fire: World) -> None:
    answer = send(fire, answers={"q2": ["水"], "q9": 1})
    assert (answer.status_code, answer.json()["code"]) == (400, "wrong_answer")
    assert {one["field"] for one in answer.json()["errors"]} == {"answers.q1", "answers.q2", "answers.q9"}
    assert not Report.objects.exists()


@pytest.mark.django_db
def test_an_answer_that_stops_is_refused_with_the_notice(fire: World) -> None:
    refused = send(fire, answers={"q1": True}).json()
    assert (refused["code"], refused["notice"]) == ("not_for_this_channel", "请立即拨打119")
    assert refused["errors"][0]["field"] == "answers.q1"
    assert send(fire, answers={"q1": False, "q2": ["燃气"]}).status_code == 201


@pytest.mark.django_db
def test_a_repeat_is_answered_as_before_whatever_the_catalogue_asks_since(fire: World) -> None:
    report_id, item = uuid4(), ItemVersion.objects.get(item__code=CODE).item
    assert send(fire, report_id=report_id, answers={"q1": False}).status_code == 201
    change_item(item, content("伤亡人数*[数字]"))
    assert send(fire, report_id=report_id, answers={"q1": False}).status_code == 200
    assert send(fire, report_id=report_id, answers={"q1": True}).json()["code"] == "report_differs"
    assert send(fire, answers={"q1": False}).json()["code"] == "wrong_answer"
    shown = fire.api("wang").get(f"/api/v1/reports/{report_id}").json()
    assert shown["questions"][0]["text"] == "是否已经起火"


@pytest.mark.django_db
def test_a_report_of_yesterday_answers_the_questions_of_yesterday(fire: World) -> None:
    yesterday = now() - timedelta(days=1)
    change_item(ItemVersion.objects.get(item__code=CODE).item, content("伤亡人数*[数字]"))
    report_id = uuid4()
    assert send(fire, report_id=report_id, captured_at=yesterday.isoformat(), answers={"q1": False}).status_code == 201
    report = Report.objects.get(pk=report_id)
    assert report.asked[0]["text"] == "是否已经起火"
    assert questions.wrong_answers(report.asked, report.answers) == []


@pytest.mark.django_db
@pytest.mark.parametrize("answers", [{}, {"q1": "说不清", "q9": 3}, {"q1": True}])
def test_a_report_that_waited_in_the_phone_is_never_lost_for_its_answers(fire: World, answers: dict[str, Any]) -> None:
    report_id = uuid4()
    captured = (now() - timedelta(hours=2)).isoformat()
    assert send(fire, report_id=report_id, captured_at=captured, answers=answers).status_code == 201
    shown = fire.api("wang").get(f"/api/v1/reports/{report_id}").json()
    wrong = questions.wrong_answers(questions.read(FIRE), answers)
    assert (shown["answers"], shown["unfit_answers"]) == (answers, wrong)
    assert Event.objects.get(report_id=report_id, kind="submit").data.get("unfit_answers", []) == wrong
    # One that was taken minutes ago is refused: its sender still stands there.
    just_now = (now() - timedelta(minutes=5)).isoformat()
    assert send(fire, captured_at=just_now, answers=answers).status_code == 400


@pytest.mark.django_db
def test_only_workers_reports_may_come_late_and_another_platform_knows_no_questions(fire: World) -> None:
    late = (now() - timedelta(hours=2)).isoformat()
    refused = send(fire, "wang", source="hotline", captured_at=late, answers={})
    assert refused.json()["code"] == "wrong_answer"
    assert send(fire, "wang", source="hotline", external_no="H-1", answers={}).status_code == 201


@pytest.mark.django_db
@pytest.mark.parametrize("answer", [None, {"a": 1}, [1], ["x" * 1001], ["x"] * 51, "x" * 1001])
def test_an_answer_of_no_known_form_is_refused_by_field(fire: World, answer: Any) -> None:
    refused = send(fire, answers={"q1": answer})
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["field"].startswith("answers.q1")


@pytest.mark.django_db
def test_the_catalogue_serves_the_questions_with_what_they_tell(fire: World) -> None:
    served = fire.api("zhang").get(f"/api/v1/catalogue/{CODE}").json()["questions"]
    assert served[0]["notices"][0] == {"answer": True, "text": "请立即拨打119", "stops": True}
    assert served[1]["notices"] == [{"answer": "燃气", "text": "请关阀", "stops": False}]
    assert served[3] == {
        "key": "q4",
        "text": "房号",
        "kind": "string",
        "choices": [],
        "required": False,
        "notices": [],
    }


@pytest.mark.django_db
def test_the_page_of_a_report_shows_the_answers_in_words(fire: World) -> None:
    from tests.admin_scenes import enter, page

    report_id, captured = uuid4(), (now() - timedelta(hours=2)).isoformat()
    send(fire, report_id=report_id, captured_at=captured, answers={"q2": ["电线", "燃气"], "q9": "?"})
    shown = enter(fire, "wang").get(page("reports_report_change", report_id)).content.decode()
    assert "电线、燃气" in shown
    assert "是否已经起火" in shown


@pytest.mark.django_db
def test_the_time_of_capture_decides_also_after_midnight(fire: World) -> None:
    """The day is the city's: 17:00 UTC is the next day in Asia/Shanghai."""
    item = ItemVersion.objects.get(item__code=CODE).item
    moment = now().replace(hour=17, minute=0) + timedelta(days=1)
    change_item(item, content("伤亡人数*[数字]"), valid_from=(moment + timedelta(hours=8)).date())
    with moved_to(moment):
        before = (moment - timedelta(hours=1, minutes=1)).isoformat()
        report_id = submit(fire, item=CODE, captured_at=before, answers={"q1": False})
        assert Report.objects.get(pk=report_id).asked[0]["text"] == "是否已经起火"
