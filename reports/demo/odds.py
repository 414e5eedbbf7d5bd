"""How often what happens in the demonstration: shares from 0 to 1, invented; above each stands of what it is one."""

# Of what comes into the pool.
REJECTED, VOID, CHECKED, MERGED, SPLIT, SENT_BACK = 0.03, 0.01, 0.045, 0.6, 0.012, 0.008
# Of the checks: the desk does not wait, it takes too long, the report is not true. Of mergers: it was another matter.
CHECK_NOT_AWAITED, CHECK_LATE, REFUTED, UNMERGED = 0.1, 0.1, 0.12, 0.25
# Of accepted reports that are not handled by who sent them.
WHISTLE = 0.08
# Of duties.
SIGNED_LATE, LATE, HANDED_ON, RETURNED, MORE_TIME = 0.02, 0.03, 0.08, 0.04, 0.05
# Of duties handed on: taken back.
TAKEN_BACK = 0.25
# Of requests: taken back before they are decided, refused. Of those for more time: never decided, asked once more.
WITHDRAWN, REFUSED, UNDECIDED, ONCE_MORE = 0.06, 0.22, 0.05, 0.35
# Of returns granted: to another unit, to be dispatched again; else the same unit goes on.
TO_ANOTHER, TO_DISPATCH = 0.45, 0.15
# Of matters in work: they are to rest. Of those: until somebody says so, not until the day set.
RESTS, RESUMED_BY_HAND = 0.015, 0.4
# Of matters in work: somebody nudges, a supervisor orders; of orders and lateness: a card.
URGED, ORDERED, CARDED = 0.04, 0.012, 0.15
CARD_REVOKED = 0.15
# Of orders in two hours of work: the unit replies; of replies: looked at, and not good enough.
REPLIED, REPLY_READ, REPLY_SENT_BACK = 0.5, 0.5, 0.15
# Of results.
REWORK, REOPEN, RESULT_CHECKED = 0.045, 0.012, 0.03
# Of units that were late, once it is closed.
APPEALED = 0.35
# Of the calls to those who asked: nobody answers; of those reached: not solved; no more than basically satisfied.
NO_ANSWER, UNSOLVED, BASICALLY = 0.2, 0.06, 0.3
# Of whistles: not approved, taken back before or after they were blown, called anew because the result failed.
DECLINED, TAKEN_BACK_EARLY, CALLED_OFF, FAILED = 0.1, 0.02, 0.03, 0.04
# Of emergency whistles: reviewed too late, found not to have been one. Of joint whistles: minutes are taken; of
# meetings: moved to another time, another unit is given the lead, a further unit is called.
REVIEWED_LATE, UNJUSTIFIED, MINUTES, MOVED, NEW_LEAD, FURTHER_UNIT = 0.06, 0.1, 0.6, 0.15, 0.2, 0.3
# Of assisting units on the spot: want to leave early; of those: released, and of the others gone all the same.
LEAVES, RELEASED, GOES_ANYWAY = 0.15, 0.7, 0.5
# Of units on the spot: say so when they go at the end.
SAYS_GOODBYE = 0.5
