"""Unacknowledged notices as the JSON that goes over a socket."""

from collections.abc import Mapping
from datetime import UTC, datetime

import orjson
from django.db.models import F, TextField, Window
from django.db.models.functions import Cast, RowNumber

from notifications.kinds import render
from notifications.models import Notification

# Per person and reading. The newest come first, so that a new whistle does not wait behind a month of old notices.
WINDOW = 200

_FIELDS = ("kind", "urgency", "subject", "subject_id", "needs_receipt")
# As text: the rows of one whistle differ in nothing but id and person, so each value is parsed once, not per row.
_AS_TEXT = ("params", "created_at", "seen_at", "receipted_at")


def unacknowledged_items(languages: Mapping[int, str]) -> dict[int, list[tuple[int, str]]]:
    """For each person (id → language) the (id, JSON) of the newest 200 unacknowledged notices, newest first.

    One query for any number of persons. By "unacknowledged" and never by "id greater than": ids commit out of order.
    """
    rows = Notification.objects.unacknowledged().filter(recipient_id__among=languages)
    if len(languages) == 1:
        rows = rows.order_by("-id")[:WINDOW]
    else:
        place = Window(RowNumber(), partition_by=F("recipient_id"), order_by=F("id").desc())
        rows = rows.annotate(place=place).filter(place__lte=WINDOW).order_by("-id")
    texts = {f"{name}_text": Cast(name, TextField()) for name in _AS_TEXT}
    columns = ("recipient_id", "id", *_FIELDS, *texts)
    found: dict[int, list[tuple[int, str]]] = {}
    bodies: dict[tuple[object, ...], str] = {}
    for user_id, notice_id, *values in rows.annotate(**texts).values_list(*columns):
        language = languages[user_id]
        key = (language, *values)
        body = bodies.get(key)
        if body is None:
            body = bodies[key] = _body(language, dict(zip((*_FIELDS, *_AS_TEXT), values, strict=True)))
        found.setdefault(user_id, []).append((notice_id, f'{{"id":{notice_id},{body}'))
    return found


def _body(language: str, values: dict[str, object]) -> str:
    """The JSON of a notice from behind its id."""
    params = orjson.loads(str(values["params"]))
    text = render(str(values["kind"]), params, language)
    moments = {name: _moment(values[name]) for name in _AS_TEXT[1:]}
    return orjson.dumps(values | moments | {"params": params, "title": text.title, "body": text.body}).decode()[1:]


def _moment(text: object) -> datetime | None:
    """A moment as the database writes it as text; SQLite writes UTC without saying so."""
    if not text:
        return None
    moment = datetime.fromisoformat(str(text))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def waiting_recipients() -> set[int]:
    """Everybody with a notice that is on no device while its ladder runs; what the hubs poll for."""
    rows = Notification.objects.on_ladder().unacknowledged()
    return set(rows.order_by().values_list("recipient_id", flat=True).distinct())
