"""Every write to a report. One function per thing the system can do; nobody else saves these models."""
