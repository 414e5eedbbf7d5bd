"""The addresses residents know: printed on boards and cards, and kept with a tracking code."""

from django.urls import path

from public import grid, reporting, tracking

urlpatterns = [
    path("g/<str:code>", grid.grid_page, name="grid_page"),
    path("g/<str:code>/report", reporting.report_page, name="report_page"),
    path("t/", tracking.find_page, name="find_page"),
    path("t/<str:code>", tracking.tracking_page, name="tracking_page"),
    path("t/<str:code>/said", tracking.said, name="tracking_said"),
    path("t/<str:code>/reopening", tracking.reopening, name="tracking_reopening"),
    path("t/<str:code>/photos/<int:pk>", tracking.photo, name="tracking_photo"),
]
