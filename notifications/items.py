"""Unacknowledged notices as the JSON that goes over a socket."""

from collections.abc import Mapping
from typing import Any

import orjson
from django.db.models import F, Window
from django.db.models.functions import RowNumber

from notifications.kinds import Text, render
from notifications.models import Notification

# Per person and reading. The newest come first, so that a new whistle does not wait behind a month of old notices.
WINDOW = 200

_COLUMNS = (
    "recipient_id",
    "id",
    "kind",
    "params",
    "urgency",
    "subject",
    "subject_id",
    "needs_receipt",
    "created_at",
    "seen_at",
    "receipted_at",
)


def unacknowledged_items(languages: Mapping[int, str]) -> dict[int, list[tuple[int, str]]]:
    """For each person (id → language) the (id, JSON) of the newest 200 unacknowledged notices, newest first.

    One query for any number of persons. By "unacknowledged" and never by "id greater than": ids commit out of order.
    """
    rows = Notification.objects.unacknowledged().filter(recipient_id__in=list(languages))
    if len(languages) == 1:
        rows = rows.order_by("-id")[:WINDOW]
    else:
        place = Window(RowNumber(), partition_by=F("recipient_id"), order_by=F("id").desc())
        rows = rows.annotate(place=place).filter(place__lte=WINDOW).order_by("-id")
    found: dict[int, list[tuple[int, str]]] = {}
    # A whistle to 2,000 people has one text per language.
    texts: dict[tuple[str, bytes, str], Text] = {}
    for user_id, *values in rows.values_list(*_COLUMNS):
        language = languages[user_id]
        notice_id, kind, params = values[:3]
        key = (kind, orjson.dumps(params), language)
        text = texts.get(key)
        if text is None:
            text = texts[key] = render(kind, params, language)
        found.setdefault(user_id, []).append((notice_id, _item(values, text)))
    return found


def _item(values: list[Any], text: Text) -> str:
    item = dict(zip(_COLUMNS[1:], values, strict=True))
    return orjson.dumps(item | {"title": text.title, "body": text.body}).decode()


def waiting_recipients() -> set[int]:
    """Everybody with a notice that is on no device while its ladder runs; what the hubs poll for."""
    rows = Notification.objects.on_ladder().unacknowledged()
    return set(rows.order_by().values_list("recipient_id", flat=True).distinct())
