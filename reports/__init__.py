"""Matters: catalogue, reports, assignments, whistles, clocks and supervision."""
