"""The life of a change of colour, as a table.

`can` is the capability asked for at the household; PROPOSER is whoever proposed it; None is a consequence of another
step: a graver proposal supersedes one that waits and gives way to it when it is not confirmed, and what still waits
lapses when the household ends.
"""

from accounts.roles import Can
from households.models.vocabulary import ColourStatus as C
from reports.transitions import Table, Transition

PROPOSER = "proposer"
STEPS: tuple[tuple[str, str, str, str | None], ...] = (
    ("confirm", C.PROPOSED, C.CONFIRMED, Can.CONFIRM_COLOUR),
    ("refuse", C.PROPOSED, C.REFUSED, Can.CONFIRM_COLOUR),
    ("withdraw", C.PROPOSED, C.WITHDRAWN, PROPOSER),
    ("supersede", C.PROPOSED, C.SUPERSEDED, None),
    ("give_way", C.SUPERSEDED, C.PROPOSED, None),
    ("lapse", C.PROPOSED, C.WITHDRAWN, None),
)
COLOUR_CHANGE = Table(
    "colour_change",
    tuple(C.values),
    {
        name: Transition(name, frozenset({str(source)}), str(target), can and str(can))
        for name, source, target, can in STEPS
    },
)
