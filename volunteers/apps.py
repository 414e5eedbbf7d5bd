from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class VolunteersConfig(AppConfig):
    name = "volunteers"
    verbose_name = _("Volunteers")

    def ready(self) -> None:
        # Fill the catalogues of refusals and notices before the first request; the demonstration calls by signal.
        from volunteers import demo, notices, problems, rules  # noqa: F401
        from volunteers.api import examples  # noqa: F401

        post_migrate.connect(rules.ship_defaults, sender=self)
