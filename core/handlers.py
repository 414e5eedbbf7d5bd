"""What Django answers by itself, before or beside any view: below /api/ a problem document, elsewhere its own page."""

import orjson
from django.http import HttpRequest, HttpResponse
from django.views import defaults

from core.problems import Problem


def problem_page(code: str) -> HttpResponse:
    """A refusal as an answer of its own, for where no view of the API could render it."""
    problem = Problem(code)
    return HttpResponse(
        orjson.dumps(problem.document()), status=problem.status, content_type="application/problem+json"
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem_page("invalid") if _of_api(request) else defaults.bad_request(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem_page("not_found") if _of_api(request) else defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    return problem_page("internal") if _of_api(request) else defaults.server_error(request)


def _of_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")
