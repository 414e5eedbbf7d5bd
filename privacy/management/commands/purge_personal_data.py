"""`manage.py purge_personal_data [--apply]`: what is kept no longer goes; for a timer, once a day."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import Progress as Bar

from core.moment import now
from privacy.actions.retention import end, rules


class Command(BaseCommand):
    help = (
        "Erase requesters, households and residents and delete logs at the end of their retention "
        "(REQUESTER_RETENTION_DAYS, HOUSEHOLD_RETENTION_DAYS, LOG_RETENTION_DAYS). Without --apply it only counts."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--apply", action="store_true", help="really do it")

    def handle(self, *args: Any, apply: bool, **options: Any) -> None:
        console = Console(file=self.stderr._out)  # type: ignore[arg-type]
        refused_in_all = 0
        with Bar(console=console, disable=not console.is_terminal) as bar:
            for rule in rules(now()):
                total = rule.count()
                if not apply:
                    self.stdout.write(f"{rule.name}: {total} before {rule.before:%Y-%m-%d}")
                    continue
                task = bar.add_task(rule.name, total=total)
                ended = refused = 0
                for ended, refused in end(rule, f"end of retention, before {rule.before:%Y-%m-%d}"):
                    bar.update(task, completed=ended + refused)
                refused_in_all += refused
                self.stdout.write(f"{rule.name}: {ended} ended" + (f", {refused} refused" if refused else ""))
        if not apply:
            self.stdout.write("Nothing was changed; --apply does it.")
        if refused_in_all:
            raise CommandError(f"{refused_in_all} could not be erased, the log says why")
