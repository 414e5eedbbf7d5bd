"""What a requester is told in writing: which text, how it reads, to whom, and that it is on the list."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import AccessLog
from core.encryption import lookup_hash, lookup_hashes
from core.phones import digits_of
from notifications.models import OutgoingMessage
from reports.messages import DEFAULT_TEMPLATES, sample_of, template_for
from reports.models import CatalogueItem, Event, MessageTemplate, Report, Requester, RequesterMessage
from reports.models.vocabulary import MessageEvent
from reports.places import PLACES, fill, unknown_places
from reports.tracking import ALPHABET, tracked
from tests import scenes
from tests.test_callback import HAPPY, IN_VAIN, call
from tests.world import World, post, submit

pytestmark = pytest.mark.django_db


def activate(*events: str) -> None:
    MessageTemplate.objects.filter(event__in=events).update(active=True)


def sent(report_id: Any = None) -> list[tuple[str, str]]:
    rows = RequesterMessage.objects.order_by("pk").select_related("outgoing")
    return [(row.event, row.outgoing.text) for row in rows if report_id in (None, row.report_id)]


def asked(world: World, requester: dict[str, Any] | None = None, number: str = "12345-1") -> Any:
    said = {"source": "hotline", "external_no": number, "requester": requester or scenes.REQUESTER}
    return submit(world, "wang", **said)


# -- places ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["完成100%", "50 % 左右", "%s", "%(number)s%(code)s", "%%"])
def test_known_places_and_plain_percent_signs_are_fine(text: str) -> None:
    assert unknown_places(text) == []


@pytest.mark.parametrize("text", ["%(phone)s", "%(number)", "%(number)d", "%()s", "%(number", "%(Number)s"])
def test_what_only_looks_like_a_place_is_refused(text: str) -> None:
    assert unknown_places(text)
    with pytest.raises(ValidationError):
        MessageTemplate(event="closed", text=text, valid_from=date(2026, 1, 1)).full_clean()


@given(st.text(max_size=60), st.dictionaries(st.sampled_from(PLACES), st.text(max_size=80)))
def test_any_text_can_be_filled_and_is_never_too_long(text: str, values: dict[str, str]) -> None:
    values = dict.fromkeys(PLACES, "") | values
    assert len(fill(text, values, 50)) <= 50


def test_a_long_answer_is_cut_and_the_code_stays() -> None:
    values = dict.fromkeys(PLACES, "") | {"answer": "很" * 900, "code": "ABCDEFGH2345"}
    filled = fill("%(answer)s 查询码:%(code)s", values, 200)
    assert len(filled) == 200
    assert filled.endswith("…" + " 查询码:ABCDEFGH2345")


def test_a_value_that_looks_like_a_place_is_left_as_it_is() -> None:
    assert fill("%(answer)s", dict.fromkeys(PLACES, "") | {"answer": "%(code)s", "code": "X"}, 50) == "%(code)s"


# -- templates ---------------------------------------------------------------------------------------------------


def test_the_default_texts_are_there_and_only_closing_speaks_by_itself(world: World) -> None:
    rows = MessageTemplate.objects.filter(item__isnull=True)
    assert {row.event for row in rows} == set(MessageEvent.values)
    assert {row.event for row in rows if row.active} == {"closed", "by_hand"}
    for row in rows:
        row.full_clean()
    call_command("migrate", verbosity=0)
    assert MessageTemplate.objects.count() == len(DEFAULT_TEMPLATES)


def test_an_items_own_text_comes_first_then_the_latest_in_force(world: World) -> None:
    item = Report.objects.get(pk=submit(world)).item

    def add(valid_from: str, **more: Any) -> MessageTemplate:
        return MessageTemplate.objects.create(event="closed", text="x", valid_from=valid_from, **more)

    def found(day: date = date(2026, 9, 14)) -> MessageTemplate | None:
        return template_for("closed", item.pk, day)

    add("2026-01-01")
    later = add("2026-09-01")
    add("2026-10-01")
    assert found() == later
    own = add("2026-02-01", item=item)
    assert found() == own
    assert template_for("closed", 0, date(2026, 9, 14)) == later
    add("2026-03-01", item=item, active=False)
    assert found() is None, "an item whose latest text is off goes without"
    assert found(date(2026, 2, 1)) == own


def test_templates_in_use_are_listed(world: World) -> None:
    rows = world.api("wang").get("/api/v1/message_templates").json()["results"]
    assert {row["event"] for row in rows} == {"closed", "by_hand"}
    assert all(row["item"] is None for row in rows)


# -- by the rules ------------------------------------------------------------------------------------------------


def test_each_step_tells_the_requester_where_its_template_is_active(world: World) -> None:
    activate("accepted", "dispatched", "closed")
    at = scenes.to_be_called_back(world)
    assert [event for event, _ in sent()] == ["accepted", "dispatched"]
    call(world, at, HAPPY)
    report, requester = Report.objects.get(), Requester.objects.get()
    assert sent()[-1] == (
        "closed",
        f"您反映的“暴露垃圾”（编号{report.number}）已结案。垃圾已清运,感谢反映 "
        f"查询码：{requester.tracking_code}。感谢您的监督。",
    )
    assert {message.to for message in OutgoingMessage.objects.all()} == {"13812345678"}
    assert all(message.next_at == message.created_at for message in OutgoingMessage.objects.all())


def test_without_an_active_template_nothing_is_sent(world: World) -> None:
    MessageTemplate.objects.update(active=False)
    at = scenes.to_be_called_back(world)
    call(world, at, HAPPY)
    assert sent() == []


def test_a_whistle_is_a_dispatch_too_and_is_told_once(world: World) -> None:
    activate("dispatched")
    scenes.asked_for(world)
    assert [event for event, _ in sent()] == ["dispatched"]


def test_taking_a_report_back_and_accepting_it_again_tells_once(world: World) -> None:
    activate("accepted")
    report_id = asked(world)
    for _ in range(2):
        post(world, "wang", f"reports/{report_id}/accept")
        post(world, "wang", f"reports/{report_id}/return_to_pool", reason="再核实")
    assert [event for event, _ in sent()] == ["accepted"]


@pytest.mark.parametrize("step", ["reject", "void"])
def test_a_refusal_is_told_with_its_reason_and_is_the_answer(world: World, step: str) -> None:
    activate("rejected")
    report_id = asked(world)
    post(world, "wang", f"reports/{report_id}/{step}", reason="不属本区")
    ((event, text),) = sent()
    assert event == "rejected"
    assert text.endswith("未予受理：不属本区")
    assert Requester.objects.get().answered_at is not None


def test_one_who_was_not_reached_is_told_in_writing(world: World) -> None:
    at = scenes.to_be_called_back(world)
    for _ in range(3):
        call(world, at, IN_VAIN)
    assert [event for event, _ in sent()] == ["closed"]
    assert Requester.objects.get().answered_at is None


@pytest.mark.parametrize("requester", [{"anonymous": True, "phone": "13812345678"}, {"name": "李四"}])
def test_who_is_anonymous_or_left_no_number_is_never_written_to(world: World, requester: dict[str, Any]) -> None:
    activate("accepted", "dispatched", "closed")
    at = scenes.done_for(world, requester)
    post(world, "wang", f"reports/{at.report}/close", answer="已处理")
    assert sent() == []
    refused = post(world, "wang", f"reports/{at.report}/messages", 409, text="您好")
    assert refused["code"] == "nobody_to_tell"


def test_a_step_that_is_refused_writes_nothing(world: World) -> None:
    activate("accepted")
    report_id = asked(world)
    post(world, "wang", f"reports/{report_id}/accept", 409, version=9)
    assert sent() == []


# -- by hand -----------------------------------------------------------------------------------------------------


def test_a_preview_reads_as_it_would_be_sent_and_sends_nothing(world: World) -> None:
    report_id = asked(world)
    path = f"reports/{report_id}/messages/preview"
    text = post(world, "clerk", path, text="%(number)s:%(status)s,进度100%")["text"]
    assert text == f"{Report.objects.get().number}:待受理,进度100%"
    template = MessageTemplate.objects.get(event="by_hand")
    said = post(world, "wang", path, template=template.pk)
    assert said["text"].startswith("关于您反映的“暴露垃圾”")
    assert said["characters"] == len(said["text"])
    assert sent() == []


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({}, "text_or_template"),
        ({"text": "x", "template": 1}, "text_or_template"),
        ({"template": 10**9}, "unknown_template"),
        ({"text": "您的%(phone)s"}, "unknown_placeholder"),
    ],
)
def test_a_wording_that_is_none_is_refused(world: World, said: dict[str, Any], code: str) -> None:
    report_id = asked(world)
    for path in ("messages", "messages/preview"):
        assert post(world, "wang", f"reports/{report_id}/{path}", 400, **said)["code"] == code


def test_a_message_by_hand_is_listed_with_its_sender_and_masked_number(world: World) -> None:
    report_id = asked(world, {"name": "张三丰", "phone": "+86 138-1234-5678"})
    said = {"text": "%(item)s 已安排", "request_id": str(uuid4())}
    made = post(world, "clerk", f"reports/{report_id}/messages", 201, **said)
    assert post(world, "clerk", f"reports/{report_id}/messages", 201, **said)["id"] == made["id"]
    (row,) = world.api("wang").get(f"/api/v1/reports/{report_id}/messages").json()["results"]
    assert row == made
    assert (row["text"], row["to"], row["state"], row["sent_by"]["username"]) == (
        "暴露垃圾 已安排",
        "138****5678",
        "queued",
        "clerk",
    )
    assert OutgoingMessage.objects.get().to == "13812345678"
    event = Event.objects.get(kind="message")
    assert (event.internal, event.data["message"]) == (True, made["id"])


def test_sending_again_is_a_message_of_its_own_to_the_number_known_now(world: World) -> None:
    report_id = asked(world)
    first = post(world, "wang", f"reports/{report_id}/messages", 201, text="请补充地址")
    assert post(world, "wang", f"messages/{first['id']}/resend", 409)["code"] == "message_waiting"
    OutgoingMessage.objects.update(state="failed", next_at=None)
    requester = Requester.objects.get()
    requester.phone = "13900001111"
    requester.save()
    said = {"request_id": str(uuid4())}
    again = post(world, "clerk", f"messages/{first['id']}/resend", 201, **said)
    assert post(world, "clerk", f"messages/{first['id']}/resend", 201, **said)["id"] == again["id"]
    assert (again["again"], again["text"], again["to"], again["state"]) == (
        first["id"],
        "请补充地址",
        "139****1111",
        "queued",
    )
    one, two = OutgoingMessage.objects.order_by("pk")
    assert one.key != two.key
    post(world, "wang", "messages/99999999/resend", 404)


def test_a_request_id_of_another_step_is_refused(world: World) -> None:
    report_id = asked(world)
    rid = str(uuid4())
    post(world, "wang", f"reports/{report_id}/accept", request_id=rid)
    refused = post(world, "wang", f"reports/{report_id}/messages", 409, text="x", request_id=rid)
    assert refused["code"] == "request_id_taken"


def test_emptying_a_report_erases_the_person_and_all_that_was_written(world: World) -> None:
    report_id = asked(world)
    first = post(world, "wang", f"reports/{report_id}/messages", 201, text="x")
    OutgoingMessage.objects.update(state="sent", next_at=None)
    post(world, "wang", f"messages/{first['id']}/resend", 201)
    world.api("root").post(f"/api/v1/reports/{report_id}/delete", {"reason": "含隐私"}, format="json")
    assert not Requester.objects.exists()
    assert not OutgoingMessage.objects.exists()
    assert not RequesterMessage.objects.exists()


# -- the caller --------------------------------------------------------------------------------------------------


def test_earlier_reports_of_the_same_caller_are_found_however_the_number_is_written(world: World) -> None:
    first = asked(world, {"phone": "13812345678"}, "1")
    second = asked(world, {"phone": "+86 138-1234 5678"}, "2")
    asked(world, {"phone": "13812345679"}, "3")

    def found(name: str, phone: str = "138 1234 5678") -> list[str]:
        answer = world.api(name).post("/api/v1/reports/of_caller", {"phone": phone}, format="json")
        return [row["id"] for row in answer.json()]

    assert found("wang") == found("clerk") == [str(second), str(first)]
    assert found("outsider") == []
    assert found("wang", "---") == []
    looks = AccessLog.objects.filter(actor=world["clerk"])
    assert [(look.kind, look.subject, look.subject_id) for look in looks] == [("lookup", "caller", "138****5678")]


def test_a_keyed_hash_says_nothing_without_the_key_and_older_keys_still_find(settings: Any) -> None:
    old, new = settings.FIELD_KEYS[0], "k" * 43 + "="
    stored = lookup_hash("13812345678")
    settings.FIELD_KEYS = [new, old]
    assert lookup_hash("13812345678") != stored
    assert stored in lookup_hashes("13812345678")
    settings.FIELD_KEYS = [new]
    assert stored not in lookup_hashes("13812345678")
    assert lookup_hash("") == ""


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("138 1234-5678", "13812345678"),
        ("+8613812345678", "13812345678"),
        ("008613812345678", "13812345678"),
        ("0631-5200000", "06315200000"),
        ("+1 202 555 0100", "12025550100"),
        ("- -", ""),
    ],
)
def test_numbers_are_compared_by_their_digits(written: str, digits: str) -> None:
    assert digits_of(written) == digits


def test_the_tracking_code_with_the_last_four_digits_finds_the_report_and_nothing_else_does(world: World) -> None:
    report_id = asked(world)
    code = Requester.objects.get().tracking_code
    assert code is not None
    assert set(code) <= set(ALPHABET)
    assert len(code) == 12
    shown = f"{code[:4]}-{code[4:8]} {code[8:].lower()}"
    found = tracked(shown, "5678")
    assert found is not None
    assert found.report_id == report_id
    for wrong in ((code, "5679"), (code, ""), (code, "13812345678"), ("A" * 12, "5678"), ("", "5678"), (code, "五六")):
        assert tracked(*wrong) is None
    asked(world, {"anonymous": True}, "2")
    nobody = Requester.objects.get(anonymous=True)
    assert tracked(nobody.tracking_code or "", "") is None


# -- in the administration ---------------------------------------------------------------------------------------


def desk(world: World, name: str) -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE="zh-hans")
    client.force_login(world[name], backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_template_is_shown_as_a_requester_would_read_it(world: World) -> None:
    template = MessageTemplate.objects.get(event="closed")
    page = desk(world, "sysadmin").get(reverse("admin:reports_messagetemplate_change", args=[template.pk]))
    assert "您反映的“路灯不亮”（编号261120-ABCD2345）已结案。已于当日修复。" in page.content.decode()
    template.item = CatalogueItem.objects.get(code="02-01-001")
    assert "自来水爆管" in sample_of(template)


def test_a_message_is_sent_again_from_its_page_by_the_desk(world: World) -> None:
    at = scenes.written_to(world)
    OutgoingMessage.objects.update(state="failed")
    again = reverse("admin:reports_requestermessage_resend_page", args=[at.message])
    assert desk(world, "outsider").get(again).status_code in (403, 404)
    client = desk(world, "wang")
    assert "再次发送" in client.get(again).content.decode()
    assert client.post(again).status_code == 302
    repeat = RequesterMessage.objects.get(again_id=at.message)
    assert (repeat.sent_by, repeat.outgoing.state) == (world["wang"], "queued")
    OutgoingMessage.objects.update(state="queued")
    refused = client.post(again)
    assert (refused.status_code, RequesterMessage.objects.filter(again_id=at.message).count()) == (200, 1)
