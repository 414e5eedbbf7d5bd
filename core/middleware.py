"""What every request passes: a request id for its log lines, the end of idle sessions, and the refusal of U+0000 in its
address."""

from collections.abc import Callable
from uuid import uuid4

import structlog
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse

from core.handlers import problem_page
from core.moment import now

SEEN = "seen"
SEEN_STEP_SECONDS = 60


class RequestLogMiddleware:
    """A request id on every log line and on the answer, so that a worker's complaint finds its trace."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = uuid4().hex[:16]
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id, path=request.path)
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        return response


class IdleSessionMiddleware:
    """Ends the session of a desk that was left: nothing asked for `SESSION_IDLE_SECONDS`, and one logs in again.

    The time of the last request is kept in the session, to the minute, so that a busy desk costs a write a minute.
    Phones have tokens and no session.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and SESSION_KEY in request.session:
            moment = int(now().timestamp())
            seen = request.session.get(SEEN)
            if seen is not None and moment - seen > settings.SESSION_IDLE_SECONDS:
                request.session.flush()
            elif seen is None or moment - seen >= SEEN_STEP_SECONDS:
                request.session[SEEN] = moment
        return self.get_response(request)


class NoNulMiddleware:
    """PostgreSQL's text cannot hold U+0000, so an address with one is refused here once instead of in every look-up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" not in request.path and "%00" not in request.META.get("QUERY_STRING", ""):
            return self.get_response(request)
        return problem_page("invalid")
