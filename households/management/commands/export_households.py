"""`manage.py export_households FILE --as USER --reason WHY`: households as a workbook, however many."""

import os
from argparse import ArgumentParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from core.problems import Problem
from households.actions.exporting import export_households, exportable
from households.api.filters import HouseholdFilter


class Command(BaseCommand):
    help = "Export active households as a workbook: masked, or with --full in full; each export is logged."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--as", dest="username", metavar="USER", required=True, help="who exports, of their area")
        parser.add_argument("--reason", required=True, help="why; goes into the access log")
        parser.add_argument("--full", action="store_true", help="names and numbers in full, for those who may")
        for name in ("grid", "community", "street"):
            parser.add_argument(f"--{name}", metavar="CODE", default="")

    def handle(self, *args: Any, file: Path, username: str, **options: Any) -> None:
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            raise CommandError("--as names a person who may export households")
        asked = {name: options[name] for name in ("grid", "community", "street") if options[name]}
        full, half = options["full"], file.with_name(file.name + ".part")
        try:
            rows = exportable(user, full=full)
            filtered = HouseholdFilter(asked, rows, request=SimpleNamespace(user=user))
            # For the owner's eyes only, and under its name only once it is logged.
            with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as to:
                count = export_households(user, filtered.qs, asked, options["reason"], to, full=full)
            half.replace(file)
        except (OSError, Problem) as exc:
            raise CommandError(f"{file}: {exc.sentence if isinstance(exc, Problem) else exc}") from exc
        finally:
            half.unlink(missing_ok=True)
        self.stdout.write(f"{count} rows")
