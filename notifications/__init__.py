"""Notices: rows that are rung, acknowledged by devices and people, and escalated. Knows people, nothing of reports."""
