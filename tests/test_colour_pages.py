"""Colours and visits in the administration: limited to the own area, decided by the same steps as through the API."""

from datetime import timedelta

import pytest
from auditlog.models import LogEntry
from django.contrib.admin import site
from django.db import connection
from django.db.models import Choices
from django.test.utils import CaptureQueriesContext

from households.actions.colours import propose_colour
from households.models import ColourChange, RiskLevel, SuggestionRule, Visit
from tests import colour_scenes as bright
from tests import household_scenes as homely
from tests.admin_scenes import enter, page
from tests.colour_scenes import colour_of, coloured
from tests.test_visit_lists import busy
from tests.world import World

pytestmark = pytest.mark.django_db

CHANGES, VISITS = "households_colourchange", "households_visit"


def test_a_desk_confirms_what_waits_for_it(world: World) -> None:
    at = bright.proposed(world)
    client = enter(world, "sun")
    waits = client.get(page(f"{CHANGES}_changelist"), {"to_decide": "mine"})
    assert [row.pk for row in waits.context["cl"].result_list] == [at.change]
    shown = client.get(page(f"{CHANGES}_change", at.change)).content.decode()
    assert "出租给三人" in shown
    assert "待确认" in shown
    url = page(f"{CHANGES}_confirm_page", at.change)
    assert client.get(url).status_code == 200
    assert client.post(url, {"note": "属实"}).status_code == 302
    change = ColourChange.objects.get()
    assert (change.status, change.decided_by, change.decision_note) == ("confirmed", world["sun"], "属实")
    assert colour_of(at.family) == ("blue", "blue", False)
    assert client.post(url, {"note": "又来"}).status_code == 403
    assert list(client.get(page(f"{CHANGES}_changelist"), {"to_decide": "mine"}).context["cl"].result_list) == []
    # Its history is its own; the trail learns nothing of it.
    assert not LogEntry.objects.get_for_object(change).exists()


def test_a_desk_refuses_with_a_reason(world: World) -> None:
    at = bright.proposed(world)
    client, url = enter(world, "wang"), page(f"{CHANGES}_refuse_page", at.change)
    assert list(client.post(url, {}).context["form"].errors) == ["note"]
    assert client.post(url, {"note": "证据不足"}).status_code == 302
    assert ColourChange.objects.get().status == "refused"
    assert colour_of(at.family) == (None, None, False)


def test_who_proposed_gets_no_step_and_strangers_no_page(world: World) -> None:
    at = homely.homes(world)
    coloured(world, at.family, "green")
    change = propose_colour(world["sun"], at.family, "red", "dispute", "x").pk
    for name in ("confirm_page", "refuse_page"):
        assert enter(world, "sun").post(page(f"{CHANGES}_{name}", change), {"note": "x"}).status_code == 403
    for name in ("outsider", "command", "sysadmin"):
        client = enter(world, name)
        for url in (page(f"{CHANGES}_changelist"), page(f"{CHANGES}_change", change), page(f"{VISITS}_changelist")):
            answer = client.get(url)
            if answer.status_code == 200:
                assert list(answer.context["cl"].queryset) == []
            else:
                assert answer.status_code in (403, 404), url


def test_visits_are_read_and_never_written(world: World) -> None:
    at = bright.visited(world, note="独自在家")
    client = enter(world, "sun")
    assert "张网格" in client.get(page(f"{VISITS}_changelist")).content.decode()
    url = page(f"{VISITS}_change", at.visit)
    assert "独自在家" in client.get(url).content.decode()
    assert client.post(url, {"result": "declined"}).status_code == 403
    assert Visit.objects.get().result == "met"


def test_a_new_interval_moves_what_is_due(world: World) -> None:
    at = homely.homes(world)
    coloured(world, at.family, "red")
    before, red = bright.row(at.family).next_visit_due, RiskLevel.objects.get(code="red")
    names = ("code", "name", "meaning", "colour", "rank", "min_visitors", "proposes", "confirms", "duty")
    said = {name: getattr(red, name) for name in names} | {"visit_days": 3}
    assert enter(world, "sysadmin").post(page("households_risklevel_change", red.pk), said).status_code == 302
    assert before is not None
    assert bright.row(at.family).next_visit_due == before - timedelta(days=4)


def test_the_city_changes_its_rules_for_suggestions(world: World) -> None:
    rule = SuggestionRule.objects.get(kind="repeated")
    said = {"kind": "repeated", "words": "", "least": 5, "days": 30, "level": rule.level_id, "is_active": "on"}
    url = page("households_suggestionrule_change", rule.pk)
    assert enter(world, "sun").post(url, said).status_code == 403
    assert enter(world, "sysadmin").post(url, said).status_code == 302
    assert SuggestionRule.objects.get(pk=rule.pk).least == 5


@pytest.mark.parametrize("rows", [1, 10])
@pytest.mark.parametrize("name", [CHANGES, VISITS])
def test_a_list_costs_the_same_for_one_row_and_ten(world: World, name: str, rows: int) -> None:
    busy(world, rows)
    client = enter(world, "sun")
    client.get(page(f"{name}_changelist"))
    with CaptureQueriesContext(connection) as seen:
        assert client.get(page(f"{name}_changelist")).status_code == 200
    assert len(seen) <= 12, [query["sql"][:200] for query in seen]


def test_every_label_of_a_page_has_words(world: World) -> None:
    """A code that is left out of a label's colours would be shown as it is stored."""
    left_out = [
        (model.__name__, name, choice)
        for model, page_of in site._registry.items()
        for name in dir(type(page_of))
        if isinstance(colours := getattr(getattr(type(page_of), name, None), "label", None), dict)
        for kind in {type(key) for key in colours if isinstance(key, Choices)}
        for choice in kind
        if choice not in colours
    ]
    assert not left_out
    bright.visited(world, result="nobody_home")
    assert "无人在家" in enter(world, "sun").get(page(f"{VISITS}_changelist")).content.decode()
