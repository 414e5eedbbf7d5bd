"""Imports of households: uploaded, checked as a whole, written in pieces, or discarded.

A workbook is checked without writing anything; only then, and only if it is without fault or the person takes the good
rows, is it written: batch by batch, each in one transaction with the place it has come to, so that a run that breaks
off goes on behind what stands. Importing a file again finds everything as it is.
"""

import base64
import hashlib
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import IO
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, OperationalError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Can
from core.moment import now
from core.problems import Problem, catalogue
from core.sheet_stream import StreamedSheet, streamed
from core.workbooks import UnreadableBook
from grids.scope import scope_of
from households.access import demand
from households.actions.import_planning import Key, Plan, Planner
from households.actions.import_writing import save_plan
from households.models import ImportFault, ImportPiece, ImportRun
from households.models.imports import COUNTERS, ImportState
from households.sheet import SHEET, WIDEST, Column, Line, read_header, read_line

# Longer than any batch takes.
LEASE = timedelta(minutes=5)
# Rows per transaction: on SQLite nobody else writes meanwhile.
BATCH = 300
# Whoever has more has chosen the wrong file.
MOST_FAULTS = 10_000
PIECE = 1024 * 1024
TRIES = 3
AT_WORK = (ImportState.WAITING, ImportState.APPLYING)

catalogue(
    {
        "import_differs": (409, _("An import with this id exists and is of another file.")),
        "import_at_work": (409, _("This import has not been checked yet.")),
        "import_over": (409, _("This import has ended: %(state)s.")),
        "import_has_faults": (409, _("There are %(count)s faults; correct them, or take the good rows only.")),
        "import_cut": (409, _("There are too many faults: this is not the right file.")),
        "import_file_gone": (409, _("The file of this import is no longer here; send it again.")),
    }
)

Told = Callable[[int, int], None]


class ClaimLost(Exception):
    """Somebody else works on this import now, or it has ended."""


def visible_imports(user: User) -> QuerySet[ImportRun]:
    """A person's own."""
    return ImportRun.objects.filter(made_by=user)


def get_import(user: User, run_id: UUID, *, lock: bool = False) -> ImportRun:
    rows = visible_imports(user).filter(pk=run_id)
    run = (rows.select_for_update() if lock else rows).first()
    if run is None:
        raise Problem("not_found")
    return run


def start_import(user: User, run_id: UUID, file_name: str, data: bytes) -> tuple[ImportRun, bool]:
    """Take a workbook in under an id of the client's own; returns the run and whether it is new.

    A small one is checked at once, a large one by the worker. The same again changes nothing. Raises `forbidden`,
    `import_differs`, `unreadable_workbook`, `sheet_columns`, `sheet_unknown_columns`.
    """
    demand(scope_of(user).anywhere(Can.IMPORT_HOUSEHOLDS))
    sha256 = hashlib.sha256(data).hexdigest()
    there = ImportRun.objects.filter(pk=run_id).first()
    if there is None:
        expected = look_at(io.BytesIO(data))
        try:
            with transaction.atomic():
                there = new_run(user, run_id, file_name, sha256, expected)
                _keep(there, data)
        except IntegrityError:
            there = ImportRun.objects.get(pk=run_id)
        else:
            if len(data) <= settings.GRIDWHISTLE["IMPORT_AT_ONCE_BYTES"]:
                work_on(there)
            return ImportRun.objects.get(pk=run_id), True
    if there.made_by_id != user.pk or there.sha256 != sha256:
        raise Problem("import_differs")
    return there, False


def apply_import(user: User, run_id: UUID, *, take_good_rows: bool = False) -> ImportRun:
    """Have a checked import written; asking again changes nothing.

    Raises `not_found`, `forbidden`, `import_at_work`, `import_over`, `import_has_faults`, `import_cut`,
    `import_file_gone`.
    """
    with transaction.atomic():
        run = get_import(user, run_id, lock=True)
        demand(scope_of(user).anywhere(Can.IMPORT_HOUSEHOLDS))
        if run.state in (ImportState.APPLYING, ImportState.DONE):
            return run
        if run.state != ImportState.WAITING and not run.pieces.exists():
            _refuse_ended(run)
            raise Problem("import_file_gone")
        to_be_written(run, take_good_rows)
        size = run.pieces.count()
    if size == 1 and _fits_at_once(run):
        work_on(run)
    return ImportRun.objects.get(pk=run_id)


def to_be_written(run: ImportRun, take_good_rows: bool) -> None:
    """Let a checked run be written. Raises as `apply_import`."""
    if run.state == ImportState.WAITING:
        raise Problem("import_at_work")
    _refuse_ended(run)
    if run.cut:
        raise Problem("import_cut")
    if run.fault_count and not take_good_rows:
        raise Problem("import_has_faults", params={"count": run.fault_count})
    run.state, run.position, run.take_good_rows = ImportState.APPLYING, 0, take_good_rows
    for name in COUNTERS:
        setattr(run, name, 0)
    run.save()


def discard_import(user: User, run_id: UUID) -> ImportRun:
    """Let go of an import that was not applied; asking again changes nothing. Raises `not_found`, `import_over`."""
    with transaction.atomic():
        run = get_import(user, run_id, lock=True)
        if run.state == ImportState.DISCARDED:
            return run
        if run.state == ImportState.APPLYING:
            raise Problem("import_over", params={"state": run.get_state_display()})
        _refuse_ended(run)
        end(run, ImportState.DISCARDED)
    return run


def discard_old() -> int:
    """Let go of what nobody applied for `IMPORT_KEEP_HOURS`. Returns how many."""
    before = now() - timedelta(hours=settings.GRIDWHISTLE["IMPORT_KEEP_HOURS"])
    old = ImportRun.objects.filter(state=ImportState.CHECKED, made_at__lt=before).values_list("pk", flat=True)
    count = 0
    for pk in list(old[:100]):
        with transaction.atomic():
            run = ImportRun.objects.select_for_update().filter(pk=pk, state=ImportState.CHECKED).first()
            if run is not None:
                end(run, ImportState.DISCARDED)
                count += 1
    return count


def new_run(user: User, run_id: UUID, file_name: str, sha256: str, expected: int) -> ImportRun:
    """A row for a workbook of about `expected` rows."""
    return ImportRun.objects.create(
        pk=run_id, made_by=user, made_at=now(), file_name=file_name[:120], sha256=sha256, rows=expected
    )


def look_at(source: Path | IO[bytes]) -> int:
    """How many rows the workbook says it has.

    Raises `unreadable_workbook`, `sheet_columns`, `sheet_unknown_columns`.
    """
    with _readable(), streamed(source, title=SHEET, columns=WIDEST) as sheet:
        _header(sheet)
        return max(sheet.expected - 1, 0)


def end(run: ImportRun, state: str, failure: str = "") -> None:
    """The file goes, what it was and how it ended stays."""
    run.pieces.all().delete()
    run.state, run.failure, run.finished_at = state, failure, now()
    run.claim, run.lease_until = "", None
    run.save()


def claim_one() -> ImportRun | None:
    """The uploaded import that has waited longest, now leased to us."""
    while True:
        due = ImportRun.objects.filter(_free(), state__in=AT_WORK)
        found = due.filter(pieces__number=0).order_by("made_at").values_list("pk", flat=True).first()
        if found is None:
            return None
        claimed = claim(found)
        if claimed is not None:
            return claimed


def claim(run_id: UUID) -> ImportRun | None:
    """This import, leased to us; None if somebody works on it or nothing is to be done."""
    mark = uuid4().hex
    due = ImportRun.objects.filter(_free(), pk=run_id, state__in=AT_WORK)
    if not due.update(claim=mark, lease_until=now() + LEASE):
        return None
    return ImportRun.objects.select_related("made_by").filter(pk=run_id, claim=mark).first()


def work_on(run: ImportRun) -> None:
    """Check or write an uploaded import now, if nobody else does."""
    claimed = claim(run.pk)
    if claimed is not None:
        work_on_claimed(claimed)


def work_on_claimed(run: ImportRun) -> None:
    """Raises `ClaimLost`."""
    Pass(run, io.BytesIO(_kept(run))).go()


class Pass:
    """One pass over the file of a claimed import: checking it, or writing it."""

    def __init__(self, run: ImportRun, source: Path | IO[bytes], tell: Told | None = None) -> None:
        self.run, self.source, self.tell = run, source, tell
        self.seen = 0

    def go(self) -> None:
        """Do what the state asks for. Raises `ClaimLost`; a file that cannot be read ends the import as failed, and so
        does what nobody foresaw, which is raised on."""
        try:
            if self.run.state == ImportState.WAITING:
                self._check()
            else:
                self._write()
        except (ClaimLost, OperationalError):
            raise
        except Problem as problem:
            self._break_off(problem.code)
        except Exception:
            self._break_off("internal")
            raise

    def _check(self) -> None:
        ImportFault.objects.filter(run=self.run).delete()
        self.run.position = self.run.fault_count = 0
        for name in COUNTERS:
            setattr(self.run, name, 0)
        planner = Planner(self.run.made_by, lock=False)
        with _readable(), streamed(self.source, title=SHEET, columns=WIDEST) as sheet:
            for batch in planner.batches(self._lines(sheet), BATCH):
                plan = planner.plan(batch)
                with transaction.atomic():
                    self._hold()
                    self._note(plan, batch[-1][0].ordinal)
                if self.run.fault_count >= MOST_FAULTS:
                    self.run.cut = True
                    break
        self.run.rows = self.seen
        self._release(ImportState.CHECKED)

    def _write(self) -> None:
        planner = Planner(self.run.made_by, lock=True)
        with _readable(), streamed(self.source, title=SHEET, columns=WIDEST) as sheet:
            bad = set(ImportFault.objects.filter(run=self.run).values_list("row", flat=True))
            done = self.run.position
            good = (line for line in self._lines(sheet) if line.ordinal > done and line.number not in bad)
            for batch in planner.batches(good, BATCH):
                self._write_batch(planner, batch)
        with transaction.atomic():
            self._hold()
            self.run.position = self.run.rows
            end(self.run, ImportState.DONE)

    def _write_batch(self, planner: Planner, batch: list[tuple[Line, Key | None]]) -> None:
        for attempt in range(TRIES):
            try:
                with transaction.atomic():
                    self._hold()
                    plan = planner.plan(batch)
                    save_plan(plan)
                    self._note(plan, batch[-1][0].ordinal)
                return
            except IntegrityError:
                # Somebody registered one of these households in this moment; it is found now.
                if attempt == TRIES - 1:
                    raise
                self.run.refresh_from_db()

    def _lines(self, sheet: StreamedSheet) -> Iterator[Line]:
        header = _header(sheet)
        for number, row in sheet.rows:
            self.seen += 1
            yield read_line(number, header, row, self.seen)

    def _hold(self) -> None:
        """Lock the run; what comes is written only if it is still ours."""
        mine = ImportRun.objects.select_for_update().filter(pk=self.run.pk, claim=self.run.claim, state=self.run.state)
        if not list(mine.values_list("pk", flat=True)):
            raise ClaimLost

    def _note(self, plan: Plan, position: int) -> None:
        ImportFault.objects.bulk_create(
            ImportFault(run=self.run, row=row, column=column, code=problem.code, params=problem.params)
            for row, column, problem in plan.faults
        )
        run = self.run
        run.position, run.fault_count = position, run.fault_count + len(plan.faults)
        run.rows = max(run.rows, position)
        for name, count in plan.counts.items():
            setattr(run, name, getattr(run, name) + count)
        run.lease_until = now() + LEASE
        run.save()
        if self.tell:
            self.tell(run.position, run.rows)

    def _break_off(self, failure: str) -> None:
        with transaction.atomic():
            self._hold()
            end(self.run, ImportState.FAILED, failure)

    def _release(self, state: str) -> None:
        with transaction.atomic():
            self._hold()
            self.run.state, self.run.claim, self.run.lease_until = state, "", None
            self.run.save()


def _free() -> Q:
    return Q(lease_until__isnull=True) | Q(lease_until__lte=now())


def _refuse_ended(run: ImportRun) -> None:
    if run.state in (ImportState.DONE, ImportState.FAILED, ImportState.DISCARDED):
        raise Problem("import_over", params={"state": run.get_state_display()})


def _fits_at_once(run: ImportRun) -> bool:
    return len(_kept(run)) <= settings.GRIDWHISTLE["IMPORT_AT_ONCE_BYTES"]


def _keep(run: ImportRun, data: bytes) -> None:
    for number, start in enumerate(range(0, len(data), PIECE)):
        content = base64.b64encode(data[start : start + PIECE]).decode()
        ImportPiece.objects.create(run=run, number=number, content=content)


def _kept(run: ImportRun) -> bytes:
    contents = run.pieces.order_by("number").values_list("content", flat=True)
    return b"".join(base64.b64decode(one) for one in contents.iterator(chunk_size=1))


def _header(sheet: StreamedSheet) -> list[Column | None]:
    _number, row = next(sheet.rows, (0, []))
    return read_header(row)


@contextmanager
def _readable() -> Iterator[None]:
    """What cannot be read is `unreadable_workbook`."""
    try:
        yield
    except UnreadableBook as exc:
        raise Problem("unreadable_workbook", "file", params={"fault": exc.words}) from exc
