"""Run the sweeper by itself, beside web servers that do not run it inside."""

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from notifications.sweeper import run_loop, sweep_once


class Command(BaseCommand):
    help = "Rings unacknowledged notices again, then tries other ways and other people. Any number may run at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="make the steps due now and stop")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        if once:
            made = 0
            while count := sweep_once():
                made += count
            self.stdout.write(f"{made} steps")
            return
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        run_loop(stop)
