"""`python -m bench.household_import`: 100,000 households with 500 planted faults, in an empty database of its own.

Every step is `manage.py import_households` in a process of its own, whose time and largest resident size are measured.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import django
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent
HEADER = "| step | s | of them CPU | households/s | peak MB | outcome |\n|---|---|---|---|---|---|"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.household_import", description=__doc__)
    parser.add_argument("--households", type=int, default=100_000)
    parser.add_argument("--faults", type=int, default=500)
    parser.add_argument("--grids", type=int, default=250)
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "grid_backend.settings"
    django.setup()
    from django.db import connection

    from bench.household_book import write_book
    from households.models import Household, HouseholdEvent, Resident

    grids, foreign = prepare(options.grids)
    lines = [HEADER]
    print(HEADER)

    def note(step: str, households: int, done: Measured, outcome: str) -> None:
        rate = f"{households / done.seconds:,.0f}"
        lines.append(f"| {step} | {done.seconds:.0f} | {done.cpu:.0f} | {rate} | {done.peak:.0f} | {outcome} |")
        print(lines[-1], flush=True)

    with tempfile.TemporaryDirectory() as folder:
        file, tenth = Path(folder) / "households.xlsx", Path(folder) / "tenth.xlsx"
        tenth_of = options.households // 10
        write_book(tenth, grids=grids, foreign=foreign, households=tenth_of, seed=2)
        book = write_book(file, grids=grids, foreign=foreign, households=options.households, faults=options.faults)
        size = file.stat().st_size / 1e6
        print(f"{book.rows:,} rows, {book.residents:,} residents, {size:.1f} MB", flush=True)
        note(f"dry run of {tenth_of:,}", tenth_of, run(tenth, "--dry-run"), "")
        for step, arguments in (
            ("dry run", ["--dry-run"]),
            ("import of the good rows", ["--take-good-rows"]),
            ("the same again", ["--take-good-rows"]),
        ):
            done = run(file, *arguments)
            assert done.faults == book.faults, sorted(set(done.faults) ^ set(book.faults))[:20]
            note(step, options.households, done, f"{len(done.faults)} faults as planted; {done.said}")
        there = (Household.objects.count(), Resident.objects.count())
        assert there == (book.households, book.residents), there
        assert HouseholdEvent.objects.count() == book.households + book.residents
    write(connection.vendor, options.households, lines)


def prepare(count: int) -> tuple[list[str], str]:
    call_command("flush", interactive=False, verbosity=0)
    call_command("import_areas", str(ROOT / "grids" / "data" / "weihai_areas.geojson.gz"), verbosity=0)
    from accounts.models import User
    from accounts.roles import Role
    from grids.actions.appointments import appoint
    from grids.models import Area

    district = Area.objects.get(code="371082")
    user = User.objects.create_user("bench-import", full_name="导入员")
    appoint(user, Role.COMMUNITY_ADMIN, district)
    grids = Area.objects.filter(level="grid")
    own = grids.filter(path__startswith=district.path).order_by("code").values_list("code", flat=True)
    foreign = grids.exclude(path__startswith=district.path).values_list("code", flat=True).first()
    assert foreign is not None
    return list(own[:count]), foreign


@dataclass(frozen=True)
class Measured:
    """Seconds, processor seconds, largest resident MB, the closing line, and the faults that were told."""

    seconds: float
    cpu: float
    peak: float
    said: str
    faults: list[tuple[int, str, str]]


def run(file: Path, *arguments: str) -> Measured:
    command = [sys.executable, "-m", "bench.household_import", "--measured", str(file), *arguments]
    started = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    took = time.perf_counter() - started
    assert done.returncode == 0, done.stderr[-2000:]
    *said, cpu, peak = done.stdout.strip().splitlines()
    closing = next(line for line in reversed(said) if " rows, " in line)
    faults = [
        (int(row), column, code)
        for row, column, code in re.findall(r"^(\d+) (\S+) (\w+) ", done.stderr, flags=re.MULTILINE)
    ]
    return Measured(took, float(cpu), int(peak) / 1024, closing, faults)


def measured(file: str, arguments: list[str]) -> None:
    """In the process of its own: import, then say the largest resident size in KB."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "grid_backend.settings"
    django.setup()
    call_command("import_households", file, "--as", "bench-import", *arguments)
    print(time.process_time())
    # Not getrusage: that remembers what the process that started this one had.
    status = Path("/proc/self/status").read_text()
    print(re.findall(r"VmHWM:\s+(\d+)", status)[0])


def write(vendor: str, households: int, lines: list[str]) -> None:
    now = datetime.now(UTC)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    head = f"# Import of {households:,} households, {now:%Y-%m-%d}, {vendor}, commit {commit.stdout.strip()}\n\n"
    path = ROOT / "bench" / "results" / f"{now:%Y-%m-%d-%H%M}-households-{vendor}.md"
    path.write_text(head + "\n".join(lines) + "\n")
    print(path)


if __name__ == "__main__":
    if "--measured" in sys.argv:
        at = sys.argv.index("--measured")
        measured(sys.argv[at + 1], sys.argv[at + 2 :])
    else:
        main()
