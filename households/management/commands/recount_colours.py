"""`manage.py recount_colours`: the counts of colours per grid, counted anew from the households."""

from typing import Any

from django.core.management.base import BaseCommand

from households.actions.counting import recount


class Command(BaseCommand):
    help = (
        "Count the households of each grid by colour anew and put right what was kept. Every step keeps the counts "
        "itself, so nothing should be wrong; after rows were restored or edited by hand it may be."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = recount()
        self.stdout.write(f"{wrong} counts were wrong and are right now" if wrong else "all counts are right")
