"""`manage.py simulate_month`: a whole month with a moved clock, and the reckoning afterwards."""

import time
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TextIO, cast

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from accounts.models import User
from core.moment import moved_to, now
from reports.demo.people import SUPERUSER, load_people
from reports.demo.places import DATA, demo_streets, load_places
from reports.models import Event, ItemVersion, Report
from reports.month.living import bounds, live_month
from reports.month.reckoning import reckon
from reports.month.tally import NAMES

AREAS = settings.BASE_DIR / "grids" / "data" / "weihai_areas.geojson.gz"
# National Day, with a Sunday and a Saturday that are worked instead.
FIRST, LAST = date(2026, 9, 14), date(2026, 10, 14)
BEFORE = timedelta(days=30)
FAULTS_SHOWN = 40


class Command(BaseCommand):
    help = (
        "Live a whole month with a moved clock, in an empty database or one with the demonstration's people and no "
        "reports: returns, extensions, rounds, holidays with make-up days. Then print its numbers and reckon: each by "
        "the rows and by the append-only events alone, each deadline by an independent walk over the working days, "
        "and the promises of the rule book. Any difference is named, and the command exits 1."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--first", type=date.fromisoformat, default=FIRST, help="first day; default %(default)s")
        parser.add_argument("--last", type=date.fromisoformat, default=LAST, help="last day; default %(default)s")
        parser.add_argument("--rate", type=float, default=60.0, help="reports a day on the average; default 60")
        parser.add_argument("--seed", type=int, default=1, help="another story")
        parser.add_argument("--areas", type=Path, default=AREAS, help="another GeoJSON of areas")
        parser.add_argument("--reckon", action="store_true", help="only reckon what is in the database, as of now")
        parser.add_argument("--force", action="store_true", help="live it in production all the same")

    def handle(self, *args: Any, **options: Any) -> None:
        self.console = Console(file=cast(TextIO, self.stdout._out), highlight=False)
        if options["reckon"]:
            self._reckon("What is in the database", now())
            return
        if settings.PRODUCTION and not options["force"]:
            raise CommandError("this is production: the people of the month share one known password (--force)")
        first, last = options["first"], options["last"]
        if not 0 <= (last - first).days <= 366 or options["rate"] <= 0:
            raise CommandError("--last is the day of --first or up to a year later, --rate is above 0")
        start, end = bounds(first, last)
        self._load_world(start, options)
        refused = self._live(first, last, options)
        self._reckon(f"{first} … {last}", end, [f"refused by the rules: {code}" for code in refused])

    def _load_world(self, start: datetime, options: dict[str, Any]) -> None:
        if Report.objects.exists():
            raise CommandError("there are reports already; a month is lived in a database without any (or --reckon)")
        if not User.objects.exists():
            with moved_to(start - BEFORE):
                load_places(options["areas"], DATA / "catalogue.csv", (start - BEFORE).date())
                load_people(options["seed"])
        elif not User.objects.filter(username=SUPERUSER).exists() or not demo_streets():
            raise CommandError("the people here are not the demonstration's: take an empty database")
        if not ItemVersion.objects.current(start.date()).exists():
            raise CommandError(f"the catalogue is not in force on {start.date()}: take an empty database")

    def _live(self, first: date, last: date, options: dict[str, Any]) -> tuple[str, ...]:
        started, (start, end) = time.monotonic(), bounds(first, last)
        columns = (TextColumn("{task.fields[day]}"), BarColumn(), TimeRemainingColumn())
        with Progress(*columns, console=self.console, disable=not self.console.is_terminal) as progress:
            task = progress.add_task("month", total=(end - start).total_seconds(), day=str(first))

            def lived(until: datetime) -> None:
                progress.update(task, completed=(until - start).total_seconds(), day=f"{until:%Y-%m-%d}")

            refused = live_month(first, last, options["rate"], options["seed"], lived)
        self.console.print(f"Lived in {time.monotonic() - started:.0f} s.")
        return refused

    def _reckon(self, title: str, moment: datetime, refused: Sequence[str] = ()) -> None:
        started = time.monotonic()
        found = reckon(moment)
        table = Table(title=title)
        table.add_column("")
        table.add_column("rows", justify="right")
        table.add_column("events", justify="right")
        for name in NAMES:
            table.add_row(name, f"{found.rows.total(name)}", f"{found.events.total(name)}")
        self.console.print(table)
        faults = [*refused, *found.faults]
        for fault in faults[:FAULTS_SHOWN]:
            self.stderr.write(fault)
        if faults:
            raise CommandError(f"differences: {len(faults)}")
        seconds = time.monotonic() - started
        self.console.print(f"{Event.objects.count()} events reckoned in {seconds:.0f} s: no difference")
