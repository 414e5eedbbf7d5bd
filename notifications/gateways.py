"""The ways to a telephone number: one interface, chosen by settings.

`SMS_GATEWAY_URL` turns the HTTP gateway on; `GRIDWHISTLE_GATEWAYS=sms=package.module.Class` names another class for a
city's own platform. Without either the console stands in.
"""

import http.client
import json
import logging
import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from core.masking import mask_phone
from notifications.models import Delivery

log = logging.getLogger(__name__)

MAX_ANSWER_BYTES = 64 * 1024
# The gateway has looked at the message and will never take it. Anything else that is no success may be a fault of the
# line, the gateway or our own settings, and is tried again.
NEVER = frozenset({400, 413, 422})
TAKEN_BEFORE = 409
NO_GATEWAY = "no gateway"


@dataclass(frozen=True)
class Outcome:
    """What came of one attempt: a `Delivery.Outcome` and a short detail for the record (no personal data).

    `failed` is tried again, `skipped` is final. `provider_id` is the gateway's own name for the message.
    `NO_GATEWAY` as the detail says that there is nothing to send with.
    """

    code: str
    detail: str = ""
    provider_id: str = ""


class Gateway(Protocol):
    """Called outside any transaction, at least once per message; it may take seconds and may raise."""

    def send(self, to: str, text: str, key: str) -> Outcome:
        """Send `text` to the number `to`. The same `key` is the same message, however often it is sent."""
        ...


class ConsoleGateway:
    """Stands in where no gateway is configured: writes to the log who would have been told, but not what, and never
    says that it was sent."""

    def send(self, to: str, text: str, key: str) -> Outcome:
        log.info("sms %s to %s: %s characters", key, mask_phone(to), len(text))
        return Outcome(Delivery.Outcome.SKIPPED, NO_GATEWAY)


class HttpSmsGateway:
    """`POST SMS_GATEWAY_URL` with `{"to", "text", "sign", "key"}` in JSON, a bearer token and `Idempotency-Key`.

    2xx: taken, `{"id": …}` names it; 409: taken before; 400, 413, 422: never; anything else, silence included: again.
    """

    def send(self, to: str, text: str, key: str) -> Outcome:
        own = settings.GRIDWHISTLE
        body = json.dumps({"to": to, "text": text, "sign": own["SMS_SIGN"], "key": key}, ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Accept": "application/json",
            "Idempotency-Key": key,
            "Connection": "close",
        }
        if own["SMS_GATEWAY_TOKEN"]:
            headers["Authorization"] = f"Bearer {own['SMS_GATEWAY_TOKEN']}"
        try:
            status, answer = _post(own["SMS_GATEWAY_URL"], body, headers, own["SMS_TIMEOUT_SECONDS"])
        except (OSError, http.client.HTTPException) as exc:
            return Outcome(Delivery.Outcome.FAILED, type(exc).__name__)
        if 200 <= status < 300 or status == TAKEN_BEFORE:
            return Outcome(Delivery.Outcome.SENT, str(status), _id_in(answer))
        return Outcome(Delivery.Outcome.SKIPPED if status in NEVER else Delivery.Outcome.FAILED, str(status))


def _post(url: str, body: bytes, headers: dict[str, str], seconds: float) -> tuple[int, bytes]:
    """Status and body of the answer. Redirects are not followed: a text goes where it was configured to go.

    Raises OSError or HTTPException after at most twice `seconds`, also when the answer only trickles in.
    """
    address = urlsplit(url)
    host = address.hostname or ""
    if address.scheme == "https":
        context = ssl.create_default_context()
        line: http.client.HTTPConnection = http.client.HTTPSConnection(
            host, address.port, timeout=seconds, context=context
        )
    elif address.scheme == "http":
        line = http.client.HTTPConnection(host, address.port, timeout=seconds)
    else:
        raise ImproperlyConfigured("SMS_GATEWAY_URL is an http or https address")
    path = (address.path or "/") + (f"?{address.query}" if address.query else "")
    line.connect()
    # A time-out holds for each piece that is read; a gateway that sends a byte a second would be heard for ever.
    cut = threading.Timer(seconds, _cut, [line.sock])
    cut.start()
    try:
        line.request("POST", path, body, headers)
        answer = line.getresponse()
        return answer.status, answer.read(MAX_ANSWER_BYTES)
    finally:
        cut.cancel()
        line.close()


def _cut(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


def _id_in(answer: bytes) -> str:
    """The gateway's id; an answer that names none is an answer all the same."""
    try:
        said: Any = json.loads(answer)
    except ValueError:
        return ""
    return str(said.get("id") or "")[:80] if isinstance(said, dict) else ""


@lru_cache
def _load(path: str) -> Gateway:
    gateway: Gateway = import_string(path)()
    return gateway


def gateway_for(channel: str) -> Gateway:
    """The gateway configured for a channel."""
    return _load(settings.GRIDWHISTLE["GATEWAYS"][channel])
