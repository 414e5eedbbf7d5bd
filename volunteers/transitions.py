"""The life of a registration, a call and each member's part in it, and a service record, as tables.

`can` is the capability asked for at the place; None where the volunteer acts, or the system.
"""

from collections.abc import Iterable

from django.db import models

from accounts.roles import Can
from reports.models.vocabulary import ReportStatus
from reports.transitions import Table, Transition
from volunteers.models.vocabulary import AttendanceStatus, RecordStatus, RegistrationStatus, TeamCallStatus

Row = tuple[str, Iterable[str], str | None, str | None]


def _table(subject: str, states: type[models.TextChoices], rows: Iterable[Row]) -> Table:
    transitions = {
        name: Transition(name, frozenset(str(one) for one in sources), str(target) if target else None, can)
        for name, sources, target, can in rows
    }
    return Table(subject, tuple(states.values), transitions)


R, C, A, S = RegistrationStatus, TeamCallStatus, AttendanceStatus, RecordStatus

REGISTRATION = _table(
    "registration",
    RegistrationStatus,
    [
        ("confirm", (R.ASKED,), R.CONFIRMED, Can.DISPATCH_REPORT),
        ("decline", (R.ASKED,), R.DECLINED, Can.DISPATCH_REPORT),
        ("withdraw", (R.ASKED,), R.WITHDRAWN, None),
        ("end", (R.CONFIRMED,), R.ENDED, None),
    ],
)

TEAM_CALL = _table(
    "team_call",
    TeamCallStatus,
    [
        ("answer", (C.OPEN,), None, None),
        ("close", (C.OPEN,), C.CLOSED, Can.DISPATCH_REPORT),
        ("withdraw", (C.OPEN,), C.WITHDRAWN, Can.DISPATCH_REPORT),
    ],
)

ATTENDANCE = _table(
    "attendance",
    AttendanceStatus,
    [
        ("come", (A.CALLED, A.DECLINED), A.COMING, None),
        ("decline", (A.CALLED, A.COMING), A.DECLINED, None),
        # One who stands on the spot has answered by coming, whatever was said before.
        ("check_in", (A.CALLED, A.COMING, A.DECLINED), A.ON_SITE, None),
        ("check_out", (A.ON_SITE,), A.LEFT, None),
        # The caller's word is enough for one who helped and forgot to check in.
        ("confirm", (A.CALLED, A.COMING, A.DECLINED, A.ON_SITE, A.LEFT), A.CONFIRMED, Can.DISPATCH_REPORT),
        ("miss", (A.CALLED, A.COMING, A.ON_SITE, A.LEFT), A.ABSENT, Can.DISPATCH_REPORT),
    ],
)

RECORD = _table(
    "service_record",
    RecordStatus,
    [
        ("confirm", (S.PROPOSED,), S.CONFIRMED, Can.DISPATCH_REPORT),
        ("decline", (S.PROPOSED,), S.DECLINED, Can.DISPATCH_REPORT),
    ],
)

# When a team can be called on a report; the report stays as it is, for a team never has the lead.
REPORT_OF_CALL = _table(
    "report",
    ReportStatus,
    [("call_team", (ReportStatus.ACCEPTED, ReportStatus.IN_PROGRESS), None, Can.DISPATCH_REPORT)],
)

TABLES = (REGISTRATION, TEAM_CALL, ATTENDANCE, RECORD, REPORT_OF_CALL)
