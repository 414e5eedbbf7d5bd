"""Setting the second factor up, asking for it, and taking it away."""

import hashlib
import re
import secrets
from datetime import timedelta

import pyotp
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from accounts.models import Device, RecoveryCode, SecondFactor, User
from accounts.second_factor import factor_of, is_required, ticket_for
from core.moment import now
from core.problems import Problem, catalogue

catalogue(
    {
        "code_needed": (401, _("Enter the code of your authenticator app.")),
        "wrong_code": (401, _("The code is wrong or was used before.")),
        "code_locked": (429, _("Too many wrong codes. Try again later.")),
        "second_factor_missing": (403, _("Your post demands a second factor. Set it up first.")),
        "second_factor_on": (409, _("A second factor is in force already.")),
        "second_factor_off": (409, _("No second factor is set up.")),
        "second_factor_demanded": (409, _("Your post demands a second factor; it cannot be taken away.")),
        "bad_ticket": (401, _("Log in again, too much time has passed.")),
    }
)

ISSUER = "网格哨"
STEP_SECONDS = 30
# Clocks of phones are off by some seconds, and a person types slowly.
DRIFT_STEPS = (0, -1, 1)
RECOVERY_CODES = 10
# 16 characters of 32: 80 bits each. Without those mistaken for another when read from paper.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_LENGTH = 16


def begin(user: User) -> tuple[str, str]:
    """A new key, not in force before a code of it is given; returns it and the address apps read as a QR code.

    Raises `second_factor_on`.
    """
    if factor_of(user) is not None:
        raise Problem("second_factor_on")
    key = pyotp.random_base32()
    with transaction.atomic():
        SecondFactor.objects.filter(user=user, confirmed_at__isnull=True).delete()
        SecondFactor.objects.create(user=user, key=key, made_at=now())
    return key, address_of(user, key)


def address_of(user: User, key: str) -> str:
    """otpauth:// with the key; whoever sees it can make the codes."""
    return pyotp.TOTP(key).provisioning_uri(name=user.username, issuer_name=ISSUER)


def confirm(user: User, code: str) -> list[str]:
    """Put the new key in force by a code of it; returns the recovery codes, which are shown only now.

    Raises `second_factor_off`, `second_factor_on`, `wrong_code`, `code_locked`.
    """
    if factor_of(user) is not None:
        raise Problem("second_factor_on")
    factor = SecondFactor.objects.filter(user=user).first()
    if factor is None:
        raise Problem("second_factor_off")
    _take(factor, code, recovery=False)
    with transaction.atomic():
        SecondFactor.objects.filter(pk=factor.pk).update(confirmed_at=now())
        return _new_codes(factor)


def pass_second_factor(request: HttpRequest, user: User, code: str) -> None:
    """Whether one whose password was right may come in.

    A wrong code counts as a failed log-in. Raises `second_factor_missing` (with a `ticket`), `code_needed`,
    `wrong_code`, `code_locked`, `locked_out`.
    """
    factor = factor_of(user)
    if factor is None:
        if is_required(user):
            raise Problem("second_factor_missing", ticket=ticket_for(user))
        return
    if not code.strip():
        raise Problem("code_needed", "code")
    try:
        _take(factor, code)
    except Problem:
        user_login_failed.send(sender=__name__, credentials={"username": user.get_username()}, request=request)
        if getattr(request, "axes_locked_out", False):
            raise Problem("locked_out") from None
        raise


def new_recovery_codes(user: User, code: str) -> list[str]:
    """Ten new ones in place of all earlier. Raises `second_factor_off`, `wrong_code`, `code_locked`."""
    factor = _in_force(user)
    _take(factor, code)
    with transaction.atomic():
        return _new_codes(factor)


def give_up(user: User, code: str) -> None:
    """Go without. Raises `second_factor_demanded`, `second_factor_off`, `wrong_code`, `code_locked`."""
    factor = _in_force(user)
    if is_required(user):
        raise Problem("second_factor_demanded")
    _take(factor, code)
    factor.delete()


def reset_second_factor(user: User) -> None:
    """For one who lost phone and recovery codes: it is set up anew, and all devices are logged out."""
    with transaction.atomic():
        SecondFactor.objects.filter(user=user).delete()
        Device.objects.filter(user=user).delete()


def _in_force(user: User) -> SecondFactor:
    factor = factor_of(user)
    if factor is None:
        raise Problem("second_factor_off")
    return factor


def _take(factor: SecondFactor, code: str, *, recovery: bool = True) -> None:
    """Use a code up. Raises `wrong_code`, `code_locked` after as many wrong ones in a row as log-ins may fail."""
    moment = now()
    if factor.locked_until is not None and moment < factor.locked_until:
        raise Problem("code_locked")
    bare = re.sub(r"[\s\-]", "", code).upper()
    if _is_of_the_app(factor, bare, int(moment.timestamp()) // STEP_SECONDS) or (
        recovery and _is_on_paper(factor, bare)
    ):
        SecondFactor.objects.filter(pk=factor.pk).exclude(failures=0, locked_until=None).update(
            failures=0, locked_until=None
        )
        return
    rows = SecondFactor.objects.filter(pk=factor.pk)
    rows.update(failures=F("failures") + 1)
    rest = moment + timedelta(hours=settings.AXES_COOLOFF_TIME)
    rows.filter(failures__gte=settings.AXES_FAILURE_LIMIT).update(failures=0, locked_until=rest)
    raise Problem("wrong_code", "code")


def _is_of_the_app(factor: SecondFactor, code: str, step: int) -> bool:
    app = pyotp.TOTP(factor.key, interval=STEP_SECONDS)
    for offset in DRIFT_STEPS:
        if constant_time_compare(app.generate_otp(step + offset), code):
            # One of two who send the same code at once finds it used.
            rows = SecondFactor.objects.filter(pk=factor.pk, last_step__lt=step + offset)
            return bool(rows.update(last_step=step + offset))
    return False


def _is_on_paper(factor: SecondFactor, code: str) -> bool:
    return len(code) == CODE_LENGTH and bool(
        RecoveryCode.objects.filter(factor=factor, code_hash=_hash(code)).delete()[0]
    )


def _new_codes(factor: SecondFactor) -> list[str]:
    RecoveryCode.objects.filter(factor=factor).delete()
    codes = ["".join(secrets.choice(ALPHABET) for _character in range(CODE_LENGTH)) for _code in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create([RecoveryCode(factor=factor, code_hash=_hash(code)) for code in codes])
    return ["-".join(code[start : start + 4] for start in range(0, CODE_LENGTH, 4)) for code in codes]


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
