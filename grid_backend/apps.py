from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class GridBackendConfig(AppConfig):
    name = "grid_backend"

    def ready(self) -> None:
        from grid_backend import checks  # noqa: F401  # registers the start-up checks


class GridAdminConfig(AdminConfig):
    """Django's administration with the site that asks `grids.scope` who may enter."""

    default_site = "grid_backend.admin_site.GridAdminSite"
