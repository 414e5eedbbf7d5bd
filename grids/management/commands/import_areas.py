"""`manage.py import_areas FILE`: the area tree from GeoJSON."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.progress import Progress as Bar

from grids.actions.importing import import_areas, read_features

SHOWN_CHANGES = 50


class Command(BaseCommand):
    help = (
        "Creates and changes areas from a GeoJSON FeatureCollection (also .gz) with the properties "
        "level, code, name, parent_code, kind."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="say what would change and write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            features = read_features(options["file"])
        except (OSError, ValueError, KeyError) as exc:
            raise CommandError(f"{options['file']}: {exc}") from exc
        if options["verbosity"] == 0:
            outcome = import_areas(features, dry_run=options["dry_run"])
        else:
            with Bar() as bar:
                tasks: dict[str, Any] = {}

                def progress(stage: str, done: int, total: int) -> None:
                    if stage not in tasks:
                        tasks[stage] = bar.add_task(stage, total=total)
                    bar.update(tasks[stage], completed=done)

                outcome = import_areas(features, dry_run=options["dry_run"], progress=progress)
        if outcome.faults:
            for fault in outcome.faults:
                self.stderr.write(str(fault))
            raise CommandError(f"{len(outcome.faults)} features at fault; nothing was written")
        if options["verbosity"] == 0:
            return
        would = "would be " if options["dry_run"] else ""
        if options["dry_run"]:
            shown = [f"+ {code}" for code in outcome.created]
            shown += [f"~ {code}: {', '.join(names)}" for code, names in outcome.changed.items()]
            # One by one only as far as somebody would read on.
            for line in shown if options["verbosity"] > 1 else shown[:SHOWN_CHANGES]:
                self.stdout.write(line)
            if len(shown) > SHOWN_CHANGES and options["verbosity"] == 1:
                self.stdout.write(f"… and {len(shown) - SHOWN_CHANGES} more (--verbosity 2 shows all)")
        self.stdout.write(
            f"{len(outcome.created)} areas {would}created, {len(outcome.changed)} {would}changed, "
            f"{outcome.unchanged} as they were"
        )
