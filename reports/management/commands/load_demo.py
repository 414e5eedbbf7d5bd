"""`manage.py load_demo`: the demonstration's places, people and past."""

import shutil
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TextIO, cast

from auditlog.models import LogEntry
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from accounts.models import User
from core.moment import moved_to, now
from reports.demo.desks import load_desks
from reports.demo.past import ALL, OLDER, RECENT, Past, load_past
from reports.demo.people import SUPERUSER, demo_password, introductions, load_people
from reports.demo.places import DATA, STREETS, load_places
from reports.models import Report
from reports.signals import demo_loaded

AREAS = settings.BASE_DIR / "grids" / "data" / "weihai_areas.geojson.gz"
CATALOGUE = DATA / "catalogue.csv"
SEED = 371000
# People and catalogue are there before the first report.
BEFORE_THE_PAST = timedelta(days=30)
WORLD_LOADED, PAST_LOADED = "demonstration: places and people", "demonstration: past"


class Command(BaseCommand):
    help = (
        "Load the demonstration: all areas of Weihai, departments, the staff of three streets, and weeks of past "
        "reports made through the real actions. A second run changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reports", type=int, default=3000, help="past reports; default 3000")
        parser.add_argument("--days", type=int, default=60, help="over how many days; default 60")
        parser.add_argument("--no-reports", action="store_true", help="places and people only")
        parser.add_argument("--areas", type=Path, default=AREAS, help="another GeoJSON of areas")
        parser.add_argument("--seed", type=int, default=SEED, help="another story")
        parser.add_argument("--background", action="store_true", help="load all but the last days beside what follows")
        parser.add_argument("--older-than", type=datetime.fromisoformat, help="the second half of --background")
        parser.add_argument("--force", action="store_true", help="load into production all the same")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION and not options["force"]:
            raise CommandError("this is production: the demonstration's people share one known password (--force)")
        if options["reports"] < 0 or not 1 <= options["days"] <= 365:
            raise CommandError("--reports is 0 or more, --days 1 to 365")
        self.console = Console(file=cast(TextIO, self.stdout._out), highlight=False)
        if options["older_than"]:
            self._load_past(options, OLDER, options["older_than"])
            return
        wanted = 0 if options["no_reports"] else options["reports"]
        world, past = _loaded(WORLD_LOADED), _loaded(PAST_LOADED)
        if world and (past or not wanted):
            self.console.print("The demonstration is already loaded; nothing was changed.")
            self._introduce()
            return
        started = time.monotonic()
        if not world:
            self._load_world(options)
        end = now()
        if wanted:
            if Report.objects.exists():
                raise CommandError("there are reports already; the past is loaded into a database without any")
            # The mark first: a load that is broken off leaves a true, only shorter past.
            _note(PAST_LOADED)
            self._load_past(options, RECENT if options["background"] else ALL, end)
        load_desks(end)
        shared = User.objects.get(username=SUPERUSER).password
        demo_loaded.send(sender=type(self), end=end, password=shared)
        if wanted and options["background"]:
            self._go_on_beside(options, end)
        self.console.print(f"Loaded in {time.monotonic() - started:.0f} s.")
        self._introduce()

    def _load_world(self, options: dict[str, Any]) -> None:
        if User.objects.filter(username=SUPERUSER).exists():
            raise CommandError(
                f"there is a user {SUPERUSER} already: this database is somebody's, not a demonstration's"
            )
        begin = now() - timedelta(days=options["days"]) - BEFORE_THE_PAST
        with moved_to(begin):
            load_places(options["areas"], CATALOGUE, begin.date())
            people = load_people(options["seed"])
        _note(WORLD_LOADED)
        self.console.print(f"{people} people")

    def _go_on_beside(self, options: dict[str, Any], end: datetime) -> None:
        """Load the older reports in a process of its own, which outlives this one."""
        log = settings.VAR_DIR / "load_demo.log"
        same = [f"--{name}={options[name]}" for name in ("reports", "days", "seed")]
        manage = str(settings.BASE_DIR / "manage.py")
        command = [sys.executable, manage, "load_demo", f"--older-than={end.isoformat()}", *same]
        if shutil.which("nice"):
            command.insert(0, "nice")
        with log.open("w") as output:
            subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)  # noqa: S603
        self.console.print(f"The older reports are being loaded beside the server, some minutes long; see {log}")

    def _load_past(self, options: dict[str, Any], part: str, end: datetime) -> None:
        count, days = options["reports"], options["days"]
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[day]}"),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=self.console, disable=not self.console.is_terminal) as progress:
            task = progress.add_task(f"{count} reports over {days} days", total=days * 86400.0, day="")

            def lived(until: datetime) -> None:
                done = days * 86400.0 - (end - until).total_seconds()
                progress.update(task, completed=done, day=f"{until:%Y-%m-%d}")

            past = load_past(count, days, options["seed"], lived, end, part)
        self._tell(past)

    def _tell(self, past: Past) -> None:
        self.console.print(
            f"{past.reports} reports, {past.events} events, {past.whistles} whistles, {past.orders} supervision "
            f"orders, {past.photos} photos"
        )
        states = ", ".join(f"{status} {number}" for status, number in sorted(past.by_status.items()))
        lights = ", ".join(f"{light} {past.by_light[light]}" for light in ("green", "yellow", "red"))
        self.console.print(f"states: {states}\nlights of open reports: {lights}")
        if past.refused:
            self.console.print(f"{len(past.refused)} acts were refused by the rules: {', '.join(set(past.refused))}")

    def _introduce(self) -> None:
        table = Table(title=f"Who logs in as what; everyone's password: {demo_password()}")
        for heading in ("user name", "role", "at"):
            table.add_column(heading)
        for row in introductions():
            table.add_row(*row)
        self.console.print(table)
        streets = ", ".join(STREETS)
        self.console.print(f"and so on: -w001 … for grid workers, -c01 … for communities, of {streets}.")


def _loaded(what: str) -> bool:
    return LogEntry.objects.filter(object_repr=what).exists()


def _note(what: str) -> None:
    """The audit log says that and when it was loaded."""
    admin = User.objects.get(username=SUPERUSER)
    LogEntry.objects.log_create(admin, force_log=True, action=LogEntry.Action.ACCESS, object_repr=what)
