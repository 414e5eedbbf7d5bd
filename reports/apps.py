from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = _("Matters")

    def ready(self) -> None:
        # Fill the catalogues of refusals and notices before the first request.
        from reports import notices, problems  # noqa: F401
        from reports.actions import places, routing  # noqa: F401  # follow moved areas, closed units, ended posts
