"""网格五色: who proposes, who confirms, what is in effect meanwhile, and that the history stays."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError, IntegrityError
from django.urls import reverse

from core.moment import moved_to, now
from core.problems import Problem
from households.actions.colours import confirm_colour, propose_colour, refuse_colour, withdraw_colour
from households.models import ColourChange, ColourPeriod, HouseholdEvent, RiskLevel
from households.models.vocabulary import ColourStatus
from households.transitions import COLOUR_CHANGE
from notifications.models import Notification
from tests import colour_scenes as bright
from tests import household_scenes as homely
from tests.colour_scenes import colour_of, coloured
from tests.matrix.rows import HOMES
from tests.world import World, post

pytestmark = pytest.mark.django_db


def propose(world: World, name: str, household: object, to: str, expect: int = 201, **said: Any) -> dict[str, Any]:
    body = {"reason": "dispute", "note": "与邻居争执", **said}
    return post(world, name, f"households/{household}/propose_colour", expect, to=to, **body)


def decide(world: World, name: str, change: int, step: str, expect: int = 200, **said: Any) -> dict[str, Any]:
    body = {"note": "核实无误"} | said
    return post(world, name, f"households/colour_changes/{change}/{step}", expect, **body)


# -- upwards and downwards -----------------------------------------------------------------------------------------


def test_upwards_is_in_effect_at_once_and_waits_to_be_confirmed(world: World) -> None:
    at = homely.homes(world)
    coloured(world, at.family, "green")
    told = propose(world, "sun", at.family, "orange")
    assert (told["status"], told["upwards"], told["needs"], told["may_decide"]) == ("proposed", True, "street", False)
    assert (told["from_level"]["code"], told["to_level"]["code"]) == ("green", "orange")
    assert colour_of(at.family) == ("orange", "green", True)
    shown = world.api("zhang").get(f"/api/v1/households/{at.family}").json()
    assert (shown["risk_level"]["code"], shown["risk_unconfirmed"]) == ("orange", True)
    decide(world, "li", told["id"], "confirm")
    assert colour_of(at.family) == ("orange", "orange", False)


def test_a_refused_one_falls_back_to_the_colour_before(world: World) -> None:
    at = homely.homes(world)
    coloured(world, at.family, "green")
    before = bright.row(at.family).next_visit_due
    told = propose(world, "sun", at.family, "red")
    assert bright.row(at.family).next_visit_due != before
    told = decide(world, "wang", told["id"], "refuse", note="证据不足")
    assert (told["status"], told["decision_note"], told["decided_by"]["username"]) == ("refused", "证据不足", "wang")
    assert colour_of(at.family) == ("green", "green", False)
    assert bright.row(at.family).next_visit_due == before


def test_downwards_is_in_effect_only_when_confirmed(world: World) -> None:
    at = homely.homes(world)
    coloured(world, at.family, "orange")
    told = propose(world, "sun", at.family, "green", reason="settled")
    assert (told["upwards"], told["needs"]) == (False, "street")
    assert colour_of(at.family) == ("orange", "orange", False)
    decide(world, "li", told["id"], "confirm")
    assert colour_of(at.family) == ("green", "green", False)


def test_the_mildest_colour_needs_nobody_the_first_time_and_somebody_on_the_way_down(world: World) -> None:
    at = homely.homes(world)
    told = propose(world, "zhang", at.family, "green", reason="first")
    assert (told["status"], told["decided_by"], told["needs"]) == ("confirmed", None, "")
    RiskLevel.objects.filter(code="blue").update(confirms="")
    assert propose(world, "zhang", at.family, "blue")["status"] == "confirmed"
    told = propose(world, "zhang", at.family, "green")
    assert (told["status"], told["needs"]) == ("proposed", "")
    assert decide(world, "zhang", told["id"], "confirm", 403)["code"] == "own_proposal"
    decide(world, "sun", told["id"], "confirm")
    assert colour_of(at.family) == ("green", "green", False)


# -- who -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "may"),
    [
        ("zhang", "green blue yellow"),
        ("leader", "green blue yellow"),
        ("assistant", ""),
        ("sun", "green blue yellow orange red"),
        ("wang", "green blue yellow orange red"),
        ("li", "green blue yellow orange red"),
        ("root", "green blue yellow orange red"),
    ],
)
def test_who_may_propose_follows_the_levels(everybody: World, name: str, may: str) -> None:
    at = homely.homes(everybody)
    everybody.token(name)
    for level in RiskLevel.objects.all():
        with transaction.atomic():
            answer = propose(everybody, name, at.family, level.code, 201 if level.code in may.split() else 403)
            assert level.code in may.split() or answer["code"] == "forbidden"
            transaction.set_rollback(True)
    RiskLevel.objects.filter(code="blue").update(proposes="street")
    propose(everybody, name, at.family, "blue", 201 if name in ("wang", "li", "root") else 403)


@pytest.mark.parametrize(
    ("code", "may"),
    [
        ("blue", "leader sun wang li root"),
        ("yellow", "sun wang li root"),
        ("orange", "wang li root"),
        ("red", "wang li root"),
    ],
)
def test_who_confirms_follows_the_levels(everybody: World, code: str, may: str) -> None:
    at = homely.homes(everybody)
    change = propose_colour(everybody["sun"], at.family, code, "dispute", "x").pk
    for name in HOMES.split():
        allowed = name in may.split() and name != "sun"
        waits = everybody.api(name).get("/api/v1/households/colour_changes", {"to_decide": "true"}).json()
        assert bool(waits["results"]) == allowed, name
        seen = everybody.api(name).get("/api/v1/households/colour_changes").json()["results"]
        assert [one["may_decide"] for one in seen] == [allowed], name
        for step in ("confirm", "refuse"):
            with transaction.atomic():
                answer = decide(everybody, name, change, step, 200 if allowed else 403)
                assert allowed or answer["code"] == ("own_proposal" if name == "sun" else "forbidden")
                transaction.set_rollback(True)
    for stranger in ("zhao", "outsider", "command", "auditor", "nobody"):
        assert decide(everybody, stranger, change, "confirm", 404)["code"] == "not_found"


def test_nobody_confirms_the_own_proposal_not_even_root(world: World) -> None:
    at = homely.homes(world)
    for name in ("sun", "li", "root"):
        told = propose(world, name, at.family, "red")
        for step in ("confirm", "refuse"):
            assert decide(world, name, told["id"], step, 403)["code"] == "own_proposal"
        decide(world, name, told["id"], "withdraw")


def test_only_the_proposer_withdraws(world: World) -> None:
    at = bright.proposed(world)
    for name in ("sun", "li", "root"):
        assert decide(world, name, at.change, "withdraw", 403)["code"] == "forbidden"
    assert decide(world, "zhang", at.change, "withdraw")["status"] == "withdrawn"
    assert colour_of(at.family) == (None, None, False)


def test_the_database_itself_refuses_two_of_these(world: World) -> None:
    at = bright.proposed(world)
    change = ColourChange.objects.get(pk=at.change)
    with pytest.raises(IntegrityError, match="proposer_never_confirms"), transaction.atomic():
        ColourChange.objects.update(status="confirmed", decided_by=change.proposed_by_id, decided_at=now())
    down = ColourChange(
        household_id=at.family,
        from_level=change.to_level,
        to_level=RiskLevel.objects.get(code="green"),
        upwards=False,
        status=ColourStatus.CONFIRMED,
        proposed_by=change.proposed_by,
        proposed_at=now(),
    )
    with pytest.raises(IntegrityError, match="no_downgrade_without_confirmation"), transaction.atomic():
        down.save()


# -- one that waits ------------------------------------------------------------------------------------------------


def test_while_one_waits_only_a_graver_one_is_taken_and_gives_way_when_it_is_not_confirmed(world: World) -> None:
    at = homely.homes(world)
    coloured(world, at.family, "green")
    first = propose(world, "zhang", at.family, "yellow")
    refused = propose(world, "sun", at.family, "blue", 409)
    assert (refused["code"], refused["change"]) == ("colour_pending", first["id"])
    second = propose(world, "sun", at.family, "red")
    assert ColourChange.objects.get(pk=first["id"]).status == "superseded"
    assert colour_of(at.family) == ("red", "green", True)
    assert decide(world, "li", first["id"], "confirm", 409)["code"] == "transition_refused"
    decide(world, "li", second["id"], "refuse")
    assert colour_of(at.family) == ("yellow", "green", True)
    decide(world, "sun", first["id"], "confirm")
    assert colour_of(at.family) == ("yellow", "yellow", False)


def test_a_milder_one_that_waits_gives_way_too_and_waits_again(world: World) -> None:
    at = homely.homes(world)
    coloured(world, at.family, "yellow")
    down = propose(world, "zhang", at.family, "green", reason="improved")
    up = propose(world, "sun", at.family, "orange")
    decide(world, "sun", up["id"], "withdraw")
    assert colour_of(at.family) == ("yellow", "yellow", False)
    decide(world, "sun", down["id"], "confirm")
    assert colour_of(at.family) == ("green", "green", False)


def test_what_is_confirmed_above_it_leaves_it_superseded(world: World) -> None:
    at = homely.homes(world)
    first = propose(world, "zhang", at.family, "blue")
    second = propose(world, "sun", at.family, "orange")
    decide(world, "li", second["id"], "confirm")
    assert ColourChange.objects.get(pk=first["id"]).status == "superseded"
    assert colour_of(at.family) == ("orange", "orange", False)


def test_the_end_of_a_household_lets_lapse_what_waits(world: World) -> None:
    at = bright.proposed(world)
    post(world, "zhang", f"households/{at.family}/move_out", moved_out="2025-01-01")
    change = ColourChange.objects.get(pk=at.change)
    assert (change.status, change.decided_by) == ("withdrawn", None)
    assert decide(world, "sun", at.change, "confirm", 409)["code"] == "transition_refused"
    propose(world, "sun", at.family, "red", 409)


def test_a_split_goes_on_in_the_colour_that_waits_and_a_merge_takes_the_graver_one(world: World) -> None:
    at = bright.proposed(world)
    new = uuid4()
    spouse = bright.row(at.family).residents.get(relation="spouse")
    said = {
        "id": str(new),
        "residents": [str(spouse.pk)],
        "place": {"grid": homely.GRID, "address": "台上村20号", "occupancy": "tenant"},
    }
    post(world, "zhang", f"households/{at.family}/split", 201, **said)
    assert colour_of(new) == ("blue", None, True)
    copy = ColourChange.objects.get(household=new)
    assert (copy.status, copy.proposed_by.username, copy.needs) == ("proposed", "zhang", "grid_leader")
    decide(world, "sun", copy.pk, "refuse")
    assert colour_of(new) == (None, None, False)
    post(world, "zhang", f"households/{at.family}/merge", into=str(new))
    assert colour_of(new) == ("blue", None, True)
    merged = ColourChange.objects.get(household=new, status="proposed")
    assert (merged.reason, merged.proposed_by.username) == (None, "zhang")
    assert ColourChange.objects.get(pk=at.change).status == "withdrawn"


# -- what is said, once ----------------------------------------------------------------------------------------------


def test_a_change_says_why(world: World) -> None:
    at = homely.homes(world)
    wrong = [
        ({"reason": "dispute", "note": " "}, "note"),
        ({"reason": "dispute"}, "note"),
        ({"note": "x"}, "reason"),
        ({"reason": "never", "note": "x"}, "reason"),
    ]
    for said, field in wrong:
        told = post(world, "sun", f"households/{at.family}/propose_colour", 400, to="red", **said)
        assert field in [one["field"] for one in told["errors"]]
    assert propose(world, "sun", at.family, "mauve", 400)["code"] == "unknown_level"
    propose(world, "sun", at.family, "red")
    assert propose(world, "sun", at.family, "red", 409)["code"] == "colour_same"


def test_a_request_repeated_changes_nothing_twice(world: World) -> None:
    at = homely.homes(world)
    asked = str(uuid4())
    first, again = (propose(world, "sun", at.family, "red", request_id=asked) for _time in range(2))
    assert first["id"] == again["id"]
    asked = str(uuid4())
    for _time in range(2):
        assert decide(world, "li", first["id"], "confirm", request_id=asked)["status"] == "confirmed"
    assert decide(world, "li", first["id"], "refuse", 409, request_id=asked)["code"] == "request_id_taken"
    assert ColourChange.objects.count() == 1
    kinds = list(HouseholdEvent.objects.filter(household=at.family).values_list("kind", flat=True))
    assert kinds[-2:] == ["propose_colour", "confirm_colour"]


def test_a_stale_file_is_refused_with_the_present_one(world: World) -> None:
    at = homely.homes(world)
    told = propose(world, "sun", at.family, "red", 409, version=1)
    assert told["code"] == "stale_version"
    assert told["current"]["id"] == str(at.family)


def test_notes_are_encrypted_and_told_to_those_who_work_with_them(everybody: World) -> None:
    at = bright.proposed(everybody)
    with connection.cursor() as cursor:
        cursor.execute("SELECT note FROM households_colourchange")
        assert "出租" not in cursor.fetchone()[0]
    for name, note in (("sun", "出租给三人"), ("wang", "出租给三人"), ("assistant", None)):
        path = f"/api/v1/households/{at.family}/colours"
        assert everybody.api(name).get(path).json()["results"][0]["note"] == note


def test_those_who_decide_are_told_without_the_colour(everybody: World) -> None:
    at = bright.proposed(everybody)
    notice = Notification.objects.get(kind="colour_proposed")
    assert notice.recipient == everybody["leader"]
    decide(everybody, "sun", at.change, "confirm")
    assert Notification.objects.get(kind="colour_decided").recipient == everybody["zhang"]
    text = str(list(Notification.objects.filter(subject="colour_change").values("params")))
    assert "blue" not in text
    assert "出租" not in text


# -- the table, and the history ------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ColourStatus.values)
@pytest.mark.parametrize("step", ["confirm", "refuse", "withdraw"])
def test_every_state_step_and_person_moves_or_is_refused(everybody: World, state: str, step: str) -> None:
    at = bright.proposed(everybody)
    if state != "proposed":
        li = everybody["li"] if state in ("confirmed", "refused") else None
        ColourChange.objects.filter(pk=at.change).update(status=state, decided_by=li)
    act = {"confirm": confirm_colour, "refuse": refuse_colour, "withdraw": withdraw_colour}[step]
    may = ["zhang"] if step == "withdraw" else ["leader", "sun", "wang", "li", "root"]
    moved = set()
    for name in everybody.people:
        with transaction.atomic():
            try:
                act(everybody[name], at.change, "x")
                problem = None
                moved.add(name)
            except Problem as refusal:
                problem = refusal
            transaction.set_rollback(True)
        where = f"{name} {step} {state}: {problem and problem.code}"
        if name not in HOMES.split():
            assert problem is not None, where
            assert problem.code == "not_found", where
        elif name not in may:
            assert problem is not None, where
            assert problem.code in ("forbidden", "own_proposal"), where
        elif state not in COLOUR_CHANGE.transitions[step].sources:
            assert problem is not None, where
            assert problem.code == "transition_refused", where
            assert problem.extra["allowed"] == COLOUR_CHANGE.allowed(state)
    assert moved == (set(may) if state == "proposed" else set())


def test_the_history_of_colours_is_never_changed(world: World) -> None:
    at = homely.homes(world)
    coloured(world, at.family, "red")
    change, period = ColourChange.objects.get(), ColourPeriod.objects.get()
    for wrong in (change.delete, ColourChange.objects.all().delete, ColourPeriod.objects.all().delete):
        with pytest.raises(TypeError):
            wrong()
    green = RiskLevel.objects.get(code="green")
    for rows, columns in (
        (ColourChange.objects, {"to_level": green}),
        (ColourChange.objects, {"proposed_by": world["li"]}),
        (ColourChange.objects, {"status": "refused"}),
        (ColourChange.objects, {"decided_by": world["wang"]}),
        (ColourPeriod.objects, {"level": green}),
        (ColourPeriod.objects, {"since": now()}),
    ):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            rows.update(**columns)
    # Notes follow when keys are rotated.
    assert ColourChange.objects.update(note="另一把钥匙") == 1
    assert period.level.code == "red"


def test_every_change_is_listed_newest_first(world: World) -> None:
    at = homely.homes(world)
    for code in ("green", "yellow", "red"):
        with moved_to(now()):
            coloured(world, at.family, code)
    told = world.api("zhang").get(reverse("household-colours", args=[at.family])).json()["results"]
    assert [one["to_level"]["code"] for one in told] == ["red", "yellow", "green"]
