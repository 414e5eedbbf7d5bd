"""Reporting a matter in a grid, without an account: one form, also without JavaScript, and one report however often it
is sent."""

import hashlib
import logging
from typing import Any

import orjson
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from core.moment import now
from core.problems import Problem
from core.throttling import HOUR_SECONDS, by_address, count, counted
from grids.boards import boards_of
from grids.geometry import inside_point
from grids.models import Area
from public.choices import choices
from public.form_id import FormId, new_form_id, read_form_id
from public.forms import MAX_PHOTOS, Picture, ReportForm
from public.frame import by_script, grid_in_use, later, phones, public_page, refused
from public.keys import give_key
from reports.actions.photos import receive_photo_of_resident
from reports.actions.submit import AnnouncedPhoto, Position, Submission, submit_of_resident
from reports.models import Report, Requester
from reports.models.vocabulary import CoordType, PhotoKind, Source

log = logging.getLogger(__name__)

# Forms sent by one address within the hour, those refused included, for each report it may make: every one of them
# may bring pictures to be decoded.
SENDS_PER_REPORT = 4


@public_page("GET", "POST")
def report_page(request: HttpRequest, code: str) -> HttpResponse:
    """The form, and what it brings. 404 for what is no grid in use; 429 beyond the hour's reports."""
    grid = grid_in_use(code)
    if grid is None:
        raise Http404
    if request.method != "POST":
        return _page(request, grid, ReportForm(choices()), new_form_id(code))
    form_id = read_form_id(request.POST.get("form_id", ""), code)
    known = form_id is not None and Report.all_rows.filter(pk=form_id.report).exists()
    if _too_many(request, code, known=known):
        return _enough(request)
    form = ReportForm(choices(), request.POST, request.FILES)
    if form_id is None:
        form.add_error(None, _("This page has been open for too long. Please send once more."))
        return _page(request, grid, form, new_form_id(code))
    if form.is_valid() and (now() - form_id.shown_at).total_seconds() < settings.GRIDWHISTLE["RESIDENT_LEAST_SECONDS"]:
        form.add_error(None, _("That was very quick. Please look it over and send once more."))
    if not form.is_valid():
        return _page(request, grid, form, request.POST["form_id"])
    if not known and _count(request, code):
        return _enough(request)
    try:
        return _taken_in(request, grid, form_id, form.cleaned_data)
    except Problem as problem:
        log.warning("report of a resident refused: %s", problem.code)
        return refused(request, problem.sentence, problem.status)


def _page(request: HttpRequest, grid: Area, form: ReportForm, form_id: str) -> HttpResponse:
    if form.is_bound and by_script(request):
        errors = {name or "form": [str(one) for one in messages] for name, messages in form.errors.items()}
        errors["form"] = errors.pop("__all__", [])
        return JsonResponse({"errors": errors, "form_id": form_id}, status=400)
    context = {
        "form": form,
        "form_id": form_id,
        "board": boards_of(grid)[0],
        "max_photos": MAX_PHOTOS,
        "max_megabytes": settings.GRIDWHISTLE["PHOTO_MAX_BYTES"] // 1024**2,
        "all_megabytes": settings.REQUEST_MAX_BYTES // 1024**2 - 2,
        "keep_years": round(settings.GRIDWHISTLE["REQUESTER_RETENTION_DAYS"] / 365),
    }
    return render(request, "public/report.html", context | phones(), status=400 if form.is_bound else 200)


def _too_many(request: HttpRequest, grid: str, *, known: bool) -> bool:
    """Whether the hour's share is used up; a report taken in before may be sent again until it is answered."""
    limits = settings.GRIDWHISTLE
    most = limits["RESIDENT_REPORTS_PER_HOUR"]
    if count(by_address(request, "send"), HOUR_SECONDS) > most * SENDS_PER_REPORT:
        return True
    if known:
        return False
    return (
        counted(by_address(request, "report")) >= most
        or counted(f"report-in:{grid}") >= limits["RESIDENT_REPORTS_PER_GRID"]
    )


def _count(request: HttpRequest, grid: str) -> bool:
    """Count a new report; whether it is one too many. An address that has had its share takes nothing of the grid's."""
    limits = settings.GRIDWHISTLE
    if count(by_address(request, "report"), HOUR_SECONDS) > limits["RESIDENT_REPORTS_PER_HOUR"]:
        return True
    return count(f"report-in:{grid}", HOUR_SECONDS) > limits["RESIDENT_REPORTS_PER_GRID"]


def _enough(request: HttpRequest) -> HttpResponse:
    words = _("Too many reports have been sent from here. Please try again later, within the hour, or call.")
    return later(request, words, HOUR_SECONDS)


def _taken_in(request: HttpRequest, grid: Area, form_id: FormId, said: dict[str, Any]) -> HttpResponse:
    """Submit, keep the photos, and lead to the tracking page; a repeat leads to the page of the first."""
    pictures: list[Picture] = said["photos"]
    how = "new"
    try:
        report, _new = submit_of_resident(form_id.report, _submission(grid, said, pictures))
    except Problem as problem:
        if problem.code != "report_differs":
            raise
        # Sent before without the answer coming through, and changed since: what came first stands.
        report, pictures, how = Report.objects.get(pk=form_id.report), [], "first"
        if report.source != Source.RESIDENT:
            raise
    for picture in pictures:
        try:
            receive_photo_of_resident(report, picture.sha256, picture.data)
        except Problem as problem:
            # The text is in, and a photo never holds it up; the desk sees that one is missing.
            log.warning("photo of a resident not kept: %s", problem.code)
    requester = Requester.objects.get(report=report)
    address = f"{reverse('tracking_page', args=[requester.tracking_code])}?sent={how}"
    answer: HttpResponse
    if by_script(request):
        answer = JsonResponse({"next": address}, status=201)
    else:
        answer = HttpResponseRedirect(address)
    give_key(answer, requester)
    return answer


def _submission(grid: Area, said: dict[str, Any], pictures: list[Picture]) -> Submission:
    position: Position | None = said["position"]
    chosen = None
    if position is None:
        geometry = Area.objects.values_list("geometry", flat=True).get(pk=grid.pk)
        if geometry is None:
            raise Problem("unknown_grid")
        position = Position(*inside_point(geometry), CoordType.WGS84, provider="grid")
        chosen = grid.code
    contact: dict[str, Any] = {"anonymous": True}
    if not said["anonymous"]:
        contact = {"name": said["name"].strip(), "phone": said["phone"]}
    told = [said[name] for name in ("choice", "description", "address", "lng", "lat", "accuracy")]
    body = [*told, sorted(contact.items()), [picture.sha256 for picture in pictures]]
    return Submission(
        item=said["choice"],
        description=said["description"],
        position=position,
        body_hash=hashlib.sha256(orjson.dumps(body)).hexdigest(),
        grid=chosen,
        address=said["address"],
        requester=contact | {"consented_at": now()},
        photos=[AnnouncedPhoto(picture.sha256, len(picture.data), PhotoKind.NEAR) for picture in pictures],
    )
