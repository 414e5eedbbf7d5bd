"""The page of a grid, which boards and cards lead to: who works here, how to reach them, and where to report a matter.

Nothing of households, no colours, no figures; no log-in and no cookie.
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from grids.boards import boards_of
from public.frame import grid_in_use, phones, public_page


@public_page("GET")
def grid_page(request: HttpRequest, code: str) -> HttpResponse:
    """404 for what is no grid in use; 429 for one address that asks too often."""
    grid = grid_in_use(code)
    if grid is None:
        raise Http404
    return render(request, "public/grid.html", {"board": boards_of(grid)[0]} | phones())
