from django.apps import AppConfig


class GridBackendConfig(AppConfig):
    name = "grid_backend"

    def ready(self) -> None:
        from grid_backend import checks  # noqa: F401  # registers the start-up checks
