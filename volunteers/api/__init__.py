"""Addresses under /api/v1/volunteers/: what volunteers do for themselves below `me`, the rest for the desks."""
