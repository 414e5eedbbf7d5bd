"""`manage.py simulate`: a live morning against a running server, and the reckoning afterwards."""

import asyncio
import random
import time
from pathlib import Path
from typing import Any, TextIO, cast
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.live import Live

from core.moment import now
from reports.simulation.cast import NotLoaded, choose, log_out
from reports.simulation.checking import latest_notice, verify
from reports.simulation.ledger import Ledger
from reports.simulation.morning import Morning, spend
from reports.simulation.table import rows, table

FAULTS_SHOWN = 20
# Without a terminal a line now and then takes the place of the table.
LINE_SECONDS = 10.0


class Command(BaseCommand):
    help = (
        "Drive a live morning against a running server: workers send reports with photos, some over a line that keeps "
        "breaking; dispatchers, leaders and departments act on what their sockets tell them. Afterwards everything is "
        "checked against the database (the server's own: set DATABASE_URL alike). Exits 1 if anything was lost or the "
        "server failed. Ctrl-C ends it early and still checks."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--minutes", type=float, default=2.0, help="how long workers go on sending; default 2")
        parser.add_argument("--rate", type=float, default=60.0, help="reports per minute over all; default 60")
        parser.add_argument("--base", default="http://127.0.0.1:8000", help="the server; default %(default)s")
        parser.add_argument("--workers", type=int, default=20, help="default 20")
        parser.add_argument("--flapping", type=float, default=0.2, help="share of workers on a bad line; default 0.2")
        parser.add_argument("--drain", type=float, default=90.0, help="seconds to finish in, at most; default 90")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--ledger", type=Path, help="keep what was sent and received in this file")
        parser.add_argument("--verify", type=Path, metavar="LEDGER", help="only check such a file again")

    def handle(self, *args: Any, **options: Any) -> None:
        self.console = Console(file=cast(TextIO, self.stdout._out), highlight=False)
        if options["verify"]:
            self._reckon(Ledger.read(options["verify"]))
            return
        base = urlsplit(options["base"])
        if base.scheme != "http" or not base.hostname:
            raise CommandError("--base is an address such as http://127.0.0.1:8000")
        if options["rate"] <= 0 or options["workers"] < 1 or not 0 <= options["flapping"] <= 1:
            raise CommandError("--rate is above 0, --workers 1 or more, --flapping between 0 and 1")
        morning = Morning(
            base.hostname,
            base.port or 80,
            options["minutes"] * 60,
            options["rate"],
            options["flapping"],
            options["drain"],
            options["seed"],
        )
        ledger = Ledger(started_at=now().isoformat())
        try:
            self._spend(morning, ledger, options["base"].rstrip("/"), options["workers"])
        finally:
            log_out()
        if options["ledger"]:
            ledger.save(options["ledger"])
        self._reckon(ledger)

    def _spend(self, morning: Morning, ledger: Ledger, base: str, workers: int) -> None:
        try:
            people = choose(base, workers, random.Random(morning.seed))  # noqa: S311
        except NotLoaded as exc:
            raise CommandError(str(exc)) from exc
        ledger.people = {person.id: person.username for person in people.everyone()}
        ledger.first_notice = latest_notice()
        title = f"{workers} workers, {morning.rate:g} reports a minute"
        if not self.console.is_terminal:
            asyncio.run(spend(morning, people, ledger, self._lines(ledger)))
            return
        with Live(table(ledger, title), console=self.console, auto_refresh=False) as live:

            def show(what: str) -> None:
                live.update(table(ledger, f"{title}: {what}"), refresh=True)

            asyncio.run(spend(morning, people, ledger, show))

    def _lines(self, ledger: Ledger) -> Any:
        last = [0.0]

        def show(what: str) -> None:
            if time.monotonic() - last[0] >= LINE_SECONDS:
                last[0] = time.monotonic()
                self.stdout.write(f"{what}: " + ", ".join(f"{name} {value}" for name, value in rows(ledger)))

        return show

    def _reckon(self, ledger: Ledger) -> None:
        faults = verify(ledger)
        self.console.print(table(ledger, "The morning"))
        for fault in faults[:FAULTS_SHOWN]:
            self.stderr.write(fault)
        if faults:
            raise CommandError(f"lost or wrong: {len(faults)}")
        self.console.print("lost 0: every report, photo, notice and whistle is where it should be")
