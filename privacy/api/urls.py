"""Addresses of privacy under /api/v1/."""

from django.urls import URLPattern, URLResolver, path

from privacy.api.audit import AuditList

urlpatterns: list[URLPattern | URLResolver] = [path("audit", AuditList.as_view(), name="audit")]
