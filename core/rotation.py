"""Moving everything encrypted to the newest key, while the system works.

A row is done when each of its encrypted values is read by the newest key alone and each keyed hash is made with it, so
nothing is remembered between runs: one that was broken off goes on by being run again, and a second run finds nothing
to do. A row is written only as it was read (a condition of the UPDATE), so a person's edit beside it is never
overwritten; such a row is looked at again.
"""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, connection, models, transaction
from django.db.models import ExpressionWrapper, F, QuerySet, TextField, Value

from core.encryption import EncryptedTextField, KeyLost, decrypted, lookup_hash

BATCH = 200
# A row edited again and again between our reading and our writing is left to the next run.
TRIES = 5
RAW = "raw_"

Progress = Callable[[type[models.Model], int, int], None]


@dataclass
class Outcome:
    """What a run did to one model, in rows: looked at, to be done (or, unless dry, done), and not done.

    `unreadable` counts values by field that no key reads, `first_unreadable` is the key of the first such row;
    `busy` rows were edited all the time, `clashing` ones would have met a unique constraint.
    """

    model: type[models.Model]
    rows: int = 0
    done: int = 0
    busy: int = 0
    clashing: int = 0
    unreadable: dict[str, int] = field(default_factory=dict)
    first_unreadable: object = None

    @property
    def complete(self) -> bool:
        return not (self.busy or self.clashing or self.unreadable)


def encrypted_models() -> list[type[models.Model]]:
    """Every installed model with an encrypted column of its own table, in the order of their names."""
    found = [model for model in apps.get_models() if not model._meta.proxy and encrypted_fields(model)]
    return sorted(found, key=lambda model: model._meta.label)


def encrypted_fields(model: type[models.Model]) -> list[str]:
    return [field.name for field in model._meta.local_concrete_fields if isinstance(field, EncryptedTextField)]


def rotate(model: type[models.Model], *, dry_run: bool = False, progress: Progress | None = None) -> Outcome:
    """Move the rows of one model; without writing anything on a dry run."""
    outcome = Outcome(model)
    rows = _rows(model)
    total = rows.count() if progress else 0
    for batch in _batches(rows):
        changed = [(row, columns) for row in batch if (columns := _wanted(row, outcome)) is not None]
        outcome.rows += len(batch)
        if dry_run:
            outcome.done += len(changed)
        elif changed:
            _write(model, changed, outcome)
        if progress:
            progress(model, outcome.rows, total)
    return outcome


def _rows(model: type[models.Model]) -> QuerySet[Any]:
    """The rows with their stored values beside them, undecrypted; a queryset of Django's own, whatever the model's
    managers hide or forbid."""
    names = encrypted_fields(model)
    raw: dict[str, Any] = {RAW + name: ExpressionWrapper(F(name), TextField()) for name in names}
    return models.QuerySet(model).defer(*names).annotate(**raw)


def _batches(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    rows = rows.order_by("pk")
    batch = list(rows[:BATCH])
    while batch:
        last = batch[-1].pk
        yield batch
        batch = list(rows.filter(pk__gt=last)[:BATCH])


def _wanted(row: Any, outcome: Outcome) -> dict[str, str] | None:
    """The columns to write, stored as they are to be; None when the row is done or cannot be read."""
    newest = Fernet(str(settings.FIELD_KEYS[0]))
    columns: dict[str, str] = {}
    readable = True
    for name in encrypted_fields(type(row)):
        token = getattr(row, RAW + name)
        if not token:
            setattr(row, name, token)
            continue
        try:
            text = newest.decrypt(token.encode()).decode()
        except InvalidToken:
            try:
                text = decrypted(token, row._meta.label, name)
            except KeyLost:
                readable = False
                outcome.unreadable[name] = outcome.unreadable.get(name, 0) + 1
                if outcome.first_unreadable is None:
                    outcome.first_unreadable = row.pk
                continue
            columns[name] = newest.encrypt(text.encode()).decode()
        setattr(row, name, text)
    if not readable:
        return None
    for name, text in _lookups(row).items():
        fresh = lookup_hash(text)
        if getattr(row, name) != fresh:
            columns[name] = fresh
    return columns or None


def _lookups(row: Any) -> dict[str, str]:
    """What the model says its hashes are of, see `core.encryption`."""
    return row.lookup_texts() if hasattr(row, "lookup_texts") else {}


def _write(model: type[models.Model], changed: list[tuple[Any, dict[str, str]]], outcome: Outcome) -> None:
    missed: list[Any] = []
    # SQLite has one writer anyway, and a commit for each row would cost it a flush for each; elsewhere more than one
    # row held at a time could meet a person's step that holds them in another order.
    with transaction.atomic() if connection.vendor == "sqlite" else nullcontext():
        for row, columns in changed:
            if _put(row, columns, outcome):
                outcome.done += 1
            else:
                missed.append(row.pk)
    for key in missed:
        _again(model, key, outcome)


def _again(model: type[models.Model], key: object, outcome: Outcome) -> None:
    """A row that was not as it was read: edited or deleted beside us."""
    for _time in range(TRIES):
        row = _rows(model).filter(pk=key).first()
        columns = None if row is None else _wanted(row, outcome)
        if columns is None:
            return
        if _put(row, columns, outcome):
            outcome.done += 1
            return
    outcome.busy += 1


def _put(row: Any, columns: dict[str, str], outcome: Outcome) -> bool:
    """Write the columns if the row is still as it was read; what would clash is counted and left."""
    names = [*encrypted_fields(type(row)), *_lookups(row)]
    raw: dict[str, Any] = {RAW + name: ExpressionWrapper(F(name), TextField()) for name in names}
    as_read = {RAW + name: row.__dict__[RAW + name if RAW + name in row.__dict__ else name] for name in names}
    stored = {name: Value(text, output_field=TextField()) for name, text in columns.items()}
    same = models.QuerySet(type(row)).alias(**raw).filter(pk=row.pk, **as_read)
    try:
        with transaction.atomic():
            return bool(same.update(**stored))
    except IntegrityError:
        outcome.clashing += 1
        return True
