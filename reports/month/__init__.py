"""A whole month lived with a moved clock, and reckoned afterwards: every number from the rows and from the events,
every deadline by a calendar of its own, every promise of the rule book by what stands at the end."""
