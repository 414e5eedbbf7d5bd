"""Making notices: one INSERT for any number of recipients, and one bell after the commit."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.db import connection, router, transaction

from accounts.models import User
from core.moment import now
from notifications.bell import ring
from notifications.kinds import KINDS, UNANSWERED
from notifications.models import Notification, Urgency

# SQLite takes 32,766 values in a statement; PostgreSQL has no such limit here.
RECIPIENTS_PER_INSERT = 30_000


def notify(
    recipients: Iterable[User],
    kind: str,
    params: dict[str, Any],
    *,
    subject: str,
    subject_id: str | int,
    group_key: str = "",
    urgency: str = Urgency.NORMAL,
    dedupe_key: str = "",
    escalated_from: Notification | None = None,
) -> list[Notification]:
    """Write one notice per active recipient and ring once the surrounding transaction has committed.

    With a `dedupe_key` a person who already has a notice under it gets no second one. Returns the notices that were
    made. Raises KeyError for an unknown kind or for a value that the kind's text names and `params` lacks, ValueError
    for an unknown urgency.
    """
    definition = KINDS[kind]
    definition.text(params)
    moment = now()
    template = Notification(
        kind=kind,
        params=params,
        urgency=Urgency(urgency).value,
        subject=subject,
        subject_id=str(subject_id),
        group_key=group_key,
        dedupe_key=dedupe_key or None,
        needs_receipt=definition.needs_receipt,
        escalated_from=escalated_from,
        created_at=moment,
        next_at=moment,
    )
    people = {user.pk: user for user in recipients}
    ids = list(people)
    names = [field.attname for field in Notification._meta.concrete_fields]
    shared = {name: getattr(template, name) for name in names}
    alias = router.db_for_write(Notification)
    made: list[Notification] = []
    for start in range(0, len(ids), RECIPIENTS_PER_INSERT):
        for row_id, user_id in _insert(template, ids[start : start + RECIPIENTS_PER_INSERT]):
            notice = Notification.from_db(
                alias,
                names,
                [row_id if name == "id" else user_id if name == "recipient_id" else shared[name] for name in names],
            )
            notice.recipient = people[user_id]
            made.append(notice)
    if made:
        transaction.on_commit(partial(ring, [notice.recipient_id for notice in made]), robust=True)
    return made


def tell_others(unanswered: Notification, people: Iterable[User], step: str) -> list[Notification]:
    """Tell `people` that the recipient of `unanswered` was not reached; nobody is told twice for one step."""
    others = [user for user in people if user.pk != unanswered.recipient_id]
    return notify(
        others,
        UNANSWERED.code,
        {"kind": unanswered.kind, "params": unanswered.params, "recipient": str(unanswered.recipient)},
        subject=unanswered.subject,
        subject_id=unanswered.subject_id,
        group_key=unanswered.group_key,
        urgency=unanswered.urgency,
        dedupe_key=f"{step}:{unanswered.pk}",
        escalated_from=unanswered,
    )


def _columns() -> list[Any]:
    return [field for field in Notification._meta.concrete_fields if field.name not in ("id", "recipient")]


def _insert(template: Notification, user_ids: list[int]) -> list[tuple[int, int]]:
    """INSERT … SELECT over the user rows: the values are sent once, however many recipients there are.

    `bulk_create` would send every value per row and, on SQLite, break 100 recipients into three statements.
    """
    quote = connection.ops.quote_name
    fields = _columns()
    values = [field.get_db_prep_save(getattr(template, field.attname), connection) for field in fields]
    names = ", ".join(quote(field.column) for field in fields)
    people = quote(User._meta.db_table)
    sql = (
        f"INSERT INTO {quote(Notification._meta.db_table)} ({names}, {quote('recipient_id')}) "  # noqa: S608
        f"SELECT {', '.join(['%s'] * len(values))}, id FROM {people} "
        f"WHERE is_active AND id IN ({', '.join(['%s'] * len(user_ids))}) "
        "ON CONFLICT DO NOTHING RETURNING id, recipient_id"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, *user_ids])
        return cursor.fetchall()
