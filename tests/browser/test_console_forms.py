"""The forms of the desks, filled in as their people would: sent back with what is missing, then taken, as seen on
screen and at the server."""

import hashlib
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Desks
from tests.browser.doing import PHOTOS
from tests.browser.server import Server
from tests.world import LAT, LNG

POSITION = {"lng": LNG, "lat": LAT, "coord_type": "wgs84"}
AFTER = Path(PHOTOS[0]).read_bytes()


def submit(server: Server, name: str = "zhang", **said: Any) -> str:
    own = str(uuid4())
    body = {"item": "01-01-001", "description": "垃圾未清运", "position": POSITION, **said}
    server.call(name, "PUT", f"reports/{own}", body)
    return own


def blow(server: Server) -> dict[str, Any]:
    """An emergency whistle at water, which has the lead, and gas."""
    own = submit(server, item="02-01-001", description="主管道爆裂")
    server.call("wang", "POST", f"reports/{own}/accept", {})
    called = [{"department": "SWJT", "role": "lead"}, {"department": "RQGS", "role": "assist"}]
    said = {"kind": "emergency", "reason": "水管爆裂", "departments": called}
    blown: dict[str, Any] = server.call("wang", "POST", f"reports/{own}/whistles", said)
    return blown


def duty(report: dict[str, Any], role: str = "lead") -> int:
    return int(next(one["id"] for one in report["assignments"] if one["role"] == role))


def result(report: dict[str, Any]) -> dict[str, Any]:
    """What a lead answers; its photo is still to be sent."""
    return {
        "measures": "已处理",
        "discussed_with": "物业李经理",
        "taken_up_at": report["received_at"],
        "solved_by": report["received_at"],
        "photos": [{"sha256": hashlib.sha256(AFTER).hexdigest(), "size": len(AFTER), "kind": "after"}],
    }


def of(server: Server, report: str, name: str = "wang") -> dict[str, Any]:
    detail: dict[str, Any] = server.call(name, "GET", f"reports/{report}")
    return detail


def choose(group: Locator, name: str) -> None:
    group.get_by_role("radio", name=name, exact=True).check()


def test_the_street_rates_every_department_that_was_called(desks: Desks, server: Server) -> None:
    blown = blow(server)
    there = {"position": {**POSITION, "accuracy": 10}, "photos": [{"sha256": "a" * 64, "size": 9, "kind": "reference"}]}
    for name, one in (("water", duty(blown)), ("gas", duty(blown, "assist"))):
        server.call(name, "POST", f"assignments/{one}/report_in", there)
    server.call("gas", "POST", f"assignments/{duty(blown, 'assist')}/submit", {"measures": "无泄漏"})
    server.call("water", "POST", f"assignments/{duty(blown)}/submit", result(blown))

    page = desks("wang", f"/whistles/{blown['whistles'][0]['id']}")
    page.get_by_role("button", name="评价", exact=True).click()
    form = page.get_by_role("dialog", name="街道评部门")
    water, gas = form.get_by_role("group", name="水务集团"), form.get_by_role("group", name="燃气公司")
    for grade in ("响应", "到场", "结果"):
        choose(water.get_by_role("radiogroup", name=grade), "4")
    form.get_by_role("button", name="提交评价").click()
    expect(form.get_by_text("请填写此项")).to_have_count(3)
    # The cursor is where something is missing.
    expect(gas.get_by_role("radiogroup", name="响应").get_by_role("radio", name="1")).to_be_focused()
    for grade in ("响应", "到场", "结果"):
        choose(gas.get_by_role("radiogroup", name=grade), "2")
    gas.get_by_label("评语").fill("到场较慢")
    form.get_by_role("button", name="提交评价").click()
    page.locator("[data-test=status]").get_by_text("已评价").wait_for()
    rated = {one["id"]: one for one in of(server, blown["id"])["assignments"]}
    assert rated[duty(blown)]["rating_response"] == 4
    assert rated[duty(blown, "assist")]["rating_comment"] == "到场较慢"


def test_a_duty_is_handed_to_one_of_the_unit_and_taken_back(desks: Desks, server: Server) -> None:
    blown = blow(server)
    page = desks("water", f"/duties?duty={duty(blown)}")
    page.get_by_role("button", name="转办", exact=True).click()
    form = page.get_by_role("dialog", name="转办")
    expect(form.get_by_label("经办人")).to_be_enabled()
    form.get_by_role("button", name="转办", exact=True).click()
    form.get_by_text("请选择另一个单位或经办人").wait_for()
    form.get_by_label("经办人").select_option("water_boss")
    form.get_by_label("说明").fill("请陈经理到场")
    form.get_by_role("button", name="转办", exact=True).click()
    page.get_by_text("水务陈经理 经办").wait_for()
    assert next(one for one in of(server, blown["id"])["assignments"] if one["id"] == duty(blown))["assignee"] == {
        "username": "water_boss",
        "name": "水务陈经理",
    }
    page.get_by_role("button", name="收回", exact=True).click()
    page.get_by_role("dialog", name="收回").get_by_role("button", name="收回", exact=True).click()
    page.get_by_role("button", name="签收", exact=True).wait_for()
    assert next(one for one in of(server, blown["id"])["assignments"] if one["id"] == duty(blown))["assignee"] is None


def test_more_time_is_asked_for_and_granted(desks: Desks, server: Server) -> None:
    blown = blow(server)
    department = desks("water", f"/duties?duty={duty(blown)}")
    department.get_by_role("button", name="申请延期").click()
    form = department.get_by_role("dialog", name="申请延期")
    form.get_by_role("button", name="申请延期").click()
    form.get_by_text("请填写此项").wait_for()
    form.get_by_label("理由").fill("配件未到")
    form.get_by_role("button", name="申请延期").click()
    asked = department.get_by_role("list", name="申请审批")
    asked.get_by_text("待审批").wait_for()

    def due() -> str:
        clocks = of(server, blown["id"])["clocks"]
        return str(next(one["due_at"] for one in clocks if one["kind"] == "handle" and not one["stopped_at"]))

    before = due()
    street = desks("wang", "/requests")
    row = street.get_by_role("row", name=blown["number"])
    row.get_by_role("button", name="同意", exact=True).click()
    form = street.get_by_role("dialog", name="同意 · 延期")
    form.get_by_text("延长一个原时限").wait_for()
    form.get_by_label("说明").fill("配件到货前")
    form.get_by_role("button", name="同意", exact=True).click()
    street.get_by_role("status").get_by_text(f"已同意：延期 {blown['number']}").wait_for()
    asked.get_by_text("已同意").wait_for()
    (request,) = of(server, blown["id"])["requests"]
    assert (request["status"], request["decision_note"]) == ("granted", "配件到货前")
    assert due() > before


def test_a_matter_is_split_out_of_a_report(desks: Desks, server: Server) -> None:
    own = submit(server, description="垃圾未清运，旁边井盖缺失")
    page = desks("wang", f"/reports/{own}")
    page.get_by_role("button", name="拆分", exact=True).click()
    form = page.get_by_role("dialog", name="拆分")
    form.get_by_role("button", name="拆分", exact=True).click()
    form.get_by_text("请选择事项并写明情况").wait_for()
    part = form.get_by_role("group", name="拆出的第 1 件")
    part.get_by_role("combobox", name="拆出的事项").fill("井盖")
    part.get_by_role("option", name="井盖缺失").click()
    part.get_by_label("情况说明").fill("井盖缺失一个")
    form.get_by_label("本件剩下的情况").fill("垃圾未清运")
    form.get_by_role("button", name="拆分", exact=True).click()
    page.get_by_text("由本件拆出").wait_for()
    kept = of(server, own)
    assert kept["description"] == "垃圾未清运"
    (new,) = kept["split_into"]
    split = of(server, new["id"])
    assert (split["item_name"], split["description"]) == ("井盖缺失", "井盖缺失一个")


def waiting_for_a_call(server: Server) -> dict[str, Any]:
    """Done by the urban office for one who called the hotline, and approved."""
    requester = {"name": "张三丰", "phone": "13812345678"}
    own = submit(server, "wang", source="hotline", external_no=uuid4().hex[:12], requester=requester)
    server.call("wang", "POST", f"reports/{own}/accept", {})
    targets = [{"role": "lead", "department": "YTJD-CG"}]
    assigned = server.call("wang", "POST", f"reports/{own}/assign", {"assignments": targets})
    server.call("urban", "POST", f"assignments/{duty(assigned)}/receive", {})
    said = result(assigned)
    server.call("urban", "POST", f"assignments/{duty(assigned)}/submit", said)
    headers = {"Authorization": f"Token {server.token('urban')}", "Content-Type": "image/jpeg"}
    address = f"{server.url}/api/v1/reports/{own}/photos/{said['photos'][0]['sha256']}"
    requests.put(address, data=AFTER, headers=headers, timeout=30).raise_for_status()
    server.call("wang", "POST", f"reports/{own}/approve", {})
    server.call("wang", "POST", f"reports/{own}/close", {"answer": "垃圾已清运"})
    return of(server, own)


def test_a_requester_for_whom_nothing_is_solved_sends_it_back_to_the_unit(desks: Desks, server: Server) -> None:
    first, other = waiting_for_a_call(server), waiting_for_a_call(server)
    page = desks("clerk", "/callback")
    page.locator(f"button[data-report='{first['id']}']").click()
    form = page.get_by_role("region", name="回访记录")
    form.get_by_role("button", name="查看号码").click()
    form.get_by_text("13812345678").wait_for()
    choose(form, "已接通")
    choose(form, "未解决")
    choose(form, "不满意")
    save = form.get_by_role("button", name="保存并转到下一件")
    save.click()
    form.get_by_text("请写明不满意或未解决的原因").wait_for()
    form.get_by_text("保存后退回重办").wait_for()
    form.get_by_label("反映人说了什么").fill("又满了")

    # What was noted outlasts a look at another.
    page.locator(f"button[data-report='{other['id']}']").click()
    form.get_by_role("link", name=other["number"]).wait_for()
    expect(form.get_by_label("反映人说了什么")).to_be_empty()
    page.locator(f"button[data-report='{first['id']}']").click()
    form.get_by_role("link", name=first["number"]).wait_for()
    expect(form.get_by_label("反映人说了什么")).to_have_value("又满了")
    # Nor was the look at the number a change that somebody else made.
    expect(form.get_by_text("刚刚有了新变化")).to_have_count(0)

    save.click()
    page.get_by_text("已保存，转到下一件").wait_for()
    form.get_by_role("link", name=other["number"]).wait_for()
    again = of(server, first["id"])
    assert (again["status"], again["assignments"][0]["status"]) == ("in_progress", "rework")
    unit = desks("urban", f"/duties?duty={duty(again)}")
    unit.locator("[data-test=duty-status]").get_by_text("返工").wait_for()


def test_faces_are_hidden_by_the_pointer_and_by_keys(desks: Desks, server: Server) -> None:
    name = hashlib.sha256(AFTER).hexdigest()
    own = submit(server, photos=[{"sha256": name, "size": len(AFTER), "kind": "near"}])
    server.send("zhang", f"reports/{own}/photos/{name}", AFTER)
    page = desks("wang", f"/reports/{own}")
    page.get_by_role("button", name="近景").first.click()
    page.get_by_role("button", name="打码").click()
    page.get_by_role("button", name="加一个框").click()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Shift+ArrowRight")
    area = page.get_by_role("img", name="要打码的照片").bounding_box()
    assert area is not None
    page.mouse.move(area["x"] + area["width"] * 0.1, area["y"] + area["height"] * 0.1)
    page.mouse.down()
    page.mouse.move(area["x"] + area["width"] * 0.3, area["y"] + area["height"] * 0.2)
    page.mouse.up()
    page.get_by_role("button", name="保存打码").click()
    page.get_by_role("button", name="打码", exact=True).wait_for()
    (photo,) = server.call("wang", "GET", f"reports/{own}")["photos"]
    by_keys, by_pointer = photo["hidden"]
    assert by_keys == [0.4, 0.39, 0.21, 0.2]
    assert [round(side, 2) for side in by_pointer] == [0.1, 0.1, 0.2, 0.1]
