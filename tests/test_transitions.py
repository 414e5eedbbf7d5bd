"""Every (state, step, role): it moves as the tables in `reports.transitions` say, or is refused by the right code."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.db import models, transaction

from core.problems import Problem
from reports.api.steps import (
    ASSIGNMENT_STEPS,
    FIELD_CHECK_STEPS,
    ORDER_STEPS,
    REPORT_STEPS,
    REQUEST_STEPS,
    WHISTLE_STEPS,
    StepRow,
)
from reports.models import Assignment, ChangeRequest, FieldCheck, Report, SupervisionOrder, Whistle
from reports.models.vocabulary import FieldCheckStatus, ReportStatus
from reports.transitions import ASSIGNMENT, FIELD_CHECK, ORDER, REPORT, REQUEST, WHISTLE, Table, Transition
from script.draw_transitions import DOCUMENT, drawn
from tests import scenes
from tests.matrix import MATRIX
from tests.world import World

KINDS: dict[str, tuple[Table, type[models.Model], list[StepRow]]] = {
    "report": (REPORT, Report, REPORT_STEPS),
    "assignment": (ASSIGNMENT, Assignment, ASSIGNMENT_STEPS),
    "whistle": (WHISTLE, Whistle, WHISTLE_STEPS),
    "field_check": (FIELD_CHECK, FieldCheck, FIELD_CHECK_STEPS),
    "request": (REQUEST, ChangeRequest, REQUEST_STEPS),
    "order": (ORDER, SupervisionOrder, ORDER_STEPS),
}
# Steps whose address is not the name of their transition, and those that move nothing by a table.
CALLED_OTHERWISE = {"report-whistles": "draft_whistle"}
MOVES_NOTHING = {"report-note", "report-redact_photo", "report-supervise", "report-cards"}
# What a step on another object takes along: a draft is blown by being sent on, duties and whistles follow the report.
TAKEN_ALONG = {("whistle", "blow"), ("whistle", "rework"), ("assignment", "approve"), ("assignment", "rework")}
# Where a step that leaves the state brings about another: the last of the ratings, a call that was answered, a lead who
# came to the meeting.
FOLLOWS = {("report", "call_back"): "closed", ("whistle", "rate"): "rated", ("whistle", "minutes"): "handling"}


def steps() -> Iterator[tuple[str, str]]:
    for kind, (_table, _model, rows) in KINDS.items():
        for row in rows:
            if f"{kind}-{row[0]}" not in MOVES_NOTHING:
                yield kind, row[0]


def transition_of(kind: str, name: str) -> Transition:
    return KINDS[kind][0].transitions[CALLED_OTHERWISE.get(f"{kind}-{name}", name)]


def along(kind: str, state: str, main: UUID) -> dict[str, Any]:
    """What a row in this state must say besides."""
    if kind == "report":
        return {"merged_into": main if state == ReportStatus.MERGED else None}
    if kind == "field_check":
        return {"confirmed": True if state == FieldCheckStatus.ANSWERED else None}
    return {}


def tried(row: StepRow, person: Any, pk: Any, said: dict[str, Any]) -> Problem | None:
    """What the step is refused with, or None; the caller rolls back."""
    serializer = row[1](data=said)
    serializer.is_valid(raise_exception=True)
    try:
        row[2](person, pk, dict(serializer.validated_data))
    except Problem as problem:
        return problem
    return None


def test_every_transition_somebody_takes_has_a_step() -> None:
    offered = {(kind, transition_of(kind, name).name) for kind, name in steps()}
    wanted = {
        (kind, transition.name)
        for kind, (table, _model, _rows) in KINDS.items()
        for transition in table.transitions.values()
        if transition.name not in table.consequences
    }
    assert wanted - TAKEN_ALONG == offered


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "name"), list(steps()))
def test_each_state_and_role_moves_or_is_refused(everybody: World, kind: str, name: str) -> None:
    table, model, rows = KINDS[kind]
    row = next(row for row in rows if row[0] == name)
    transition = transition_of(kind, name)
    main = scenes.submitted(everybody).report
    moved = set()
    for asked in (asked for key, asked in MATRIX.items() if key.split()[:2] == ["POST", f"{kind}-{name}"]):
        kwargs, said = asked.build(everybody)
        may, refused = set(asked.may.split()), set(asked.refused.split())
        for state in table.states:
            model._base_manager.filter(pk=kwargs["pk"]).update(status=state, **along(kind, state, main))
            for person in everybody.people:
                with transaction.atomic():
                    problem = tried(row, everybody[person], kwargs["pk"], said)
                    now = model._base_manager.get(pk=kwargs["pk"]).status  # type: ignore[attr-defined]
                    transaction.set_rollback(True)
                where = f"{person} {name} {state}: {problem and problem.code}"
                if person not in may:
                    assert problem is not None, where
                    assert problem.code == ("forbidden" if person in refused else "not_found"), where
                elif state not in transition.sources:
                    assert problem is not None, where
                    assert problem.code == "transition_refused", where
                    if problem.extra["subject"] == kind:
                        told = (problem.extra["current"], problem.extra["allowed"])
                        assert told == (state, table.allowed(state)), where
                elif problem is None:
                    moved.add(state)
                    assert now in {transition.target or state, FOLLOWS.get((kind, name))}, where
                else:
                    # What it hangs on is in another state, for which another row of the matrix has the scene.
                    assert problem.code == "transition_refused", where
                    assert problem.extra["subject"] != kind, where
    assert moved == transition.sources


def test_the_drawing_shows_the_tables_as_they_are() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == drawn(), "run python script/draw_transitions.py"
