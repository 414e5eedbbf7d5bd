"""`manage.py purge_tracks [--dry-run]`: forget where patrols were."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from households.actions.patrols import purge_tracks


class Command(BaseCommand):
    help = (
        "Delete the points of tracks that are older than PATROL_TRACK_DAYS, and all of them while tracks are switched "
        "off. To be run daily. The patrols themselves stay."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say how many")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        number = purge_tracks(dry_run=dry_run)
        self.stdout.write(f"{number} points {'would be' if dry_run else 'were'} deleted")
