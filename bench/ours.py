"""The sockets as production serves them, knowing the notice that the benchmark sends."""

from grid_backend.asgi import application
from notifications.kinds import Kind, register

register(Kind("bench_whistle", title="Whistle", body="Report in."))

__all__ = ["application"]
