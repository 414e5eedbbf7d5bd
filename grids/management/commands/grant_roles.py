"""`manage.py grant_roles`: after an upgrade, gives people in office what their roles have come to grant."""

from typing import Any

from django.core.management.base import BaseCommand

from grids.actions.appointments import grant_anew


class Command(BaseCommand):
    help = "Grants what standing appointments lack of their roles' capabilities. Running it again changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        made = grant_anew()
        if options["verbosity"]:
            self.stdout.write(f"{made} permissions granted")
