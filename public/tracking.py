"""The page of a tracking code: how the matter stands, what the requester says of its end, and asking to reopen it.

A code without a phone behind it opens its page alone; else the last four digits of the phone are asked for. A code that
does not exist asks for them too, so nobody learns which codes there are.
"""

from collections.abc import Callable

from django.conf import settings
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from core.problems import Problem
from core.throttling import HOUR_SECONDS, by_address, count, counted
from public.forms import ReopeningForm, SaidForm
from public.frame import later, phones, public_page
from public.keys import give_key, has_key
from public.progress import photos_sent, progress_of
from reports.actions.by_requester import ask_reopening, say_how_it_went
from reports.models import Requester
from reports.models.vocabulary import Satisfaction
from reports.photos.keeping import shown_path
from reports.photos.serving import photo_response
from reports.tracking import LENGTH, bare, by_code, needs_digits, tracked

SENT = ("new", "first")


@public_page("GET", "POST")
def find_page(request: HttpRequest) -> HttpResponse:
    """Where a code is typed in."""
    code = bare(request.POST.get("code", ""))
    if request.method == "POST" and code.isascii() and code.isalnum() and len(code) == LENGTH:
        return redirect("tracking_page", code)
    wrong = _("A tracking code has %(length)s letters and digits.") % {"length": LENGTH}
    context = {"error": wrong if request.method == "POST" else "", "code": code[:40]}
    return render(request, "public/find.html", context | phones(), status=400 if context["error"] else 200)


@public_page("GET", "POST")
def tracking_page(request: HttpRequest, code: str) -> HttpResponseBase:
    """The matter, or the question for the last digits; 429 beyond `TRACKING_GUESSES_PER_HOUR` wrong ones."""
    if code != bare(code):
        return redirect("tracking_page", bare(code)) if bare(code) else redirect("find_page")
    if request.method == "POST":
        return _guess(request, code)
    requester = _opened(request, code)
    if requester is None:
        return _ask(request, code)
    return _page(request, requester)


@public_page("POST")
def said(request: HttpRequest, code: str) -> HttpResponseBase:
    """How it went, in the requester's words."""
    form = SaidForm(request.POST)

    def act(requester: Requester) -> None:
        data = form.cleaned_data
        say_how_it_went(requester.pk, data["solved"], data["satisfaction"], data["note"])

    return _step(request, code, form, "said_form", act)


@public_page("POST")
def reopening(request: HttpRequest, code: str) -> HttpResponseBase:
    """That it be taken up again."""
    form = ReopeningForm(request.POST)
    return _step(
        request,
        code,
        form,
        "reopening_form",
        lambda requester: ask_reopening(requester.pk, form.cleaned_data["reason"]),
    )


@public_page("GET")
def photo(request: HttpRequest, code: str, pk: int) -> HttpResponseBase:
    """A picture the resident sent, small."""
    requester = _opened(request, code)
    shown = photos_sent(requester.report).filter(pk=pk).first() if requester else None
    if shown is None:
        raise Http404
    try:
        return photo_response(shown_path(shown, "thumbnail"))
    except Problem:
        raise Http404 from None


def _opened(request: HttpRequest, code: str) -> Requester | None:
    """The requester whose page this device may see."""
    found = by_code(code)
    if found is None or (needs_digits(found) and not has_key(request, found)):
        return None
    return found


def _guess(request: HttpRequest, code: str) -> HttpResponse:
    most = settings.GRIDWHISTLE["TRACKING_GUESSES_PER_HOUR"]
    names = (by_address(request, "guess"), f"guess-at:{code[:LENGTH]}")
    if any(counted(name) >= most for name in names):
        return later(request, _("Too many wrong attempts. Try again in %(minutes)s minutes, or call."), HOUR_SECONDS)
    requester = tracked(code, request.POST.get("digits", "")[:20])
    if requester is None:
        for name in names:
            count(name, HOUR_SECONDS)
        return _ask(request, code, wrong=True)
    answer = HttpResponseRedirect(request.path)
    give_key(answer, requester)
    return answer


def _ask(request: HttpRequest, code: str, *, wrong: bool = False) -> HttpResponse:
    context = {"code": code[:LENGTH], "wrong": wrong}
    return render(request, "public/digits.html", context | phones(), status=400 if wrong else 200)


def _step(request: HttpRequest, code: str, form: Form, name: str, act: Callable[[Requester], None]) -> HttpResponseBase:
    """One of the two things a requester can do; what is refused stands beside its field, what was typed stays."""
    requester = _opened(request, code)
    if requester is None:
        return redirect("tracking_page", code)
    status, refusal = 400, ""
    if form.is_valid():
        try:
            act(requester)
        except Problem as problem:
            status = problem.status
            if problem.field in form.fields:
                form.add_error(problem.field, problem.sentence)
            else:
                refusal = problem.sentence
        else:
            return redirect("tracking_page", code)
    fresh = by_code(code)
    if fresh is None:
        raise Http404
    return _page(request, fresh, status=status, refusal=refusal, **{name: form})


def _page(
    request: HttpRequest, requester: Requester, *, status: int = 200, refusal: str = "", **forms: Form
) -> HttpResponse:
    code = requester.tracking_code or ""
    context = {
        "progress": progress_of(requester),
        "refusal": refusal,
        "code": code,
        "spaced": " ".join(code[at : at + 4] for at in range(0, LENGTH, 4)),
        "sent": request.GET.get("sent") if request.GET.get("sent") in SENT else "",
        "with_digits": needs_digits(requester),
        "satisfactions": Satisfaction.choices,
        "said_form": SaidForm(),
        "reopening_form": ReopeningForm(),
    }
    return render(request, "public/tracking.html", context | phones() | forms, status=status)
