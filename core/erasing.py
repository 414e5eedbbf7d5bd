"""Emptying the encrypted texts that hang on a row, whatever model they are in."""

from collections.abc import Collection

from django.db import models

from core.rotation import encrypted_fields


def empty_texts_about(row: models.Model, *, besides: Collection[type[models.Model]] = ()) -> list[str]:
    """Empty every encrypted column of the rows that point at `row`, those of models added later too.

    By plain SQL, around managers and guards that keep histories from being changed: such guards leave encrypted
    columns open for this. Returns what was emptied as `Model.column`.
    """
    emptied = []
    for relation in row._meta.related_objects:
        model = relation.related_model
        if isinstance(model, str) or model in besides or not model._meta.managed:
            continue
        names = encrypted_fields(model)
        there: models.QuerySet[models.Model] = models.QuerySet(model).filter(**{relation.field.name: row})
        if names and there.update(**dict.fromkeys(names, "")):
            emptied += [f"{model._meta.object_name}.{name}" for name in names]
    return emptied
