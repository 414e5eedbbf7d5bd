"""`/healthz`, `/readyz` and `/metrics`, answered before everything else.

As middleware, because a probe knows the machine and not the host name: it must not fail on ALLOWED_HOSTS, nor touch
sessions, languages or the request figures it is there to read.
"""

import hmac
import logging
from collections.abc import Callable

import redis
from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from django_prometheus.exports import ExportToDjangoView

from core.encryption import KeyLost, demand_readable
from core.rotation import encrypted_models

log = logging.getLogger(__name__)

REDIS_PATIENCE = 1.0
LOOPBACK = ("127.0.0.1", "::1")


class HealthMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.answers = {"/healthz": healthz, "/readyz": readyz, "/metrics": metrics}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.answers.get(request.path_info, self.get_response)
        return answer(request)


def healthz(request: HttpRequest) -> HttpResponse:
    """The process lives. Asks nobody, so that a dead database does not get healthy servers restarted."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> HttpResponse:
    """Whether work can be done here: 503 without the database, with migrations pending or with a key lost.

    Redis away is `degraded` and 200: requests succeed without it and the sweeper delivers.
    """
    parts = {"database": database_state(), "redis": redis_state()}
    parts["keys"] = keys_state() if parts["database"] == "ok" else "not asked"
    if parts["database"] != "ok" or parts["keys"] == "lost":
        status = "unavailable"
    elif parts["redis"] == "unreachable":
        status = "degraded"
    else:
        status = "ok"
    return JsonResponse({"status": status, **parts}, status=503 if status == "unavailable" else 200)


class _Migrated:
    """Applied migrations stay applied while a process lives, and looking costs a walk over all of them."""

    seen = False


def database_state() -> str:
    """`ok`, `unreachable` or `migrations pending`."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if not _Migrated.seen:
            executor = MigrationExecutor(connection)
            if executor.migration_plan(executor.loader.graph.leaf_nodes()):
                return "migrations pending"
            _Migrated.seen = True
    except Error as exc:
        log.warning("database unreachable: %s", exc)
        return "unreachable"
    return "ok"


class _Readable:
    """Keys are those of the process: what they read once they read while it lives."""

    seen: tuple[str, ...] = ()


def keys_state() -> str:
    """`ok`, or `lost` where something stored is read by none of `FIELD_KEYS`."""
    keys = tuple(settings.FIELD_KEYS)
    if _Readable.seen != keys:
        try:
            for model in encrypted_models():
                demand_readable(model)
        except KeyLost as exc:
            log.error("key lost: %s", exc)
            return "lost"
        _Readable.seen = keys
    return "ok"


def redis_state() -> str:
    """`ok`, `unreachable` or `not used`."""
    if not settings.REDIS_URL:
        return "not used"
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=REDIS_PATIENCE, socket_timeout=REDIS_PATIENCE
        ) as client:
            client.ping()
    except redis.RedisError:
        return "unreachable"
    return "ok"


def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus figures, for this machine or for the bearer of METRICS_TOKEN."""
    if not _may_read_metrics(request):
        return HttpResponseForbidden("METRICS_TOKEN required\n", content_type="text/plain")
    return ExportToDjangoView(request)


def _may_read_metrics(request: HttpRequest) -> bool:
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if settings.METRICS_TOKEN and hmac.compare_digest(token.encode(), settings.METRICS_TOKEN.encode()):
        return True
    # What a proxy on this machine passes on comes from elsewhere.
    return request.META.get("REMOTE_ADDR") in LOOPBACK and "X-Forwarded-For" not in request.headers
