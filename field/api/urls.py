"""Addresses of the phone."""

from django.urls import path

from field.api.views import Sync

urlpatterns = [path("sync", Sync.as_view(), name="sync")]
