"""Every address the server answers."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from grid_backend.home import home
from grid_backend.pages import not_built
from grid_backend.second_factor import second_factor

handler400 = "core.handlers.bad_request"
handler404 = "core.handlers.not_found"
handler500 = "core.handlers.server_error"

urlpatterns = [
    path("", home, name="home"),
    path("", include("public.urls")),
    path("field/", not_built, name="field"),
    path("console/", not_built, name="console"),
    path("second-factor/", second_factor, name="second_factor"),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/schema", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path("api/v1/", include("accounts.api.urls")),
    path("api/v1/", include("grids.api.urls")),
    path("api/v1/", include("notifications.api.urls")),
    path("api/v1/", include("reports.api.urls")),
    path("api/v1/", include("volunteers.api.urls")),
    path("api/v1/", include("households.api.urls")),
    path("api/v1/", include("field.api.urls")),
    path("api/v1/", include("privacy.api.urls")),
]
