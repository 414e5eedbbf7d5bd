"""Addresses of places under /api/v1/."""

from django.urls import URLPattern, URLResolver, path

from grids.api.boards import BoardsView, CardsView
from grids.api.duty import CallOffView, DutyNow, RosterView, ShiftList, ShiftView
from grids.api.people import DepartmentList, StaffList
from grids.api.places import AreaList, AreaView, Locate, Me

urlpatterns: list[URLPattern | URLResolver] = [
    path("me", Me.as_view(), name="me"),
    path("areas", AreaList.as_view(), name="areas-list"),
    path("areas/<str:code>", AreaView.as_view(), name="areas-detail"),
    path("departments", DepartmentList.as_view(), name="departments-list"),
    path("staff", StaffList.as_view(), name="staff-list"),
    path("areas/<str:code>/boards", BoardsView.as_view(), name="area-boards"),
    path("areas/<str:code>/cards", CardsView.as_view(), name="area-cards"),
    path("grids/locate", Locate.as_view(), name="grids-locate"),
    path("duty", DutyNow.as_view(), name="duty-now"),
    path("duty/roster", RosterView.as_view(), name="duty-roster"),
    path("duty/shifts", ShiftList.as_view(), name="duty-shifts-list"),
    path("duty/shifts/<uuid:pk>", ShiftView.as_view(), name="duty-shift"),
    path("duty/shifts/<uuid:pk>/call_off", CallOffView.as_view(), name="duty-shift-call_off"),
]
