"""`manage.py export_catalogue FILE`: the catalogue in force as Excel."""

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from reports.calendar import today
from reports.catalogue import versions_for_export
from reports.catalogue_excel import write_catalogue


class Command(BaseCommand):
    help = "Export the catalogue in force on a day as .xlsx; importing that file again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--on", type=date.fromisoformat, metavar="DATE", help="default today")

    def handle(self, *args: Any, file: Path, on: date | None, **options: Any) -> None:
        rows = write_catalogue(versions_for_export(on or today()), file)
        self.stdout.write(f"{rows} rows written to {file}")
