"""Addresses of places under /api/v1/."""

from django.urls import URLPattern, URLResolver, path

from grids.api.places import AreaList, AreaView, Locate, Me

urlpatterns: list[URLPattern | URLResolver] = [
    path("me", Me.as_view(), name="me"),
    path("areas", AreaList.as_view(), name="areas-list"),
    path("areas/<str:code>", AreaView.as_view(), name="areas-detail"),
    path("grids/locate", Locate.as_view(), name="grids-locate"),
]
