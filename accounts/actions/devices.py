"""Logging in on a device, and taking a device's right away."""

from typing import Any

from axes.models import AccessLog as LogIn
from axes.utils import reset as forget_failed_logins
from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.actions.second_factor import pass_second_factor
from accounts.models import Device, User
from core.problems import Problem, catalogue

catalogue(
    {
        "bad_credentials": (401, _("User name or password is wrong.")),
        "locked_out": (429, _("Too many failed attempts. Try again later.")),
    }
)

NAME_LENGTH = 80


def log_in(request: HttpRequest, username: str, password: str, device_name: str, code: str = "") -> tuple[Device, str]:
    """A new token for this device; returns the device and the token, which is shown only now.

    Raises what `identified` raises.
    """
    user = identified(request, username, password, code)
    # By themselves these two happen on the signal of a session's log-in, and there is none here.
    forget_failed_logins(username=user.get_username(), ip=getattr(request, "axes_ip_address", None))
    _note_log_in(request, user)
    device, token = Device.objects.create(user=user, name=device_name[:NAME_LENGTH])
    return device, token


def identified(request: HttpRequest, username: str, password: str, code: str) -> User:
    """Who this is, by name, password and the code of a second factor where there is one.

    An unknown name and a wrong password are answered alike and take alike. Raises `bad_credentials`, `locked_out`
    after too many failures of one name from one address, and what `pass_second_factor` raises.
    """
    user = authenticate(request, username=username, password=password)
    if getattr(request, "axes_locked_out", False):
        raise Problem("locked_out")
    if not isinstance(user, User):
        raise Problem("bad_credentials")
    pass_second_factor(request, user, code)
    return user


def _note_log_in(request: Any, user: User) -> None:
    """On record for the auditors, beside the log-ins of browsers; axes has put on the request what it knows."""
    LogIn.objects.create(
        username=user.get_username(),
        ip_address=request.axes_ip_address,
        user_agent=request.axes_user_agent,
        http_accept=request.axes_http_accept,
        path_info=request.axes_path_info,
    )


def revoke(user: User, token_key: str) -> None:
    """Log one of the person's own devices out. Raises `not_found`."""
    if not Device.objects.filter(user=user, token_key=token_key).delete()[0]:
        raise Problem("not_found")


def revoke_others(user: User, keep: Device | None) -> int:
    """Log all the person's devices out but one. Returns how many."""
    others = Device.objects.filter(user=user)
    if keep is not None:
        others = others.exclude(pk=keep.pk)
    return others.delete()[0]
