from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class HouseholdsConfig(AppConfig):
    name = "households"
    verbose_name = _("Households")

    def ready(self) -> None:
        # Fill the catalogues of refusals, notices and examples before the first request; moved areas and the
        # demonstration call by signal.
        from households import defaults, demo, notices, problems  # noqa: F401
        from households.actions import places  # noqa: F401
        from households.api import examples  # noqa: F401

        post_migrate.connect(defaults.ship_defaults, sender=self)
