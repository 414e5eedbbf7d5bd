"""Every refusal of the system: a stable code, the HTTP status and a sentence in two languages.

Raised as `Problem(code, ...)` anywhere below the views and rendered as RFC 9457 `application/problem+json`.
Apps add their own refusals to the catalogue with `catalogue(...)`; a code that is not in it cannot be raised.
"""

import logging
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.utils import OperationalError
from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.fields import Field
from rest_framework.response import Response
from rest_framework.views import set_rollback

from core.encryption import KeyLost
from core.parsers import BodyTooLarge

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Refusal:
    """One kind of refusal: HTTP status and the sentence shown, with `%(name)s` places for its data."""

    status: int
    title: str | Promise


REFUSALS: dict[str, Refusal] = {}


def catalogue(entries: dict[str, tuple[int, str | Promise]]) -> None:
    """Add refusals; a code is registered once."""
    for code, (status, title) in entries.items():
        if code in REFUSALS:
            raise ValueError(f"refusal {code} is registered twice")
        REFUSALS[code] = Refusal(status, title)


catalogue(
    {
        "invalid": (400, _("The request is not valid.")),
        "malformed": (400, _("The request body cannot be read as JSON.")),
        "bad_cursor": (400, _("The page cursor is not valid.")),
        "not_authenticated": (401, _("Please log in.")),
        "bad_token": (401, _("The token is not valid or has been revoked.")),
        "forbidden": (403, _("You do not have the right to do this.")),
        "not_found": (404, _("Not found.")),
        "method_not_allowed": (405, _("This method is not allowed here.")),
        "not_acceptable": (406, _("The requested format is not available.")),
        "stale_version": (409, _("It was changed by someone else in the meantime.")),
        "body_too_large": (413, _("The request body is too large.")),
        "unsupported_media_type": (415, _("This media type is not supported here.")),
        "throttled": (429, _("Too many attempts. Try again in %(seconds)s seconds.")),
        "internal": (500, _("Something went wrong here. It has been recorded.")),
        "key_lost": (500, _("Stored personal data cannot be read: its key is missing from the configuration.")),
        "busy": (503, _("The system is busy. Please try again.")),
    }
)


def missing(*fields: str) -> "Problem":
    """The refusal of a body in which these fields are missing."""
    sentence = str(Field.default_error_messages["required"])
    return Problem(
        "invalid", fields[0], errors=[{"field": name, "code": "required", "message": sentence} for name in fields]
    )


class Problem(Exception):
    """A refusal. `field` names the input at fault; `extra` adds members to the problem document."""

    def __init__(
        self,
        code: str,
        field: str | None = None,
        *,
        params: dict[str, Any] | None = None,
        errors: list[dict[str, Any]] | None = None,
        **extra: Any,
    ) -> None:
        self.code = code
        self.refusal = REFUSALS[code]
        self.field = field
        self.params = params or {}
        self.errors = errors
        self.extra = extra
        super().__init__(f"{code} {field or ''} {self.params or ''} {self.extra or ''}".strip())

    @property
    def status(self) -> int:
        return self.refusal.status

    @property
    def sentence(self) -> str:
        title = str(self.refusal.title)
        return title % self.params if self.params else title

    def document(self) -> dict[str, Any]:
        """The problem+json members."""
        body: dict[str, Any] = {
            "type": f"urn:gridwhistle:problem:{self.code}",
            "title": self.sentence,
            "status": self.status,
            "code": self.code,
        }
        errors = self.errors
        if errors is None and self.field:
            errors = [{"field": self.field, "code": self.code, "message": self.sentence}]
        if errors:
            body["errors"] = errors
        return body | self.extra


def field_errors(detail: Any, prefix: str = "") -> list[dict[str, str]]:
    """Flatten DRF's nested error detail to `{field, code, message}` rows; `field` is a dotted path."""
    if isinstance(detail, dict):
        rows = []
        for key, value in detail.items():
            own = "" if key == "non_field_errors" else str(key)
            rows += field_errors(value, ".".join(part for part in (prefix, own) if part))
        return rows
    if isinstance(detail, list):
        rows = []
        for index, value in enumerate(detail):
            nested = isinstance(value, dict | list)
            rows += field_errors(value, f"{prefix}.{index}".lstrip(".") if nested else prefix)
        return rows
    return [{"field": prefix, "code": getattr(detail, "code", "invalid"), "message": str(detail)}]


def as_problem(exc: Exception) -> Problem | None:
    """Translate what Django and DRF raise to a `Problem`; None for an unforeseen error."""
    if isinstance(exc, Problem):
        return exc
    if isinstance(exc, Http404 | exceptions.NotFound):
        return Problem("not_found")
    if isinstance(exc, exceptions.ValidationError):
        return Problem("invalid", errors=field_errors(exc.detail))
    if isinstance(exc, exceptions.AuthenticationFailed):
        return Problem("bad_token")
    if isinstance(exc, exceptions.NotAuthenticated):
        return Problem("not_authenticated")
    if isinstance(exc, PermissionDenied | exceptions.PermissionDenied):
        return Problem("forbidden")
    if isinstance(exc, exceptions.Throttled):
        return Problem("throttled", params={"seconds": int(getattr(exc, "wait", None) or 1)})
    if isinstance(exc, exceptions.ParseError):
        return Problem("malformed")
    for kind, code in (
        (exceptions.MethodNotAllowed, "method_not_allowed"),
        (exceptions.NotAcceptable, "not_acceptable"),
        (exceptions.UnsupportedMediaType, "unsupported_media_type"),
        (BodyTooLarge, "body_too_large"),
    ):
        if isinstance(exc, kind):
            return Problem(code)
    if isinstance(exc, KeyLost):
        log.error("%s", exc)
        return Problem("key_lost")
    # SQLite's writer lock outlasting its time-out is load, not a fault of the request.
    if isinstance(exc, OperationalError) and "locked" in str(exc):
        return Problem("busy")
    return None


def problem_response(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler."""
    problem = as_problem(exc)
    if problem is None:
        return None
    set_rollback()
    headers = {}
    if problem.status == 401:
        headers["WWW-Authenticate"] = "Token"
    if isinstance(exc, exceptions.MethodNotAllowed):
        view = context.get("view")
        headers["Allow"] = ", ".join(view.allowed_methods) if view else ""
    if problem.code == "throttled":
        headers["Retry-After"] = str(problem.params["seconds"])
    if problem.code == "busy":
        headers["Retry-After"] = "1"
    response = Response(problem.document(), status=problem.status, headers=headers)
    response["Content-Type"] = "application/problem+json"
    response.content_type = "application/problem+json"
    return response
