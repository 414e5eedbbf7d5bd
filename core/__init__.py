"""What every app stands on: the moment, refusals, keyset pages, encrypted fields, rendering and logs.

Knows no other app of the project.
"""
