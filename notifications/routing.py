"""Where the sockets are: for `channels.routing.URLRouter`."""

from django.urls import path

from notifications.consumer import notification_socket

websocket_urlpatterns = [path("ws/notifications/", notification_socket)]  # type: ignore[arg-type]  # an ASGI callable
