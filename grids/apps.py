from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GridsConfig(AppConfig):
    name = "grids"
    verbose_name = _("Grids")

    def ready(self) -> None:
        from accounts import second_factor
        from grids.demanding import demands_second_factor

        if demands_second_factor not in second_factor.demands:
            second_factor.demands.append(demands_second_factor)
