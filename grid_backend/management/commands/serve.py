"""`manage.py serve`: the whole system in one process."""

from argparse import ArgumentParser
from contextlib import suppress
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.urls import NoReverseMatch, reverse

from grid_backend.health import database_state, keys_state
from grid_backend.server import run


class Command(BaseCommand):
    help = "Serve HTTP, sockets, deadlines and deliveries in one process until stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
        parser.add_argument("--port", type=int, default=8000, help="0 takes a free one")
        parser.add_argument("--threads", type=int, default=8, help="HTTP requests worked on at a time")

    def handle(self, *args: Any, **options: Any) -> None:
        if database_state() == "ok" and keys_state() == "lost":
            # What is written now would be found by none who has the right key.
            raise CommandError("FIELD_KEYS does not read what is stored; put the lost key back (docs/privacy.md)")
        run(options["host"], options["port"], max(1, options["threads"]), self._ready)

    def _ready(self, address: str) -> None:
        self.stdout.write(f"网格哨 Grid Whistle: {address}", self.style.SUCCESS)
        for name, path in self._doors():
            self.stdout.write(f"  {name} {address}{path}")
        self.stdout.write("  stop with Ctrl-C")
        self.stdout.flush()

    @staticmethod
    def _doors() -> list[tuple[str, str]]:
        """Where people begin, the phone first; the desk only where there is one."""
        doors = [("phone", reverse("field").lstrip("/"))]
        with suppress(NoReverseMatch):
            doors.append(("desk", reverse("console").lstrip("/")))
        return [*doors, ("admin", "admin/"), ("API", "api/docs")]
