"""One POST per action. Each answers with the whole report as it stands afterwards."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import Model
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from accounts.api.authentication import caller
from accounts.models import User
from accounts.roles import Can
from core.problems import Problem
from notifications.status import delivery_status
from reports.access import get_report, visible_assignments, visible_field_checks, visible_whistles
from reports.actions import (
    asking,
    callback,
    cards,
    deciding,
    dispatch,
    field_checks,
    handing_on,
    handling,
    leaving,
    merging,
    pool,
    redacting,
    review,
    rounds,
    splitting,
    supervision,
    urging,
    whistles,
)
from reports.actions.step import AlreadyDone
from reports.api.filters import AssignmentFilter, FieldCheckFilter, WhistleFilter
from reports.api.input import (
    AcceptIn,
    AssignIn,
    CallBackIn,
    CardIn,
    CloseIn,
    DeclineIn,
    DeleteIn,
    EscalateIn,
    FieldCheckAnswerIn,
    FieldCheckIn,
    GrantIn,
    HandOnIn,
    InternalNoteIn,
    LeaveIn,
    MeetingIn,
    MergeIn,
    MinutesIn,
    NoteIn,
    OrderIn,
    RateIn,
    ReasonIn,
    RedactionIn,
    ReplyIn,
    ReportInIn,
    ResultIn,
    RevealIn,
    ReviewIn,
    RevokeIn,
    ReworkIn,
    SplitIn,
    StepIn,
    SuspensionIn,
    UrgeIn,
    WhistleIn,
    attendance_of,
    called_of,
    decisions_of,
    parts_of,
    photos_of,
    position_of,
    ratings_of,
    result_of,
    target_of,
    targets_of,
)
from reports.api.output.duties import AssignmentRow, WhistleDelivery, WhistleRow
from reports.api.output.field_checks import FieldCheckRow
from reports.api.output.report import ReportDetail
from reports.api.reports import detail_response
from reports.models import Assignment, Card, ChangeRequest, Event, FieldCheck, SupervisionOrder, Whistle
from reports.models.vocabulary import RequestKind
from reports.photos.hiding import Box

WHISTLE_JOINS = ("calling_area", "calling_department")
Run = Callable[[User, Any, dict[str, Any]], None]
# Whether an event records a step on the object with this key.
Records = Callable[[Event, Any], bool]


def _step_view(name: str, step: "StepRow", report_of: Callable[[Any], UUID], concerns: Records) -> Callable[..., Any]:
    """A view that reads the body, runs the action and answers with the report."""
    _, body, run, says, kinds = step

    class StepView(APIView):
        @extend_schema(request=body, responses=ReportDetail, operation_id=name, description=says, summary=says)
        def post(self, request: Request, pk: Any) -> Response:
            serializer = body(data=request.data)
            serializer.is_valid(raise_exception=True)
            report_id = report_of(pk)
            try:
                run(caller(request), pk, dict(serializer.validated_data))
            except AlreadyDone as done:
                if done.event.kind not in kinds.split() or not concerns(done.event, pk):
                    raise Problem("request_id_taken", "request_id") from None
            return detail_response(request, report_id)

    StepView.__name__ = "".join(part.title() for part in name.split("_"))
    StepView.__doc__ = says
    return StepView.as_view()


def _itself(pk: UUID) -> UUID:
    return pk


def _of(model: type[Model]) -> Callable[[int], UUID]:
    """How to find the report of an object that hangs on one."""

    def find(pk: int) -> UUID:
        report_id = model._default_manager.filter(pk=pk).values_list("report_id", flat=True).first()
        if report_id is None:
            raise Problem("not_found")
        return report_id

    return find


def _assign(user: User, pk: UUID, data: dict[str, Any]) -> None:
    dispatch.assign(user, pk, targets_of(data), **data)


def _whistle(user: User, pk: UUID, data: dict[str, Any]) -> None:
    whistles.draft_whistle(user, pk, called=called_of(data), **data)


def _report_in(user: User, pk: int, data: dict[str, Any]) -> None:
    handling.report_in(user, pk, position_of(data.pop("position")), photos_of(data), **data)


def _submit(user: User, pk: int, data: dict[str, Any]) -> None:
    handling.submit_result(user, pk, result_of(data), **data)


def _rework(user: User, pk: UUID, data: dict[str, Any]) -> None:
    review.rework(user, pk, data.pop("reason"), data.pop("assignment", None), **data)


def _urge(user: User, pk: UUID, data: dict[str, Any]) -> None:
    urging.urge(user, pk, data.pop("note", ""), assignment_id=data.pop("assignment", None), **data)


def _redact(user: User, pk: UUID, data: dict[str, Any]) -> None:
    boxes = [Box(**box) for box in data.pop("boxes")]
    redacting.redact_photo(user, pk, data.pop("photo"), boxes, **data)


def _minutes(user: User, pk: int, data: dict[str, Any]) -> None:
    attendance, decisions = attendance_of(data), decisions_of(data)
    rounds.record_minutes(user, pk, attendance=attendance, decisions=decisions, **data)


def _rate(user: User, pk: int, data: dict[str, Any]) -> None:
    whistles.rate_whistle(user, pk, ratings_of(data), **data)


def _answer(user: User, pk: int, data: dict[str, Any]) -> None:
    photos = photos_of(data)
    field_checks.answer_field_check(user, pk, position=position_of(data.pop("position")), photos=photos, **data)


def _split(user: User, pk: UUID, data: dict[str, Any]) -> None:
    splitting.split(user, pk, parts_of(data), **data)


def _grant(user: User, pk: int, data: dict[str, Any]) -> None:
    deciding.grant(user, pk, target=target_of(data), **data)


def _plain(action: Callable[..., None]) -> Run:
    return lambda user, pk, data: action(user, pk, **data)


# name (the last part of the address), body, action, what it is, and the kinds of the event that carries its request id.
StepRow = tuple[str, type[BaseSerializer[Any]], Run, str, str]

REPORT_STEPS: list[StepRow] = [
    (
        "accept",
        AcceptIn,
        _plain(pool.accept),
        "受理 Accept; the catalogue's standard is frozen on the report",
        "accept",
    ),
    ("reject", ReasonIn, _plain(pool.reject), "不予受理 Reject, with the reason", "reject"),
    ("void", ReasonIn, _plain(pool.void), "作废 Void, with the reason", "void"),
    ("return_to_pool", ReasonIn, _plain(pool.return_to_pool), "退回待受理 Undo the acceptance", "return_to_pool"),
    ("assign", AssignIn, _assign, "派单 Assign to units and people of one's own", "assign"),
    ("whistles", WhistleIn, _whistle, "吹哨 Draft a whistle; an emergency is blown at once", "draft_whistle"),
    ("approve", NoteIn, _plain(review.approve), "核验通过 Approve the submitted results", "approve"),
    ("rework", ReworkIn, _rework, "返工 Send back for rework", "rework"),
    (
        "close",
        CloseIn,
        _plain(review.close),
        "结案 Close, with the answer to the requester; one who can be called is called first",
        "close to_callback",
    ),
    ("call_back", CallBackIn, _plain(callback.call_back), "回访 Record a call to the requester", "call_back"),
    ("reopen", ReasonIn, _plain(review.reopen), "重开 Reopen within the days allowed", "reopen"),
    (
        "redact_photo",
        RedactionIn,
        _redact,
        "打码 Hide parts of a photo from all who are shown it; none shows it whole again",
        "redact_photo",
    ),
    ("note", InternalNoteIn, _plain(pool.add_note), "内部备注 Add an internal note", "note"),
    ("urge", UrgeIn, _urge, "催办 Nudge the units at work, or those in whose hands the report lies", "urge"),
    (
        "field_check",
        FieldCheckIn,
        _plain(field_checks.ask_field_check),
        "核查/核实 Send somebody to look: before it is accepted, or at the result",
        "field_check",
    ),
    ("merge", MergeIn, _plain(merging.merge), "并案 Let another report go on for this one", "merge"),
    ("unmerge", NoteIn, _plain(merging.unmerge), "撤销并案 Undo a merge", "unmerge"),
    ("split", SplitIn, _split, "拆分 Take matters out into reports of their own", "split"),
    (
        "ask_suspension",
        SuspensionIn,
        _plain(asking.ask_suspension),
        "申请挂账 Ask that the matter rest until a day",
        "ask_suspension",
    ),
    ("resume", NoteIn, _plain(deciding.resume), "恢复办理 End a suspension before its day", "resume"),
    ("supervise", OrderIn, _plain(supervision.open_order), "督办 Open a supervision order", "supervise"),
    ("cards", CardIn, _plain(cards.give_card), "黄牌/红牌 Give a unit of this report a card", "card"),
]
FIELD_CHECK_STEPS: list[StepRow] = [
    (
        "answer",
        FieldCheckAnswerIn,
        _answer,
        "核查反馈 Answer a field check from the spot: confirmed or not, position, photo",
        "field_check_answered",
    ),
    (
        "cancel",
        NoteIn,
        _plain(field_checks.cancel_field_check),
        "撤销核查 Cancel a field check",
        "field_check_cancelled",
    ),
]
ASSIGNMENT_STEPS: list[StepRow] = [
    ("receive", StepIn, _plain(handling.receive), "签收 Sign for the duty", "receive"),
    ("report_in", ReportInIn, _report_in, "报到 Report in on the spot", "report_in"),
    ("submit", ResultIn, _submit, "反馈 Submit the result", "submit_result"),
    ("leave", LeaveIn, _plain(leaving.leave), "离场 Ask to leave the place, or say that one has", "ask_leave leave"),
    ("release", NoteIn, _plain(leaving.release), "放行 Let a unit leave before the end", "release"),
    ("waive", ReasonIn, _plain(review.waive), "免除 Release a unit from its duty, with the reason", "waive"),
    ("ask_return", ReasonIn, _plain(asking.ask_return), "申请退单 Give the duty back; its clocks pause", "ask_return"),
    ("ask_waiver", ReasonIn, _plain(asking.ask_waiver), "申请免除 Ask to be released from the duty", "ask_waiver"),
    ("ask_extension", ReasonIn, _plain(asking.ask_extension), "申请延期 Ask for one more limit", "ask_extension"),
    ("ask_appeal", ReasonIn, _plain(asking.ask_appeal), "超期申诉 Appeal against being overdue", "ask_appeal"),
    ("hand_on", HandOnIn, _plain(handing_on.hand_on), "转办 Hand on to one's staff or a unit below", "hand_on"),
    ("take_back", NoteIn, _plain(handing_on.take_back), "收回 Take back what was handed on", "take_back"),
]


def _of_every_kind(decision: str) -> str:
    return " ".join(f"{decision}_{kind}" for kind in RequestKind.values)


REQUEST_STEPS: list[StepRow] = [
    ("grant", GrantIn, _grant, "同意 Grant; a return may name who takes over", _of_every_kind("grant")),
    ("refuse", DeclineIn, _plain(deciding.refuse), "不同意 Refuse, with the reason", _of_every_kind("refuse")),
    (
        "withdraw",
        NoteIn,
        _plain(asking.withdraw_request),
        "撤回 Withdraw before it is decided",
        _of_every_kind("withdraw"),
    ),
]
WHISTLE_STEPS: list[StepRow] = [
    (
        "request",
        StepIn,
        _plain(whistles.request_whistle),
        "提交 Send a draft on for approval",
        "request_whistle blow",
    ),
    (
        "approve",
        NoteIn,
        _plain(whistles.approve_whistle),
        "批准 Approve; the whistle is blown",
        "approve_whistle",
    ),
    ("decline", DeclineIn, _plain(whistles.decline_whistle), "不批准 Decline, with the reason", "decline_whistle"),
    (
        "withdraw",
        DeclineIn,
        _plain(whistles.withdraw_whistle),
        "撤回 Withdraw, with the reason; units that were called are released",
        "withdraw_whistle",
    ),
    (
        "review",
        ReviewIn,
        _plain(whistles.review_whistle),
        "事后审核 Say of an emergency whistle whether it was one",
        "review_whistle",
    ),
    (
        "escalate",
        EscalateIn,
        _plain(rounds.escalate_whistle),
        "升级 The result failed: call again, one level up or to a joint meeting",
        "escalate",
    ),
    ("meeting", MeetingIn, _plain(rounds.set_meeting), "联席会议 Set time and place of the meeting", "set_meeting"),
    ("minutes", MinutesIn, _minutes, "会议纪要 Record the meeting; its decisions become duties", "minutes"),
    ("rate", RateIn, _rate, "评价 Rate the departments", "rate"),
    ("close", NoteIn, _plain(whistles.close_whistle), "哨结 Close a rated whistle", "close_whistle"),
]
ORDER_STEPS: list[StepRow] = [
    ("reply", ReplyIn, _plain(supervision.reply_to_order), "督办回复 Reply to a supervision order", "order_reply"),
    ("accept", NoteIn, _plain(supervision.accept_reply), "通过 Accept the reply", "order_accepted"),
    ("send_back", ReasonIn, _plain(supervision.send_back_reply), "退回 Send the reply back", "order_sent_back"),
]
CARD_STEPS: list[StepRow] = [
    ("revoke", RevokeIn, _plain(cards.revoke_card), "撤销 Revoke a card, with the reason", "card_revoked"),
]


def _views(
    kind: str, steps: list[StepRow], report_of: Callable[[Any], UUID], concerns: Records
) -> dict[str, Callable[..., Any]]:
    return {step[0]: _step_view(f"{kind}_{step[0]}", step, report_of, concerns) for step in steps}


REPORT_VIEWS = _views("report", REPORT_STEPS, _itself, lambda event, pk: True)
ASSIGNMENT_VIEWS = _views("assignment", ASSIGNMENT_STEPS, _of(Assignment), lambda event, pk: event.assignment_id == pk)
WHISTLE_VIEWS = _views("whistle", WHISTLE_STEPS, _of(Whistle), lambda event, pk: event.whistle_id == pk)
FIELD_CHECK_VIEWS = _views(
    "field_check", FIELD_CHECK_STEPS, _of(FieldCheck), lambda event, pk: event.data.get("check") == pk
)
REQUEST_VIEWS = _views("request", REQUEST_STEPS, _of(ChangeRequest), lambda event, pk: event.change_id == pk)
ORDER_VIEWS = _views("order", ORDER_STEPS, _of(SupervisionOrder), lambda event, pk: event.data.get("order") == pk)
CARD_VIEWS = _views("card", CARD_STEPS, _of(Card), lambda event, pk: event.data.get("card") == pk)


class DeleteReport(APIView):
    """Empty a report of its content; its id stays taken."""

    @extend_schema(request=DeleteIn, responses={204: None}, operation_id="report_delete")
    def post(self, request: Request, pk: UUID) -> Response:
        """删除 For a superuser. Nothing is left to answer with."""
        serializer = DeleteIn(data=request.data)
        serializer.is_valid(raise_exception=True)
        pool.delete_report(caller(request), pk, serializer.validated_data["reason"])
        return Response(status=204)


class RevealRequester(APIView):
    """The requester's contact in full; leaves an event that says who asked for it and why."""

    @extend_schema(
        request=RevealIn,
        responses={200: {"type": "object", "properties": {"name": {"type": "string"}, "phone": {"type": "string"}}}},
        operation_id="report_reveal_requester",
    )
    def post(self, request: Request, pk: UUID) -> Response:
        serializer = RevealIn(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(pool.reveal_requester(caller(request), pk, serializer.validated_data["reason"]))


class AssignmentList(ListAPIView[Assignment]):
    """Duties of the caller, of the caller's units, and in the caller's areas; newest first."""

    serializer_class = AssignmentRow
    filterset_class = AssignmentFilter
    keyset = ("-id",)
    queryset = Assignment.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return visible_assignments(caller(self.request)).select_related(
            "department", "handed_from", "assignee", "report"
        )


class WhistleList(ListAPIView[Whistle]):
    """Whistles the caller may see, newest first."""

    serializer_class = WhistleRow
    filterset_class = WhistleFilter
    keyset = ("-id",)
    queryset = Whistle.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        rows = visible_whistles(caller(self.request)).select_related(*WHISTLE_JOINS, "report")
        return rows.defer("calling_area__geometry")


class FieldCheckList(ListAPIView[FieldCheck]):
    """Field checks the caller was asked for, and those in the caller's areas; newest first."""

    serializer_class = FieldCheckRow
    filterset_class = FieldCheckFilter
    keyset = ("-id",)
    queryset = FieldCheck.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return visible_field_checks(caller(self.request)).select_related("assignee", "asked_by", "clock", "report")


class WhistleWatch(GenericAPIView[Whistle]):
    """The whistle watch: rung, on device, seen, signed for, reported in."""

    serializer_class = WhistleDelivery
    pagination_class = None
    queryset = Whistle.objects.none()

    @extend_schema(responses=WhistleDelivery, operation_id="whistle_delivery")
    def get(self, request: Request, pk: int) -> Response:
        """Per unit what it has done, per person how far the call has come."""
        get_report(caller(request), _of(Whistle)(pk), Can.VIEW_REPORTS)
        duties = (
            Assignment.objects.filter(whistle_id=pk)
            .select_related("department", "handed_from", "assignee")
            .order_by("pk")
        )
        recipients = delivery_status(f"whistle:{pk}")
        return Response(WhistleDelivery({"assignments": duties, "recipients": recipients}).data)
