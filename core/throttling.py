"""How often one address may ask for a page that needs no log-in."""

from django.core.cache import cache
from django.http import HttpRequest
from rest_framework.throttling import BaseThrottle

WINDOW_SECONDS = 60


def too_often(request: HttpRequest, what: str, per_minute: int) -> bool:
    """Count this request; whether the address has had more than `per_minute` within the minute it began with."""
    address = BaseThrottle().get_ident(request)  # type: ignore[arg-type]
    key = f"asked:{what}:{address}"
    if cache.add(key, 1, WINDOW_SECONDS):
        return False
    try:
        count = cache.incr(key)
    except ValueError:
        # It ran out between the two.
        return False
    return count is not None and count > per_minute
