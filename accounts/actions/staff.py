"""Take people on, and give them a new password."""

from axes.utils import reset as forget_failed_logins
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Device, User
from core.problems import Problem, catalogue

catalogue({"username_taken": (409, _("There is an account with this username already."))})


def take_on(username: str, password: str, *, full_name: str, phone: str = "") -> User:
    """A new account; the caller has validated the password. Raises `username_taken`."""
    try:
        with transaction.atomic():
            return User.objects.create_user(username, password=password, full_name=full_name, phone=phone)
    except IntegrityError as exc:
        raise Problem("username_taken", "username") from exc


def reset_password(user: User, password: str) -> None:
    """Set a new password, log all devices out, and lift a lock-out from failed log-ins.

    Sessions end by themselves: they carry a hash of the password.
    """
    with transaction.atomic():
        user.set_password(password)
        user.save(update_fields=["password"])
        Device.objects.filter(user=user).delete()
        forget_failed_logins(username=user.username)
