"""`manage.py fill_calendar [YEAR ...]`: working days from the State Council's calendar into the table."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from reports.actions.calendar import fill_years
from reports.calendar import today

FIRST_YEAR = 2024


class Command(BaseCommand):
    help = (
        "Fill the working calendar. Years not announced yet get their weekdays, flagged estimated; run again after "
        "the announcement (each November) and they are replaced. A second run changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("years", nargs="*", type=int, help=f"default: {FIRST_YEAR} to next year")

    def handle(self, *args: Any, years: list[int], **options: Any) -> None:
        for result in fill_years(years or range(FIRST_YEAR, today().year + 2)):
            state = "announced" if result.announced else "not announced: weekdays, estimated"
            done = f"{result.added} days added, {result.replaced} replaced"
            notice = "; deadlines in it may move" if result.changed else ""
            self.stdout.write(f"{result.year} ({state}): {done}{notice}")
