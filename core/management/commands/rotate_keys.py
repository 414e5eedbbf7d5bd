"""`manage.py rotate_keys [--dry-run]`: everything encrypted moves to the newest key."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import models
from rich.console import Console
from rich.progress import Progress as Bar
from rich.progress import TaskID

from core.rotation import Outcome, encrypted_models, rotate


class Command(BaseCommand):
    help = (
        "Encrypt all personal data anew with the first of FIELD_KEYS and make the look-up hashes again. Servers that "
        "run must know the new key first. May be broken off and run again; when a dry run counts 0 the older keys can "
        "be taken out."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count what is still to do and write nothing")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        console = Console(file=self.stderr._out)  # type: ignore[arg-type]
        outcomes: list[Outcome] = []
        with Bar(console=console, disable=not console.is_terminal) as bar:
            bars: dict[str, TaskID] = {}

            def progress(model: type[models.Model], done: int, total: int) -> None:
                label = model._meta.label
                if label not in bars:
                    bars[label] = bar.add_task(label, total=total)
                bar.update(bars[label], completed=done, total=max(done, total))

            for model in encrypted_models():
                outcome = rotate(model, dry_run=dry_run, progress=progress)
                outcomes.append(outcome)
                verb = "to do" if dry_run else "done"
                self.stdout.write(f"{model._meta.label}: {outcome.rows} rows, {outcome.done} {verb}")
        self.stdout.write(f"{sum(one.done for one in outcomes)} rows {'to do' if dry_run else 'done'}")
        faults = [sentence for one in outcomes for sentence in _faults(one)]
        if faults:
            raise CommandError("\n".join(["Keep all keys in FIELD_KEYS:", *faults]))
        if not dry_run and len(settings.FIELD_KEYS) > 1:
            self.stdout.write("Check with --dry-run; when it counts 0 the older keys can be taken out of FIELD_KEYS.")


def _faults(one: Outcome) -> list[str]:
    label = one.model._meta.label
    said = [
        f"no key in FIELD_KEYS reads {label}.{name} in {count} rows, the first is {one.first_unreadable}"
        for name, count in one.unreadable.items()
    ]
    if one.busy:
        said.append(f"{one.busy} rows of {label} were edited all the time; run it again")
    if one.clashing:
        said.append(f"{one.clashing} rows of {label} would stand twice: two rows have the same number or door")
    return said
