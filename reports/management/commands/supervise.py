"""`manage.py supervise`: watch the clocks, for ever or once."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from reports.supervise import run_loop, supervise_once


class Command(BaseCommand):
    help = "Warns, turns lights red, opens supervision orders and escalates whistles as deadlines pass."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="do what is due now and stop")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            self.stdout.write(f"{supervise_once()} steps")
            return
        stop = threading.Event()
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, lambda *_: stop.set())
        run_loop(stop)
