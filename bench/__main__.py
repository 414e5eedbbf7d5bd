"""`python -m bench`: every row of the targets that exists, each beside its floor, written with machine and commit."""

import argparse
import os
import platform
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import django
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results"
SMALL = 10_000
# The last month is loaded before the rest of the year, so that figures of it can be asked without and with history.
MONTH = 30
DEPARTMENTS = 20
HEADER = "| work | ours, ms | floor | floor, ms | ours ÷ floor | target | note |\n|---|---|---|---|---|---|---|"


def main() -> None:
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__)
    parser.add_argument("--reports", type=int, default=1_200_000, help="size of the large table")
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--sockets", type=int, nargs="*", default=[200, 2000])
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "grid_backend.settings"
    django.setup()
    from django.conf import settings

    settings.ROOT_URLCONF = "bench.floors"
    settings.ALLOWED_HOSTS = ["*"]
    from django.db import connection

    prepare()
    lines = [HEADER]
    print(HEADER)
    for row in measure(options.reports, options.rounds, options.sockets):
        print(row, flush=True)
        lines.append(row)
    write(connection.vendor, options.reports, lines)


def prepare() -> None:
    """An empty database of our own with places, people and one item."""
    call_command("flush", interactive=False, verbosity=0)
    call_command("import_areas", str(ROOT / "grids" / "data" / "weihai_areas.geojson.gz"), verbosity=0)
    call_command("fill_calendar", verbosity=0)
    from accounts.models import Department, User
    from accounts.roles import Role
    from bench.floors import make_floor_table
    from grids.actions.appointments import appoint
    from grids.models import Area
    from reports.models import CatalogueItem, ItemVersion

    make_floor_table()
    item = CatalogueItem.objects.create(code="01-01-001", kind="event", class_code="01", class_name="市容环境")
    ItemVersion.objects.create(
        item=item,
        name="暴露垃圾",
        valid_from=date(2020, 1, 1),
        effective_amount=Decimal(4),
        effective_unit="work_hour",
        effective_source="grid",
    )
    for number in range(DEPARTMENTS):
        Department.objects.add_root(
            {"code": f"bench-{number}", "name": f"单位{number}", "kind": Department.Kind.AUTHORITY}
        )
    street = Area.objects.get(code="371082007")
    for name, role, node in [
        ("bench-worker", Role.GRID_WORKER, Area.objects.get(code="371082007032002")),
        ("bench-desk", Role.STREET_DISPATCHER, street),
        ("bench-command", Role.COMMAND_CENTRE, Area.objects.get(level="city")),
    ]:
        appoint(User.objects.create_user(name, full_name=name), role, node)


def measure(reports: int, rounds: int, sockets: list[int]) -> Iterator[str]:
    from bench import figures
    from bench.measuring import Row, in_turn
    from grids.models import Area

    create, floor = submission(), two_inserts()
    ms = in_turn(create, floor, rounds, each=5)
    yield Row("create a report, no photo", ms[0], "DRF view + 2 inserts", ms[1], "≤ 2 (rate ≥ 0.5)").line()
    yield photo(rounds)
    yield from locating(rounds)

    street = Area.objects.get(code="371082007").pk
    fill(SMALL)
    small, small_floor = in_turn(listing(), bare_list(street), rounds, each=3)
    yield Row(f"list of 50 of {SMALL:,}", small, "bare SQL + orjson", small_floor, "").line()
    started = time.perf_counter()
    recent = (reports - SMALL) * MONTH // 365
    fill(recent, (0, MONTH))
    figures.fill_around()
    loading = time.perf_counter() - started
    young = figures.measured(rounds)
    started = time.perf_counter()
    fill(reports - SMALL - recent, (MONTH, 365))
    figures.fill_around()
    loading += time.perf_counter() - started
    large, large_floor = in_turn(listing(), bare_list(street), rounds, each=3)
    note = f"loaded in {loading:.0f} s"
    yield Row(f"list of 50 of {reports:,}", large, "bare SQL + orjson", large_floor, "", note).line()
    yield Row("the same list, large ÷ small", large, f"of {SMALL:,}", small, "≤ 1.2").line()
    detail, empty = in_turn(details(), listing(page_size=1), rounds, each=3)
    yield Row("detail with timeline", detail, "list of 1", empty, "≤ 8 queries").line()
    yield from figures.lines(figures.measured(rounds), young)
    if os.environ.get("REDIS_URL"):
        yield from fan_out(sockets)


def fan_out(sockets: list[int]) -> Iterator[str]:
    from bench import sockets as wire
    from bench.measuring import Row

    for count in sockets:
        floor, ours = wire.bare(count), wire.ours(count)
        note = f"slowest of {wire.ROUNDS - 1}; medians {ours.median:.0f} against {floor.median:.0f}"
        work = f"whistle: commit → last of {count:,} sockets"
        yield Row(work, ours.worst, "bare ASGI + publish", floor.worst, "≤ 2", note).line()
        if count >= 1000:
            work = "idle socket, KB resident (not ms)"
            yield Row(work, ours.kb_per_socket, "bare ASGI socket", floor.kb_per_socket, "≤ 1.5").line()


def client(name: str) -> "object":
    from rest_framework.test import APIClient

    from accounts.models import Device, User

    token = Device.objects.create(user=User.objects.get(username=name), name="bench")[1]
    made = APIClient()
    made.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    return made


BODY = {
    "item": "01-01-001",
    "description": "垃圾未清运",
    "position": {"lng": 122.432957, "lat": 37.150893, "coord_type": "wgs84", "accuracy": 6.0},
}


def submission() -> Callable[[], None]:
    phone = client("bench-worker")

    def run() -> None:
        answer = phone.put(f"/api/v1/reports/{uuid4()}", BODY, format="json")  # type: ignore[attr-defined]
        assert answer.status_code == 201, answer.content

    return run


def two_inserts() -> Callable[[], None]:
    phone = client("bench-worker")

    def run() -> None:
        answer = phone.put(f"/floor/{uuid4()}", BODY, format="json")  # type: ignore[attr-defined]
        assert answer.status_code == 201, answer.content

    return run


def listing(page_size: int = 50) -> Callable[[], None]:
    desk = client("bench-desk")

    def run() -> None:
        answer = desk.get(f"/api/v1/reports?page_size={page_size}")  # type: ignore[attr-defined]
        assert len(answer.json()["results"]) == page_size

    return run


def bare_list(street: int) -> Callable[[], object]:
    from bench.floors import list_of_fifty

    return lambda: list_of_fifty(street)


def details() -> Callable[[], None]:
    from reports.models import Report

    desk = client("bench-desk")
    report = Report.objects.filter(street__code="371082007").first()
    assert report is not None

    def run() -> None:
        assert desk.get(f"/api/v1/reports/{report.pk}").status_code == 200  # type: ignore[attr-defined]

    return run


def fill(count: int, days_ago: tuple[float, float] = (0, 365)) -> None:
    from accounts.models import User
    from bench.loading import load

    load(count, User.objects.get(username="bench-worker"), days_ago)


def photo(rounds: int) -> str:
    import hashlib

    from bench.floors import pillow_alone
    from bench.measuring import Row, in_turn
    from core.moment import now
    from reports.photos.rendering import check_and_render
    from reports.photos.watermark import Caption

    data = large_photo()
    sha256 = hashlib.sha256(data).hexdigest()
    caption = Caption(taken_at=now(), place="崖头街道台上社区第二网格", number="261124-ABCDEFGH")

    def ours() -> None:
        check_and_render(data, declared_sha256=sha256, declared_size=len(data), caption=caption)

    ms = in_turn(ours, lambda: pillow_alone(data), rounds)
    work = f"photo {len(data) / 1e6:.1f} MB: checked, turned, marked"
    return Row(work, ms[0], "the Pillow work alone", ms[1], "≤ 1.25 (rate ≥ 0.8)").line()


def large_photo() -> bytes:
    """12 megapixels of noise over gradients, about 3 MB as JPEG."""
    from io import BytesIO

    from PIL import Image, ImageChops

    noise = Image.effect_noise((4000, 3000), 22).convert("RGB")
    base = Image.merge("RGB", [Image.linear_gradient("L").resize((4000, 3000))] * 3)
    out = BytesIO()
    ImageChops.add(base, noise, scale=2).save(out, "JPEG", quality=80)
    return out.getvalue()


def locating(rounds: int) -> Iterator[str]:
    import shapely

    from bench.measuring import Row, in_turn
    from grids import locating as ours_module
    from grids.coordinates import to_wgs84, wgs84_to_gcj02

    tree = ours_module._current().tree
    lng, lat = 122.432957, 37.150893
    gcj = wgs84_to_gcj02(lng, lat)

    def floor() -> None:
        tree.query(shapely.Point(lng, lat), predicate="intersects")

    ms = in_turn(lambda: ours_module.locate(lng, lat), floor, rounds, each=2000)
    yield Row("point → grid, WGS-84", ms[0], "STRtree query", ms[1], "≤ 2").line()
    ms = in_turn(lambda: ours_module.locate(*to_wgs84(*gcj, "gcj02")), floor, rounds, each=2000)
    yield Row("point → grid, from GCJ-02", ms[0], "STRtree query", ms[1], "≤ 2").line()


def write(vendor: str, reports: int, lines: list[str]) -> None:
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    moment = datetime.now(UTC)
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{moment:%Y-%m-%d-%H%M}-{vendor}.md"
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    head = [
        f"# {moment:%Y-%m-%d %H:%M} UTC, {vendor}, commit {commit.stdout.strip() or 'unknown'}",
        "",
        f"{machine}; {reports:,} reports. Medians; ours and floor in turn in one run.",
        "",
    ]
    path.write_text("\n".join([*head, *lines]) + "\n", encoding="utf-8")
    print(f"\n{path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
