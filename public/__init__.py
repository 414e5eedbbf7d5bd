"""What anybody may open without an account: who works in a grid, reporting a matter there, and how a matter stands.

Above grids and reports; nothing imports it. It writes through the actions of `reports` only.
"""
