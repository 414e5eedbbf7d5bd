"""What the sender sees: per recipient, how far the call has come."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from notifications.models import Notification


@dataclass(frozen=True)
class RecipientStatus:
    """Moments are null until they happen; `escalated` marks those told because another did not answer."""

    notification_id: int
    recipient: User
    kind: str
    subject: str
    subject_id: str
    escalated: bool
    rung_at: datetime | None
    delivered_at: datetime | None
    device: str
    seen_at: datetime | None
    receipted_at: datetime | None


def delivery_status(group_key: str, kinds: Iterable[str] = ()) -> list[RecipientStatus]:
    """The first notice of each recipient in a group, in one query; `kinds` narrows it. The caller checks rights."""
    notices = Notification.objects.filter(group_key=group_key).exclude(group_key="").select_related("recipient")
    if kinds:
        notices = notices.filter(kind__in=list(kinds))
    first: dict[int, RecipientStatus] = {}
    for notice in notices.order_by("id"):
        if notice.recipient_id not in first:
            first[notice.recipient_id] = RecipientStatus(
                notification_id=notice.pk,
                recipient=notice.recipient,
                kind=notice.kind,
                subject=notice.subject,
                subject_id=notice.subject_id,
                escalated=notice.escalated_from_id is not None,
                rung_at=notice.rung_at,
                delivered_at=notice.delivered_at,
                device=notice.device,
                seen_at=notice.seen_at,
                receipted_at=notice.receipted_at,
            )
    return list(first.values())
