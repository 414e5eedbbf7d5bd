"""Logging in at a desk: a session of the browser, with its idle time-out, where a phone has a token."""

from django.contrib.auth import login
from django.http import HttpRequest

from accounts.actions.devices import identified


def open_session(request: HttpRequest, username: str, password: str, code: str = "") -> None:
    """Log the person in in this browser, under a new session key. Raises what `identified` raises."""
    # Its signal puts the log-in on record and forgets the failures before it.
    login(request, identified(request, username, password, code))
