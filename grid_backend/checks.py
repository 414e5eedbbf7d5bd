"""Start-up refusals: production does not run on defaults that are safe only on a desk."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, register


@register()
def production_is_configured(app_configs: Any, **kwargs: Any) -> list[Error]:
    if not settings.PRODUCTION:
        return []
    faults = []
    if settings.SECRET_KEY_GENERATED:
        faults.append(Error("SECRET_KEY must be set in production", id="gridwhistle.E001"))
    if settings.FIELD_KEYS_GENERATED:
        faults.append(Error("FIELD_KEYS must be set in production", id="gridwhistle.E002"))
    if settings.DEBUG:
        faults.append(Error("DEBUG must be off in production", id="gridwhistle.E003"))
    if not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        faults.append(Error("ALLOWED_HOSTS must name the hosts served", id="gridwhistle.E004"))
    return faults
