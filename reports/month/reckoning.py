"""The reckoning of a month: its numbers twice, its deadlines by walking, the promises of the rule book."""

from dataclasses import dataclass
from datetime import datetime

from reports.models import Report
from reports.month.deadlines import check_deadlines
from reports.month.promises import check_promises
from reports.month.rows import count_rows
from reports.month.tally import Tally, differences
from reports.month.told import count_events


@dataclass(frozen=True)
class Reckoning:
    """The same numbers by two ways, and every difference; `faults` is empty when all is well."""

    rows: Tally
    events: Tally
    faults: list[str]


def reckon(moment: datetime) -> Reckoning:
    """Reckon all reports of the database as they stand at `moment`. Changes nothing."""
    rows, events = count_rows(), count_events()
    numbers = dict(Report.objects.values_list("pk", "number"))
    faults = [*differences(rows, events, numbers), *check_deadlines(moment), *check_promises()]
    return Reckoning(rows, events, faults)
