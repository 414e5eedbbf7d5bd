"""`manage.py erase_person --resident ID --reason … --by USERNAME`: one person is erased on request."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.timezone import localtime

from accounts.models import User
from core.problems import Problem
from privacy.actions.erasing import erase
from privacy.models import Tombstone


class Command(BaseCommand):
    help = (
        "Erase a person: personal fields are emptied, the history stays without them, a tombstone says why and by "
        "whom. Cannot be undone. A household is moved out first; a requester's matter is closed first."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        who = parser.add_mutually_exclusive_group(required=True)
        for subject in Tombstone.Subject.values:
            who.add_argument(f"--{subject}", metavar="ID", help=f"the {subject}'s id")
        parser.add_argument("--reason", required=True, help="kept on the tombstone; name nobody in it")
        parser.add_argument("--dry-run", action="store_true", help="say what would be emptied, and change nothing")
        parser.add_argument("--by", required=True, metavar="USERNAME", help="who decided it")

    def handle(self, *args: Any, reason: str, by: str, dry_run: bool, **options: Any) -> None:
        person = User.objects.filter(username=by, is_active=True).first()
        if person is None:
            raise CommandError(f"there is no active person with the user name {by}")
        subject, subject_id = next((name, options[name]) for name in Tombstone.Subject.values if options[name])
        try:
            with transaction.atomic():
                stone, new = erase(subject, subject_id, reason, person)
                transaction.set_rollback(dry_run)
        except Problem as problem:
            raise CommandError(f"{problem.code}: {problem.sentence}") from problem
        if new:
            done = "would be erased" if dry_run else "erased"
            self.stdout.write(f"{subject} {stone.subject_id}: {done} {', '.join(stone.fields) or 'nothing'}")
        else:
            self.stdout.write(f"{subject} {stone.subject_id}: was erased on {localtime(stone.at):%Y-%m-%d %H:%M}")
