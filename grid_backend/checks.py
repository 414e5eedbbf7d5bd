"""Start-up refusals: production does not run on defaults that are safe only on a desk."""

from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import Error, register
from django.core.exceptions import ImproperlyConfigured

from accounts.roles import Role

SHORTEST_SECRET = 32
# Days, by 等保2.0 and the database's own guard of the access log.
SHORTEST_LOG_RETENTION = 180


@register()
def production_is_configured(app_configs: Any = None, **kwargs: Any) -> list[Error]:
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
    if len(settings.SECRET_KEY) < SHORTEST_SECRET or settings.SECRET_KEY.startswith("django-insecure-"):
        hint = f"at least {SHORTEST_SECRET} random characters"
        faults.append(Error("SECRET_KEY is too weak for production", hint=hint, id="gridwhistle.E005"))
    return faults


@register()
def field_keys_are_keys(app_configs: Any = None, **kwargs: Any) -> list[Error]:
    """A mistyped key is found now and not with the first name that has to be stored."""
    try:
        for key in settings.FIELD_KEYS:
            Fernet(key)
    except ValueError:
        hint = (
            'make one with: python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'
        )
        return [Error("FIELD_KEYS must be Fernet keys, newest first", hint=hint, id="gridwhistle.E006")]
    return []


@register()
def logs_are_kept_long_enough(app_configs: Any = None, **kwargs: Any) -> list[Error]:
    if settings.GRIDWHISTLE["LOG_RETENTION_DAYS"] >= SHORTEST_LOG_RETENTION:
        return []
    return [Error(f"LOG_RETENTION_DAYS must be {SHORTEST_LOG_RETENTION} at least", id="gridwhistle.E007")]


@register()
def demanding_roles_exist(app_configs: Any = None, **kwargs: Any) -> list[Error]:
    """A misspelt role would demand nothing of anybody."""
    unknown = sorted(settings.SECOND_FACTOR_ROLES - set(Role.values))
    return [Error(f"SECOND_FACTOR_ROLES: no such role: {', '.join(unknown)}", id="gridwhistle.E008")] if unknown else []


def refuse_unsafe_start() -> None:
    """Raise `ImproperlyConfigured` with every fault: for servers, which unlike `manage.py` run no checks."""
    faults = [*production_is_configured(), *field_keys_are_keys(), *logs_are_kept_long_enough()]
    faults += demanding_roles_exist()
    if faults:
        raise ImproperlyConfigured("; ".join(str(fault.msg) for fault in faults))
