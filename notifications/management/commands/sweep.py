"""Run the sweeper by itself, beside web servers that do not run it inside."""

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from notifications.outbox import run_loop as send_messages
from notifications.outbox import send_due
from notifications.sweeper import run_loop, sweep_once


class Command(BaseCommand):
    help = (
        "Rings unacknowledged notices again, then tries other ways and other people; sends outgoing messages. "
        "Any number may run at once."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="make the steps due now and stop")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        if once:
            made = 0
            while count := sweep_once():
                made += count
            sent = send_due()
            self.stdout.write(f"{made} steps, {sent} messages")
            return
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        # Beside each other: a gateway that takes its time holds up no whistle.
        outbox = threading.Thread(target=send_messages, args=(stop,), name="outbox")
        outbox.start()
        run_loop(stop)
        outbox.join()
