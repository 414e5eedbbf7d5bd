"""The page on which a person sets up the second factor: logged in, or sent here by a log-in that demands one."""

from typing import Any

import segno
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.actions.second_factor import address_of, begin, confirm, give_up, new_recovery_codes
from accounts.models import RecoveryCode, SecondFactor, User
from accounts.second_factor import factor_of, holder_of, is_required
from core.problems import Problem

TICKET = "second_factor_ticket"


@never_cache
@sensitive_post_parameters("password", "code")
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """Begin, confirm, new recovery codes, give up; whoever is neither logged in nor has a ticket logs in first."""
    person = _person(request)
    if person is None:
        return redirect(f"{reverse('admin:login')}?next={reverse('second_factor')}")
    shown: dict[str, Any] = {}
    if request.method == "POST":
        try:
            shown = _act(request, person)
        except Problem as problem:
            shown = {"refused": problem.sentence}
            if request.POST.get("step") == "confirm":
                shown |= _key_of(person)
    factor = factor_of(person)
    context = {
        "person": person,
        "on": factor is not None,
        "demanded": is_required(person),
        "left": RecoveryCode.objects.filter(factor=factor).count() if factor else 0,
        "with_password": request.user.is_authenticated,
        **shown,
    }
    return render(request, "second_factor.html", context, status=400 if "refused" in shown else 200)


def account_links(request: HttpRequest) -> list[dict[str, Any]]:
    """What stands in the person's menu of the administration."""
    return [{"title": _("Second factor"), "link": reverse("second_factor")}]


def _person(request: HttpRequest) -> User | None:
    if isinstance(request.user, User):
        return request.user
    assert isinstance(request.user, AnonymousUser)
    try:
        return holder_of(request.session[TICKET]) if TICKET in request.session else None
    except Problem:
        del request.session[TICKET]
        return None


def _act(request: HttpRequest, person: User) -> dict[str, Any]:
    step, code = request.POST.get("step", ""), request.POST.get("code", "")[:40]
    if step == "begin":
        if request.user.is_authenticated and not person.check_password(request.POST.get("password", "")):
            raise Problem("bad_credentials", "password")
        begin(person)
        return _key_of(person)
    if step == "confirm":
        codes = confirm(person, code)
        request.session.pop(TICKET, None)
        return {"codes": codes}
    if step == "codes":
        return {"codes": new_recovery_codes(person, code)}
    if step == "give_up":
        give_up(person, code)
    return {}


def _key_of(person: User) -> dict[str, Any]:
    """The key that waits to be confirmed, as text and as a picture made here: no other server learns of it."""
    factor = SecondFactor.objects.filter(user=person, confirmed_at__isnull=True).first()
    if factor is None:
        return {}
    key = factor.key
    picture = segno.make(address_of(person, key), error="m").svg_inline(scale=5, border=3, dark="#000", light="#fff")
    return {"key": " ".join(key[at : at + 4] for at in range(0, len(key), 4)), "picture": mark_safe(picture)}  # noqa: S308
