"""How often something without a log-in may be asked for: counted in the cache, by address or by any other name."""

from django.core.cache import cache
from django.http import HttpRequest
from rest_framework.throttling import BaseThrottle

WINDOW_SECONDS = 60
HOUR_SECONDS = 3600


def too_often(request: HttpRequest, what: str, per_minute: int) -> bool:
    """Count this request; whether the address has had more than `per_minute` within the minute it began with."""
    return count(by_address(request, what), WINDOW_SECONDS) > per_minute


def by_address(request: HttpRequest, what: str) -> str:
    """The name under which `what` is counted for the caller's address; behind `PROXY_COUNT` proxies what they say."""
    return f"{what}:{BaseThrottle().get_ident(request)}"  # type: ignore[arg-type]


def count(name: str, seconds: int) -> int:
    """Count one more, and how many it is within the time that began with the first."""
    key = f"asked:{name}"
    if cache.add(key, 1, seconds):
        return 1
    try:
        made = int(cache.incr(key))
    except ValueError:
        made = 1
    if made == 1:
        # The first ran out between the two; an increment alone would last for ever.
        cache.set(key, 1, seconds)
    return made


def counted(name: str) -> int:
    """How many there are now, without counting."""
    return int(cache.get(f"asked:{name}") or 0)
