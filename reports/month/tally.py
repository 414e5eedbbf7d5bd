"""Numbers by name, each kept per report, so that a difference can be shown where it lies."""

from collections import Counter, defaultdict
from uuid import UUID

SHOWN = 5


class Tally:
    """How often each named thing happened on each report."""

    def __init__(self) -> None:
        self._counts: defaultdict[str, Counter[UUID]] = defaultdict(Counter)

    def add(self, name: str, report_id: UUID, number: int = 1) -> None:
        self._counts[name][report_id] += number

    def total(self, name: str) -> int:
        return sum(self._counts[name].values())

    def differs(self, other: "Tally", name: str) -> list[UUID]:
        """The reports on which the two do not agree on this number."""
        mine, theirs = self._counts[name], other._counts[name]
        return [report_id for report_id in {**mine, **theirs} if mine[report_id] != theirs[report_id]]

    def names(self) -> set[str]:
        return {name for name, counts in self._counts.items() if any(counts.values())}


# The numbers of a month, in the order of the table.
NAMES = (
    "reports", "split off", "self-handled", "accepted", "dispatched",
    "now to be accepted", "now to be dispatched", "now being handled", "now suspended", "now to be reviewed",
    "now to be called back", "closed", "rejected", "void", "merged",
    "closed in time", "closed overdue", "exempt clocks", "reworks", "redone after callback",
    "field checks", "field checks confirmed", "field checks refuted", "field checks cancelled",
    "results", "handed on",
    "returns", "returns granted", "returns refused", "returns withdrawn",
    "returned to the same unit", "returned to another unit", "returned to be dispatched",
    "extensions", "extensions granted", "extensions refused", "extensions withdrawn", "seconds of extension",
    "suspensions", "suspensions granted", "suspensions refused", "suspensions withdrawn",
    "appeals", "appeals granted", "appeals refused", "appeals withdrawn",
    "whistles", "routine whistles", "tough whistles", "emergency whistles", "joint whistles",
    "whistles declined", "whistles withdrawn", "whistles rated", "whistles closed",
    "second rounds", "third rounds", "meetings", "decisions",
    "no-shows", "report-ins", "late report-ins", "report-ins from far away",
    "left the scene", "left without release", "released from the scene",
    "emergencies reviewed", "emergencies not justified", "units rated", "marks given",
    "orders by timeout", "orders of a leader", "orders for an important matter", "orders after callback",
    "orders open", "orders replied to", "orders done with", "replies sent back", "replies overdue",
    "yellow cards", "red cards", "cards by rule", "cards revoked", "urges heard",
    "callbacks", "callbacks reached", "callbacks solved", "satisfied", "basically satisfied", "not satisfied",
    "closed without answer",
)  # fmt: skip

OF_STATUS = {
    "submitted": "now to be accepted",
    "accepted": "now to be dispatched",
    "in_progress": "now being handled",
    "suspended": "now suspended",
    "in_review": "now to be reviewed",
    "callback": "now to be called back",
    "closed": "closed",
    "rejected": "rejected",
    "void": "void",
    "merged": "merged",
}
OF_KIND = {"return": "returns", "extension": "extensions", "suspension": "suspensions", "appeal": "appeals"}
OF_ORDER = {
    "timeout": "orders by timeout",
    "leader": "orders of a leader",
    "important": "orders for an important matter",
    "callback": "orders after callback",
}
OF_ORDER_STATUS = {"open": "orders open", "replied": "orders replied to", "accepted": "orders done with"}
OF_SATISFACTION = {"satisfied": "satisfied", "basically": "basically satisfied", "not": "not satisfied"}


def returned(to: object) -> str:
    """Where a return went: "same", "dispatch", or the key of another's duty."""
    return {"same": "returned to the same unit", "dispatch": "returned to be dispatched"}.get(
        str(to), "returned to another unit"
    )


def differences(rows: Tally, events: Tally, numbers: dict[UUID, str]) -> list[str]:
    """Every number on which rows and events do not agree, with the reports; `numbers` are the reports' own."""
    faults = []
    for name in (*NAMES, *sorted((rows.names() | events.names()) - set(NAMES))):
        where = rows.differs(events, name)
        if where:
            shown = ", ".join(sorted(numbers.get(one, str(one)) for one in where)[:SHOWN])
            more = f" and {len(where) - SHOWN} more" if len(where) > SHOWN else ""
            faults.append(f"{name}: {rows.total(name)} by the rows, {events.total(name)} by the events ({shown}{more})")
    return faults
