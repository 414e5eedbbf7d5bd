"""What a row of the table says, and the groups of people that rows name."""

from dataclasses import dataclass, field
from typing import Any

from tests.matrix_cases import Build

# Who see a report in Zhang's grid because of where they work, and whom the whistle of the scenes called.
AREA = "zhang leader assistant sun wang li command supervisor clerk root"
CALLED = "water water_boss gas"
# Who see an area's reports: each asks for the figures of their own.
FIGURES = f"{AREA} zhao outsider"
DISPATCH = "sun wang command root"
APPROVE = "li command root"
SENDERS = "zhang zhao leader assistant sun wang command outsider root"
# Who keeps the households of Zhang's grid, sees them, sees their persons in full, and knows of special groups.
KEEPS = "zhang leader sun root"
HOMES = "zhang leader assistant sun wang li root"
REVEALS = "zhang leader sun li root"
GROUPS = "leader sun li root"
# Who confirm colours there, of a level that asks for a grid leader at least.
CONFIRM = "leader sun wang li root"
ALL = "*"
# Who works in the street: everyone an announcement of its dispatcher reaches, its offices and their units included.
STREET = "zhang zhao leader assistant sun wang li clerk urban committee"
# Who works in Zhang's grid, manages it or dispatches there.
PRINTS = "zhang leader assistant sun wang command sysadmin root"
ROSTER = "wang li command sysadmin root"


@dataclass(frozen=True)
class Row:
    """Who may (`answer`), who is refused, and what strangers are told."""

    build: Build
    may: str
    refused: str = ""
    answer: int = 200
    strangers: int = 404
    anonymous: int = 401
    query: dict[str, Any] = field(default_factory=dict)
    ask: str = ALL
