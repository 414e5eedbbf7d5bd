from typing import Any

from django.apps import AppConfig
from django.apps import apps as installed
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = _("Matters")

    def ready(self) -> None:
        # Fill the catalogues of refusals and notices before the first request, and say whose screens show a report.
        from reports import notices, problems, watching  # noqa: F401

        # They follow leavers, moved areas, closed units and ended posts.
        from reports.actions import leavers, places, routing  # noqa: F401
        from reports.api import examples  # noqa: F401

        post_migrate.connect(_ship, sender=self)


def _ship(sender: AppConfig, apps: Any = installed, **kwargs: Any) -> None:
    """Put what is shipped as data into a database that has none, also into one that a test has emptied."""
    try:
        for name in ("MessageTemplate", "EscalationStep"):
            apps.get_model("reports", name)
    except LookupError:
        return  # brought to a state before there were any
    from reports.messages import ship_default_templates
    from reports.supervision_defaults import ship_supervision_defaults

    ship_default_templates()
    ship_supervision_defaults()
