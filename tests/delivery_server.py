"""A server process for the tests of delivery: the real sockets and hub, and a door for the tests' own commands.

`python -m tests.delivery_server PORT`. Commands come as JSON by POST and run in worker threads, as requests do.
"""

import asyncio
import os
import signal
import sys
from datetime import timedelta
from typing import Any
from uuid import uuid4

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "grid_backend.settings")
django.setup()

import orjson  # noqa: E402
import uvicorn  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.contrib.sessions.models import Session  # noqa: E402
from django.db import transaction  # noqa: E402

from accounts.models import Device, User  # noqa: E402
from core.moment import now  # noqa: E402
from grid_backend.sockets import Sockets, lifespan  # noqa: E402
from notifications.actions import acknowledge, notify, notifying  # noqa: E402
from notifications.hub import current_hub, start_hub, stop_hub  # noqa: E402
from notifications.models import Notification  # noqa: E402
from reports.actions.submit import Position, Submission, submit_report  # noqa: E402
from tests import delivery_kinds  # noqa: E402
from tests.world import LAT, LNG  # noqa: E402

assert delivery_kinds


def people(prefix: str, count: int) -> list[dict[str, Any]]:
    made = []
    for number in range(count):
        user = User.objects.create_user(f"{prefix}{number}", full_name=f"{prefix}{number}")
        made.append({"id": user.pk, "token": Device.objects.create(user=user, name="phone")[1]})
    return made


def session(user: int) -> str:
    person, store = User.objects.get(pk=user), SessionStore()
    store[SESSION_KEY], store[HASH_SESSION_KEY] = str(user), person.get_session_auth_hash()
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store.save()
    return str(store.session_key)


def call(users: list[int], count: int = 1, ring: bool = True, die: bool = False) -> list[int]:
    """`count` notices to each, one transaction per notice. `die`: killed after the commit, before the bell."""
    kept = notifying.ring
    if die:
        notifying.ring = lambda ids: os.kill(os.getpid(), signal.SIGKILL)
    elif not ring:
        notifying.ring = lambda ids: None
    made = []
    try:
        recipients = list(User.objects.filter(pk__in=users))
        for number in range(count):
            with transaction.atomic():
                rows = notify(
                    recipients,
                    "test_call",
                    {"number": number, "place": "文化东路"},
                    subject="whistle",
                    subject_id=number,
                    urgency="emergency",
                )
            made += [row.pk for row in rows]
    finally:
        notifying.ring = kept
    return made


def facts(ids: list[int]) -> list[dict[str, Any]]:
    return list(Notification.objects.filter(id__in=ids).order_by("id").values())


def ack(user: int, ids: list[int]) -> list[int]:
    return acknowledge(User.objects.get(pk=user), ids, "over http")


def revoke(user: int) -> int:
    return Device.objects.filter(user_id=user).delete()[0]


def deactivate(user: int) -> int:
    return User.objects.filter(pk=user).update(is_active=False)


def end_sessions() -> int:
    return Session.objects.update(expire_date=now() - timedelta(days=1))


def connected() -> int:
    hub = current_hub()
    return hub.count if hub else 0


def token(name: str) -> str:
    return str(Device.objects.create(user=User.objects.get(username=name), name="desk")[1])


def report(name: str, times: int = 1) -> list[str]:
    """Reports of the person in the grid of the tests' world."""
    user, made = User.objects.get(username=name), []
    for _ in range(times):
        said = Submission("01-01-001", "垃圾", Position(LNG, LAT, "wgs84"), uuid4().hex)
        made.append(str(submit_report(user, uuid4(), said)[0].pk))
    return made


COMMANDS = {
    f.__name__: f
    for f in (people, session, call, facts, ack, revoke, deactivate, end_sessions, connected, token, report)
}
sockets = Sockets()


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await sockets(scope, receive, send)
    elif scope["type"] == "lifespan":
        await lifespan(receive, send, start_hub, stop_hub)
    else:
        body, more = b"", True
        while more:
            event = await receive()
            body, more = body + event.get("body", b""), event.get("more_body", False)
        command = orjson.loads(body)
        result = await asyncio.to_thread(COMMANDS[command.pop("do")], **command)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": orjson.dumps(result)})


if __name__ == "__main__":
    uvicorn.run(
        application,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        log_level="warning",
        timeout_graceful_shutdown=2,
    )
