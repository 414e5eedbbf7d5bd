"""Every (state, step, person): it moves as the tables in `volunteers.transitions` say, or is refused by the right code.

Asked over HTTP, with the scenes and people of the permission matrix.
"""

from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import models, transaction
from django.urls import reverse

from reports.models import Report
from reports.models.vocabulary import ReportStatus
from reports.transitions import Table
from tests import scenes
from tests import volunteer_scenes as band
from tests.matrix import MATRIX
from tests.matrix_cases import of_band
from tests.test_main_job import HERE
from tests.world import World
from volunteers.models import Attendance, Registration, ServiceRecord, TeamCall
from volunteers.transitions import ATTENDANCE, RECORD, REGISTRATION, REPORT_OF_CALL, TABLES, TEAM_CALL


@dataclass(frozen=True)
class Asked:
    """A transition, the endpoint that takes it, and the rows whose state it is about."""

    table: Table
    name: str
    endpoint: str
    model: type[models.Model]
    # The column that holds the key in the address, or the key in the field `of` of the body.
    column: str = "pk"
    of: str = ""
    # In place of the matrix's scene and body.
    said: Any = None
    # States in which the step says nothing new and is done without a move.
    nothing_new: frozenset[str] = field(default_factory=frozenset)


def closing(hours: float) -> Any:
    """Ends a call with these hours for each of its members."""
    return of_band(
        "call",
        band.called,
        lambda at: {
            "hours": [{"attendance": pk, "hours": hours} for pk in Attendance.objects.values_list("pk", flat=True)]
        },
    )


STEPS = [
    *(Asked(REGISTRATION, name, f"registration-{name}", Registration) for name in REGISTRATION.transitions),
    *(
        Asked(TEAM_CALL, "answer", f"own-call-{name}", TeamCall, said=said)
        for name, said in (
            ("answer", of_band("call", band.called, lambda at: {"coming": True})),
            ("check_in", of_band("call", band.called, lambda at: {"position": HERE})),
            ("check_out", of_band("call", band.both_on_site)),
        )
    ),
    Asked(TEAM_CALL, "close", "team-call-close", TeamCall),
    Asked(TEAM_CALL, "withdraw", "team-call-withdraw", TeamCall),
    Asked(
        ATTENDANCE,
        "come",
        "own-call-answer",
        Attendance,
        "call",
        said=of_band("call", band.called, lambda at: {"coming": True}),
        nothing_new=frozenset({"coming"}),
    ),
    Asked(
        ATTENDANCE,
        "decline",
        "own-call-answer",
        Attendance,
        "call",
        said=of_band("call", band.called, lambda at: {"coming": False}),
        nothing_new=frozenset({"declined"}),
    ),
    Asked(ATTENDANCE, "check_in", "own-call-check_in", Attendance, "call"),
    Asked(ATTENDANCE, "check_out", "own-call-check_out", Attendance, "call"),
    # The caller's word, given with the end of the call.
    Asked(ATTENDANCE, "confirm", "team-call-close", Attendance, "call", said=closing(1 / 60)),
    # Who declined and did not come is not absent.
    Asked(
        ATTENDANCE, "miss", "team-call-close", Attendance, "call", said=closing(0), nothing_new=frozenset({"declined"})
    ),
    *(Asked(RECORD, name, f"record-{name}", ServiceRecord) for name in RECORD.transitions),
    Asked(REPORT_OF_CALL, "call_team", "team-calls-list", Report, of="report"),
]


def test_every_transition_has_a_step() -> None:
    assert {(one.table.subject, one.name) for one in STEPS} == {
        (table.subject, name) for table in TABLES for name in table.transitions
    }


@pytest.mark.django_db
@pytest.mark.parametrize("step", STEPS, ids=[f"{one.table.subject}-{one.name}-{one.endpoint}" for one in STEPS])
def test_each_state_and_person_moves_or_is_refused(everybody: World, step: Asked) -> None:
    table, transition = step.table, step.table.transitions[step.name]
    row = MATRIX[f"POST {step.endpoint}"]
    main = scenes.submitted(everybody).report
    may, refused = set(row.may.split()), set(row.refused.split())
    kwargs, said = (step.said or row.build)(everybody)
    key = said[step.of] if step.of else kwargs["pk"]
    rows = step.model._base_manager.filter(**{step.column: key})
    by_oneself = step.model is Attendance and step.endpoint.startswith("own-call")
    url = reverse(step.endpoint, kwargs=kwargs)
    clients = {person: everybody.api(person) for person in everybody.people}
    moved = set()
    for state in table.states:
        with transaction.atomic():
            rows.update(status=state, **({"merged_into": main} if state == ReportStatus.MERGED else {}))
            for person, client in clients.items():
                with transaction.atomic():
                    answer = client.post(url, said, format="json")
                    now = rows.filter(volunteer__user=everybody[person]) if by_oneself else rows
                    after = set(now.values_list("status", flat=True))
                    transaction.set_rollback(True)
                code = "" if answer.status_code == row.answer else answer.json()["code"]
                where = f"{person} {step.name} {state}: {answer.content.decode()}"
                if person not in may:
                    assert code == ("forbidden" if person in refused else "not_found"), where
                elif state in step.nothing_new:
                    assert (code, after) == ("", {state}), where
                elif state in transition.sources:
                    moved.add(state)
                    assert (code, after) == ("", {transition.target or state}), where
                else:
                    assert code == "transition_refused", where
                    told = answer.json()
                    assert (told["subject"], told["current"], told["allowed"]) == (
                        table.subject,
                        state,
                        table.allowed(state),
                    ), where
            transaction.set_rollback(True)
    assert moved == transition.sources
