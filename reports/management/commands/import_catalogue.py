"""`manage.py import_catalogue FILE`: an Excel or CSV catalogue into the catalogue."""

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reports.actions.catalogue_import import import_catalogue
from reports.catalogue_excel import UnreadableFile


class Command(BaseCommand):
    help = (
        "Import a catalogue (.xlsx with sheets 部件, 事件, 诉求, or .csv with a first column 类别). Faults are listed "
        "by sheet, row and column, and then nothing is written. A second import of the same file changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="check and count, write nothing")
        parser.add_argument(
            "--from", dest="valid_from", type=date.fromisoformat, metavar="DATE", help="first day valid; default today"
        )
        parser.add_argument("--retire-missing", action="store_true", help="retire items the file does not have")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            result = import_catalogue(
                file,
                valid_from=options["valid_from"],
                retire_missing=options["retire_missing"],
                dry_run=options["dry_run"],
            )
        except (UnreadableFile, OSError) as exc:
            raise CommandError(f"{file}: {exc}") from exc
        if result.errors:
            for error in result.errors:
                self.stderr.write(str(error))
            raise CommandError(f"{len(result.errors)} faults; nothing was written")
        for name in ("changed", "retired"):
            for code in getattr(result, name):
                self.stdout.write(f"{name} {code}")
        self.stdout.write(
            f"{len(result.created)} created, {len(result.changed)} changed, {len(result.retired)} retired, "
            f"{result.unchanged} unchanged" + (" (dry run, nothing was written)" if options["dry_run"] else "")
        )
