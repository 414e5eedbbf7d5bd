"""统计: the figures of the overview. Each is a named condition (`table`), by which it is counted and its list opens."""
