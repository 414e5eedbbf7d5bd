"""`manage.py import_households FILE --as USER`: a workbook of households, with a progress bar.

Without a file: work on the uploaded ones until stopped, beside web servers that do not do it inside.
"""

import hashlib
import signal
import threading
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation
from rich.progress import Progress

from accounts.models import User
from accounts.roles import Can
from core.problems import Problem
from grids.scope import scope_of
from households.actions.imports import Pass, claim, end, look_at, new_run, to_be_written
from households.import_worker import run_loop
from households.models import ImportFault, ImportRun
from households.models.imports import ImportState


class Command(BaseCommand):
    help = (
        "Import a workbook of households as a person who may: every bad row is named by number and column, and nothing "
        "is written until all are good or --take-good-rows is given. The same file again changes nothing; one that was "
        "broken off goes on. Without FILE: work on uploaded workbooks until stopped."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, nargs="?")
        parser.add_argument("--as", dest="username", metavar="USER", help="who imports, within their grids")
        parser.add_argument("--dry-run", action="store_true", help="check and count, write nothing")
        parser.add_argument("--take-good-rows", action="store_true", help="leave bad rows out and write the rest")

    def handle(self, *args: Any, file: Path | None, username: str | None, **options: Any) -> None:
        if file is None:
            stop = threading.Event()
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: stop.set())
            run_loop(stop)
            return
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            raise CommandError("--as names a person who may import households")
        if not scope_of(user).anywhere(Can.IMPORT_HOUSEHOLDS):
            raise CommandError(f"{username} may not import households")
        with translation.override(user.language or None):
            try:
                self._import(user, file, options)
            except (OSError, Problem) as exc:
                raise CommandError(f"{file}: {exc.sentence if isinstance(exc, Problem) else exc}") from exc

    def _import(self, user: User, file: Path, options: dict[str, Any]) -> None:
        quiet = options["verbosity"] == 0
        with Progress(disable=quiet) as bar:
            run = self._broken_off(user, file)
            if run is None:
                run = new_run(user, uuid4(), file.name, _sha256(file), look_at(file))
                run = self._pass(run, file, bar, "check")
                self._tell_faults(run)
                if options["dry_run"]:
                    end(run, ImportState.DISCARDED)
                    self._tell(run, "would be ")
                    return
                try:
                    to_be_written(run, options["take_good_rows"])
                except Problem as problem:
                    end(run, ImportState.DISCARDED)
                    raise CommandError(f"{problem.sentence} ({run.fault_count}); nothing was written") from problem
            told = run.fault_count
            run = self._pass(run, file, bar, "write")
        if run.fault_count > told:
            self._tell_faults(run)
        self._tell(run, "")

    def _broken_off(self, user: User, file: Path) -> ImportRun | None:
        """An import of this very file that did not come to its end; it goes on."""
        halves = ImportRun.objects.filter(made_by=user, sha256=_sha256(file), state=ImportState.APPLYING)
        return halves.filter(pieces__isnull=True).order_by("made_at").last()

    def _pass(self, run: ImportRun, file: Path, bar: Progress, what: str) -> ImportRun:
        claimed = claim(run.pk)
        if claimed is None:
            raise CommandError("this file is being imported by another process, or was until five minutes ago")
        task = bar.add_task(what, total=run.rows or None)
        Pass(claimed, file, lambda done, total: bar.update(task, completed=done, total=total or None)).go()
        run.refresh_from_db()
        if run.state == ImportState.FAILED:
            raise CommandError(f"{file}: {run.failure}")
        return run

    def _tell_faults(self, run: ImportRun) -> None:
        for fault in ImportFault.objects.filter(run=run).order_by("row", "pk").iterator():
            sentence = Problem(fault.code, params=fault.params).sentence
            self.stderr.write(f"{fault.row} {fault.column} {fault.code} {sentence}")

    def _tell(self, run: ImportRun, would: str) -> None:
        self.stdout.write(
            f"{run.rows} rows, {run.fault_count} faults: {run.buildings_new} buildings {would}created; households: "
            f"{run.households_new} {would}created, {run.households_changed} {would}changed, {run.households_same} as "
            f"they were; residents: {run.residents_new} {would}created, {run.residents_changed} {would}changed, "
            f"{run.residents_same} as they were"
        )


def _sha256(file: Path) -> str:
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()
