"""Households, colours, visits, patrols, workbooks and buildings."""

from uuid import uuid4

from core.moment import now
from tests import colour_scenes as bright
from tests import household_books as books
from tests import household_scenes as homely
from tests.matrix.rows import ALL, CONFIRM, GROUPS, HOMES, KEEPS, REVEALS, Row
from tests.matrix_cases import (
    import_of_sun,
    nothing,
    of_home,
    of_work,
    to_export,
    visit_with_a_photo,
    visit_with_a_picture,
)
from tests.test_main_job import HERE
from tests.world import LAT, LNG

HOUSEHOLDS: dict[str, Row] = {
    "GET households-list": Row(nothing, ALL),
    # Whoever sees no household anywhere has no number to look for.
    "POST households-lookup": Row(lambda world: ({}, {"phone": homely.PHONE}), f"{HOMES} zhao outsider", strangers=403),
    "GET risk-levels-list": Row(nothing, ALL),
    "GET care-tags-list": Row(nothing, ALL),
    "GET special-groups-list": Row(nothing, ALL),
    "GET household": Row(of_home(homely.homes), HOMES),
    "PUT household": Row(
        of_home(homely.homes, lambda at: {"kind": "shared", "version": 3}), KEEPS, "assistant wang li"
    ),
    "PUT household new": Row(
        lambda world: ({"pk": uuid4()}, {"grid": homely.GRID, "address": "台上村66号"}),
        KEEPS,
        answer=201,
        strangers=403,
    ),
    "GET household-events": Row(of_home(homely.homes), HOMES),
    "POST household-move_in": Row(
        of_home(homely.homes, lambda at: {"occupancy": "tenant"}, pk="vacant"), KEEPS, "assistant wang li"
    ),
    "POST household-move_out": Row(
        of_home(homely.homes, lambda at: {"moved_out": "2025-01-01"}), KEEPS, "assistant wang li"
    ),
    "POST household-split": Row(
        of_home(
            homely.homes,
            lambda at: {
                "id": str(uuid4()),
                "residents": [str(at.spouse)],
                "place": {"grid": homely.GRID, "address": "台上村66号"},
            },
        ),
        KEEPS,
        "assistant wang li",
        answer=201,
    ),
    "POST household-merge": Row(of_home(homely.homes, lambda at: {"into": str(at.couple)}), KEEPS, "assistant wang li"),
    "POST household-reveal": Row(of_home(homely.homes, lambda at: {"reason": "走访"}), REVEALS, "assistant wang"),
    "GET household-reports": Row(of_home(homely.linked), HOMES),
    "PUT household-report": Row(of_home(homely.linked, report="report"), KEEPS, "assistant wang li", answer=204),
    "DELETE household-report": Row(of_home(homely.linked, report="report"), KEEPS, "assistant wang li", answer=204),
    "PUT resident": Row(
        of_home(homely.homes, lambda at: {"name": "改名", "version": 1}, resident="head"), KEEPS, "assistant wang li"
    ),
    "POST resident-move_out": Row(
        of_home(homely.homes, lambda at: {"moved_out": "2025-01-01"}, resident="head"), KEEPS, "assistant wang li"
    ),
    "POST resident-reveal": Row(
        of_home(homely.homes, lambda at: {"what": ["phone"], "reason": "走访"}, resident="head"),
        REVEALS,
        "assistant wang",
    ),
    "POST resident-enter_group": Row(
        of_home(homely.homes, lambda at: {"group": "released"}, resident="head"),
        GROUPS,
        "zhang assistant wang",
        answer=201,
    ),
    "POST household-leave_group": Row(of_home(homely.in_a_group, entry="entry"), GROUPS, "zhang assistant wang"),
    "GET colour-reasons-list": Row(nothing, ALL),
    "GET colour-changes-list": Row(nothing, ALL),
    "GET suggestions-list": Row(nothing, ALL),
    "GET grid-colours-list": Row(nothing, ALL),
    "GET household-colours": Row(of_home(homely.homes), HOMES),
    "GET household-suggestions": Row(of_home(homely.homes), HOMES),
    "POST household-propose_colour": Row(
        of_home(homely.homes, lambda at: {"to": "blue", "reason": "tenants", "note": "出租"}),
        "zhang leader sun wang li root",
        "assistant",
        answer=201,
    ),
    "POST colour-confirm": Row(of_work(bright.proposed, pk="change"), CONFIRM, "zhang assistant"),
    "POST colour-refuse": Row(
        of_work(bright.proposed, lambda at: {"note": "不属实"}, pk="change"), CONFIRM, "zhang assistant"
    ),
    "POST colour-withdraw": Row(of_work(bright.proposed, pk="change"), "zhang", f"{CONFIRM} assistant"),
    "GET household-visits": Row(of_home(homely.homes), HOMES),
    "GET visits-list": Row(nothing, ALL),
    "GET visits-due": Row(nothing, ALL),
    "GET visits-daily": Row(nothing, ALL),
    "GET visits-route": Row(nothing, ALL, query={"lng": LNG, "lat": LAT, "coord_type": "wgs84"}),
    "GET visit-figures": Row(nothing, ALL, query={"first": "2026-01-01", "last": "2026-01-31"}),
    "GET visit-figures-visits": Row(
        nothing, ALL, query={"first": "2026-01-01", "last": "2026-01-31", "column": "in_time"}
    ),
    "GET visit-figures-households": Row(
        nothing, ALL, query={"first": "2026-01-01", "last": "2026-01-31", "column": "open"}
    ),
    "GET visit": Row(of_work(bright.visited, pk="visit"), HOMES),
    "PUT visit": Row(
        lambda world: (
            {"pk": uuid4()},
            {
                "household": str(homely.homes(world).family),
                "visited_at": now().isoformat(),
                "position": HERE,
                "result": "met",
            },
        ),
        KEEPS,
        "assistant wang li",
        answer=201,
    ),
    "PUT visit-photo": Row(visit_with_a_photo, "zhang root", answer=201),
    "GET visit-photo": Row(visit_with_a_picture, HOMES),
    "GET patrols-list": Row(nothing, ALL),
    "PUT patrol": Row(
        lambda world: ({"pk": uuid4()}, {"started_at": now().isoformat(), "position": HERE}),
        KEEPS,
        answer=201,
        strangers=403,
    ),
    "GET patrol": Row(of_work(bright.patrolled, pk="patrol"), f"zhang {CONFIRM}"),
    "POST patrol-end": Row(
        of_work(bright.patrolled, lambda at: {"ended_at": now().isoformat()}, pk="patrol"), "zhang", CONFIRM
    ),
    "GET patrol-points": Row(of_work(bright.patrolled, pk="patrol"), f"zhang {CONFIRM}"),
    # Tracks are switched off where nobody switched them on.
    "POST patrol-points": Row(
        of_work(bright.patrolled, lambda at: {"points": [{"at": now().isoformat(), "position": HERE}]}, pk="patrol"),
        "zhang",
        CONFIRM,
        answer=409,
    ),
    "GET household-import-template": Row(nothing, "sun root", strangers=403),
    "GET household-imports-list": Row(nothing, ALL),
    # One's own, and nobody else's.
    "GET household-import": Row(import_of_sun, "sun"),
    "PUT household-import": Row(
        lambda world: ({"pk": uuid4()}, books.book(books.row())), "sun root", answer=201, strangers=403
    ),
    "GET household-import-faults": Row(import_of_sun, "sun"),
    "POST household-import-apply": Row(import_of_sun, "sun"),
    "POST household-import-discard": Row(import_of_sun, "sun"),
    # The outsider exports what there is at home, which is nothing of this.
    "POST household-exports": Row(
        to_export(reason="核对"),
        "sun wang li root outsider",
        strangers=403,
    ),
    "POST household-exports in full": Row(to_export(reason="核对", full=True), "li root", strangers=403),
    "GET buildings-list": Row(nothing, ALL),
    "GET building": Row(of_home(homely.homes, pk="building"), HOMES),
    "PUT building": Row(
        of_home(homely.homes, lambda at: {"floors": 6, "version": 1}, pk="building"), KEEPS, "assistant wang li"
    ),
    "PUT building new": Row(
        lambda world: ({"pk": uuid4()}, {"grid": homely.GRID, "estate": "台上小区", "number": "9号楼"}),
        KEEPS,
        answer=201,
        strangers=403,
    ),
    "GET building-households": Row(of_home(homely.homes, pk="building"), HOMES),
    "POST building-reveal": Row(
        of_home(homely.homes, lambda at: {"what": ["head_phone"], "reason": "走访"}, pk="building"),
        REVEALS,
        "assistant wang",
    ),
}
