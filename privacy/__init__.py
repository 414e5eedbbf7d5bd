"""Personal data across the whole system: who looked and who changed rights, what is kept for how long, who is erased.

It stands above households and reports, for it is the one place that has to know of every person; none of them knows it.
"""
