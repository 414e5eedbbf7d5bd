"""HTTP: plain WSGI, half the cost of Django's ASGI handler per request."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "grid_backend.settings")
application = get_wsgi_application()

from grid_backend.checks import refuse_unsafe_start  # noqa: E402  # reads the settings just loaded

refuse_unsafe_start()
